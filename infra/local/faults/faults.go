// Package faults makes parts of a laptop's system fail while a switch is on, at the endpoints: the functions meet what they would meet on AWS.
//
//	switches := faults.New()
//	handler = switches.Bureau(handler)
//	switches.Set(faults.BureauDown, true)
//
// All faults are off at the start of the process.
package faults

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"beian/infra/local/outbox"
)

// A Fault is one switch.
type Fault string

// The faults.
const (
	BureauDown        Fault = "bureau-down"        // every call to the bureau gets HTTP status 503
	BureauSlow        Fault = "bureau-slow"        // every call to the bureau takes [Delay] longer
	UploadsRefused    Fault = "uploads-refused"    // the bureau answers uploads with result 901, and all else as usual
	SMSRejected       Fault = "sms-rejected"       // each SMS is rejected for good
	EmailRejected     Fault = "email-rejected"     // each email is rejected for good
	SendingThrottled  Fault = "sending-throttled"  // SMS and emails are throttled: no message is accepted
	AnswersLost       Fault = "answers-lost"       // every second message is accepted, but the sender gets an error, and sends it again
	DatabaseThrottled Fault = "database-throttled" // every fifth request to DynamoDB is throttled
	StoreDown         Fault = "store-down"         // S3 answers with status 503
	KeysDown          Fault = "keys-down"          // KMS answers with status 500
	MachineDown       Fault = "machine-down"       // Step Functions answers functions with status 500; executions that run go on
	Twice             Fault = "delivered-twice"    // the state machine invokes each function twice, as at-least-once delivery permits
)

// All are all faults, in the order of the page.
var All = []Fault{BureauDown, BureauSlow, UploadsRefused, SMSRejected, EmailRejected, SendingThrottled, AnswersLost, DatabaseThrottled, StoreDown, KeysDown, MachineDown, Twice}

// Delay is how much longer a call to a slow bureau takes.
const Delay = 8 * time.Second

// Switches are the faults that are on. The zero value has none on. It is safe for concurrent use.
type Switches struct {
	mu       sync.Mutex
	on       map[Fault]bool
	requests int // to DynamoDB while it is throttled
	messages int // sent while answers are lost
	changed  []func()
}

// New returns switches that are all off.
func New() *Switches { return &Switches{on: map[Fault]bool{}} }

// Set switches a fault on or off. It reports whether there is such a fault.
func (s *Switches) Set(f Fault, on bool) bool {
	if !slices.Contains(All, f) {
		return false
	}
	s.mu.Lock()
	s.on[f] = on
	changed := slices.Clone(s.changed)
	s.mu.Unlock()
	for _, call := range changed {
		call()
	}
	return true
}

// On reports whether a fault is on.
func (s *Switches) On(f Fault) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.on[f]
}

// Count returns how many faults are on.
func (s *Switches) Count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, on := range s.on {
		if on {
			n++
		}
	}
	return n
}

// OnChange calls a function after each change. Call it before the switches are used.
func (s *Switches) OnChange(call func()) { s.changed = append(s.changed, call) }

// Bureau returns the bureau's handler with the faults of its network. The controls under /admin/ always work.
func (s *Switches) Bureau(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/admin/") {
			h.ServeHTTP(w, r)
			return
		}
		if s.On(BureauSlow) {
			select {
			case <-time.After(Delay):
			case <-r.Context().Done():
				return
			}
		}
		if s.On(BureauDown) {
			http.Error(w, "unavailable", http.StatusServiceUnavailable)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// Sending returns how the outbox fails for a kind of message; the zero value is not at all.
func (s *Switches) Sending(kind outbox.Kind) outbox.Failure {
	switch {
	case s.On(SMSRejected) && kind == outbox.SMS, s.On(EmailRejected) && kind == outbox.Email:
		return outbox.Failure{Status: http.StatusBadRequest}
	case s.On(SendingThrottled):
		return outbox.Failure{Status: http.StatusTooManyRequests}
	case s.On(AnswersLost) && s.everySecond():
		return outbox.Failure{Status: http.StatusInternalServerError, Stored: true}
	}
	return outbox.Failure{}
}

// everySecond reports true at each second call, beginning with the first.
func (s *Switches) everySecond() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages++
	return s.messages%2 == 1
}

// An Answer is the error of an AWS service.
type Answer struct {
	Status      int
	Code        string
	ContentType string
	Body        string
}

// AWS returns the error with which a request fails, by its operation such as "dynamodb:GetItem"; false if it does not fail.
func (s *Switches) AWS(operation string) (Answer, bool) {
	service, _, _ := strings.Cut(operation, ":")
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case service == "dynamodb" && s.on[DatabaseThrottled]:
		s.requests++
		if s.requests%5 != 0 {
			return Answer{}, false
		}
		return jsonAnswer(http.StatusBadRequest, "ProvisionedThroughputExceededException"), true
	case service == "kms" && s.on[KeysDown]:
		return jsonAnswer(http.StatusInternalServerError, "KMSInternalException"), true
	case service == "states" && s.on[MachineDown]:
		return jsonAnswer(http.StatusInternalServerError, "InternalServerException"), true
	case service == "s3" && s.on[StoreDown]:
		return Answer{http.StatusServiceUnavailable, "ServiceUnavailable", "application/xml",
			"<Error><Code>ServiceUnavailable</Code><Message>An injected failure.</Message></Error>"}, true
	}
	return Answer{}, false
}

func jsonAnswer(status int, code string) Answer {
	return Answer{status, code, "application/x-amz-json-1.0", `{"__type":"` + code + `","message":"An injected failure."}`}
}

// Header returns the header fields of an answer.
func (a Answer) Header() http.Header {
	return http.Header{"Content-Type": {a.ContentType}, "X-Amzn-Errortype": {a.Code}, "Content-Length": {strconv.Itoa(len(a.Body))}}
}

// Write writes the answer.
func (a Answer) Write(w http.ResponseWriter) {
	for name, values := range a.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(a.Status)
	_, _ = w.Write([]byte(a.Body))
}
