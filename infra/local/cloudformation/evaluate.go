package cloudformation

import (
	"errors"
	"maps"
	"slices"
	"strings"
)

// Inputs are what a template is evaluated with.
type Inputs struct {
	Region, Account, StackName, StackID string
	Parameters                          map[string]string // by name; the defaults fill in
	// Resource is what was made for a logical id; false when nothing was, yet.
	Resource func(id string) (Physical, bool)
	// Export is what another stack exports under a name.
	Export func(name string) (string, bool)
	// LookUp answers a dynamic reference: service "ssm" with a parameter's name, service "secretsmanager" with
	// secret-id:SecretString:field. Its error says what was looked for, and never shows a value.
	LookUp func(service, key string) (string, error)
}

// A Physical is what a resource has become: the id that Ref gives, and the attributes that Fn::GetAtt gives.
type Physical struct {
	ID         string
	Attributes map[string]any

	changing bool // what the attributes will be is not known yet
}

// An Evaluation is a template with its parameters bound and its conditions decided.
type Evaluation struct {
	template   *Template
	inputs     Inputs
	parameters map[string]any
	conditions map[string]bool
	deciding   []string // conditions, to find one that needs itself
	imports    map[string]bool
}

// Evaluate binds the parameters, decides the conditions and holds the parameters to the rules. Every error is a
// [*TemplateError].
func (t *Template) Evaluate(inputs Inputs) (*Evaluation, error) {
	if inputs.Resource == nil {
		inputs.Resource = func(string) (Physical, bool) { return Physical{}, false }
	}
	if inputs.Export == nil {
		inputs.Export = func(string) (string, bool) { return "", false }
	}
	if inputs.LookUp == nil {
		inputs.LookUp = func(string, string) (string, error) { return "", errors.New("there is nothing to look up here") }
	}
	e := &Evaluation{template: t, inputs: inputs, parameters: map[string]any{}, conditions: map[string]bool{}, imports: map[string]bool{}}
	if err := e.bind(); err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(t.Conditions)) {
		if _, err := e.named(name); err != nil {
			return nil, err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(t.Rules)) {
		if err := e.assert(name, t.Rules[name]); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// Resources are the logical ids of what is to be made, in an order in which each comes after those that it needs.
func (e *Evaluation) Resources() []string {
	return slices.DeleteFunc(slices.Clone(e.template.order), func(id string) bool { return !e.active(e.template.Resources[id].Condition) })
}

func (e *Evaluation) active(condition string) bool { return condition == "" || e.conditions[condition] }

// Properties are a resource's properties with every intrinsic function resolved. Dynamic references are left as they
// are; see [Evaluation.Reveal].
func (e *Evaluation) Properties(id string) (map[string]any, error) {
	r, is := e.template.Resources[id]
	if !is {
		return nil, wrong("Resource %s does not exist in the template", id)
	}
	value, err := e.resolve(r.Properties)
	if err != nil {
		return nil, err
	}
	properties, ok := value.(map[string]any)
	if !ok {
		return nil, wrong("Template format error: Properties of %s must be an object", id)
	}
	return properties, nil
}

// An Exported output has its values.
type Exported struct {
	Name, Value, Description string
	ExportName               string // "" when it is not exported
}

// Outputs are the outputs whose condition holds, by name.
func (e *Evaluation) Outputs() ([]Exported, error) {
	var all []Exported
	for _, name := range slices.Sorted(maps.Keys(e.template.Outputs)) {
		o := e.template.Outputs[name]
		if !e.active(o.Condition) {
			continue
		}
		value, err := e.resolveText(o.Value)
		if err != nil {
			return nil, err
		}
		out := Exported{Name: name, Value: value, Description: o.Description}
		if o.ExportName != nil {
			if out.ExportName, err = e.resolveText(o.ExportName); err != nil {
				return nil, err
			}
		}
		all = append(all, out)
	}
	return all, nil
}

// Reveal is value with its dynamic references, {{resolve:service:key}}, replaced by what they refer to.
func (e *Evaluation) Reveal(value any) (any, error) {
	switch v := value.(type) {
	case string:
		return e.revealText(v)
	case []any:
		list := make([]any, len(v))
		for i, each := range v {
			var err error
			if list[i], err = e.Reveal(each); err != nil {
				return nil, err
			}
		}
		return list, nil
	case map[string]any:
		all := make(map[string]any, len(v))
		for name, each := range v {
			var err error
			if all[name], err = e.Reveal(each); err != nil {
				return nil, err
			}
		}
		return all, nil
	}
	return value, nil
}

func (e *Evaluation) revealText(s string) (string, error) {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(s, "{{resolve:")
		b.WriteString(before)
		if !found {
			return b.String(), nil
		}
		reference, after, closed := strings.Cut(rest, "}}")
		service, key, ok := strings.Cut(reference, ":")
		if !closed || !ok {
			return "", wrong("Dynamic reference {{resolve:%s}} is malformed", reference)
		}
		value, err := e.lookUp(service, key)
		if err != nil {
			return "", err
		}
		b.WriteString(value)
		s = after
	}
}

func (e *Evaluation) lookUp(service, key string) (string, error) {
	if service != "ssm" && service != "secretsmanager" {
		return "", wrong("Dynamic reference to %s is not supported", service)
	}
	value, err := e.inputs.LookUp(service, key)
	if err != nil {
		return "", wrong("%v", err)
	}
	return value, nil
}

// named decides a condition by its name.
func (e *Evaluation) named(name string) (bool, error) {
	if known, is := e.conditions[name]; is {
		return known, nil
	}
	condition, is := e.template.Conditions[name]
	if !is {
		return false, wrong("Template format error: Unresolved condition dependency %s", name)
	}
	if slices.Contains(e.deciding, name) {
		return false, wrong("Template format error: Circular dependency between conditions: [%s]", strings.Join(e.deciding, ", "))
	}
	e.deciding = append(e.deciding, name)
	holds, err := e.holds(condition)
	if err != nil {
		return false, err
	}
	e.deciding = e.deciding[:len(e.deciding)-1]
	e.conditions[name] = holds
	return holds, nil
}

func (e *Evaluation) assert(name string, r Rule) error {
	if r.Condition != nil {
		if applies, err := e.holds(r.Condition); err != nil || !applies {
			return err
		}
	}
	for _, a := range r.Assertions {
		holds, err := e.holds(a.Assert)
		if err != nil {
			return err
		}
		if !holds {
			return wrong("Rule %s: %s", name, a.Description)
		}
	}
	return nil
}
