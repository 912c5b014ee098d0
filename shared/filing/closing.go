package filing

import "time"

// AskClosing asks the machine to close the order: a withdrawal, an abandonment, or the end of an order that has been
// idle for [IdleDays]. Only a reviewer rejects, with [Reject].
type AskClosing struct{ As Closing }

func (a AskClosing) Name() string { return "ask-" + lower(string(a.As)) }

func (a AskClosing) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	if o.Closing == a.As {
		return ErrNothingToDo
	}
	refusedByBureau := o.Closing == "" && o.Step == Done && o.Status == BureauRejected
	fits := false
	switch a.As {
	case ClosingWithdraw:
		fits = o.openTo(InitialReview, MailDocuments, VerifySMS) == nil
	case ClosingAbandon:
		fits = refusedByBureau || o.openTo(Steps...) == nil && o.Step.IsApplicantStep()
	case ClosingExpire:
		fits = o.Idle(at) >= IdleDays // the applicant may have come back at the last moment
	}
	if !fits {
		return outOfOrder(*o)
	}
	o.Closing, o.MovedAt = a.As, at
	if refusedByBureau {
		o.Round++ // the round is over, so the closing takes an execution of its own
		c.Start = true
		return nil
	}
	c.Resume = true
	return nil
}

// Close ends the order as it was asked to be: locks and the filing slot become free, and the applicant is told.
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
		return outOfOrder(*o)
	}
	o.Status, o.Step, o.MovedAt, o.Claim = end.status, Done, at, nil
	c.Free = o.locks()
	c.Release = o.Product
	c.notify(end.notice)
	c.fact("closing", string(o.Closing))
	return nil
}

// locks are all that the order holds while it is open.
func (o Order) locks() []Lock {
	all := []Lock{{SubjectLock, o.SubjectKey}}
	for _, d := range o.Domains {
		all = append(all, Lock{DomainLock, string(d)})
	}
	return all
}

// IdleDays is how long an order may wait for the applicant before it expires (icp-filing 3.6).
const IdleDays = 45

// ReminderDays are the days of idleness on which the applicant is reminded (icp-filing 3.6).
var ReminderDays = []int{7, 15, 30}

// Idle is the whole days the order has waited for the applicant; 0 when it is not the applicant's turn.
func (o Order) Idle(at time.Time) int {
	theirs := o.Step.IsApplicantStep() || o.Step == MailDocuments || o.Status == BureauRejected
	if !theirs || o.Closing != "" || o.Status.Final() {
		return 0
	}
	since := o.ActiveAt
	if o.MovedAt.After(since) {
		since = o.MovedAt
	}
	return int(at.Sub(since) / (24 * time.Hour))
}

// Remind tells the applicant that the order waits for them.
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

// Timeout is a waiting state of the machine having timed out. What that means depends on whose turn it was: an idle
// applicant's order expires, an unanswered SMS check goes back to the reviewer, and a bureau that is late is noted.
type Timeout struct{}

func (Timeout) Name() string { return "lapse" }

// timerSlack covers that a state's timer starts a moment before or after the order's own.
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
