package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/oklog/ulid/v2"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/decide"
	"beian/shared/process/limits"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/rules/workday"
	"beian/shared/web"
)

// A ConsentRequest is the answer to the request for a consent.
type ConsentRequest struct {
	ID        string        `json:"id" doc:"of the consent; send it with the code"`
	ExpiresAt time.Time     `json:"expiresAt" doc:"of the code"`
	TriesLeft int           `json:"triesLeft" doc:"how many codes can still be entered; 0: request the consent again"`
	Words     finding.Words `json:"words" doc:"what to do now; the same for every number"`
}

// A NewConsent is the request for a consent.
type NewConsent struct {
	Number   string           `json:"number,omitempty" maxLength:"64" doc:"of the subject or of one of its sites; absent for a first filing" example:"浙ICP备12345678号"`
	Order    filing.ID        `json:"order,omitempty" maxLength:"26" doc:"your open order, for a subject that is not filed with us; its details must have the subject leader's mobile" example:"01JCZK3V7M8N9P0Q1R2S3T4V5W"`
	Scopes   []register.Scope `json:"scopes" maxItems:"4" doc:"read (part of every consent), file, change, cancel" example:"[\"file\",\"change\"]"`
	Until    workday.Date     `json:"until" maxLength:"10" doc:"last day, Shanghai time; at most 12 months" example:"2027-03-01"`
	Language string           `json:"language,omitempty" maxLength:"16" doc:"language of the messages to the leader: zh-CN or en. Default: that of Accept-Language"`
}

type consentInput struct {
	Key  string `header:"Idempotency-Key" maxLength:"255" pattern:"^[!-+\\--~]+$" doc:"identifies the request, in ASCII without spaces and commas: repeating it within 24 hours sends no second code"`
	Body NewConsent
}

type consentRequestOutput struct{ Body ConsentRequest }

type consentAnswerInput struct {
	Key  string `header:"Idempotency-Key" maxLength:"255" pattern:"^[!-+\\--~]+$" doc:"identifies the request, in ASCII without spaces and commas: repeating it within 24 hours is not another try"`
	Body struct {
		ID   string `json:"id" maxLength:"26" doc:"of the consent" example:"01JCZK3V7M8N9P0Q1R2S3T4V5W"`
		Code string `json:"code" maxLength:"64" doc:"six digits, from the SMS to the subject leader"`
	}
}

type consentOutput struct{ Body web.Consent }

type consentPath struct {
	ID string `path:"id" doc:"the consent's id" example:"01JCZK3V7M8N9P0Q1R2S3T4V5W"`
}

var consentWords = finding.Words{
	Chinese: "如果这个备案号在我们这里，验证码已发到主体负责人备案时登记的手机上；首次备案的，发到订单里主体负责人的手机上。主体负责人同意后会把验证码告诉您，请在 30 分钟内填写。几分钟内没有收到的，请核对备案号。",
	English: "If the filing is with us, a code was sent to the mobile of the subject leader on file; for a first filing, to the one in the order. The leader gives it to you if they agree; enter it within 30 minutes. If none arrives within minutes, check the number.",
}

var errNoConsent = fault.New(fault.NotFound, "找不到这份同意，请在同意列表中重新打开。", "There is no such consent.")

