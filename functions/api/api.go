// Package api is the function behind the HTTP API for applicants: orders and their steps. It also serves what needs no token: the
// reference data. Packages reviewer and operator have the operations of staff, and package apidocs the description of all of them.
//
//	lambda.Start(api.New(config).Handle)
//
// Staff read orders here too (GET /orders/{id}, its summary, evidence and timeline), because each route has one function:
// applicants see their own orders, administrators see all, and reviewers those that they have claimed. Each read of staff is stored in the
// order's audit, which its owner can list. The process has no key of the bureau.
package api

import (
	"context"
	"time"

	"golang.org/x/sync/semaphore"

	"beian/shared/aws/bucket"
	"beian/shared/filing"
	"beian/shared/filing/register"
	provider "beian/shared/partners/liveness"
	"beian/shared/process/agency"
	"beian/shared/process/decide"
	"beian/shared/process/duties"
	"beian/shared/process/envelope"
	"beian/shared/process/facts"
	"beian/shared/process/inventory"
	"beian/shared/process/limits"
	"beian/shared/process/sitewatch"
	"beian/shared/rules/certificate"
	"beian/shared/rules/codes"
	"beian/shared/rules/contact"
	"beian/shared/rules/gbk"
	"beian/shared/rules/number"
	"beian/shared/rules/picture"
	"beian/shared/rules/province"
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
	// Hours are the hours at which leaders get SMS.
	Hours filing.SendingHours
	// Draw returns a random SMS code of six digits.
	Draw func() string
	// OnlyAccess is the provider's setting for the cancellation of a site's only access; "" is filing.WarnOnlyAccess.
	OnlyAccess filing.OnlyAccess
	// Duties records what filings owe.
	Duties *duties.Service
	// NewID returns the id of a new order: a ULID.
	NewID func() string
}

