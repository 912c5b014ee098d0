package filing_test

import (
	"slices"
	"testing"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/filing/register"
	"beian/shared/rules/finding"
)

// planned returns the opening of a plan of two orders.
func planned(app filingtest.Application) filing.OpenInput {
	n := app.OpenInput("01EXAMPLE1")
	n.Plan = &filing.AcceptedPlan{ID: n.ID, Orders: []filing.PlannedOrder{{ID: n.ID, Type: filing.First, Domains: []filing.Domain{filing.Domain(app.Opening.Domains[0])}},
		{ID: "01EXAMPLE2", Type: filing.AddSiteOwn, Domains: []filing.Domain{"second-example.cn"}}}}
	return n
}

// TestAcceptedPlan: an order of a plan names the next until the plan ends: cancelled, with the order's closing, or because the next cannot open.
func TestAcceptedPlan(t *testing.T) {
	app := filingtest.EnterpriseBeijing()
	open := func() *filingtest.Walk {
		w := &filingtest.Walk{T: t, App: app, At: filingtest.December2019}
		w.ContinueWith(filing.Open(planned(app), filingtest.Applicant, w.At))
		return w
	}
	w := open()
	next, more := w.Order.NextPlanned()
	n := w.Order.NextOpening(register.Filing{}, "0123456789abcdef")
	if !more || next.ID != "01EXAMPLE2" || n.ID != next.ID || n.Plan.Place != 1 || w.Order.Plan.Place != 0 || !slices.Equal(n.Opening.Domains, []string{"second-example.cn"}) ||
		n.Opening.Name != app.Opening.Name || n.SubjectKey != w.Order.SubjectKey {
		t.Fatalf("the next order %+v opens with %+v", next, n.Plan)
	}
	second, err := filing.Open(n, filing.Beian, w.At)
	if _, more := second.Order.NextPlanned(); err != nil || more || len(second.Notices) != 1 || second.Notices[0].Kind != filing.NoticePlanContinued {
		t.Errorf("the second order: %v, notices %v", err, second.Notices)
	}
	if _, err := second.Order.Apply(filing.CancelPlan{}, filingtest.Applicant, w.At); !findings(filing.Change{}, err).Has(filing.CodePlanEnded) {
		t.Errorf("cancelling after the last order: %v", err)
	}

	c := w.Decide(filingtest.Applicant, filing.CancelPlan{})
	if _, more := w.Order.NextPlanned(); more || w.Order.Plan.Ended != filing.PlanCancelled || len(c.Notices) != 0 {
		t.Errorf("cancelled: %+v, notices %v", w.Order.Plan, c.Notices)
	}
	wantError(t, w.Order, filingtest.Applicant, filing.CancelPlan{}, filing.ErrNothingToDo)
	wantError(t, w.Order, filing.Beian, filing.StopPlan{}, filing.ErrNothingToDo)

	w = open()
	w.Decide(filingtest.Applicant, filing.AskToClose{As: filing.ClosingAbandon})
	c = w.Decide(filing.Beian, filing.Close{})
	if w.Order.Plan.Ended != filing.PlanClosed || len(c.Notices) != 2 || c.Notices[1].Kind != filing.NoticePlanStopped || c.Entry.Facts["unopened"] != "1" {
		t.Errorf("abandoned: %+v, notices %v", w.Order.Plan, c.Notices)
	}
	w = open()
	c = w.Decide(filing.Beian, filing.StopPlan{Findings: finding.List{finding.New(filing.CodeDomainTwice, "/domains/0")}})
	if w.Order.Plan.Ended != filing.PlanBlocked || len(c.Notices) != 1 || c.Entry.Facts["blocked"] != "[domain-twice]" {
		t.Errorf("blocked: %+v, %v", w.Order.Plan, c.Entry.Facts)
	}
}
