package system

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"beian/infra/local/awsrequest"
	"beian/infra/local/faults"
)

// Traffic is the HTTP transport of the functions in this process. It counts the AWS requests of all functions. It sends requests for
// the engine and the evidence store directly to them, although their signatures name the common endpoint.
type Traffic struct {
	engine, objects *url.URL
	transport       *http.Transport
	committed       func([]byte) // called after each stored transaction with its request, like the table's stream on AWS
	calls           func(awsrequest.Call)
	faults          *faults.Switches

	mu            sync.Mutex
	counts        map[string]int
	bytes         int64
	written, read float64
	reported      int
	writes        map[string]int

	writtenToIndexes float64
	indexes          indexCounter

	active, trips map[string]int // of each function: its requests now, and how often one began while it had no other

	reportCapacity atomic.Bool
	delay          atomic.Int64
}

// ReportCapacity makes the engine report the capacity units of each call from now on, for [Traffic.Units], [Traffic.Writes] and [Traffic.IndexWrites].
func (t *Traffic) ReportCapacity() { t.reportCapacity.Store(true) }

// Delay makes each request of a function wait for some time before it is sent, as the network of AWS does. [Traffic.RoundTrips] is exact only with a delay that is
// longer than what a function computes between two requests.
func (t *Traffic) Delay(by time.Duration) { t.delay.Store(int64(by)) }

func newTraffic(engine, objects string, committed func([]byte), calls func(awsrequest.Call), switches *faults.Switches) *Traffic {
	return &Traffic{
		faults: switches,
		engine: mustParseURL(engine), objects: mustParseURL(objects), committed: committed, calls: calls, counts: map[string]int{}, writes: map[string]int{},
		indexes: indexCounter{rows: map[[2]string]indexed{}, writes: map[IndexKey]int{}},
		active:  map[string]int{}, trips: map[string]int{},
		transport: &http.Transport{MaxIdleConns: 512, MaxIdleConnsPerHost: 256, IdleConnTimeout: time.Minute, DisableCompression: true},
	}
}

// mustParseURL returns an endpoint as a URL. A wrong DYNAMODB_ENDPOINT fails at the first call.
func mustParseURL(endpoint string) *url.URL {
	u, err := url.Parse(endpoint)
	if err != nil {
		return &url.URL{Scheme: "http", Host: endpoint}
	}
	return u
}

// close closes the connections to the services. The evidence store would wait for them in vain.
func (t *Traffic) close() error {
	t.transport.CloseIdleConnections()
	return nil
}

// RoundTrip sends a request to its service.
func (t *Traffic) RoundTrip(r *http.Request) (response *http.Response, err error) {
	operation := awsrequest.Operation(r)
	if answer, fails := t.faults.AWS(operation); fails {
		return &http.Response{Status: http.StatusText(answer.Status), StatusCode: answer.Status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
			Header: answer.Header(), Body: io.NopCloser(strings.NewReader(answer.Body)), ContentLength: int64(len(answer.Body)), Request: r}, nil
	}
	target := t.objects
	switch service, _, _ := strings.Cut(operation, ":"); service {
	case "dynamodb":
		target = t.engine
		if operation == "dynamodb:TransactWriteItems" {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return nil, err
			}
			body = withoutToken(body)
			r = r.Clone(r.Context())
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
			defer func() {
				if err == nil && response.StatusCode == http.StatusOK {
					t.committed(body)
				}
			}()
		}
	case "s3":
	default:
		return t.transport.RoundTrip(r) // cloudAPI counts it
	}
	t.recordRequest(r)
	defer t.begin(r)()
	clone := r.Clone(r.Context())
	if clone.Host == "" {
		clone.Host = r.URL.Host
	}
	clone.URL.Scheme, clone.URL.Host = target.Scheme, target.Host
	if t.reportCapacity.Load() && target == t.engine {
		return t.sendReported(clone)
	}
	return t.transport.RoundTrip(clone)
}

// withoutToken removes from a transaction the token with which the SDK may repeat it, which is its first field: at each transaction the engine looks through those of
// the last ten minutes. A repeated transaction fails at its own conditions.
func withoutToken(transaction []byte) []byte {
	token, found := bytes.CutPrefix(transaction, []byte(`{"ClientRequestToken":"`))
	_, rest, ended := bytes.Cut(token, []byte(`",`))
	if !found || !ended {
		return transaction
	}
	return append([]byte("{"), rest...)
}

// recordRequest counts a request of a function and passes it to calls. It ignores requests that no function signed. A form to S3
// counts as a request of the function that signed the form.
func (t *Traffic) recordRequest(r *http.Request) {
	if t.calls == nil {
		if key := awsrequest.Key(r); functions[key] != nil || strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
			t.count(awsrequest.Operation(r), r.ContentLength)
		}
		return
	}
	calls, err := awsrequest.Read(r)
	if err != nil {
		t.count("unknown: "+err.Error(), 0)
	}
	for i, c := range calls {
		if functions[c.By] == nil {
			return
		}
		if i == 0 {
			t.count(awsrequest.Operation(r), r.ContentLength)
		}
		t.calls(c)
	}
}

func (t *Traffic) count(operation string, bytes int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.counts[operation]++
	t.bytes += max(bytes, 0)
}

// begin counts a round trip of the function that signed a request, unless another request of it has begun and not ended. The returned function ends the request.
func (t *Traffic) begin(r *http.Request) (end func()) {
	function := awsrequest.Key(r)
	t.mu.Lock()
	if t.active[function] == 0 {
		t.trips[function]++
	}
	t.active[function]++
	t.mu.Unlock()
	time.Sleep(time.Duration(t.delay.Load()))
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.active[function]--
	}
}

// RoundTrips returns how often a function waited for AWS so far. Requests that it makes at the same time are one round trip, so the function must have handled one
// event at a time.
func (t *Traffic) RoundTrips(function string) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.trips[function]
}

// Bytes returns the total size of the bodies of the counted requests.
func (t *Traffic) Bytes() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.bytes
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
