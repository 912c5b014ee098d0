package scenario

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/register"
)

// ListServer adds a server of an account to the inventory, or updates it.
func (u *User) ListServer(ctx context.Context, s Server, account string, rented, expires time.Time) error {
	return u.Call(ctx, http.MethodPut, "/servers/"+url.PathEscape(s.ID), map[string]any{
		"account": account, "placement": s.Placement, "mode": s.Mode, "ips": s.IPs, "quota": s.Quota,
		"rentedAt": rented.UTC().Format(time.RFC3339), "expiresAt": expires.UTC().Format(time.RFC3339),
	}, nil)
}

// UsedSlots returns how many filing slots of a server are in use.
func (u *User) UsedSlots(ctx context.Context, server string) (int, error) {
	var s struct {
		Used int `json:"used"`
	}
	err := u.Call(ctx, http.MethodGet, "/servers/"+url.PathEscape(server), nil, &s)
	return s.Used, err
}

// IssueServiceCode issues a service code for a server, to one account or, for "", to any.
func (u *User) IssueServiceCode(ctx context.Context, code, server, account string) error {
	body := map[string]any{"server": server}
	if account != "" {
		body["account"] = account
	}
	return u.Call(ctx, http.MethodPut, "/service-codes/"+url.PathEscape(code), body, nil)
}

// Claim claims an order for review.
func (u *User) Claim(ctx context.Context, id filing.ID) error {
	return u.Call(ctx, http.MethodPost, orderPath(id, "/claim"), nil, nil)
}

// A Remark is a finding of a reviewer.
type Remark struct {
	Pointer string            `json:"pointer"`
	Code    string            `json:"code,omitempty"`
	Message map[string]string `json:"message,omitempty"`
}

// Review decides on a claimed order: pass, return or reject.
func (u *User) Review(ctx context.Context, id filing.ID, verdict string, remarks ...Remark) error {
	body := map[string]any{"verdict": verdict}
	if len(remarks) > 0 {
		body["findings"] = remarks
	}
	return u.Call(ctx, http.MethodPost, orderPath(id, "/review"), body, nil)
}

// AwaitDecision reads the ledger of an order about once a second until it has a decision.
func (u *User) AwaitDecision(ctx context.Context, id filing.ID, decision string) (l Ledger, err error) {
	err = poll(ctx, time.Second, func() (bool, error) {
		l, err = u.Ledger(ctx, id)
		return err == nil && slices.Contains(l.Decisions(), decision), err
	})
	return l, err
}

// Approve claims an order and passes it.
func (u *User) Approve(ctx context.Context, id filing.ID) error {
	return u.ApproveAndRequestOriginals(ctx, id)
}

// ApproveAndRequestOriginals claims an order and passes it. The originals of the papers in these slots have to be mailed.
func (u *User) ApproveAndRequestOriginals(ctx context.Context, id filing.ID, slots ...string) error {
	if err := u.Claim(ctx, id); err != nil {
		return err
	}
	body := map[string]any{"verdict": "pass"}
	if len(slots) > 0 {
		body["documents"] = slots
	}
	return u.Call(ctx, http.MethodPost, orderPath(id, "/review"), body, nil)
}

// ApproveWithOverrides claims an order and passes it with overrides of explained findings.
func (u *User) ApproveWithOverrides(ctx context.Context, id filing.ID, overrides ...filing.OverrideRequest) error {
	if err := u.Claim(ctx, id); err != nil {
		return err
	}
	return u.Call(ctx, http.MethodPost, orderPath(id, "/review"), map[string]any{"verdict": "pass", "overrides": overrides}, nil)
}

// ConfirmOriginals claims an order and confirms receipt of the originals.
func (u *User) ConfirmOriginals(ctx context.Context, id filing.ID) error {
	if err := u.Claim(ctx, id); err != nil {
		return err
	}
	return u.Call(ctx, http.MethodPost, orderPath(id, "/papers/receipt"), nil, nil)
}

// A Ledger is the record of an order's decisions.
type Ledger struct {
	Verified bool `json:"verified"`
	Entries  []struct {
		Decision string            `json:"decision"`
		Role     filing.Role       `json:"role"`
		Account  filing.Account    `json:"account"`
		Consent  string            `json:"consent"` // by which an agency acted
		For      register.ID       `json:"for"`     // the filing, or first filing, for whose subject
		Step     filing.Step       `json:"step"`
		Facts    map[string]string `json:"facts"`
	} `json:"entries"`
}

// Decisions are the decisions of the entries, oldest first.
func (l Ledger) Decisions() []string {
	var decisions []string
	for _, e := range l.Entries {
		decisions = append(decisions, e.Decision)
	}
	return decisions
}

// Ledger reads the first 200 entries of an order's ledger.
func (u *User) Ledger(ctx context.Context, id filing.ID) (Ledger, error) {
	var l Ledger
	err := u.Call(ctx, http.MethodGet, orderPath(id, "/ledger"), nil, &l)
	return l, err
}
