package webhook

import (
	"errors"
	"time"
	"unicode/utf8"

	"beian/shared/rules/contact"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/pattern"
	"beian/shared/rules/strictjson"
	"beian/shared/rules/text"
)

// Codes of the findings of [ParseReply].
const (
	CodeBody       finding.Code = "sms-reply-body"
	CodeText       finding.Code = "sms-reply-text"
	CodeReceivedAt finding.Code = "sms-reply-received-at"
)

const maxText = 500 // characters; a long SMS of seven parts has 469

// A Reply is an SMS from a leader, forwarded by the carrier.
type Reply struct {
	ID         string         `json:"-"` // of the request, the same in a retry
	From       contact.Mobile `json:"from"`
	Text       string         `json:"text"` // at most 500 characters
	ReceivedAt time.Time      `json:"receivedAt"`
}

// ParseReply parses the body of a request with an id that [Verify] returned: one JSON object with exactly the fields of [Reply], each once
// and in this case. The error is a fault of kind Invalid with all findings.
func ParseReply(id string, body []byte) (Reply, error) {
	r := Reply{ID: id}
	var found finding.List
	err := strictjson.UnmarshalExact(body, &r, "from", "text", "receivedAt")
	if names, wrong := errors.AsType[*strictjson.NameError](err); wrong {
		for _, pointer := range names.Pointers {
			found = append(found, finding.New(CodeBody, pointer))
		}
	} else if err != nil {
		found = finding.List{finding.New(CodeBody, "")}
	}
	if len(found) > 0 {
		return Reply{}, fault.WithFindings(fault.Invalid, found)
	}
	r.From = contact.NormalizeMobile(string(r.From))
	found = append(found, r.From.Check().Under("/from")...)
	if r.Text == "" || utf8.RuneCountInString(r.Text) > maxText {
		found = append(found, finding.New(CodeText, "/text"))
	}
	if r.ReceivedAt.IsZero() {
		found = append(found, finding.New(CodeReceivedAt, "/receivedAt"))
	}
	if len(found) > 0 {
		return Reply{}, fault.WithFindings(fault.Invalid, found)
	}
	return r, nil
}

const codeLength = 6

var digits = pattern.New(`[0-9]+`)

// Code returns the verification code of six digits in the text: "123456", "验证码123456", "１２３ ４５６". It is false if there is
// no code or more than one.
func (r Reply) Code() (string, bool) {
	typed := text.NormalizeASCII(r.Text)
	if code, found := sixDigits(typed); found > 0 {
		return code, found == 1
	}
	// People may put spaces and signs between the digits.
	code, found := sixDigits(betweenDigits().ReplaceAllString(typed, "$1"))
	return code, found == 1
}

var betweenDigits = pattern.New(`([0-9])[^0-9\p{L}]+`)

// sixDigits returns the last run of exactly six digits and the number of different ones.
func sixDigits(text string) (string, int) {
	seen := map[string]bool{}
	last := ""
	for _, run := range digits().FindAllString(text, -1) {
		if len(run) == codeLength {
			seen[run], last = true, run
		}
	}
	return last, len(seen)
}
