package register

import (
	"slices"
	"strconv"
	"time"

	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/rules/workday"
)

// MaxConsentMonths is the longest time for which a consent is given. Our own rule.
const MaxConsentMonths = 12

// Findings of consents.
const (
	CodeNoAgency          finding.Code = "agency-not-listed"
	CodeConsentTarget     finding.Code = "consent-target"
	CodeConsentScopes     finding.Code = "consent-scopes"
	CodeConsentUntil      finding.Code = "consent-until"
	CodeConsentOwn        finding.Code = "consent-own-filing"
	CodeConsentImpossible finding.Code = "consent-not-possible"
	CodeConsentNoLeader   finding.Code = "consent-leader-missing"
	CodeConsentLeader     finding.Code = "consent-of-other-leader"
	CodeConsentMissing    finding.Code = "consent-missing"
	CodeConsentRevoked    finding.Code = "consent-revoked"
	CodeConsentExpired    finding.Code = "consent-expired"
	CodeConsentScope      finding.Code = "consent-without-scope"
	CodeConsentEnded      finding.Code = "consent-ended"
	CodeConsentOrderEnded finding.Code = "consent-order-ended"
	CodeConsentLeaderFix  finding.Code = "consent-leader-fixed"
	CodeConsentSubject    finding.Code = "consent-subject-fixed"
	CodeRevocationTarget  finding.Code = "consent-revocation-target"
)

// A Scope is something that a consent permits.
type Scope string

const (
	ScopeRead   Scope = "read"   // read the filing and the orders about it; part of every consent
	ScopeFile   Scope = "file"   // file the subject, its sites, or accesses of them
	ScopeChange Scope = "change" // change what is filed, or send new documents of it
	ScopeCancel Scope = "cancel" // cancel the subject, a site, or an access
)

// Scopes lists every scope.
var Scopes = []Scope{ScopeRead, ScopeFile, ScopeChange, ScopeCancel}

// A ConsentState says where a consent stands.
type ConsentState string

const (
	ConsentRequested ConsentState = "REQUESTED" // the leader may have a code
	ConsentLapsed    ConsentState = "LAPSED"    // the code was not entered in time, or wrongly too often
	ConsentGiven     ConsentState = "GIVEN"
	ConsentExpired   ConsentState = "EXPIRED"
	ConsentRevoked   ConsentState = "REVOKED"
)

// A ConsentEnd says who ended a consent.
type ConsentEnd string

const (
	EndedByLeader  ConsentEnd = "leader"
	EndedByOwner   ConsentEnd = "owner" // the account that has the filing
	EndedByStaff   ConsentEnd = "staff"
	EndedByAgency  ConsentEnd = "agency"
	EndedByReplace ConsentEnd = "replaced" // a newer consent for the same agency and filing was given
	// EndedByNewLeader: the filing has another mobile of its leader since.
	EndedByNewLeader ConsentEnd = "leader-changed"
)

// A Consent (同意) permits an account, the agency, to act for a subject. The subject leader gives it by a code that goes to their mobile: the one on
// file or, for a subject that files for the first time, the one in the order. It has scopes and a last day, and ends at once when it is revoked.
//
// The request for a filing is the same for every number, as that of a [Claim] is. It has no personal data.
type Consent struct {
	ID      string  `json:"id"` // a ULID
	Account Account `json:"account"`
	Version int     `json:"version"` // the first is 1
	// Number is the filing's as it was entered. Order is set instead for a first filing.
	Number number.Subject `json:"number,omitzero"`
	Order  string         `json:"order,omitempty"`
	// Filing is the filing that the consent is about. It is "" until the consent is given. A first filing gets the order's id.
	Filing ID `json:"filing,omitempty"`
	// FilingVersion is the version of the filing whose leader gave the consent; 0 for a first filing.
	FilingVersion int          `json:"filingVersion,omitempty"`
	Scopes        []Scope      `json:"scopes"`
	Until         workday.Date `json:"until"`    // last day, Shanghai time
	Language      string       `json:"language"` // of the messages
	LeaderCode
	// LeaderKey is the keyed hash of the mobile whose holder gave the consent, or of the one in the order.
	LeaderKey string `json:"leader,omitempty"`
	// SubjectKey is the look-up key of the subject in the order, when the code was sent; "" for a filing.
	SubjectKey string     `json:"subject,omitempty"`
	GivenAt    time.Time  `json:"givenAt,omitzero"`
	EndedAt    time.Time  `json:"endedAt,omitzero"`
	EndedBy    ConsentEnd `json:"endedBy,omitempty"`
	// EndedFor is the account of the owner or the member of staff who ended it.
	EndedFor Account `json:"endedFor,omitempty"`
}

