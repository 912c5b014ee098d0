// Package cloudformation is CloudFormation on the laptop.
//
// [Parse] reads a template, and [Template.Evaluate] resolves it for values that are given: what a resource's properties
// come to can be seen without making anything. A [Host] answers the API as far as the CDK's command line calls it: change
// sets, stacks that are made by them in the order of what needs what and rolled back when a resource fails, and exports
// between stacks. What makes a resource is a [Handler].
//
// Stacks are kept in memory, and end with the process.
package cloudformation

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Limits of a template ("CloudFormation quotas").
const (
	LargestBody   = 51_200  // bytes of a template in a request
	LargestObject = 1 << 20 // bytes of a template in S3
	mostResources = 500
)

// Deletion policies, and what [Resource] has for them when the template is silent.
const (
	Delete               = "Delete"
	Retain               = "Retain"
	RetainExceptOnCreate = "RetainExceptOnCreate"
)

// A Template is a template as it was written: its intrinsic functions are not resolved yet. See [Template.Evaluate].
//
// Values are what JSON has: nil, bool, string, [encoding/json.Number], []any and map[string]any.
type Template struct {
	Description string
	Parameters  map[string]Parameter
	Rules       map[string]Rule
	Mappings    map[string]any
	Conditions  map[string]any
	Resources   map[string]Resource
	Outputs     map[string]Output

	order []string
}

// A Resource is one thing to make.
type Resource struct {
	Type                string
	Properties          map[string]any
	DependsOn           []string
	Condition           string // "" is always
	DeletionPolicy      string // Delete, Retain or RetainExceptOnCreate
	UpdateReplacePolicy string // what becomes of it when it is replaced: Delete or Retain
	Metadata            any
}

// An Output is a value that a stack shows, and exports to other stacks when ExportName is not nil.
type Output struct {
	Description string
	Value       any
	Condition   string
	ExportName  any
}

// A Rule holds assertions about the parameters.
type Rule struct {
	Condition  any // nil is always
	Assertions []Assertion
}

// An Assertion is a condition that must hold, and what to say when it does not.
type Assertion struct {
	Assert      any
	Description string
}

// A TemplateError says what is wrong with a template or with the values given for it, in CloudFormation's words where
// it has some.
type TemplateError struct{ Message string }

func (e *TemplateError) Error() string { return e.Message }

func wrong(format string, args ...any) error { return &TemplateError{fmt.Sprintf(format, args...)} }

// Parse reads a template, JSON or YAML, and checks all that can be told without values: that it has only what a
// template may have, that every reference leads somewhere, and that no resource needs itself. Every error is a
// [*TemplateError].
func Parse(text []byte) (*Template, error) {
	if len(text) > LargestObject {
		return nil, wrong("Template may not exceed %d bytes in size.", LargestObject)
	}
	whole, err := decode(text)
	if err != nil {
		return nil, err
	}
	sections, ok := whole.(map[string]any)
	if !ok {
		return nil, wrong("Template format error: unsupported structure.")
	}
	t := &Template{
		Parameters: map[string]Parameter{}, Rules: map[string]Rule{}, Mappings: map[string]any{},
		Conditions: map[string]any{}, Resources: map[string]Resource{}, Outputs: map[string]Output{},
	}
	for _, name := range slices.Sorted(maps.Keys(sections)) {
		if err := t.read(name, sections[name]); err != nil {
			return nil, err
		}
	}
	switch n := len(t.Resources); {
	case n == 0:
		return nil, wrong("Template format error: At least one Resources member must be defined.")
	case n > mostResources:
		return nil, wrong("Template format error: Number of resources, %d, is greater than maximum allowed, %d", n, mostResources)
	}
	if err := t.check(); err != nil {
		return nil, err
	}
	return t, nil
}

// read takes in one section.
func (t *Template) read(name string, value any) error {
	switch name {
	case "AWSTemplateFormatVersion":
		if value != "2010-09-09" {
			return wrong("Template format error: unsupported value for AWSTemplateFormatVersion.")
		}
		return nil
	case "Metadata":
		_, err := object(value, "Metadata")
		return err
	case "Description":
		text, ok := value.(string)
		if !ok {
			return wrong("Template format error: Description must be a string.")
		}
		t.Description = text
		return nil
	case "Mappings":
		return members(name, value, t.Mappings, func(_ string, v any) (any, error) { return v, nil })
	case "Conditions":
		return members(name, value, t.Conditions, func(_ string, v any) (any, error) { return v, nil })
	case "Parameters":
		return members(name, value, t.Parameters, readParameter)
	case "Rules":
		return members(name, value, t.Rules, readRule)
	case "Resources":
		return members(name, value, t.Resources, readResource)
	case "Outputs":
		return members(name, value, t.Outputs, readOutput)
	}
	return wrong("Invalid template property or properties [%s]", name)
}

// members reads each member of a section into its map.
func members[T any](section string, value any, into map[string]T, read func(at string, value any) (T, error)) error {
	all, err := object(value, section)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if !alphanumeric(name) {
			return wrong("Template format error: %s name %s is non alphanumeric.", section, name)
		}
		if into[name], err = read(section+"/"+name, all[name]); err != nil {
			return err
		}
	}
	return nil
}

func alphanumeric(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9')
	})
}

func readResource(at string, value any) (r Resource, err error) {
	r.DeletionPolicy, r.UpdateReplacePolicy = Delete, Delete
	err = fields(at, value, map[string]any{
		"Type": &r.Type, "Properties": &r.Properties, "DependsOn": &r.DependsOn, "Condition": &r.Condition,
		"DeletionPolicy": &r.DeletionPolicy, "UpdateReplacePolicy": &r.UpdateReplacePolicy, "Metadata": &r.Metadata,
	})
	switch {
	case err != nil:
		return r, err
	case r.Type == "":
		return r, wrong("Template format error: [/%s] Every Resources object must contain a Type member.", at)
	case !slices.Contains([]string{Delete, Retain, RetainExceptOnCreate}, r.DeletionPolicy):
		return r, wrong("Template format error: Unrecognized DeletionPolicy %s for resource %s", r.DeletionPolicy, at)
	case r.UpdateReplacePolicy != Delete && r.UpdateReplacePolicy != Retain:
		return r, wrong("Template format error: Unrecognized UpdateReplacePolicy %s for resource %s", r.UpdateReplacePolicy, at)
	}
	return r, nil
}

func readOutput(at string, value any) (o Output, err error) {
	var export map[string]any
	err = fields(at, value, map[string]any{
		"Description": &o.Description, "Value": &o.Value, "Condition": &o.Condition, "Export": &export,
	})
	if err == nil && o.Value == nil {
		err = wrong("Template format error: Output %s is malformed: it has no Value.", at)
	}
	if err == nil && export != nil {
		err = fields(at+"/Export", export, map[string]any{"Name": &o.ExportName})
	}
	return o, err
}

func readRule(at string, value any) (r Rule, err error) {
	var assertions []any
	if err := fields(at, value, map[string]any{"RuleCondition": &r.Condition, "Assertions": &assertions}); err != nil {
		return r, err
	}
	for i, each := range assertions {
		var a Assertion
		err := fields(fmt.Sprintf("%s/Assertions/%d", at, i), each, map[string]any{
			"Assert": &a.Assert, "AssertDescription": &a.Description,
		})
		if err != nil {
			return r, err
		}
		r.Assertions = append(r.Assertions, a)
	}
	if len(r.Assertions) == 0 {
		return r, wrong("Template format error: %s has no Assertions.", at)
	}
	return r, nil
}
