package filing

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/workday"
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
	CodeOwnOrder      finding.Code = "own-order"
	CodeReasonMissing finding.Code = "reason-missing"
	CodeReasonPointer finding.Code = "reason-pointer"
)

// renewalPause is the age at which a claim can be renewed. A second request of the same reviewer before that, such as a double click,
// changes nothing.
const renewalPause = time.Minute

// ClaimOrder claims an order for a reviewer for [ClaimDuration], or renews the claim. While another reviewer has a valid claim, the error is
// a fault of kind Conflict whose finding names the reviewer and the end of the claim. A reviewer who rejected the order cannot claim it.
type ClaimOrder struct{}

func (ClaimOrder) Name() string { return "claim" }

func (ClaimOrder) apply(c *Change, by Actor, at time.Time) error {
	o := &c.Order
	if err := o.checkReviewable(); err != nil {
		return err
	}
	if err := o.checkImpartial(by); err != nil {
		return err
	}
	if err := o.checkReader(by); err != nil {
		return err
	}
	if err := o.checkNoneWaits(by); err != nil {
		return err
	}
	since := at
	if held := o.Claim; held != nil && at.Before(held.Until) {
		if held.Reviewer != by.Account {
			return fault.WithFindings(fault.Conflict, finding.List{finding.New(CodeClaimed, "", "holder", cmp.Or(held.Name, string(held.Reviewer)),
				"until", held.Until.In(workday.Shanghai).Format("2006-01-02 15:04"))})
		}
		if held.Until.Sub(at) > ClaimDuration-renewalPause {
			return ErrNothingToDo
		}
		since = held.Since
	}
	o.Claim = &Claim{Reviewer: by.Account, Name: by.Name, Until: at.Add(ClaimDuration), Since: since}
	return nil
}

// ReleaseClaim ends a reviewer's claim.
type ReleaseClaim struct{}

func (ReleaseClaim) Name() string { return "release-claim" }

func (ReleaseClaim) apply(c *Change, by Actor, at time.Time) error {
	if err := c.Order.CheckClaim(by, at); err != nil {
		return err
	}
	if err := c.Order.checkNoneWaits(by); err != nil {
		return err
	}
	c.Order.Claim = nil
	return nil
}

// IsClaimedBy reports whether an account has a valid claim of the order, and the order can be reviewed.
func (o Order) IsClaimedBy(a Account, at time.Time) bool {
	return o.Claim != nil && o.Claim.Reviewer == a && at.Before(o.Claim.Until) && o.checkReviewable() == nil
}

// Claimed reports whether a reviewer has a valid claim of the order.
func (o Order) Claimed(at time.Time) bool { return o.Claim != nil && at.Before(o.Claim.Until) }

// checkReviewable returns a fault of kind Conflict unless a reviewer can act on the order: at the review, while originals are awaited, on an
// appeal, or on an appointment.
func (o Order) checkReviewable() error {
	if o.Status == Appealed || o.HasOpenAppointment() {
		return nil
	}
	return o.checkOpenAt(InitialReview, MailDocuments)
}

// CheckClaim returns a fault of kind Conflict unless the reviewer has a valid claim of an order that can be reviewed.
func (o Order) CheckClaim(by Actor, at time.Time) error {
	if err := o.CheckNotErased(); err != nil {
		return err
	}
	if err := o.checkReviewable(); err != nil {
		return err
	}
	if !o.IsClaimedBy(by.Account, at) {
		return fault.WithFindings(fault.Conflict, finding.List{finding.New(CodeNotClaimed, "")})
	}
	return nil
}

