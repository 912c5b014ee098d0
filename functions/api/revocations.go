package api

import (
	"context"
	"net/http"
	"time"

	"github.com/oklog/ulid/v2"

	"beian/shared/filing/register"
	"beian/shared/process/decide"
	"beian/shared/process/limits"
	"beian/shared/rules/contact"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/web"
)

type revocationInput struct {
	Body struct {
		Number   string         `json:"number,omitempty" maxLength:"64" doc:"of the subject or of one of its sites: ends all consents for the filing" example:"浙ICP备12345678号"`
		Mobile   contact.Mobile `json:"mobile,omitempty" maxLength:"64" doc:"instead of the number, for example before the first filing has one: the leader's mobile that got the code of the consent"`
		Language string         `json:"language,omitempty" maxLength:"16" doc:"language of the SMS: zh-CN or en. Default: that of Accept-Language"`
	}
}

type revocationAnswerInput struct {
	Body struct {
		ID   string `json:"id" maxLength:"26" doc:"of the revocation" example:"01JCZK3V7M8N9P0Q1R2S3T4V5W"`
		Code string `json:"code" maxLength:"64" doc:"six digits, from the SMS"`
	}
}

type revokedOutput struct {
	Body struct {
		Items []web.Consent `json:"items" nullable:"false" doc:"the consents that were revoked, since the code was requested; empty if all had ended before"`
	}
}

var revocationWords = finding.Words{
	Chinese: "如果这里有可以撤销的同意，验证码已发到主体负责人的手机上，请在 30 分钟内填写，同意随即失效。几分钟内没有收到的，请核对备案号或手机号，或联系客服。",
	English: "If there is a consent to revoke, a code was sent to the mobile of the subject leader. Enter it within 30 minutes; the consent then ends at once. If none arrives within minutes, check the number or the mobile, or contact support.",
}

// registerRevocations registers what a leader without an account does to revoke consents.
func (a operations) registerRevocations() {
	const tag = "Agencies"
	web.Register(a.API, web.Operation{Roles: web.Public, Route: "POST /consent-revocations", Status: http.StatusAccepted, Tag: tag, Counts: limits.RevokeConsent,
		Summary:     "As a subject leader, without an account, revoke the consents that agencies have: a code is sent to your mobile. The answer is the same for every number",
		Description: "Send either the filing number or the mobile that gave the consent. A code arrives only if there is a consent to revoke. Enter it within 30 minutes with POST /consent-revocations/answers."}, a.askRevocation)
	web.Register(a.API, web.Operation{Roles: web.Public, Route: "POST /consent-revocations/answers", Tag: tag, Counts: limits.RevokeConsent,
		Summary:     "Enter the code of the revocation: the consents end at once",
		Description: "Returns the consents that ended. Six tries are possible for a code; then request another one. The agencies can neither read nor act from this moment."}, a.answerRevocation)
}

func (a operations) askRevocation(ctx context.Context, c *web.Call, in *revocationInput) (*consentRequestOutput, error) {
	next := register.ConsentRevocation{ID: a.config.NewID(), Version: 1, Language: languageOr(in.Body.Language, c.Language),
		LeaderCode: register.LeaderCode{Code: a.config.Draw(), At: a.Decisions.Now().UTC()}}
	var err error
	switch {
	case (in.Body.Number == "") == (in.Body.Mobile == ""):
		return nil, web.FaultFor(finding.List{finding.New(register.CodeRevocationTarget, "")})
	case in.Body.Number != "":
		if next.Number, _, err = number.Parse(in.Body.Number); err != nil {
			return nil, web.FaultFor(finding.List{finding.New(register.CodeClaimNumber, "/number")})
		}
	default:
		mobile := contact.NormalizeMobile(in.Body.Mobile.Reveal())
		if found := mobile.Check(); found.Blocking() {
			return nil, web.FaultFor(found.Under("/mobile"))
		}
		if next.LeaderKey, err = a.config.Store.ConsentLeaderKey(ctx, mobile); err != nil {
			return nil, err
		}
	}
	if err := c.Count(ctx); err != nil {
		return nil, err
	}
	if next.Requester, err = a.config.Store.RequesterKey(ctx, c.Address()); err != nil {
		return nil, err
	}
	notice := register.Notice{Kind: register.NoticeRevocationCode, To: register.ToLeader, ID: next.ID}
	if err := a.config.Store.CommitRevocation(ctx, next, nil, notice); err != nil {
		return nil, err
	}
	return &consentRequestOutput{Body: ConsentRequest{ID: next.ID, ExpiresAt: next.Expires(), TriesLeft: next.TriesLeft(), Words: revocationWords}}, nil
}

// answerRevocation checks the code. The consents are looked up only after the right one.
func (a operations) answerRevocation(ctx context.Context, c *web.Call, in *revocationAnswerInput) (*revokedOutput, error) {
	if err := c.Count(ctx); err != nil {
		return nil, err
	}
	var r register.ConsentRevocation
	var err error
	if _, wrong := ulid.ParseStrict(in.Body.ID); wrong == nil {
		if r, err = a.config.Store.Revocation(ctx, in.Body.ID); err != nil {
			return nil, err
		}
	}
	now := a.Decisions.Now()
	after, changed, wrong := r.Answer(in.Body.Code, now) // an unknown revocation has no valid code
	if wrong != nil {
		if changed {
			if err := a.config.Store.CommitRevocation(ctx, after, nil); err != nil {
				return nil, err
			}
		}
		return nil, wrong
	}
	found, err := a.revocable(ctx, r)
	if err != nil {
		return nil, err
	}
	out := &revokedOutput{}
	out.Body.Items = []web.Consent{}
	var ended []register.Consent
	var notices []register.Notice
	for _, consent := range found {
		one, err := consent.End(register.EndedByLeader, "", now)
		if fault.KindOf(err) == fault.Conflict { // it has ended
			if consent.EndedBy == register.EndedByLeader && !consent.EndedAt.Before(r.At.Truncate(time.Millisecond)) { // by this code, in an attempt that failed later
				out.Body.Items = append(out.Body.Items, a.consentOfLeader(consent, now))
			}
			continue
		}
		if len(ended) == maxRevoked { // the last ones end with the code, so that it can be entered again if this fails
			if err := a.config.Store.CommitConsents(ctx, ended, decide.Request{}, nil, notices...); err != nil {
				return nil, err
			}
			ended, notices = nil, nil
		}
		ended = append(ended, one)
		notices = append(notices, one.EndNotices()...)
		out.Body.Items = append(out.Body.Items, a.consentOfLeader(one, now))
	}
	return out, a.config.Store.CommitRevocation(ctx, after, ended, notices...)
}

// consentOfLeader returns the JSON of a consent for its leader, with the agency's name.
func (a operations) consentOfLeader(consent register.Consent, at time.Time) web.Consent {
	shown := web.ConsentOf(consent, at, false)
	shown.Agency = a.agencyWords(consent.Account)
	return shown
}

// maxRevoked is the number of consents that one transaction revokes: each is three writes of a transaction, which has at most 100.
const maxRevoked = 30

// revocable returns the consents that a revocation is about, also those that have ended.
func (a operations) revocable(ctx context.Context, r register.ConsentRevocation) ([]register.Consent, error) {
	if r.LeaderKey != "" {
		return a.config.Store.ConsentsOfLeader(ctx, r.LeaderKey)
	}
	f, err := a.config.Store.FilingByNumber(ctx, r.Number)
	if err != nil || f.ID == "" {
		return nil, err
	}
	return a.config.Store.ConsentsOfFiling(ctx, f.ID)
}
