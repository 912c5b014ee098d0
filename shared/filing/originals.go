package filing

import (
	"time"
	"unicode/utf8"

	"beian/shared/rules/finding"
	"beian/shared/rules/text"
)

// Findings about mailed originals.
const (
	CodePaperUnknown    finding.Code = "paper-unknown"
	CodeCourierMissing  finding.Code = "courier-missing"
	CodeTrackingMissing finding.Code = "tracking-number-missing"
)

// SendPapers records that the applicant mailed the originals, with courier and tracking number (S17).
type SendPapers struct{ Courier, Tracking string }

func (SendPapers) Name() string { return "send-papers" }

func (d SendPapers) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	if err := o.checkOpenAt(MailDocuments); err != nil {
		return err
	}
	var found finding.List
	d.Courier, d.Tracking = text.Normalize(d.Courier), text.NormalizeASCII(d.Tracking)
	if d.Courier == "" || utf8.RuneCountInString(d.Courier) > 40 {
		found = append(found, finding.New(CodeCourierMissing, "/courier"))
	}
	if d.Tracking == "" || utf8.RuneCountInString(d.Tracking) > 40 {
		found = append(found, finding.New(CodeTrackingMissing, "/tracking"))
	}
	if err := blockingFault(found); err != nil {
		return err
	}
	o.Originals.SentAt = at
	o.Private.Shipment = Shipment(d)
	return nil
}

// ReceivePapers confirms that complete and correct originals arrived. For others the reviewer uses [Return].
type ReceivePapers struct{}

func (ReceivePapers) Name() string { return "receive-papers" }

func (ReceivePapers) apply(c *Change, by Actor, at time.Time) error {
	o := &c.Order
	if err := o.checkOpenAt(MailDocuments); err != nil {
		return err
	}
	if err := o.CheckClaim(by, at); err != nil {
		return err
	}
	o.Originals.ReceivedAt, o.Claim = at, nil
	c.addNotices(NoticePapersReceived)
	c.passReview(at)
	return nil
}
