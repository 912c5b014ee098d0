package web

import (
	"context"
	"slices"
	"time"

	"golang.org/x/text/language"

	"beian/shared/aws/apigateway"
	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/agency"
	"beian/shared/process/limits"
	"beian/shared/rules/fault"
)

// A Call is a request in progress.
type Call struct {
	RequestID string
	Language  string // of the response: "zh-CN" or "en"
	Caller    apigateway.Caller

	action  limits.Action // of the operation
	counted bool          // whether it was counted, and is below the limit
	address string        // that the request came from
	limiter *limits.Limiter

	agencies *agency.Checker
	consent  register.Consent // by which the caller acts for a subject; the zero value for others

	affiliation *filing.Affiliation // of a member of staff

	retention filing.Retention
	now       func() time.Time
	operation Operation  // the zero value if there is no such operation
	route     string     // the operation's path with its placeholders; "" if there is no such operation
	hash      string     // of method, path and body, for the Idempotency-Key
	body      []byte     // of the request
	content   collection // findings about names and characters in the body

	reads []filing.StaffRead // of the response; stored before it is sent
}

type callKey struct{}

func callOf(ctx context.Context) *Call {
	if c, ok := ctx.Value(callKey{}).(*Call); ok {
		return c
	}
	return &Call{}
}

// Actor returns the caller as the actor of a decision, in a role. An agency whose consent was checked acts by it.
func (c *Call) Actor(role filing.Role) filing.Actor {
	by := filing.Actor{Account: c.Caller.Account, Role: role, Name: c.Caller.Name(), Mobile: c.Caller.Mobile, Email: c.Caller.Email}
	if by.Staff() {
		by.Affiliation = c.affiliation
	}
	if role == filing.Applicant {
		by.Consent, by.For = c.consent.ID, c.consent.Filing
	}
	return by
}

// Address returns the key of the network address that the request came from.
func (c *Call) Address() limits.Key { return limits.OfAddress(c.address) }

// Count counts the operation for the account and the address of the caller. Above a limit, it returns a fault of kind TooMany.
func (c *Call) Count(ctx context.Context) error {
	if c.action == "" {
		return nil
	}
	err := c.limiter.Use(ctx, c.action, limits.OfAccount(c.Caller.Account), limits.OfAddress(c.address))
	c.counted = err == nil
	return err
}

// CountRecipient counts the operation for the recipient of the message that it sends: a contact with one part. Above a limit, it returns
// a fault of kind TooMany.
func (c *Call) CountRecipient(ctx context.Context, to filing.Contact) error {
	return c.limiter.Use(ctx, c.action, limits.OfMobile(to.Mobile), limits.OfMailbox(to.Email))
}

var languages = language.NewMatcher([]language.Tag{language.SimplifiedChinese, language.English})

// parseLanguage chooses a language by an Accept-Language header: Chinese unless the header prefers English.
func parseLanguage(header string) string {
	tags, _, err := language.ParseAcceptLanguage(header)
	if err != nil || len(tags) == 0 {
		return "zh-CN"
	}
	if _, chosen, confidence := languages.Match(tags...); chosen == 1 && confidence >= language.High {
		return "en"
	}
	return "zh-CN"
}

// Roles lists the roles that may use an operation. The caller must have one of them.
type Roles []filing.Role

// public is a role that every caller has, even without a token.
const public filing.Role = "public"

// machine is the role of a request that a system of the provider signed; see [Config.Signed].
const machine filing.Role = "machine"

// Values of [Operation.Roles].
var (
	Public     = Roles{public}
	Machines   = Roles{machine}
	Applicants = Roles{filing.Applicant}
	Reviewers  = Roles{filing.Reviewer}
	Admins     = Roles{filing.Admin}
	Staff      = Roles{filing.Reviewer, filing.Admin}
	AnyRole    = Roles{filing.Applicant, filing.Reviewer, filing.Admin}
)

// staff reports whether staff may use an operation.
func (r Roles) staff() bool {
	return slices.Contains(r, filing.Reviewer) || slices.Contains(r, filing.Admin)
}

// public reports whether an operation needs neither a token nor a signature.
func (r Roles) public() bool { return slices.Contains(r, public) }

// signed reports whether an operation needs a signature.
func (r Roles) signed() bool { return slices.Contains(r, machine) }

// check returns a fault for a caller without a token, and for one with none of the roles.
func (r Roles) check(c apigateway.Caller) error {
	switch {
	case r.public(), r.signed(): // the signature is checked when the body has been read
		return nil
	case c.Account == "":
		return &fault.Fault{Kind: fault.Unauthenticated}
	case !c.Is(r...):
		return &fault.Fault{Kind: fault.Forbidden}
	}
	return nil
}

// names are the roles as text, for OpenAPI's x-roles.
func (r Roles) names() []string {
	var names []string
	for _, role := range r {
		names = append(names, string(role))
	}
	return names
}
