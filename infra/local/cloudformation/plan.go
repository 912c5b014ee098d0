package cloudformation

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// knownAfterApply stands for a value that a change set cannot know before it is executed.
const knownAfterApply = "{{changeSet:KNOWN_AFTER_APPLY}}"

// What a change set does to a resource.
const (
	add    = "Add"
	modify = "Modify"
	remove = "Remove"
)

// A change is what a change set would do to one resource.
type change struct {
	action             string
	id, kind, physical string
	replacement        string // True, False or Conditional, of a Modify
	policyAction       string // what becomes of the old resource
	details            []detail
}

// A detail is one reason for a change.
type detail struct {
	attribute  string // Properties, Metadata, DeletionPolicy
	name       string // of the property
	recreation string // Always, Never or Conditionally
	dynamic    bool   // it depends on what another change gives
}

// evaluate resolves a deployment's parameters and conditions for a stack. The caller holds the mutex.
func (h *Host) evaluate(s *stack, d deployment, resource func(string) (Physical, bool)) (*Evaluation, error) {
	exports := h.exports()
	return d.template.Evaluate(Inputs{
		Region: h.config.Region, Account: h.config.Account, StackName: s.name, StackID: s.id,
		Parameters: d.given, Resource: resource, LookUp: h.config.LookUp,
		Export: func(name string) (string, bool) { o, is := exports[name]; return o.Value, is },
	})
}

// plan compares what a stack has with what a deployment wants. The caller holds the mutex.
func (h *Host) plan(s *stack, d *deployment) ([]change, error) {
	planned := map[string]Physical{}
	e, err := h.evaluate(s, *d, func(id string) (Physical, bool) { p, is := planned[id]; return p, is })
	if err != nil {
		return nil, err
	}
	d.resolved = e.parameters
	var changes []change
	wanted := e.Resources()
	for _, id := range wanted {
		properties, err := e.Properties(id)
		if err != nil {
			return nil, err
		}
		c, err := h.compare(s.has(id), id, d.template.Resources[id], properties)
		if err != nil {
			return nil, err
		}
		if c == nil {
			planned[id] = s.resources[id].physical
			continue
		}
		changes = append(changes, *c)
		planned[id] = Physical{ID: c.physical, changing: true}
		if c.action == add || c.replacement != "False" {
			planned[id] = Physical{ID: knownAfterApply, changing: true}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(s.resources)) {
		if r := s.resources[id]; !slices.Contains(wanted, id) {
			changes = append(changes, change{action: remove, id: id, kind: r.kind, physical: r.physical.ID, policyAction: policyAction("", r.deletionPolicy)})
		}
	}
	return changes, nil
}

// compare is the change from what there is to what is wanted; nil is none.
func (h *Host) compare(have *resource, id string, want Resource, properties map[string]any) (*change, error) {
	if have == nil {
		return &change{action: add, id: id, kind: want.Type}, nil
	}
	if have.kind != want.Type {
		return nil, wrong("Update of resource type is not permitted. The new template modifies resource type of the following resources: [%s]", id)
	}
	c := &change{action: modify, id: id, kind: want.Type, physical: have.physical.ID, replacement: "False"}
	for _, name := range differences(have.properties, properties) {
		d := detail{attribute: "Properties", name: name, recreation: "Never", dynamic: mentions(properties[name], knownAfterApply)}
		if h.config.Handlers[want.Type].createsAnew(name) {
			d.recreation, c.replacement = "Always", "True"
			if d.dynamic {
				d.recreation = "Conditionally"
			}
		}
		c.details = append(c.details, d)
	}
	certain := slices.ContainsFunc(c.details, func(d detail) bool { return d.recreation == "Always" })
	if c.replacement == "True" {
		c.policyAction = policyAction("ReplaceAnd", want.UpdateReplacePolicy)
		if !certain {
			c.replacement = "Conditional"
		}
	}
	if !reflect.DeepEqual(have.metadata, want.Metadata) {
		c.details = append(c.details, detail{attribute: "Metadata", recreation: "Never"})
	}
	if have.deletionPolicy != want.DeletionPolicy {
		c.details = append(c.details, detail{attribute: "DeletionPolicy", recreation: "Never"})
	}
	if len(c.details) == 0 {
		return nil, nil
	}
	return c, nil
}

func policyAction(prefix, policy string) string {
	if policy == Retain || policy == RetainExceptOnCreate {
		return prefix + Retain
	}
	return prefix + Delete
}

// createsAnew reports whether a change of the property needs a new resource.
func (h Handler) createsAnew(property string) bool {
	return h.Update == nil || slices.Contains(h.CreateOnly, property)
}

// differences are the names of the properties that differ.
func differences(a, b map[string]any) []string {
	var names []string
	for name := range a {
		if other, is := b[name]; !is || !reflect.DeepEqual(a[name], other) {
			names = append(names, name)
		}
	}
	for name := range b {
		if _, is := a[name]; !is {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// mentions reports whether a text is anywhere in a value.
func mentions(value any, words string) bool {
	switch v := value.(type) {
	case string:
		return strings.Contains(v, words)
	case []any:
		return slices.ContainsFunc(v, func(each any) bool { return mentions(each, words) })
	case map[string]any:
		for _, each := range v {
			if mentions(each, words) {
				return true
			}
		}
	}
	return false
}

// unknownTypes are the types of a template that nothing here makes.
func (h *Host) unknownTypes(t *Template) []string {
	var unknown []string
	for _, r := range t.Resources {
		if _, is := h.config.Handlers[r.Type]; !is {
			unknown = append(unknown, r.Type)
		}
	}
	slices.Sort(unknown)
	return slices.Compact(unknown)
}

// capabilities are what whoever deploys a template has to acknowledge: that it makes roles, and that it names them.
func capabilities(t *Template) (need string, because []string) {
	for _, id := range t.names() {
		r := t.Resources[id]
		if !strings.HasPrefix(r.Type, "AWS::IAM::") {
			continue
		}
		because = append(because, r.Type)
		if need == "" {
			need = "CAPABILITY_IAM"
		}
		for _, name := range []string{"RoleName", "ManagedPolicyName", "UserName", "GroupName"} {
			if _, named := r.Properties[name]; named {
				need = "CAPABILITY_NAMED_IAM"
			}
		}
	}
	slices.Sort(because)
	return need, slices.Compact(because)
}

// sameOutputs reports whether two templates have the same outputs as they are written.
func sameOutputs(a, b *Template) bool {
	one, _ := json.Marshal(a.Outputs)
	other, _ := json.Marshal(b.Outputs)
	return string(one) == string(other)
}
