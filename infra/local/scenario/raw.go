package scenario

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
)

// A Request is one call to the API as it is to be made, right or wrong.
type Request struct {
	Method string
	Path   string // what follows /api/v1
	Header map[string]string
	Body   []byte // nil sends none
}

// An Answer is what came back, whatever its status.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Refusal is the problem in the answer; the zero value when it holds none.
func (a Answer) Problem() Problem {
	var r Problem
	if json.Unmarshal(a.Body, &r) != nil {
		return Problem{}
	}
	return r
}

// Send makes a call and hands back what was answered. A nil person is not logged in.
func (w *Client) Send(ctx context.Context, p *User, q Request) (Answer, error) {
	var body io.Reader
	if q.Body != nil {
		body = bytes.NewReader(q.Body)
	}
	r, err := http.NewRequestWithContext(ctx, q.Method, w.Portal+"/api/v1"+q.Path, body)
	if err != nil {
		return Answer{}, err
	}
	if p != nil {
		r.Header.Set("Authorization", "Bearer "+p.token)
	}
	if q.Body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for name, value := range q.Header {
		r.Header.Set(name, value)
	}
	return w.answer(r)
}

// Webhook sends the carrier's request as it is given; headers are those of package webhook.
func (w *Client) SendWebhook(ctx context.Context, body []byte, header map[string]string) (Answer, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, w.Portal+"/webhooks/sms", bytes.NewReader(body))
	if err != nil {
		return Answer{}, err
	}
	r.Header.Set("Content-Type", "application/json")
	for name, value := range header {
		r.Header.Set(name, value)
	}
	return w.answer(r)
}

func (w *Client) answer(r *http.Request) (Answer, error) {
	response, err := w.HTTP.Do(r)
	if err != nil {
		return Answer{}, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return Answer{Status: response.StatusCode, Header: response.Header, Body: text}, err
}

// Tail is the last six characters of a certificate number, by which a leader is known on the page.
func NumberTail(number string) string { return strings.ToUpper(number[max(0, len(number)-6):]) }
