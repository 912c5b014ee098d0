// Package awsrequest parses requests to AWS APIs into what IAM evaluates: caller, action and resource.
//
// Call [Read] for everything, or [Operation] and [Key] for what needs no body:
//
//	calls, err := awsrequest.Read(r) // {By: "sweeper", Action: "sns:Publish", Resource: "*"}
//
// It supports the services that the functions call, in the forms that the SDK sends. Its results contain no values of items,
// messages or files, and no phone numbers.
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

// Account is the account of all resources.
const Account = "000000000000"

// A Call is one action on one resource. A transaction consists of several.
type Call struct {
	By       string            // the access key that signed the request
	Action   string            // of IAM: "dynamodb:GetItem"
	Resource string            // an ARN, or "*" if the action has no resource
	Keys     map[string]string // IAM condition keys of the request
}

// maxBody is the maximum size of a body. The largest are forms with an upload.
const maxBody = 32 << 20

// ErrUnknown is the error of [Read] for requests to other services or of other forms.
var ErrUnknown = errors.New("the service or the form of the request is not supported")

// credentialScope matches access key, Region and service of a signature.
var credentialScope = regexp.MustCompile(`Credential=([^/\s,]+)/\d{8}/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request`)

// Read parses a request and restores its body. It returns ErrUnknown for unsigned requests.
func Read(r *http.Request) ([]Call, error) {
	signed := credentialScope.FindStringSubmatch(r.Header.Get("Authorization"))
	if signed == nil {
		return readPresigned(r)
	}
	if signed[3] == "s3" {
		return readS3(r, signed[1])
	}
	q := request{region: signed[2], operation: Operation(r)}
	body, err := peekBody(r)
	if err != nil {
		return nil, err
	}
	read, ok := readers[signed[3]]
	if !ok {
		return nil, fmt.Errorf("%w: %s", ErrUnknown, signed[3])
	}
	calls, err := read(q, body)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", q.operation, err)
	}
	for i := range calls {
		calls[i].By = signed[1]
	}
	return calls, nil
}

// A request is the part of a request that is known without its body.
type request struct{ region, operation string }

// arn returns the ARN of a resource of the account.
func (q request) arn(service, resource string) string {
	return "arn:aws:" + service + ":" + q.region + ":" + Account + ":" + resource
}

// readers parse the bodies of each service's requests, by the service's name in signatures.
var readers = map[string]func(request, []byte) ([]Call, error){
	"dynamodb": readDynamoDB, "kms": readKMS, "states": readStepFunctions, "ses": readSES, "sns": readSNS,
}

// peekBody returns a request's body and replaces it by a copy in memory. The server may close the original while a proxy still reads
// the copy.
func peekBody(r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		return nil, err
	}
	rest := io.Reader(bytes.NewReader(body))
	if len(body) == maxBody {
		rest = io.MultiReader(rest, r.Body)
	}
	r.Body = struct {
		io.Reader
		io.Closer
	}{rest, r.Body}
	return body, nil
}

// Key is the access key that signed a request in its headers or query. It does not read forms.
func Key(r *http.Request) string {
	if signed := credentialScope.FindStringSubmatch(r.Header.Get("Authorization")); signed != nil {
		return signed[1]
	}
	key, _, _ := strings.Cut(r.URL.Query().Get("X-Amz-Credential"), "/")
	return key
}

// Operation names the service, as in IAM's actions, and the operation of a request: "dynamodb:PutItem",
// "states:StartExecution", "s3:PUT". It does not read the body.
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
