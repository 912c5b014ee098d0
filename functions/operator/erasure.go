package operator

import (
	"context"
	"net/http"

	"beian/shared/filing"
	"beian/shared/rules/workday"
	"beian/shared/web"
)

type eraseInput struct {
	web.OrderRequest
	Body struct {
		FilingEnded workday.Date `json:"filingEnded,omitempty" format:"date" doc:"required for a filed order: the day on which the bureau cancelled the filing, Shanghai time"`
	}
}

// registerErasure registers the erasure of personal data.
func (a operations) registerErasure() {
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "POST /orders/{id}/erasure", Status: http.StatusAccepted, Tag: "Closing",
		Summary: "Erase the personal data of a closed order irrevocably, after the retention period, or at once if its key is missing"},
		func(ctx context.Context, c *web.Call, in *eraseInput) (*web.OrderResult, error) {
			d := filing.Erase{Retention: a.config.Retention, FilingEnded: in.Body.FilingEnded}
			return a.Decide(ctx, c, in.OrderRequest, filing.Admin, d)
		})
}