// registerConsents registers the consents by which an agency acts for subjects.
func (a operations) registerConsents() {
	const tag = "Agencies"
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "POST /consents", Status: http.StatusAccepted, Tag: tag, Counts: limits.AskConsent,
		Summary:     "As an agency, ask the leader of a subject for a consent: a code is sent to the leader's mobile. The answer is the same for every number",
		Description: "Only accounts that the provider lists as agencies can call it; others get agency-not-listed. Name the filing number, or for a first filing the open order. The leader gives you the code if they agree; enter it within 30 minutes with POST /consents/answers."}, a.askConsent)
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "POST /consents/answers", Tag: tag, Counts: limits.AnswerSMS, Errors: []int{http.StatusNotFound},
		Summary:     "Enter the code that the leader gave you: your account can then act for the subject",
		Description: "The code is valid for 30 minutes and six tries. From then on the scopes permit to read, file, change or cancel until the last day. A new consent replaces an earlier one for the same filing."}, a.answerConsent)
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "GET /consents", Tag: tag, Summary: "List the consents that your account asked for, newest first",
		Description: "Shows which are in force, with scopes and last day, and which ended and why. Ask for a new one before the last day, Shanghai time."},
		func(ctx context.Context, c *web.Call, in *web.PageQuery) (*web.PageResult[web.Consent], error) {
			found, next, err := a.config.Store.ListConsents(ctx, c.Caller.Account, in.Cursor, in.Limit)
			if err != nil {
				return nil, err
			}
			return web.NewPage(web.ConsentsOf(found, a.Decisions.Now(), false), next, "/consents", in.Limit, nil), nil
		})
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "DELETE /consents/{id}", Tag: tag,
		Summary:     "Give up a consent of your account: it can no longer act for the subject",
		Description: "Call it when the agency stops working for a subject. Orders that were submitted go on; a cancellation that was not sent yet goes back. The leader gets a message."}, a.giveUpConsent)
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "GET /filings/{id}/consents", Tag: tag,
		Summary:     "List the consents of your filing: the agencies that act for its subject, or did",
		Description: "Shows the name of each agency, what it may do and until when. End one with POST /filings/{id}/consent-revocations."},
		func(ctx context.Context, c *web.Call, in *web.FilingPath) (*web.PageResult[web.Consent], error) {
			f, err := in.ReadFiling(ctx, c, a.config.Store.Filing)
			if err != nil {
				return nil, err
			}
			found, err := a.config.Store.ConsentsOfFiling(ctx, f.ID)
			if err != nil {
				return nil, err
			}
			shown := web.ConsentsOf(found, a.Decisions.Now(), false)
			for i, consent := range found {
				shown[i].Agency = a.agencyWords(consent.Account)
			}
			return web.NewPage(shown, "", "/filings/"+string(f.ID)+"/consents", 0, nil), nil
		})
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "POST /filings/{id}/consent-revocations", Tag: tag,
		Summary:     "Revoke a consent of your filing. The agency can no longer act for the subject",
		Description: "Send the id of a consent from GET /filings/{id}/consents. Orders that the agency submitted go on; a cancellation that was not sent yet goes back. A consent that has ended is refused."}, a.revokeAsOwner)
}

// agencyWords returns the name of an agency in the setting; nil if it is no longer there.
func (a operations) agencyWords(account filing.Account) *finding.Words {
	if a.config.Agencies == nil {
		return nil
	}
	named, listed := a.config.Agencies.Settings[account]
	if !listed {
		return nil
	}
	return &finding.Words{Chinese: named.ChineseName, English: named.EnglishName}
}

// askConsent asks for a consent. A repeated request returns the consent that it asked for.
func (a operations) askConsent(ctx context.Context, c *web.Call, in *consentInput) (*consentRequestOutput, error) {
	pre, err := c.Preconditions(web.Conditions{Key: in.Key}, filing.Applicant)
	if err != nil {
		return nil, err
	}
	consent, err := a.requestConsent(ctx, c, in.Body, pre.Request)
	if r, repeated := errors.AsType[*decide.RepeatedError](err); repeated {
		consent, err = a.readConsent(ctx, c, r.Consent)
	}
	if err != nil {
		return nil, err
	}
	return &consentRequestOutput{Body: ConsentRequest{ID: consent.ID, ExpiresAt: consent.Expires(), TriesLeft: consent.TriesLeft(), Words: consentWords}}, nil
}

// requestConsent stores the request of a consent. The error is a *decide.RepeatedError if the request was carried out before.
func (a operations) requestConsent(ctx context.Context, c *web.Call, in NewConsent, request decide.Request) (register.Consent, error) {
	if err := a.Decisions.Store.CheckRepeated(ctx, request); err != nil {
		return register.Consent{}, err
	}
	if err := a.config.Agencies.CheckListed(c.Caller.Account); err != nil {
		return register.Consent{}, err
	}
	next := register.Consent{ID: a.config.NewID(), Account: c.Caller.Account, Order: string(in.Order), Scopes: in.Scopes, Until: in.Until,
		Language: languageOr(in.Language, c.Language), LeaderCode: register.LeaderCode{Code: a.config.Draw()}}
	if in.Number != "" {
		subject, _, wrong := number.Parse(in.Number)
		if wrong != nil {
			return register.Consent{}, web.FaultFor(finding.List{finding.New(register.CodeClaimNumber, "/number")})
		}
		next.Number = subject
	}
	next, err := register.RequestConsent(next, a.Decisions.Now())
	if err != nil {
		return register.Consent{}, err
	}
	if next.Order != "" {
		if next.LeaderKey, next.SubjectKey, err = a.leaderOfOrder(ctx, c, in.Order); err != nil {
			return register.Consent{}, err
		}
	}
	if err := c.Count(ctx); err != nil {
		return register.Consent{}, err
	}
	notice := register.Notice{Kind: register.NoticeConsentCode, To: register.ToLeader, ID: next.ID}
	return next, a.config.Store.CommitConsents(ctx, []register.Consent{next}, request, nil, notice)
}

