package api

import (
	"context"
	"net/http"
	"slices"

	"beian/shared/filing/upkeep"
	"beian/shared/web"
)

// A ReminderLink is what the link in an email with reminders turns off.
type ReminderLink struct {
	Number string         `json:"number" doc:"of the filing" example:"浙ICP备12345678号"`
	Kinds  []ReminderKind `json:"kinds" nullable:"false" doc:"kinds of the duties in the email"`
}

// A ReminderKind is a kind of duty whose reminders were in the email.
type ReminderKind struct {
	Kind   upkeep.Key `json:"kind"`
	Needed bool       `json:"needed,omitempty" doc:"a law or the bureau demands the duty: its reminders cannot be turned off"`
	Muted  bool       `json:"muted,omitempty" doc:"the reminders are off"`
}

type (
	reminderLinkInput struct {
		Token string `path:"token" maxLength:"512" doc:"from the link in the email"`
	}
	reminderLinkOutput struct{ Body ReminderLink }
)

// registerReminderLinks registers what the link in an email with reminders does, without an account. Reading changes nothing, because programs that check email open
// links.
func (a operations) registerReminderLinks() {
	const tag = "Upkeep"
	web.Register(a.API, web.Operation{Roles: web.Public, Route: "GET /reminder-links/{token}", Tag: tag, Errors: []int{http.StatusNotFound},
		Summary:     "Without an account, read which reminders the link in an email turns off",
		Description: "A link works for 180 days, and until another account gets the filing. It names no person."},
		func(ctx context.Context, _ *web.Call, in *reminderLinkInput) (*reminderLinkOutput, error) {
			return a.readReminderLink(ctx, in.Token)
		})
	web.Register(a.API, web.Operation{Roles: web.Public, Route: "POST /reminder-links/{token}", Tag: tag, Errors: []int{http.StatusNotFound, http.StatusConflict},
		Summary:     "Without an account, turn off the reminders that the link in an email names",
		Description: "Reminders of what a law or the bureau demands stay on. A repeated request changes nothing. The account can turn them on again with PUT /filings/{id}/reminders."},
		func(ctx context.Context, _ *web.Call, in *reminderLinkInput) (*reminderLinkOutput, error) {
			if err := a.config.Duties.MuteByLink(ctx, in.Token); err != nil {
				return nil, err
			}
			return a.readReminderLink(ctx, in.Token)
		})
}

func (a operations) readReminderLink(ctx context.Context, token string) (*reminderLinkOutput, error) {
	l, f, u, err := a.config.Duties.ReadMuteLink(ctx, token)
	if err != nil {
		return nil, err
	}
	out := &reminderLinkOutput{ReminderLink{Number: f.Number.String(), Kinds: []ReminderKind{}}}
	for _, k := range l.Kinds {
		out.Body.Kinds = append(out.Body.Kinds, ReminderKind{Kind: k, Needed: !k.Mutable(), Muted: slices.Contains(u.Muted, k)})
	}
	return out, nil
}
