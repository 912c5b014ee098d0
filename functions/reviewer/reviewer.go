// Package reviewer is the part of the HTTP API for the initial review: the queue, claims, verdicts, originals, views of
// papers, and the ledger of an order, which operators read too.
//
// [New] returns the handler. The function holds no key of the bureau and cannot open orders.
package reviewer

import (
	"beian/shared/aws/bucket"
	"beian/shared/web"
)

// Config is what the function works with. All fields are required to answer requests.
type Config struct {
	web.Config
	Bucket *bucket.Bucket
}

// operations declares the operations and carries them out.
type operations struct {
	*web.API
	config Config
}

// New returns the API with all its operations.
func New(config Config) *web.API {
	a := operations{web.New(config.Config), config}
	a.reviews()
	return a.API
}
