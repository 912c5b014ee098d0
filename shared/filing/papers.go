package filing

import (
	"strings"
	"time"
	"unicode/utf8"

	"beian/shared/rules/finding"
)

// Findings about originals that come by mail.
const (
	CodePaperUnknown    finding.Code = "paper-unknown"
	CodeCourierMissing  finding.Code = "courier-missing"
	CodeTrackingMissing finding.Code = "tracking-number-missing"
)

// SendPapers is the applicant saying how the originals travel (S17).
type SendPapers struct{ Courier, Tracking string }

func (SendPapers) Name() string { return "send-papers" }

func (d SendPapers) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	if err := o.openTo(MailDocuments); err != nil {
		return err
	}
	var found finding.List
	if text := strings.TrimSpace(d.Courier); text == "" || utf8.RuneCountInString(text) > 40 {
		found = append(found, finding.New(CodeCourierMissing, "/courier"))
	}
	if text := strings.TrimSpace(d.Tracking); text == "" || utf8.RuneCountInString(text) > 40 {
		found = append(found, finding.New(CodeTrackingMissing, "/tracking"))
	}
	if err := refused(found); err != nil {
		return err
	}
	o.Originals.Courier, o.Originals.Tracking, o.Originals.SentAt = strings.TrimSpace(d.Courier), strings.TrimSpace(d.Tracking), at
	return nil
}

// ReceivePapers is the reviewer having the originals in hand and finding them right. If they are not, the reviewer
// returns the order.
type ReceivePapers struct{}

func (ReceivePapers) Name() string { return "receive-papers" }

func (ReceivePapers) apply(c *Change, by Actor, at time.Time) error {
	o := &c.Order
	if err := o.openTo(MailDocuments); err != nil {
		return err
	}
	if err := o.claimedBy(by, at); err != nil {
		return err
	}
	o.Originals.ReceivedAt, o.Claim = at, nil
	c.notify(NoticePapersReceived)
	c.passed(at)
	return nil
}
