package attacks_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"beian/infra/local/httpserver"
	"beian/infra/local/scenario"
	"beian/infra/local/system"
	"beian/shared/bureau"
	"beian/shared/filing"
	"beian/shared/partners/webhook"
)

// impatient are the limits of the listeners under attack: the defaults with shorter times and fewer connections, so that the attacks end
// within seconds.
var impatient = func() httpserver.Limits {
	l := httpserver.Defaults
	l.Connections, l.Header, l.Grace = 300, 2*time.Second, 3*time.Second
	return l
}()

// listenerAddresses are the addresses of all listeners of the system.
func listenerAddresses() map[string]string {
	return map[string]string{
		"the API": strings.TrimPrefix(sys.PortalURL, "http://"), "the AWS endpoints": strings.TrimPrefix(sys.AWSURL, "http://"),
		"the bureau": strings.TrimPrefix(sys.BureauURL, "http://"),
	}
}

// slowRequests are requests whose rest never comes.
var slowRequests = []string{
	"",
	"GET /api/v1/orders HTTP/1.1\r\nHost: loc",
	"POST /identity/codes HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{",
	"POST /webhooks/sms HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000000\r\n\r\n{",
	"POST /api/v1/nothing HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000\r\n\r\nx",
	"PUT /beian-uploads/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20000000\r\n\r\nx",
	"POST " + bureau.UpDownLoadPath + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\nContent-Length: 100000000\r\n\r\n<",
	"POST " + bureau.BeianStatusPath + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\nContent-Length: 99999999999\r\n\r\n<",
	"POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: DynamoDB_20120810.GetItem\r\nContent-Length: 1000\r\n\r\n{",
	"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nX-Amz-Target: TrentService.Decrypt\r\n\r\n1\r\n{\r\n",
}

// TestSlowConnections: connections that send their requests slowly, more than a listener accepts, neither keep others from being served nor
// stay open, nor cost the memory that they declare.
func TestSlowConnections(t *testing.T) {
	applicant, _, id := applicantAt(t, 150, filing.CollectDetails)
	client.HTTP.CloseIdleConnections()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	heap := memory.HeapAlloc
	var open sync.WaitGroup
	for _, address := range listenerAddresses() {
		for i := range impatient.Connections + 20 {
			c, err := net.Dial("tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			sent := slowRequests[i%len(slowRequests)]
			open.Go(func() {
				defer c.Close()
				io.WriteString(c, sent) // fails if the listener has closed the connection
				c.SetReadDeadline(time.Now().Add(time.Minute))
				if _, err := io.Copy(io.Discard, c); errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("a connection to %s is still open after %.40q", address, sent)
				}
			})
			if i%100 == 0 {
				send(t, applicant, scenario.Request{Method: "GET", Path: "/orders/" + string(id)}, 200)
			}
		}
	}
	runtime.ReadMemStats(&memory)
	if memory.HeapAlloc > heap+200<<20 {
		t.Errorf("%d MB of memory for bytes that were not sent", (memory.HeapAlloc-heap)>>20)
	}
	send(t, applicant, scenario.Request{Method: "GET", Path: "/orders/" + string(id)}, 200)
	open.Wait()
	for until := time.Now().Add(20 * time.Second); requestsInProgress() > 20; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("the listeners still handle %d requests", requestsInProgress())
		}
	}
}

// brokenRequests are requests that are malformed, incomplete or larger than a listener reads. HOST is the listener's own.
var brokenRequests = map[string]string{
	"a header of 2 MB":            "GET / HTTP/1.1\r\nHost: HOST\r\nX: " + strings.Repeat("a", 2<<20) + "\r\n\r\n",
	"20,000 headers":              "GET / HTTP/1.1\r\nHost: HOST\r\n" + strings.Repeat("X: a\r\n", 20_000) + "\r\n",
	"a path of 100 KB":            "GET /" + strings.Repeat("a", 100<<10) + " HTTP/1.1\r\nHost: HOST\r\n\r\n",
	"an unknown expectation":      "POST /webhooks/sms HTTP/1.1\r\nHost: HOST\r\nExpect: more\r\nContent-Length: 2\r\n\r\n{}",
	"two lengths":                 "POST /webhooks/sms HTTP/1.1\r\nHost: HOST\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\n{}",
	"a length, and chunks":        "POST /webhooks/sms HTTP/1.1\r\nHost: HOST\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x HTTP/1.1\r\n\r\n",
	"a chunk with an extension":   "POST /webhooks/sms HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\n1;" + strings.Repeat("a", 100<<10) + "\r\n{\r\n0\r\n\r\n",
	"100,000 chunks":              "POST /webhooks/sms HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.Repeat("1\r\na\r\n", 100_000) + "0\r\n\r\n",
	"a trailer of 1 MB":           "POST /webhooks/sms HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX: " + strings.Repeat("a", 1<<20) + "\r\n\r\n",
	"a body that ends early":      "POST /webhooks/sms HTTP/1.1\r\nHost: HOST\r\nContent-Length: 4000\r\n\r\n{",
	"a form that ends early":      "POST /beian-uploads HTTP/1.1\r\nHost: HOST\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 4000\r\n\r\n--x",
	"a call that ends early":      "POST / HTTP/1.1\r\nHost: HOST\r\nX-Amz-Target: DynamoDB_20120810.GetItem\r\nContent-Length: 4000\r\n\r\n{",
	"a SOAP call that ends early": "POST " + bureau.UpDownLoadPath + " HTTP/1.1\r\nHost: HOST\r\nContent-Type: text/xml\r\nContent-Length: 4000\r\n\r\n<",
	"another site's address":      "GET http://attack-example.com/ HTTP/1.1\r\nHost: HOST\r\n\r\n",
	"HTTP/2":                      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
}

