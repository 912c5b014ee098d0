package filing

import (
	"errors"
	"slices"
	"time"

	"beian/shared/filing/register"
	"beian/shared/rules/contact"
	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/workday"
)

// A Role determines what a caller may do.
type Role string

const (
	Applicant Role = "applicant"
	Reviewer  Role = "reviewer"
	Admin     Role = "admin"
	System    Role = "system" // Beian itself, or the bureau
)

// An Actor is the account that decided, and its role.
type Actor struct {
	Account Account `json:"account"`
	Role    Role    `json:"role"`
	// Consent is the consent by which an agency acts, and For the filing, or the order of a first filing, for whose subject; "" for others.
	Consent string      `json:"consent,omitempty"`
	For     register.ID `json:"for,omitempty"`

	// Name is how colleagues recognise a member of staff. Mobile and Email are those of the login; see [Order.IsOwn]. The ledger has none of them.
	Name   string         `json:"-"`
	Mobile contact.Mobile `json:"-"`
	Email  contact.Email  `json:"-"`
	// Affiliation has the organisations of a member of staff; nil for none. The ledger has none of it.
	Affiliation *Affiliation `json:"-"`
}

// An Affiliation lists the accounts and subjects of the organisations that a member of staff belongs to. Their orders are the person's own; see
// [Order.IsOwn].
type Affiliation struct {
	Accounts    []Account
	SubjectKeys []string // keyed hashes of certificate numbers, as [Order.SubjectKey]
}

// covers reports whether an order belongs to an account of the affiliation, or concerns a subject of it.
func (a *Affiliation) covers(o Order) bool {
	return a != nil && (slices.Contains(a.Accounts, o.Account) || o.SubjectKey != "" && slices.Contains(a.SubjectKeys, o.SubjectKey))
}

// IsAffiliated reports whether an account or a subject is the actor's own, or of their organisations.
func (a Actor) IsAffiliated(account Account, subjectKey string) bool {
	return account != "" && account == a.Account || a.Affiliation.covers(Order{Account: account, SubjectKey: subjectKey})
}

// Staff reports whether the actor works for the provider.
func (a Actor) Staff() bool { return a.Role == Reviewer || a.Role == Admin }

// Beian is the actor of the system's own decisions.
var Beian = Actor{Account: "beian", Role: System}

// TheBureau is the actor of results that arrive over the ministry's interface.
var TheBureau = Actor{Account: "bureau", Role: System}

// A Decision is one action on an order. The decisions of one step of the filing share a file.
type Decision interface {
	// Name is the decision's kind in the ledger and the timeline.
	Name() string
	// apply applies the decision to c.Order. The error is a fault, or ErrNothingToDo.
	apply(c *Change, by Actor, at time.Time) error
}

// ErrNothingToDo is returned by Apply for a decision that was made before.
var ErrNothingToDo = errors.New("nothing to do: the decision was made before")

