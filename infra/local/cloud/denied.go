package cloud

import (
	"slices"
	"sync"

	"beian/infra/local/iam"
)

// refusals are what was asked for and refused because no policy allows it.
type refusals struct {
	mu  sync.Mutex
	all []string
}

// Denied lists what was refused so far because no policy allows it, in IAM's words: who, which action, which resource.
func (a *Account) Denied() []string {
	a.refused.mu.Lock()
	defer a.refused.mu.Unlock()
	return slices.Clone(a.refused.all)
}

// deny refuses what somebody asks for.
func (a *Account) deny(who string, asked iam.Request) error {
	err := refuse("AccessDenied", "User: %s is not authorized to perform: %s on resource: %s", who, asked.Action, asked.Resource)
	a.refused.mu.Lock()
	defer a.refused.mu.Unlock()
	a.refused.all = append(a.refused.all, who+" "+asked.Action+" "+asked.Resource)
	return err
}
