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
		Summary:     "Erase the personal data of a closed order irrevocably, after the retention period, or at once if its key is missing",
		Description: "The evidence and the kept files of the bureau become unreadable, too. It is refused while the order is open, held, or within its retention period. A filed order needs the day on which its filing ended."},
		func(ctx context.Context, c *web.Call, in *eraseInput) (*web.OrderResult, error) {
			d := filing.Erase{Retention: a.Retention, FilingEnded: in.Body.FilingEnded}
			return a.Decide(ctx, c, in.OrderRequest, filing.Admin, d)
		})
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "PUT /orders/{id}/filing-end", Tag: tag,
		Summary:     "Record that the bureau cancelled the filing of an order; its personal data are erased when their period is over",
		Description: "For a filed order whose cancellation did not come over the interface; the register ends the filing, too. The retention period counts from this day. It is refused for an order that was not approved."},
		func(ctx context.Context, c *web.Call, in *endFilingInput) (*web.OrderResult, error) {
			return a.Decide(ctx, c, in.OrderRequest, filing.Admin, filing.EndFiling{On: in.Body.FilingEnded})
		})
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "PUT /orders/{id}/hold", Tag: tag,
		Summary:     "Hold the personal data of an order: they are not erased until the hold is lifted",
		Description: "Use it for a complaint, an inspection or a lawsuit. The applicant's request for erasure is refused as long as the hold stands."},
		func(ctx context.Context, c *web.Call, in *holdInput) (*web.OrderResult, error) {
			return a.Decide(ctx, c, in.OrderRequest, filing.Admin, filing.HoldData{Reason: in.Body.Reason})
		})
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "POST /orders/{id}/hold/lifting", Tag: tag,
		Summary:     "Lift the hold of an order; data whose period is over are then erased within an hour",
		Description: "Call it when the reason for the hold is over. Both reasons stay with the order until its data are erased."},
		func(ctx context.Context, c *web.Call, in *holdInput) (*web.OrderResult, error) {
			return a.Decide(ctx, c, in.OrderRequest, filing.Admin, filing.LiftHold{Reason: in.Body.Reason})
		})
}
