package cloudformation

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// check sees that every name leads somewhere, and puts the resources in the order of their creation.
func (t *Template) check() error {
	for _, name := range slices.Sorted(maps.Keys(t.Conditions)) {
		if err := t.leads("Conditions", namesIn(t.Conditions[name]), nil); err != nil {
			return err
		}
	}
	needs := map[string][]string{}
	for _, id := range t.names() {
		r := t.Resources[id]
		found := namesIn(r.Properties)
		found.condition(r.Condition)
		found.resources = append(found.resources, r.DependsOn...)
		if err := t.leads("Resources", found, t.Resources); err != nil {
			return err
		}
		for _, name := range slices.Concat(found.resources, found.either) {
			if _, is := t.Resources[name]; is {
				needs[id] = append(needs[id], name)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(t.Outputs)) {
		o := t.Outputs[name]
		found := namesIn([]any{o.Value, o.ExportName})
		found.condition(o.Condition)
		if err := t.leads("Outputs", found, t.Resources); err != nil {
			return err
		}
	}
	return t.sort(needs)
}

func (t *Template) names() []string { return slices.Sorted(maps.Keys(t.Resources)) }

// leads returns an error for what is referred to and is not there.
func (t *Template) leads(section string, found references, resources map[string]Resource) error {
	var missing []string
	for _, name := range found.resources {
		if _, is := resources[name]; !is {
			missing = append(missing, name)
		}
	}
	for _, name := range found.either {
		_, parameter := t.Parameters[name]
		_, resource := resources[name]
		if !parameter && !resource && !pseudo[name] {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		slices.Sort(missing)
		return wrong("Template format error: Unresolved resource dependencies [%s] in the %s block of the template",
			strings.Join(slices.Compact(missing), ", "), section)
	}
	for _, name := range found.conditions {
		if _, is := t.Conditions[name]; !is {
			return wrong("Template format error: Unresolved condition dependency %s in the %s block of the template", name, section)
		}
	}
	return nil
}

// sort puts what is needed before what needs it; names decide between those that could be next.
func (t *Template) sort(needs map[string][]string) error {
	done := map[string]bool{}
	for len(t.order) < len(t.Resources) {
		before := len(t.order)
		for _, id := range t.names() {
			waits := slices.ContainsFunc(needs[id], func(other string) bool { return !done[other] })
			if !done[id] && !waits {
				t.order = append(t.order, id)
			}
		}
		for _, id := range t.order[before:] {
			done[id] = true
		}
		if len(t.order) == before {
			left := slices.DeleteFunc(t.names(), func(id string) bool { return done[id] })
			return wrong("Circular dependency between resources: [%s]", strings.Join(left, ", "))
		}
	}
	return nil
}

// references are the names in a value, by what they must lead to.
type references struct {
	resources, conditions []string
	either                []string // a parameter, a pseudo parameter or a resource
}

// namesIn are the names in a value that may be a map[string]any, []any or a scalar.
func namesIn(value any) references {
	var f references
	f.add(value)
	return f
}

func (f *references) add(value any) {
	switch v := value.(type) {
	case []any:
		for _, each := range v {
			f.add(each)
		}
	case map[string]any:
		if function, argument, is := call(v); is {
			f.addCall(function, argument)
		}
		for _, each := range v {
			f.add(each)
		}
	}
}

func (f *references) condition(name string) {
	if name != "" {
		f.conditions = append(f.conditions, name)
	}
}

func (f *references) addCall(function string, argument any) {
	list, _ := argument.([]any)
	switch function {
	case "Ref":
		if name, ok := argument.(string); ok {
			f.either = append(f.either, name)
		}
	case "Condition":
		if name, ok := argument.(string); ok {
			f.condition(name)
		}
	case "Fn::GetAtt":
		if id, _, err := attribute(argument); err == nil {
			f.resources = append(f.resources, id)
		}
	case "Fn::If":
		if len(list) > 0 {
			if name, ok := list[0].(string); ok {
				f.condition(name)
			}
		}
	case "Fn::Sub":
		text, own, _ := substitution(argument)
		for _, match := range variable.FindAllStringSubmatch(text, -1) {
			name, _, dotted := strings.Cut(match[1], ".")
			if _, is := own[match[1]]; is || strings.HasPrefix(name, "!") {
				continue
			}
			if dotted {
				f.resources = append(f.resources, name)
			} else {
				f.either = append(f.either, name)
			}
		}
	}
}

// variable is a ${Name} in the text of Fn::Sub.
var variable = regexp.MustCompile(`\$\{([^{}]*)\}`)

// call tells a function from a plain object: it is the only member.
func call(object map[string]any) (function string, argument any, is bool) {
	if len(object) != 1 {
		return "", nil, false
	}
	for name, value := range object {
		if name == "Ref" || name == "Condition" || strings.HasPrefix(name, "Fn::") {
			return name, value, true
		}
	}
	return "", nil, false
}
