package system

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Traffic carries the functions' calls to AWS and counts them. Calls to the engine and to the evidence store go straight
// there, without the hop over the common endpoint; what is signed is the common endpoint's name all the same.
type Traffic struct {
	engine, objects *url.URL
	transport       *http.Transport
	committed       func() // called after each transaction, of which the table's stream tells on AWS

	mu            sync.Mutex
	counts        map[string]int
	written, read float64
	weigh         bool
}

// Weigh has the engine say how many capacity units each call used, for [Traffic.Units].
func (t *Traffic) Weigh() { t.weigh = true }

func newTraffic(engine, objects string, committed func()) *Traffic {
	return &Traffic{
		engine: parsed(engine), objects: parsed(objects), committed: committed, counts: map[string]int{},
		transport: &http.Transport{MaxIdleConns: 512, MaxIdleConnsPerHost: 256, IdleConnTimeout: time.Minute, DisableCompression: true},
	}
}

// parsed is an endpoint as a URL. Endpoints come from listeners, or from the operator, whose mistake shows at the
// first call.
func parsed(endpoint string) *url.URL {
	u, err := url.Parse(endpoint)
	if err != nil {
		return &url.URL{Scheme: "http", Host: endpoint}
	}
	return u
}

// RoundTrip sends a request to where its service is.
func (t *Traffic) RoundTrip(r *http.Request) (*http.Response, error) {
	operation := operationOf(r)
	t.mu.Lock()
	t.counts[operation]++
	t.mu.Unlock()
	target := t.objects
	switch service, _, _ := strings.Cut(operation, ":"); service {
	case "dynamodb":
		target = t.engine
		if operation == "dynamodb:TransactWriteItems" {
			defer t.committed()
		}
	case "s3":
	default:
		return t.transport.RoundTrip(r)
	}
	clone := r.Clone(r.Context())
	if clone.Host == "" {
		clone.Host = r.URL.Host
	}
	clone.URL.Scheme, clone.URL.Host = target.Scheme, target.Host
	if t.weigh && target == t.engine {
		return t.weighed(clone)
	}
	return t.transport.RoundTrip(clone)
}

// operationOf names the service and the operation of a call: "dynamodb:PutItem", "states:StartExecution".
func operationOf(r *http.Request) string {
	target := r.Header.Get("X-Amz-Target")
	_, operation, _ := strings.Cut(target, ".")
	switch {
	case strings.HasPrefix(target, "DynamoDB"):
		return "dynamodb:" + operation
	case strings.HasPrefix(target, "AWSStepFunctions"):
		return "states:" + operation
	case strings.HasPrefix(r.URL.Path, "/v2/email/"):
		return "ses:SendEmail"
	case r.Method == http.MethodPost && (r.URL.Path == "/" || r.URL.Path == ""):
		return "sns:Publish"
	}
	return "s3:" + r.Method
}

// Counts returns how often each operation was called so far.
func (t *Traffic) Counts() map[string]int {
	t.mu.Lock()
	defer t.mu.Unlock()
	counts := make(map[string]int, len(t.counts))
	for operation, n := range t.counts {
		counts[operation] = n
	}
	return counts
}
