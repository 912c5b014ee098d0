package filing

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"time"

	"beian/shared/rules/contact"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// A Role is what somebody may do.
type Role string

const (
	Applicant Role = "applicant"
	Reviewer  Role = "reviewer"
	Admin     Role = "admin"
	System    Role = "system" // Beian itself, or the bureau through it
)

// An Actor is who decided.
type Actor struct {
	Account Account `json:"account"`
	Role    Role    `json:"role"`
}

// Beian is the actor of what the system decides by itself.
var Beian = Actor{Account: "beian", Role: System}

// TheBureau is the actor of what arrives over the ministry's interface.
var TheBureau = Actor{Account: "bureau", Role: System}

// A Decision is one thing that somebody did to an order. Each kind has a file of its own.
type Decision interface {
	// Name is the decision's kind in the ledger and the timeline.
	Name() string
	// apply makes the decision on c.Order or refuses with a fault.
	apply(c *Change, by Actor, at time.Time) error
}

// ErrNothingToDo is returned by Apply for a decision that was made before: the effect is there already.
var ErrNothingToDo = errors.New("nothing to do: the decision was made before")

// A Change is what a decision makes of an order. The store writes all of it in one transaction, or nothing.
type Change struct {
	Order Order
	Entry Entry
	// Take and Free are locks; a lock that another order holds refuses the change.
	Take, Free []Lock
	// Reserve and Release are filing slots on servers of the provider.
	Reserve, Release *Product
	// Notices go to people, in this order.
	Notices []Notice
	// Start asks for a new execution of the workflow: a new round, or the closing of an order that has none.
	Start bool
	// Resume tells the waiting execution that the order has moved.
	Resume bool
	// Upload puts the order into the bureau's queue.
	Upload bool
	// Replies are the mobiles from which an answer by SMS is expected from now on.
	Replies []contact.Mobile
	// Filed records subject and sites among those filed with us.
	Filed bool
	// Failure is set if the decision is recorded although it failed.
	Failure *Failure

	facts map[string]string
}

// A Failure is the result of a decision that is recorded although it failed, such as a wrong SMS code, which is counted.
type Failure struct {
	Kind     fault.Kind   `json:"kind"`
	Findings finding.List `json:"findings"`
}

// Error returns the text of the fault.
func (f *Failure) Error() string { return f.Unwrap().Error() }

// Unwrap returns the fault for the caller.
func (f *Failure) Unwrap() error { return fault.Found(f.Kind, f.Findings) }

// A Lock is the right to be the only open order of something.
type Lock struct {
	Kind LockKind
	Key  string
}

// LockKind says what a lock is about.
type LockKind string

const (
	SubjectLock LockKind = "subject" // one open order for each subject (icp-filing 9.2 #35)
	DomainLock  LockKind = "domain"  // and for each domain
)

// A Notice is a message to send. It names no one: whoever sends it finds the recipient in the order.
type Notice struct {
	Kind NoticeKind `json:"kind"`
	// Code is the index of the SMS code to send, for NoticeSMSCode.
	Code int `json:"code,omitempty"`
}

// An Entry is one line of the order's ledger: who decided what and when. Each holds the hash of the one before, so that
// none can be changed or taken away unnoticed.
type Entry struct {
	Order    ID                `json:"order"`
	Seq      int               `json:"seq"`
	At       time.Time         `json:"at"`
	By       Actor             `json:"by"`
	Decision string            `json:"decision"`
	Status   Status            `json:"status"` // after the decision
	Step     Step              `json:"step"`
	Round    int               `json:"round"`
	Facts    map[string]string `json:"facts,omitempty"` // never personal
	Previous string            `json:"previous"`
	Hash     string            `json:"hash"`
}

// Sum returns the hash that the entry has to have: SHA-256 over its JSON with an empty hash, in hex.
func (e Entry) Sum() string {
	e.Hash = ""
	text, err := json.Marshal(e)
	if err != nil {
		panic(err) // strings, numbers and times always marshal
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// Apply returns what the decision d makes of the order o, which stays as it is.
//
// It returns a fault of kind Conflict when d does not fit where the order stands, of kind Invalid with every finding
// when d itself is wrong, and ErrNothingToDo when d was made before.
func (o Order) Apply(d Decision, by Actor, at time.Time) (Change, error) {
	at = at.UTC().Truncate(time.Millisecond)
	c := Change{Order: o.clone()}
	if err := d.apply(&c, by, at); err != nil {
		return Change{}, err
	}
	if by.Role == Applicant {
		c.Order.ActiveAt, c.Order.Reminded = at, 0
	}
	c.seal(d, by, at)
	return c, nil
}

// seal counts the version and writes the ledger entry.
func (c *Change) seal(d Decision, by Actor, at time.Time) {
	o := &c.Order
	o.Version++
	c.Entry = Entry{
		Order: o.ID, Seq: o.LastSeq + 1, At: at, By: by, Decision: d.Name(), Status: o.Status, Step: o.Step, Round: o.Round,
		Facts: c.facts, Previous: o.LastHash,
	}
	c.Entry.Hash = c.Entry.Sum()
	o.LastSeq, o.LastHash = c.Entry.Seq, c.Entry.Hash
}

// fact writes something into the ledger entry. The value is never personal.
func (c *Change) fact(name, value string) {
	if c.facts == nil {
		c.facts = map[string]string{}
	}
	c.facts[name] = value
}

// notify adds a notice.
func (c *Change) notify(kinds ...NoticeKind) {
	for _, k := range kinds {
		c.Notices = append(c.Notices, Notice{Kind: k})
	}
}

// enter brings the order to a step, with the status of waiting there.
func (c *Change) enter(step Step, at time.Time) {
	o := &c.Order
	o.Step, o.MovedAt, o.Reminded = step, at, 0
	o.StepVisit++
	if status, ok := waiting[step]; ok {
		o.Status = status
	}
	c.Resume = true
}

// advance brings the order to the earliest step that still wants something from the applicant, or to the reviewer.
// An order that was returned keeps saying so until it is submitted again.
func (c *Change) advance(at time.Time) {
	o := &c.Order
	next := o.nextRequiredStep(at)
	if next == o.Step {
		return
	}
	returned := o.Status == Returned && next.IsApplicantStep()
	c.enter(next, at)
	if returned {
		o.Status = Returned
	}
}

// CodeStepOutOfOrder says that the order is not where the decision needs it.
const CodeStepOutOfOrder finding.Code = "step-out-of-order"

// outOfOrder is the fault for a decision that does not fit where the order stands.
func outOfOrder(o Order) *fault.Fault {
	return fault.Found(fault.Conflict, finding.List{finding.New(CodeStepOutOfOrder, "", "step", string(o.Step), "status", string(o.Status))})
}

// refused is the fault for findings, when any of them blocks.
func refused(found finding.List) error {
	if found.Blocking() {
		return fault.Found(fault.Invalid, found)
	}
	return nil
}

// openTo checks that the order is open and at one of the steps.
func (o Order) openTo(steps ...Step) error {
	if o.Closing == "" && !o.Status.Final() {
		for _, s := range steps {
			if o.Step == s {
				return nil
			}
		}
	}
	return outOfOrder(o)
}
