package system

import (
	"net/http"
	"net/http/httputil"
	"strings"
	"sync/atomic"

	"beian/infra/local/keys"
	"beian/infra/local/messages"
	"beian/infra/local/objects"
	"beian/infra/local/stepfunctions"
	"beian/infra/local/trail"
)

// cloudAPI answers all AWS-compatible APIs behind one endpoint, telling them apart by what their requests look like.
type cloudAPI struct {
	engine   string
	objects  *objects.Gateway
	messages *messages.Sink
	keys     *keys.Host
	traffic  *Traffic
	machine  atomic.Pointer[stepfunctions.Host]
}

// setMachine adds the workflow, which starts after the others.
func (c *cloudAPI) setMachine(h *stepfunctions.Host) { c.machine.Store(h) }

// ServeHTTP passes a request to the service that it is for.
func (c *cloudAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == messages.CarrierPath {
		c.messages.ServeHTTP(w, r)
		return
	}
	c.traffic.note(r)
	switch operation := trail.Operation(r); {
	case strings.HasPrefix(operation, "dynamodb:"):
		httputil.NewSingleHostReverseProxy(parsed(c.engine)).ServeHTTP(w, r)
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
		c.messages.ServeHTTP(w, r)
	default:
		c.objects.ServeHTTP(w, r)
	}
}
