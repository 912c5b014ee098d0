package api

import (
	"context"
	"net/http"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/limits"
	"beian/shared/rules/codes"
	"beian/shared/rules/contact"
	"beian/shared/rules/evidence"
	"beian/shared/rules/finding"
	"beian/shared/rules/province"
	"beian/shared/web"
)

// A Summary contains all data that the applicant confirms.
type Summary struct {
	Type     filing.Type              `json:"type"`
	Province province.Code            `json:"province"`
	Product  *web.Product             `json:"product,omitempty"`
	Subject  filing.Subject           `json:"subject"`
	Sites    []filing.Site            `json:"sites" nullable:"false"`
	Evidence map[evidence.Slot]string `json:"evidence" nullable:"false" doc:"SHA-256 of each paper by slot"`
	Changes  []register.Difference    `json:"changes,omitempty" doc:"what a change of a filing changes, before and after"`
	Names    []CodeName               `json:"names,omitempty" nullable:"false" doc:"what the ministry's numbers in the data mean"`
	// Cancellation is what the order ends.
	Cancellation *web.Cancellation `json:"cancellation,omitempty" doc:"what the order ends"`
	// Explained are those that apply.
	Explained []web.Explained `json:"explanations" nullable:"false" doc:"the applicant's explanations of findings, with the overrides of reviewers"`
	Digest    string          `json:"digest" doc:"hash of the summary; send it with the confirmation"`
}

// A CodeName is the meaning of a number in the data.
type CodeName struct {
	Pointer string        `json:"pointer" doc:"JSON pointer (RFC 6901) to the number in the summary"`
	Words   finding.Words `json:"words"`
}

type summaryOutput struct {
	ETag string `header:"ETag"`
	Body Summary
}

type confirmInput struct {
	web.OrderRequest
	Body struct {
		Digest string `json:"digest" maxLength:"64" doc:"digest of the summary that was shown"`
	}
}

// An SMSAnswer is the code that a leader received.
type SMSAnswer struct {
	Mobile contact.Mobile `json:"mobile" maxLength:"64" doc:"the mobile that received the code"`
	Code   string         `json:"code" maxLength:"64" doc:"six digits"`
	Tail   string         `json:"tail" maxLength:"64" doc:"the last six characters of the leader's certificate number; \"\" if the filing has none, as after an import without it"`
}

type answerInput struct {
	web.OrderRequest
	Body SMSAnswer
}

type resendInput struct {
	web.OrderRequest
	Body struct {
		Index int `json:"index" minimum:"0" maximum:"127" doc:"index of the code in the order's sms.codes"`
	}
}

