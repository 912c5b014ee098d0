package exchange

import (
	"context"

	"beian/shared/bureau/document"
	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/decide"
	"beian/shared/rules/certificate"
	"beian/shared/rules/codes"
	"beian/shared/rules/fault"
	"beian/shared/rules/number"
)

// ErrLinkBusy is returned if another exchange holds the lease of the link, or has acquired it since.
var ErrLinkBusy = fault.New(fault.Conflict, "另一个管局交换任务正在进行。", "Another exchange is at work on this link.")

// A Store keeps the outbox and the data about files of the bureau. Package dynamo implements it.
type Store interface {
	Links
	Files
	Tasks
	// Outbox returns up to limit entries of a kind, oldest first; OutboxLength counts them up to limit.
	Outbox(ctx context.Context, kind decide.EntryKind, limit int) ([]decide.OutboxEntry, error)
	OutboxLength(ctx context.Context, kind decide.EntryKind, limit int) (int, error)
	DeleteEntry(ctx context.Context, id string) error
	// PutRecords stores the order and round of the names of a record, before it is sent to the bureau. Record looks up a name.
	PutRecords(ctx context.Context, r Record, names ...document.RecordName) error
	Record(ctx context.Context, name document.RecordName) (r Record, known bool, err error)
	// SubjectKey returns the look-up key of a subject's certificate: a keyed hash.
	SubjectKey(ctx context.Context, kind certificate.Kind, number string) (string, error)
	// CodeTables returns the code tables in force. They may be stale by a few seconds.
	CodeTables(ctx context.Context) (codes.Tables, error)
	// LatestCodeTables returns the code tables in force now. Read them to change them.
	LatestCodeTables(ctx context.Context) (codes.Tables, error)
	// PutCodeTables replaces the tables current by after, and stores what a file did to them. The error is a fault of kind Unavailable if
	// the tables in force are not current.
	PutCodeTables(ctx context.Context, current, after codes.Tables, f CodesFile) error
	// CodesFile returns what a file did to the tables; CodesFiles lists the newest files, at most limit.
	CodesFile(ctx context.Context, issued, file string) (f CodesFile, known bool, err error)
	CodesFiles(ctx context.Context, limit int) ([]CodesFile, error)
	Register
	Copies
	// SetBlacklisted adds an entry to the ministry's blacklist, or removes it.
	SetBlacklisted(ctx context.Context, e BlacklistEntry, listed bool) error
}

// Register keeps what is filed.
type Register interface {
	// FilingOf returns the filing of a subject by the look-up key of its certificate, and FilingByMinistryID that with a part of an id of the
	// ministry; the zero Filing if none stands.
	FilingOf(ctx context.Context, subjectKey string) (register.Filing, error)
	FilingByMinistryID(ctx context.Context, p register.Part, id string) (register.Filing, error)
	// FormerFiling returns the filing that had a part with an id of the ministry before the part ended, also a cancelled filing; the zero Filing if
	// none had.
	FormerFiling(ctx context.Context, p register.Part, id string) (register.Filing, error)
	// FilingByNumber returns the filing with a subject's number, also a cancelled one; the zero Filing if there is none.
	FilingByNumber(ctx context.Context, n number.Subject) (register.Filing, error)
	// Filing returns a filing, or a fault of kind NotFound.
	Filing(ctx context.Context, id register.ID) (register.Filing, error)
	// StandingFilingsByAge lists the filings that stand, the one that was changed longest ago first, without personal data.
	StandingFilingsByAge(ctx context.Context, cursor string, limit int) (found []register.Filing, next string, err error)
	// CommitFiling stores a new version. The error is a fault of kind Stale if another was stored first.
	CommitFiling(ctx context.Context, c register.Change) error
}

// Copies keeps the progress of full copies, and what differs between them and the register.
type Copies interface {
	// Copy returns the newest copy of a link; the zero Copy if none came yet. PutCopy replaces it.
	Copy(ctx context.Context, link string) (Copy, error)
	PutCopy(ctx context.Context, link string, c Copy) error
	// PutSeen stores which filings of the register are in a part of a file of a copy. Seen returns those of all its files.
	PutSeen(ctx context.Context, link, copyID, part string, filings []register.ID) error
	Seen(ctx context.Context, link, copyID string) ([]register.ID, error)
	// PutDifference stores a difference, in place of an earlier one with its number and site. Filed is stored encrypted.
	PutDifference(ctx context.Context, link, copyID string, d Difference) error
	DeleteDifference(ctx context.Context, link, copyID string, d Difference) error
	// Differences lists the open or the settled differences from a copy, in the order of their numbers, without Filed. The error is a fault of kind
	// Invalid for an unknown cursor.
	Differences(ctx context.Context, link, copyID string, settled bool, cursor string, limit int) (found []Difference, next string, err error)
	// OpenDifference returns the open difference about the filing with a subject's number, with Filed unless that is deleted. known is false if there
	// is none.
	OpenDifference(ctx context.Context, link, copyID, number string) (d Difference, known bool, err error)
}

// Links keeps the state and the lease of each link. One holder at a time has the lease; the calls of others fail with ErrLinkBusy.
type Links interface {
	// AcquireLink leases a link for a few minutes, or renews the lease, and returns the link's state.
	AcquireLink(ctx context.Context, link, holder string) (LinkState, error)
	// SaveLink writes the state and renews the lease.
	SaveLink(ctx context.Context, link, holder string, state LinkState) error
	// ReleaseLink writes the state and ends the lease. If another holder has acquired it, it changes nothing, and this is no error.
	ReleaseLink(ctx context.Context, link, holder string, state LinkState) error
	// Link returns the state without a lease.
	Link(ctx context.Context, link string) (LinkState, error)
}

// Files keeps the data about the files of a link. Their bytes are in [Exchange].Objects.
type Files interface {
	PutSent(ctx context.Context, link string, sent Sent) error
	Sent(ctx context.Context, link string, sequence int64) (sent Sent, known bool, err error)
	// SentFiles lists the files that the bureau accepted, the newest first; ReceivedFiles lists the downloads by name, the last name first.
	SentFiles(ctx context.Context, link, cursor string, limit int) (files []Sent, next string, err error)
	ReceivedFiles(ctx context.Context, link, cursor string, limit int) (files []Received, next string, err error)
	PutReceived(ctx context.Context, link string, file Received) error
	Received(ctx context.Context, link, id string) (file Received, known bool, err error)
	// ReceivedAs returns the newest file that has this name at the bureau.
	ReceivedAs(ctx context.Context, link, name string) (file Received, known bool, err error)
	// PoisonedFiles lists the files in state Poison, at most limit; ClearPoison removes a file from that list.
	PoisonedFiles(ctx context.Context, link string, limit int) ([]Received, error)
	ClearPoison(ctx context.Context, link, id string) error
	// PutIssue stores an issue for the operator. Storing it again changes nothing.
	PutIssue(ctx context.Context, link string, i Issue) error
	Issues(ctx context.Context, link string, limit int) ([]Issue, error)
	// ClearIssue removes an issue that is settled.
	ClearIssue(ctx context.Context, link, kind, file string) error
}

// A BlacklistEntry is a subject or domain on the ministry's blacklist (HMDLB).
type BlacklistEntry struct {
	Subject string        // look-up key; "" for a domain
	Domain  filing.Domain // in ASCII
	File    string        // id of the Received that names it
}
