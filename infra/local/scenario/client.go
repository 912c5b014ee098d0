// Package people drives Beian as its users do, over HTTP and nothing else: an applicant who logs in with a code from an SMS
// and applies, a reviewer at the queue, an operator who lists servers, a leader who answers an SMS. The demonstration,
// the benchmark and the journeys are made of them.
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
	"strings"
	"time"

	"beian/infra/local/outbox"
	"beian/shared/rules/finding"
)

// A World is where they live: one running system.
type Client struct {
	Portal string // base URL of portal and API
	HTTP   *http.Client
	// Sent returns what was sent to a phone or mailbox, oldest first.
	Sent func(to string) []outbox.Message
	// SMSSecret signs the carrier's requests.
	SMSSecret []byte
	// Observe is told of each call to the API, for measuring; may be nil.
	Observe func(method, route string, took time.Duration, status int)
}

// Counting is the same world, in which reads of an order by somebody who waits are counted.
func (w *Client) CountingReads(reads *int) *Client {
	counting := *w
	counting.Observe = func(method, route string, took time.Duration, status int) {
		if method == http.MethodGet && route == "/orders/{id}" {
			*reads++
		}
		if w.Observe != nil {
			w.Observe(method, route, took, status)
		}
	}
	return &counting
}

// A Person is somebody who is logged in.
type User struct {
	Client *Client
	token string
}

// A Refusal is a problem that the API answered with (RFC 9457).
type Problem struct {
	Status   int          `json:"status"`
	Title    string       `json:"title"`
	Detail   string       `json:"detail"`
	Findings finding.List `json:"findings"`
}

func (r *Problem) Error() string {
	text := fmt.Sprintf("%d %s: %s", r.Status, r.Title, r.Detail)
	for _, f := range r.Findings {
		text += fmt.Sprintf(" [%s %s: %s]", f.Code, f.Pointer, f.Message.English)
	}
	return text
}

// With is the person who has a token.
func (w *Client) UserWithToken(token string) *User { return &User{Client: w, token: token} }

var sixDigits = regexp.MustCompile(`\b\d{6}\b`)

// Login logs somebody in with the one-time code that they are sent. The login is a phone number in E.164 or an address.
func (w *Client) Login(ctx context.Context, login string) (*User, error) {
	field := "email"
	if strings.HasPrefix(login, "+") {
		field = "phone_number"
	}
	before := len(w.Sent(login))
	body, err := json.Marshal(map[string]string{field: login, "locale": "zh-CN"})
	if err != nil {
		return nil, err
	}
	if err := w.post(ctx, "/identity/codes", "application/json", body, nil); err != nil {
		return nil, fmt.Errorf("asking for a code: %w", err)
	}
	code, err := w.AwaitCode(ctx, login, before)
	if err != nil {
		return nil, err
	}
	form := url.Values{"grant_type": {"urn:beian:one-time-code"}, "login": {login}, "code": {code}, "client_id": {"beian-local"}}
	var tokens struct {
		ID string `json:"id_token"`
	}
	if err := w.post(ctx, "/identity/token", "application/x-www-form-urlencoded", []byte(form.Encode()), &tokens); err != nil {
		return nil, fmt.Errorf("logging in: %w", err)
	}
	return w.UserWithToken(tokens.ID), nil
}

// Code waits for the newest message to somebody after the first few, and returns the six digits in it.
func (w *Client) AwaitCode(ctx context.Context, to string, after int) (string, error) {
	var code string
	err := Poll(ctx, func() (bool, error) {
		sent := w.Sent(to)
		for i := len(sent) - 1; i >= after; i-- {
			if code = sixDigits.FindString(sent[i].Text); code != "" {
				return true, nil
			}
		}
		return false, nil
	})
	return code, err
}

// Until asks again and again, for a minute at most, until something is so.
func Poll(ctx context.Context, so func() (bool, error)) error {
	return poll(ctx, 50*time.Millisecond, so)
}

// until asks less and less often, but at least once in a while.
func poll(ctx context.Context, while time.Duration, so func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for wait := 2 * time.Millisecond; ; wait = min(2*wait, while) {
		if ok, err := so(); ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.New("it did not happen within a minute")
		case <-time.After(wait):
		}
	}
}

func (w *Client) post(ctx context.Context, path, contentType string, body []byte, into any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, w.Portal+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", contentType)
	return w.do(r, into)
}

func (w *Client) do(r *http.Request, into any) error {
	response, err := w.HTTP.Do(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode >= 300 {
		refusal := &Problem{Status: response.StatusCode}
		if json.Unmarshal(text, refusal) != nil || refusal.Title == "" {
			refusal.Title, refusal.Detail = http.StatusText(response.StatusCode), string(text)
		}
		return refusal
	}
	if into == nil || len(text) == 0 {
		return nil
	}
	return json.Unmarshal(text, into)
}

// Call makes one call to the API. Path is what follows /api/v1; body and into may be nil.
func (p *User) Call(ctx context.Context, method, path string, body, into any) error {
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		content = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(ctx, method, p.Client.Portal+"/api/v1"+path, content)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+p.token)
	r.Header.Set("Accept-Language", "zh-CN")
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	begun := time.Now()
	err = p.Client.do(r, into)
	if p.Client.Observe != nil {
		status := http.StatusOK
		var refusal *Problem
		if errors.As(err, &refusal) {
			status = refusal.Status
		}
		p.Client.Observe(method, pattern(path), time.Since(begun), status)
	}
	return err
}

var identifiers = regexp.MustCompile(`/[0-9A-Z]{26}|/(ecs|DEMO)-[A-Za-z0-9-]+`)

// pattern is a path with its identifiers taken out.
func pattern(path string) string {
	path, _, _ = strings.Cut(path, "?")
	return identifiers.ReplaceAllString(path, "/{id}")
}

// subjectOf reads the account out of a token, which its owner has no need to verify.
func subjectOf(token string) string {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return ""
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return ""
	}
	var claims struct {
		Subject string `json:"sub"`
	}
	if json.Unmarshal(text, &claims) != nil {
		return ""
	}
	return claims.Subject
}
