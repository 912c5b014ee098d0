// Package awsfault converts errors of SDK calls that send a message to a person into faults: call [Classify].
//
// AWS may quote the recipient in the text of an error, so the fault contains only the error code, the status and the request id.
package awsfault

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"

	"beian/shared/rules/fault"
)

// Classify returns the fault for an SDK error, or nil for nil. As the ports in package notify require, the kind is Unavailable if
// the same message may be accepted later, Invalid if it never is, and Internal for a malformed request. The caller provides the
// codes of the service: permanent reports errors of this recipient or message, account errors in the settings of the AWS account.
func Classify(err error, permanent, account func(code string) bool) error {
	if err == nil {
		return nil
	}
	api, answered := errors.AsType[smithy.APIError](err)
	if !answered {
		return classifyUnanswered(err)
	}
	status, request := 0, ""
	if response, ok := errors.AsType[*awshttp.ResponseError](err); ok {
		status, request = response.HTTPStatusCode(), response.ServiceRequestID()
	}
	code := api.ErrorCode()
	cause := refusal{code, fmt.Sprintf("%s, status %d, request %q", code, status, request)}
	_, throttled := retry.DefaultThrottleErrorCodes[code]
	switch {
	case throttled, status >= 500, account(code),
		slices.Contains([]int{http.StatusTooManyRequests, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound}, status):
		return fault.Wrap(fault.Unavailable, cause)
	case permanent(code):
		return fault.Wrap(fault.Invalid, cause)
	}
	return fault.Wrap(fault.Internal, cause)
}

// A refusal is the error of a service without its words.
type refusal struct{ code, text string }

func (r refusal) Error() string { return r.text }

// ErrorCode returns the code of the service, as SDK errors do.
func (r refusal) ErrorCode() string { return r.code }

// classifyUnanswered classifies an error without a response from the service: the request could not be encoded, or was lost.
func classifyUnanswered(err error) error {
	if wrong, ok := errors.AsType[*smithy.SerializationError](err); ok {
		return fault.Wrap(fault.Internal, fmt.Errorf("the request cannot be encoded: %T", wrong.Err))
	}
	if _, ok := errors.AsType[smithy.InvalidParamsError](err); ok {
		return fault.Wrap(fault.Internal, errors.New("the request lacks a parameter"))
	}
	return fault.Wrap(fault.Unavailable, err)
}
