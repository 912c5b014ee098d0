// Package operator is the function behind the HTTP API for operators: the inventory of servers and service codes, the exchange
// with the bureau, what is filed by hand, the erasure of personal data, tasks about appeals, the orders that a change of rules concerns,
// what is late or stuck and its repair, the watched websites, the endpoints of events, the import of what is filed already, the reconciliation of the register with the bureau, and the register of staff.
//
//	lambda.Start(operator.New(config).Handle)
//
// Of the functions behind the HTTP API, only this one and staff, which has its operations in process, have keys of the bureau.
package operator

import (
	"context"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/filing/upkeep"
	"beian/shared/process/agreement"
	"beian/shared/process/coaching"
	"beian/shared/process/decide"
	"beian/shared/process/duties"
	"beian/shared/process/envelope"
	"beian/shared/process/exchange"
	"beian/shared/process/figures"
	"beian/shared/process/importing"
	"beian/shared/process/inventory"
	"beian/shared/process/late"
	"beian/shared/process/sitewatch"
	"beian/shared/process/subscription"
	"beian/shared/rules/certificate"
	"beian/shared/rules/finding"
	"beian/shared/rules/pack"
	"beian/shared/rules/province"
	"beian/shared/rules/workday"
	"beian/shared/web"
)

// Config has the dependencies of the function. Handling requests requires all fields.
type Config struct {
	web.Config
	Store  Store
	Bureau *exchange.Operator
	// Rules loads the rules when an operation first needs them: loading runs all their cases, about a quarter of a second.
	Rules func() (pack.Pack, error)
	// Late finds and repairs what is late.
	Late *late.Finder
	// Objects is the accepted evidence, for orders that are filed by hand. Its encrypter has the key of histories.
	Objects envelope.Objects
	// Webhooks changes the endpoints of events.
	Webhooks subscription.Service
	// Duties records what filings owe.
	Duties *duties.Service
}

// A Store reads and writes the inventory and the register. Package dynamo implements it.
type Store interface {
	inventory.Store
	importing.Store
	WebhookStore
	coaching.Store
	// DailyCounts returns the last counts of each day from one to another, oldest first.
	DailyCounts(ctx context.Context, from, to workday.Date) ([]figures.Counts, error)
	// Days returns what happened on each day from one to another, oldest first.
	Days(ctx context.Context, from, to workday.Date) ([]figures.Day, error)
	// Durations returns how long the steps of applications in a province lasted, in a year and the one before.
	Durations(ctx context.Context, p province.Code, year int) ([]filing.Durations, error)
	// Found returns how many requests were refused for each finding, in the months from one to another.
	Found(ctx context.Context, from, to coaching.Month) (map[finding.Code]int, error)
	agreement.Store
	// Tasks lists the operator's open or closed tasks, those of the oldest order first.
	Tasks(ctx context.Context, closed bool, cursor string, limit int) (tasks []filing.Task, next string, err error)
	// ListOpen lists the open orders at a step, the longest there first.
	ListOpen(ctx context.Context, step filing.Step, cursor string, limit int) (decide.Page, error)
	// Ledger returns the entries of an order's ledger, oldest first.
	Ledger(ctx context.Context, id filing.ID) ([]filing.Entry, error)
	PutServer(ctx context.Context, s inventory.Server) error
	// Servers and ServiceCodes list the inventory; ServerOrders lists the orders that have a filing slot of a server.
	Servers(ctx context.Context, f inventory.ServerFilter, cursor string, limit int) (servers []inventory.Server, next string, err error)
	ServiceCodes(ctx context.Context, f inventory.CodeFilter, cursor string, limit int) (codes []inventory.ServiceCode, next string, err error)
	ServerOrders(ctx context.Context, server, cursor string, limit int) (orders []filing.ID, next string, err error)
	// SubjectKey returns the look-up key of a subject's certificate.
	SubjectKey(ctx context.Context, kind certificate.Kind, number string) (string, error)
	// ReadsBy lists what a member of staff read from a day to a day, newest first.
	ReadsBy(ctx context.Context, account filing.Account, from, to workday.Date, cursor string, limit int) (reads []filing.StaffRead, next string, err error)
	PutServiceCode(ctx context.Context, c inventory.ServiceCode) error
	// Reviews returns the annual reviews that operators entered; PutReviews stores the next version of them. Its error is a fault of kind Stale if that was stored before.
	Reviews(ctx context.Context) (upkeep.EnteredReviews, error)
	PutReviews(ctx context.Context, next upkeep.EnteredReviews) error
	// DueFilings lists the filings about which the system has something to do at a time, the earliest first.
	DueFilings(ctx context.Context, until time.Time, cursor string, limit int) (found []register.ID, next string, err error)
	// Filing returns a filing, or a fault of kind NotFound.
	Filing(ctx context.Context, id register.ID) (register.Filing, error)
	// Upkeep returns what is known of a filing beside the register.
	Upkeep(ctx context.Context, id register.ID) (upkeep.Upkeep, error)
	// Watches returns the watched websites of a filing, by host.
	Watches(ctx context.Context, id register.ID) ([]sitewatch.Watch, error)
	// WatchHistory returns the entries of a website's history, oldest first.
	WatchHistory(ctx context.Context, k sitewatch.Key) ([]sitewatch.Entry, error)
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
	a.registerInventoryLists()
	a.registerBureau()
	a.registerBureauTasks()
	a.registerCodeTables()
	a.registerErasure()
	a.registerTasks()
	a.registerRules()
	a.registerSheets()
	a.registerImports()
	a.registerReconciliation()
	a.registerLate()
	a.registerPeople()
	a.registerAgreement()
	a.registerCoaching()
	a.registerFigures()
	a.registerSiteWatch()
	a.registerWebhooks()
	a.registerDuties()
	a.registerReviews()
	return a.API
}
