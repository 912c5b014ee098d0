// Package apigateway is API Gateway's HTTP API on the laptop. It validates tokens, converts HTTP requests to payload 2.0 events for
// functions, and converts the functions' responses to HTTP.
//
// Fill a [Gateway] with routes and serve it:
//
//	http.ListenAndServe(address, &apigateway.Gateway{Routes: []apigateway.Route{{Key: "ANY /api/{proxy+}", Handler: host.Handler("api")}}})
//
// Events have the form that they have on AWS: the path is decoded, header names are in lower case with their values joined, cookies
// are separate, claims are strings, and bodies other than plain text (forms too) are base64. The limits for bodies and headers
// apply. There is no timeout: the timeouts of the functions end each request within the 30 s of the service.
package apigateway

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambda/messages"
)

// Limits of HTTP APIs ("Quotas for configuring and running an HTTP API").
const (
	LargestBody    = 10_000_000 // bytes
	LargestHeaders = 10_240     // bytes of request line and headers
)

// A Gateway serves routes. Set its fields before the first request.
type Gateway struct {
	Routes     []Route
	Authorizer *Authorizer      // checks the tokens of routes that are not public; nil rejects them
	Now        func() time.Time // nil is time.Now
	Log        *slog.Logger     // logs route, status, duration and id of each request; nil logs nothing
}

// A Route sends matching requests to a function.
type Route struct {
	Key     string // in the gateway's syntax: "GET /orders/{id}", "ANY /api/{proxy+}", or "$default"
	Handler lambda.Handler
	Public  bool // needs no token
}

// ServeHTTP answers one request.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	now, log := g.Now, g.Log
	if now == nil {
		now = time.Now
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	started, id := now(), rand.Text()[:16]
	w.Header().Set("Apigw-Requestid", id)
	route, parameters := matchRoute(g.Routes, r.Method, r.URL.Path)
	if route == nil {
		route = &Route{}
	}
	response, cause := g.respond(w, r, route, parameters, id, started)
	if cause != nil {
		log.Error("the function failed", "route", route.Key, "id", id, "cause", cause.Error())
	}
	if err := writeResponse(w, response); err != nil {
		log.Error("the function's response is malformed", "route", route.Key, "id", id)
		response = errorResponse(http.StatusInternalServerError)
		_ = writeResponse(w, response) // its body is text
	}
	log.Info("request", "route", route.Key, "status", response.StatusCode, "took", now().Sub(started), "id", id)
}

// respond returns the response to a request, and the error if the function failed.
func (g *Gateway) respond(w http.ResponseWriter, r *http.Request, route *Route, parameters map[string]string, id string, now time.Time) (response, error) {
	switch {
	case route.Handler == nil:
		return errorResponse(http.StatusNotFound), nil
	case headerBytes(r) > LargestHeaders:
		return errorResponse(http.StatusRequestHeaderFieldsTooLarge), nil
	}
	var claims map[string]string
	if !route.Public {
		var err error
		if claims, err = g.Authorizer.authorize(r, now); err != nil {
			unauthorized := errorResponse(http.StatusUnauthorized)
			unauthorized.Headers["Www-Authenticate"] = challenge(err)
			return unauthorized, nil
		}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, LargestBody))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return errorResponse(http.StatusRequestEntityTooLarge), nil
	}
	if err != nil {
		return errorResponse(http.StatusBadRequest), nil
	}
	payload, err := json.Marshal(newEvent(r, route.Key, parameters, claims, body, id, now))
	if err != nil {
		return errorResponse(http.StatusBadRequest), nil
	}
	out, err := route.Handler.Invoke(context.WithoutCancel(r.Context()), payload)
	if failed := (messages.InvokeResponse_Error{}); errors.As(err, &failed) && failed.Type == "RequestEntityTooLargeException" {
		return errorResponse(http.StatusRequestEntityTooLarge), nil // Lambda's limit is lower than the gateway's
	}
	var answer response
	if err == nil {
		err = json.Unmarshal(out, &answer)
	}
	if err != nil {
		return errorResponse(http.StatusInternalServerError), err
	}
	return answer, nil
}

type response = events.APIGatewayV2HTTPResponse

// errorResponse returns the gateway's response for an error status.
func errorResponse(status int) response {
	text := http.StatusText(status)
	return response{StatusCode: status, Headers: map[string]string{"Content-Type": "application/json"}, Body: `{"message":"` + text + `"}`}
}

// writeResponse sends a response, or returns an error if it is not one of payload 2.0.
func writeResponse(w http.ResponseWriter, a response) error {
	body := []byte(a.Body)
	if a.StatusCode < 200 || a.StatusCode > 599 {
		return errors.New("apigateway: the response has an invalid status")
	}
	if a.IsBase64Encoded {
		var err error
		if body, err = base64.StdEncoding.DecodeString(a.Body); err != nil {
			return err
		}
	}
	h := w.Header()
	for name, value := range a.Headers {
		switch http.CanonicalHeaderKey(name) {
		case "Content-Length", "Transfer-Encoding", "Connection": // set by net/http
		default:
			h.Set(name, value)
		}
	}
	for _, cookie := range a.Cookies {
		h.Add("Set-Cookie", cookie)
	}
	if h.Get("Content-Type") == "" && len(body) > 0 {
		h.Set("Content-Type", "text/plain;charset=UTF-8")
	}
	w.WriteHeader(a.StatusCode)
	w.Write(body)
	return nil
}

// headerBytes is the size of the request line and headers as they were sent.
func headerBytes(r *http.Request) int {
	n := len(r.Method) + len(r.RequestURI) + len(r.Proto) + len(r.Host)
	for name, values := range r.Header {
		for _, value := range values {
			n += len(name) + len(value)
		}
	}
	return n
}
