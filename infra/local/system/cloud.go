package system

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/http/httputil"
	"strings"
	"sync/atomic"
	"time"

	"beian/infra/local/awsrequest"
	"beian/infra/local/faults"
	"beian/infra/local/kms"
	"beian/infra/local/outbox"
	"beian/infra/local/s3"
	"beian/infra/local/stepfunctions"
)

// cloudAPI serves all AWS-compatible APIs at one endpoint. It recognises the service by the form of the request, and refuses requests
// without a valid signature.
type cloudAPI struct {
	engine  string
	objects *s3.Gateway
	outbox  *outbox.Outbox
	keys    *kms.Host
	traffic *Traffic
	faults  *faults.Switches
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
	operation := awsrequest.Operation(r)
	service, _, _ := strings.Cut(operation, ":")
	// The functions in this process send requests to the engine and the store directly; Traffic fails those.
	if answer, fails := c.faults.AWS(operation); fails {
		answer.Write(w)
		return
	}
	if service == "s3" {
		c.traffic.recordRequest(r)
		defer c.traffic.begin(r)()
		c.objects.ServeHTTP(w, r) // the gateway verifies signatures
		return
	}
	// The whole request is read before it is verified and forwarded: a server closes the body of a request that it answers, and a proxy that
	// still reads the body then truncates the response.
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, largestRequest))
	if err != nil {
		http.Error(w, "the request is too large or incomplete", http.StatusRequestEntityTooLarge)
		return
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	if refused, is := errors.AsType[*awsrequest.Refusal](awsrequest.Verify(r, body, secretOf, time.Now())); is {
		writeRefusal(w, service, refused)
		return
	}
	c.traffic.recordRequest(r)
	defer c.traffic.begin(r)()
	switch service {
	case "dynamodb":
		if operation == "dynamodb:TransactWriteItems" {
			body = withoutToken(body)
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
			status := &statusWriter{ResponseWriter: w, status: http.StatusOK}
			defer func() {
				if status.status == http.StatusOK {
					c.traffic.committed(body)
				}
			}()
			w = status
		}
		httputil.NewSingleHostReverseProxy(mustParseURL(c.engine)).ServeHTTP(w, r)
	case "kms":
		c.keys.ServeHTTP(w, r)
	case "states":
		if machine := c.machine.Load(); machine != nil {
			machine.ServeHTTP(w, r)
			return
		}
		http.Error(w, "the workflow is starting", http.StatusServiceUnavailable)
	default: // sns and ses
		c.outbox.ServeHTTP(w, r)
	}
}

// largestRequest limits a request. DynamoDB accepts 16 MB.
const largestRequest = 16 << 20

// writeRefusal answers a request without a valid signature in the form of its service.
func writeRefusal(w http.ResponseWriter, service string, refused *awsrequest.Refusal) {
	if service == "sns" {
		w.Header().Set("Content-Type", "text/xml")
		w.WriteHeader(http.StatusForbidden)
		xml.NewEncoder(w).Encode(struct {
			XMLName xml.Name `xml:"ErrorResponse"`
			Type    string   `xml:"Error>Type"`
			Code    string   `xml:"Error>Code"`
			Message string   `xml:"Error>Message"`
		}{Type: "Sender", Code: refused.Code, Message: refused.Message})
		return
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.Header().Set("X-Amzn-ErrorType", refused.Code)
	w.WriteHeader(http.StatusForbidden)
	json.NewEncoder(w).Encode(map[string]string{"__type": refused.Code, "message": refused.Message})
}

// A statusWriter notes the status of a response.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}
