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
// upload again for three months (MIIT-IF30, 8.1), and needs the personal data in it for that long.
const RetentionDays = 92

// An Erasure says that an order's personal data are erased.
type Erasure struct {
	// At is when Erase was decided. It is zero for an order whose key is missing although no erasure is recorded: the row
	// is from a backup that was made before the erasure.
	At time.Time `json:"at,omitzero"`
}

// Erased returns the order without personal data, as it is read once its key is deleted.
func (o Order) Erased(e Erasure) Order {
	o.Private, o.SMS, o.SubjectKey, o.Confirmation = Private{}, nil, "", nil
	o.Erasure = &e
	return o
}

// Erase deletes the personal data of a closed order for good, after its period of retention. Status, numbers and the
// ledger stay. Only an administrator may decide it. A filed order is kept while its filing stands.
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
	if o.Erasure == nil { // else the data are gone already, and only the record of it is missing
		if found := d.check(*o, at); found != nil {
			return fault.Found(fault.Conflict, found)
		}
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

// errErased refuses every other decision on an erased order.
func (o Order) errErased() error {
	return fault.Found(fault.Conflict, finding.List{finding.New(CodeErased, "")})
}