// IsOwn reports whether an order concerns a person as an applicant: it belongs to the person's account or [Affiliation], or the order's contact, an
// address that was verified for it before, or a leader has the mobile or the email address of the person's login. Of an erased order, only the
// account is known; of an order in a list, account and subject.
func (o Order) IsOwn(by Actor) bool {
	own := by.Account == o.Account || by.Affiliation.covers(o)
	is := func(phone, email string) {
		own = own || by.Mobile != "" && phone == by.Mobile.Reveal() || by.Email != "" && strings.EqualFold(email, by.Email.Reveal())
	}
	is(o.Private.Contact.Mobile.Reveal(), o.Private.Contact.Email.Reveal())
	is(o.Private.Verified.Mobile.Reveal(), o.Private.Verified.Email.Reveal())
	for _, former := range o.Private.Former {
		is(former.Mobile.Reveal(), former.Email.Reveal())
	}
	for _, l := range placedLeaders(o.Private.Subject, o.Private.Sites) {
		is(l.Mobile.Reveal(), l.Email.Reveal())
		is(l.EmergencyPhone.Reveal(), "")
	}
	return own
}

// checkNotOwn returns a fault of kind Forbidden if staff act on an order of their own.
func (o Order) checkNotOwn(by Actor) error {
	if by.Staff() && o.IsOwn(by) {
		return fault.WithFindings(fault.Forbidden, finding.List{finding.New(CodeOwnOrder, "")})
	}
	return nil
}

// CheckStaff returns a fault unless a member of staff may act on the order: of kind Forbidden on an order of their own, and of kind Conflict
// if a claim is required and the actor has none.
func (o Order) CheckStaff(by Actor, claim bool, at time.Time) error {
	if err := o.checkNotOwn(by); err != nil || !claim {
		return err
	}
	return o.CheckClaim(by, at)
}

// Pass passes the initial review. It has to override each explained finding that no reviewer overrode before; see [Explanation].
type Pass struct {
	Documents []evidence.Slot // whose originals are required by mail; usually none
	Overrides []OverrideRequest
}

func (Pass) Name() string { return "pass" }

func (p Pass) apply(c *Change, by Actor, at time.Time) error {
	o := &c.Order
	if err := o.checkOpenAt(InitialReview); err != nil {
		return err
	}
	if err := o.CheckClaim(by, at); err != nil {
		return err
	}
	if err := o.checkFourEyes(by); err != nil {
		return err
	}
	found := o.CheckCodes(o.Private.Subject, o.Private.Sites)
	var documents []evidence.Slot
	for i, slot := range p.Documents {
		if _, given := o.Evidence[slot]; !given {
			found = append(found, finding.New(CodePaperUnknown, fmt.Sprintf("/documents/%d", i)))
		}
		if !slices.Contains(documents, slot) {
			documents = append(documents, slot)
		}
	}
	found = append(found, c.override(p.Overrides, by, at)...)
	if err := blockingFault(found); err != nil {
		return err
	}
	c.setReview(VerdictPass, nil, by, at)
	o.Claim, o.Originals, o.SMS, o.Private.Codes, o.Private.Findings, o.Private.Shipment = nil, nil, nil, nil, nil, Shipment{}
	if len(documents) > 0 {
		o.Originals = &MailedOriginals{Documents: documents}
		c.setFact("documents", fmt.Sprint(documents))
		c.enterStep(MailDocuments, at)
		c.addNotices(NoticePapersAsked)
		return nil
	}
	c.passReview(at)
	return nil
}

// setReview stores a verdict in the order, and what the figures of the reviewer count of it.
func (c *Change) setReview(v Verdict, reasons finding.List, by Actor, at time.Time) {
	o := &c.Order
	c.Verdict = &VerdictFigures{Reviewer: by.Account, At: at, Verdict: v, First: o.Review == nil}
	if o.Claim != nil && !o.Claim.Since.IsZero() {
		c.Verdict.Took = at.Sub(o.Claim.Since)
	}
	for _, r := range reasons {
		if !slices.Contains(c.Verdict.Codes, r.Code) {
			c.Verdict.Codes = append(c.Verdict.Codes, r.Code)
		}
	}
	o.Review, o.Notified = &Review{Reviewer: by.Account, Verdict: v, At: at}, nil
}

// VerdictFigures is what the figures of a reviewer count of a verdict.
type VerdictFigures struct {
	Reviewer Account
	At       time.Time
	Verdict  Verdict
	First    bool           // no verdict was given on the order before
	Took     time.Duration  // since the reviewer claimed the order; 0 if that is not known
	Codes    []finding.Code // of the reasons, each once; "reviewer" is a reason in own words
}

