// Package reviewer is the function behind the HTTP API for the initial review: the queue, claims, verdicts, originals, views of
// papers, and the ledger of an order, which operators read too. A reviewer reads personal data and papers only of an order that they have
// claimed, and never reviews an order of their own.
//
//	lambda.Start(reviewer.New(config).Handle)
//
// The function has no key of the bureau and is not permitted to create orders.
package reviewer

import (
	"context"

	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/process/envelope"
	"beian/shared/web"
)

// Config has the dependencies of the function. Handling requests requires all fields.
type Config struct {
	web.Config
	Store   Store
	Objects envelope.Objects // accepted evidence
}

// A Store reads what the function needs besides orders. Package dynamo implements it.
type Store interface {
	// ListOpen lists the open orders at a step, the longest there first.
	ListOpen(ctx context.Context, step filing.Step, cursor string, limit int) (decide.Page, error)
	// Ledger returns the entries of an order, oldest first.
	Ledger(ctx context.Context, id filing.ID) ([]filing.Entry, error)
}

// operations has the handlers, and registers them.
type operations struct {
	*web.API
	config Config
}

// New returns the API with all its operations.
func New(config Config) *web.API {
	a := operations{web.New(config.Config), config}
	a.registerReviews()
	return a.API
}
