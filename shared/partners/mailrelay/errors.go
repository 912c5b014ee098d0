package mailrelay

import (
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"slices"

	"github.com/emersion/go-smtp"

	"beian/shared/rules/fault"
)

// A stage is how far an attempt has come.
type stage string

const (
	connecting stage = "connecting" // until the log-in
	sending    stage = "the sender"
	addressing stage = "the recipient"
	submitting stage = "the email"
)

// A refusal is the answer of a relay without its words.
type refusal struct {
	at       stage
	code     int
	enhanced smtp.EnhancedCode // RFC 3463; all zero if the relay gave none
}

// Error returns the stage and the codes.
func (r refusal) Error() string {
	return fmt.Sprintf("mail relay, at %s: %s", string(r.at), r.ErrorCode())
}

// ErrorCode returns the codes, such as "550 5.1.1", for the dead letter.
func (r refusal) ErrorCode() string {
	if !r.hasEnhanced() {
		return fmt.Sprint(r.code)
	}
	return fmt.Sprintf("%d %d.%d.%d", r.code, r.enhanced[0], r.enhanced[1], r.enhanced[2])
}

func (r refusal) hasEnhanced() bool {
	return r.enhanced != smtp.EnhancedCodeNotSet && r.enhanced != smtp.NoEnhancedCode
}

// Subjects of enhanced codes (RFC 3463, 3).
const (
	ofAddress = 1
	ofMailbox = 2
	ofContent = 6
	ofPolicy  = 7
)

// loginCodes are answers about our log-in (RFC 4954, 6), at whatever stage.
var loginCodes = []int{530, 534, 535, 538}

// isPermanent reports whether the relay never accepts this recipient or email. Before a recipient is named, each error is one of our settings: the log-in, or a sender that
// is not verified. Afterwards, 5xx is permanent, except where it is about permission: no right to relay, or a limit of the account.
func (r refusal) isPermanent() bool {
	if r.at != addressing && r.at != submitting || r.code < 500 || slices.Contains(loginCodes, r.code) {
		return false
	}
	switch r.enhanced[1] {
	case ofAddress, ofMailbox, ofContent:
		return true
	case ofPolicy:
		return false
	}
	return r.at == submitting || r.code != 554 // 554 to a recipient, without a further code, is mostly "relaying denied"
}

// errNotSMTP is the error of an answer that does not begin with a code.
var errNotSMTP = errors.New("the answer is not SMTP")

// classify returns the fault for an error, nil for nil.
func classify(at stage, err error) error {
	if err == nil {
		return nil
	}
	if answer, ok := errors.AsType[*smtp.SMTPError](err); ok {
		r := refusal{at, answer.Code, answer.EnhancedCode}
		if r.isPermanent() {
			return fault.Wrap(fault.Invalid, r)
		}
		return fault.Wrap(fault.Unavailable, r)
	}
	if network, ok := errors.AsType[*net.OpError](err); ok {
		err = network
	}
	if _, garbled := errors.AsType[textproto.ProtocolError](err); garbled { // it quotes the answer
		err = errNotSMTP
	}
	return fault.Wrap(fault.Unavailable, fmt.Errorf("mail relay, at %s: %w", string(at), err))
}

// codeOf returns the code of a relay's answer, 0 for other errors.
func codeOf(err error) int {
	if answer, ok := errors.AsType[*smtp.SMTPError](err); ok {
		return answer.Code
	}
	return 0
}
