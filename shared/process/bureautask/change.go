package bureautask

import (
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"beian/shared/bureau/document"
	"beian/shared/filing"
	"beian/shared/rules/codes"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/text"
)

// Findings about tasks of the bureau.
const (
	CodeState    finding.Code = "bureau-task-state"     // not possible in the task's state
	CodeNoAnswer finding.Code = "bureau-task-no-answer" // the interface has no answer to the kind
	CodeText     finding.Code = "bureau-task-text"      // a text that is missing or too long
	CodeHandling finding.Code = "bureau-task-handling"  // not in the bureau's table
	CodeProvince finding.Code = "bureau-task-province"  // the bureau's record has none, and the answer must
	CodeData     finding.Code = "bureau-task-data"      // the bureau's record lacks what the answer must have
	CodeFile     finding.Code = "bureau-task-file"      // the bureau's record is deleted
	CodeAssignee finding.Code = "bureau-task-assignee"  // does not do such tasks
	CodeOwn      finding.Code = "bureau-task-own"       // about a filing of the person who would do it
	CodeDeadline finding.Code = "bureau-task-deadline"  // no day, or in the past
)

// Limits of texts in characters. Those of an answer are the interface's (MIIT-IF30 10.7, 10.8).
const (
	MaxNote            = 500
	MaxText            = 2000
	MaxVerifier        = 128
	MaxOpinion         = 1024
	MaxHandlingOpinion = 255
	MaxErrors          = 4000
)

// An Answer answers a verification task or an unfiled site.
type Answer struct {
	// Failed, Verifier and Errors are those of a verification task: whether the filing's data are wrong, who verified them, and what is wrong.
	Failed   bool   `json:"failed,omitempty"`
	Verifier string `json:"verifier,omitempty"`
	Errors   string `json:"errors,omitempty"`
	// Handling is what was done about an unfiled site, from the bureau's table (Wbacl).
	Handling int64 `json:"handling,omitempty"`
	// Province is the division code of the province of an unfiled site whose record has none.
	Province int64     `json:"province,omitempty"`
	Opinion  string    `json:"opinion"`
	At       time.Time `json:"at"`
}

// normalized returns the answer without surplus spaces.
func (a Answer) normalized() Answer {
	a.Verifier, a.Opinion, a.Errors = text.Normalize(a.Verifier), text.Normalize(a.Opinion), text.Normalize(a.Errors)
	return a
}

// check returns the answer without surplus spaces, or a fault of kind Invalid with all findings.
func (a Answer) check(k Kind, tables codes.Tables) (Answer, error) {
	var found finding.List
	a = a.normalized()
	limit := func(value, pointer string, least, most int) {
		if n := utf8.RuneCountInString(value); n < least || n > most {
			found = append(found, finding.New(CodeText, pointer, "max", strconv.Itoa(most)))
		}
	}
	if k == Verify {
		limit(a.Verifier, "/verifier", 1, MaxVerifier)
		limit(a.Opinion, "/opinion", 1, MaxOpinion)
		least := 0
		if a.Failed {
			least = 1
		}
		limit(a.Errors, "/errors", least, MaxErrors)
		a.Handling, a.Province = 0, 0
	} else {
		limit(a.Opinion, "/opinion", 1, MaxHandlingOpinion)
		if len(tables.InForce(codes.Handlings)) > 0 && !tables.Knows(codes.Handlings, a.Handling) || a.Handling < 1 || a.Handling > 999 {
			found = append(found, finding.New(CodeHandling, "/handling"))
		}
		if a.Province != 0 && a.Province < 100000 {
			found = append(found, finding.New(CodeProvince, "/province"))
		}
		a.Failed, a.Verifier, a.Errors = false, "", ""
	}
	if len(found) > 0 {
		return a, fault.WithFindings(fault.Invalid, found)
	}
	return a, nil
}

// conflict returns the fault for a change that the state does not allow.
func (t Task) conflict() error {
	return fault.WithFindings(fault.Conflict, finding.List{finding.New(CodeState, "")})
}

// next returns the task as its next version.
func (t Task) next(what Step, by filing.Account, at time.Time) Task {
	t.Version++
	t.add(what, by, at)
	return t
}

// Assign gives the task to a person; "" takes it from them.
func (t Task) Assign(to, by filing.Account, at time.Time) (Task, error) {
	if t.State.Done() {
		return t, t.conflict()
	}
	t.Assignee = to
	return t.next(StepAssigned, by, at), nil
}

