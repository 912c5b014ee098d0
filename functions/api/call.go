package api

import (
	"context"
	"slices"

	"golang.org/x/text/language"

	"beian/shared/aws/apigateway"
	"beian/shared/filing"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// A call is what is known of the request at hand.
type call struct {
	requestID string
	language  string // "zh-CN" or "en"
	caller    apigateway.Caller
	route     string       // the operation's path, without the values in it; "" if there is none
	hash      string       // of method, path and body
	strange   finding.List // characters in the body that no text may hold
}

type callKey struct{}

func callOf(ctx context.Context) *call {
	if c, ok := ctx.Value(callKey{}).(*call); ok {
		return c
	}
	return &call{}
}

// actor is the caller in a role.
func (c *call) actor(as filing.Role) filing.Actor {
	return filing.Actor{Account: c.caller.Account, Role: as}
}

var languages = language.NewMatcher([]language.Tag{language.SimplifiedChinese, language.English})

// languageOf chooses between Chinese, which comes first, and English.
func languageOf(accept string) string {
	tags, _, err := language.ParseAcceptLanguage(accept)
	if err != nil || len(tags) == 0 {
		return "zh-CN"
	}
	if _, chosen, sure := languages.Match(tags...); chosen == 1 && sure >= language.High {
		return "en"
	}
	return "zh-CN"
}

// access lists the roles of which a caller has to have one. Every operation declares its own; there is no default.
type access []filing.Role

// public stands for whoever asks, logged in or not.
const public filing.Role = "public"

var (
	everybody  = access{public}
	applicants = access{filing.Applicant}
	reviewers  = access{filing.Reviewer}
	admins     = access{filing.Admin}
	staff      = access{filing.Reviewer, filing.Admin}
	anyRole    = access{filing.Applicant, filing.Reviewer, filing.Admin}
)

// admits refuses a caller who is nobody, or in none of the roles.
func (a access) admits(c apigateway.Caller) error {
	switch {
	case slices.Contains(a, public):
		return nil
	case c.Account == "":
		return &fault.Fault{Kind: fault.Unauthenticated}
	case !c.Is(a...):
		return &fault.Fault{Kind: fault.Forbidden}
	}
	return nil
}

// names are the roles as OpenAPI's x-roles has them.
func (a access) names() []string {
	var names []string
	for _, r := range a {
		names = append(names, string(r))
	}
	return names
}
