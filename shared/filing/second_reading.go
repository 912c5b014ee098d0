package filing

import (
	"slices"
	"strings"
	"time"

	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/workday"
)

// Findings about second readings.
const (
	CodeReadBefore    finding.Code = "second-reading-own"
	CodeReadingInTime finding.Code = "second-reading-in-time"
	CodeReadingNote   finding.Code = "second-reading-note"
	CodeReadingNone   finding.Code = "second-reading-none"
)

// SecondReadingDays is the number of working days after which the operator is asked to have an order decided without a further reading. A review takes
// one or two working days (icp-filing 3.3), and each reading may take as long.
const SecondReadingDays = 2

// A BlindReading is one reading of an order that more than one reviewer reads. Its verdict is in Private.Verdicts, at the same index.
type BlindReading struct {
	Reviewer Account   `json:"reviewer"`
	At       time.Time `json:"at"`
}

// A ReadingPair has the verdicts of the two reviewers who read an order blind. It has no personal data: of the reasons, only the codes.
type ReadingPair struct {
	Order    ID                `json:"order"`
	At       time.Time         `json:"at"` // of the second reading
	Province string            `json:"province"`
	Readers  [2]Account        `json:"readers"` // who read first, and second
	Verdicts [2]Verdict        `json:"verdicts"`
	Codes    [2][]finding.Code `json:"codes"` // of the reasons, sorted
}

// give carries a verdict out, or keeps it for another reading:
//
//   - On an order that one reviewer reads, it takes effect.
//   - The first verdict on another order is kept. The order stays in the queue for a second reviewer, who does not see it.
//   - If the second verdict is the same, it takes effect, with the reasons of both.
//   - If not, a third reviewer sees both, and decides.
func (c *Change) give(v GivenVerdict, by Actor, at time.Time) error {
	o := &c.Order
	if v.Appeal != "" || o.Step != InitialReview {
		return c.takeEffect(v, by, at)
	}
	switch {
	case len(o.Readings) == 0 && !v.Second, o.DecidedByOne:
		return c.takeEffect(v, by, at)
	case len(o.Readings) == 0:
		c.keepReading(v, by, at)
		return nil
	case len(o.Readings) > 1:
		c.addReading(v, by, at)
		return c.takeEffect(v, by, at)
	}
	first := o.Private.Verdicts[0]
	c.Pair = o.pairWith(first, v, by, at)
	if first.Verdict == v.Verdict {
		c.addReading(v, by, at)
		return c.takeEffect(v.with(first), by, at)
	}
	c.keepReading(v, by, at)
	return nil
}

// takeEffect applies the decision of a verdict. The ledger has the decision, by the reviewer, and the verdicts of all readers.
func (c *Change) takeEffect(v GivenVerdict, by Actor, at time.Time) error {
	o := &c.Order
	var readers []Account
	var said []string
	for i, r := range o.Readings {
		readers = append(readers, r.Reviewer)
		said = append(said, string(r.Reviewer)+":"+string(o.Private.Verdicts[i].Verdict))
	}
	c.applied, c.appliedBy = v.Decision(), by
	if err := c.applied.apply(c, by, at); err != nil {
		return err
	}
	if len(said) > 0 {
		c.setFact("readings", strings.Join(said, " "))
		o.Review.Others = slices.DeleteFunc(readers, func(a Account) bool { return a == by.Account })
	}
	c.closeTask(TaskSecondReading, by, at)
	o.endReadings()
	return nil
}

// keepReading keeps a verdict for another reading. The order keeps its place in the queue.
func (c *Change) keepReading(v GivenVerdict, by Actor, at time.Time) {
	o := &c.Order
	c.addReading(v, by, at)
	o.Claim = nil
	c.applied, c.appliedBy = readingKept{}, by
	c.setFact("verdict", o.sealed(v, o.LastSeq+1))
}

func (c *Change) addReading(v GivenVerdict, by Actor, at time.Time) {
	o := &c.Order
	o.Readings = append(o.Readings, BlindReading{Reviewer: by.Account, At: at})
	o.Private.Verdicts = append(o.Private.Verdicts, v)
}

// readingKept names the ledger's entry of a verdict that awaits another reading.
type readingKept struct{}

func (readingKept) Name() string { return "keep-reading" }

func (readingKept) apply(*Change, Actor, time.Time) error { return nil }

// endReadings forgets the readings of the order's submission.
func (o *Order) endReadings() { o.Readings, o.Private.Verdicts, o.DecidedByOne = nil, nil, false }

// with adds the reasons and papers of another reading with the same verdict, without repetition.
func (v GivenVerdict) with(first GivenVerdict) GivenVerdict {
	found := slices.Clone(first.Findings)
	for _, f := range v.Findings {
		if !slices.ContainsFunc(found, func(g finding.Finding) bool {
			return g.Code == f.Code && g.Pointer == f.Pointer && g.Message == f.Message
		}) {
			found = append(found, f)
		}
	}
	v.Findings, v.Documents = found, slices.Concat(first.Documents, v.Documents) // Pass takes each paper once
	return v
}

