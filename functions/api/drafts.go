package api

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"beian/shared/filing"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/web"
)

// A DetailsDraft is what was typed of the details so far, and what is wrong with it.
type DetailsDraft struct {
	Details
	SavedAt  time.Time    `json:"savedAt,omitzero" doc:"absent if nothing was saved since the details were last entered: the details are then those of the order"`
	Findings finding.List `json:"findings" nullable:"false" doc:"what PUT /orders/{id}/details would find"`
}

type draftOutput struct{ Body DetailsDraft }

// maxDraft keeps a draft below the size of one item of the table (400 KB). In JSON, a character such as "<" takes six bytes.
const maxDraft = 384 << 10

// registerDrafts registers saving the details before they are complete.
func (a operations) registerDrafts() {
	const tag = "Application"
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "GET /orders/{id}/details-draft", Tag: tag, Reads: filing.ReadOrder, Errors: []int{http.StatusConflict},
		Summary:     "Read what you have typed of the details so far, or the details of the order, with what is wrong with them",
		Description: "Call it to fill in a form. Drafts become invalid once details are entered; the response then has those of the order. It is refused if the order does not take details any more."},
		func(ctx context.Context, c *web.Call, in *web.OrderPath) (*draftOutput, error) {
			o, err := a.readComplete(ctx, c, *in)
			if err != nil {
				return nil, err
			}
			d, err := a.config.Store.DetailsDraft(ctx, o.ID)
			if err != nil {
				return nil, err
			}
			if d.Of != o.DetailsDigest() {
				d = filing.DetailsDraft{Subject: o.Private.Subject, Sites: o.Private.Sites, Readings: o.Private.Readings}
			}
			return a.checkDraft(ctx, c, o, d)
		})
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "PUT /orders/{id}/details-draft", Tag: tag, MaxBody: maxDetails,
		Summary:     "Save what you have typed of the details so far. It may be incomplete: the response says what is missing or wrong, and nothing of the order changes",
		Description: "Call it after each page of a form. Send all that was typed: it replaces the draft. When nothing blocks any more, send the same with PUT /orders/{id}/details."},
		func(ctx context.Context, c *web.Call, in *detailsInput) (*draftOutput, error) {
			t, err := a.BeginDecision(ctx, c, in.OrderRequest, filing.Applicant)
			if err != nil {
				return nil, err
			}
			d := filing.DetailsDraft{Subject: in.Body.Subject, Sites: in.Body.Sites, Explanations: in.Body.Explanations, Readings: in.Body.Readings, SavedAt: a.Decisions.Now(), Of: t.Order.DetailsDigest()}
			out, err := a.checkDraft(ctx, c, t.Order, d)
			if err != nil {
				return nil, err
			}
			stored, err := json.Marshal(d)
			if err != nil {
				return nil, err
			}
			if len(stored) > maxDraft {
				return nil, fault.WithFindings(fault.TooLarge, finding.List{finding.New(web.CodeBodyTooLarge, "")})
			}
			return out, a.config.Store.PutDetailsDraft(ctx, t.Order.ID, d)
		})
}

// checkDraft returns a draft with what entering it as the details would find.
func (a operations) checkDraft(ctx context.Context, c *web.Call, o filing.Order, d filing.DetailsDraft) (*draftOutput, error) {
	out := &draftOutput{Body: DetailsDraft{Details: Details{Subject: d.Subject, Sites: slices.Concat([]filing.Site{}, d.Sites), Explanations: d.Explanations, Readings: d.Readings}, SavedAt: d.SavedAt, Findings: finding.List{}}}
	change, err := a.Decisions.Preview(ctx, o, c.Actor(filing.Applicant), filing.EnterDetails{Subject: d.Subject, Sites: d.Sites, Explanations: d.Explanations})
	if err != nil {
		f := fault.Of(err)
		if f.Kind != fault.Invalid {
			return nil, err
		}
		out.Body.Findings = append(out.Body.Findings, f.Findings.Limited(0)...)
		return out, nil
	}
	out.Body.Findings = append(out.Body.Findings, change.Order.Private.Findings...)
	return out, nil
}
