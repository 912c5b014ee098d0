// Package api is the part of the HTTP API that applicants use, and everything that needs no token: orders and their steps,
// the reference data, the OpenAPI document at openapi.json and a page to try it at docs. Reviewers' operations are in
// package reviewer, operators' in package operator; their paths are routed there.
//
// [New] returns the handler. The process holds no key of the bureau. Staff read orders here too (GET /orders/{id}, its summary,
// evidence and timeline), because a route has one function: applicants see their own orders, staff see all.
package api

import (
	"context"
	_ "embed"
	"slices"

	"beian/shared/aws/bucket"
	"beian/shared/filing"
	provider "beian/shared/partners/liveness"
	"beian/shared/process/decide"
	"beian/shared/process/envelope"
	"beian/shared/process/inventory"
	"beian/shared/rules/certificate"
	"beian/shared/web"
)

// Config is what the function works with. All fields are required to answer requests.
type Config struct {
	web.Config
	Store    Store
	Uploads  *bucket.Bucket
	Objects  envelope.Objects // accepted evidence
	Liveness provider.Provider
	// Draw returns a random SMS code of six digits.
	Draw func() string
	// NewID returns the id of a new order: a ULID.
	NewID func() string
}

// A Store is what the function reads besides orders. Package dynamo implements it.
type Store interface {
	inventory.Store
	// ListByAccount lists an account's orders, most recently moved first.
	ListByAccount(ctx context.Context, account filing.Account, cursor string, limit int) (decide.Page, error)
	// Ledger returns the entries of an order, oldest first.
	Ledger(ctx context.Context, id filing.ID) ([]filing.Entry, error)
	// SubjectKey returns the look-up key of a subject's certificate: a keyed hash.
	SubjectKey(ctx context.Context, kind certificate.Kind, number string) (string, error)
}

// operations declares the operations and carries them out.
type operations struct {
	*web.API
	config Config
}

//go:embed openapi.json
var openAPI []byte

// New returns the API with all its operations.
func New(config Config) *web.API {
	a := operations{web.New(config.Config), config}
	a.registerOrders()
	a.registerApplications()
	a.registerPapers()
	a.registerChallenges()
	a.registerConfirmations()
	a.registerClosings()
	a.registerReference()
	a.registerDocs()
	return a.API
}

// PublicRoutes returns the route keys that require no token, such as "ANY /api/v1/provinces/{code}": the operations without
// a role, the OpenAPI document, the page to try it, and "/", which leads to that page.
func PublicRoutes() []string {
	keys := append(New(Config{}).PublicRoutes(),
		"ANY /", "ANY "+web.Prefix+"/docs", "ANY "+web.Prefix+"/docs/{file}", "ANY "+web.Prefix+"/openapi.json")
	slices.Sort(keys)
	return keys
}
