package filing

import (
	"fmt"
	"strconv"
	"time"

	"beian/shared/filing/register"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/rules/province"
	"beian/shared/rules/workday"
)

// QueueUpload queues the application for upload to the bureau (S19), or for an operator who enters it into the bureau's console. The order goes back
// to the applicant instead if the register has changed since: the filing that it edits, what an order at a filing needs (see checkStanding), or the
// filing from which its type was determined. A cancellation by an agency goes back too if its consent was revoked, or replaced by one without the scope.
type QueueUpload struct {
	// FirstID is the first id of our record in the ministry's interface, the subject's; the ids of sites, domains and accesses follow. It is 0 if
	// the order is filed by hand.
	FirstID int64
	// ByHand says that the order is filed by hand: nothing is uploaded.
	ByHand bool
}

func (QueueUpload) Name() string { return "queue-upload" }

func (d QueueUpload) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	if o.Step != Transmit {
		return ErrNothingToDo
	}
	if err := o.checkOpenAt(Transmit); err != nil {
		return err
	}
	c.relyOn(o.Register)
	if o.ReadsConsent(d) {
		c.Consent = o.Consent.ID
	}
	switch found := append(o.checkConsentStands(d, at), o.checkStanding()...); {
	case o.filingChanged():
		c.lookAgain(at)
		c.notifyOnce(NoticeReturned, at)
		return nil
	case len(found) > 0:
		o.Review, c.Consent = nil, "" // the review was about another filing
		c.returnToApplicant(found, at)
		c.notifyOnce(NoticeReturned, at)
		return nil
	case o.typeOutdated():
		c.determineAgain(at)
		return nil
	}
	if !d.ByHand {
		if err := o.checkCarried(); err != nil {
			return err
		}
	}
	o.Bureau = &BureauState{Record: fmt.Sprintf("%s-%d", o.ID, o.Round), FirstID: d.FirstID}
	c.setFact("record", o.Bureau.Record)
	o.ByHand, c.QueueUpload = d.ByHand, !d.ByHand
	if d.ByHand {
		c.setFact("hand", "true")
	}
	c.enterStep(AwaitBureau, at)
	return nil
}

// Receive records that the bureau accepted the upload with the application, and sets the bureau's deadline.
type Receive struct {
	Sequence int
	// Round is that of the uploaded record: once the record was received, or the order is in a later round, there is nothing to do. 0 is the order's round.
	Round int
}

func (Receive) Name() string { return "receive" }

func (d Receive) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	if d.Round > 0 && (o.Round > d.Round || o.Bureau != nil && !o.Bureau.AcceptedAt.IsZero()) {
		return ErrNothingToDo
	}
	if err := o.checkOpenAt(AwaitBureau); err != nil {
		return err
	}
	if !o.Bureau.AcceptedAt.IsZero() {
		return ErrNothingToDo
	}
	o.Bureau.Sequence, o.Bureau.AcceptedAt = d.Sequence, at
	o.Bureau.Deadline = workday.Add(at, o.province().BureauDays(at)).UTC()
	o.Status = BureauReview
	c.setFact("sequence", strconv.Itoa(d.Sequence))
	c.addNotices(NoticeTransmitted)
	return nil
}

// Approve records the bureau's approval: the numbers of subject and sites. It changes the register as the order's kind says.
type Approve struct {
	Record        string // our id of the record
	SubjectID     string
	SubjectNumber number.Subject
	Sites         []FiledSite
	// Filed is the whole filing as the bureau sent it; nil if it sent none.
	Filed *register.Filing
}

func (Approve) Name() string { return "approve" }

func (d Approve) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	if err := o.checkAwaitsAnswer(d.Record); err != nil {
		return err
	}
	b := o.Bureau
	b.Approved, b.DecidedAt, b.Overdue = true, at, false
	b.SubjectID, b.SubjectNumber, b.Sites = d.SubjectID, d.SubjectNumber, d.Sites
	o.Private.Findings = nil
	c.setFact("number", d.SubjectNumber.String())
	c.ReleaseLocks = o.heldLocks()
	c.changeRegister(d, at)
	c.enterStep(Announce, at)
	o.Status = Approved
	return nil
}

// changeRegister changes the register as the order's kind says. A filing that the bureau cancelled before is not there any more. If the register
// has another filing, or an account that the order does not act for has it, the operator gets a task.
func (c *Change) changeRegister(d Approve, at time.Time) {
	o := &c.Order
	kind := o.Kind()
	if kind.Cancels != "" {
		o.FilingEnded = workday.DateOf(at)
		if o.Register.Version == 0 { // a download of the bureau said so first
			return
		}
	}
	differs, fits := o.compareRegister(d)
	if differs != "" {
		c.openTask(TaskCheckApproval, []finding.Code{differs}, at)
		c.setFact("registerDiffers", string(differs))
	}
	if !fits {
		return
	}
	after := kind.effect(*o, o.Register, d)
	if d.Filed != nil {
		after = after.WithBureau(*d.Filed)
	}
	if change, changed := o.Register.Replace(after, register.Source{Kind: register.FromOrder, ID: string(o.ID)}, at); changed {
		c.Register = &change
	}
}

// Refuse records that the bureau refused the application, or that its interface cannot carry the data.
type Refuse struct {
	Record   string
	Codes    []int // result codes (MIIT-IF30 6.2)
	Opinion  string
	Findings finding.List
}

