package messenger

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"

	"beian/shared/rules/fault"
)

// undeliverable are the codes by which SNS and SES say that this recipient or message will never be taken.
var undeliverable = []string{
	"InvalidParameter", "ParameterValueInvalid", "ValidationException", "OptedOut", "UserError", // SNS
	"BadRequestException", // SES
}

// ours are the codes for what somebody has to mend on our side, besides those of KMS and those with a status of
// [OnOurSide]. SES rejects a message whose sender is not verified, or whose recipient is not while the account is in the sandbox.
var ours = []string{"AccountSuspendedException", "SendingPausedException", "MailFromDomainNotVerifiedException", "MessageRejected"}

// OnOurSide reports whether an HTTP status is about who is asking and where, and not about the message: credentials,
// rights, addresses. When that is mended, the same message is taken.
func OnOurSide(status int) bool {
	return slices.Contains([]int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound}, status)
}

// classified turns what the SDK returned into a fault that says nothing of the recipient.
func classified(err error) error {
	if err == nil {
		return nil
	}
	api, answered := errors.AsType[smithy.APIError](err)
	if !answered {
		return unreachable(err)
	}
	status, request := 0, ""
	if response, ok := errors.AsType[*awshttp.ResponseError](err); ok {
		status, request = response.HTTPStatusCode(), response.ServiceRequestID()
	}
	code := api.ErrorCode()
	cause := fmt.Errorf("%s, status %d, request %q", code, status, request)
	_, throttled := retry.DefaultThrottleErrorCodes[code]
	switch {
	case throttled, status >= 500, status == http.StatusTooManyRequests:
		return Unavailable(cause)
	case OnOurSide(status), slices.Contains(ours, code), strings.HasPrefix(code, "KMS"):
		return Unavailable(cause)
	case slices.Contains(undeliverable, code):
		return Undeliverable(cause)
	}
	return fault.Wrap(fault.Internal, cause)
}

// unreachable classifies a failure without an answer: the request was never made, or nobody heard it.
func unreachable(err error) error {
	if wrong, ok := errors.AsType[*smithy.SerializationError](err); ok {
		return fault.Wrap(fault.Internal, fmt.Errorf("the request cannot be written: %T", wrong.Err))
	}
	if _, ok := errors.AsType[smithy.InvalidParamsError](err); ok {
		return fault.Wrap(fault.Internal, errors.New("the request lacks something"))
	}
	return Unavailable(err)
}
