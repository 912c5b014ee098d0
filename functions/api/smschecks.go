package api

import (
	"context"
	"net/http"
	"time"

	"github.com/oklog/ulid/v2"

	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/process/limits"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/web"
)

// An SMSCheck is the SMS verification of an order as the link in its SMS shows it. It has no personal data: mobiles are masked.
type SMSCheck struct {
	State     string         `json:"state" enum:"planned,waiting,done,over" doc:"planned: the codes will be sent at sendAt; waiting: codes can be entered until expiresAt; done: every leader has answered; over: the check ended without all answers, or the order has none"`
	SendAt    time.Time      `json:"sendAt,omitzero" doc:"when the codes will be sent, if they are planned"`
	SentAt    time.Time      `json:"sentAt,omitzero"`
	ExpiresAt time.Time      `json:"expiresAt,omitzero" doc:"24 hours after sentAt"`
	Codes     []SMSCheckCode `json:"codes" nullable:"false"`
}

// An SMSCheckCode is the code of one mobile.
type SMSCheckCode struct {
	Index     int      `json:"index"`
	Mobile    string   `json:"mobile" doc:"masked" example:"138****0000"`
	Roles     []string `json:"roles" nullable:"false" doc:"JSON pointers of the leaders with this mobile" example:"[\"/subject/leader\"]"`
	Answered  bool     `json:"answered"`
	TriesLeft int      `json:"triesLeft"`
	AsksTail  bool     `json:"asksTail" doc:"whether the answer needs the last six characters of the leader's certificate number; not if the filing has none"`
}

type smsCheckOutput struct{ Body SMSCheck }

type smsCheckAnswerInput struct {
	web.OrderPath
	Body struct {
		Index int    `json:"index" minimum:"0" maximum:"127" doc:"index of the code"`
		Code  string `json:"code" maxLength:"64" doc:"six digits, from the SMS"`
		Tail  string `json:"tail" maxLength:"64" doc:"the last six characters of the leader's certificate number; \"\" if the code does not ask for it"`
	}
}

type smsCheckResendInput struct {
	web.OrderPath
	Body struct {
		Index int `json:"index" minimum:"0" maximum:"127" doc:"index of the code"`
	}
}

// leader is the actor of an answer that is entered by the link. The code and the certificate number identify the leader.
var leader = filing.Actor{Account: "leader", Role: filing.System}

