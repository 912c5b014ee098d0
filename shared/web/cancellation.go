package web

import (
	"time"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/rules/finding"
)

// A Cancellation is what an order ends.
type Cancellation struct {
	Filing      register.ID     `json:"filing" doc:"id of the filing"`
	Part        register.Part   `json:"part" enum:"subject,site,access"`
	Number      string          `json:"number" doc:"of the subject or of the site" example:"浙ICP备12345678号-1"`
	Domains     []filing.Domain `json:"domains" nullable:"false" doc:"which are no longer filed, or no longer hosted by us"`
	Reason      int64           `json:"reason" doc:"the ministry's number"`
	ReasonWords finding.Words   `json:"reasonWords"`
	Remark      string          `json:"remark,omitempty"`
	Confirmed   []finding.Code  `json:"confirmed" nullable:"false" doc:"codes of the consequences that the applicant confirmed"`
	ConfirmedAt time.Time       `json:"confirmedAt"`
}

// CancellationOf returns the JSON of what an order ends; nil if it ends nothing.
func CancellationOf(o filing.Order) *Cancellation {
	ends := o.Cancellation
	if ends == nil || o.Filed == nil {
		return nil
	}
	return &Cancellation{Filing: o.Filed.ID, Part: ends.Part, Number: ends.Number, Domains: append([]filing.Domain{}, o.Domains...), Reason: ends.Reason,
		ReasonWords: ends.ReasonWords, Remark: o.Private.CancellationRemark, Confirmed: append([]finding.Code{}, ends.Confirmed...), ConfirmedAt: ends.ConfirmedAt}
}
