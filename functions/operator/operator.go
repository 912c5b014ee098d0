// Package operator is the part of the HTTP API for operators: the inventory of servers and service codes, the exchange with
// the bureau, and the erasure of personal data.
//
// [New] returns the handler. Of the functions behind the HTTP API, this one alone holds keys of the bureau.
package operator

import (
	"context"

	"beian/shared/filing"
	"beian/shared/process/exchange"
	"beian/shared/process/inventory"
	"beian/shared/web"
)

// Config is what the function works with. All fields are required to answer requests.
type Config struct {
	web.Config
	Store  Store
	Bureau *exchange.Operator
	// Retention is how long personal data are kept.
	Retention filing.Retention
}

// A Store keeps the inventory. Package dynamo implements it.
type Store interface {
	inventory.Store
	PutServer(ctx context.Context, s inventory.Server) error
	PutServiceCode(ctx context.Context, c inventory.ServiceCode) error
}

// operations declares the operations and carries them out.
type operations struct {
	*web.API
	config Config
}

// New returns the API with all its operations.
func New(config Config) *web.API {
	a := operations{web.New(config.Config), config}
	a.registerInventory()
	a.registerBureau()
	a.registerErasure()
	return a.API
}
