package domainfacts

import (
	"context"
	"errors"

	"beian/shared/rules/domainfacts"
)

// A Fallback asks the registrar system of the provider first, and the public directory about domains of other registrars.
type Fallback struct {
	Client *Client
	RDAP   *RDAP
}

// Registration implements domaincheck.Registrations.
func (f Fallback) Registration(ctx context.Context, q domainfacts.Query) (domainfacts.Facts, error) {
	facts, err := f.Client.Registration(ctx, q)
	if errors.Is(err, ErrNotManaged) {
		return f.RDAP.Registration(ctx, q)
	}
	return facts, err
}
