package filing

import (
	"strconv"
	"time"

	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/text"
)

// Findings about holds.
const (
	CodeHoldReason finding.Code = "hold-reason"
	CodeHoldStands finding.Code = "hold-stands"
)

// A HoldRecord is a legal hold of an order, in the past or now. Its texts may name people, so it is in [Private].
type HoldRecord struct {
	Reason     string    `json:"reason"`
	By         Account   `json:"by"`
	At         time.Time `json:"at"`
	LiftReason string    `json:"liftReason,omitempty"`
	LiftedBy   Account   `json:"liftedBy,omitempty"`
	LiftedAt   time.Time `json:"liftedAt,omitzero"`
}

// HoldData places a legal hold on an order: its personal data are not erased until [LiftHold], because an authority or a court has asked
// for them, or a dispute is open (PIPL-47, second paragraph). Documents that the applicant replaces are kept too; details that the applicant
// changes are not. The order goes on otherwise. The ledger has a keyed digest of the reason.
// An order has one hold at a time.
type HoldData struct{ Reason string }

func (HoldData) Name() string { return "hold-data" }

func (d HoldData) apply(c *Change, by Actor, at time.Time) error {
	o := &c.Order
	reason, err := holdReason(d.Reason)
	if err != nil {
		return err
	}
	if !o.HeldSince.IsZero() {
		if o.Private.Holds[len(o.Private.Holds)-1].Reason == reason {
			return ErrNothingToDo
		}
		return fault.WithFindings(fault.Conflict, finding.List{finding.New(CodeHoldStands, "/reason")})
	}
	o.HeldSince = at
	o.Private.Holds = append(o.Private.Holds, HoldRecord{Reason: reason, By: by.Account, At: at})
	c.setFact("reason", o.keyedDigest([]byte(reason)))
	return nil
}

// LiftHold ends the hold of an order. Data whose period is over are erased by the next run of the retention job.
type LiftHold struct{ Reason string }

func (LiftHold) Name() string { return "lift-hold" }

func (d LiftHold) apply(c *Change, by Actor, at time.Time) error {
	o := &c.Order
	reason, err := holdReason(d.Reason)
	if err != nil {
		return err
	}
	if o.HeldSince.IsZero() {
		return ErrNothingToDo
	}
	o.HeldSince = time.Time{}
	last := &o.Private.Holds[len(o.Private.Holds)-1]
	last.LiftReason, last.LiftedBy, last.LiftedAt = reason, by.Account, at
	c.setFact("reason", o.keyedDigest([]byte(reason)))
	return nil
}

// holdReason returns a reason without surplus spaces, or a fault.
func holdReason(reason string) (string, error) {
	if !validExplanation(reason) {
		return "", fault.WithFindings(fault.Invalid, finding.List{finding.New(CodeHoldReason, "/reason", "max", strconv.Itoa(ExplanationLimit))})
	}
	return text.Normalize(reason), nil
}