// pairWith returns the pair of the first two readings.
func (o Order) pairWith(first, second GivenVerdict, by Actor, at time.Time) *ReadingPair {
	return &ReadingPair{Order: o.ID, At: at, Province: string(o.Province), Readers: [2]Account{o.Readings[0].Reviewer, by.Account},
		Verdicts: [2]Verdict{first.Verdict, second.Verdict}, Codes: [2][]finding.Code{codeSet(first.Findings), codeSet(second.Findings)}}
}

func codeSet(found finding.List) []finding.Code {
	codes := []finding.Code{}
	for _, f := range found {
		codes = append(codes, f.Code)
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

// checkReader returns a fault of kind Forbidden if the order awaits the reading of another reviewer than those who read it or checked a leader in person.
func (o Order) checkReader(by Actor) error {
	if len(o.Readings) == 0 || o.DecidedByOne {
		return nil
	}
	if o.HasRead(by.Account) {
		return fault.WithFindings(fault.Forbidden, finding.List{finding.New(CodeReadBefore, "")})
	}
	return o.checkFourEyes(by)
}

// HasRead reports whether a reviewer gave a verdict on the order that awaits the reading of another. Such an order is not in the reviewer's queue.
func (o Order) HasRead(a Account) bool {
	return slices.ContainsFunc(o.Readings, func(r BlindReading) bool { return r.Reviewer == a })
}

// AwaitsOther reports whether the order awaits the reading of another reviewer than this one, who has read it.
func (o Order) AwaitsOther(a Account) bool { return o.HasRead(a) && !o.DecidedByOne }

// AwaitsThirdReading reports whether two reviewers gave different verdicts on the order, and a third has to decide.
func (o Order) AwaitsThirdReading() bool { return len(o.Readings) > 1 }

// HidesCall reports whether a call must not be shown to a reviewer: it is of the first reader of an order whose second reading is open. The time of the call does
// not matter, because a call can be recorded days later.
func (o Order) HidesCall(reader Account, c Call) bool {
	return len(o.Readings) == 1 && reader != c.By && o.HasRead(c.By)
}

// HidesEntry reports whether an entry of the ledger must not be shown to a reviewer: what the other reviewers did at the review that the order awaits, such as
// claims and verdicts. It does not depend on whether there was a verdict. Otherwise a number that the ledger leaves out would say that there was one, and on
// an order that is read twice only after a rejection, which one.
func (o Order) HidesEntry(reader Account, e Entry) bool {
	if o.Step != InitialReview || o.Closing != "" || e.By.Role != Reviewer || e.By.Account == reader {
		return false
	}
	return e.At.After(o.MovedAt) || o.HasRead(e.By.Account) && !e.At.Before(o.MovedAt)
}

// ReadingOverdue reports whether the order has waited too long for a further reading.
func (o Order) ReadingOverdue(at time.Time) bool {
	return len(o.Readings) > 0 && !o.DecidedByOne && workday.DateOf(at) > workday.DateOf(workday.Add(o.Readings[len(o.Readings)-1].At, SecondReadingDays))
}

// EscalateReading opens a task of the operator for an order that has waited too long for a further reading.
type EscalateReading struct{}

func (EscalateReading) Name() string { return "escalate-reading" }

func (EscalateReading) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	if !o.ReadingOverdue(at) || o.hasOpenTask(TaskSecondReading) {
		return ErrNothingToDo
	}
	c.openTask(TaskSecondReading, nil, at)
	return nil
}

// DecideByOne lets an operator have an order decided without a further reading, because no other reviewer is there. After one reading, its verdict takes
// effect. After two that differ, the next verdict of any reviewer does, also of one of the two. It needs the task that [EscalateReading] opened, and an
// operator who is none of the readers, because a reader would let their own verdict take effect.
type DecideByOne struct{ Note string } // why: 1 to 500 characters

func (DecideByOne) Name() string { return "decide-by-one" }

func (d DecideByOne) apply(c *Change, by Actor, at time.Time) error {
	o := &c.Order
	conflict := func(code finding.Code) error {
		return fault.WithFindings(fault.Conflict, finding.List{finding.New(code, "")})
	}
	switch {
	case o.DecidedByOne:
		return ErrNothingToDo
	case len(o.Readings) == 0:
		return conflict(CodeReadingNone)
	case o.HasRead(by.Account):
		return fault.WithFindings(fault.Forbidden, finding.List{finding.New(CodeReadBefore, "")})
	case !o.hasOpenTask(TaskSecondReading):
		return conflict(CodeReadingInTime)
	}
	note, err := appealText(d.Note, CodeReadingNote, "/note")
	if err != nil {
		return err
	}
	o.Private.ReadingNote = note
	c.setFact("note", o.keyedDigest([]byte(note)))
	c.setFact("allowedBy", string(by.Account))
	if err := o.checkNoneWaits(by); err != nil {
		return err
	}
	c.closeTask(TaskSecondReading, by, at)
	if len(o.Readings) == 1 {
		reader := Actor{Account: o.Readings[0].Reviewer, Role: Reviewer}
		trial := Change{Order: o.clone()}
		trial.Order.Claim = &Claim{Reviewer: reader.Account, Until: at.Add(ClaimDuration)}
		if trial.takeEffect(o.Private.Verdicts[0], reader, at) == nil {
			o.Claim = &Claim{Reviewer: reader.Account, Until: at.Add(ClaimDuration)}
			return c.takeEffect(o.Private.Verdicts[0], reader, at)
		}
	}
	o.DecidedByOne = true
	return nil
}
