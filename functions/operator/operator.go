// Package operator is the part of the HTTP API for operators: the inventory of servers and service codes, and the exchange
// with the bureau.
//
// [New] returns the handler. Of the functions behind the HTTP API, this one alone holds keys of the bureau.
package operator

import (
	"beian/shared/process/exchange"
	"beian/shared/web"
)

// Config is what the function works with. All fields are required to answer requests.
type Config struct {
	web.Config
	Bureau *exchange.Operator
}

// operations declares the operations and carries them out.
type operations struct {
	*web.API
	config Config
}

// New returns the API with all its operations.
func New(config Config) *web.API {
	a := operations{web.New(config.Config), config}
	a.inventory()
	a.bureau()
	return a.API
}