// A Change is the result of a decision. The store writes all of it in one transaction.
type Change struct {
	Order Order
	Entry Entry
	// AcquireLocks and ReleaseLocks are locks. The store refuses the change if another order holds one of AcquireLocks.
	AcquireLocks, ReleaseLocks []Lock
	// ReserveSlot and ReleaseSlot name servers of the provider on which a filing slot is reserved or released.
	ReserveSlot, ReleaseSlot *Product
	// Notices are the messages to send, in this order.
	Notices []Notice
	// StartExecution starts a new execution of the workflow: a new round, or the closing of an order without an execution.
	StartExecution bool
	// ResumeExecution completes the task of the execution that waits for the order.
	ResumeExecution bool
	// QueueUpload queues the order's record for upload to the bureau.
	QueueUpload bool
	// ExpectReplies lists the mobiles from which a reply by SMS is expected from now on.
	ExpectReplies []contact.Mobile
	// RememberContact has the address that the applicant just verified. Later orders of the account need no code for it.
	RememberContact Contact
	// IndexLeaders replaces what the index of leaders has of the order by its [Order.LeaderValues].
	IndexLeaders bool
	// FirstLeaders says that the index has nothing of the order before: it has no leaders, and a decision that removed the last took the order out of the index.
	FirstLeaders bool
	// Reopens says that the change opens a closed order again. If another order has one of AcquireLocks, the store's finding says so.
	Reopens bool
	// Follows is the order of a plan after which the change opens the next: its plan must not have ended. "" if there is none.
	Follows ID
	// Unopened is the order of a plan that must not have opened, because the change ends the plan before it. "" if there is none.
	Unopened ID
	// Tasks are the tasks of the operator that the change opens or closes.
	Tasks []Task
	// Register is the change of the register; nil if there is none.
	Register *register.Change
	// Reads is what the decision relied on in the register; nil if on nothing. The store refuses the change if the register has something else now.
	Reads *FilingRead
	// Consent is the id of a consent that must not have been revoked; "" if none is needed besides that of the actor.
	Consent string
	// ApplyVerdictAfter is the time after which [ApplyVerdict] is to be decided about Order.Waiting; 0 if none was recorded.
	ApplyVerdictAfter time.Duration
	// Pair has the two verdicts of an order that was just read a second time; nil for others.
	Pair *ReadingPair
	// Verdict is what is counted of a verdict on the application; nil for other decisions.
	Verdict *VerdictFigures
	// Visits are the visits of the order's steps, which are counted in the year of the change.
	Visits []Visit
	// Flow is what is counted of the change; nil if nothing is.
	Flow *Flow
	// Failure is set for a decision that is recorded although it failed.
	Failure *Failure
	// PrivateUnread says that the order was read and changed without Private, which the store does not write.
	PrivateUnread bool
	// ErasePersonalData deletes the order's data key and evidence.
	ErasePersonalData bool
	// DropEvidence lists the uploads of documents that the order no longer has. Their objects are deleted.
	DropEvidence []evidence.Key

	facts map[string]string

	// applied is the decision that a verdict led to, and appliedBy its reviewer. The ledger has them instead of the decision and the actor.
	applied   Decision
	appliedBy Actor
}

// A Failure is the result of a decision that is recorded although it failed, such as a wrong SMS code, which is counted.
type Failure struct {
	Kind     fault.Kind    `json:"kind"`
	Findings finding.List  `json:"findings"`
	Message  finding.Words `json:"message,omitzero"` // the default if both texts are ""
}

// Error returns the text of the fault.
func (f *Failure) Error() string { return f.Unwrap().Error() }

// Unwrap returns the fault for the caller.
func (f *Failure) Unwrap() error {
	found := fault.WithFindings(f.Kind, f.Findings)
	if f.Message != (finding.Words{}) {
		found.Message = f.Message
	}
	return found
}

// A FilingRead is the filing of a subject that a decision read in the register.
type FilingRead struct {
	SubjectKey string
	ID         register.ID // "" if none stood
	Version    int
	// Opens says that the decision opens an order at the filing. The caller has read the filing for it, so that it is not read again.
	Opens bool
}

// relyOn makes the change one that the store refuses if the register has another version of the filing, or of a subject without one, a filing.
func (c *Change) relyOn(f register.Filing) {
	c.Reads = &FilingRead{SubjectKey: c.Order.SubjectKey, ID: f.ID, Version: f.Version}
}

// ReadsConsent reports whether a decision about the order reads the agency's consent, so that Apply needs [Order.Consent].
func (o Order) ReadsConsent(d Decision) bool {
	_, uploads := d.(QueueUpload)
	return uploads && o.AgentFor != "" && o.Kind().Cancels != ""
}

// A Lock ensures that a subject or a domain has at most one submitted order or, with an Account, at most one open order of this account.
type Lock struct {
	Kind    LockKind
	Key     string
	Account Account // "" for the submitted orders of all accounts
}

// A LockKind says what a lock protects.
type LockKind string

const (
	SubjectLock LockKind = "subject" // icp-filing 9.2 #35
	DomainLock  LockKind = "domain"
)

// A Notice is a message to send. It names no recipient: the sender reads the recipient from the order.
type Notice struct {
	Kind NoticeKind `json:"kind"`
	// Code is the index of the SMS code for NoticeSMSCode and NoticeSMSReminder, and its Seq for NoticeContactCode.
	Code int `json:"code,omitempty"`
	// Channel is the channel to verify, for NoticeContactCode.
	Channel Channel `json:"channel,omitempty"`
	// Site is the index of the site of the appointment, for NoticeAppointmentSet and NoticeAppointmentResult.
	Site int `json:"site,omitempty"`
	// Former is the index of the contact that was changed, for NoticeContactChanged.
	Former int `json:"former,omitempty"`
	// RulesFrom and RulesTo are the days whose rules differ, for NoticeRulesChanged. With RulesPack, the version of a pack, RulesFrom is the
	// day of the order's last check, under that pack.
	RulesFrom workday.Date `json:"rulesFrom,omitempty"`
	RulesTo   workday.Date `json:"rulesTo,omitempty"`
	RulesPack string       `json:"rulesPack,omitempty"`
}

