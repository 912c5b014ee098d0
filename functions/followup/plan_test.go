package followup_test

import (
	"sync"
	"testing"

	"beian/functions/followup"
	"beian/infra/local/steptest"
	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/filing/register"
	"beian/shared/process/decide"
	"beian/shared/rules/fault"
)

// planAt brings the first of two orders of a plan to FollowUp. The second is for a domain.
func planAt(t *testing.T, domain filing.Domain) *steptest.Fixture {
	w := steptest.New(t)
	app := filingtest.EnterpriseBeijing()
	n := app.OpenInput("01EXAMPLE")
	n.Plan = &filing.AcceptedPlan{ID: n.ID, Orders: []filing.PlannedOrder{{ID: n.ID, Type: filing.First}, {ID: "01NEXT", Type: filing.AddSiteOwn, Domains: []filing.Domain{domain}}}}
	w.Walk = &filingtest.Walk{T: t, App: app, At: w.Clock.Now(), Store: func(c filing.Change) filing.Order {
		if _, err := w.Store.Commit(t.Context(), c, decide.Request{}); err != nil {
			t.Fatal(err)
		}
		w.Walk.Order = c.Order
		return w.Order()
	}}
	w.Walk.ContinueWith(filing.Open(n, filingtest.Applicant, w.Walk.At))
	w.At(filing.FollowUp)
	return w
}

// TestNextOfPlan: the next order of the plan opens once, though the function is called twice.
func TestNextOfPlan(t *testing.T) {
	w := planAt(t, "second-example.cn")
	for range 2 {
		if _, err := (followup.Handler{Decisions: w.Service, History: w.Store}).Handle(t.Context(), w.Input()); err != nil {
			t.Fatal(err)
		}
	}
	first := w.Order()
	next, err := w.Store.Order(t.Context(), "01NEXT")
	if err != nil {
		t.Fatal(err)
	}
	if next.Version != 1 || next.Account != first.Account || next.Domains[0] != "second-example.cn" || next.Plan.Place != 1 || next.Step != filing.VerifyType ||
		next.Private.Contact != first.Private.Contact || next.Private.Subject.Name != first.Private.Subject.Name || w.Notices()[filing.NoticePlanContinued] != 1 {
		t.Errorf("the next order is %s at %s, version %d; notices %v", next.Status, next.Step, next.Version, w.Notices())
	}
	if first.Plan.Ended != "" {
		t.Errorf("the plan has ended: %s", first.Plan.Ended)
	}
}

// TestPlanBlocked: a next order that cannot be opened ends the plan, once, and the order before stays filed.
func TestPlanBlocked(t *testing.T) {
	w := planAt(t, "not a domain")
	for range 2 {
		if _, err := (followup.Handler{Decisions: w.Service, History: w.Store}).Handle(t.Context(), w.Input()); err != nil {
			t.Fatal(err)
		}
	}
	o := w.Order()
	if o.Status != filing.Approved || o.Step != filing.Done || o.Plan.Ended != filing.PlanBlocked || w.Decisions()["stop-plan"] != 1 || w.Notices()[filing.NoticePlanStopped] != 1 {
		t.Errorf("the order is %s, plan %+v, decisions %v, notices %v", o.Status, o.Plan, w.Decisions(), w.Notices())
	}
}

// TestPlanCancelledOrContinued: of the cancellation of a plan's rest and the opening of its next order, one is stored: the plan ends before an order that
// does not exist, or the order opens and the plan goes on.
func TestPlanCancelledOrContinued(t *testing.T) {
	t.Run("the cancellation first", func(t *testing.T) {
		w := planAt(t, "second-example.cn")
		before := w.Order()
		w.Decide(t.Context(), before.ID, filingtest.Applicant, filing.CancelPlan{})
		_, err := w.Create(t.Context(), before.NextOpening(register.Filing{}, "0123456789abcdef"), filing.Beian, decide.Preconditions{})
		if !fault.Of(err).Findings.Has(filing.CodePlanEnded) {
			t.Errorf("opening: %v", err)
		}
		wantOneWinner(t, w)
	})
	t.Run("the opening first", func(t *testing.T) {
		w := planAt(t, "second-example.cn")
		w.Create(t.Context(), w.Order().NextOpening(register.Filing{}, "0123456789abcdef"), filing.Beian, decide.Preconditions{})
		if _, err := w.Decide(t.Context(), w.Order().ID, filingtest.Applicant, filing.CancelPlan{}); !fault.Of(err).Findings.Has(filing.CodePlanEnded) {
			t.Errorf("cancelling: %v", err)
		}
		wantOneWinner(t, w)
	})
	for range 6 {
		t.Run("at the same instant", func(t *testing.T) {
			w := planAt(t, "second-example.cn")
			var all sync.WaitGroup
			all.Go(func() {
				if _, err := (followup.Handler{Decisions: w.Service, History: w.Store}).Handle(t.Context(), w.Input()); err != nil {
					t.Error(err)
				}
			})
			all.Go(func() {
				_, err := w.Decide(t.Context(), "01EXAMPLE", filingtest.Applicant, filing.CancelPlan{})
				if err != nil && !fault.Of(err).Findings.Has(filing.CodePlanEnded) {
					t.Error(err)
				}
			})
			all.Wait()
			wantOneWinner(t, w)
		})
	}
}

// wantOneWinner checks that the plan has ended, or its next order is open, and not both.
func wantOneWinner(t *testing.T, w *steptest.Fixture) {
	t.Helper()
	_, err := w.Store.OrderState(t.Context(), "01NEXT")
	if opened, ended := err == nil, w.Order().Plan.Ended == filing.PlanCancelled; opened == ended {
		t.Errorf("the next order is open: %t; the plan has ended: %t", opened, ended)
	}
}
