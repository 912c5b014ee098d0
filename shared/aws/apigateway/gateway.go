// Package apigateway converts between the events of an API Gateway HTTP API (payload format 2.0) and net/http, and reads the
// caller from the claims of a validated token ([CallerOf]).
//
//	r, err := apigateway.Request(ctx, event)
//	var w apigateway.Recorder
//	handler.ServeHTTP(&w, r)
//	return w.Response(), nil
//
// The gateway decodes the path and joins repeated headers with commas; Request does not undo either. In both directions, text
// bodies are sent as text and other bodies as base64.
package apigateway

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
)

// An Event is a request, a Response its answer, in payload format 2.0.
type (
	Event    = events.APIGatewayV2HTTPRequest
	Response = events.APIGatewayV2HTTPResponse
)

// Body returns the body of an event. It returns an error only for an invalid base64 body, which the gateway never sends.
func Body(e Event) ([]byte, error) {
	if !e.IsBase64Encoded {
		return []byte(e.Body), nil
	}
	body, err := base64.StdEncoding.DecodeString(e.Body)
	if err != nil {
		return nil, fmt.Errorf("apigateway: the event's body: %w", err)
	}
	return body, nil
}

// JSON returns a response in JSON. The body must be one that always marshals.
func JSON(status int, body map[string]any) Response {
	doc, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return Response{StatusCode: status, Headers: map[string]string{"content-type": "application/json"}, Body: string(doc)}
}

// Request converts an event to a request. It returns an error only for an invalid base64 body, which the gateway never sends.
func Request(ctx context.Context, e events.APIGatewayV2HTTPRequest) (*http.Request, error) {
	body, err := Body(e)
	if err != nil {
		return nil, err
	}
	r := &http.Request{
		Method: e.RequestContext.HTTP.Method,
		URL:    &url.URL{Path: e.RawPath, RawQuery: e.RawQueryString},
		Proto:  "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        http.Header{},
		Body:          io.NopCloser(bytes.NewReader(body)),
		ContentLength: int64(len(body)),
		Host:          e.RequestContext.DomainName,
		RemoteAddr:    e.RequestContext.HTTP.SourceIP,
	}
	for name, value := range e.Headers {
		r.Header.Set(name, value)
	}
	if len(e.Cookies) > 0 {
		r.Header.Set("Cookie", strings.Join(e.Cookies, "; "))
	}
	if host := r.Header.Get("Host"); host != "" {
		r.Host = host
	}
	r.RequestURI = r.URL.RequestURI()
	return r.WithContext(ctx), nil
}

// Call returns the event of a call that the request of e causes, with the claims of a validated token; none are those of a caller without a token.
// The path may have a query.
func Call(e Event, method, path string, claims map[string]string) Event {
	call := Event{RequestContext: e.RequestContext, Headers: map[string]string{"host": e.Headers["host"]}}
	call.RawPath, call.RawQueryString, _ = strings.Cut(path, "?")
	call.RequestContext.HTTP.Method, call.RequestContext.HTTP.Path = method, call.RawPath
	call.RequestContext.Authorizer = nil
	if len(claims) > 0 {
		call.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{JWT: &events.APIGatewayV2HTTPRequestContextAuthorizerJWTDescription{Claims: claims}}
	}
	return call
}

// A Recorder is an [http.ResponseWriter] that records the response in memory. The zero value is ready for use.
type Recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header implements [http.ResponseWriter].
func (w *Recorder) Header() http.Header {
	if w.header == nil {
		w.header = http.Header{}
	}
	return w.header
}

// WriteHeader implements [http.ResponseWriter]. Only the first call has an effect.
func (w *Recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
}

// Write implements [http.ResponseWriter].
func (w *Recorder) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(p)
}

// Status returns the status of the response: 200 if the handler set none.
func (w *Recorder) Status() int {
	if w.status == 0 {
		return http.StatusOK
	}
	return w.status
}

// Replace replaces the body.
func (w *Recorder) Replace(with func(body []byte) []byte) {
	w.body = *bytes.NewBuffer(with(w.body.Bytes()))
}

// Response returns the response in the gateway's format.
func (w *Recorder) Response() events.APIGatewayV2HTTPResponse {
	out := events.APIGatewayV2HTTPResponse{StatusCode: w.Status(), Headers: map[string]string{}}
	if w.body.Len() > 0 && w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", http.DetectContentType(w.body.Bytes()))
	}
	for name, values := range w.Header() {
		if name == "Set-Cookie" {
			out.Cookies = values
			continue
		}
		out.Headers[name] = strings.Join(values, ", ")
	}
	if isText(w.Header(), w.body.Bytes()) {
		out.Body = w.body.String()
	} else {
		out.Body, out.IsBase64Encoded = base64.StdEncoding.EncodeToString(w.body.Bytes()), true
	}
	return out
}

// isText reports whether a body can be sent as text.
func isText(h http.Header, body []byte) bool {
	if len(body) == 0 {
		return true
	}
	if h.Get("Content-Encoding") != "" || !utf8.Valid(body) {
		return false
	}
	kind, _, _ := mime.ParseMediaType(h.Get("Content-Type"))
	switch kind {
	case "application/json", "application/xml", "application/javascript":
		return true
	}
	return strings.HasPrefix(kind, "text/") || strings.HasSuffix(kind, "+json") || strings.HasSuffix(kind, "+xml")
}