// An Entry is one line of the order's ledger: who decided what and when. It contains the hash of the entry before it; see
// [VerifyLedger].
type Entry struct {
	Order    ID                `json:"order"`
	Seq      int               `json:"seq"`
	At       time.Time         `json:"at"`
	By       Actor             `json:"by"`
	Decision string            `json:"decision"`
	Status   Status            `json:"status"` // after the decision
	Step     Step              `json:"step"`
	Round    int               `json:"round"`
	Facts    map[string]string `json:"facts,omitempty"` // no personal data
	Previous string            `json:"previous"`
	Hash     string            `json:"hash"`

	// MAC is the store's HMAC of the hash. The store sets MACValid on reading if MAC is correct.
	MAC      string `json:"mac,omitempty"`
	MACValid bool   `json:"-"`
}

// Sum returns the hash of the entry: SHA-256 over its JSON without hash and MAC, in hex.
func (e Entry) Sum() string {
	e.Hash, e.MAC = "", ""
	return register.Sum(e)
}

// Apply returns the change that decision d makes to order o. It does not modify o.
//
// The error is a fault of kind Forbidden if staff decide on an order of their own, of kind Conflict if d is not possible at the order's step, of kind Invalid with all findings if d itself
// is wrong, and [ErrNothingToDo] if d was made before. A decision that is recorded although it failed has [Change.Failure].
func (o Order) Apply(d Decision, by Actor, at time.Time) (Change, error) {
	at = at.UTC().Truncate(time.Millisecond)
	c := Change{Order: o.clone(), PrivateUnread: LeavesPrivate(d)}
	if err := o.checkNotOwn(by); err != nil {
		return Change{}, err
	}
	if err := o.CheckNotErased(); err != nil && !o.mayDecideErased(d) {
		return Change{}, err
	}
	if err := d.apply(&c, by, at); err != nil {
		return Change{}, c.Order.FitFault(err)
	}
	if c.applied != nil {
		d, by = c.applied, c.appliedBy
	}
	if !c.PrivateUnread { // nothing has changed that these depend on
		c.dropVerdicts(by, at)
		c.dropLiveness()
		c.IndexLeaders = c.IndexLeaders || len(c.Order.LeaderValues()) == 0 && len(o.LeaderValues()) > 0 // see FirstLeaders
		c.reviseAppointments(by, at)
		c.dropEvidence(droppedEvidence(o, c.Order))
		c.Order.Private.Findings = c.Order.FitWords(c.Order.Private.Findings.Limited(0))
	}
	if c.Failure != nil {
		c.Failure.Findings = c.Order.FitWords(c.Failure.Findings.Limited(0))
	}
	if by.Role == Applicant {
		c.Order.ActiveAt, c.Order.LastReminder = at, 0
	}
	c.recordVerdict(d, at)
	c.recordRisks(o)
	c.recordFlow(o)
	c.addEntry(d, by, at)
	return c, nil
}

// ChecksCodes reports whether a decision checks codes, so that Apply needs [Order.Codes].
func ChecksCodes(d Decision) bool {
	switch d.(type) {
	case CorrectType, ChooseProduct, EnterDetails, EnterReason, Confirm, Pass, AnnounceRules, RecordVerdict, ApplyVerdict, DecideByOne:
		return true
	}
	return false
}

// LeavesPrivate reports whether a decision neither reads nor changes the personal data of an order, so that Apply needs no [Order.Private] but the findings
// without their texts.
func LeavesPrivate(d Decision) bool {
	switch d.(type) {
	case AnnounceResult, SetDuties:
		return true
	}
	return false
}

// ReadsRegister reports whether a decision reads the register, so that Apply needs [Order.Register].
func ReadsRegister(d Decision) bool {
	switch d.(type) {
	case DetermineType, Confirm, QueueUpload, Approve, RecordApproval, Agree, EndFiling, Erase:
		return true
	}
	return false
}

