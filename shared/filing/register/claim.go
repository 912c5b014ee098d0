package register

import (
	"time"

	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
)

// ClaimPause is the minimum time between two claims of an account. Our own rule.
const ClaimPause = time.Minute

// Findings of claims and transfers.
const (
	CodeAccountHasFiling finding.Code = "account-has-filing"
	CodeAccountHasOrder  finding.Code = "account-has-order"
	CodeClaimNumber      finding.Code = "claim-number"
	CodeClaimOwn         finding.Code = "claim-own"
	CodeClaimTooSoon     finding.Code = "claim-too-soon"
	CodeClaimCodeFormat  finding.Code = "claim-code-format"
	CodeClaimCodeWrong   finding.Code = "claim-code-wrong"
	CodeClaimCodeExpired finding.Code = "claim-code-expired"
	CodeClaimTaken       finding.Code = "claim-not-possible"
	CodeClaimOrderOpen   finding.Code = "claim-order-open"
)

// A Claim (认领) is the attempt of an account to get a filing that no account has. The account proves it by the filing's number and a code that
// is sent to the subject leader's mobile on file. An account has one claim at a time.
//
// The request is the same for every number: whether a filing has the number is looked up when the code is sent, and after the right code was
// entered. So guessing numbers shows nothing.
type Claim struct {
	ID       string         `json:"id"` // a ULID
	Account  Account        `json:"account"`
	Version  int            `json:"version"` // of the account's claims; the first is 1
	Number   number.Subject `json:"number"`
	Language string         `json:"language"` // of the messages
	LeaderCode
	Filing ID `json:"filing,omitempty"` // that the account got
}

// RequestClaim returns the account's next claim. last is its claim before, or the zero Claim; standing are the filings that the account has. next has
// a random code of six digits. The error is a fault: TooMany shortly after the last claim, Conflict if the account has a filing.
func RequestClaim(last Claim, next Claim, standing []Filing, at time.Time) (Claim, error) {
	for _, f := range standing {
		switch {
		case f.Status == Cancelled:
		case f.Number == next.Number:
			return Claim{}, refusal(CodeClaimOwn, "/number")
		default:
			return Claim{}, refusal(CodeAccountHasFiling, "", "number", f.Number.String())
		}
	}
	if wait := ClaimPause - at.Sub(last.At); last.Version > 0 && last.Filing == "" && wait > 0 {
		f := fault.WithFindings(fault.TooMany, finding.List{finding.New(CodeClaimTooSoon, "")})
		f.RetryAfter = wait
		return Claim{}, f
	}
	next.Version, next.At = last.Version+1, at.UTC().Truncate(time.Millisecond)
	return next, nil
}

// claimCodes are the findings about the code of a claim.
var claimCodes = codeFindings{CodeClaimCodeFormat, CodeClaimCodeWrong, CodeClaimCodeExpired}

// Answer checks a code; see [LeaderCode]. The claim that is returned is to be stored if changed is true, also if the error says that the code is wrong.
func (c Claim) Answer(typed string, at time.Time) (after Claim, changed bool, err error) {
	if c.Filing != "" {
		return c, false, refusal(CodeClaimCodeExpired, "/code")
	}
	c.LeaderCode, changed, err = c.enter(typed, at, claimCodes)
	if changed {
		c.Version++
	}
	return c, changed, err
}

// Claimable reports whether an account can claim the filing: it stands, and no account has it.
func (f Filing) Claimable() bool { return f.ID != "" && f.Account == "" && f.Status != Cancelled }

// ClaimBy returns the version of the filing that the account of a claim has. The error is a fault of kind Conflict if the filing has an account or
// does not stand, or the account, whose filings are standing, has another one.
func (f Filing) ClaimBy(c Claim, standing []Filing, at time.Time) (Change, error) {
	if !f.Claimable() {
		return Change{}, refusal(CodeClaimTaken, "")
	}
	for _, own := range standing {
		if own.Status != Cancelled {
			return Change{}, refusal(CodeAccountHasFiling, "", "number", own.Number.String())
		}
	}
	after := f
	after.Account = c.Account
	change, _ := f.Replace(after, Source{Kind: FromAccount, ID: c.ID, To: c.Account}, at)
	return change, nil
}

func refusal(code finding.Code, pointer string, args ...string) error {
	return fault.WithFindings(fault.Conflict, finding.List{finding.New(code, pointer, args...)})
}
