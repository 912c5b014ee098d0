package api

import (
	"context"
	"net/http"
	"slices"

	"beian/shared/filing"
	"beian/shared/rules/contact"
	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// A Summary is everything that the applicant confirms.
type Summary struct {
	Type     filing.Type              `json:"type"`
	Province string                   `json:"province"`
	Product  *Product                 `json:"product,omitempty"`
	Subject  Subject                  `json:"subject"`
	Sites    []Site                   `json:"sites" nullable:"false"`
	Evidence map[evidence.Slot]string `json:"evidence" nullable:"false" doc:"SHA-256 of each paper by slot"`
	Digest   string                   `json:"digest" doc:"stands for all of it; to be sent back with the confirmation"`
}

type summaryOutput struct {
	ETag string `header:"ETag"`
	Body Summary
}

type confirmInput struct {
	OrderPath
	Conditions
	Body struct {
		Digest string `json:"digest" maxLength:"64" doc:"that of the summary which was shown"`
	}
}

// An SMSAnswer is a leader giving the code back.
type SMSAnswer struct {
	Mobile contact.Mobile `json:"mobile" maxLength:"64" doc:"to which the code went"`
	Code   string         `json:"code" maxLength:"16" doc:"the six digits"`
	Tail   string         `json:"tail" maxLength:"16" doc:"the last six characters of the leader's certificate number"`
}

type answerInput struct {
	OrderPath
	Conditions
	Body SMSAnswer
}

type resendInput struct {
	OrderPath
	Conditions
	Body struct {
		Index int `json:"index" minimum:"0" maximum:"127" doc:"which of the order's SMS codes"`
	}
}

// confirmations declares the applicant's confirmation and the leaders' SMS verification.
func (a *API) confirmations() {
	const tag = "Confirmation"
	register(a, operation{who: anyRole, route: "GET /orders/{id}/summary", tag: tag,
		does: "Read everything that is to be confirmed"},
		func(ctx context.Context, c *call, in *OrderPath) (*summaryOutput, error) {
			o, err := a.seen(ctx, c, *in)
			if err != nil {
				return nil, err
			}
			return &summaryOutput{ETag: etag(o), Body: summaryOf(o)}, nil
		})
	register(a, operation{who: applicants, route: "POST /orders/{id}/confirmation", tag: tag,
		does: "Confirm that everything is right, and submit"},
		func(ctx context.Context, c *call, in *confirmInput) (*changed, error) {
			d := filing.Confirm{Digest: in.Body.Digest}
			return c.changed(a.decide(ctx, c, in.OrderPath, in.Conditions, filing.Applicant, d))
		})
	register(a, operation{who: applicants, route: "POST /orders/{id}/sms-answers", tag: tag,
		does: "Give back the code that a leader got by SMS"},
		func(ctx context.Context, c *call, in *answerInput) (*changed, error) {
			mobile := contact.NormalizeMobile(in.Body.Mobile.Reveal())
			d := filing.AnswerSMS{Mobile: mobile, Code: in.Body.Code, Tail: in.Body.Tail}
			o, err := a.decide(ctx, c, in.OrderPath, in.Conditions, filing.Applicant, d)
			if err != nil {
				return nil, err
			}
			return c.changed(o, verified(o, d.Mobile))
		})
	register(a, operation{who: applicants, route: "POST /orders/{id}/sms-codes", status: http.StatusAccepted, tag: tag,
		does: "Have an SMS code sent again"},
		func(ctx context.Context, c *call, in *resendInput) (*changed, error) {
			d := filing.ResendCode{Index: in.Body.Index, Draw: a.Draw}
			return c.changed(a.decide(ctx, c, in.OrderPath, in.Conditions, filing.Applicant, d))
		})
}

func summaryOf(o filing.Order) Summary {
	s := o.Summary()
	out := Summary{Type: s.Type, Province: s.Province, Product: productOf(s.Product), Subject: subjectOf(s.Subject),
		Sites: sitesOf(s.Sites), Evidence: map[evidence.Slot]string{}, Digest: s.Digest}
	for slot, e := range o.Evidence {
		out.Evidence[slot] = e.SHA256
	}
	return out
}

// verified tells a wrong answer, and one that ended the check, from a right one.
func verified(o filing.Order, mobile contact.Mobile) error {
	if o.SMS == nil {
		if o.Findings.Has(filing.CodeSMSExpired) || o.Findings.Has(filing.CodeSMSTooWrong) {
			return fault.Found(fault.Conflict, o.Findings)
		}
		return nil
	}
	i := slices.IndexFunc(o.Private.Codes, func(s filing.SMSSent) bool { return s.Mobile == mobile })
	if i >= 0 && i < len(o.SMS.Codes) && o.SMS.Codes[i].VerifiedAt.IsZero() && o.Findings.Has(filing.CodeSMSWrong) {
		wrong := slices.IndexFunc(o.Findings, func(f finding.Finding) bool { return f.Code == filing.CodeSMSWrong })
		return fault.Found(fault.Invalid, o.Findings[wrong:wrong+1])
	}
	return nil
}
