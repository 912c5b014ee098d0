// Package reviewer is the function behind the HTTP API for the initial review: the queues, claims, verdicts, appeals, appointments, originals, views of
// papers, the ledger of an order and the register of what is filed, which operators read too. A reviewer reads personal data and papers only of an order that they have
// claimed, and never reviews an order of their own.
//
//	lambda.Start(reviewer.New(config).Handle)
//
// The function has no key of the bureau and is not permitted to create orders.
package reviewer

import (
	"context"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/coaching"
	"beian/shared/process/decide"
	"beian/shared/process/envelope"
	"beian/shared/process/figures"
	"beian/shared/process/notify"
	"beian/shared/rules/domainname"
	"beian/shared/rules/number"
	"beian/shared/rules/person"
	"beian/shared/web"
)

// Config has the dependencies of the function. Handling requests requires all fields.
type Config struct {
	web.Config
	Store   Store
	Objects envelope.Objects // accepted evidence
	// SecondReadings says which orders another reviewer reads before a verdict takes effect; the zero value is none.
	SecondReadings filing.SecondReadings
	// Promise is within how many working days the provider reviews an application; 0 is filing.DefaultReviewPromise.
	Promise filing.ReviewPromise
	// Sender is what messages say about the provider, for previews.
	Sender notify.Sender
}

// A Store reads what the function needs besides orders. Package dynamo implements it.
type Store interface {
	// ListQueue lists the open orders at a step that match, those that reached it first first.
	ListQueue(ctx context.Context, q decide.QueueQuery) (decide.Page, error)
	// Counts returns the newest counts of open orders; the zero Counts before the first.
	Counts(ctx context.Context) (figures.Counts, error)
	// ListByAccount lists an account's orders, most recently moved first.
	ListByAccount(ctx context.Context, account filing.Account, cursor string, limit int) (decide.Page, error)
	coaching.Store
	// ListAppeals lists the orders with an appeal to decide, oldest appeal first.
	ListAppeals(ctx context.Context, cursor string, limit int) (decide.Page, error)
	// ListAppointments lists the open tasks about appointments, those of the oldest order first.
	ListAppointments(ctx context.Context, cursor string, limit int) (tasks []filing.Task, next string, err error)
	// Filing returns a filing of the register, or a fault of kind NotFound.
	Filing(ctx context.Context, id register.ID) (register.Filing, error)
	// FilingVersions returns the ledger of a filing, oldest first.
	FilingVersions(ctx context.Context, id register.ID) ([]register.Entry, error)
	// ListFilings lists the filings that stand for the account "", most recently changed first, without personal data.
	ListFilings(ctx context.Context, account register.Account, cursor string, limit int) (found []register.Filing, next string, err error)
	// ListRetainedFilings lists the filings that are cancelled and not erased.
	ListRetainedFilings(ctx context.Context, cursor string, limit int) (found []register.Filing, next string, err error)
	// FilingByNumber, FilingsByDomain and FilingsByName find filings. The first returns the zero Filing if there is none, the others at most limit.
	FilingByNumber(ctx context.Context, n number.Subject) (register.Filing, error)
	FilingsByDomain(ctx context.Context, d domainname.Domain, limit int) ([]register.Filing, error)
	FilingsByName(ctx context.Context, name person.Name, limit int) ([]register.Filing, error)
	// ListConsents lists the consents of all agencies for the account "", the one that was requested last first.
	ListConsents(ctx context.Context, account register.Account, cursor string, limit int) ([]register.Consent, string, error)
	// Consent returns a consent; the zero Consent if there is none.
	Consent(ctx context.Context, id string) (register.Consent, error)
	web.ConsentWriter
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
	a.registerQueue()
	a.registerReviews()
	a.registerAppeals()
	a.registerAppointments()
	a.registerFilings()
	a.registerConsents()
	a.registerCalls()
	a.registerReasons()
	a.registerPreview()
	a.registerCoaching()
	return a.API
}
