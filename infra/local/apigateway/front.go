// Package front stands where API Gateway's HTTP API stands on AWS: it turns HTTP requests into payload 2.0 events for
// functions, checks tokens before, and turns the answers back.
//
// It keeps the gateway's habits, so that what works here works there: the path arrives decoded, header names in lower
// case and their values joined, cookies apart; bodies that are not plainly text (forms among them) arrive in base64;
// claims arrive as text; multiValueHeaders of an answer are not part of payload 2.0 and are passed over. It keeps the
// gateway's limits too: 10 MB bodies, 10 240 bytes of headers, 30 s.
package apigateway

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambda/messages"
)

// Limits of HTTP APIs ("Quotas for configuring and running an HTTP API").
const (
	LargestBody    = 10_000_000 // bytes
	LargestHeaders = 10_240     // bytes of request line and headers
	Timeout        = 30 * time.Second
	// deadlineBefore is how much earlier than the gateway the function has to give up, so that it can say so itself.
	deadlineBefore = time.Second
)

// A Front serves routes. Fill its fields before the first request.
type Front struct {
	Routes     []Route
	Authorizer *Authorizer      // checks tokens of routes that are not public; nil refuses all of those
	Timeout    time.Duration    // 0 is 30 s
	Now        func() time.Time // nil is time.Now
	Log        *slog.Logger     // route, status, duration and request id of each request; nil is silent
}

// A Route sends what fits its key to a function.
type Route struct {
	// Key is the gateway's route key: "GET /orders/{id}", "ANY /api/{proxy+}", or "$default".
	Key     string
	Handler lambda.Handler
	Public  bool // asks for no token
}

// ServeHTTP answers one request.
func (f *Front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	now := f.Now
	if now == nil {
		now = time.Now
	}
	id := rand.Text()[:16]
	began := now()
	w.Header().Set("Apigw-Requestid", id)
	route, parameters := match(f.Routes, r.Method, r.URL.Path)
	status := f.serve(w, r, route, parameters, id, began)
	if f.Log != nil {
		key := ""
		if route != nil {
			key = route.Key
		}
		f.Log.Info("request", "route", key, "status", status, "took", now().Sub(began), "id", id)
	}
}

// serve answers the request and returns the status.
func (f *Front) serve(w http.ResponseWriter, r *http.Request, route *Route, parameters map[string]string,
	id string, now time.Time) int {
	switch {
	case route == nil:
		return refuse(w, http.StatusNotFound, "Not Found")
	case headerBytes(r) > LargestHeaders:
		return refuse(w, http.StatusRequestHeaderFieldsTooLarge, "Request Header Fields Too Large")
	}
	var claims map[string]string
	if !route.Public {
		var err error
		if claims, err = f.Authorizer.authorize(r, now); err != nil {
			w.Header().Set("Www-Authenticate", challenge(err))
			return refuse(w, http.StatusUnauthorized, "Unauthorized")
		}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, LargestBody))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return refuse(w, http.StatusRequestEntityTooLarge, "Request Entity Too Large")
	}
	if err != nil {
		return refuse(w, http.StatusBadRequest, "Bad Request")
	}
	payload, err := json.Marshal(event(r, route.Key, parameters, claims, body, id, now))
	if err != nil {
		return refuse(w, http.StatusBadRequest, "Bad Request")
	}
	out, err := f.invoke(r.Context(), route.Handler, payload)
	switch named := (messages.InvokeResponse_Error{}); {
	case errors.Is(err, context.DeadlineExceeded):
		return refuse(w, http.StatusServiceUnavailable, "Service Unavailable")
	case errors.As(err, &named) && named.Type == "RequestEntityTooLargeException": // the function's own, smaller limit
		return refuse(w, http.StatusRequestEntityTooLarge, "Request Entity Too Large")
	case err != nil:
		f.tell(route.Key, id, err)
		return refuse(w, http.StatusInternalServerError, "Internal Server Error")
	}
	answer, err := parseAnswer(out)
	if err != nil {
		f.tell(route.Key, id, err)
		return refuse(w, http.StatusInternalServerError, "Internal Server Error")
	}
	answer.write(w)
	return answer.status
}

// tell tells the operator why a function's answer could not be passed on.
func (f *Front) tell(route, id string, err error) {
	if f.Log != nil {
		f.Log.Error("a function did not answer", "route", route, "id", id, "cause", err.Error())
	}
}

// invoke calls the function and waits no longer than the gateway would. The function is not stopped by a caller that
// hangs up, and goes on when the gateway has given up.
func (f *Front) invoke(ctx context.Context, h lambda.Handler, payload []byte) ([]byte, error) {
	limit := f.Timeout
	if limit == 0 {
		limit = Timeout
	}
	waiting, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	defer cancel()
	type outcome struct {
		payload []byte
		err     error
	}
	ended := make(chan outcome, 1)
	go func() {
		own, cancel := context.WithTimeout(context.WithoutCancel(ctx), max(limit-deadlineBefore, limit/2))
		defer cancel()
		defer func() {
			if recover() != nil {
				ended <- outcome{err: errPanicked}
			}
		}()
		out, err := h.Invoke(own, payload)
		ended <- outcome{out, err}
	}()
	select {
	case got := <-ended:
		if errors.Is(got.err, context.DeadlineExceeded) && waiting.Err() == nil {
			return nil, errGaveUp // the function failed with its own deadline: a function error, not the gateway's
		}
		return got.payload, got.err
	case <-waiting.Done():
		return nil, waiting.Err()
	}
}

var (
	errPanicked = errors.New("the function panicked")
	errGaveUp   = errors.New("the function gave up at its deadline")
)

// headerBytes is the size of request line and headers as they were sent.
func headerBytes(r *http.Request) int {
	n := len(r.Method) + len(r.RequestURI) + len(r.Proto) + len(r.Host)
	for name, values := range r.Header {
		for _, value := range values {
			n += len(name) + len(value)
		}
	}
	return n
}

// refuse answers in the gateway's own words and returns the status.
func refuse(w http.ResponseWriter, status int, message string) int {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]string{"message": message})
	return status
}
