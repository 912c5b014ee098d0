package filing

import (
	"fmt"
	"strings"
	"time"

	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// A Verdict is what the initial review came to.
type Verdict string

const (
	VerdictPass   Verdict = "pass"
	VerdictReturn Verdict = "return"
	VerdictReject Verdict = "reject"
)

// ClaimFor is how long a reviewer's claim holds.
const ClaimFor = 30 * time.Minute

// Refusals of the review.
const (
	CodeClaimed       finding.Code = "claimed-by-another"
	CodeNotClaimed    finding.Code = "not-claimed"
	CodeReasonMissing finding.Code = "reason-missing"
)

// TakeClaim is a reviewer taking an order off the queue, or renewing the lease.
type TakeClaim struct{}

func (TakeClaim) Name() string { return "claim" }

func (TakeClaim) apply(c *Change, by Actor, at time.Time) error {
	o := &c.Order
	if err := o.openTo(InitialReview, MailDocuments); err != nil {
		return err
	}
	if o.Claim != nil && o.Claim.Reviewer != by.Account && at.Before(o.Claim.Until) {
		return fault.Found(fault.Conflict, finding.List{finding.New(CodeClaimed, "")})
	}
	o.Claim = &Claim{Reviewer: by.Account, Until: at.Add(ClaimFor)}
	return nil
}

// ReleaseClaim is a reviewer putting an order back.
type ReleaseClaim struct{}

func (ReleaseClaim) Name() string { return "release-claim" }

func (ReleaseClaim) apply(c *Change, by Actor, at time.Time) error {
	if err := c.Order.claimedBy(by, at); err != nil {
		return err
	}
	c.Order.Claim = nil
	return nil
}

// claimedBy checks that the reviewer's lease is in force.
func (o Order) claimedBy(by Actor, at time.Time) error {
	if o.Claim == nil || o.Claim.Reviewer != by.Account || !at.Before(o.Claim.Until) {
		return fault.Found(fault.Conflict, finding.List{finding.New(CodeNotClaimed, "")})
	}
	return nil
}

// Pass is the reviewer finding the application in order. Documents are the slots of the papers whose originals have to
// come by mail; none is the usual case.
type Pass struct{ Documents []evidence.Slot }

func (Pass) Name() string { return "pass" }

func (p Pass) apply(c *Change, by Actor, at time.Time) error {
	o := &c.Order
	if err := o.openTo(InitialReview); err != nil {
		return err
	}
	if err := o.claimedBy(by, at); err != nil {
		return err
	}
	for i, slot := range p.Documents {
		if _, given := o.Evidence[slot]; !given {
			return refused(finding.List{finding.New(CodePaperUnknown, pointerf("/documents/%d", i))})
		}
	}
	o.Review = &Review{Reviewer: by.Account, Verdict: VerdictPass, At: at}
	o.Claim, o.Originals, o.SMS, o.Private.Codes, o.Findings = nil, nil, nil, nil, nil
	if len(p.Documents) > 0 {
		o.Originals = &MailedOriginals{Documents: p.Documents}
		c.fact("documents", fmt.Sprint(p.Documents))
		c.enter(MailDocuments, at)
		c.notify(NoticePapersAsked)
		return nil
	}
	c.passed(at)
	return nil
}

// passed brings an order that the reviewer is done with to the SMS check, or straight to transmission (S18).
func (c *Change) passed(at time.Time) {
	if c.Order.smsRequired(at) {
		c.enter(VerifySMS, at)
	} else {
		c.enter(Transmit, at)
	}
	c.notify(NoticePassed)
}

// Return is the reviewer sending the application back to be mended.
type Return struct{ Findings finding.List }

func (Return) Name() string { return "return" }

func (r Return) apply(c *Change, by Actor, at time.Time) error {
	o := &c.Order
	if err := o.openTo(InitialReview, MailDocuments); err != nil {
		return err
	}
	if err := o.claimedBy(by, at); err != nil {
		return err
	}
	if len(r.Findings) == 0 {
		return refused(finding.List{finding.New(CodeReasonMissing, "/findings")})
	}
	o.Review = &Review{Reviewer: by.Account, Verdict: VerdictReturn, At: at}
	c.returnToApplicant(r.Findings, at)
	c.notify(NoticeReturned)
	return nil
}

// Reject is the reviewer refusing the application for good.
type Reject struct{ Findings finding.List }

func (Reject) Name() string { return "reject" }

func (r Reject) apply(c *Change, by Actor, at time.Time) error {
	o := &c.Order
	if err := o.openTo(InitialReview); err != nil {
		return err
	}
	if err := o.claimedBy(by, at); err != nil {
		return err
	}
	if len(r.Findings) == 0 {
		return refused(finding.List{finding.New(CodeReasonMissing, "/findings")})
	}
	o.Review = &Review{Reviewer: by.Account, Verdict: VerdictReject, At: at}
	o.Findings, o.Closing, o.MovedAt = r.Findings, ClosingReject, at
	c.fact("findings", codes(r.Findings))
	c.Resume = true
	return nil
}

// returnToApplicant undoes what the findings name and brings the order to the earliest step among them. Everything else that
// the applicant gave is kept; the summary has to be confirmed again.
func (c *Change) returnToApplicant(found finding.List, at time.Time) {
	o := &c.Order
	o.Findings, o.Claim, o.Confirmation, o.Originals, o.SMS, o.Private.Codes = found, nil, nil, nil, nil, nil
	for _, f := range found {
		c.undo(f.Pointer)
	}
	c.fact("findings", codes(found))
	c.enter(o.nextRequiredStep(at), at)
	o.Status = Returned
}

// undo takes back what a pointer into the application names.
func (c *Change) undo(pointer string) {
	o := &c.Order
	part, rest, _ := strings.Cut(strings.TrimPrefix(pointer, "/"), "/")
	switch part {
	case "product":
		if o.Product != nil {
			c.Release, o.Product = o.Product, nil
		}
	case "subject", "sites":
		o.Detailed = false
	case "evidence":
		if rest == "" {
			o.Evidence = map[evidence.Slot]Evidence{}
		}
		slot, _, _ := strings.Cut(rest, "/")
		delete(o.Evidence, unescape(slot))
	case "authenticity":
		o.LivenessPassed = nil
	}
}
