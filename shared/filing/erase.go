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

// A Retention says for how many days, Shanghai time, personal data are kept once they have served their purpose.
type Retention struct {
	Closed int // of orders that ended without a filing: days after the closing
	Filed  int // of filed orders: days after the bureau cancelled the filing
}

// RetentionDays is the default of both periods. No source names a period (icp-filing 9.2 #38); the bureau may ask for an
// upload again for three months (MIIT-IF30 8.1), and needs the personal data in it for that long.
const RetentionDays = 92

// An Erasure says that an order's personal data are erased.
type Erasure struct {
	// At is when Erase was decided. It is zero for an order whose key is missing although no erasure is recorded: the row
	// is from a backup that was made before the erasure.
	At time.Time `json:"at,omitzero"`
}

// Erased returns the order without personal data, as it is read once its key is deleted. SubjectKey stays until the erasure is
// recorded, which frees the locks of an open order.
func (o Order) Erased(e Erasure) Order {
	o.Private, o.SMS, o.Confirmation = Private{}, nil, nil
	if !e.At.IsZero() {
		o.SubjectKey = ""
	}
	o.Erasure = &e
	return o
}

// Erase deletes the personal data of a closed order for good, after its period of retention. Status, numbers and the
// ledger stay. Only an administrator may decide it. A filed order is kept while its filing stands.
//
// For an order whose key is missing, Erase records the erasure at any time. An open order expires with it, as nothing else can be
// decided on it.
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
			return fault.Found(fault.Conflict, found)
		}
	case !o.Status.Final():
		c.close(ClosingExpire, Expired, at)
		c.Resume = true
	}
	if d.FilingEnded != "" {
		c.setFact("filingEnded", string(d.FilingEnded))
	}
	*o = o.Erased(Erasure{At: at})
	c.Erase = true
	return nil
}

// check returns why the order's personal data have to be kept for now.
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

// mayDecideErased reports whether a decision is possible on an erased order: to erase it, and the machine's decisions that have
// nothing to do once the order is closed.
func (o Order) mayDecideErased(d Decision) bool {
	switch d.(type) {
	case Erase:
		return true
	case Timeout, Close:
		return o.Status.Final()
	}
	return false
}

// CheckNotErased returns a fault of kind Conflict for an erased order. Nothing but Erase changes one.
func (o Order) CheckNotErased() error {
	if o.Erasure == nil {
		return nil
	}
	return fault.Found(fault.Conflict, finding.List{finding.New(CodeErased, "")})
}