// A Store reads what the function needs besides orders. Package dynamo implements it.
type Store interface {
	inventory.Store
	// ListByAccount lists an account's orders, most recently moved first.
	ListByAccount(ctx context.Context, account filing.Account, cursor string, limit int) (decide.Page, error)
	// Filing returns a filing of the register, or a fault of kind NotFound.
	Filing(ctx context.Context, id register.ID) (register.Filing, error)
	// ListFilings lists an account's filings, most recently changed first, without personal data.
	ListFilings(ctx context.Context, account register.Account, cursor string, limit int) (found []register.Filing, next string, err error)
	// Watches returns the watched websites of a filing, by host.
	Watches(ctx context.Context, id register.ID) ([]sitewatch.Watch, error)
	// FilingVersions returns the ledger of a filing, oldest first.
	FilingVersions(ctx context.Context, id register.ID) ([]register.Entry, error)
	// FilingReads lists what staff read of a filing, newest first.
	FilingReads(ctx context.Context, id register.ID, cursor string, limit int) (reads []filing.StaffRead, next string, err error)
	// OpenOrderOf returns the open order of an account for a subject; "" if there is none.
	OpenOrderOf(ctx context.Context, account filing.Account, subjectKey string) (filing.ID, error)
	// StandingFilings returns the filings of an account that stand.
	StandingFilings(ctx context.Context, account register.Account) ([]register.Filing, error)
	// SubmittedForAnother reports whether an account, not as an agency, has submitted an order for another subject than the one with a key.
	SubmittedForAnother(ctx context.Context, account register.Account, subjectKey string) (bool, error)
	// FilingByNumber returns the filing with a subject's number; the zero Filing if there is none.
	FilingByNumber(ctx context.Context, n number.Subject) (register.Filing, error)
	// Claim returns the account's newest claim; the zero Claim if it has none.
	Claim(ctx context.Context, account register.Account) (register.Claim, error)
	// CommitClaim stores the next version of a claim, with the version of a filing that it makes, the request with its failure, and notices. The
	// error is a *decide.RepeatedError if the request was carried out before.
	CommitClaim(ctx context.Context, c register.Claim, change *register.Change, request decide.Request, failure *filing.Failure, notices ...register.Notice) error
	// Transfer returns the newest transfer of a filing, and TransferByCode that of a code; the zero Transfer if there is none.
	Transfer(ctx context.Context, id register.ID) (register.Transfer, error)
	TransferByCode(ctx context.Context, codeKey string) (register.Transfer, error)
	// ListTakenTransfers lists the transfers that an account took and that are open at a time. A page may have fewer than limit.
	ListTakenTransfers(ctx context.Context, account register.Account, at time.Time, cursor string, limit int) (taken []register.Transfer, next string, err error)
	// TransferCode returns the code of a transfer that a request with a key makes: the same for each repetition.
	TransferCode(ctx context.Context, id, requestKey string) (string, error)
	// TransferCodeKey returns the keyed hash of a transfer's code.
	TransferCodeKey(ctx context.Context, code string) (string, error)
	// CommitTransfer stores the next version of a transfer, with the version of the filing that it makes, the request, and notices. The error is a
	// *decide.RepeatedError if the request was carried out before.
	CommitTransfer(ctx context.Context, f register.Filing, before, after register.Transfer, change *register.Change, request decide.Request, notices ...register.Notice) error
	ConsentStore
	// StateInquiry returns a question how far an order is; the zero value if there is none with the id. CommitStateInquiry stores its next version.
	StateInquiry(ctx context.Context, id string) (register.StateInquiry, error)
	CommitStateInquiry(ctx context.Context, i register.StateInquiry, notices ...register.Notice) error
	// Durations returns how long the steps of applications in a province lasted, in a year and the one before.
	Durations(ctx context.Context, p province.Code, year int) ([]filing.Durations, error)
	// DetailsDraft returns what the applicant has typed of an order's details; the zero value if there is nothing.
	DetailsDraft(ctx context.Context, id filing.ID) (filing.DetailsDraft, error)
	PutDetailsDraft(ctx context.Context, id filing.ID, d filing.DetailsDraft) error
	// DomainRegistration looks up a domain. If it is not filed through us, it returns the zero DomainRegistration.
	DomainRegistration(ctx context.Context, d filing.Domain) (facts.DomainRegistration, error)
	// FilingOf returns the filing of a subject; the zero Filing if none stands.
	FilingOf(ctx context.Context, subjectKey string) (register.Filing, error)
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

// A ConsentStore reads and writes the consents of agencies. Package dynamo implements it.
type ConsentStore interface {
	agency.Store
	// Consent and Revocation return the zero value if there is none with the id.
	Consent(ctx context.Context, id string) (register.Consent, error)
	Revocation(ctx context.Context, id string) (register.ConsentRevocation, error)
	// ListConsents lists the consents of an account, the one that was requested last first.
	ListConsents(ctx context.Context, account register.Account, cursor string, limit int) ([]register.Consent, string, error)
	// ConsentsOfFiling returns the newest consent of each account for a filing, and ConsentsOfLeader those that the holder of a mobile gave.
	ConsentsOfFiling(ctx context.Context, f register.ID) ([]register.Consent, error)
	ConsentsOfLeader(ctx context.Context, leaderKey string) ([]register.Consent, error)
	// ConsentLeaderKey returns the keyed hash of a leader's mobile.
	ConsentLeaderKey(ctx context.Context, mobile contact.Mobile) (string, error)
	// RequesterKey returns the keyed hash of the network address that a request came from.
	RequesterKey(ctx context.Context, address limits.Key) (string, error)
	web.ConsentWriter
	// PutAgencyContact stores the contact of an account that is given a consent, for messages about its end.
	PutAgencyContact(ctx context.Context, account register.Account, p register.Party) error
	// CommitRevocation stores the next version of a revocation with the consents that it ends, and notices.
	CommitRevocation(ctx context.Context, r register.ConsentRevocation, ended []register.Consent, notices ...register.Notice) error
}

// operations has one method for each group of operations, which registers them, and one for each longer handler.
type operations struct {
	*web.API
	config Config
	// pictures limits the pixels that the process decodes at a time: to those of the largest picture, which takes up to 1 GB.
	pictures *semaphore.Weighted
}

// New returns the API with all its operations.
func New(config Config) *web.API {
	a := operations{API: web.New(config.Config), config: config, pictures: semaphore.NewWeighted(picture.MaxPixels)}
	a.registerOrders()
	a.registerFilings()
	a.registerUpkeep()
	a.registerReminderLinks()
	a.registerClaims()
	a.registerTransfers()
	a.registerConsents()
	a.registerRevocations()
	a.registerCancellations()
	a.registerChanges()
	a.registerPlans()
	a.registerAcceptedPlans()
	a.registerContacts()
	a.registerApplications()
	a.registerDrafts()
	a.registerPapers()
	a.registerChallenges()
	a.registerAppointments()
	a.registerConfirmations()
	a.registerSMSChecks()
	a.registerClosings()
	a.registerAppeals()
	a.registerStaffReads()
	a.registerReference()
	a.registerEvents()
	a.registerDurations()
	a.registerNeeds()
	a.registerLookups()
	a.registerStates()
	return a.API
}

// PublicRoutes returns the route keys that require no token, such as "ANY /api/v1/provinces/{code}": the operations without a role.
func PublicRoutes() []string { return New(Config{}).PublicRoutes() }
