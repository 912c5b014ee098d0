package cloudformation

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Types of parameters that are known here.
const (
	stringType    = "String"
	numberType    = "Number"
	listType      = "CommaDelimitedList"
	parameterType = "AWS::SSM::Parameter::Value<String>" // its value names a parameter of Systems Manager
)

// A Parameter is a value that whoever deploys the template gives.
type Parameter struct {
	Type                  string
	Description           string
	Default               any // nil is none
	AllowedValues         []string
	AllowedPattern        *regexp.Regexp
	ConstraintDescription string
	NoEcho                bool
}

func readParameter(at string, value any) (p Parameter, err error) {
	var pattern, noEcho string
	err = fields(at, value, map[string]any{
		"Type": &p.Type, "Description": &p.Description, "Default": &p.Default, "AllowedValues": &p.AllowedValues,
		"AllowedPattern": &pattern, "ConstraintDescription": &p.ConstraintDescription, "NoEcho": &noEcho,
	})
	if err != nil {
		return p, err
	}
	p.NoEcho = noEcho == "true"
	if !slices.Contains([]string{stringType, numberType, listType, parameterType}, p.Type) {
		return p, wrong("Template format error: Unrecognized parameter type: %s at /%s", p.Type, at)
	}
	if p.Default != nil {
		if _, ok := text(p.Default); !ok {
			return p, wrong("Template format error: Every Default member must be a string, at /%s", at)
		}
	}
	if pattern != "" {
		if p.AllowedPattern, err = regexp.Compile("^(?:" + pattern + ")$"); err != nil {
			return p, wrong("Template format error: AllowedPattern at /%s: %v", at, err)
		}
	}
	return p, nil
}

// allows holds a given value to the parameter's constraints.
func (p Parameter) allows(name, value string) error {
	_, notNumber := strconv.ParseFloat(value, 64)
	switch {
	case p.Type == numberType && notNumber != nil:
		return wrong("Parameter '%s' must be a number.", name)
	case len(p.AllowedValues) > 0 && !slices.Contains(p.AllowedValues, value):
		return p.refuse(name, fmt.Sprintf("must be one of AllowedValues [%s]", strings.Join(p.AllowedValues, ", ")))
	case p.AllowedPattern != nil && !p.AllowedPattern.MatchString(value):
		return p.refuse(name, "must match pattern "+p.AllowedPattern.String())
	}
	return nil
}

func (p Parameter) refuse(name, reason string) error {
	if p.ConstraintDescription != "" {
		reason = "failed to satisfy constraint: " + p.ConstraintDescription
	}
	return wrong("Parameter '%s' %s", name, reason)
}

// bind gives every parameter its value: what was given, or the default. A value of a list is a []any.
func (e *Evaluation) bind() error {
	known := e.template.Parameters
	for _, name := range slices.Sorted(maps.Keys(e.inputs.Parameters)) {
		if _, is := known[name]; !is {
			return wrong("Parameters: [%s] do not exist in the template", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(known)) {
		p := known[name]
		given, is := e.inputs.Parameters[name]
		if !is {
			if p.Default == nil {
				return wrong("Parameters: [%s] must have values", name)
			}
			given, _ = text(p.Default)
		}
		if err := p.allows(name, given); err != nil {
			return err
		}
		value, err := e.value(p, given)
		if err != nil {
			return err
		}
		e.parameters[name] = value
	}
	return nil
}

func (e *Evaluation) value(p Parameter, given string) (any, error) {
	switch p.Type {
	case listType:
		list := []any{}
		for _, each := range strings.Split(given, ",") {
			list = append(list, strings.TrimSpace(each))
		}
		return list, nil
	case parameterType:
		return e.lookUp("ssm", given)
	}
	return given, nil
}
