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
		route       string
		status      int
		summary     string
		description string
		decision    filing.Decision
	}{
		{"POST /orders/{id}/withdrawal", http.StatusAccepted, "Withdraw the application before it is transmitted to the bureau",
			"Possible after submission, until the application is sent to the bureau; then only the bureau decides. The server's slot, the subject and the domains are free at once. It cannot be undone.",
			filing.AskToClose{As: filing.ClosingWithdraw}},
		{"POST /orders/{id}/abandonment", http.StatusAccepted,
			"Abandon the application before submission, or after the bureau refused it",
			"The server's slot, the subject and the domains are free at once, for example for a new order. After submission and before transmission, withdraw instead. It cannot be undone.",
			filing.AskToClose{As: filing.ClosingAbandon}},
		{"POST /orders/{id}/erasure-request", http.StatusAccepted,
			"Have the personal data of your order erased: of a draft or a withdrawn application at once, unless the bureau has its upload",
			"Other orders are erased when the retention period of their data is over; the finding says when. It is refused while the order is open or held. It cannot be undone.",
			filing.Erase{Retention: a.Retention}},
		{"POST /orders/{id}/resubmission", http.StatusOK, "Reopen an application that the bureau refused, for another round",
			"What the bureau's findings point to is cleared, and the other data, documents and liveness checks stay. Correct it at the step that next names, and confirm again.", filing.Resubmit{}},
	} {
		web.Register(a.API, web.Operation{Roles: web.Applicants, Route: one.route, Status: one.status, Tag: "Closing", Summary: one.summary, Description: one.description},
			func(ctx context.Context, c *web.Call, in *web.OrderRequest) (*web.OrderResult, error) {
				return a.Decide(ctx, c, *in, filing.Applicant, one.decision)
			})
	}
}
