package scenario

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"beian/functions/api"
	"beian/infra/local/outbox"
	"beian/shared/web"
)

// AskConsent asks for a consent as an agency: request has number or order, scopes and until.
func (u *User) AskConsent(ctx context.Context, request map[string]any) (api.ConsentRequest, error) {
	var c api.ConsentRequest
	err := u.Call(ctx, http.MethodPost, "/consents", request, &c)
	return c, err
}

// AnswerConsent enters the code that the leader gave.
func (u *User) AnswerConsent(ctx context.Context, id, code string) (web.Consent, error) {
	var c web.Consent
	err := u.Call(ctx, http.MethodPost, "/consents/answers", map[string]any{"id": id, "code": code}, &c)
	return c, err
}

// Consents lists the consents that the account asked for.
func (u *User) Consents(ctx context.Context) ([]web.Consent, error) {
	var page web.Page[web.Consent]
	err := u.Call(ctx, http.MethodGet, "/consents?limit=100", nil, &page)
	return page.Items, err
}

// GetConsent asks for a consent, and enters the code that the leader receives.
func (u *User) GetConsent(ctx context.Context, mobile string, request map[string]any) (web.Consent, error) {
	before := len(u.Client.Sent("+86" + mobile))
	asked, err := u.AskConsent(ctx, request)
	if err != nil {
		return web.Consent{}, err
	}
	code, err := u.Client.AwaitConsentCode(ctx, mobile, before)
	if err != nil {
		return web.Consent{}, err
	}
	return u.AnswerConsent(ctx, asked.ID, code)
}

// AwaitConsentCode waits for the SMS with the code of a consent or a revocation, after the first messages to a leader, and returns the newest code.
func (c *Client) AwaitConsentCode(ctx context.Context, mobile string, after int) (string, error) {
	return c.awaitCode(ctx, "+86"+mobile, func(sent []outbox.Message) []outbox.Message {
		return slices.DeleteFunc(slices.Clone(sent[min(after, len(sent)):]), func(m outbox.Message) bool {
			return !slices.ContainsFunc([]string{"才告诉对方", "Share it only", "分钟内有效", "30 minutes"}, func(words string) bool { return strings.Contains(m.Text, words) })
		})
	})
}

// RevokeConsents revokes consents as a leader without an account: request has number or mobile. It returns those that ended.
func (c *Client) RevokeConsents(ctx context.Context, leader string, request map[string]any) ([]web.Consent, error) {
	before := len(c.Sent("+86" + leader))
	var asked api.ConsentRequest
	if err := c.asVisitor(ctx, "/consent-revocations", request, &asked); err != nil {
		return nil, err
	}
	code, err := c.AwaitConsentCode(ctx, leader, before)
	if err != nil {
		return nil, err
	}
	var ended struct{ Items []web.Consent }
	err = c.asVisitor(ctx, "/consent-revocations/answers", map[string]any{"id": asked.ID, "code": code}, &ended)
	return ended.Items, err
}

// asVisitor sends a request without a login.
func (c *Client) asVisitor(ctx context.Context, path string, body, into any) error {
	return c.CallAsVisitor(ctx, http.MethodPost, path, body, into)
}

// CallAsVisitor calls an operation without a login, and decodes the response into a value unless it is nil. A nil body sends none.
func (c *Client) CallAsVisitor(ctx context.Context, method, path string, body, into any) error {
	q := Request{Method: method, Path: path}
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		q.Body = text
	}
	answer, err := c.Send(ctx, nil, q)
	return answer.decode(err, into)
}
