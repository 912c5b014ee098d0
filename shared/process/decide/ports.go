package decide

import (
	"cmp"
	"context"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/coaching"
	"beian/shared/process/event"
	"beian/shared/rules/codes"
	"beian/shared/rules/evidence"
	"beian/shared/rules/finding"
	"beian/shared/rules/province"
)

// A Store keeps orders and their outbox. Package dynamo implements it.
type Store interface {
	// Order returns an order. The error is a fault of kind NotFound if there is none.
	Order(ctx context.Context, id filing.ID) (filing.Order, error)
	// OrderState returns an order without Private. It does not need the order's data key.
	OrderState(ctx context.Context, id filing.ID) (filing.Order, error)
	// OrderSealed is Order for a decision that leaves Private: of that, it has only the findings, without their texts.
	OrderSealed(ctx context.Context, id filing.ID) (filing.Order, error)
	// CheckRepeated returns a *RepeatedError if the request was carried out before, and a fault of kind Invalid if its key was
	// used for another request. It returns nil for the zero Request.
	CheckRepeated(ctx context.Context, r Request) error
	// Commit writes a change in one transaction and returns its outbox entries. It fails with kind Stale if the order has
	// another version or a concurrent transaction writes the same items, Conflict if another order has a lock, filing slot or service code, and *RepeatedError like CheckRepeated.
	Commit(ctx context.Context, c filing.Change, r Request) ([]OutboxEntry, error)
	// CodeTables returns the code tables in force. They may be stale by a few seconds.
	CodeTables(ctx context.Context) (codes.Tables, error)
	// FilingOf returns the filing in the register of the subject with a look-up key; the zero Filing if none stands.
	FilingOf(ctx context.Context, subjectKey string) (register.Filing, error)
	// ConsentOf returns the newest consent that an account was given for a filing, also one that has ended; the zero Consent if there is none.
	ConsentOf(ctx context.Context, account register.Account, f register.ID) (register.Consent, error)
	// AddReads adds entries to the audits of their orders.
	AddReads(ctx context.Context, reads ...filing.StaffRead) error
	// CountFindings counts in a month that a request was refused for findings.
	CountFindings(ctx context.Context, m coaching.Month, codes ...finding.Code) error
	// AddEntry stores a derived entry that was not delivered, so that the sweeper delivers it.
	AddEntry(ctx context.Context, e OutboxEntry) error
	// DeleteEntry deletes a delivered outbox entry. A missing entry is no error.
	DeleteEntry(ctx context.Context, id string) error
	// SaveTaskToken stores the task that waits for an order, and replaces an earlier one.
	SaveTaskToken(ctx context.Context, id filing.ID, t WaitingTask) error
	// WaitingTask returns the task that waits for an order; the zero WaitingTask if there is none.
	WaitingTask(ctx context.Context, id filing.ID) (WaitingTask, error)
}

// A Machine runs the executions of the filing workflow. Package stepfunctions implements it.
type Machine interface {
	// Start starts the execution of an order's round. A second start of the same round has no effect.
	Start(ctx context.Context, in Input) error
	// CompleteTask sends the outcome for a task token. The error is [ErrTaskEnded] if the task has ended or timed out, or if there is none.
	CompleteTask(ctx context.Context, token string, outcome filing.Outcome) error
}

// A Request is a caller's Idempotency-Key with the hash of the request that carried it. The zero value is none.
type Request struct {
	Account filing.Account
	Key     string
	Hash    string // SHA-256 of method, path and body, hex
}

// A RepeatedError reports that the request was carried out before. Failure is its result, nil for success.
type RepeatedError struct {
	Order   filing.ID   // that it was about, "" for a claim or a transfer of a filing, and for a consent
	Filing  register.ID // that a claim or a transfer was about, "" for the request of a claim, which looks no filing up
	Consent string      // id of the consent that it was about, "" for other requests
	Failure *filing.Failure
}

func (e *RepeatedError) Error() string { return "the request was carried out before" }

// A WaitingTask is a task of an execution that waits for an order to leave a step.
type WaitingTask struct {
	Step      filing.Step
	StepVisit int
	Token     string // the task token; it allows its holder to resume the execution
	// Definition is that of the execution; see [Input].
	Definition int
	Round      int // that of the execution; 0 in a row of an earlier version of Beian
}

