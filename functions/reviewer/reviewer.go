// Package reviewer is the part of the HTTP API for the initial review: the queue, claims, verdicts, originals, views of
// papers, and the ledger of an order, which operators read too.
//
// [New] returns the handler. The function holds no key of the bureau and cannot open orders.
package reviewer

import (
	"context"

	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/process/envelope"
	"beian/shared/web"
)

// Config is what the function works with. All fields are required to answer requests.
type Config struct {
	web.Config
	Store   Store
	Objects envelope.Objects // accepted evidence
}

// A Store is what the function reads besides orders. Package dynamo implements it.
type Store interface {
	// ListOpen lists the open orders at a step, the longest there first.
	ListOpen(ctx context.Context, step filing.Step, cursor string, limit int) (decide.Page, error)
	// Ledger returns the entries of an order, oldest first.
	Ledger(ctx context.Context, id filing.ID) ([]filing.Entry, error)
}

// operations declares the operations and carries them out.
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
