package register

import (
	"crypto/subtle"
	"strconv"
	"time"

	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/text"
)

// Findings of the codes of consents and of their revocation.
const (
	CodeConsentCodeFormat  finding.Code = "consent-code-format"
	CodeConsentCodeWrong   finding.Code = "consent-code-wrong"
	CodeConsentCodeExpired finding.Code = "consent-code-expired"
)

// Rules of the codes of claims, consents and their revocation. They are our own.
const (
	// CodeLifetime is the validity of a code.
	CodeLifetime = 30 * time.Minute
	// MaxWrongCodes is the number of wrong codes; one more ends the attempt.
	MaxWrongCodes = 5

	codeLength = 6 // digits
)

// codeFindings are the findings about a code.
type codeFindings struct{ format, wrong, expired finding.Code }

var consentCodes = codeFindings{CodeConsentCodeFormat, CodeConsentCodeWrong, CodeConsentCodeExpired}

// A LeaderCode is a code of six digits that goes to the mobile of a subject leader. It is valid for [CodeLifetime], and for [MaxWrongCodes] and one more
// tries.
type LeaderCode struct {
	Code  string    `json:"code,omitempty"` // "" once it was used, or entered wrongly too often
	At    time.Time `json:"at"`
	Wrong int       `json:"wrong,omitempty"` // codes entered
}

// Expires returns the time at which the code becomes invalid.
func (c LeaderCode) Expires() time.Time { return c.At.Add(CodeLifetime) }

// TriesLeft returns how many codes can still be entered.
func (c LeaderCode) TriesLeft() int {
	if c.Code == "" {
		return 0
	}
	return MaxWrongCodes + 1 - c.Wrong
}

// IsValid reports whether the code can still be entered.
func (c LeaderCode) IsValid(at time.Time) bool { return c.Code != "" && at.Before(c.Expires()) }

// enter checks a code that was typed. If it is wrong, the error says so, and the code that is returned has one try less and is to be stored. changed
// is false if there is nothing to store.
func (c LeaderCode) enter(typed string, at time.Time, codes codeFindings) (after LeaderCode, changed bool, err error) {
	expired := refusal(codes.expired, "/code")
	if !c.IsValid(at) {
		return c, false, expired
	}
	digits := text.Digits(typed)
	if len(digits) != codeLength { // not a try
		return c, false, fault.WithFindings(fault.Invalid, finding.List{finding.New(codes.format, "/code")})
	}
	if subtle.ConstantTimeCompare([]byte(digits), []byte(c.Code)) == 1 {
		c.Code = ""
		return c, true, nil
	}
	c.Wrong++
	if c.Wrong > MaxWrongCodes {
		c.Code = ""
		return c, true, expired
	}
	return c, true, fault.WithFindings(fault.Invalid, finding.List{finding.New(codes.wrong, "/code", "left", strconv.Itoa(c.TriesLeft()))})
}
