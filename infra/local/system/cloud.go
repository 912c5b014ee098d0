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

// cloudAPI serves all AWS-compatible APIs at one endpoint. It selects the service by the form of the request.
type cloudAPI struct {
	engine  string
	objects *s3.Gateway
	outbox  *outbox.Outbox
	keys    *kms.Host
	traffic *Traffic
	machine atomic.Pointer[stepfunctions.Host]
}

// setMachine adds the workflow, which starts after the others.
func (c *cloudAPI) setMachine(h *stepfunctions.Host) { c.machine.Store(h) }

// ServeHTTP passes a request to the service that it is for.
func (c *cloudAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == outbox.CarrierPath {
		c.outbox.ServeHTTP(w, r)
		return
	}
	c.traffic.note(r)
	switch operation := awsrequest.Operation(r); {
	case strings.HasPrefix(operation, "dynamodb:"):
		c.serveItems(w, r)
		if operation == "dynamodb:TransactWriteItems" {
			c.traffic.committed()
		}
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

// largestItems bounds a request to the engine. DynamoDB takes 16 MB.
const largestItems = 16 << 20

// serveItems passes a request on to the engine when it has all of it: a server closes the body of a request that it answers,
// and the proxy may still be looking for its end, and then cuts the answer off.
func (c *cloudAPI) serveItems(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, largestItems))
	if err != nil {
		http.Error(w, "the request is too large, or broke off", http.StatusRequestEntityTooLarge)
		return
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	httputil.NewSingleHostReverseProxy(parsed(c.engine)).ServeHTTP(w, r)
}
