package web

import (
	"context"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/rules/workday"
)

// A Consent permits an agency to act for a subject.
type Consent struct {
	ID        string                `json:"id"`
	State     register.ConsentState `json:"state" enum:"REQUESTED,LAPSED,GIVEN,EXPIRED,REVOKED"`
	Account   filing.Account        `json:"account,omitempty" doc:"the agency; for staff"`
	Agency    *finding.Words        `json:"agency,omitempty" doc:"the agency's name, for the owner of the filing and for staff; absent if the provider no longer lists it"`
	Number    string                `json:"number,omitempty" doc:"of the subject, as it was asked for; absent for a first filing" example:"浙ICP备12345678号"`
	Order     filing.ID             `json:"order,omitempty" doc:"of a first filing"`
	Filing    register.ID           `json:"filing,omitempty" doc:"that the agency acts for; it exists once the bureau filed the order of a first filing. Absent until the consent is given"`
	Scopes    []register.Scope      `json:"scopes" nullable:"false" doc:"what the agency may do; read is part of every consent"`
	Until     workday.Date          `json:"until" doc:"last day, Shanghai time"`
	AskedAt   time.Time             `json:"askedAt"`
	GivenAt   time.Time             `json:"givenAt,omitzero"`
	RevokedAt time.Time             `json:"revokedAt,omitzero"`
	RevokedBy register.ConsentEnd   `json:"revokedBy,omitempty" enum:"leader,owner,staff,agency,replaced,leader-changed" doc:"replaced: by a newer consent; leader-changed: the filing has another mobile of its leader"`
}

// ConsentOf returns the JSON of a consent; for staff, with the account.
func ConsentOf(c register.Consent, at time.Time, staff bool) Consent {
	out := Consent{ID: c.ID, State: c.StateAt(at), Order: filing.ID(c.Order), Filing: c.Filing, Scopes: append([]register.Scope{}, c.Scopes...), Until: c.Until,
		AskedAt: c.At, GivenAt: c.GivenAt, RevokedAt: c.EndedAt, RevokedBy: c.EndedBy}
	if c.Number != (number.Subject{}) {
		out.Number = c.Number.String()
	}
	if staff {
		out.Account = c.Account
	}
	return out
}

// ConsentsOf returns the JSON of consents.
func ConsentsOf(found []register.Consent, at time.Time, staff bool) []Consent {
	shown := make([]Consent, len(found))
	for i, c := range found {
		shown[i] = ConsentOf(c, at, staff)
	}
	return shown
}

// CommitConsents stores the next versions of consents, with notices. Package dynamo has it.
type CommitConsents func(ctx context.Context, consents []register.Consent, notices ...register.Notice) error

// EndConsent ends a consent as the caller, informs the leader, and returns the ended consent. The error is a fault of kind Conflict if the consent is not in force.
func (a *API) EndConsent(ctx context.Context, c *Call, consent register.Consent, by register.ConsentEnd, commit CommitConsents) (register.Consent, error) {
	ended, err := consent.End(by, c.Caller.Account, a.Decisions.Now())
	if err != nil {
		return consent, err
	}
	if err := c.Count(ctx); err != nil {
		return consent, err
	}
	notice := register.Notice{Kind: register.NoticeConsentRevoked, To: register.ToLeader, Filing: ended.Filing, ID: ended.ID}
	return ended, commit(ctx, []register.Consent{ended}, notice)
}
