package web

import (
	"context"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// IsAgency reports whether the caller may act for several subjects.
func (c *Call) IsAgency() bool { return c.agencies.Listed(c.Caller.Account) }

// ActsFor reports whether the caller is an agency with a consent for a filing that permits something, and notes the consent. It returns false for
// a caller who never had a consent; if there was one that does not permit it, or has ended, the error is a fault of kind Forbidden.
func (c *Call) ActsFor(ctx context.Context, f register.Filing, s register.Scope) (bool, error) {
	if !c.IsAgency() {
		return false, nil
	}
	consent, err := c.agencies.Consent(ctx, c.Caller.Account, f.ID)
	if err != nil || consent.ID == "" {
		return false, err
	}
	if err := consent.Check(s, c.now()); err != nil {
		return false, err
	}
	c.consent = consent
	return true, nil
}

// Consent returns the consent by which the caller acts; the zero Consent if they act for themselves, or without one.
func (c *Call) Consent() register.Consent { return c.consent }

// admit checks that a consent permits something on an order of the caller's account, if the account acts for another subject, and notes the consent.
// An agency may enter a first filing before its consent. It does nothing for other callers.
func (c *Call) admit(ctx context.Context, o filing.Order, s register.Scope) error {
	c.consent = register.Consent{}
	if o.AgentFor == "" || o.Account != c.Caller.Account {
		return nil
	}
	consent, err := c.agencies.Consent(ctx, o.Account, o.AgentFor)
	switch {
	case err != nil:
		return err
	case consent.ID == "" && o.BeginsFiling():
		return nil
	case consent.ID == "":
		return fault.WithFindings(fault.Forbidden, finding.List{finding.New(register.CodeConsentMissing, "")})
	}
	if err := consent.Check(s, c.now()); err != nil {
		return err
	}
	c.consent = consent
	return nil
}

// MayRead reports whether the caller may read an order of their account in a list: not if a consent for it has ended.
func (c *Call) MayRead(ctx context.Context, o filing.Order) (bool, error) {
	err := c.admit(ctx, o, register.ScopeRead)
	c.consent = register.Consent{}
	switch fault.KindOf(err) {
	case "":
		return true, nil
	case fault.Forbidden:
		return false, nil
	}
	return false, err
}
