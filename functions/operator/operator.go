// Package operator is the function behind the HTTP API for operators: the inventory of servers and service codes, the exchange
// with the bureau, and the erasure of personal data.
//
//	lambda.Start(operator.New(config).Handle)
//
// Of the functions behind the HTTP API, only this one has keys of the bureau.
package operator

import (
	"context"

	"beian/shared/process/exchange"
	"beian/shared/process/inventory"
	"beian/shared/rules/codes"
	"beian/shared/web"
)

// Config has the dependencies of the function. Handling requests requires all fields.
type Config struct {
	web.Config
	Store  Store
	Bureau *exchange.Operator
}

// A Store reads and writes the inventory. Package dynamo implements it.
type Store interface {
	inventory.Store
	// CodeTables returns the code tables in force. They may be stale by a few seconds.
	CodeTables(ctx context.Context) (codes.Tables, error)
	PutServer(ctx context.Context, s inventory.Server) error
	PutServiceCode(ctx context.Context, c inventory.ServiceCode) error
}

// operations has the handlers, and registers them.
type operations struct {
	*web.API
	config Config
}

// New returns the API with all its operations.
func New(config Config) *web.API {
	a := operations{web.New(config.Config), config}
	a.registerInventory()
	a.registerBureau()
	a.registerCodeTables()
	a.registerErasure()
	return a.API
}
