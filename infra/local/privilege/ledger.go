package privilege

import (
	"fmt"
	"maps"
	"slices"
	"sync"

	"beian/infra/local/awsrequest"
	"beian/infra/local/iam"
)

// A Ledger holds calls against roles while they come in. Make it with [Open].
type Ledger struct {
	roles Roles

	mu        sync.Mutex
	used      map[grant]bool
	forbidden map[string]bool // calls that no policy allows, told
}

// A grant is one action on one resource that a function's role allows, as the policy writes it.
type grant struct{ function, action, resource string }

func (g grant) String() string { return g.function + " may " + g.action + " on " + g.resource }

// Open begins a ledger.
func Open(roles Roles) *Ledger {
	return &Ledger{roles: roles, used: map[grant]bool{}, forbidden: map[string]bool{}}
}

// Note notes a call. It may be called at the same time from several sides.
func (l *Ledger) Note(c awsrequest.Call) {
	request := asDeployed(c)
	l.mu.Lock()
	defer l.mu.Unlock()
	if !iam.Allowed(l.roles[c.By], request) {
		l.forbidden[fmt.Sprintf("%s calls %s on %s, which its role does not allow", c.By, request.Action, request.Resource)] = true
		return
	}
	for _, policy := range l.roles[c.By] {
		for _, s := range policy.Statement {
			for _, one := range grants(s) {
				if one.Fits(request) {
					l.used[named(c.By, one)] = true
				}
			}
		}
	}
}

// grants takes a statement apart: one action and one resource each.
func grants(s iam.Statement) []iam.Statement {
	var all []iam.Statement
	for _, action := range s.Action {
		if len(s.NotResource) > 0 {
			one := s
			one.Action = []string{action}
			all = append(all, one)
		}
		for _, resource := range s.Resource {
			one := s
			one.Action, one.Resource = []string{action}, []string{resource}
			all = append(all, one)
		}
	}
	return all
}

func named(function string, one iam.Statement) grant {
	if len(one.NotResource) > 0 {
		return grant{function, one.Action[0], "all but " + one.NotResource[0]}
	}
	return grant{function, one.Action[0], one.Resource[0]}
}

// Forbidden are the calls that came and are not allowed.
func (l *Ledger) Forbidden() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Sorted(maps.Keys(l.forbidden))
}

// Unused are the grants that nobody used and no reason explains, and the reasons that are about no grant any more.
func (l *Ledger) Unused() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var told []string
	needed := map[string]bool{}
	for _, function := range slices.Sorted(maps.Keys(l.roles)) {
		for _, policy := range l.roles[function] {
			for _, s := range policy.Statement {
				for _, one := range grants(s) {
					g := named(function, one)
					why := reasonFor(g)
					needed[why] = true
					if !l.used[g] && why == "" {
						told = append(told, g.String()+", which nothing here calls and no reason explains")
					}
				}
			}
		}
	}
	for _, r := range reasons {
		if !needed[r.why] {
			told = append(told, "no role has what this reason is about: "+r.why)
		}
	}
	return told
}
