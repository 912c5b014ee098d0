package cloud

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strings"

	"beian/infra/local/trail"

	"github.com/google/uuid"
)

// largestRequest is the most bytes that are read of a request to a service that this package answers itself.
const largestRequest = 1 << 20

// scope is the credential scope of a signature: key, day, Region, service.
var scope = regexp.MustCompile(`Credential=([^/\s,]+)/\d{8}/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request`)

// A refusal is what a service says to a request that it does not take.
type refusal struct {
	code, message string
}

func (r *refusal) Error() string { return r.code + ": " + r.message }

func refuse(code, format string, args ...any) error {
	return &refusal{code, fmt.Sprintf(format, args...)}
}

// ServeHTTP passes a request to the service that it is signed for, when whoever signed it may do what it asks. What
// carries no signature in its headers is for S3: presigned requests, forms, and requests across origins. What is no AWS at
// all is under /local/: the outbox of messages, and tokens in the name of user pools.
//
// S3 checks signatures. Elsewhere the access key is believed: it is drawn at random, and nobody else is on this machine.
func (a *Account) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/local/outbox", "/local/outbox.json":
		a.messages.Outbox().ServeHTTP(w, r)
		return
	case "/local/token":
		a.tokenPage(w, r)
		return
	}
	key, region, service := signature(r)
	switch {
	case service != "s3" && region != a.config.Region:
		a.refuse(w, r, refuse("InvalidClientTokenId", "The account is in %s alone; the request was signed for %s.", a.config.Region, region))
		return
	case service != "s3" && a.secretOf(key) == "":
		a.refuse(w, r, refuse("InvalidClientTokenId", "The security token included in the request is invalid."))
		return
	}
	serve := a.services()[service]
	if serve == nil {
		a.refuse(w, r, refuse("InvalidAction", "The service %s is not known here (%s).", service, operation(r)))
		return
	}
	if err := a.authorise(r, key, service); err != nil {
		a.refuse(w, r, err)
		return
	}
	serve(w, r)
}

// services are what the account answers, by the names that requests are signed for.
func (a *Account) services() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"s3":             a.serveObjects,
		"cloudformation": a.stacks.ServeHTTP,
		"dynamodb":       a.proxyTables,
		"kms":            a.keys.ServeHTTP,
		"states":         a.machines.ServeHTTP,
		"ses":            a.messages.ServeHTTP,
		"sns":            a.messages.ServeHTTP,
		"sts":            a.answers(a.identityOperation),
		"ssm":            a.answers(a.parameterOperation),
		"secretsmanager": a.answers(a.secretOperation),
	}
}

// signature is what a request was signed with and for. One that has no signature in its headers is for S3.
func signature(r *http.Request) (key, region, service string) {
	signed := scope.FindStringSubmatch(r.Header.Get("Authorization"))
	if signed == nil {
		return "", "", "s3"
	}
	return signed[1], signed[2], signed[3]
}

func (a *Account) proxyTables(w http.ResponseWriter, r *http.Request) {
	target, err := url.Parse(a.config.Tables)
	if err != nil {
		a.refuse(w, r, err)
		return
	}
	httputil.NewSingleHostReverseProxy(target).ServeHTTP(w, r)
}

// operation names the operation of a request: its target, or the action of its form.
func operation(r *http.Request) string {
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		_, name, _ := strings.Cut(target, ".")
		return name
	}
	if r.Method == http.MethodPost && r.ParseForm() == nil && r.PostForm.Get("Action") != "" {
		return r.PostForm.Get("Action")
	}
	return r.Method + " " + r.URL.Path
}

// A query is a request to a service that is answered here: its operation, and its body or form as JSON.
type query struct {
	operation string
	by        string // the access key
	body      []byte
}

// read decodes the body. What the operation does not know is refused.
func (q query) read(into any) error {
	d := json.NewDecoder(strings.NewReader(string(q.body)))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil && !errors.Is(err, io.EOF) {
		return refuse("SerializationException", "%s: %v", q.operation, err)
	}
	return nil
}

func (q query) unknown() error {
	return refuse("InvalidAction", "The operation %s is not known here.", q.operation)
}

