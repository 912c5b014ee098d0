package api

import (
	"context"
	"net/http"

	"beian/shared/filing"
	"beian/shared/web"
)

type appealInput struct {
	web.OrderRequest
	Body struct {
		Reason string `json:"reason" maxLength:"4096" doc:"why the rejection is wrong, and what the new papers show: 1 to 500 characters"`
	}
}

// registerAppeals registers the appeal against a rejection, and its withdrawal.
func (a operations) registerAppeals() {
	const tag = "Appeal"
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "POST /orders/{id}/appeal", Status: http.StatusAccepted, Tag: tag,
		Summary:     "Contest the rejection of the application, once and within 10 working days; another reviewer decides. Upload new papers before or after it",
		Description: "Possible if appeal.until of the order has not passed. The subject and the domains are locked again, so it is refused while your account has another open order of them; the finding names it."},
		func(ctx context.Context, c *web.Call, in *appealInput) (*web.OrderResult, error) {
			return a.Decide(ctx, c, in.OrderRequest, filing.Applicant, filing.ContestRejection{Reason: in.Body.Reason})
		})
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "DELETE /orders/{id}/appeal", Tag: tag,
		Summary:     "Give the appeal up: the rejection is final, and the applicant can apply anew",
		Description: "Call it to apply anew before the appeal is decided. It cannot be undone, and the order cannot be contested again."},
		func(ctx context.Context, c *web.Call, in *web.OrderRequest) (*web.OrderResult, error) {
			return a.Decide(ctx, c, *in, filing.Applicant, filing.WithdrawAppeal{})
		})
}
