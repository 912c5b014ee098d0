package filing

import (
	"fmt"
	"strings"
	"time"

	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// A Verdict is the result of the initial review.
type Verdict string

const (
	VerdictPass   Verdict = "pass"
	VerdictReturn Verdict = "return"
	VerdictReject Verdict = "reject"
)

// ClaimDuration is how long a claim lasts.
const ClaimDuration = 30 * time.Minute

// Findings of the review.
const (
	CodeClaimed       finding.Code = "claimed-by-another"
	CodeNotClaimed    finding.Code = "not-claimed"
	CodeReasonMissing finding.Code = "reason-missing"
)

// ClaimOrder claims an order for a reviewer for [ClaimDuration], or renews the claim.
type ClaimOrder struct{}

func (ClaimOrder) Name() string { return "claim" }

func (ClaimOrder) apply(c *Change, by Actor, at time.Time) error {
	o := &c.Order
	if err := o.checkOpenAt(InitialReview, MailDocuments); err != nil {
		return err
	}
	if o.Claim != nil && o.Claim.Reviewer != by.Account && at.Before(o.Claim.Until) {
		return fault.WithFindings(fault.Conflict, finding.List{finding.New(CodeClaimed, "")})
	}
	o.Claim = &Claim{Reviewer: by.Account, Until: at.Add(ClaimDuration)}
	return nil
}

// ReleaseClaim ends a reviewer's claim.
type ReleaseClaim struct{}

func (ReleaseClaim) Name() string { return "release-claim" }

func (ReleaseClaim) apply(c *Change, by Actor, at time.Time) error {
	if err := c.Order.checkClaim(by, at); err != nil {
		return err
	}
	c.Order.Claim = nil
	return nil
}

// checkClaim returns a fault of kind Conflict unless the reviewer has a valid claim.
func (o Order) checkClaim(by Actor, at time.Time) error {
	if o.Claim == nil || o.Claim.Reviewer != by.Account || !at.Before(o.Claim.Until) {
		return fault.WithFindings(fault.Conflict, finding.List{finding.New(CodeNotClaimed, "")})
	}
	return nil
}

// Pass passes the initial review. Documents are the slots whose originals are required by mail; usually none.
type Pass struct{ Documents []evidence.Slot }

func (Pass) Name() string { return "pass" }

func (p Pass) apply(c *Change, by Actor, at time.Time) error {
	o := &c.Order
	if err := o.checkOpenAt(InitialReview); err != nil {
		return err
	}
	if err := o.checkClaim(by, at); err != nil {
		return err
	}
	for i, slot := range p.Documents {
		if _, given := o.Evidence[slot]; !given {
			return blockingFault(finding.List{finding.New(CodePaperUnknown, fmt.Sprintf("/documents/%d", i))})
		}
	}
	o.Review = &Review{Reviewer: by.Account, Verdict: VerdictPass, At: at}
	o.Claim, o.Originals, o.SMS, o.Private.Codes, o.Private.Findings, o.Private.Shipment = nil, nil, nil, nil, nil, Shipment{}
	if len(p.Documents) > 0 {
		o.Originals = &MailedOriginals{Documents: p.Documents}
		c.setFact("documents", fmt.Sprint(p.Documents))
		c.enterStep(MailDocuments, at)
		c.addNotices(NoticePapersAsked)
		return nil
	}
	c.passReview(at)
	return nil
}

// passReview moves an order from the review to the SMS check if required, else to transmission (S18).
func (c *Change) passReview(at time.Time) {
	if c.Order.smsRequired(at) {
		c.enterStep(VerifySMS, at)
	} else {
		c.enterStep(Transmit, at)
	}
	c.addNotices(NoticePassed)
}

// Return returns the application to the applicant for correction. It needs at least one finding.
type Return struct{ Findings finding.List }

func (Return) Name() string { return "return" }

func (r Return) apply(c *Change, by Actor, at time.Time) error {
	o := &c.Order
	if err := o.checkOpenAt(InitialReview, MailDocuments); err != nil {
		return err
	}
	if err := o.checkClaim(by, at); err != nil {
		return err
	}
	if len(r.Findings) == 0 {
		return blockingFault(finding.List{finding.New(CodeReasonMissing, "/findings")})
	}
	o.Review = &Review{Reviewer: by.Account, Verdict: VerdictReturn, At: at}
	c.returnToApplicant(r.Findings, at)
	c.addNotices(NoticeReturned)
	return nil
}

// Reject rejects the application for good. It needs at least one finding.
type Reject struct{ Findings finding.List }

func (Reject) Name() string { return "reject" }

func (r Reject) apply(c *Change, by Actor, at time.Time) error {
	o := &c.Order
	if err := o.checkOpenAt(InitialReview); err != nil {
		return err
	}
	if err := o.checkClaim(by, at); err != nil {
		return err
	}
	if len(r.Findings) == 0 {
		return blockingFault(finding.List{finding.New(CodeReasonMissing, "/findings")})
	}
	o.Review = &Review{Reviewer: by.Account, Verdict: VerdictReject, At: at}
	o.Private.Findings, o.Closing, o.MovedAt = r.Findings, ClosingReject, at
	c.setFact("findings", codesOf(r.Findings))
	c.ResumeExecution = true
	return nil
}

// returnToApplicant clears the parts that the findings name and moves the order to the first step that has to be done again. All
// other parts are kept. The applicant has to confirm the summary again.
func (c *Change) returnToApplicant(found finding.List, at time.Time) {
	o := &c.Order
	o.Claim, o.Confirmation, o.Originals, o.SMS = nil, nil, nil, nil
	o.Private.Findings, o.Private.Codes, o.Private.Shipment = found, nil, Shipment{}
	for _, f := range found {
		c.clearPart(f.Pointer)
	}
	c.setFact("findings", codesOf(found))
	c.enterStep(o.nextRequiredStep(at), at)
	o.Status = Returned
}

// clearPart clears the part of the application that a pointer names.
func (c *Change) clearPart(pointer string) {
	o := &c.Order
	part, path, _ := strings.Cut(strings.TrimPrefix(pointer, "/"), "/")
	switch part {
	case "product":
		if o.Product != nil {
			c.ReleaseSlot, o.Product = o.Product, nil
		}
	case "subject", "sites":
		o.DetailsComplete = false
	case "evidence":
		if path == "" {
			o.Evidence = map[evidence.Slot]Evidence{}
		}
		slot, _, _ := strings.Cut(path, "/")
		delete(o.Evidence, unescapeSlot(slot))
	case "authenticity":
		o.LivenessPassed = nil
	}
}
