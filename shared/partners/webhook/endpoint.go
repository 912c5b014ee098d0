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

// An Endpoint is a partner's service that accepts signed requests.
type Endpoint struct {
	Name   string // of the partner
	URL    string // https, or http on the loopback
	KeyID  string // id of the secret
	Secret Secret
	Now    func() time.Time
	// Timeout limits the whole request.
	Timeout time.Duration
	// MaxResponse is the largest response, in bytes.
	MaxResponse int64
	// Transport sends the requests; nil means http.DefaultTransport.
	Transport http.RoundTripper
}

// ErrTooLong is returned for a response that is too long.
var ErrTooLong = errors.New("the response is too long")

// Check returns an error if a field is missing or requests would be sent unencrypted.
func (e Endpoint) Check() error {
	u, err := url.Parse(e.URL)
	if err != nil {
		return errors.New("the endpoint is not a URL") // the cause quotes the URL, which may contain a secret
	}
	loopback := u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback()
	if u.Host == "" || u.Scheme != "https" && !(u.Scheme == "http" && loopback) {
		return errors.New("the endpoint must be an https URL")
	}
	if e.Name == "" || e.KeyID == "" || e.Secret == (Secret{}) || e.Now == nil || e.Timeout <= 0 || e.MaxResponse <= 0 {
		return errors.New("name, key, secret, clock or limits are missing")
	}
	return nil
}

// Post sends a JSON body once and returns the status and the body of the response. A retry of a message has the same id. It does not
// follow redirects. A response that
// breaks off or is too long ([ErrTooLong]) has both a status and an error. Errors contain neither the request nor the
// response, which may have personal data.
func (e Endpoint) Post(ctx context.Context, id string, body []byte) (status int, answer []byte, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, e.URL, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	request.Header.Set(KeyHeader, e.KeyID)
	for name, value := range Sign(id, body, e.Now(), e.Secret).Map() {
		request.Header.Set(name, value)
	}
	client := http.Client{
		Transport: e.Transport, Timeout: e.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := client.Do(request)
	if err != nil {
		return 0, nil, redactError(err)
	}
	defer response.Body.Close()
	answer, err = io.ReadAll(io.LimitReader(response.Body, e.MaxResponse+1))
	switch {
	case err != nil:
		return response.StatusCode, nil, redactError(err)
	case int64(len(answer)) > e.MaxResponse:
		return response.StatusCode, nil, ErrTooLong
	}
	return response.StatusCode, answer, nil
}

// redactError returns an error that quotes nothing of the response; net/http quotes a response that it cannot parse.
func redactError(err error) error {
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
	return errors.New("the response is not HTTP")
}
