// Package scenario is a client of Beian's public HTTP API, with the actions of its users: an applicant who logs in with a code from
// an SMS and files, a reviewer, an operator who adds servers, a leader who answers an SMS. The demonstration, the benchmark and the
// journeys use it.
//
//	client := scenario.NewClient(s)
//	applicant, err := client.Login(ctx, "+8618800000001")
//	order, err := applicant.OpenOrder(ctx, scenario.Invented(1))
package scenario

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"beian/infra/local/outbox"
	"beian/infra/local/system"
	"beian/shared/filing"
	"beian/shared/partners/webhook"
	"beian/shared/rules/finding"
)

// A Client calls one running system.
type Client struct {
	Portal    string // base URL of the API
	HTTP      *http.Client
	Sent      func(to string) []outbox.Message               // returns what was sent to a phone or mailbox, oldest first
	SMSSecret webhook.Secret                                 // signs requests of the SMS carrier
	Observe   func(method, route string, took time.Duration) // if not nil, is called after each API request of a user
}

// NewClient returns a client for a system in this process.
func NewClient(s *system.System) *Client {
	return &Client{Portal: s.PortalURL, HTTP: &http.Client{Timeout: 30 * time.Second}, Sent: s.Outbox.Sent, SMSSecret: system.SMSSecret}
}

// A User is a client that is logged in.
type User struct {
	Client *Client
	token  string
}

// WithToken returns the user whom an ID token names.
func (c *Client) WithToken(token string) *User { return &User{c, token} }

// Token is the user's ID token.
func (u *User) Token() string { return u.token }

// A Problem is an error response of the API (RFC 9457).
type Problem struct {
	Status   int          `json:"status"`
	Title    string       `json:"title"`
	Detail   string       `json:"detail"`
	Findings finding.List `json:"findings"`
}

func (p *Problem) Error() string {
	text := fmt.Sprintf("%d %s: %s", p.Status, p.Title, p.Detail)
	for _, f := range p.Findings {
		text += fmt.Sprintf(" [%s %s: %s]", f.Code, f.Pointer, f.Message.English)
	}
	return text
}

// Login logs in with a one-time code. The login is a phone number in E.164 or an email address.
func (c *Client) Login(ctx context.Context, login string) (*User, error) {
	field := "email"
	if strings.HasPrefix(login, "+") {
		field = "phone_number"
	}
	before := map[string]bool{} // messages; the system deletes those of a year ago
	for _, m := range c.Sent(login) {
		before[m.ID] = true
	}
	body, err := json.Marshal(map[string]string{field: login, "locale": "zh-CN"})
	if err != nil {
		return nil, err
	}
	if err := c.post(ctx, "/identity/codes", http.Header{"Content-Type": {"application/json"}}, body, nil); err != nil {
		return nil, fmt.Errorf("requesting a code: %w", err)
	}
	code, err := c.awaitCode(ctx, login, func(sent []outbox.Message) []outbox.Message {
		return slices.DeleteFunc(slices.Clone(sent), func(m outbox.Message) bool { return before[m.ID] })
	})
	if err != nil {
		return nil, fmt.Errorf("waiting for the code: %w", err)
	}
	form := url.Values{"grant_type": {"urn:beian:one-time-code"}, "login": {login}, "code": {code}, "client_id": {"beian-local"}}
	var tokens struct {
		ID string `json:"id_token"`
	}
	if err := c.post(ctx, "/identity/token", http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, []byte(form.Encode()), &tokens); err != nil {
		return nil, fmt.Errorf("logging in: %w", err)
	}
	return c.WithToken(tokens.ID), nil
}

// LoginApplicant logs the applicant in and has an operator list the server of the application, rented for a year.
func (c *Client) LoginApplicant(ctx context.Context, operator *User, a Application, now time.Time) (*User, error) {
	applicant, err := c.Login(ctx, a.Login)
	if err != nil {
		return nil, err
	}
	if err := operator.ListServer(ctx, a.Server, applicant.Account(), now.AddDate(0, -1, 0), now.AddDate(1, 0, 0)); err != nil {
		return nil, fmt.Errorf("listing the server: %w", err)
	}
	return applicant, nil
}

// AwaitOrderCode waits for an SMS with an order's verification code and returns the newest code. An SMS that asks for a reply can be of another order.
func (c *Client) AwaitOrderCode(ctx context.Context, mobile string, order filing.ID) (string, error) {
	return c.awaitCode(ctx, "+86"+mobile, func(sent []outbox.Message) []outbox.Message {
		return slices.DeleteFunc(slices.Clone(sent), func(m outbox.Message) bool {
			return !asksForOrderCode(m.Text, order)
		})
	})
}

// asksForOrderCode reports whether an SMS asks for an order's verification code. One that asks for a reply has no link; one of the version 2026-11 has a long link.
func asksForOrderCode(sms string, order filing.ID) bool {
	return strings.HasSuffix(sms, "/s/"+order.Link()) || strings.Contains(sms, "前回复这6位数字") || strings.Contains(sms, "Reply with the 6 digits") ||
		strings.Contains(sms, "/sms/"+string(order))
}