// TestBrokenRequests: each listener answers a malformed or incomplete request below 500.
func TestBrokenRequests(t *testing.T) {
	for listener, address := range listenerAddresses() {
		for name, request := range brokenRequests {
			c, err := net.Dial("tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			go func() {
				io.WriteString(c, strings.Replace(request, "HOST", address, 1)) // fails if the listener has answered before
				c.(*net.TCPConn).CloseWrite()
			}()
			c.SetReadDeadline(time.Now().Add(10 * time.Second))
			line, err := bufio.NewReader(c).ReadString('\n')
			c.Close()
			if !strings.HasPrefix(line, "HTTP/1.1 2") && !strings.HasPrefix(line, "HTTP/1.1 4") {
				t.Errorf("%s, %s: %q, %v", listener, name, line, err)
			}
		}
	}
}

// TestBrokenForms: the evidence store answers forms that are malformed, cut short or larger than an upload's below 500.
func TestBrokenForms(t *testing.T) {
	const field = "--x\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\na\r\n"
	for name, form := range map[string]string{
		"nothing":                 "",
		"boundaries alone":        strings.Repeat("--x\r\n", 100_000),
		"30,000 fields":           strings.Repeat(field, 30_000) + "--x--\r\n",
		"100,000 headers":         "--x\r\n" + strings.Repeat("A: b\r\n", 100_000) + "\r\n\r\n--x--\r\n",
		"a header without a name": "--x\r\nname\r\n\r\na\r\n--x--\r\n",
		"half a field":            field[:len(field)-4],
		"a field of 5 MB":         field + strings.Repeat("a", 5<<20) + "\r\n--x--\r\n",
		"a field without a name":  "--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--\r\n",
	} {
		response, err := http.Post(sys.AWSURL+"/"+system.Uploads, "multipart/form-data; boundary=x", strings.NewReader(form))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		response.Body.Close()
		if response.StatusCode/100 != 4 {
			t.Errorf("%s: status %d", name, response.StatusCode)
		}
	}
}

// requestsInProgress is the number of goroutines that handle a request of a listener.
func requestsInProgress() int {
	stacks := make([]byte, 16<<20)
	return strings.Count(string(stacks[:runtime.Stack(stacks, true)]), "httpserver.(*Server).serveRequest(")
}

// TestEndlessAnswers: a partner that answers with one byte after the other, or without an end, costs a call its time limit and a limited
// number of bytes.
func TestEndlessAnswers(t *testing.T) {
	trickle := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			fmt.Fprint(w, "{")
			w.(http.Flusher).Flush()
			time.Sleep(10 * time.Millisecond)
		}
	}))
	t.Cleanup(trickle.Close)
	flood := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := w.Write(make([]byte, 1<<16)); err != nil {
				return
			}
		}
	}))
	t.Cleanup(flood.Close)
	for _, url := range []string{trickle.URL, flood.URL} {
		office, err := bureau.New(bureau.Config{
			UpDownLoad: url, BeianStatus: url, VerifyPassword: url, ProviderID: 1, User: "u", Password: "p", Plain: true,
			Timeout: time.Second, MaxResponse: 1 << 20, Now: time.Now,
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, outcome, err := office.Download(t.Context()); !errors.Is(err, bureau.ErrNoAnswer) || outcome.OK() {
			t.Errorf("the bureau: %v", err)
		}
		partner := webhook.Endpoint{Name: "invented", URL: url, KeyID: "1", Secret: webhook.NewSecret(), Now: time.Now, Timeout: time.Second, MaxResponse: 1 << 20}
		if _, _, err := partner.Post(t.Context(), "m-1", []byte("{}")); err == nil {
			t.Error("a partner's endless answer was accepted")
		}
	}
}
