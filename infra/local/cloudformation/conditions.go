package cloudformation

import "slices"

// holds decides a condition: a function of Conditions, of a rule's Assertions, or a constant.
func (e *Evaluation) holds(condition any) (bool, error) {
	if constant, ok := text(condition); ok && (constant == "true" || constant == "false") {
		return constant == "true", nil
	}
	all, _ := condition.(map[string]any)
	function, argument, is := call(all)
	if !is {
		return false, wrong("Template error: a condition must be a function")
	}
	switch function {
	case "Condition":
		name, _ := argument.(string)
		return e.named(name)
	case "Fn::Not":
		list, err := arguments(function, argument, 1, 1)
		if err != nil {
			return false, err
		}
		holds, err := e.holds(list[0])
		return !holds, err
	case "Fn::And":
		return e.count(function, argument, func(holding, of int) bool { return holding == of })
	case "Fn::Or":
		return e.count(function, argument, func(holding, of int) bool { return holding > 0 })
	case "Fn::Equals":
		return e.equals(argument)
	case "Fn::Contains":
		return e.contains(argument)
	}
	return false, wrong("Template error: %s is not a supported function in a condition", function)
}

func (e *Evaluation) count(function string, argument any, enough func(holding, of int) bool) (bool, error) {
	list, err := arguments(function, argument, 2, 10)
	if err != nil {
		return false, err
	}
	holding := 0
	for _, each := range list {
		holds, err := e.holds(each)
		if err != nil {
			return false, err
		}
		if holds {
			holding++
		}
	}
	return enough(holding, len(list)), nil
}

func (e *Evaluation) equals(argument any) (bool, error) {
	list, err := arguments("Fn::Equals", argument, 2, 2)
	if err != nil {
		return false, err
	}
	left, err := e.resolveText(list[0])
	if err != nil {
		return false, err
	}
	right, err := e.resolveText(list[1])
	return left == right, err
}

func (e *Evaluation) contains(argument any) (bool, error) {
	list, err := arguments("Fn::Contains", argument, 2, 2)
	if err != nil {
		return false, err
	}
	from, err := e.resolveList(list[0])
	if err != nil {
		return false, err
	}
	value, err := e.resolveText(list[1])
	return slices.Contains(from, any(value)), err
}
