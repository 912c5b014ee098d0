// Package privilege compares the calls that are made in a role's name with the policies of the deployed roles: no call may be
// forbidden, and every grant needs a call, or an excuse in a table.
//
// Read the golden templates with [Read], pass each recorded call to [Roles.Record], then ask [Roles.Forbidden] and [Roles.Unused]:
//
//	roles, err := privilege.Read("../../stack/testdata/golden")
//	roles.Record(awsrequest.Call{By: "sweeper", Action: "sns:Publish", Resource: "*"})
//
// Functions make most calls; the laptop records them during the journeys. AWS makes some in a role's name: it writes logs, invokes
// functions for the machine and the schedules, reads the stream, and uses keys. Those calls follow from the templates, see aws.go.
//
// Policies of resources are compared by [Roles.Unreachable].
package privilege

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"beian/infra/local/awsrequest"
)

// The environment of the golden templates.
const (
	environment = "default"
	region      = "ap-southeast-1"
)

// Roles are the roles of the templates, with the calls that were recorded. Roles may be used concurrently.
type Roles struct {
	templates []*template
	policies  map[string][]statement // by role: a function's name, "machine" or "schedules"

	mu        sync.Mutex
	used      map[grant]bool
	forbidden map[string]bool
}

// A grant is one action on one resource that a role allows, as its policy writes them.
type grant struct{ role, action, resource string }

// Read reads the templates <environment>-records.json and <environment>-system.json in a folder, and records AWS's own calls.
func Read(folder string) (*Roles, error) {
	r := &Roles{policies: map[string][]statement{}, used: map[grant]bool{}, forbidden: map[string]bool{}}
	exports := map[string]any{}
	var failed error
	for _, stack := range []string{"records", "system"} {
		t, err := readTemplate(filepath.Join(folder, environment+"-"+stack+".json"), region, exports)
		if err != nil {
			return nil, err
		}
		r.templates = append(r.templates, t)
		for id, resource := range t.Resources {
			if resource.Type != "AWS::IAM::Policy" {
				continue
			}
			statements, err := readPolicy(t.resolve(resource.Properties["PolicyDocument"]))
			if err != nil {
				return nil, fmt.Errorf("%s: %w", id, err)
			}
			for _, role := range texts(t.resolve(resource.Properties["Roles"])) {
				r.policies[role] = append(r.policies[role], statements...)
			}
		}
		failed = errors.Join(append(t.failed, failed)...)
	}
	for _, c := range r.callsOfAWS() {
		r.record(c)
	}
	return r, failed
}

// deployed replaces names of the laptop by those of the templates.
var deployed = strings.NewReplacer(":cn-north-1:", ":"+region+":", ":stateMachine:filing", ":stateMachine:beian-"+environment+"-filing",
	":table/beian", ":table/beian-"+environment, ":::beian-evidence", ":::Evidence", ":::beian-uploads", ":::Uploads")

// Record records a call that was made on the laptop by the role that its By names, with the calls that it implies.
func (r *Roles) Record(c awsrequest.Call) {
	c.Resource = deployed.Replace(c.Resource)
	if r.record(c) {
		for _, implied := range impliedCalls(c) {
			r.record(implied)
		}
	}
}

// record reports whether the call is allowed.
func (r *Roles) record(c awsrequest.Call) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !allowed(r.policies[c.By], "", c) {
		r.forbidden[fmt.Sprintf("%s calls %s on %s, which its role does not allow", c.By, c.Action, c.Resource)] = true
		return false
	}
	for g, s := range r.grants(c.By) {
		if s.matches(c) {
			r.used[g] = true
		}
	}
	return true
}

// grants returns the grants of a role, each with its own statement.
func (r *Roles) grants(role string) map[grant]statement {
	all := map[grant]statement{}
	for _, s := range r.policies[role] {
		for _, action := range texts(s.Action) {
			one := s
			one.Action = action
			for _, resource := range texts(s.Resource) {
				one.Resource = resource
				all[grant{role, action, resource}] = one
			}
			for _, resource := range texts(s.NotResource) {
				all[grant{role, action, "not " + resource}] = one
			}
		}
	}
	return all
}

// Forbidden returns the recorded calls that a role does not allow.
func (r *Roles) Forbidden() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Sorted(maps.Keys(r.forbidden))
}

// Unused returns the grants without a call or an excuse, and the excuses without a grant.
func (r *Roles) Unused() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var unused []string
	excused := map[excuse]bool{}
	for role := range r.policies {
		for g := range r.grants(role) {
			found := slices.IndexFunc(excuses, func(e excuse) bool {
				return e.role == g.role && e.action == g.action && strings.HasSuffix(g.resource, e.on)
			})
			if found >= 0 {
				excused[excuses[found]] = true
			} else if !r.used[g] {
				unused = append(unused, fmt.Sprintf("%s may %s on %s, which nothing calls and no excuse explains", g.role, g.action, g.resource))
			}
		}
	}
	for _, e := range excuses {
		if !excused[e] {
			unused = append(unused, fmt.Sprintf("the excuse for %s, %s on %q excuses no grant", e.role, e.action, e.on))
		}
	}
	slices.Sort(unused)
	return unused
}
