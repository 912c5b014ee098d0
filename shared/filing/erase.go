package filing

import (
	"strconv"
	"time"

	"beian/shared/filing/register"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/workday"
)

// Findings about the erasure of personal data.
const (
	CodeErased          finding.Code = "order-erased"
	CodeEraseOpen       finding.Code = "erasure-order-open"
	CodeEraseFiled      finding.Code = "erasure-filing-stands"
	CodeEraseTooEarly   finding.Code = "erasure-too-early"
	CodeEraseFilingDate finding.Code = "erasure-filing-date"
	CodeEraseNotFiled   finding.Code = "erasure-not-filed"
	CodeEraseHeld       finding.Code = "erasure-held"
	CodeEraseUploaded   finding.Code = "erasure-uploaded"
)

// An Erasure says that an order's personal data are erased.
type Erasure struct {
	// At is when Erase was decided. It is zero for an order that was restored from a backup older than its erasure: the key is
	// missing, but no erasure is recorded.
	At time.Time `json:"at,omitzero"`
}

// Erased returns the order without personal data, as the store reads it after its key was deleted. SubjectKey is kept until the
// erasure is recorded, because recording it releases the locks of an open order.
func (o Order) Erased(e Erasure) Order {
	o.Private, o.SMS, o.Confirmation = Private{}, nil, nil
	o.Waiting = nil
	o.endReadings()
	if !e.At.IsZero() {
		o.SubjectKey = ""
	}
	o.Erasure = &e
	return o
}

// Erase deletes the personal data of a closed order irrevocably, after its period of retention. Status, numbers and the ledger stay.
// The data of a filed order cannot be erased before the bureau has cancelled its filing, and no data while a hold stands.
//
// The applicant may request the erasure of a draft, or of an application that was withdrawn, before the end of the period (PIPL-47), but
// not while the bureau may ask for the upload again.
//
// For an order whose key is missing, Erase records the erasure without waiting for the period. It closes an open order as expired,
// because no other decision on it is possible. Only an administrator may decide that.
type Erase struct {
	Retention Retention
	// FilingEnded is the day on which the bureau cancelled the filing of a filed order; "" for other orders, and if it was recorded before.
	FilingEnded workday.Date
}

func (Erase) Name() string { return "erase" }

func (d Erase) apply(c *Change, by Actor, at time.Time) error {
	o := &c.Order
	if o.Erasure != nil && !o.Erasure.At.IsZero() {
		return ErrNothingToDo
	}
	switch {
	case o.Erasure == nil:
		if err := d.check(c, by, at); err != nil {
			return err
		}
	case by.Role == Applicant:
		return ErrNothingToDo
	case !o.Status.Final():
		c.closeOrder(ClosingExpire, Expired, at)
		c.ResumeExecution = true
	}
	if o.FilingEnded != "" {
		c.setFact("filingEnded", string(o.FilingEnded))
		c.cancelFiling(at)
	}
	c.closeTask(TaskAppealOverdue, by, at)
	c.closeTask(TaskRejectionOverturned, by, at)
	c.closeTask(TaskCheckApproval, by, at)
	*o = o.Erased(Erasure{At: at})
	c.ErasePersonalData, c.IndexLeaders = true, true
	return nil
}

// check returns a fault if the order's personal data have to be kept at a time.
func (d Erase) check(c *Change, by Actor, at time.Time) error {
	o := &c.Order
	conflict := func(code finding.Code, pointer string, args ...string) error {
		return fault.WithFindings(fault.Conflict, finding.List{finding.New(code, pointer, args...)})
	}
	switch {
	case !o.HeldSince.IsZero():
		return conflict(CodeEraseHeld, "")
	case !o.Status.Final() || o.Step != Done:
		return conflict(CodeEraseOpen, "")
	case d.FilingEnded != "":
		if err := o.endFiling(d.FilingEnded, at); err != nil {
			return err
		}
	}
	category, today := o.RetentionCategory(), workday.DateOf(at)
	if category == "" {
		return conflict(CodeEraseFiled, "/filingEnded")
	}
	if uploaded := o.uploadDay(); today < uploaded {
		return conflict(CodeEraseUploaded, "", "until", string(max(uploaded, d.dayFor(*o, by))))
	}
	if until := d.dayFor(*o, by); today < until {
		return conflict(CodeEraseTooEarly, "", "days", strconv.Itoa(d.Retention.Days(category)), "until", string(until))
	}
	return nil
}

// dayFor returns the day from which on an actor may erase a closed order; "" is any day.
func (d Erase) dayFor(o Order, by Actor) workday.Date {
	if c := o.RetentionCategory(); by.Role == Applicant && (c == DraftCategory || c == WithdrawnCategory) {
		return ""
	}
	return o.ErasureDay(d.Retention)
}

// EndFiling records the day on which the bureau cancelled the filing of an order. The period of retention counts from that day.
type EndFiling struct{ On workday.Date }

func (EndFiling) Name() string { return "end-filing" }

func (d EndFiling) apply(c *Change, _ Actor, at time.Time) error {
	before := c.Order.FilingEnded
	if err := c.Order.endFiling(d.On, at); err != nil {
		return err
	}
	if before == d.On {
		return ErrNothingToDo
	}
	c.cancelFiling(at)
	c.setFact("filingEnded", string(d.On))
	return nil
}

// cancelFiling cancels the filing to which the order led, if it stands in the register.
func (c *Change) cancelFiling(at time.Time) {
	o := &c.Order
	if o.Register.ID == "" || o.Register.Number != o.Bureau.SubjectNumber {
		return
	}
	after := o.Register
	after.Status, after.CancelledOn = register.Cancelled, o.FilingEnded
	if change, changed := o.Register.Replace(after, register.Source{Kind: register.FromOrder, ID: string(o.ID)}, at); changed {
		c.Register = &change
	}
}

// endFiling sets the day on which the filing was cancelled, or returns a fault.
func (o *Order) endFiling(on workday.Date, at time.Time) error {
	code := CodeEraseFilingDate
	switch {
	case o.Status != Approved || o.Step != Done:
		code = CodeEraseNotFiled
	case on.Valid() && on >= workday.DateOf(o.Bureau.DecidedAt) && on <= workday.DateOf(at):
		o.FilingEnded = on
		return nil
	}
	return fault.WithFindings(fault.Conflict, finding.List{finding.New(code, "/filingEnded")})
}

// mayDecideErased reports whether a decision is possible on an erased order: Erase, and the decisions of the machine, which return
// ErrNothingToDo for a closed order.
func (o Order) mayDecideErased(d Decision) bool {
	switch d.(type) {
	case Erase:
		return true
	case Timeout, Close:
		return o.Status.Final()
	}
	return false
}

// CheckNotErased returns a fault of kind Conflict for an erased order. Only Erase changes such an order.
func (o Order) CheckNotErased() error {
	if o.Erasure == nil {
		return nil
	}
	return fault.WithFindings(fault.Conflict, finding.List{finding.New(CodeErased, "")})
}