// RequestConsent returns the request of a consent with its scopes in the order of [Scopes]. The error is a fault of kind Invalid with all findings.
func RequestConsent(c Consent, at time.Time) (Consent, error) {
	var found finding.List
	if (c.Number == number.Subject{}) == (c.Order == "") {
		found = append(found, finding.New(CodeConsentTarget, ""))
	}
	for i, s := range c.Scopes {
		if !slices.Contains(Scopes, s) {
			found = append(found, finding.New(CodeConsentScopes, "/scopes/"+strconv.Itoa(i)))
		}
	}
	if len(c.Scopes) == 0 {
		found = append(found, finding.New(CodeConsentScopes, "/scopes"))
	}
	today := workday.DateOf(at)
	if last := today.AddMonths(MaxConsentMonths); !c.Until.Valid() || c.Until < today || c.Until > last {
		found = append(found, finding.New(CodeConsentUntil, "/until", "last", string(last)))
	}
	if len(found) > 0 {
		return Consent{}, fault.WithFindings(fault.Invalid, found)
	}
	wanted := c.Scopes
	c.Scopes = nil
	for _, s := range Scopes {
		if s == ScopeRead || slices.Contains(wanted, s) {
			c.Scopes = append(c.Scopes, s)
		}
	}
	c.Version, c.At = 1, at.UTC().Truncate(time.Millisecond)
	return c, nil
}

// Answer checks the code of a request; see [LeaderCode].
func (c Consent) Answer(typed string, at time.Time) (after Consent, changed bool, err error) {
	c.LeaderCode, changed, err = c.enter(typed, at, consentCodes)
	if changed {
		c.Version++
	}
	return c, changed, err
}

// Give returns the consent after the right code, for a filing. The leader's key is that of the mobile that got the code.
func (c Consent) Give(f ID, leaderKey string, at time.Time) Consent {
	c.Filing, c.LeaderKey, c.GivenAt = f, leaderKey, at.UTC().Truncate(time.Millisecond)
	return c
}

// StateAt returns the state at a time.
func (c Consent) StateAt(at time.Time) ConsentState {
	switch {
	case !c.EndedAt.IsZero():
		return ConsentRevoked
	case c.GivenAt.IsZero() && c.IsValid(at):
		return ConsentRequested
	case c.GivenAt.IsZero():
		return ConsentLapsed
	case workday.DateOf(at) > c.Until:
		return ConsentExpired
	}
	return ConsentGiven
}

// Check returns a fault of kind Forbidden unless the consent permits something at a time.
func (c Consent) Check(s Scope, at time.Time) error {
	code := CodeConsentMissing
	switch c.StateAt(at) {
	case ConsentGiven:
		if slices.Contains(c.Scopes, s) {
			return nil
		}
		code = CodeConsentScope
	case ConsentRevoked:
		code = CodeConsentRevoked
	case ConsentExpired:
		code = CodeConsentExpired
	}
	return fault.WithFindings(fault.Forbidden, finding.List{finding.New(code, "", "scope", scopeWords[s].Chinese, "scope-en", scopeWords[s].English)})
}

var scopeWords = map[Scope]finding.Words{
	ScopeRead: {Chinese: "查看", English: "read"}, ScopeFile: {Chinese: "新增", English: "file"},
	ScopeChange: {Chinese: "变更", English: "change"}, ScopeCancel: {Chinese: "注销", English: "cancel"},
}

// Words returns the scope in both languages: 查看, read.
func (s Scope) Words() finding.Words { return scopeWords[s] }

// End returns the consent after it was revoked. The error is a fault of kind Conflict if it is not given, or has ended.
func (c Consent) End(by ConsentEnd, account Account, at time.Time) (Consent, error) {
	if c.StateAt(at) != ConsentGiven {
		return Consent{}, refusal(CodeConsentEnded, "")
	}
	c.Version++
	c.EndedAt, c.EndedBy, c.EndedFor = at.UTC().Truncate(time.Millisecond), by, account
	return c, nil
}

// A ConsentRevocation is the request of a leader, who needs no account, to revoke consents: those for the filing with a number, or those that a mobile
// gave. A code goes to the leader's mobile; the request looks neither up.
type ConsentRevocation struct {
	ID      string         `json:"id"` // a ULID
	Version int            `json:"version"`
	Number  number.Subject `json:"number,omitzero"`
	// LeaderKey is the keyed hash of the mobile; "" for a number.
	LeaderKey string `json:"leader,omitempty"`
	Language  string `json:"language"`
	LeaderCode
}

// Answer checks the code of a revocation; see [LeaderCode].
func (r ConsentRevocation) Answer(typed string, at time.Time) (after ConsentRevocation, changed bool, err error) {
	r.LeaderCode, changed, err = r.enter(typed, at, consentCodes)
	if changed {
		r.Version++
	}
	return r, changed, err
}
