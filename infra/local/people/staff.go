package people

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"beian/shared/filing"
)

// List puts a server into the inventory.
func (p *Person) List(ctx context.Context, s Server, account string, rented, expires time.Time) error {
	return p.Call(ctx, http.MethodPut, "/servers/"+url.PathEscape(s.ID), map[string]any{
		"account": account, "placement": s.Placement, "mode": s.Mode, "ips": s.IPs, "quota": s.Quota,
		"rentedAt": rented.UTC().Format(time.RFC3339), "expiresAt": expires.UTC().Format(time.RFC3339),
	}, nil)
}

// Me returns the account of whoever is logged in.
func (p *Person) Me() string { return subjectOf(p.token) }

// Claim takes an order off the queue.
func (p *Person) Claim(ctx context.Context, id filing.ID) error {
	return p.Call(ctx, http.MethodPost, path(id, "/claim"), nil, nil)
}

// A Remark is one of a reviewer's reasons.
type Remark struct {
	Pointer string            `json:"pointer"`
	Code    string            `json:"code,omitempty"`
	Message map[string]string `json:"message,omitempty"`
}

// Review gives a verdict: pass, return or reject.
func (p *Person) Review(ctx context.Context, id filing.ID, verdict string, remarks ...Remark) error {
	body := map[string]any{"verdict": verdict}
	if len(remarks) > 0 {
		body["findings"] = remarks
	}
	return p.Call(ctx, http.MethodPost, path(id, "/review"), body, nil)
}

// Approve claims an order and passes it.
func (p *Person) Approve(ctx context.Context, id filing.ID) error {
	if err := p.Claim(ctx, id); err != nil {
		return err
	}
	return p.Review(ctx, id, "pass")
}
