package verifyproduct_test

import (
	"testing"

	"beian/functions/verifyproduct"
	"beian/functions/verifytype"
	"beian/infra/local/steptest"
	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/process/decide"
	"beian/shared/process/inventory"
)

func TestHandle(t *testing.T) {
	steptest.TestWaitingStep(t, filing.VerifyProduct, func(d *decide.Service) steptest.Handle { return verifyproduct.Handler{Decisions: d}.Handle })
}

// TestServerOfPlan: the server of an accepted plan is chosen once, though the function is called twice; one that is used up is left to the applicant.
func TestServerOfPlan(t *testing.T) {
	for quota, want := range map[int]filing.Step{1: filing.CollectDetails, 0: filing.VerifyProduct} {
		w := steptest.New(t)
		at, server := w.Clock.Now(), filingtest.Product()
		err := w.Store.PutServer(t.Context(), inventory.Server{ID: "planned", Account: filingtest.Applicant.Account, Placement: server.Placement, Mode: server.Mode,
			IPs: server.IPs, RentedAt: at, ExpiresAt: at.AddDate(1, 0, 0), Quota: quota})
		if err != nil {
			t.Fatal(err)
		}
		n := filingtest.EnterpriseBeijing().OpenInput("01PLANNED")
		n.Plan = &filing.AcceptedPlan{ID: n.ID, Server: "planned", Orders: []filing.PlannedOrder{{ID: n.ID, Type: filing.First}}}
		if _, err := w.Create(t.Context(), n, filingtest.Applicant, decide.Preconditions{}); err != nil {
			t.Fatal(err)
		}
		in := decide.Input{Order: n.ID, Round: 1, Token: steptest.Token, Step: string(filing.VerifyType)}
		if _, err := (verifytype.Handler{Decisions: w.Service, Facts: w.Facts, Domains: w.Domains}).Handle(t.Context(), in); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if _, err := (verifyproduct.Handler{Decisions: w.Service, Servers: w.Store}).Handle(t.Context(), in); err != nil {
				t.Fatal(err)
			}
		}
		o, err := w.Service.Order(t.Context(), n.ID)
		s, serverErr := w.Store.Server(t.Context(), "planned")
		if err != nil || serverErr != nil || o.Step != want || s.Used != quota || (o.Product != nil) != (quota == 1) {
			t.Errorf("quota %d: at %s with %+v, %d slots used; %v, %v", quota, o.Step, o.Product, s.Used, err, serverErr)
		}
	}
}
