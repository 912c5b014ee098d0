package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/decide"
	"beian/shared/process/limits"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/web"
)

// A RegisterClaim is the account's claim of a filing.
type RegisterClaim struct {
	Number    number.Subject `json:"number" doc:"as it was entered"`
	ExpiresAt time.Time      `json:"expiresAt" doc:"of the code"`
	TriesLeft int            `json:"triesLeft" doc:"how many codes can still be entered; 0: claim again"`
	Words     finding.Words  `json:"words" doc:"what to do now; the same for every number"`
}

type claimInput struct {
	Key  string `header:"Idempotency-Key" maxLength:"255" pattern:"^[!-+\\--~]+$" doc:"identifies the request, in ASCII without spaces and commas: repeating it within 24 hours sends no second code"`
	Body struct {
		Number   string `json:"number" maxLength:"64" doc:"of the subject or of one of its sites" example:"浙ICP备12345678号"`
		Language string `json:"language,omitempty" maxLength:"16" doc:"language of the SMS: zh-CN or en. Default: that of Accept-Language"`
	}
}

type claimOutput struct{ Body RegisterClaim }

type claimAnswerInput struct {
	Key  string `header:"Idempotency-Key" maxLength:"255" pattern:"^[!-+\\--~]+$" doc:"identifies the request, in ASCII without spaces and commas: repeating it within 24 hours is not another try, and returns the filing again"`
	Body struct {
		Code string `json:"code" maxLength:"64" doc:"six digits, from the SMS to the subject leader"`
	}
}

type claimedOutput struct {
	ETag string `header:"ETag"`
	Body web.Filing
}

var claimWords = finding.Words{
	Chinese: "如果这个备案号在我们这里、还没有账号认领，验证码已发到主体负责人备案时登记的手机上，请填写。几分钟内没有收到的，请核对备案号；备案已在别的账号下的，请对方转移给您；登记的手机已停用的，请联系客服。",
	English: "If the filing is with us and no account has it, a code was sent to the mobile of the subject leader on file; enter it. If none arrives within minutes, check the number. If another account has the filing, ask it for a transfer. If the mobile is out of use, contact support.",
}

// registerClaims registers the claim of a filing that no account has.
func (a operations) registerClaims() {
	const tag = "Filings"
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "POST /filing-claims", Status: http.StatusAccepted, Tag: tag, Counts: limits.ClaimFiling,
		Summary:     "Claim a filing that no account has: a code is sent to the mobile of its subject leader on file. The answer is the same for every number",
		Description: "Use it for a filing that was imported, or filed by an agency. Send any number of the subject or of its sites. Enter the code within 30 minutes with POST /filing-claims/answers."}, a.claimFiling)
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "GET /filing-claims", Tag: tag, Summary: "List the claim of your account that waits for its code",
		Description: "An account has one claim at a time, so the list has one item at most: none once the code was entered, is used up or has expired. It does not say whether the number is filed."}, a.listClaims)
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "POST /filing-claims/answers", Tag: tag, Counts: limits.AnswerSMS,
		Summary:     "Enter the code of the claim: the filing then belongs to your account",
		Description: "Returns the filing. A wrong code costs a try. After the right code, the claim is refused if an account has the filing already, if an order of the subject is open, or if your account has another subject."}, a.answerClaim)
}

func (a operations) listClaims(ctx context.Context, c *web.Call, _ *noInput) (*listResult[RegisterClaim], error) {
	claim, err := a.config.Store.Claim(ctx, c.Caller.Account)
	if err != nil {
		return nil, err
	}
	if claim.Filing != "" || !claim.IsValid(a.Decisions.Now()) {
		return newList[RegisterClaim](nil)
	}
	return newList([]RegisterClaim{claimOf(claim)})
}

func claimOf(c register.Claim) RegisterClaim {
	return RegisterClaim{Number: c.Number, ExpiresAt: c.Expires(), TriesLeft: c.TriesLeft(), Words: claimWords}
}

// claimFiling claims a filing. A repeated request returns the account's newest claim.
func (a operations) claimFiling(ctx context.Context, c *web.Call, in *claimInput) (*claimOutput, error) {
	pre, err := c.Preconditions(web.Conditions{Key: in.Key}, filing.Applicant)
	if err != nil {
		return nil, err
	}
	claim, err := a.requestClaim(ctx, c, in, pre.Request)
	if _, repeated := errors.AsType[*decide.RepeatedError](err); repeated {
		claim, err = a.config.Store.Claim(ctx, c.Caller.Account)
	}
	if err != nil {
		return nil, err
	}
	return &claimOutput{Body: claimOf(claim)}, nil
}

