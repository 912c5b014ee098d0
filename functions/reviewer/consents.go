package reviewer

import (
	"context"

	"github.com/oklog/ulid/v2"

	"beian/shared/filing/register"
	"beian/shared/rules/fault"
	"beian/shared/web"
)

type consentPath struct {
	ID string `path:"id" doc:"the consent's id" example:"01JCZK3V7M8N9P0Q1R2S3T4V5W"`
}

type consentOutput struct{ Body web.Consent }

var errNoConsent = fault.New(fault.NotFound, "找不到这份同意，请在列表中重新打开。", "There is no such consent.")

// registerConsents registers what staff do about the consents of agencies. A consent has no personal data.
func (a operations) registerConsents() {
	const tag = "Agencies"
	web.Register(a.API, web.Operation{Roles: web.Staff, Route: "GET /agency-consents", Tag: tag, Summary: "List the consents that agencies asked for, newest first",
		Description: "Shows which account acts for which subject, with scopes and last day. It has no personal data. Administrators revoke one with POST /agency-consents/{id}/revocation."},
		func(ctx context.Context, _ *web.Call, in *web.PageQuery) (*web.PageResult[web.Consent], error) {
			found, next, err := a.config.Store.ListConsents(ctx, "", in.Cursor, in.Limit)
			if err != nil {
				return nil, err
			}
			return web.NewPage(web.ConsentsOf(found, a.Decisions.Now(), true), next, "/agency-consents", in.Limit, nil), nil
		})
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "POST /agency-consents/{id}/revocation", Tag: tag,
		Summary:     "Revoke a consent, for example because the subject leader asks for it by phone",
		Description: "Check first that the caller is the subject leader. The agency can neither read nor act from this moment, and the leader gets a message. A consent that has ended is refused."}, a.revokeConsent)
}

func (a operations) revokeConsent(ctx context.Context, c *web.Call, in *consentPath) (*consentOutput, error) {
	if _, err := ulid.ParseStrict(in.ID); err != nil {
		return nil, errNoConsent
	}
	consent, err := a.config.Store.Consent(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if consent.ID == "" {
		return nil, errNoConsent
	}
	ended, err := c.EndConsent(ctx, a.config.Store, consent, register.EndedByStaff)
	if err != nil {
		return nil, err
	}
	return &consentOutput{web.ConsentOf(ended, a.Decisions.Now(), true)}, nil
}
