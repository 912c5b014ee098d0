package filing

import (
	"fmt"
	"strconv"
	"time"

	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/rules/province"
	"beian/shared/rules/workday"
)

// QueueUpload queues the application for upload to the bureau (S19). FirstID is the first id of our record in the ministry's
// interface, the subject's; the ids of sites, domains and accesses follow.
type QueueUpload struct{ FirstID int64 }

func (QueueUpload) Name() string { return "queue-upload" }

func (d QueueUpload) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	if o.Step != Transmit {
		return ErrNothingToDo
	}
	if err := o.checkOpenAt(Transmit); err != nil {
		return err
	}
	o.Bureau = &BureauState{Record: fmt.Sprintf("%s-%d", o.ID, o.Round), FirstID: d.FirstID}
	c.setFact("record", o.Bureau.Record)
	c.QueueUpload = true
	c.enterStep(AwaitBureau, at)
	return nil
}

// Receive records that the bureau accepted the upload with the application, and sets the bureau's deadline.
type Receive struct{ Sequence int }

func (Receive) Name() string { return "receive" }

func (d Receive) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
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

// Approve records the bureau's approval: the numbers of subject and sites.
type Approve struct {
	Record        string // our id of the record
	SubjectID     string
	SubjectNumber number.Subject
	Sites         []FiledSite
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
	c.ReleaseLocks, c.RecordFiling = o.heldLocks(), true
	c.enterStep(Announce, at)
	o.Status = Approved
	return nil
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

// SetDuties stores the applicant's duties after approval (S21 to S24).
type SetDuties struct{}

func (SetDuties) Name() string { return "set-duties" }

// The duties after approval (icp-filing 8.2).
const (
	DutyFooterNumber   finding.Code = "duty-footer-number"
	DutyFooterSubject  finding.Code = "duty-footer-subject-number"
	DutyCopyrightLine  finding.Code = "duty-copyright-line"
	DutyPublicSecurity finding.Code = "duty-public-security"
	DutyLicence        finding.Code = "duty-commercial-licence"
)

// PublicSecurityDays is the period for the public-security filing, from the opening of the site (S24).
const PublicSecurityDays = 30

func (SetDuties) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	if o.Step != FollowUp {
		return ErrNothingToDo
	}
	o.Duties = o.duties(at)
	o.Step, o.MovedAt = Done, at
	return nil
}

// duties returns the duties by the order's province and entity kind.
func (o Order) duties(at time.Time) []Duty {
	footer := DutyFooterNumber
	p := o.province()
	if p.FooterNumber(at) == province.FooterSubject {
		footer = DutyFooterSubject
	}
	duties := []Duty{{Code: footer}}
	if p.CopyrightLine(at) {
		duties = append(duties, Duty{Code: DutyCopyrightLine})
	}
	duties = append(duties, Duty{Code: DutyPublicSecurity, Due: at.AddDate(0, 0, PublicSecurityDays)})
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
	o.Bureau, o.Review, o.Private.Opinion = nil, nil, ""
	found := o.Private.Findings
	c.returnToApplicant(found, at)
	c.ResumeExecution, c.StartExecution = false, true
	return nil
}