func languageOr(wanted, otherwise string) string {
	if wanted == "en" || wanted == "zh-CN" {
		return wanted
	}
	return otherwise
}

// leaderOfOrder returns the keys of the subject leader and the subject in an order of the caller that begins a filing. It refuses an order that has
// ended or was filed: the leader may be another one since, so that the filing's number is needed.
func (a operations) leaderOfOrder(ctx context.Context, c *web.Call, id filing.ID) (leader, subject string, err error) {
	o, err := a.ownOrder(ctx, c, id)
	if err != nil {
		return "", "", err
	}
	if !o.BeginsFiling() {
		return "", "", web.FaultFor(finding.List{finding.New(register.CodeConsentTarget, "/order")})
	}
	switch _, err := a.config.Store.Filing(ctx, register.ID(id)); {
	case err == nil || o.Step == filing.Done:
		return "", "", web.FaultFor(finding.List{finding.New(register.CodeConsentOrderEnded, "/order")})
	case fault.KindOf(err) != fault.NotFound:
		return "", "", err
	}
	mobile := o.Private.Subject.Leader.Mobile
	if mobile.Check().Blocking() {
		return "", "", web.FaultFor(finding.List{finding.New(register.CodeConsentNoLeader, "/order")})
	}
	leader, err = a.config.Store.ConsentLeaderKey(ctx, mobile)
	return leader, o.SubjectKey, err
}

// ownOrder reads an order of the caller's account, also one whose consent has ended: a new consent is asked for it.
func (a operations) ownOrder(ctx context.Context, c *web.Call, id filing.ID) (filing.Order, error) {
	none := web.FaultFor(finding.List{finding.New(register.CodeConsentTarget, "/order")})
	if _, err := ulid.ParseStrict(string(id)); err != nil {
		return filing.Order{}, none
	}
	o, err := a.Decisions.Order(ctx, id)
	if fault.KindOf(err) == fault.NotFound || err == nil && o.Account != c.Caller.Account {
		return filing.Order{}, none
	}
	if err == nil {
		err = o.CheckNotErased()
	}
	return o, err
}

// answerConsent checks the code. The filing is looked up only after the right one. An answer that is repeated after a success returns the consent; with
// its key, a repeated wrong answer is not another try.
func (a operations) answerConsent(ctx context.Context, c *web.Call, in *consentAnswerInput) (*consentOutput, error) {
	pre, err := c.Preconditions(web.Conditions{Key: in.Key}, filing.Applicant)
	if err != nil {
		return nil, err
	}
	consent, err := a.checkConsentCode(ctx, c, in, pre.Request)
	if r, repeated := errors.AsType[*decide.RepeatedError](err); repeated {
		if r.Failure != nil {
			return nil, r.Failure
		}
		consent, err = a.readConsent(ctx, c, r.Consent)
	}
	if err != nil {
		return nil, err
	}
	return &consentOutput{web.ConsentOf(consent, a.Decisions.Now(), false)}, nil
}

// checkConsentCode checks the code of a consent, and returns the consent that is given. The error is a *decide.RepeatedError if the request was carried
// out before.
func (a operations) checkConsentCode(ctx context.Context, c *web.Call, in *consentAnswerInput, request decide.Request) (register.Consent, error) {
	none := register.Consent{}
	if err := a.Decisions.Store.CheckRepeated(ctx, request); err != nil {
		return none, err
	}
	consent, err := a.readConsent(ctx, c, in.Body.ID)
	if err != nil {
		return none, err
	}
	now := a.Decisions.Now()
	if consent.StateAt(now) == register.ConsentGiven {
		return consent, nil
	}
	if err := a.config.Agencies.CheckListed(c.Caller.Account); err != nil {
		return none, err
	}
	if err := c.Count(ctx); err != nil {
		return none, err
	}
	after, changed, wrong := consent.Answer(in.Body.Code, now)
	if wrong != nil {
		if changed {
			refused := fault.Of(wrong)
			failure := &filing.Failure{Kind: refused.Kind, Findings: refused.Findings}
			if err := a.config.Store.CommitConsents(ctx, []register.Consent{after}, request, failure); err != nil {
				return none, err
			}
		}
		return none, wrong
	}
	f, leader, err := a.consentTarget(ctx, c, after)
	if err != nil {
		return none, err
	}
	given := after.Give(f.ID, leader, now)
	given.FilingVersion = f.Version
	stored := []register.Consent{given}
	replaced, err := a.config.Store.ConsentOf(ctx, given.Account, f.ID)
	if err != nil {
		return none, err
	}
	if replaced.StateAt(now) == register.ConsentGiven {
		if replaced, err = replaced.End(register.EndedByReplace, "", now); err != nil {
			return none, err
		}
		stored = append(stored, replaced)
	}
	if err := a.config.Store.PutAgencyContact(ctx, given.Account, partyOf(c)); err != nil {
		return none, err
	}
	notice := register.Notice{Kind: register.NoticeConsentGiven, To: register.ToLeader, Filing: f.ID, ID: given.ID}
	return given, a.config.Store.CommitConsents(ctx, stored, request, nil, notice)
}

