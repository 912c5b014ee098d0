// Package privilege proves least privilege: the policies of the templates allow every call, and allow nothing that no call needs.
//
//	proof, err := privilege.Read("ap-southeast-1", "default-records.json", "default-system.json")
//	calls := proof.Calls(recorded, variables)
//	problems := append(proof.Forbidden(calls), proof.Unused(calls)...)
//
// The calls are those of the functions, recorded while the journeys run on the laptop, and those of AWS itself, which follow from
// the templates (aws.go). The policies are those of roles, and of the topics, queues, buckets, keys and functions that roles and
// services reach. An allowed action without a call needs an entry in the table of excuses.
package privilege

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"beian/infra/local/awsrequest"
)

// A Call is one action of a role or a service on one resource.
type Call = awsrequest.Call

// A Proof has the policies of an environment and the calls that AWS makes there.
type Proof struct {
	permissions  []permission
	resources    []string // the ARNs of resources with names, of all objects of each bucket and of all executions of each machine
	aws          []Call
	consequences []consequence
	variables    map[string]string // environment variables of the functions
}

// Read reads the templates of an environment in the order of their deployment. An unknown type, function or condition in them is
// an error.
func Read(region string, paths ...string) (*Proof, error) {
	p := &Proof{variables: map[string]string{}}
	failed, exports := new([]error), map[string]func() any{}
	for _, path := range paths {
		t, err := readTemplate(path, region, exports, failed)
		if err != nil {
			return nil, err
		}
		for _, id := range slices.Sorted(maps.Keys(t.Resources)) {
			p.addResource(t, id)
			if kind := t.Resources[id].Type; arns[kind] != "" {
				p.resources = append(p.resources, t.arn(id))
				switch kind {
				case "AWS::S3::Bucket":
					p.resources = append(p.resources, t.arn(id)+"/*")
				case "AWS::StepFunctions::StateMachine":
					p.resources = append(p.resources, strings.Replace(t.arn(id), ":stateMachine:", ":execution:", 1)+":*")
				}
			}
		}
	}
	return p, errors.Join(*failed...)
}

// Forbidden returns the calls that the policies do not allow.
func (p *Proof) Forbidden(calls []Call) []string {
	refused := map[string]bool{}
	for _, c := range calls {
		if !p.allows(c) {
			refused[fmt.Sprintf("%s calls %s on %s, which no policy allows", c.By, c.Action, c.Resource)] = true
		}
	}
	return slices.Sorted(maps.Keys(refused))
}

// Unused returns the permissions that no call needs and no excuse explains, those of roles on more than one resource, and the excuses
// that explain no permission. It leaves out the roles except, which are proved by other tests.
func (p *Proof) Unused(calls []Call, except ...string) []string {
	var unused []string
	idle := slices.Clone(excuses)
	for _, one := range p.permissions {
		if one.deny || one.principal == account || slices.Contains(except, one.principal) {
			continue
		}
		excused := func(e excuse) bool {
			return e.function == one.principal && e.operation == one.action && strings.HasSuffix(one.resource, e.on)
		}
		if !slices.ContainsFunc(excuses, excused) && !slices.ContainsFunc(calls, one.appliesTo) {
			butFor := map[bool]string{true: "all but "}[one.except]
			unused = append(unused, fmt.Sprintf("%s may %s on %s%s, which nothing calls", one.principal, one.action, butFor, one.resource))
		}
		if p.isWide(one, calls) {
			unused = append(unused, fmt.Sprintf("%s may %s on %s, more than one resource", one.principal, one.action, one.resource))
		}
		idle = slices.DeleteFunc(idle, excused)
	}
	for _, e := range idle {
		unused = append(unused, fmt.Sprintf("%s may not %s on %s; delete the excuse", e.function, e.operation, e.on))
	}
	return unused
}

// isWide reports whether a permission of a role applies to more than one resource, and no call applies to all resources. All objects
// of a bucket are one resource, and so are all executions of a machine.
func (p *Proof) isWide(one permission, calls []Call) bool {
	if one.attached != "" || one.except || !strings.Contains(one.resource, "*") || slices.Contains(p.resources, one.resource) {
		return false
	}
	return !slices.ContainsFunc(calls, func(c Call) bool { return c.Resource == "*" && one.appliesTo(c) })
}