// An EntryKind is the kind of effect of an outbox entry.
type EntryKind string

const (
	StartExecution  EntryKind = "start"  // start the execution of the order's round
	ResumeExecution EntryKind = "resume" // complete the task that waits for the order
	SendNotice      EntryKind = "notice" // send a notice
	UploadRecord    EntryKind = "upload" // send the order's record, or the answer to a task, to the bureau in the next file
	EraseOrder      EntryKind = "erase"  // delete the order's data key and evidence
	DropEvidence    EntryKind = "drop"   // delete the objects of a document that the order no longer has
	// SendRegisterNotice sends a message about a filing, its claim, transfer or consents.
	SendRegisterNotice EntryKind = "register"
	// EndOrders records in the orders of a filing that the bureau has cancelled it.
	EndOrders EntryKind = "end"
	// ApplyVerdict lets a reviewer's verdict take effect that could be taken back until then.
	ApplyVerdict EntryKind = "verdict"
	// SendEvents sends events to the endpoints that subscribed to them.
	SendEvents EntryKind = "event"
	DeadLetter EntryKind = "dead" // an entry that can never be delivered; the operator sees it
)

// An OutboxEntry is an effect of a decision, which is delivered at least once. It contains ids only.
type OutboxEntry struct {
	ID     string        `json:"id"` // kind#ulid: sort key in the table, and idempotency key of the effect
	Kind   EntryKind     `json:"kind"`
	Order  filing.ID     `json:"order"`
	Round  int           `json:"round"`
	Step   string        `json:"step"` // the state at which the execution starts
	Notice filing.Notice `json:"notice,omitzero"`
	Upload evidence.Key  `json:"upload,omitempty"` // of DropEvidence
	// Register is the message of SendRegisterNotice. Such an entry has no order.
	Register register.Notice `json:"register,omitzero"`
	// Filing is the filing of EndOrders. Such an entry has no order.
	Filing register.ID `json:"filing,omitempty"`
	// Events are the events of SendEvents. Such an entry has no order.
	Events []event.Event `json:"events,omitempty"`
	// Task is the bureau's task whose answer UploadRecord sends. Such an entry has no order.
	Task string `json:"task,omitempty"`
	// Verdict is the number of the ledger entry that recorded the verdict of ApplyVerdict.
	Verdict int       `json:"verdict,omitempty"`
	At      time.Time `json:"at"` // wall clock
	// NotBefore is when the entry can be delivered, by the wall clock; the zero time is at once.
	NotBefore time.Time `json:"notBefore,omitzero"`
	// Derived says that the entry was not stored with its decision, because package late finds from the order that its execution has not followed.
	Derived bool `json:"-"`
	// Failure is the code of the error for which a dead letter was not delivered, such as InvalidParameter; "" if the error has none.
	Failure string `json:"failure,omitempty"`
}

// Subject names what the entry is about. Entries about the same are delivered in their sequence.
func (e OutboxEntry) Subject() string {
	return cmp.Or(string(e.Order), string(e.Register.Filing), string(e.Filing), e.Task, e.ID)
}

// A Lease is the result of leasing an outbox entry.
type Lease struct {
	Acquired bool // the caller has leased the entry
	Gone     bool // the entry was delivered, or moved to the dead letters
	Sent     int  // number of recipients to which earlier attempts sent the message
	Retry    bool // an earlier attempt failed
}

// A Page is a part of a list of orders. Next is the cursor of the following part, "" at the end.
//
// The orders come from an index and have only the fields that lists need: Private, Product, Evidence, Challenges, LivenessPassed,
// Confirmation, Review, Bureau and Duties are empty.
type Page struct {
	Orders []filing.Order
	Next   string
}

// A QueueQuery says which orders of a reviewers' queue to list.
type QueueQuery struct {
	Step     filing.Step
	Province province.Code           // "" is all
	Before   time.Time               // only orders that reached the step before; the zero time is all
	Match    func(filing.Order) bool // nil matches all. It gets orders as of a [Page]
	Cursor   string
	Limit    int // maximum number of orders of a page
	Read     int // maximum number of orders to examine for it
}