// registerSMSChecks registers what leaders, who have no account, do by the link in their SMS (S18). The id of the order is the secret of the link; a code
// allows [filing.MaxWrongCodes] wrong answers, with the tail of the certificate number.
func (a operations) registerSMSChecks() {
	const tag = "Confirmation"
	web.Register(a.API, web.Operation{Roles: web.Public, Route: "GET /sms-checks/{id}", Tag: tag, Errors: []int{http.StatusNotFound},
		Summary:     "As a leader, without an account, read who answers the SMS codes of an order, and until when",
		Description: "The link in the SMS has the id. Mobiles are masked and names are absent. The state says whether codes are awaited, answered or void."},
		func(ctx context.Context, _ *web.Call, in *web.OrderPath) (*smsCheckOutput, error) {
			o, err := a.orderOfLink(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			return &smsCheckOutput{Body: smsCheckOf(o)}, nil
		})
	web.Register(a.API, web.Operation{Roles: web.Public, Route: "POST /sms-checks/{id}/answers", Tag: tag, Counts: limits.AnswerSMS, Errors: []int{http.StatusNotFound},
		Summary:     "As a leader, without an account, enter the code of the SMS",
		Description: "Send the index of the mobile, the code, and the end of the certificate number where it is asked for. Wrong codes are counted; after too many a new code is needed."}, a.answerSMSCheck)
	web.Register(a.API, web.Operation{Roles: web.Public, Route: "POST /sms-checks/{id}/codes", Status: http.StatusAccepted, Tag: tag, Counts: limits.ResendSMS,
		Errors:      []int{http.StatusNotFound},
		Summary:     "As a leader, without an account, have the code sent again to the same mobile",
		Description: "Use it if the SMS did not arrive. The code before becomes invalid. It is refused if the last one was sent a moment ago, or too many were sent."}, a.resendSMSCheck)
}

var errNoSMSCheck = fault.New(fault.NotFound, "找不到这项短信核验，请核对短信里的链接。", "There is no such SMS check. Use the link in the SMS.")

// orderOfLink returns the order that a link names.
func (a operations) orderOfLink(ctx context.Context, id string) (filing.Order, error) {
	if _, err := ulid.ParseStrict(id); err != nil {
		return filing.Order{}, errNoSMSCheck
	}
	o, err := a.Decisions.Order(ctx, filing.ID(id))
	if fault.KindOf(err) == fault.NotFound {
		err = errNoSMSCheck
	}
	return o, err
}

func (a operations) answerSMSCheck(ctx context.Context, c *web.Call, in *smsCheckAnswerInput) (*smsCheckOutput, error) {
	o, err := a.orderOfLink(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	d := filing.AnswerSMS{Code: in.Body.Code, CertificateTail: in.Body.Tail}
	if o.Step == filing.VerifySMS && o.SMS != nil {
		if in.Body.Index >= len(o.Private.Codes) {
			return nil, web.FaultFor(finding.List{finding.New(filing.CodeSMSUnknown, "/index")})
		}
		d.Mobile = o.Private.Codes[in.Body.Index].Mobile
	}
	o, err = a.Decisions.DecideWith(ctx, o.ID, leader, d, decide.Preconditions{Permit: c.Count})
	if err != nil {
		return nil, err
	}
	return &smsCheckOutput{Body: smsCheckOf(o)}, nil
}

// resendSMSCheck sends a leader's code again. It counts for the leader's number only a code that will be sent.
func (a operations) resendSMSCheck(ctx context.Context, c *web.Call, in *smsCheckResendInput) (*smsCheckOutput, error) {
	o, err := a.orderOfLink(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if err := c.Count(ctx); err != nil {
		return nil, err
	}
	d := filing.ResendCode{Index: in.Body.Index, NewCode: a.config.Draw}
	change, err := a.Decisions.Preview(ctx, o, leader, d)
	if err != nil {
		return nil, err
	}
	if len(change.Notices) == 1 && change.Notices[0].Kind == filing.NoticeSMSCode {
		if err := c.CountRecipient(ctx, filing.Contact{Mobile: o.Private.Codes[d.Index].Mobile}); err != nil {
			return nil, err
		}
	}
	if o, err = a.Decisions.DecideOn(ctx, o, leader, d, decide.Preconditions{}); err != nil {
		return nil, err
	}
	return &smsCheckOutput{Body: smsCheckOf(o)}, nil
}

func smsCheckOf(o filing.Order) SMSCheck {
	out := SMSCheck{State: "over", Codes: []SMSCheckCode{}}
	switch {
	case o.Erasure != nil || o.Closing != "" || o.Status.Final() && o.Status != filing.Approved:
		return out
	case o.Step == filing.VerifySMS && o.SMS == nil && !o.SMSSendAt.IsZero():
		out.State, out.SendAt = "planned", o.SMSSendAt
	case o.Step == filing.VerifySMS:
		out.State = "waiting"
	case o.SMS != nil:
		out.State = "done"
	}
	if o.SMS == nil {
		return out
	}
	out.SentAt, out.ExpiresAt = o.SMS.SentAt, o.SMS.ExpiresAt
	for i, code := range o.SMS.Codes {
		sent := o.Private.Codes[i]
		out.Codes = append(out.Codes, SMSCheckCode{Index: i, Mobile: sent.Mobile.Masked(), Roles: append([]string{}, code.Roles...), Answered: !code.VerifiedAt.IsZero(),
			TriesLeft: filing.MaxWrongCodes + 1 - code.Wrong, AsksTail: sent.CertificateTail != ""})
	}
	return out
}
