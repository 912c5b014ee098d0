package system

import (
	"net/http"
	"net/http/httputil"
	"strings"
	"sync/atomic"

	"beian/infra/local/messages"
	"beian/infra/local/objects"
	"beian/infra/local/stepfunctions"
)

// cloudAPI answers all AWS-compatible APIs behind one endpoint, telling them apart by what their requests look like.
type cloudAPI struct {
	engine   string
	objects  *objects.Gateway
	messages *messages.Sink
	machine  atomic.Pointer[stepfunctions.Host]
}

// setMachine adds the workflow, which starts after the others.
func (c *cloudAPI) setMachine(h *stepfunctions.Host) { c.machine.Store(h) }

// ServeHTTP passes a request to the service that it is for.
func (c *cloudAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch service, _, _ := strings.Cut(operationOf(r), ":"); service {
	case "dynamodb":
		httputil.NewSingleHostReverseProxy(parsed(c.engine)).ServeHTTP(w, r)
	case "states":
		if machine := c.machine.Load(); machine != nil {
			machine.ServeHTTP(w, r)
			return
		}
		http.Error(w, "the workflow is starting", http.StatusServiceUnavailable)
	case "ses":
		c.messages.ServeHTTP(w, r)
	case "sns":
		if r.Header.Get("Content-Type") == "application/x-www-form-urlencoded" || strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded;") {
			c.messages.ServeHTTP(w, r)
			return
		}
		c.objects.ServeHTTP(w, r)
	default:
		c.objects.ServeHTTP(w, r)
	}
}
