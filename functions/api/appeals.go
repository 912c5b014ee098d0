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
		Summary: "Contest the rejection of the application, once and within 10 working days; another reviewer decides. Upload new papers before or after it"},
		func(ctx context.Context, c *web.Call, in *appealInput) (*web.OrderResult, error) {
			return a.Decide(ctx, c, in.OrderRequest, filing.Applicant, filing.ContestRejection{Reason: in.Body.Reason})
		})
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "DELETE /orders/{id}/appeal", Tag: tag,
		Summary: "Give the appeal up: the rejection is final, and the applicant can apply anew"},
		func(ctx context.Context, c *web.Call, in *web.OrderRequest) (*web.OrderResult, error) {
			return a.Decide(ctx, c, *in, filing.Applicant, filing.WithdrawAppeal{})
		})
}
