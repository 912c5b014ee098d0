package operator

import (
	"context"
	"net/http"
	"time"

	"beian/shared/filing"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/workday"
	"beian/shared/web"
)

type eraseInput struct {
	web.OrderRequest
	Body struct {
		FilingEnded string `json:"filingEnded,omitempty" format:"date" doc:"of a filed order: the day on which the bureau cancelled the filing"`
	}
}

// erasure declares the erasure of personal data.
func (a operations) erasure() {
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "POST /orders/{id}/erasure", Status: http.StatusAccepted, Tag: "Closing",
		Summary: "Erase the personal data of a closed order for good, after the period of retention"},
		func(ctx context.Context, c *web.Call, in *eraseInput) (*web.OrderResult, error) {
			d := filing.Erase{Retention: a.config.Retention}
			if in.Body.FilingEnded != "" {
				var err error
				if d.FilingEnded, err = time.ParseInLocation(time.DateOnly, in.Body.FilingEnded, workday.Shanghai); err != nil {
					return nil, fault.Found(fault.Invalid, finding.List{finding.New(filing.CodeEraseFilingDate, "/filingEnded")})
				}
			}
			return a.Decide(ctx, c, in.OrderRequest, filing.Admin, d)
		})
}