// requestClaim stores a new claim. The error is a *decide.RepeatedError if the request was carried out before.
func (a operations) requestClaim(ctx context.Context, c *web.Call, in *claimInput, request decide.Request) (register.Claim, error) {
	if err := a.Decisions.Store.CheckRepeated(ctx, request); err != nil {
		return register.Claim{}, err
	}
	subject, _, wrong := number.Parse(in.Body.Number)
	if wrong != nil {
		return register.Claim{}, web.FaultFor(finding.List{finding.New(register.CodeClaimNumber, "/number")})
	}
	last, err := a.config.Store.Claim(ctx, c.Caller.Account)
	if err != nil {
		return register.Claim{}, err
	}
	standing, err := a.config.Store.StandingFilings(ctx, c.Caller.Account)
	if err != nil {
		return register.Claim{}, err
	}
	next := register.Claim{ID: a.config.NewID(), Account: c.Caller.Account, Number: subject, Language: languageOr(in.Body.Language, c.Language), LeaderCode: register.LeaderCode{Code: a.config.Draw()}}
	now := a.Decisions.Now()
	if next, err = register.RequestClaim(last, next, standing, now); err != nil {
		return register.Claim{}, err
	}
	if err := c.Count(ctx); err != nil {
		return register.Claim{}, err
	}
	notice := register.Notice{Kind: register.NoticeClaimCode, To: register.ToLeader, Account: next.Account, ID: next.ID}
	return next, a.config.Store.CommitClaim(ctx, next, nil, request, nil, notice)
}

// answerClaim checks the code. The filing is looked up only after the right one. An answer that is repeated after a success returns the filing; with its
// key, a repeated wrong answer is not another try.
func (a operations) answerClaim(ctx context.Context, c *web.Call, in *claimAnswerInput) (*claimedOutput, error) {
	pre, err := c.Preconditions(web.Conditions{Key: in.Key}, filing.Applicant)
	if err != nil {
		return nil, err
	}
	out, err := a.checkClaimCode(ctx, c, in, pre.Request)
	if r, repeated := errors.AsType[*decide.RepeatedError](err); repeated {
		if r.Failure != nil {
			return nil, r.Failure
		}
		return a.claimed(ctx, c, register.Claim{Filing: r.Filing})
	}
	return out, err
}

// checkClaimCode checks the code of the account's claim. The error is a *decide.RepeatedError if the request was carried out before.
func (a operations) checkClaimCode(ctx context.Context, c *web.Call, in *claimAnswerInput, request decide.Request) (*claimedOutput, error) {
	if err := a.Decisions.Store.CheckRepeated(ctx, request); err != nil {
		return nil, err
	}
	claim, err := a.config.Store.Claim(ctx, c.Caller.Account)
	if err != nil {
		return nil, err
	}
	if claim.Filing != "" {
		return a.claimed(ctx, c, claim)
	}
	if err := c.Count(ctx); err != nil {
		return nil, err
	}
	now := a.Decisions.Now()
	after, changed, wrong := claim.Answer(in.Body.Code, now)
	if wrong != nil {
		if changed {
			refused := fault.Of(wrong)
			failure := &filing.Failure{Kind: refused.Kind, Findings: refused.Findings}
			if err := a.config.Store.CommitClaim(ctx, after, nil, request, failure); err != nil {
				return nil, err
			}
		}
		return nil, wrong
	}
	f, err := a.config.Store.FilingByNumber(ctx, claim.Number)
	if err != nil {
		return nil, err
	}
	standing, err := a.config.Store.StandingFilings(ctx, c.Caller.Account)
	if err != nil {
		return nil, err
	}
	change, err := f.ClaimBy(after, standing, now)
	if err != nil {
		return nil, err
	}
	after.Filing = f.ID
	notice := register.Notice{Kind: register.NoticeClaimed, To: register.ToLeader, Filing: f.ID, ID: after.ID}
	if err := a.config.Store.CommitClaim(ctx, after, &change, request, nil, notice); err != nil {
		return nil, err
	}
	return a.claimed(ctx, c, after)
}

// claimed returns the filing that a claim got, while the account has it.
func (a operations) claimed(ctx context.Context, c *web.Call, claim register.Claim) (*claimedOutput, error) {
	f, err := web.FilingPath{ID: string(claim.Filing)}.ReadFiling(ctx, c, a.config.Store.Filing)
	if fault.KindOf(err) == fault.NotFound {
		return nil, fault.WithFindings(fault.Conflict, finding.List{finding.New(register.CodeClaimCodeExpired, "/code")})
	}
	return &claimedOutput{ETag: web.FilingETag(f), Body: web.FilingOf(f).WithOpenOrder("", a.beginsAt(f))}, err
}
