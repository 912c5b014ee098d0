package filing

import (
	"strconv"
	"time"

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
)

// A Retention is the number of days, Shanghai time, for which personal data are kept.
type Retention struct {
	Closed int // after the closing of an order without a filing
	Filed  int // after the bureau cancelled the filing of an order
}

// RetentionDays is the default of both periods. No source names a period (icp-filing 9.2 #38). The bureau may request an upload
// again for three months (MIIT-IF30 8.1), and its personal data are needed until then.
const RetentionDays = 92

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
	if !e.At.IsZero() {
		o.SubjectKey = ""
	}
	o.Erasure = &e
	return o
}

// Erase deletes the personal data of a closed order irrevocably, after its retention period. Status, numbers and the
// ledger stay. Only an administrator may decide it. The data of a filed order cannot be erased before the bureau has cancelled its
// filing.
//
// For an order whose key is missing, Erase records the erasure without waiting for the period. It closes an open order as expired,
// because no other decision on it is possible.
type Erase struct {
	Retention Retention
	// FilingEnded is the day on which the bureau cancelled the filing of a filed order; "" for other orders.
	FilingEnded workday.Date
}

func (Erase) Name() string { return "erase" }

func (d Erase) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	if o.Erasure != nil && !o.Erasure.At.IsZero() {
		return ErrNothingToDo
	}
	switch {
	case o.Erasure == nil:
		if found := d.check(*o, at); found != nil {
			return fault.WithFindings(fault.Conflict, found)
		}
	case !o.Status.Final():
		c.closeOrder(ClosingExpire, Expired, at)
		c.ResumeExecution = true
	}
	if d.FilingEnded != "" {
		c.setFact("filingEnded", string(d.FilingEnded))
	}
	*o = o.Erased(Erasure{At: at})
	c.ErasePersonalData, c.IndexLeaders = true, true
	return nil
}

// check returns a finding if the order's personal data have to be kept at a time.
func (d Erase) check(o Order, at time.Time) finding.List {
	since, days, today := workday.DateOf(o.MovedAt), d.Retention.Closed, workday.DateOf(at)
	switch ended := d.FilingEnded; {
	case !o.Status.Final() || o.Step != Done:
		return finding.List{finding.New(CodeEraseOpen, "", "status", string(o.Status))}
	case o.Status != Approved && ended != "":
		return finding.List{finding.New(CodeEraseNotFiled, "/filingEnded")}
	case o.Status == Approved && ended == "":
		return finding.List{finding.New(CodeEraseFiled, "/filingEnded")}
	case o.Status == Approved:
		if !ended.Valid() || ended < workday.DateOf(o.Bureau.DecidedAt) || ended > today {
			return finding.List{finding.New(CodeEraseFilingDate, "/filingEnded")}
		}
		since, days = ended, d.Retention.Filed
	}
	if until := since.AddDays(days); today < until {
		return finding.List{finding.New(CodeEraseTooEarly, "", "days", strconv.Itoa(days), "until", string(until))}
	}
	return nil
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
