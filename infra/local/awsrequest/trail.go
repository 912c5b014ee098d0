// Package trail reads requests to AWS APIs as IAM sees them: who calls which action on which resource.
//
// It knows the services that the functions call, in the forms in which the SDK calls them. No value of an item, message or
// file is in what it reads; a telephone number that an SMS goes to is left out too.
package awsrequest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
)

// Account is the account that all resources are of.
const Account = "000000000000"

// A Call is one thing that somebody asks to do. A transaction is several.
type Call struct {
	By       string            // the access key
	Action   string            // of IAM: "dynamodb:GetItem"
	Resource string            // an ARN; "*" where the action is on nothing that has one
	Keys     map[string]string // condition keys of IAM that the request has
}

// largestBody bounds what is read of a request: a form with an upload is the largest.
const largestBody = 32 << 20

// ErrUnknown is what [Read] returns for requests that it cannot make out.
var ErrUnknown = errors.New("a request to no service that is known here")

// scope is the credential scope of a signature: key, day, Region, service.
var scope = regexp.MustCompile(`Credential=([^/\s,]+)/\d{8}/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request`)

// Read reads a request and leaves its body as it was. Requests that nobody signed are of nobody (By is "").
func Read(r *http.Request) ([]Call, error) {
	signed := scope.FindStringSubmatch(r.Header.Get("Authorization"))
	if signed == nil {
		return presigned(r)
	}
	asked := request{by: signed[1], region: signed[2], operation: Operation(r)}
	if signed[3] == "s3" {
		return stored(r, asked.by)
	}
	body, err := peek(r)
	if err != nil {
		return nil, err
	}
	read, ok := readers[signed[3]]
	if !ok {
		return nil, fmt.Errorf("%w: %s", ErrUnknown, signed[3])
	}
	calls, err := read(asked, body)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", asked.operation, err)
	}
	for i := range calls {
		calls[i].By = asked.by
	}
	return calls, nil
}

// A request is what is known of a request before its body is read.
type request struct{ by, region, operation string }

// arn is the ARN of something in the account.
func (q request) arn(service, resource string) string {
	return "arn:aws:" + service + ":" + q.region + ":" + Account + ":" + resource
}

// readers read the bodies of a service's requests, by the name under which requests are signed.
var readers = map[string]func(request, []byte) ([]Call, error){
	"dynamodb": items, "kms": keys, "states": executions, "ses": mails, "sns": publications,
}

// peek reads a request's body and puts it back. What was read to its end is not asked again, for a server closes the body
// of a request that it answers, and whoever passes the request on may still be looking for the end.
func peek(r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, largestBody))
	if err != nil {
		return nil, err
	}
	rest := io.Reader(bytes.NewReader(body))
	if len(body) == largestBody {
		rest = io.MultiReader(rest, r.Body)
	}
	r.Body = struct {
		io.Reader
		io.Closer
	}{rest, r.Body}
	return body, nil
}

// Key is the access key that signed a request: in its headers or in its query. Forms are not looked into.
func Key(r *http.Request) string {
	if signed := scope.FindStringSubmatch(r.Header.Get("Authorization")); signed != nil {
		return signed[1]
	}
	key, _, _ := strings.Cut(r.URL.Query().Get("X-Amz-Credential"), "/")
	return key
}

// Operation names the service and the operation of a request without reading its body: "dynamodb:PutItem",
// "states:StartExecution", "s3:PUT". The service's name is that in IAM's actions.
func Operation(r *http.Request) string {
	target, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	switch {
	case strings.HasPrefix(target, "DynamoDB"):
		return "dynamodb:" + operation
	case target == "AWSStepFunctions":
		return "states:" + operation
	case target == "TrentService":
		return "kms:" + operation
	case strings.HasPrefix(r.URL.Path, "/v2/email/"):
		return "ses:SendEmail"
	case r.Method == http.MethodPost && (r.URL.Path == "/" || r.URL.Path == "") && strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded"):
		return "sns:Publish"
	}
	return "s3:" + r.Method
}