// registerConfirmations registers the confirmation and the SMS verification.
func (a operations) registerConfirmations() {
	const tag = "Confirmation"
	web.Register(a.API, web.Operation{Roles: web.AnyRole, Route: "GET /orders/{id}/summary", Tag: tag, Claim: true, Reads: filing.ReadSummary, Errors: []int{http.StatusConflict},
		Summary:     "Read the summary to confirm",
		Description: "Show it to the applicant, and send its digest with POST /orders/{id}/confirmation. A change of a filing shows the values before and after. A reviewer needs a claim (409)."},
		func(ctx context.Context, c *web.Call, in *web.OrderPath) (*summaryOutput, error) {
			o, err := a.readComplete(ctx, c, *in)
			if err != nil {
				return nil, err
			}
			tables, err := a.config.Store.CodeTables(ctx)
			if err != nil {
				return nil, err
			}
			return &summaryOutput{ETag: web.ETag(o), Body: summaryOf(o, tables)}, nil
		})
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "POST /orders/{id}/confirmation", Tag: tag, Counts: limits.Enter,
		Summary:     "Confirm the summary and submit the application",
		Description: "Show the summary first, and send its digest: if the data changed since, it is refused. Both parts of the contact must be verified. Other accounts' submitted orders with the subject or a domain refuse it with subject-filed-by-another or domain-filed-by-another."},
		func(ctx context.Context, c *web.Call, in *confirmInput) (*web.OrderResult, error) {
			if c.IsAgency() {
				return a.confirmAsAgency(ctx, c, in)
			}
			return a.Decide(ctx, c, in.OrderRequest, filing.Applicant, filing.Confirm{Digest: in.Body.Digest})
		})
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "POST /orders/{id}/sms-answers", Tag: tag, Counts: limits.AnswerSMS,
		Summary:     "Enter the SMS code of a leader",
		Description: "An answer has the code and the end of the leader's certificate number. The leader can reply to the SMS instead. After 24 hours, or more than five wrong codes for a number, the check ends and the order goes back to the review."},
		func(ctx context.Context, c *web.Call, in *answerInput) (*web.OrderResult, error) {
			mobile := contact.NormalizeMobile(in.Body.Mobile.Reveal())
			d := filing.AnswerSMS{Mobile: mobile, Code: in.Body.Code, CertificateTail: in.Body.Tail}
			return a.Decide(ctx, c, in.OrderRequest, filing.Applicant, d)
		})
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "POST /orders/{id}/sms-codes", Status: http.StatusAccepted, Tag: tag, Counts: limits.ResendSMS,
		Summary:     "Resend an SMS code",
		Description: "Use it if an SMS did not arrive. The code before becomes invalid. It is refused if the last one was sent a moment ago, or too many were sent."}, a.resendSMS)
	a.registerSMSHours()
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "POST /orders/{id}/sms-repetition", Status: http.StatusAccepted, Tag: tag,
		Summary:     "Start the SMS check again after it expired, if nothing has changed since the review: new codes are sent, without another review",
		Description: "Use it if the order went back to the confirmation because nobody answered in time. It is refused if the data, the papers or the rules have changed since: confirm the application then."},
		func(ctx context.Context, c *web.Call, in *web.OrderRequest) (*web.OrderResult, error) {
			return a.Decide(ctx, c, *in, filing.Applicant, filing.RepeatSMS{})
		})
}

// resendSMS sends a leader's code again. It counts for the leader's number only a code that will be sent.
func (a operations) resendSMS(ctx context.Context, c *web.Call, in *resendInput) (*web.OrderResult, error) {
	t, err := a.BeginDecision(ctx, c, in.OrderRequest, filing.Applicant)
	if err != nil {
		return nil, err
	}
	d := filing.ResendCode{Index: in.Body.Index, NewCode: a.config.Draw}
	if t.Repeated {
		return c.Result(t.Decide(ctx, d))
	}
	change, err := a.Decisions.Preview(ctx, t.Order, c.Actor(filing.Applicant), d)
	if err != nil {
		return nil, err
	}
	if len(change.Notices) == 1 && change.Notices[0].Kind == filing.NoticeSMSCode {
		if err := c.CountRecipient(ctx, filing.Contact{Mobile: t.Order.Private.Codes[d.Index].Mobile}); err != nil {
			return nil, err
		}
	}
	return c.Result(t.Decide(ctx, d))
}

func summaryOf(o filing.Order, tables codes.Tables) Summary {
	s := o.Summary()
	out := Summary{Type: s.Type, Province: s.Province, Product: web.ProductOf(s.Product), Subject: s.Subject,
		Sites: append([]filing.Site{}, s.Sites...), Evidence: map[evidence.Slot]string{}, Changes: s.Changes, Explained: []web.Explained{},
		Cancellation: web.CancellationOf(o), Digest: s.Digest}
	for _, used := range o.UsedCodes(s.Subject, s.Sites) {
		shown := used.Table != codes.Natures && used.Table != codes.AccessModes
		if w := tables.Words(used.Table, used.ID); shown && w.Chinese != "" {
			out.Names = append(out.Names, CodeName{Pointer: used.Pointer, Words: w})
		}
	}
	for _, e := range web.ExplainedOf(o) {
		if e.Applies {
			out.Explained = append(out.Explained, e)
		}
	}
	for slot, e := range o.Evidence {
		out.Evidence[slot] = e.SHA256
	}
	return out
}
