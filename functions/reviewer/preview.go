package reviewer

import (
	"context"
	"net/http"
	"slices"

	"beian/shared/filing"
	"beian/shared/process/notify"
	"beian/shared/rules/finding"
	"beian/shared/web"
)

// A VerdictPreview is what a verdict would do, and what the applicant would read.
type VerdictPreview struct {
	Language string           `json:"language" enum:"zh-CN,en" doc:"of the order, in which the applicant gets messages"`
	Status   filing.Status    `json:"status" doc:"of the order after the verdict"`
	Step     filing.Step      `json:"step" doc:"of the order after the verdict"`
	Messages []PreviewMessage `json:"messages" nullable:"false" doc:"as they would be sent now; empty if the applicant gets none"`
	Findings finding.List     `json:"findings" nullable:"false" doc:"what the order's page shows"`
	Warnings finding.List     `json:"warnings" nullable:"false" doc:"about the reviewer's own words; they do not prevent the verdict"`
}

// A PreviewMessage is a message that would be sent.
type PreviewMessage struct {
	Kind    filing.NoticeKind `json:"kind"`
	SMS     string            `json:"sms,omitempty" doc:"absent if the message goes only by email"`
	Subject string            `json:"subject,omitempty" doc:"of the email"`
	Text    string            `json:"text,omitempty" doc:"plain text of the email"`
}

type previewOutput struct{ Body VerdictPreview }

// registerPreview registers the preview of a verdict.
func (a operations) registerPreview() {
	web.Register(a.API, web.Operation{Roles: web.Reviewers, Route: "POST /orders/{id}/review/preview", Tag: "Review", Claim: true, Status: http.StatusOK,
		Summary:     "Preview a verdict: what the applicant would read, in their language",
		Description: "Send what you would send to POST /orders/{id}/review. It is checked in the same way, and nothing is stored or sent. Own words with a phone number, an email address or a certificate number that the application does not have are warned about."},
		func(ctx context.Context, c *web.Call, in *reviewInput) (*previewOutput, error) {
			given, err := in.Body.given()
			if err != nil {
				return nil, err
			}
			t, err := a.BeginDecision(ctx, c, in.OrderRequest, filing.Reviewer)
			if err != nil {
				return nil, err
			}
			change, err := a.Decisions.Preview(ctx, t.Order, c.Actor(filing.Reviewer), given.Decision())
			if err != nil {
				return nil, err
			}
			out, err := a.previewOf(change)
			out.Body.Warnings = append(finding.List{}, in.Body.warnings(t.Order, a.config.Sender)...)
			return out, err
		})
}

// previewOf returns the preview of a change. A rejection is shown as after the state machine has closed the order, which sends the message.
func (a operations) previewOf(c filing.Change) (*previewOutput, error) {
	out := &previewOutput{}
	if c.Order.Closing == filing.ClosingReject {
		closed, err := c.Order.Apply(filing.Close{}, filing.Beian, a.Decisions.Now())
		if err != nil {
			return out, err
		}
		c = closed
	}
	o := c.Order
	out.Body = VerdictPreview{Language: o.Language, Status: o.Status, Step: o.Step, Messages: []PreviewMessage{}, Findings: append(finding.List{}, o.Private.Findings.Limited(0)...)}
	for _, n := range c.Notices {
		m, err := notify.Render(o, n, a.config.Sender)
		if err != nil {
			return out, err
		}
		if !slices.ContainsFunc(notify.Recipients(o, n), func(to notify.Recipient) bool { return to.Medium == notify.SMS && !to.Instead }) {
			m.SMS = ""
		}
		out.Body.Messages = append(out.Body.Messages, PreviewMessage{n.Kind, m.SMS, m.Subject, m.Text})
	}
	return out, nil
}