// AnswerWith stores an answer that waits for its upload, or for its entry by hand. The error is a fault of kind Invalid with findings about the answer,
// or Conflict if the task is not open or has no answer.
func (t Task) AnswerWith(a Answer, tables codes.Tables, by filing.Account, at time.Time) (Task, error) {
	switch {
	case !t.Kind.Answered():
		return t, fault.WithFindings(fault.Conflict, finding.List{finding.New(CodeNoAnswer, "")})
	case t.State != Open:
		return t, t.conflict()
	}
	a, err := a.check(t.Kind, tables)
	if err != nil {
		return t, err
	}
	a.At = at
	t.State, t.Private.Answer, t.Refused, t.Sequence = Answered, &a, nil, 0
	return t.next(StepAnswered, by, at), nil
}

// HasAnswer reports whether the task has an answer that waits or was accepted, with these values.
func (t Task) HasAnswer(a Answer) bool {
	last := t.Private.Answer
	if last == nil || t.State == Open || t.State == Closed {
		return false
	}
	a.At = last.At
	return a.normalized() == *last
}

// MarkSent notes the upload with the answer.
func (t Task) MarkSent(sequence int64, at time.Time) (Task, bool) {
	if t.State != Answered && t.State != Sent || t.State == Sent && t.Sequence == sequence {
		return t, false
	}
	t.State, t.Sequence = Sent, sequence
	return t.next(StepSent, "", at), true
}

// Accept notes that the bureau has the answer, from the upload with a number, or 0 if by entered it into the bureau's console.
func (t Task) Accept(sequence int64, by filing.Account, at time.Time) (Task, error) {
	if t.State != Answered && t.State != Sent {
		return t, t.conflict()
	}
	t.State, t.Sequence, t.DoneAt = Accepted, sequence, at
	return t.next(StepAccepted, by, at), nil
}

// RefuseIn is [Task.Refuse] for a result in a file of the bureau that was received at a time. A file that came before the answer, or refused an earlier one,
// has no effect.
func (t Task) RefuseIn(file string, received time.Time, codes []finding.Code, at time.Time) (Task, bool) {
	if t.Private.Answer == nil || t.Private.Answer.At.After(received) || slices.Contains(t.RefusedIn, file) {
		return t, false
	}
	after, refused := t.Refuse(codes, at)
	if refused {
		after.RefusedIn = append(slices.Clone(t.RefusedIn), file)
	}
	return after, refused
}

// Refuse reopens the task because the bureau did not accept the answer, or it cannot be sent. It reports whether the task waited for that.
func (t Task) Refuse(codes []finding.Code, at time.Time) (Task, bool) {
	if t.State != Answered && t.State != Sent && t.State != Accepted {
		return t, false
	}
	t.State, t.Refused, t.DoneAt = Open, codes, time.Time{}
	return t.next(StepRefused, "", at), true
}

// Close ends the task with a note. An answer that waits for its upload must arrive first.
func (t Task) Close(note string, by filing.Account, at time.Time) (Task, error) {
	if t.State != Open && t.State != Accepted {
		return t, t.conflict()
	}
	note = text.Normalize(note)
	if n := utf8.RuneCountInString(note); n < 1 || n > MaxNote {
		return t, fault.WithFindings(fault.Invalid, finding.List{finding.New(CodeText, "/note", "max", strconv.Itoa(MaxNote))})
	}
	t.State, t.Private.Note = Closed, note
	if t.DoneAt.IsZero() {
		t.DoneAt = at
	}
	return t.next(StepClosed, by, at), nil
}

// EnterTask returns a task that an operator copied from the bureau's console, without an id. The deadline is the zero time for that of the kind.
// The error is a fault of kind Invalid with findings.
func EnterTask(k Kind, about About, words string, deadline, now time.Time, d Deadlines) (Task, error) {
	var found finding.List
	t := NewTask(k, about, now, d)
	if t.Private.Text = text.Normalize(words); t.Private.Text == "" || utf8.RuneCountInString(t.Private.Text) > MaxText {
		found = append(found, finding.New(CodeText, "/text", "max", strconv.Itoa(MaxText)))
	}
	if !deadline.IsZero() {
		t.Deadline = deadline
	}
	if t.Deadline.Before(now) {
		found = append(found, finding.New(CodeDeadline, "/deadline"))
	}
	if len(found) > 0 {
		return t, fault.WithFindings(fault.Invalid, found)
	}
	return t, nil
}

// handled returns the answer about an unfiled site (WBACLJG).
func (a Answer) handled(t Task, site document.UnfiledSite, provider int64) document.UnfiledSiteHandled {
	h := document.UnfiledSiteHandled{
		Domain: site.Domain, IP: site.IP, Carrier: site.Carrier, Provider: site.Provider, Province: site.Province,
		Handling: a.Handling, Opinion: a.Opinion, Entered: document.FormatDate(a.At), Due: document.FormatDate(t.Deadline.Add(-time.Second)),
	}
	if h.Provider == 0 {
		h.Provider = provider
	}
	if a.Province != 0 {
		h.Province = a.Province
	}
	return h
}