// PassedReview reports whether a reviewer passed the application that the applicant confirmed. Until then messages quote nothing that the
// applicant entered.
func (o Order) PassedReview() bool {
	return o.Confirmation != nil && o.Review != nil && o.Review.Verdict == VerdictPass && !o.Review.At.Before(o.Confirmation.At)
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

// Return returns the application to the applicant for correction. It needs at least one finding. A finding at the place of an explained
// finding refuses the explanation, also one that was overridden: the applicant has to correct the field, or to explain it anew.
type Return struct{ Findings finding.List }

func (Return) Name() string { return "return" }

func (r Return) apply(c *Change, by Actor, at time.Time) error {
	o := &c.Order
	if err := o.checkOpenAt(InitialReview, MailDocuments); err != nil {
		return err
	}
	if err := o.CheckClaim(by, at); err != nil {
		return err
	}
	if err := o.checkReasons(r.Findings); err != nil {
		return err
	}
	c.setReview(VerdictReturn, r.Findings, by, at)
	o.refuseExplanations(r.Findings)
	c.returnToApplicant(r.Findings, at)
	c.addNotices(NoticeReturned)
	return nil
}

// Reject rejects the application. The applicant can contest that once; see [ContestRejection]. It needs at least one finding.
type Reject struct{ Findings finding.List }

func (Reject) Name() string { return "reject" }

func (r Reject) apply(c *Change, by Actor, at time.Time) error {
	o := &c.Order
	if err := o.checkOpenAt(InitialReview); err != nil {
		return err
	}
	if err := o.CheckClaim(by, at); err != nil {
		return err
	}
	if err := o.checkReasons(r.Findings); err != nil {
		return err
	}
	c.setReview(VerdictReject, r.Findings, by, at)
	o.Private.Findings, o.Closing, o.MovedAt = r.Findings, ClosingReject, at
	if o.Appeal == nil {
		o.Private.Appeal.Rejection = r.Findings
	}
	c.setFact("findings", codesOf(r.Findings))
	c.ResumeExecution = true
	return nil
}

// checkReasons requires reasons, and that each points at a part that the application has.
func (o Order) checkReasons(reasons finding.List) error {
	if len(reasons) == 0 {
		return blockingFault(finding.List{finding.New(CodeReasonMissing, "/findings")})
	}
	var found finding.List
	for i, r := range reasons {
		if !o.hasPart(r.Pointer) {
			found = append(found, finding.New(CodeReasonPointer, fmt.Sprintf("/findings/%d/pointer", i)))
		}
	}
	return blockingFault(found)
}

// hasPart reports whether the site or the slot that a pointer names is one of the application's. Other pointers are not checked.
func (o Order) hasPart(pointer string) bool {
	part, rest, below := strings.Cut(strings.TrimPrefix(pointer, "/"), "/")
	token, _, _ := strings.Cut(rest, "/")
	switch {
	case part == "sites" && below:
		i, err := strconv.Atoi(token)
		return err == nil && i >= 0 && i < len(o.Private.Sites) && strconv.Itoa(i) == token
	case part == "evidence" && below:
		slot, err := evidence.ParseSlot(string(unescapeSlot(token)))
		site, ofSite := slot.Site()
		return err == nil && (!ofSite || site < len(o.Private.Sites))
	}
	return true
}

// returnToApplicant clears the parts that the findings name and moves the order to the first step that has to be done again. All
// other parts are kept. The applicant has to confirm the summary again.
func (c *Change) returnToApplicant(found finding.List, at time.Time) {
	o := &c.Order
	o.keepReviewed()
	o.Claim, o.Confirmation, o.Originals, o.SMS = nil, nil, nil, nil
	o.Private.Findings, o.Private.Codes, o.Private.Shipment = found, nil, Shipment{}
	for _, f := range found {
		c.clearPart(f.Pointer)
	}
	if len(found) > 0 {
		c.setFact("findings", codesOf(found))
	}
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
			c.ReleaseSlot, o.Product = o.reserved(), nil
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
