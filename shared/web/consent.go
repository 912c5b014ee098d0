package web

import (
	"context"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/decide"
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

// A ConsentWriter stores the next versions of consents with notices. Package dynamo implements it.
type ConsentWriter interface {
	CommitConsents(ctx context.Context, consents []register.Consent, request decide.Request, failure *filing.Failure, notices ...register.Notice) error
}

// EndConsent ends a consent for the caller, counts the operation, and informs the leader and the agency. It returns the consent that ended. The error
// is a fault of kind Conflict if the consent is not given, or has ended.
func (c *Call) EndConsent(ctx context.Context, store ConsentWriter, consent register.Consent, by register.ConsentEnd) (register.Consent, error) {
	ended, err := consent.End(by, c.Caller.Account, c.now())
	if err != nil {
		return register.Consent{}, err
	}
	if err := c.Count(ctx); err != nil {
		return register.Consent{}, err
	}
	return ended, store.CommitConsents(ctx, []register.Consent{ended}, decide.Request{}, nil, ended.EndNotices()...)
}
