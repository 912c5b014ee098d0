// Package bureautask is the work that a bureau gives a provider: to verify a filing, to close an unfiled site, to correct a filing, and to act on audits,
// cancellations and blacklists (MIIT-IF30 11.3 to 11.5, icp-filing 8.4).
//
// A [Task] is made of one record of a downloaded file, by [In], or by an operator who copies it from the bureau's console. Its id follows from file and
// record, so that the same file makes the same tasks. A person answers or closes it:
//
//	task, err := task.AnswerWith(answer, by, now)
//
// The answers to verification tasks (HSRW) and unfiled sites (WBAWZLB) are records of an upload (HSJG, WBACLJG), which [Task.Build] makes of the
// bureau's record and the answer. The others are closed with a note. The interface states no deadline for any of them; [Deadlines] does.
//
// What the bureau wrote stays in the kept file. A task has ids and public facts; what people write is in [Private], which is stored encrypted.
package bureautask

import (
	"cmp"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/rules/finding"
	"beian/shared/rules/person"
	"beian/shared/rules/strictjson"
	"beian/shared/rules/workday"
)

// A Kind is the element of the interface that brings the task.
type Kind string

const (
	Verify       Kind = "HSRW"    // verify a filing
	Unfiled      Kind = "WBAWZLB" // close an unfiled site on our addresses
	Correct      Kind = "XGTZ"    // correct a filing
	Audit        Kind = "HCJG"    // act on what a check of the bureau found
	Illegal      Kind = "FFJRHMD" // close a site with a forbidden access
	Cancellation Kind = "ZXSJ"    // end the access of what the bureau cancelled
	Blacklisted  Kind = "HMDLB"   // close what is on the ministry's blacklist
)

// Kinds lists every kind.
var Kinds = []Kind{Verify, Unfiled, Correct, Audit, Illegal, Cancellation, Blacklisted}

// Owner returns who does tasks of the kind: reviewers verify filings, operators do the rest.
func (k Kind) Owner() filing.Role {
	if k == Verify {
		return filing.Reviewer
	}
	return filing.Admin
}

// Answered reports whether the interface has an answer to tasks of the kind.
func (k Kind) Answered() bool { return k == Verify || k == Unfiled }

// A State says how far a task is.
type State string

const (
	Open     State = "open"     // somebody has to act; after a refused answer again
	Answered State = "answered" // waits for its upload, or for its entry into the bureau's console
	Sent     State = "sent"     // in the file in flight
	Accepted State = "accepted" // the bureau has the answer. It reports only wrong ones, and does so later
	Closed   State = "closed"
)

// States lists every state.
var States = []State{Open, Answered, Sent, Accepted, Closed}

// Done reports whether nobody has to act any more, unless the bureau refuses the answer.
func (s State) Done() bool { return s == Accepted || s == Closed }

// A Task is one piece of work. Its fields have no personal data; Private has.
type Task struct {
	ID      string `json:"id"`
	Version int    `json:"version"`
	Kind    Kind   `json:"kind"`
	File    string `json:"file,omitempty"`   // id of the received file; "" for a task that an operator entered
	Record  int    `json:"record,omitempty"` // place among the file's records of the kind, from 1
	About   About  `json:"about"`
	Link    string `json:"link,omitempty"`

	ReceivedAt time.Time      `json:"receivedAt"`
	Deadline   time.Time      `json:"deadline"` // the end of it
	Owner      filing.Role    `json:"owner"`
	Assignee   filing.Account `json:"assignee,omitempty"`

	State State `json:"state"`
	// DoneAt is when the task was accepted or closed.
	DoneAt time.Time `json:"doneAt,omitzero"`
	// Sequence is the number of the upload with the answer.
	Sequence int64 `json:"sequence,omitempty"`
	// Refused say why the last answer was not accepted by the bureau, or could not be sent.
	Refused []finding.Code `json:"refused,omitempty"`
	// RefusedIn are the files in which the bureau refused answers, so that replaying one does not refuse a later answer.
	RefusedIn []string `json:"refusedIn,omitempty"`
	Events    []Event  `json:"events"`

	Private Private `json:"-"`
}

// About says what a task is about, as far as it is public.
type About struct {
	Filing     register.ID   `json:"filing,omitempty"`     // of the register, if it has it
	Number     string        `json:"number,omitempty"`     // of the subject or the site
	MinistryID string        `json:"ministryId,omitempty"` // of Part
	Part       register.Part `json:"part,omitempty"`
	Host       string        `json:"host,omitempty"`
	IP         string        `json:"ip,omitempty"`
	Finding    Finding       `json:"finding,omitempty"` // of an audit
}

// A Finding is what an audit found (HCJG).
type Finding string

const (
	SubjectFalse     Finding = "subject-false"     // the subject's data are wrong
	AccessNotFound   Finding = "access-not-found"  // an access is filed that the bureau does not find
	AccessUnreported Finding = "access-unreported" // the bureau found an access that is not filed
	ShellAlive       Finding = "shell-alive"       // a site without a filed access answers
	ShellDead        Finding = "shell-dead"        // a site without a filed access does not answer
	SiteDead         Finding = "site-dead"         // a filed site does not answer
)

