package filing

import (
	"strconv"
	"time"

	"beian/shared/filing/register"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// An AcceptedPlan is a sequence of orders that an applicant has accepted. Each of its orders has it, without personal data. An order opens when
// the one before is filed; the plan ends if an order is closed without being filed.
type AcceptedPlan struct {
	ID     ID             `json:"id"`    // of the first order
	Place  int            `json:"place"` // of the order that has it, from 0
	Orders []PlannedOrder `json:"orders"`
	// Server is the account's server that hosts all sites of the plan, "" if the applicant chooses one for each order.
	Server string `json:"server,omitempty"`
	// Ended says why no further order opens. It is set in the last order that opened.
	Ended PlanEnd `json:"ended,omitempty"`
}

// A PlannedOrder is an order of an accepted plan.
type PlannedOrder struct {
	ID      ID       `json:"id"` // chosen before the order opens
	Type    Type     `json:"type"`
	Domains []Domain `json:"domains"`
	// SiteNumber is the number of the site that gets an access, if it is filed at another provider and the plan has it; see [Opening].
	SiteNumber string `json:"siteNumber,omitempty"`
}

// A PlanEnd says why a plan ended before its last order.
type PlanEnd string

const (
	PlanCancelled PlanEnd = "cancelled" // the applicant cancelled the rest
	PlanClosed    PlanEnd = "closed"    // an order was closed without being filed
	PlanBlocked   PlanEnd = "blocked"   // the next order could not be opened
)

// CodePlanEnded says that no order of the plan is left to open.
const CodePlanEnded finding.Code = "plan-ended"

// NextPlanned returns the order that opens when this one is filed. It returns false if there is none, or if the plan has ended.
func (o Order) NextPlanned() (PlannedOrder, bool) {
	p := o.Plan
	if p == nil || p.Ended != "" || p.Place+1 >= len(p.Orders) {
		return PlannedOrder{}, false
	}
	return p.Orders[p.Place+1], true
}

// NextOpening returns the input that opens the next order of the plan; see [Order.NextPlanned]. filed is the subject's filing in the register.
// digestKey is random; see [OpenInput].
func (o Order) NextOpening(filed register.Filing, digestKey string) OpenInput {
	next, _ := o.NextPlanned()
	plan := *o.Plan
	plan.Place++
	n := OpenInput{ID: next.ID, Account: o.Account, AgentFor: o.AgentFor, Language: o.Language, Contact: o.Private.Contact, Verified: o.Private.Verified, Opening: o.opening(),
		SubjectKey: o.SubjectKey, Characters: o.Characters, DigestKey: digestKey, Plan: &plan}
	n.Opening.Domains, n.Opening.SiteNumber = nil, next.SiteNumber
	for _, d := range next.Domains {
		n.Opening.Domains = append(n.Opening.Domains, string(d))
	}
	if kind, ok := KindOf(next.Type); ok && kind.Begins == AtFiling {
		n.At = &AtFilingInput{Type: next.Type, Filing: filed}
	}
	return n
}

// endPlan ends the plan of an order, and notifies the applicant unless they ended it. It does nothing if no order is left to open.
func (c *Change) endPlan(why PlanEnd) bool {
	if _, more := c.Order.NextPlanned(); !more {
		return false
	}
	c.Order.Plan.Ended = why
	c.setFact("plan", string(why))
	c.setFact("unopened", strconv.Itoa(len(c.Order.Plan.Orders)-c.Order.Plan.Place-1))
	if why != PlanCancelled {
		c.addNotices(NoticePlanStopped)
	}
	return true
}

// PlannedServer returns the server of the plan that the order has to use, "" if the applicant chooses one: the order already had another, or was
// returned.
func (o Order) PlannedServer() string {
	if o.Plan == nil || o.Step != VerifyProduct || o.Product != nil || o.Status == Returned {
		return ""
	}
	return o.Plan.Server
}

// CancelPlan cancels the orders of a plan that have not opened. The order itself goes on. Of a cancellation and the opening of the next order at the same
// time, one is stored.
type CancelPlan struct{}

func (CancelPlan) Name() string { return "cancel-plan" }

func (CancelPlan) apply(c *Change, _ Actor, _ time.Time) error {
	next, _ := c.Order.NextPlanned()
	switch {
	case c.endPlan(PlanCancelled):
		c.Unopened = next.ID
		return nil
	case c.Order.Plan != nil && c.Order.Plan.Ended == PlanCancelled:
		return ErrNothingToDo
	}
	return fault.WithFindings(fault.Conflict, finding.List{finding.New(CodePlanEnded, "")})
}

// StopPlan ends a plan whose next order cannot be opened: the findings say why.
type StopPlan struct{ Findings finding.List }

func (StopPlan) Name() string { return "stop-plan" }

func (d StopPlan) apply(c *Change, _ Actor, _ time.Time) error {
	next, _ := c.Order.NextPlanned()
	if !c.endPlan(PlanBlocked) {
		return ErrNothingToDo
	}
	c.Unopened = next.ID
	c.setFact("blocked", codesOf(d.Findings))
	return nil
}
