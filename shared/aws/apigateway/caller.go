package apigateway

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"beian/shared/filing"
	"beian/shared/rules/contact"
)

// A Caller is the person that a validated token identifies. The zero value is a caller without a token.
type Caller struct {
	Account filing.Account
	Roles   []filing.Role
	Mobile  contact.Mobile // "" if the token has none
	Email   contact.Email  // "" if the token has none
	// Verified has mobile and email if the identity provider has verified them.
	Verified filing.Contact
	// TokenAt is when the caller logged in, or the token was issued; zero if the token does not say it.
	TokenAt time.Time
}

// accountLimit is the maximum length of an account identifier, which becomes part of table keys. Cognito's have 36 characters.
const accountLimit = 128

// CallerOf returns the caller of the claims from the JWT authorizer, in which each value is text and a list is "[a b]". Groups are
// in "cognito:groups" or, with other issuers, in "groups"; groups that are not a [filing.Role] are ignored. A token without both claims is that
// of a user in no group: an applicant, as after a registration without an administrator. ok is false if the claim "sub" is missing or cannot be part of
// a table key.
func CallerOf(claims map[string]string) (c Caller, ok bool) {
	account := claims["sub"]
	if !IsAccount(account) {
		return Caller{}, false
	}
	c = Caller{Account: filing.Account(account), Roles: rolesOf(claims)}
	if text := claims["phone_number"]; text != "" {
		c.Mobile = contact.NormalizeMobile(text)
	}
	if text := claims["email"]; text != "" {
		c.Email = contact.NormalizeEmail(text)
	}
	for _, claim := range []string{"auth_time", "iat"} {
		if seconds, err := strconv.ParseFloat(claims[claim], 64); err == nil && seconds > 0 && seconds < 1<<40 {
			c.TokenAt = time.Unix(int64(seconds), 0)
			break
		}
	}
	if claims["phone_number_verified"] == "true" {
		c.Verified.Mobile = c.Mobile
	}
	if claims["email_verified"] == "true" {
		c.Verified.Email = c.Email
	}
	return c, true
}

// IsAccount reports whether a text can be an account: the subject of a token.
func IsAccount(text string) bool {
	return text != "" && len(text) <= accountLimit && !strings.ContainsFunc(text, isUnusable)
}

// Is reports whether the caller has one of the roles.
func (c Caller) Is(roles ...filing.Role) bool {
	return slices.ContainsFunc(roles, func(r filing.Role) bool { return slices.Contains(c.Roles, r) })
}

// Staff reports whether the caller works for the provider.
func (c Caller) Staff() bool { return c.Is(filing.Reviewer, filing.Admin) }

// StaffRoles returns the roles of the caller other than applicant.
func (c Caller) StaffRoles() []filing.Role {
	return slices.DeleteFunc(slices.Clone(c.Roles), func(r filing.Role) bool { return r == filing.Applicant })
}

// Name is how colleagues recognise the caller: the email address up to the @, else the masked mobile; "" if the token has neither.
func (c Caller) Name() string {
	if name, _, _ := strings.Cut(c.Email.Reveal(), "@"); name != "" {
		return name
	}
	return c.Mobile.Masked()
}

func rolesOf(claims map[string]string) []filing.Role {
	cognito, hasCognito := claims["cognito:groups"]
	groups, hasGroups := claims["groups"]
	if !hasCognito && !hasGroups {
		return []filing.Role{filing.Applicant}
	}
	var known []filing.Role
	for _, group := range strings.FieldsFunc(cognito+" "+groups, isSeparator) {
		switch r := filing.Role(group); r {
		case filing.Applicant, filing.Reviewer, filing.Admin:
			if !slices.Contains(known, r) {
				known = append(known, r)
			}
		}
	}
	return known
}

// isSeparator reports whether r separates or surrounds the names in a list: "[a b]", with some authorizers "[\"a\",\"b\"]".
func isSeparator(r rune) bool { return strings.ContainsRune("[] ,\"\t", r) }

// isUnusable reports whether a key of the table must not contain r.
func isUnusable(r rune) bool { return r <= ' ' || r > '~' || r == '#' }
