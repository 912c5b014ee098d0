package filing

import (
	"strconv"
	"time"

	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// MaxUndo is the longest time for which a reviewer can take a verdict back.
const MaxUndo = 10 * time.Second

// Findings about verdicts that wait.
const (
	CodeVerdictWaits    finding.Code = "verdict-waits"
	CodeVerdictNotWaits finding.Code = "verdict-not-waiting"
	CodeVerdictOfOther  finding.Code = "verdict-of-another"
)

// A GivenVerdict is the verdict of a reviewer with its reasons, before it takes effect. It is personal data, because a reason may name people. Either Verdict
// or Appeal is set.
type GivenVerdict struct {
	Verdict      Verdict           `json:"verdict,omitempty"`
	Findings     finding.List      `json:"findings,omitempty"`  // with VerdictReturn and VerdictReject
	Documents    []evidence.Slot   `json:"documents,omitempty"` // with VerdictPass; see [Pass]
	Overrides    []OverrideRequest `json:"overrides,omitempty"` // with VerdictPass
	Appeal       AppealVerdict     `json:"appeal,omitempty"`    // AppealUpheld or AppealOverturned
	Answer       string            `json:"answer,omitempty"`    // to the appeal
	ChooseServer bool              `json:"chooseServer,omitempty"`
	// Second says that another reviewer reads the order before the verdict takes effect. [RecordVerdict] sets it.
	Second bool `json:"second,omitempty"`
}

// Decision returns the decision that carries the verdict out.
func (v GivenVerdict) Decision() Decision {
	switch {
	case v.Appeal == AppealOverturned:
		return OverturnRejection{Answer: v.Answer, ChooseServer: v.ChooseServer}
	case v.Appeal != "":
		return UpholdRejection{Answer: v.Answer}
	case v.Verdict == VerdictReject:
		return Reject{Findings: v.Findings}
	case v.Verdict == VerdictReturn:
		return Return{Findings: v.Findings}
	}
	return Pass{Documents: v.Documents, Overrides: v.Overrides}
}

// A WaitingVerdict is a verdict that its reviewer can still take back. What it says is in Private.Waiting.
type WaitingVerdict struct {
	Reviewer Account   `json:"reviewer"`
	Seq      int       `json:"seq"` // number of the ledger entry that recorded it
	At       time.Time `json:"at"`
	Until    time.Time `json:"until"` // it takes effect soon after
}

// RecordVerdict gives a verdict on a claimed order, about the application or about an appeal. It is checked at once, as [Pass], [Return], [Reject],
// [UpholdRejection] and [OverturnRejection] are. With Undo, nothing follows from it until [ApplyVerdict]; until then its reviewer keeps the
// order and can take it back, and the applicant can withdraw the application, which ends it.
//
// The ledger's entry has no more of a verdict that did not take effect than a keyed digest, so that no other reviewer learns it.
type RecordVerdict struct {
	Verdict GivenVerdict
	Undo    time.Duration // at most MaxUndo; 0: at once
	// Readings says which orders another reviewer reads before.
	Readings SecondReadings
}

func (RecordVerdict) Name() string { return "record-verdict" }

func (d RecordVerdict) apply(c *Change, by Actor, at time.Time) error {
	o := &c.Order
	if err := o.checkNoneWaits(by); err != nil {
		return err
	}
	trial := Change{Order: o.clone()}
	if err := d.Verdict.Decision().apply(&trial, by, at); err != nil {
		return err
	}
	given := d.Verdict
	given.Second = o.Step == InitialReview && given.Appeal == "" && d.Readings.selects(*o, given.Verdict)
	if d.Undo <= 0 {
		return c.give(given, by, at)
	}
	o.Waiting = &WaitingVerdict{Reviewer: by.Account, Seq: o.LastSeq + 1, At: at, Until: at.Add(min(d.Undo, MaxUndo))}
	o.Private.Waiting = &given
	o.Claim.Until = latest(o.Claim.Until, o.Waiting.Until)
	c.ApplyVerdictAfter = o.Waiting.Until.Sub(at)
	c.setFact("verdict", o.sealed(given, o.Waiting.Seq))
	c.setFact("undoUntil", o.Waiting.Until.Format(time.RFC3339))
	return nil
}

// checkNoneWaits returns a fault of kind Conflict while a verdict waits.
func (o Order) checkNoneWaits(by Actor) error {
	switch {
	case o.Waiting == nil:
		return nil
	case o.Waiting.Reviewer == by.Account:
		return fault.WithFindings(fault.Conflict, finding.List{finding.New(CodeVerdictWaits, "")})
	}
	return fault.WithFindings(fault.Conflict, finding.List{finding.New(CodeVerdictOfOther, "")})
}

// sealed returns a keyed digest of a verdict, which the ledger has instead of it. Numbers differ for the same verdict.
func (o Order) sealed(v GivenVerdict, seq int) string {
	return o.keyedDigest([]byte("verdict " + strconv.Itoa(seq) + " " + string(v.Verdict) + string(v.Appeal) + " " + codesOf(v.Findings)))
}

// UndoVerdict takes a verdict back that has not taken effect, also shortly after its time. Only its reviewer can, who then has the order claimed as before.
type UndoVerdict struct{}

func (UndoVerdict) Name() string { return "undo-verdict" }

func (UndoVerdict) apply(c *Change, by Actor, at time.Time) error {
	o := &c.Order
	switch {
	case o.Waiting == nil:
		return fault.WithFindings(fault.Conflict, finding.List{finding.New(CodeVerdictNotWaits, "")})
	case o.Waiting.Reviewer != by.Account:
		return fault.WithFindings(fault.Forbidden, finding.List{finding.New(CodeVerdictOfOther, "")})
	}
	c.setFact("recorded", strconv.Itoa(o.Waiting.Seq))
	o.Waiting, o.Private.Waiting = nil, nil
	if o.Claim != nil {
		o.Claim.Until = latest(o.Claim.Until, at.Add(ClaimDuration))
	}
	return nil
}

// ApplyVerdict lets the waiting verdict take effect that the ledger's entry Seq recorded. The ledger names the decision that it leads to, by its reviewer. A
// verdict that the order no longer allows is dropped: the order waits for a reviewer again.
type ApplyVerdict struct {
	Seq int
	// Drop drops the verdict, because the store refused the change: another order has its subject, a domain or the last slot.
	Drop bool
}

func (ApplyVerdict) Name() string { return "apply-verdict" }

func (d ApplyVerdict) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	if o.Waiting == nil || o.Waiting.Seq != d.Seq {
		return ErrNothingToDo
	}
	by, given := Actor{Account: o.Waiting.Reviewer, Role: Reviewer}, *o.Private.Waiting
	claim := Claim{Reviewer: by.Account, Until: at.Add(ClaimDuration)} // the reviewer's may have ended before this decision
	if o.Claim != nil && !o.Claim.Since.IsZero() {
		claim.Since = o.Claim.Since.Add(at.Sub(o.Waiting.At)) // the wait is no part of the review
	}
	o.Waiting, o.Private.Waiting, o.Claim = nil, nil, &claim
	trial := Change{Order: o.clone()}
	if err := trial.give(given, by, at); err != nil || d.Drop {
		o.Claim = nil
		c.setFact("dropped", strconv.Itoa(d.Seq))
		return nil
	}
	c.setFact("recorded", strconv.Itoa(d.Seq))
	return c.give(given, by, at)
}

// dropVerdicts removes the verdicts that wait or that await another reading once the order is no longer where they were given.
func (c *Change) dropVerdicts(by Actor, at time.Time) {
	o := &c.Order
	if o.Closing == "" && (o.Step == InitialReview || o.Step == MailDocuments || o.Status == Appealed) {
		return
	}
	o.Waiting, o.Private.Waiting = nil, nil
	c.closeTask(TaskSecondReading, by, at)
	o.endReadings()
}
