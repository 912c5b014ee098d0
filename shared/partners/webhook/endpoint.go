package webhook

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

// An Endpoint is where somebody takes signed requests of Beian's.
type Endpoint struct {
	URL    string // https; plain http is for this machine only
	KeyID  string // their name for the secret
	Secret []byte
	Now    func() time.Time
	// Timeout is how long a request and its answer may take together.
	Timeout time.Duration
	// MaxAnswer is how long an answer may be, in bytes.
	MaxAnswer int64
	// Transport is the way out; nil is the usual one.
	Transport http.RoundTripper
}

// ErrAnswer says that the answer is longer than allowed.
var ErrAnswer = errors.New("the answer is too long")

// Check refuses an address to which the request would travel in clear, and what is missing.
func (e Endpoint) Check() error {
	u, err := url.Parse(e.URL)
	if err != nil {
		return errors.New("the endpoint is not a URL") // the cause would repeat it
	}
	loopback := u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback()
	if u.Host == "" || u.Scheme != "https" && !(u.Scheme == "http" && loopback) {
		return errors.New("the endpoint must be an https URL")
	}
	if e.KeyID == "" || len(e.Secret) == 0 || e.Now == nil || e.Timeout <= 0 || e.MaxAnswer <= 0 {
		return errors.New("key, secret, clock or limits are missing")
	}
	return nil
}

// Post sends a JSON body once, and returns the status and the text of the answer. Redirects are not followed: the body
// is for nobody else. An answer that breaks off, or is too long ([ErrAnswer]), comes with its status and an error. An error
// quotes neither body nor answer, which may be about a person.
func (e Endpoint) Post(ctx context.Context, body []byte) (status int, answer []byte, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, e.URL, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	timestamp, signature := Sign(e.Secret, body, e.Now())
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	request.Header.Set(KeyHeader, e.KeyID)
	request.Header.Set(TimestampHeader, timestamp)
	request.Header.Set(SignatureHeader, signature)
	client := http.Client{
		Transport: e.Transport, Timeout: e.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := client.Do(request)
	if err != nil {
		return 0, nil, unquoted(err)
	}
	defer response.Body.Close()
	answer, err = io.ReadAll(io.LimitReader(response.Body, e.MaxAnswer+1))
	switch {
	case err != nil:
		return response.StatusCode, nil, unquoted(err)
	case int64(len(answer)) > e.MaxAnswer:
		return response.StatusCode, nil, ErrAnswer
	}
	return response.StatusCode, answer, nil
}

// unquoted is why there is no answer. What net/http cannot read it quotes, so of that only the kind is kept.
func unquoted(err error) error {
	if network, ok := errors.AsType[*net.OpError](err); ok {
		return network
	}
	if certificate, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return certificate
	}
	if ended, ok := errors.AsType[net.Error](err); ok && ended.Timeout() {
		return context.DeadlineExceeded
	}
	for _, known := range []error{context.Canceled, io.EOF, io.ErrUnexpectedEOF} {
		if errors.Is(err, known) {
			return known
		}
	}
	return errors.New("the answer is no HTTP")
}
