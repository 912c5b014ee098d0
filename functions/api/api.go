// Package api is the function behind the HTTP API for applicants: orders and their steps. It also serves what needs no token: the
// reference data, the OpenAPI document at /openapi.json, and a page to try the API at /docs. Packages reviewer and operator have
// the operations of staff.
//
//	lambda.Start(api.New(config).Handle)
//
// Staff read orders here too (GET /orders/{id}, its summary, evidence and timeline), because each route has one function:
// applicants see their own orders, administrators see all, and reviewers those that they have claimed. Each read of staff is stored in the
// order's audit, which its owner can list. The process has no key of the bureau.
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
	"beian/shared/rules/codes"
	"beian/shared/rules/gbk"
	"beian/shared/web"
)

// Config has the dependencies of the function. Handling requests requires all fields.
type Config struct {
	web.Config
	Store    Store
	Uploads  *bucket.Bucket
	Objects  envelope.Objects // accepted evidence
	Liveness provider.Provider
	// Characters are those that the bureau can read.
	Characters gbk.Repertoire
	// Draw returns a random SMS code of six digits.
	Draw func() string
	// NewID returns the id of a new order: a ULID.
	NewID func() string
}

// A Store reads what the function needs besides orders. Package dynamo implements it.
type Store interface {
	inventory.Store
	// ListByAccount lists an account's orders, most recently moved first.
	ListByAccount(ctx context.Context, account filing.Account, cursor string, limit int) (decide.Page, error)
	// CodeTables returns the code tables in force. They may be stale by a few seconds.
	CodeTables(ctx context.Context) (codes.Tables, error)
	// Ledger returns the entries of an order, oldest first.
	Ledger(ctx context.Context, id filing.ID) ([]filing.Entry, error)
	// Reads lists what staff read of an order, newest first.
	Reads(ctx context.Context, id filing.ID, cursor string, limit int) (reads []filing.StaffRead, next string, err error)
	// VerifiedBefore reports whether an account has verified an address by a code, for an order of the last months.
	VerifiedBefore(ctx context.Context, account filing.Account, address filing.Contact) (bool, error)
	// SubjectKey returns the look-up key of a subject's certificate: a keyed hash.
	SubjectKey(ctx context.Context, kind certificate.Kind, number string) (string, error)
	// LeaderMatches returns the open and the filed orders of other subjects that have a value of the order's leaders, at most limit for
	// each value.
	LeaderMatches(ctx context.Context, o filing.Order, limit int) ([]filing.LeaderMatch, error)
}

// operations has one method for each group of operations, which registers them, and one for each longer handler.
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
	a.registerContacts()
	a.registerApplications()
	a.registerPapers()
	a.registerChallenges()
	a.registerConfirmations()
	a.registerClosings()
	a.registerStaffReads()
	a.registerReference()
	a.registerDocs()
	return a.API
}

// PublicRoutes returns the route keys that require no token, such as "ANY /api/v1/provinces/{code}": the operations without
// a role, the OpenAPI document, the page to try the API, and "/", which redirects to that page.
func PublicRoutes() []string {
	keys := append(New(Config{}).PublicRoutes(),
		"ANY /", "ANY "+web.Prefix+"/docs", "ANY "+web.Prefix+"/docs/{file}", "ANY "+web.Prefix+"/openapi.json")
	slices.Sort(keys)
	return keys
}
