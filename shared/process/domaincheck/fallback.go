package domaincheck

import (
	"context"
	"errors"

	"beian/shared/rules/domainfacts"
)

// A Fallback asks First, and Then about the domains that First does not manage. Then may be nil.
type Fallback struct{ First, Then Registrations }

// Registration implements Registrations.
func (f Fallback) Registration(ctx context.Context, q domainfacts.Query) (domainfacts.Facts, error) {
	facts, err := f.First.Registration(ctx, q)
	if f.Then != nil && errors.Is(err, domainfacts.ErrNotManaged) {
		return f.Then.Registration(ctx, q)
	}
	return facts, err
}