// Findings lists every finding.
var Findings = []Finding{SubjectFalse, AccessNotFound, AccessUnreported, ShellAlive, ShellDead, SiteDead}

// An Event is a step in the life of a task.
type Event struct {
	At   time.Time      `json:"at"`
	By   filing.Account `json:"by,omitempty"` // "" for Beian and the bureau
	What Step           `json:"what"`
}

// A Step is what happened to a task.
type Step string

const (
	StepReceived Step = "received"
	StepAssigned Step = "assigned"
	StepAnswered Step = "answered"
	StepSent     Step = "sent"
	StepAccepted Step = "accepted"
	StepRefused  Step = "refused" // by the bureau, or unsendable
	StepClosed   Step = "closed"
)

// maxEvents is the number of events that a task keeps: the first, and the newest.
const maxEvents = 50

func (t *Task) add(what Step, by filing.Account, at time.Time) {
	if len(t.Events) >= maxEvents {
		t.Events = append(slices.Clone(t.Events[:1]), t.Events[2:]...)
	}
	t.Events = append(slices.Clone(t.Events), Event{at, by, what})
}

// Private is what people wrote about a task.
type Private struct {
	Text   string  `json:"text,omitempty"`   // what the bureau's console says, of a task that an operator entered
	Answer *Answer `json:"answer,omitempty"` // the last one
	Note   string  `json:"note,omitempty"`   // with which the task was closed
}

// Format writes [redacted].
func (Private) Format(f fmt.State, _ rune) { person.Redact(f) }

// LogValue returns [redacted].
func (Private) LogValue() slog.Value { return person.RedactedValue() }

// Overdue reports whether the deadline has passed.
func (t Task) Overdue(now time.Time) bool { return !t.State.Done() && now.After(t.Deadline) }

// alertHour is the hour, Beijing time, at which operators are alerted of tasks.
const alertHour = 9

// NextAlert returns the next time after at when operators are alerted of the task: in the morning of its last day, and each morning after that; the zero time
// once it is done.
func (t Task) NextAlert(at time.Time) time.Time {
	if t.State.Done() {
		return time.Time{}
	}
	morning := func(d workday.Date) time.Time { return d.Time().Add(alertHour * time.Hour) }
	if first := morning(workday.DateOf(t.Deadline.Add(-time.Second))); first.After(at) {
		return first
	}
	if today := morning(workday.DateOf(at)); today.After(at) {
		return today
	}
	return morning(workday.DateOf(at).AddDays(1))
}

// ByHand reports whether an operator entered the task, so that there is no file of the bureau.
func (t Task) ByHand() bool { return t.File == "" }

// NewTask returns an open task that was received at a time.
func NewTask(k Kind, about About, at time.Time, d Deadlines) Task {
	t := Task{Version: 1, Kind: k, About: about, ReceivedAt: at, Deadline: d.Of(k, at), Owner: k.Owner(), State: Open}
	t.add(StepReceived, "", at)
	return t
}

// Deadlines are the working days within which tasks are done, by kind. A kind that is missing has its default.
type Deadlines map[Kind]int

// defaultDays are our own, but for Correct and Audit: wrong data are corrected within 10 working days (Order 33; icp-filing 8.2).
var defaultDays = map[Kind]int{Verify: 5, Unfiled: 3, Correct: 10, Audit: 10, Illegal: 1, Cancellation: 1, Blacklisted: 1}

// maxDays is the longest deadline.
const maxDays = 60

// ParseDeadlines parses a JSON object such as {"HSRW": 3}; "" are the defaults.
func ParseDeadlines(text string) (Deadlines, error) {
	if text == "" {
		return nil, nil
	}
	var d Deadlines
	if err := strictjson.UnmarshalSettings(text, &d); err != nil {
		return nil, err
	}
	return d, d.Check()
}

// Check returns an error, in English and Chinese, for an unknown kind and for a number of days that is not from 1 to 60.
func (d Deadlines) Check() error {
	for _, k := range slices.Sorted(maps.Keys(d)) {
		if !slices.Contains(Kinds, k) {
			return fmt.Errorf("%s: is not one of the kinds %v / 不在任务种类 %[2]v 之中", k, Kinds)
		}
		if d[k] < 1 || d[k] > maxDays {
			return fmt.Errorf("%s: %d is no number of working days from 1 to %d / %[2]d 不是 1 到 %[3]d 的工作日数", k, d[k], maxDays)
		}
	}
	return nil
}

// JSON returns the text for [ParseDeadlines].
func (d Deadlines) JSON() string {
	if len(d) == 0 {
		return ""
	}
	text, err := json.Marshal(d)
	if err != nil {
		panic(err) // texts and numbers always marshal
	}
	return string(text)
}

// Of returns the end of the last day on which a task that was received at a time may be done.
func (d Deadlines) Of(k Kind, received time.Time) time.Time {
	last := workday.DateOf(workday.Add(received, cmp.Or(d[k], defaultDays[k])))
	return last.AddDays(1).Time()
}

// taskID returns the id of the task of a record in a file.
func taskID(file string, k Kind, record int) string {
	return fmt.Sprintf("%s-%s-%d", file, strings.ToLower(string(k)), record)
}
