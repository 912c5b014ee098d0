package cloudformation

import "strings"

// substitution splits the argument of Fn::Sub into its text and its own variables.
func substitution(argument any) (s string, own map[string]any, err error) {
	if s, ok := argument.(string); ok {
		return s, nil, nil
	}
	if list, ok := argument.([]any); ok && len(list) == 2 {
		s, isText := list[0].(string)
		own, isObject := list[1].(map[string]any)
		if isText && isObject {
			return s, own, nil
		}
	}
	return "", nil, wrong("Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments")
}

func (e *Evaluation) sub(argument any) (any, error) {
	s, own, err := substitution(argument)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	last := 0
	for _, at := range variable.FindAllStringSubmatchIndex(s, -1) {
		b.WriteString(s[last:at[0]])
		last = at[1]
		word, err := e.substitute(s[at[2]:at[3]], own)
		if err != nil {
			return nil, err
		}
		b.WriteString(word)
	}
	return b.String() + s[last:], nil
}

// substitute is what stands for ${name}.
func (e *Evaluation) substitute(name string, own map[string]any) (string, error) {
	if literal, is := strings.CutPrefix(name, "!"); is {
		return "${" + literal + "}", nil
	}
	if value, is := own[name]; is {
		return e.resolveText(value)
	}
	function := "Ref"
	if strings.Contains(name, ".") {
		function = "Fn::GetAtt"
	}
	return e.resolveText(map[string]any{function: name})
}
