// Package fault classifies failures: once, where they are understood, and names them once more at the edge.
//
// A [Fault] has a [Kind]. The kind decides what the outside sees: the HTTP status of a problem, and the error name
// that Step Functions matches in Retry and Catch (see [Named]). What nobody classified is [Internal]; its text stays
// in the log and never reaches a caller.
package fault

import (
	"errors"
	"fmt"

	"beian/shared/rules/finding"
)

// A Kind is a class of failure. Its text is the error name that a state machine sees.
type Kind string

const (
	Invalid         Kind = "Invalid"         // the input is wrong; findings say how
	Unauthenticated Kind = "Unauthenticated" // we do not know who is asking
	Forbidden       Kind = "Forbidden"       // we know, and they may not
	NotFound        Kind = "NotFound"        // no such thing, or not theirs
	Conflict        Kind = "Conflict"        // right in itself, but not in the present state
	Stale           Kind = "Stale"           // the caller decided on an old version
	TooLarge        Kind = "TooLarge"        // more bytes than allowed
	TooMany         Kind = "TooMany"         // more attempts than allowed
	Unavailable     Kind = "Unavailable"     // something we depend on is down; again later
	Internal        Kind = "Internal"        // our own mistake
)

// A Fault is a classified failure.
type Fault struct {
	Kind Kind
	// Message says what happened, for the person who asked. It holds no personal data.
	Message finding.Words
	// Findings say where and how to mend it; may be empty.
	Findings finding.List
	// Cause is for the operator's log only; may be nil.
	Cause error
}

// Error says kind, English message and cause, for the log.
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

// New makes a fault with a message in both languages.
func New(kind Kind, chinese, english string) *Fault {
	return &Fault{Kind: kind, Message: finding.Words{Chinese: chinese, English: english}}
}

// Found makes the fault for findings that block.
func Found(kind Kind, findings finding.List) *Fault {
	return &Fault{
		Kind:     kind,
		Message:  finding.Words{Chinese: "提交的内容有问题，请按提示修改。", English: "What was sent needs mending; the findings say where."},
		Findings: findings,
	}
}

// Wrap classifies err as kind and keeps it as the cause. It returns nil for nil.
func Wrap(kind Kind, err error) error {
	if err == nil {
		return nil
	}
	return &Fault{Kind: kind, Cause: err}
}

// Of returns err's fault: the one inside it, or an internal one around it.
func Of(err error) *Fault {
	var f *Fault
	if errors.As(err, &f) {
		return f
	}
	return &Fault{Kind: Internal, Cause: err}
}

// KindOf returns the kind of err: "" for nil, Internal for what nobody classified.
func KindOf(err error) Kind {
	if err == nil {
		return ""
	}
	return Of(err).Kind
}
