package api

import (
	"context"
	"net/http"

	"beian/shared/filing"
)

// decided is a request whose decision is all in its route.
type decided struct {
	OrderPath
	Conditions
}

// closings declares taking back, giving up, and submitting once more.
func (a *API) closings() {
	for _, one := range []struct {
		route    string
		status   int
		does     string
		decision filing.Decision
	}{
		{"POST /orders/{id}/withdrawal", http.StatusAccepted, "Take the application back, while it is with the provider",
			filing.AskClosing{As: filing.ClosingWithdraw}},
		{"POST /orders/{id}/abandonment", http.StatusAccepted,
			"Give the application up, before it is submitted or after the bureau refused it",
			filing.AskClosing{As: filing.ClosingAbandon}},
		{"POST /orders/{id}/resubmission", http.StatusOK, "Open a refused application for another round", filing.Resubmit{}},
	} {
		register(a, operation{who: applicants, route: one.route, status: one.status, tag: "Closing", does: one.does},
			func(ctx context.Context, c *call, in *decided) (*changed, error) {
				return c.changed(a.decide(ctx, c, in.OrderPath, in.Conditions, filing.Applicant, one.decision))
			})
	}
}
