// Package caller says who is calling, from the claims of a token that the gateway has checked.
package caller

import (
	"slices"
	"strings"

	"beian/shared/filing"
	"beian/shared/rules/contact"
)

// A Caller is somebody who is logged in. The zero value is nobody.
type Caller struct {
	Account filing.Account
	Roles   []filing.Role
	Mobile  contact.Mobile // "" if the token has none
	Email   contact.Email  // "" if the token has none
}

// accountLimit keeps account identifiers short enough for keys; Cognito's have 36 characters.
const accountLimit = 128

// Of reads the claims as the gateway's JWT authorizer passes them on: every value is text, and a list is "[a b]". The
// groups are in "cognito:groups" or, with other issuers, in "groups"; what is no role of ours is left out. ok is false
// without a usable subject.
func Of(claims map[string]string) (c Caller, ok bool) {
	account := claims["sub"]
	if account == "" || len(account) > accountLimit || strings.ContainsFunc(account, unprintable) {
		return Caller{}, false
	}
	c = Caller{Account: filing.Account(account), Roles: roles(claims["cognito:groups"] + " " + claims["groups"])}
	if text := claims["phone_number"]; text != "" {
		c.Mobile = contact.NormalizeMobile(text)
	}
	if text := claims["email"]; text != "" {
		c.Email = contact.NormalizeEmail(text)
	}
	return c, true
}

// Is reports whether the caller has one of the roles.
func (c Caller) Is(roles ...filing.Role) bool {
	return slices.ContainsFunc(roles, func(r filing.Role) bool { return slices.Contains(c.Roles, r) })
}

// Staff reports whether the caller works for the provider.
func (c Caller) Staff() bool { return c.Is(filing.Reviewer, filing.Admin) }

func roles(groups string) []filing.Role {
	var known []filing.Role
	for _, group := range strings.FieldsFunc(groups, between) {
		switch r := filing.Role(group); r {
		case filing.Applicant, filing.Reviewer, filing.Admin:
			if !slices.Contains(known, r) {
				known = append(known, r)
			}
		}
	}
	return known
}

// between reports what stands around the names in a list: "[a b]", and "[\"a\",\"b\"]" with some authorizers.
func between(r rune) bool { return strings.ContainsRune("[] ,\"\t", r) }

// unprintable reports what no issuer puts into a subject, and no key should hold.
func unprintable(r rune) bool { return r <= ' ' || r > '~' || r == '#' }
