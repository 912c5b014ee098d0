package api

import (
	"context"
	"net/http"

	"beian/shared/filing"
	"beian/shared/web"
)

// registerClosings registers withdrawal, abandonment, the request for erasure, and resubmission.
func (a operations) registerClosings() {
	for _, one := range []struct {
		route    string
		status   int
		summary  string
		decision filing.Decision
	}{
		{"POST /orders/{id}/withdrawal", http.StatusAccepted, "Withdraw the application before it is transmitted to the bureau",
			filing.AskToClose{As: filing.ClosingWithdraw}},
		{"POST /orders/{id}/abandonment", http.StatusAccepted,
			"Abandon the application before submission, or after the bureau refused it",
			filing.AskToClose{As: filing.ClosingAbandon}},
		{"POST /orders/{id}/erasure-request", http.StatusAccepted,
			"Have the personal data of your order erased: of a draft or a withdrawn application at once, unless the bureau has its upload",
			filing.Erase{Retention: a.Retention}},
		{"POST /orders/{id}/resubmission", http.StatusOK, "Reopen an application that the bureau refused, for another round", filing.Resubmit{}},
	} {
		web.Register(a.API, web.Operation{Roles: web.Applicants, Route: one.route, Status: one.status, Tag: "Closing", Summary: one.summary},
			func(ctx context.Context, c *web.Call, in *web.OrderRequest) (*web.OrderResult, error) {
				return a.Decide(ctx, c, *in, filing.Applicant, one.decision)
			})
	}
}
