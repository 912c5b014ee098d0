package filing

import (
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"beian/shared/rules/finding"
	"beian/shared/rules/person"
	"beian/shared/rules/text"
	"beian/shared/rules/workday"
)

// Findings about calls.
const (
	CodeCallNote   finding.Code = "call-note"
	CodeCallTime   finding.Code = "call-time"
	CodeCallPerson finding.Code = "call-person"
	CodeCallsMany  finding.Code = "calls-many"
)

// Limits of the calls of an order.
const (
	CallNoteLimit = 500 // characters
	maxCalls      = 50
	// callAge is how long after a call it can be recorded.
	callAge = 7 * 24 * time.Hour
)

// A CallOutcome is what came of a call.
type CallOutcome string

const (
	CallReached       CallOutcome = "reached"
	CallNoAnswer      CallOutcome = "no-answer"
	CallNoAnswerTwice CallOutcome = "no-answer-twice"
	CallWrongNumber   CallOutcome = "wrong-number"   // somebody else answered
	CallNoSuchNumber  CallOutcome = "no-such-number" // the number does not exist
)

// notifies reports whether the applicant gets a message about a call: nobody was reached, and the applicant can help.
func (c CallOutcome) notifies() bool {
	return c == CallNoAnswerTwice || c == CallWrongNumber || c == CallNoSuchNumber
}

// A CallPerson is who was called: "contact", "subject-leader", or "site-leader".
type CallPerson string

const (
	CallContact       CallPerson = "contact"
	CallSubjectLeader CallPerson = "subject-leader"
	CallSiteLeader    CallPerson = "site-leader"
)

// A Call is a phone call of a reviewer about an order.
type Call struct {
	At      time.Time   `json:"at"`
	By      Account     `json:"by"`
	Person  CallPerson  `json:"person"`
	Site    int         `json:"site,omitempty"` // of a site leader
	Outcome CallOutcome `json:"outcome"`
	Note    string      `json:"note,omitempty"`
	// NotifiedOn is the day, Shanghai time, on which the applicant got a message about the call; "" if none.
	NotifiedOn workday.Date `json:"notifiedOn,omitempty"`
}

// Format writes [redacted]: a note may name people.
func (Call) Format(f fmt.State, _ rune) { person.Redact(f) }

// LogValue returns [redacted].
func (Call) LogValue() slog.Value { return person.RedactedValue() }

// RecordCall records a call of the reviewer who claimed the order. If the person was not reached, the applicant gets a message in the language of the order, at most
// one about calls on a day, Shanghai time. The ledger has person, outcome and time of the call, and no note. A call that is recorded already is not recorded again.
type RecordCall struct {
	At      time.Time // of the call; zero is now
	Person  CallPerson
	Site    int
	Outcome CallOutcome
	Note    string
}

func (RecordCall) Name() string { return "record-call" }

func (d RecordCall) apply(c *Change, by Actor, at time.Time) error {
	o := &c.Order
	if err := o.CheckClaim(by, at); err != nil {
		return err
	}
	call := Call{At: d.At, By: by.Account, Person: d.Person, Site: d.Site, Outcome: d.Outcome, Note: text.Normalize(d.Note)}
	if call.At.IsZero() {
		call.At = at
	}
	call.At = call.At.UTC().Truncate(time.Second)
	if slices.ContainsFunc(o.Private.Calls, func(known Call) bool { known.NotifiedOn = ""; return known == call }) {
		return ErrNothingToDo
	}
	if err := blockingFault(o.checkCall(call, at)); err != nil {
		return err
	}
	today := workday.DateOf(at)
	if call.Outcome.notifies() && !slices.ContainsFunc(o.Private.Calls, func(other Call) bool { return other.NotifiedOn == today }) {
		call.NotifiedOn = today
		c.addNotices(NoticeCalled)
	}
	o.Private.Calls = append(slices.Clip(o.Private.Calls), call)
	c.setFact("person", string(call.Person))
	c.setFact("outcome", string(call.Outcome))
	c.setFact("called", call.At.In(workday.Shanghai).Format("2006-01-02 15:04"))
	return nil
}

// checkCall returns the findings about a call.
func (o Order) checkCall(call Call, at time.Time) finding.List {
	var found finding.List
	if len(o.Private.Calls) >= maxCalls {
		return finding.List{finding.New(CodeCallsMany, "", "max", strconv.Itoa(maxCalls))}
	}
	if utf8.RuneCountInString(call.Note) > CallNoteLimit {
		found = append(found, finding.New(CodeCallNote, "/note", "max", strconv.Itoa(CallNoteLimit)))
	}
	if call.At.After(at) || at.Sub(call.At) > callAge {
		found = append(found, finding.New(CodeCallTime, "/at"))
	}
	if call.Person == CallSiteLeader && call.Site >= len(o.Private.Sites) || call.Person != CallSiteLeader && call.Site != 0 {
		found = append(found, finding.New(CodeCallPerson, "/site"))
	}
	return found
}

// LastNotifiedCall returns the newest call about which the applicant got a message. ok is false if there is none.
func (o Order) LastNotifiedCall() (c Call, ok bool) {
	for _, one := range slices.Backward(o.Private.Calls) {
		if one.NotifiedOn != "" {
			return one, true
		}
	}
	return Call{}, false
}
