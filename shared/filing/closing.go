package filing

import (
	"strings"
	"time"
)

// AskToClose requests that the state machine closes the order: withdrawal, abandonment, or expiry after [IdleDays]. Rejection
// is [Reject].
type AskToClose struct{ As Closing }

func (a AskToClose) Name() string { return "ask-" + strings.ToLower(string(a.As)) }

func (a AskToClose) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	if o.Closing == a.As {
		return ErrNothingToDo
	}
	refusedByBureau := o.Closing == "" && o.Step == Done && o.Status == BureauRejected
	fits := false
	switch a.As {
	case ClosingWithdraw:
		fits = o.checkOpenAt(InitialReview, MailDocuments, VerifySMS) == nil
	case ClosingAbandon:
		fits = refusedByBureau || o.checkOpenAt(Steps...) == nil && o.Step.IsApplicantStep()
	case ClosingExpire:
		fits = o.Idle(at) >= IdleDays // the applicant may have acted meanwhile
	}
	if !fits {
		return errOutOfOrder(*o)
	}
	o.Closing, o.MovedAt = a.As, at
	if refusedByBureau {
		o.Round++ // the execution of the round has ended, so the closing starts another
		c.Start = true
		return nil
	}
	c.Resume = true
	return nil
}

// Close closes the order as requested, frees its locks and filing slot, and notifies the applicant.
type Close struct{}

func (Close) Name() string { return "close" }

func (Close) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	if o.Status.Final() {
		return ErrNothingToDo
	}
	ends := map[Closing]struct {
		status Status
		notice NoticeKind
	}{
		ClosingWithdraw: {Withdrawn, NoticeWithdrawn},
		ClosingAbandon:  {Abandoned, NoticeAbandoned},
		ClosingExpire:   {Expired, NoticeExpired},
		ClosingReject:   {InitialRejected, NoticeInitialReject},
	}
	end, ok := ends[o.Closing]
	if !ok {
		return errOutOfOrder(*o)
	}
	c.close(o.Closing, end.status, at)
	c.notify(end.notice)
	return nil
}

// close ends the order, and frees its locks and filing slot.
func (c *Change) close(as Closing, status Status, at time.Time) {
	o := &c.Order
	o.Closing, o.Status, o.Step, o.MovedAt, o.Claim = as, status, Done, at, nil
	c.Free = o.locks()
	c.Release = o.Product
	c.setFact("closing", string(as))
}

// locks returns all locks of an open order.
func (o Order) locks() []Lock {
	all := []Lock{{SubjectLock, o.SubjectKey}}
	for _, d := range o.Domains {
		all = append(all, Lock{DomainLock, string(d)})
	}
	return all
}

// IdleDays is the number of idle days after which an order expires (icp-filing 3.6).
const IdleDays = 45

// ReminderDays are the days of idleness on which the applicant is reminded (icp-filing 3.6).
var ReminderDays = []int{7, 15, 30}

// Idle returns the whole days for which the order has waited for the applicant; 0 if it waits for someone else.
func (o Order) Idle(at time.Time) int {
	waitsForApplicant := o.Step.IsApplicantStep() || o.Step == MailDocuments || o.Status == BureauRejected
	if !waitsForApplicant || o.Closing != "" || o.Status.Final() {
		return 0
	}
	since := o.ActiveAt
	if o.MovedAt.After(since) {
		since = o.MovedAt
	}
	return int(at.Sub(since) / (24 * time.Hour))
}

// Remind reminds the applicant of an idle order.
type Remind struct{}

func (Remind) Name() string { return "remind" }

func (Remind) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	due := 0
	for _, day := range ReminderDays {
		if o.Idle(at) >= day {
			due = day
		}
	}
	if due <= o.Reminded {
		return ErrNothingToDo
	}
	o.Reminded = due
	c.notify(NoticeIdle)
	return nil
}

// Timeout handles the timeout of a waiting state of the machine. An order that waits for an idle applicant expires, an
// unanswered SMS check returns to the initial review, and a late bureau is marked overdue.
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
	case o.Idle(late) >= IdleDays:
		o.Closing, o.MovedAt = ClosingExpire, at
		c.Resume = true
	default:
		return ErrNothingToDo
	}
	return nil
}