// consentTarget returns the filing that a consent with the right code is about, and the key of the leader who gave it. Of a first filing, it has only
// the id that it will have.
func (a operations) consentTarget(ctx context.Context, c *web.Call, consent register.Consent) (register.Filing, string, error) {
	if consent.Order != "" {
		leader, subject, err := a.leaderOfOrder(ctx, c, filing.ID(consent.Order))
		if err == nil && (leader != consent.LeaderKey || subject != consent.SubjectKey) {
			err = fault.WithFindings(fault.Conflict, finding.List{finding.New(register.CodeConsentLeader, "")})
		}
		return register.Filing{ID: register.ID(consent.Order)}, leader, err
	}
	f, err := a.config.Store.FilingByNumber(ctx, consent.Number)
	switch {
	case err != nil:
		return f, "", err
	case f.ID == "" || f.Status == register.Cancelled || f.Private.Subject.Leader.Mobile == "":
		return f, "", fault.WithFindings(fault.Conflict, finding.List{finding.New(register.CodeConsentImpossible, "")})
	case f.Account == c.Caller.Account:
		return f, "", fault.WithFindings(fault.Conflict, finding.List{finding.New(register.CodeConsentOwn, "")})
	}
	leader, err := a.config.Store.ConsentLeaderKey(ctx, f.Private.Subject.Leader.Mobile)
	return f, leader, err
}

// readConsent returns a consent of the caller's account.
func (a operations) readConsent(ctx context.Context, c *web.Call, id string) (register.Consent, error) {
	if _, err := ulid.ParseStrict(id); err != nil {
		return register.Consent{}, errNoConsent
	}
	consent, err := a.config.Store.Consent(ctx, id)
	if err == nil && (consent.ID == "" || consent.Account != c.Caller.Account) {
		err = errNoConsent
	}
	return consent, err
}

func (a operations) giveUpConsent(ctx context.Context, c *web.Call, in *consentPath) (*consentOutput, error) {
	consent, err := a.readConsent(ctx, c, in.ID)
	if err != nil {
		return nil, err
	}
	return a.endConsent(ctx, c, consent, register.EndedByAgency)
}

type revokeInput struct {
	web.FilingPath
	Body struct {
		Consent string `json:"consent" maxLength:"26" doc:"id of the consent" example:"01JCZK3V7M8N9P0Q1R2S3T4V5W"`
	}
}

func (a operations) revokeAsOwner(ctx context.Context, c *web.Call, in *revokeInput) (*consentOutput, error) {
	f, err := in.ReadFiling(ctx, c, a.config.Store.Filing)
	if err != nil {
		return nil, err
	}
	found, err := a.config.Store.ConsentsOfFiling(ctx, f.ID)
	if err != nil {
		return nil, err
	}
	for _, consent := range found {
		if consent.ID == in.Body.Consent {
			return a.endConsent(ctx, c, consent, register.EndedByOwner)
		}
	}
	return nil, web.FaultFor(finding.List{finding.New(register.CodeConsentEnded, "/consent")})
}

// endConsent ends a consent; see [web.Call.EndConsent].
func (a operations) endConsent(ctx context.Context, c *web.Call, consent register.Consent, by register.ConsentEnd) (*consentOutput, error) {
	ended, err := c.EndConsent(ctx, a.config.Store, consent, by)
	if err != nil {
		return nil, err
	}
	return &consentOutput{web.ConsentOf(ended, a.Decisions.Now(), false)}, nil
}