// awaitCode waits for six digits in the newest of the selected messages to a recipient.
func (c *Client) awaitCode(ctx context.Context, to string, choose func([]outbox.Message) []outbox.Message) (code string, err error) {
	err = Poll(ctx, func() (bool, error) {
		for _, m := range slices.Backward(choose(c.Sent(to))) {
			if code = m.Code(); code != "" {
				return true, nil
			}
		}
		return false, nil
	})
	return code, err
}

// Poll calls done until it returns true or an error, for at most a minute.
func Poll(ctx context.Context, done func() (bool, error)) error {
	return poll(ctx, 50*time.Millisecond, done)
}

// poll doubles the pause between calls up to maxPause.
func poll(ctx context.Context, maxPause time.Duration, done func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for pause := 2 * time.Millisecond; ; pause = min(2*pause, maxPause) {
		if ok, err := done(); ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.New("the awaited condition was not met within a minute")
		case <-time.After(pause):
		}
	}
}

// ErrReplyIgnored is the error of a reply without effect: no order waits for it, or its text has no code.
var ErrReplyIgnored = errors.New("the reply was ignored")

// ReplySMS sends a leader's SMS through the carrier's webhook. The code in it may be wrong.
func (c *Client) ReplySMS(ctx context.Context, messageID, mobile, text string) error {
	body := fmt.Appendf(nil, `{"from":%q,"text":%q,"receivedAt":%q}`, mobile, text, time.Now().UTC().Format(time.RFC3339))
	answer, err := c.SendWebhook(ctx, body, webhook.Sign(messageID, body, time.Now(), c.SMSSecret).Map())
	var said struct{ Result string }
	if err := answer.decode(err, &said); err != nil {
		return err
	}
	if said.Result == "ignored" {
		return ErrReplyIgnored
	}
	return nil
}

// SendWebhook sends a request to the carrier's webhook. The headers are those of package webhook.
func (c *Client) SendWebhook(ctx context.Context, body []byte, headers map[string]string) (Answer, error) {
	header := http.Header{"Content-Type": {"application/json"}}
	for name, value := range headers {
		header.Set(name, value)
	}
	return c.do(ctx, http.MethodPost, c.Portal+"/webhooks/sms", header, body)
}

// A Request is one request to the API, valid or not.
type Request struct {
	Method string
	Path   string // what follows /api/v1
	Header map[string]string
	Body   []byte // nil sends none
}

// An Answer is a response of the API with any status.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Problem is the problem in the body, the zero value if there is none.
func (a Answer) Problem() Problem {
	var p Problem
	if json.Unmarshal(a.Body, &p) != nil {
		return Problem{}
	}
	return p
}

// decode decodes a successful response into a value, which may be nil. For other responses it returns a *Problem.
func (a Answer) decode(err error, into any) error {
	switch {
	case err != nil:
		return err
	case a.Status >= 300:
		p := a.Problem()
		if p.Status = a.Status; p.Title == "" {
			p.Title, p.Detail = http.StatusText(a.Status), string(a.Body)
		}
		return &p
	case into == nil || len(a.Body) == 0:
		return nil
	}
	return json.Unmarshal(a.Body, into)
}

// Send sends a request to the API. A nil user is not logged in.
func (c *Client) Send(ctx context.Context, u *User, q Request) (Answer, error) {
	header := http.Header{}
	if u != nil {
		header.Set("Authorization", "Bearer "+u.token)
	}
	if q.Body != nil {
		header.Set("Content-Type", "application/json")
	}
	for name, value := range q.Header {
		header.Set(name, value)
	}
	return c.do(ctx, q.Method, c.Portal+"/api/v1"+q.Path, header, q.Body)
}

func (c *Client) do(ctx context.Context, method, url string, header http.Header, body []byte) (Answer, error) {
	r, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return Answer{}, err
	}
	r.Header = header
	response, err := c.HTTP.Do(r)
	if err != nil {
		return Answer{}, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return Answer{Status: response.StatusCode, Header: response.Header, Body: text}, err
}

func (c *Client) post(ctx context.Context, path string, header http.Header, body []byte, into any) error {
	answer, err := c.do(ctx, http.MethodPost, c.Portal+path, header, body)
	return answer.decode(err, into)
}

// Call sends a request to the API and decodes the response. path is what follows /api/v1; body and into may be nil.
func (u *User) Call(ctx context.Context, method, path string, body, into any) error {
	q := Request{Method: method, Path: path, Header: map[string]string{"Accept-Language": "zh-CN"}}
	if body != nil {
		var err error
		if q.Body, err = json.Marshal(body); err != nil {
			return err
		}
	}
	started := time.Now()
	answer, err := u.Client.Send(ctx, u, q)
	if u.Client.Observe != nil {
		path, _, _ = strings.Cut(path, "?")
		u.Client.Observe(method, identifiers.ReplaceAllString(path, "/{id}"), time.Since(started))
	}
	return answer.decode(err, into)
}

var identifiers = regexp.MustCompile(`/[0-9A-Z]{26}|/(ecs|DEMO)-[A-Za-z0-9-]+`)

// Account is the account in the user's token, "" if the token has none.
func (u *User) Account() string {
	var claims struct {
		Subject string `json:"sub"`
	}
	parts := strings.Split(u.token, ".")
	text, err := base64.RawURLEncoding.DecodeString(parts[min(1, len(parts)-1)])
	if err != nil || json.Unmarshal(text, &claims) != nil {
		return ""
	}
	return claims.Subject
}
