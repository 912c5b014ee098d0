package register

import (
	"time"

	"beian/shared/rules/finding"
)

// Findings of the code with which the state of an application is read.
const (
	CodeStateOrder       finding.Code = "state-order-number"
	CodeStateCodeFormat  finding.Code = "state-code-format"
	CodeStateCodeWrong   finding.Code = "state-code-wrong"
	CodeStateCodeExpired finding.Code = "state-code-expired"
)

var stateCodes = codeFindings{CodeStateCodeFormat, CodeStateCodeWrong, CodeStateCodeExpired}

// A StateInquiry asks, without an account, how far an application is. Its code goes to the verified mobile or email address of the order's contact, if there is one; the
// inquiry itself looks up neither, so that its answer is the same for every number.
type StateInquiry struct {
	ID      string `json:"id"` // a ULID
	Version int    `json:"version"`
	Order   string `json:"order"`
	// Requester is the keyed hash of the network address that the inquiry came from.
	Requester string `json:"requester,omitempty"`
	Language  string `json:"language"`
	ByEmail   bool   `json:"byEmail,omitempty"` // the code goes to the email address
	// LeaderCode is the code. The right one stays valid until it expires, because it only reads.
	LeaderCode
}

// Answer checks the code of an inquiry; see [LeaderCode]. changed is true only after a wrong code.
func (i StateInquiry) Answer(typed string, at time.Time) (after StateInquiry, changed bool, err error) {
	after = i
	if after.LeaderCode, changed, err = i.enter(typed, at, stateCodes); err == nil {
		return i, false, nil
	}
	if changed {
		after.Version++
	}
	return after, changed, err
}
