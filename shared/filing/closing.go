package filing

import (
	"strings"
	"time"
)

// AskToClose requests that the state machine closes the order: withdrawal, abandonment, or expiry after [MaxIdleDays]. For a
// rejection use [Reject].
type AskToClose struct{ As Closing }

func (a AskToClose) Name() string { return "ask-" + strings.ToLower(string(a.As)) }

func (a AskToClose) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	if o.Closing == a.As {
		return ErrNothingToDo
	}
	refusedByBureau := o.Closing == "" && o.Step == Done && o.Status == BureauRejected
	allowed := false
	switch a.As {
	case ClosingWithdraw:
		allowed = o.checkOpenAt(InitialReview, MailDocuments, VerifySMS) == nil
	case ClosingAbandon:
		allowed = refusedByBureau || o.checkOpenAt(Steps...) == nil && o.Step.IsApplicantStep()
	case ClosingExpire:
		allowed = o.DaysIdle(at) >= MaxIdleDays // the applicant may have acted since
	}
	if !allowed {
		return errOutOfOrder()
	}
	o.Closing, o.MovedAt = a.As, at
	if refusedByBureau {
		o.Round++ // the execution of the round has ended, so the closing starts another
		c.StartExecution = true
		return nil
	}
	c.ResumeExecution = true
	return nil
}

// Close closes the order as requested, frees its locks and filing slot, and notifies the applicant.
type Close struct{}

func (Close) Name() string { return "close" }

func (Close) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	if o.Status.Final() || o.Closing == "" && o.Appeal != nil { // or the order was closed before, and is open again
		return ErrNothingToDo
	}
	results := map[Closing]struct {
		status Status
		notice NoticeKind
	}{
		ClosingWithdraw: {Withdrawn, NoticeWithdrawn},
		ClosingAbandon:  {Abandoned, NoticeAbandoned},
		ClosingExpire:   {Expired, NoticeExpired},
		ClosingReject:   {InitialRejected, NoticeInitialReject},
	}
	result, ok := results[o.Closing]
	if !ok {
		return errOutOfOrder()
	}
	c.closeOrder(o.Closing, result.status, at)
	c.addNotices(result.notice)
	c.endPlan(PlanClosed)
	return nil
}

// closeOrder ends the order, frees its locks and filing slot, and removes it from the index of leaders.
func (c *Change) closeOrder(as Closing, status Status, at time.Time) {
	o := &c.Order
	o.Closing, o.Status, o.Step, o.MovedAt, o.Claim = as, status, Done, at, nil
	c.ReleaseLocks = o.heldLocks()
	c.ReleaseSlot, c.IndexLeaders = o.reserved(), true
	c.setFact("closing", string(as))
}

// MaxIdleDays is the number of idle days after which an order expires (icp-filing 3.6).
const MaxIdleDays = 45

// ReminderDays are the idle days after which the applicant is reminded (icp-filing 3.6).
var ReminderDays = []int{7, 15, 30}

// DaysIdle returns for how many whole days the order has waited for the applicant. It returns 0 if the order does not wait for the
// applicant.
func (o Order) DaysIdle(at time.Time) int {
	since := o.waitsSince()
	if since.IsZero() {
		return 0
	}
	return int(at.Sub(since) / (24 * time.Hour))
}

// ExpiresAt returns when the order expires unless its applicant does something; the zero time if it does not wait for the applicant.
func (o Order) ExpiresAt() time.Time {
	since := o.waitsSince()
	if since.IsZero() {
		return since
	}
	return since.AddDate(0, 0, MaxIdleDays)
}

// waitsSince returns since when the order has waited for the applicant; the zero time if it does not.
func (o Order) waitsSince() time.Time {
	waitsForApplicant := o.Step.IsApplicantStep() || o.Step == MailDocuments || o.Status == BureauRejected
	if !waitsForApplicant || o.Closing != "" || o.Status.Final() {
		return time.Time{}
	}
	return latest(o.MovedAt, o.ActiveAt)
}

// Until returns the time until which the order waits at its step: for the answers to the SMS codes, for the bureau, or for the applicant, without whom it
// expires. It returns the zero time for other orders.
func (o Order) Until() time.Time {
	switch {
	case o.Closing != "" || o.Status.Final():
		return time.Time{}
	case o.Step == VerifySMS && o.SMS != nil:
		return o.SMS.ExpiresAt
	case o.Step == AwaitBureau && o.Bureau != nil:
		return o.Bureau.Deadline
	}
	return o.ExpiresAt()
}

// Remind reminds the applicant of an idle order.
type Remind struct{}

func (Remind) Name() string { return "remind" }

func (Remind) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	due := 0
	for _, day := range ReminderDays {
		if o.DaysIdle(at) >= day {
			due = day
		}
	}
	if due <= o.LastReminder {
		return ErrNothingToDo
	}
	o.LastReminder = due
	c.addNotices(NoticeIdle)
	return nil
}

// Timeout handles the timeout of a waiting state of the machine. An order whose applicant was idle for [MaxIdleDays] expires, an
// unanswered SMS check returns to the initial review, and a bureau past its deadline is marked overdue.
type Timeout struct{}

func (Timeout) Name() string { return "timeout" }

// timerSlack allows for the difference between the machine's timer and the order's time.
const timerSlack = time.Minute

func (Timeout) apply(c *Change, by Actor, at time.Time) error {
	o := &c.Order
	late := at.Add(timerSlack)
	switch {
	case o.Closing != "" || o.Status.Final():
		return ErrNothingToDo
	case o.Step == VerifySMS && o.SMS != nil && late.After(o.SMS.ExpiresAt):
		c.failSMS(CodeSMSExpired, at)
	case o.Step == AwaitBureau && !o.Bureau.Overdue && !o.Bureau.Deadline.IsZero() && late.After(o.Bureau.Deadline):
		o.Bureau.Overdue = true
	case o.DaysIdle(late) >= MaxIdleDays:
		o.Closing, o.MovedAt = ClosingExpire, at
		c.ResumeExecution = true
	default:
		return ErrNothingToDo
	}
	return nil
}