func (Refuse) Name() string { return "refuse" }

func (d Refuse) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	if err := o.checkAwaitsAnswer(d.Record); err != nil {
		return err
	}
	b := o.Bureau
	b.DecidedAt, b.Overdue, b.Codes = at, false, d.Codes
	o.Private.Opinion = d.Opinion
	o.Private.Findings = d.Findings
	o.refuseExplanations(d.Findings)
	c.setFact("codes", fmt.Sprint(d.Codes))
	c.enterStep(Announce, at)
	o.Status = BureauRejected
	return nil
}

// AwaitsAnswer reports whether the order waits for the bureau's answer about a record.
func (o Order) AwaitsAnswer(record string) bool { return o.checkAwaitsAnswer(record) == nil }

// Approved reports whether the bureau approved the order.
func (o Order) Approved() bool { return o.Bureau != nil && o.Bureau.Approved }

// checkAwaitsAnswer returns an error unless the order waits for the bureau's answer about a record.
func (o Order) checkAwaitsAnswer(record string) error {
	if o.Bureau == nil || o.Bureau.Record != record {
		return errOutOfOrder()
	}
	if !o.Bureau.DecidedAt.IsZero() {
		return ErrNothingToDo
	}
	return o.checkOpenAt(AwaitBureau)
}

// AnnounceResult notifies the applicant of the bureau's decision by SMS and email (S20).
type AnnounceResult struct{}

func (AnnounceResult) Name() string { return "announce" }

func (AnnounceResult) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	if o.Step != Announce {
		return ErrNothingToDo
	}
	if o.Bureau.Approved {
		c.addNotices(NoticeApproved)
		o.Step, o.MovedAt = FollowUp, at
		return nil
	}
	c.addNotices(NoticeRefused)
	o.Step, o.MovedAt = Done, at
	return nil
}

// SetDuties stores the applicant's duties after approval (S21 to S24). Visits are those of the order's ledger, which are counted with the decision.
type SetDuties struct{ Visits []Visit }

func (SetDuties) Name() string { return "set-duties" }

// The duties after approval (icp-filing 8.2).
const (
	DutyFooterNumber   finding.Code = "duty-footer-number"
	DutyFooterSubject  finding.Code = "duty-footer-subject-number"
	DutyCopyrightLine  finding.Code = "duty-copyright-line"
	DutyPublicSecurity finding.Code = "duty-public-security"
	DutyLicence        finding.Code = "duty-commercial-licence"
	// DutyNumberInApp is the number in an app itself: in its settings or on the page about it, with a link to the ministry (APP-NMG, HW-KB).
	DutyNumberInApp finding.Code = "duty-number-in-app"

	// After a cancellation: no filing, no service (ORDER33, articles 3, 5 and 7).
	DutyCloseSite   finding.Code = "duty-close-site"
	DutyLeaveServer finding.Code = "duty-leave-server"
)

// PublicSecurityDays is the period for the public-security filing, from the opening of the site (S24).
const PublicSecurityDays = 30

func (d SetDuties) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	if o.Step != FollowUp {
		return ErrNothingToDo
	}
	o.Duties = o.duties(at)
	c.Visits = d.Visits
	o.Step, o.MovedAt = Done, at
	return nil
}

// duties returns the duties by the order's province and entity kind.
func (o Order) duties(at time.Time) []Duty {
	switch o.Kind().Cancels {
	case register.AccessPart:
		return []Duty{{Code: DutyLeaveServer}}
	case register.SubjectPart, register.SitePart:
		return []Duty{{Code: DutyCloseSite}}
	}
	if o.Kind().Edits() || o.Kind().Stored { // the number stays where it is
		return nil
	}
	if o.Service != number.Site {
		duties := []Duty{{Code: DutyNumberInApp}, {Code: DutyPublicSecurity, Due: at.AddDate(0, 0, PublicSecurityDays)}}
		if !o.Individual() {
			duties = append(duties, Duty{Code: DutyLicence})
		}
		return duties
	}
	footer := DutyFooterNumber
	p := o.province()
	if p.FooterNumber(at) == province.FooterSubject {
		footer = DutyFooterSubject
	}
	duties := []Duty{{Code: footer}}
	if p.CopyrightLine(at) {
		duties = append(duties, Duty{Code: DutyCopyrightLine})
	}
	if o.Kind().Website != Reachable { // a site that is open was filed with the police before
		duties = append(duties, Duty{Code: DutyPublicSecurity, Due: at.AddDate(0, 0, PublicSecurityDays)})
	}
	if !o.Individual() {
		duties = append(duties, Duty{Code: DutyLicence})
	}
	return duties
}

// Resubmit reopens an application that the bureau refused, for another round.
type Resubmit struct{}

func (Resubmit) Name() string { return "resubmit" }

func (Resubmit) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	if o.Closing != "" || o.Step != Done || o.Status != BureauRejected {
		return errOutOfOrder()
	}
	o.Round++
	o.Bureau, o.ByHand, o.Review, o.Private.Opinion = nil, false, nil, ""
	found := o.Private.Findings
	c.returnToApplicant(found, at)
	c.ResumeExecution, c.StartExecution = false, true
	return nil
}
