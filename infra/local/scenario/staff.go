package scenario

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"beian/shared/filing"
)

// List puts a server into the inventory.
func (p *User) ListServer(ctx context.Context, s Server, account string, rented, expires time.Time) error {
	return p.Call(ctx, http.MethodPut, "/servers/"+url.PathEscape(s.ID), map[string]any{
		"account": account, "placement": s.Placement, "mode": s.Mode, "ips": s.IPs, "quota": s.Quota,
		"rentedAt": rented.UTC().Format(time.RFC3339), "expiresAt": expires.UTC().Format(time.RFC3339),
	}, nil)
}

// Me returns the account of whoever is logged in.
func (p *User) Account() string { return subjectOf(p.token) }

// Claim takes an order off the queue.
func (p *User) Claim(ctx context.Context, id filing.ID) error {
	return p.Call(ctx, http.MethodPost, path(id, "/claim"), nil, nil)
}

// A Remark is one of a reviewer's reasons.
type Remark struct {
	Pointer string            `json:"pointer"`
	Code    string            `json:"code,omitempty"`
	Message map[string]string `json:"message,omitempty"`
}

// Review gives a verdict: pass, return or reject.
func (p *User) Review(ctx context.Context, id filing.ID, verdict string, remarks ...Remark) error {
	body := map[string]any{"verdict": verdict}
	if len(remarks) > 0 {
		body["findings"] = remarks
	}
	return p.Call(ctx, http.MethodPost, path(id, "/review"), body, nil)
}

// Approve claims an order and passes it.
func (p *User) Approve(ctx context.Context, id filing.ID) error {
	if err := p.Claim(ctx, id); err != nil {
		return err
	}
	return p.Review(ctx, id, "pass")
}

// ApproveWithPapers claims an order and passes it, asking for the originals of some papers.
func (p *User) ApproveAndRequestOriginals(ctx context.Context, id filing.ID, slots ...string) error {
	if err := p.Claim(ctx, id); err != nil {
		return err
	}
	return p.Call(ctx, http.MethodPost, path(id, "/review"), map[string]any{"verdict": "pass", "documents": slots}, nil)
}

// pass passes an order, and asks for the original of its form where papers are wanted.
func (p *User) approve(ctx context.Context, id filing.ID, papers bool) error {
	if papers {
		return p.ApproveAndRequestOriginals(ctx, id, "sites/0/verification-form")
	}
	return p.Approve(ctx, id)
}

// Receive has the originals in hand and finds them right.
func (p *User) ConfirmOriginals(ctx context.Context, id filing.ID) error {
	if err := p.Claim(ctx, id); err != nil {
		return err
	}
	return p.Call(ctx, http.MethodPost, path(id, "/papers/receipt"), nil, nil)
}

// A Ledger is the record of an order.
type Ledger struct {
	Verified bool `json:"verified"`
	Entries  []struct {
		Decision string            `json:"decision"`
		Role     filing.Role       `json:"role"`
		Step     filing.Step       `json:"step"`
		Facts    map[string]string `json:"facts"`
	} `json:"entries"`
}

// Decisions are the kinds of the ledger's entries, oldest first.
func (l Ledger) Decisions() []string {
	var all []string
	for _, e := range l.Entries {
		all = append(all, e.Decision)
	}
	return all
}

// Ledger reads who decided what.
func (p *User) Ledger(ctx context.Context, id filing.ID) (Ledger, error) {
	var l Ledger
	err := p.Call(ctx, http.MethodGet, path(id, "/ledger"), nil, &l)
	return l, err
}

// Used reads how many filing slots of a server are taken.
func (p *User) UsedSlots(ctx context.Context, server string) (int, error) {
	var s struct {
		Used int `json:"used"`
	}
	err := p.Call(ctx, http.MethodGet, "/servers/"+url.PathEscape(server), nil, &s)
	return s.Used, err
}

// Code gives out a service code for a server; account "" is whoever has it.
func (p *User) IssueServiceCode(ctx context.Context, code, server, account string) error {
	body := map[string]any{"server": server}
	if account != "" {
		body["account"] = account
	}
	return p.Call(ctx, http.MethodPut, "/service-codes/"+url.PathEscape(code), body, nil)
}
