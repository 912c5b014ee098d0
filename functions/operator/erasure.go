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
		FilingEnded workday.Date `json:"filingEnded,omitempty" format:"date" doc:"required for a filed order whose cancellation was not recorded: the day on which the bureau cancelled the filing, Shanghai time"`
	}
}

type endFilingInput struct {
	web.OrderRequest
	Body struct {
		FilingEnded workday.Date `json:"filingEnded" format:"date" doc:"the day on which the bureau cancelled the filing, Shanghai time"`
	}
}

type holdInput struct {
	web.OrderRequest
	Body struct {
		Reason string `json:"reason" maxLength:"4096" doc:"1 to 500 characters; only administrators see it"`
	}
}

// registerErasure registers the erasure of personal data, and holds.
func (a operations) registerErasure() {
	const tag = "Closing"
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "POST /orders/{id}/erasure", Status: http.StatusAccepted, Tag: tag,
		Summary: "Erase the personal data of a closed order irrevocably, after the retention period, or at once if its key is missing"},
		func(ctx context.Context, c *web.Call, in *eraseInput) (*web.OrderResult, error) {
			d := filing.Erase{Retention: a.Retention, FilingEnded: in.Body.FilingEnded}
			return a.Decide(ctx, c, in.OrderRequest, filing.Admin, d)
		})
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "PUT /orders/{id}/filing-end", Tag: tag,
		Summary: "Record that the bureau cancelled the filing of an order; its personal data are erased when their period is over"},
		func(ctx context.Context, c *web.Call, in *endFilingInput) (*web.OrderResult, error) {
			return a.Decide(ctx, c, in.OrderRequest, filing.Admin, filing.EndFiling{On: in.Body.FilingEnded})
		})
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "PUT /orders/{id}/hold", Tag: tag,
		Summary: "Hold the personal data of an order: they are not erased until the hold is lifted"},
		func(ctx context.Context, c *web.Call, in *holdInput) (*web.OrderResult, error) {
			return a.Decide(ctx, c, in.OrderRequest, filing.Admin, filing.HoldData{Reason: in.Body.Reason})
		})
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "POST /orders/{id}/hold/lifting", Tag: tag,
		Summary: "Lift the hold of an order; data whose period is over are then erased within an hour"},
		func(ctx context.Context, c *web.Call, in *holdInput) (*web.OrderResult, error) {
			return a.Decide(ctx, c, in.OrderRequest, filing.Admin, filing.LiftHold{Reason: in.Body.Reason})
		})
}