// answers is a service that answers requests in the protocol that they come in: AWS JSON, or the Query protocol with XML.
func (a *Account) answers(do func(query) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { a.answer(w, r, do) }
}

func (a *Account) answer(w http.ResponseWriter, r *http.Request, do func(query) (any, error)) {
	r.Body = http.MaxBytesReader(w, r.Body, largestRequest)
	q := query{by: trail.Key(r)}
	inJSON := r.Header.Get("X-Amz-Target") != ""
	q.operation = operation(r)
	var err error
	if inJSON {
		q.body, err = io.ReadAll(r.Body)
	} else {
		fields := map[string]string{}
		for name := range r.PostForm {
			if name != "Action" && name != "Version" {
				fields[name] = r.PostForm.Get(name)
			}
		}
		q.body, err = json.Marshal(fields)
	}
	if err != nil {
		a.refuse(w, r, refuse("SerializationException", "The request could not be read: %v", err))
		return
	}
	out, err := do(q)
	switch {
	case err != nil:
		a.refuse(w, r, err)
	case inJSON:
		answerJSON(w, http.StatusOK, out)
	default:
		answerXML(w, http.StatusOK, response{q.operation, out})
	}
}

// A response is the answer of the Query protocol: <ActionResponse><ActionResult>…</ActionResult>…</ActionResponse>.
type response struct {
	action string
	result any
}

func (r response) MarshalXML(e *xml.Encoder, _ xml.StartElement) error {
	outer := xml.StartElement{Name: xml.Name{Local: r.action + "Response"}}
	metadata := struct{ RequestId string }{uuid.NewString()}
	return errors.Join(
		e.EncodeToken(outer),
		e.EncodeElement(r.result, xml.StartElement{Name: xml.Name{Local: r.action + "Result"}}),
		e.EncodeElement(metadata, xml.StartElement{Name: xml.Name{Local: "ResponseMetadata"}}),
		e.EncodeToken(outer.End()),
	)
}

// refuse tells why a request is not carried out, in the protocol that it came in.
func (a *Account) refuse(w http.ResponseWriter, r *http.Request, err error) {
	no, status := (*refusal)(nil), http.StatusBadRequest
	if !errors.As(err, &no) {
		a.config.Log.Error("cloud", "operation", operation(r), "error", err)
		no, status = &refusal{"InternalFailure", "The request could not be carried out."}, http.StatusInternalServerError
	}
	if no.code == "AccessDenied" || no.code == "InvalidClientTokenId" {
		status = http.StatusForbidden
	}
	_, _, service := signature(r)
	inJSON, code := r.Header.Get("X-Amz-Target") != "" || service == "ses", no.code
	switch {
	case code == "AccessDenied" && inJSON:
		code = "AccessDeniedException"
	case code == "AccessDenied" && service == "sns":
		code = "AuthorizationError"
	}
	switch {
	case inJSON:
		w.Header().Set("X-Amzn-ErrorType", code)
		answerJSON(w, status, map[string]string{"__type": code, "message": no.message})
	case service == "s3":
		answerXML(w, status, struct {
			XMLName       xml.Name `xml:"Error"`
			Code, Message string
		}{Code: code, Message: no.message})
	default:
		answerXML(w, status, struct {
			XMLName   xml.Name `xml:"ErrorResponse"`
			Error     struct{ Type, Code, Message string }
			RequestId string
		}{Error: struct{ Type, Code, Message string }{"Sender", code, no.message}, RequestId: uuid.NewString()})
	}
}

func answerJSON(w http.ResponseWriter, status int, out any) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	body, err := json.Marshal(out)
	send(w, status, body, err)
}

func answerXML(w http.ResponseWriter, status int, out any) {
	w.Header().Set("Content-Type", "text/xml")
	body, err := xml.Marshal(out)
	send(w, status, body, err)
}

func send(w http.ResponseWriter, status int, body []byte, err error) {
	if err != nil {
		status, body = http.StatusInternalServerError, nil
	}
	w.Header().Set("Content-Length", fmt.Sprint(len(body)))
	w.WriteHeader(status)
	w.Write(body) // a caller that is gone needs no answer
}