// addEntry increments the order's version and creates the ledger entry.
func (c *Change) addEntry(d Decision, by Actor, at time.Time) {
	o := &c.Order
	o.Version++
	c.Entry = Entry{
		Order: o.ID, Seq: o.LastSeq + 1, At: at, By: Actor{Account: by.Account, Role: by.Role, Consent: by.Consent, For: by.For}, Decision: d.Name(), Status: o.Status, Step: o.Step, Round: o.Round,
		Facts: c.facts, Previous: o.LastHash,
	}
	c.Entry.Hash = c.Entry.Sum()
	o.LastSeq, o.LastHash = c.Entry.Seq, c.Entry.Hash
}

// setFact adds a value to the ledger entry. It must not be personal data.
func (c *Change) setFact(name, value string) {
	if c.facts == nil {
		c.facts = map[string]string{}
	}
	c.facts[name] = value
}

func (c *Change) addNotices(kinds ...NoticeKind) {
	for _, k := range kinds {
		c.Notices = append(c.Notices, Notice{Kind: k})
	}
}

// noticeInterval is the minimum interval between two notices of the same kind that an applicant causes without anybody at the provider. Who
// acts again so soon still sees the order's page. Our own rule.
const noticeInterval = 10 * time.Minute

// notifyOnce adds a notice of a kind that the applicant alone can cause again and again, at most once per noticeInterval. A decision of a
// reviewer ends the interval.
func (c *Change) notifyOnce(kind NoticeKind, at time.Time) {
	o := &c.Order
	if last, sent := o.Notified[kind]; sent && at.Sub(last) < noticeInterval {
		return
	}
	if o.Notified == nil {
		o.Notified = map[NoticeKind]time.Time{}
	}
	o.Notified[kind] = at
	c.addNotices(kind)
}

// enterStep moves the order to a step and sets the status of that step.
func (c *Change) enterStep(step Step, at time.Time) {
	o := &c.Order
	o.Step, o.MovedAt, o.LastReminder, o.SMSSendAt = step, at, 0, time.Time{}
	o.StepVisit++
	c.lockWhileSubmitted()
	if status, ok := statusOfStep[step]; ok {
		o.Status = status
	}
	c.ResumeExecution = true
}

// advance moves the order to the earliest step at which the applicant still has to act, else to the initial review. A returned
// order keeps the status RETURNED until it is submitted again.
func (c *Change) advance(at time.Time) {
	o := &c.Order
	next := o.nextRequiredStep(at)
	if next == o.Step {
		return
	}
	returned := o.Status == Returned && next.IsApplicantStep()
	c.enterStep(next, at)
	if returned {
		o.Status = Returned
	}
}

// nextRequiredStep returns the earliest step at which the applicant still has to act; InitialReview if there is none.
func (o Order) nextRequiredStep(at time.Time) Step {
	switch {
	case o.Type == "":
		return VerifyType
	case o.asksProduct() && o.Product == nil:
		return VerifyProduct
	case o.Kind().AsksDetails() && !o.DetailsComplete:
		return CollectDetails
	case o.MissingEvidence(at).Blocking():
		return CollectEvidence
	}
	for _, i := range o.SitesForLiveness() {
		if !o.hasPassedLiveness(i) {
			return VerifyAuthenticity
		}
	}
	if o.Confirmation == nil {
		return AwaitConfirmation
	}
	return InitialReview
}

// asksProduct reports whether the applicant chooses a server or service code.
func (o Order) asksProduct() bool {
	access := o.Kind().Access
	return access == Asked || access == Editable && len(o.NewAccess) > 0
}

// CodeStepOutOfOrder says that the decision is not possible at the order's step.
const CodeStepOutOfOrder finding.Code = "step-out-of-order"

func errOutOfOrder() *fault.Fault {
	return fault.WithFindings(fault.Conflict, finding.List{finding.New(CodeStepOutOfOrder, "")})
}

// blockingFault returns the fault for findings if any of them blocks.
func blockingFault(found finding.List) error {
	if found.Blocking() {
		return fault.WithFindings(fault.Invalid, found)
	}
	return nil
}

// checkOpenAt returns a fault of kind Conflict unless the order is open and at one of the steps.
func (o Order) checkOpenAt(steps ...Step) error {
	if o.Closing == "" && !o.Status.Final() {
		for _, s := range steps {
			if o.Step == s {
				return nil
			}
		}
	}
	return errOutOfOrder()
}
