package system

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httputil"
	"strings"
	"sync/atomic"

	"beian/infra/local/awsrequest"
	"beian/infra/local/kms"
	"beian/infra/local/outbox"
	"beian/infra/local/s3"
	"beian/infra/local/stepfunctions"
)

// cloudAPI serves all AWS-compatible APIs at one endpoint. It recognises the service by the form of the request.
type cloudAPI struct {
	engine  string
	objects *s3.Gateway
	outbox  *outbox.Outbox
	keys    *kms.Host
	traffic *Traffic
	machine atomic.Pointer[stepfunctions.Host]
}

// setMachine adds the workflow, which starts last.
func (c *cloudAPI) setMachine(h *stepfunctions.Host) { c.machine.Store(h) }

// ServeHTTP passes a request to its service.
func (c *cloudAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == outbox.CarrierPath {
		c.outbox.ServeHTTP(w, r)
		return
	}
	c.traffic.recordRequest(r)
	switch operation := awsrequest.Operation(r); {
	case strings.HasPrefix(operation, "dynamodb:"):
		c.serveItems(w, r)
	case strings.HasPrefix(operation, "kms:"):
		c.keys.ServeHTTP(w, r)
	case strings.HasPrefix(operation, "states:"):
		if machine := c.machine.Load(); machine != nil {
			machine.ServeHTTP(w, r)
			return
		}
		http.Error(w, "the workflow is starting", http.StatusServiceUnavailable)
	case strings.HasPrefix(operation, "ses:"), strings.HasPrefix(operation, "sns:"):
		c.outbox.ServeHTTP(w, r)
	default:
		c.objects.ServeHTTP(w, r)
	}
}

// largestItems limits a request to the engine. DynamoDB accepts 16 MB.
const largestItems = 16 << 20

// serveItems reads the whole request before it forwards it to the engine: a server closes the body of a request that it answers,
// and a proxy that still reads the body then truncates the response.
func (c *cloudAPI) serveItems(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, largestItems))
	if err != nil {
		http.Error(w, "the request is too large or incomplete", http.StatusRequestEntityTooLarge)
		return
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	if awsrequest.Operation(r) == "dynamodb:TransactWriteItems" {
		defer c.traffic.committed(body)
	}
	httputil.NewSingleHostReverseProxy(mustParseURL(c.engine)).ServeHTTP(w, r)
}
