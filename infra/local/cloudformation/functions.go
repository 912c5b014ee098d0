package cloudformation

import (
	"encoding/base64"
	"strconv"
	"strings"
)

// noValue is what Ref AWS::NoValue gives: the property or the element that has it is left out.
type noValue struct{}

// functions are the intrinsic functions that give a value.
var functions map[string]func(e *Evaluation, argument any) (any, error)

func init() { // functions resolve their arguments, which may hold functions
	functions = map[string]func(e *Evaluation, argument any) (any, error){
		"Ref": (*Evaluation).ref, "Fn::GetAtt": (*Evaluation).getAtt, "Fn::Join": (*Evaluation).join, "Fn::Sub": (*Evaluation).sub,
		"Fn::Select": (*Evaluation).selected, "Fn::Split": (*Evaluation).split, "Fn::If": (*Evaluation).either,
		"Fn::ImportValue": (*Evaluation).importValue, "Fn::GetAZs": (*Evaluation).zones, "Fn::Base64": (*Evaluation).base64,
		"Fn::FindInMap": (*Evaluation).find,
	}
}

// resolve is value with its functions replaced by what they give.
func (e *Evaluation) resolve(value any) (any, error) {
	switch v := value.(type) {
	case []any:
		list := make([]any, 0, len(v))
		for _, each := range v {
			got, err := e.resolve(each)
			if err != nil {
				return nil, err
			}
			if got != any(noValue{}) {
				list = append(list, got)
			}
		}
		return list, nil
	case map[string]any:
		if name, argument, is := call(v); is && name != "Condition" {
			function, known := functions[name]
			if !known {
				return nil, wrong("Template error: %s is not a supported function here", name)
			}
			return function(e, argument)
		}
		all := make(map[string]any, len(v))
		for name, each := range v {
			if strings.HasPrefix(name, "Fn::") {
				return nil, wrong("Template format error: %s must be the only member of its object", name)
			}
			got, err := e.resolve(each)
			if err != nil {
				return nil, err
			}
			if got != any(noValue{}) {
				all[name] = got
			}
		}
		return all, nil
	}
	return value, nil
}

func (e *Evaluation) resolveText(value any) (string, error) {
	got, err := e.resolve(value)
	if err != nil {
		return "", err
	}
	s, ok := text(got)
	if !ok {
		return "", wrong("Template error: a string is needed where there is %s", kind(got))
	}
	return s, nil
}

func (e *Evaluation) resolveList(value any) ([]any, error) {
	got, err := e.resolve(value)
	if err != nil {
		return nil, err
	}
	list, ok := got.([]any)
	if !ok {
		return nil, wrong("Template error: a list is needed where there is %s", kind(got))
	}
	return list, nil
}

func kind(value any) string {
	switch value.(type) {
	case nil, noValue:
		return "nothing"
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	}
	return "a scalar"
}

// arguments checks the number of a function's arguments; most < 0 is any number from least.
func arguments(function string, argument any, least, most int) ([]any, error) {
	list, ok := argument.([]any)
	if !ok || len(list) < least || most >= 0 && len(list) > most {
		return nil, wrong("Template error: every %s object requires a list of the right number of arguments", function)
	}
	return list, nil
}

func (e *Evaluation) join(argument any) (any, error) {
	list, err := arguments("Fn::Join", argument, 2, 2)
	if err != nil {
		return nil, err
	}
	separator, err := e.resolveText(list[0])
	if err != nil {
		return nil, err
	}
	parts, err := e.resolveList(list[1])
	if err != nil {
		return nil, err
	}
	words, ok := texts(parts)
	if !ok {
		return nil, wrong("Template error: every Fn::Join object requires a delimiter and a list of strings")
	}
	return strings.Join(words, separator), nil
}

func (e *Evaluation) selected(argument any) (any, error) {
	list, err := arguments("Fn::Select", argument, 2, 2)
	if err != nil {
		return nil, err
	}
	index, err := e.resolveText(list[0])
	if err != nil {
		return nil, err
	}
	from, err := e.resolveList(list[1])
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(index)
	if err != nil || n < 0 || n >= len(from) {
		return nil, wrong("Template error: Fn::Select cannot select nonexistent value at index %s", index)
	}
	return from[n], nil
}

func (e *Evaluation) split(argument any) (any, error) {
	list, err := arguments("Fn::Split", argument, 2, 2)
	if err != nil {
		return nil, err
	}
	separator, err := e.resolveText(list[0])
	if err != nil {
		return nil, err
	}
	whole, err := e.resolveText(list[1])
	if err != nil {
		return nil, err
	}
	if separator == "" {
		return nil, wrong("Template error: Fn::Split requires a delimiter")
	}
	var parts []any
	for _, part := range strings.Split(whole, separator) {
		parts = append(parts, part)
	}
	return parts, nil
}

func (e *Evaluation) either(argument any) (any, error) {
	list, err := arguments("Fn::If", argument, 3, 3)
	if err != nil {
		return nil, err
	}
	name, ok := list[0].(string)
	if !ok {
		return nil, wrong("Template error: Fn::If requires the name of a condition")
	}
	holds, err := e.named(name)
	if err != nil {
		return nil, err
	}
	if holds {
		return e.resolve(list[1])
	}
	return e.resolve(list[2])
}

func (e *Evaluation) importValue(argument any) (any, error) {
	name, err := e.resolveText(argument)
	if err != nil {
		return nil, err
	}
	value, is := e.inputs.Export(name)
	if !is {
		return nil, wrong("No export named %s found.", name)
	}
	e.imports[name] = true
	return value, nil
}

// zones are three for every region.
func (e *Evaluation) zones(argument any) (any, error) {
	region, err := e.resolveText(argument)
	if err != nil {
		return nil, err
	}
	if region == "" {
		region = e.inputs.Region
	}
	return []any{region + "a", region + "b", region + "c"}, nil
}

func (e *Evaluation) base64(argument any) (any, error) {
	plain, err := e.resolveText(argument)
	return base64.StdEncoding.EncodeToString([]byte(plain)), err
}

func (e *Evaluation) find(argument any) (any, error) {
	list, err := arguments("Fn::FindInMap", argument, 3, 3)
	if err != nil {
		return nil, err
	}
	var value any = e.template.Mappings
	for _, each := range list {
		key, err := e.resolveText(each)
		if err != nil {
			return nil, err
		}
		level, _ := value.(map[string]any)
		next, is := level[key]
		if !is {
			return nil, wrong("Template error: Unable to get mapping for %s", key)
		}
		value = next
	}
	return value, nil
}
