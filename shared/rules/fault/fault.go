// Package fault classifies failures. The function that knows the cause of a failure returns a [Fault]: see [New], [WithFindings]
// and [Wrap]. Its callers return the fault unchanged. Handlers read it with [Of] or [KindOf].
//
//	return fault.New(fault.Conflict, "备案订单已关闭。", "The order is closed.")
//	return fault.Wrap(fault.Unavailable, err)
//
// The [Kind] decides what callers see: the HTTP status ([Kind.Status]), and the error name that the workflow's Retry and
// Catch match (package lambdaerror). An error without a fault is [Internal]: its text is logged and never shown.
package fault

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"beian/shared/rules/finding"
)

// A Kind is a class of failure. Its text is the error name in the workflow.
type Kind string

const (
	Invalid         Kind = "Invalid"         // the input is wrong; the findings say where
	Unauthenticated Kind = "Unauthenticated" // the caller is not identified
	Forbidden       Kind = "Forbidden"       // the caller lacks the role
	NotFound        Kind = "NotFound"        // does not exist, or belongs to another account
	Conflict        Kind = "Conflict"        // not possible in the current state
	Stale           Kind = "Stale"           // the caller decided on an outdated version
	TooLarge        Kind = "TooLarge"        // more bytes than allowed
	TooMany         Kind = "TooMany"         // more attempts than allowed
	Unavailable     Kind = "Unavailable"     // a service that we depend on failed; a retry may succeed
	Internal        Kind = "Internal"        // a defect of Beian
)

var statuses = map[Kind]int{
	Invalid:         http.StatusUnprocessableEntity,
	Unauthenticated: http.StatusUnauthorized,
	Forbidden:       http.StatusForbidden,
	NotFound:        http.StatusNotFound,
	Conflict:        http.StatusConflict,
	Stale:           http.StatusPreconditionFailed,
	TooLarge:        http.StatusRequestEntityTooLarge,
	TooMany:         http.StatusTooManyRequests,
	Unavailable:     http.StatusServiceUnavailable,
	Internal:        http.StatusInternalServerError,
}

// Status returns the HTTP status for a kind: 500 for an unknown one.
func (k Kind) Status() int {
	if status, ok := statuses[k]; ok {
		return status
	}
	return http.StatusInternalServerError
}

// A Fault is a classified failure.
type Fault struct {
	Kind Kind
	// Message says what failed. It contains no personal data.
	Message finding.Words
	// Findings name the fields to correct, and how; may be empty.
	Findings finding.List
	// RetryAfter is how long the caller must wait before a retry can succeed; 0 if that is unknown. It becomes the header Retry-After.
	RetryAfter time.Duration
	// Cause is written to the log and never shown to the caller; may be nil.
	Cause error
}

// Error returns kind, English message, findings and cause, for the log.
func (f *Fault) Error() string {
	text := string(f.Kind)
	if f.Message.English != "" {
		text += ": " + f.Message.English
	}
	for _, one := range f.Findings {
		text += fmt.Sprintf(" [%s %s]", one.Code, one.Pointer)
	}
	if f.Cause != nil {
		text += ": " + f.Cause.Error()
	}
	return text
}

// Unwrap returns the cause.
func (f *Fault) Unwrap() error { return f.Cause }

// New returns a fault with a message in both languages.
func New(kind Kind, chinese, english string) *Fault {
	return &Fault{Kind: kind, Message: finding.Words{Chinese: chinese, English: english}}
}

// WithFindings returns the fault for findings that block. Only one of kind Invalid has a message.
func WithFindings(kind Kind, findings finding.List) *Fault {
	f := &Fault{Kind: kind, Findings: findings}
	if kind == Invalid {
		f.Message = finding.Words{Chinese: "提交的内容有问题，请按提示修改。", English: "Some of the data needs correction; see the findings."}
	}
	return f
}

// ErrContention is the cause of a fault of kind Unavailable if nothing failed, but concurrent requests kept changing the same items. The
// workflow retries it like any other; a caller of the API gets 409.
var ErrContention = errors.New("concurrent requests change the same items")

// Contended returns the fault for a write that lost against concurrent requests in each attempt. cause may be nil.
func Contended(cause error) *Fault {
	f := New(Unavailable, "同一内容正被同时修改，这次没有保存；请等几秒，刷新页面后再试。",
		"Others change the same at this moment, and this request changed nothing. Wait a few seconds, read it again and retry.")
	f.Cause = errors.Join(ErrContention, cause)
	return f
}

// Wrap classifies err as kind and keeps it as the cause. It returns nil if err is nil.
func Wrap(kind Kind, err error) error {
	if err == nil {
		return nil
	}
	return &Fault{Kind: kind, Cause: err}
}

// Of returns the fault in err's chain, or an Internal fault with err as its cause.
func Of(err error) *Fault {
	var f *Fault
	if errors.As(err, &f) {
		return f
	}
	return &Fault{Kind: Internal, Cause: err}
}

// KindOf returns the kind of err: "" if err is nil, Internal if there is no fault in its chain.
func KindOf(err error) Kind {
	if err == nil {
		return ""
	}
	return Of(err).Kind
}
