package filing

import (
	"crypto/subtle"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"beian/shared/rules/certificate"
	"beian/shared/rules/contact"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/person"
	"beian/shared/rules/text"
	"beian/shared/rules/workday"
)

// Rules of the SMS verification (icp-filing 3.3).
const (
	SMSHours      = 24 // validity of the codes and of the check
	MaxWrongCodes = 5  // wrong codes for one number; one more ends the check

	codeLength = 6 // digits
)

// Findings of the SMS verification.
const (
	CodeSMSExpired      finding.Code = "sms-expired"
	CodeSMSTooManyWrong finding.Code = "sms-too-many-wrong"
	CodeSMSWrong        finding.Code = "sms-wrong"
	CodeSMSVerified     finding.Code = "sms-verified-already"
	CodeSMSUnknown      finding.Code = "sms-mobile-unknown"
	CodeSMSTooSoon      finding.Code = "sms-resend-too-soon"
	CodeSMSTooOften     finding.Code = "sms-resend-limit"
	CodeSMSFormat       finding.Code = "sms-code-format"

	// CodeLeaderUnreachable says that the filing has no mobile to which the code could be sent.
	CodeLeaderUnreachable finding.Code = "leader-mobile-not-filed"

	pointerSMSAnswer = "/code"
)

// smsRequired reports whether the order's province requires the SMS verification on the day.
func (o Order) smsRequired(at time.Time) bool {
	return o.province().SMSRequired(at) && o.Kind().CodesSince <= workday.DateOf(at) && len(o.codeRecipients()) > 0
}

// IssueCodes sends a code to each leader's mobile. NewCode returns a random code of six digits. Leaders with the same mobile
// share a code. Codes that [ScheduleCodes] planned are not issued before their time.
type IssueCodes struct{ NewCode func() string }

func (IssueCodes) Name() string { return "issue-codes" }

func (d IssueCodes) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	if err := o.checkOpenAt(VerifySMS); err != nil {
		return err
	}
	if o.SMS != nil {
		return ErrNothingToDo
	}
	if o.SMSSendAt.After(at) {
		return errOutOfOrder()
	}
	if !o.SMSSendAt.IsZero() { // the machine has waited, and now enters its step again for the 24 hours
		o.SMSSendAt = time.Time{}
		o.StepVisit++
		c.ResumeExecution = true
	}
	o.SMS = &SMSCheck{SentAt: at, ExpiresAt: at.Add(SMSHours * time.Hour)}
	o.Private.Codes = nil
	for _, l := range o.codeRecipients() {
		i := slices.IndexFunc(o.Private.Codes, func(s SentCode) bool { return s.Mobile == l.leader.Mobile })
		if i < 0 {
			i = len(o.Private.Codes)
			o.Private.Codes = append(o.Private.Codes, SentCode{Mobile: l.leader.Mobile, CertificateTail: certificateTail(l.leader), Code: d.NewCode()})
			o.SMS.Codes = append(o.SMS.Codes, SMSCode{})
			c.Notices = append(c.Notices, Notice{Kind: NoticeSMSCode, Code: i})
			c.ExpectReplies = append(c.ExpectReplies, l.leader.Mobile)
		}
		o.SMS.Codes[i].Roles = append(o.SMS.Codes[i].Roles, l.pointer)
	}
	return nil
}

// leaderAt is a leader and its JSON pointer.
type leaderAt struct {
	pointer string
	leader  Leader
}

// codeRecipients returns the leaders who answer a code, by the order's kind.
func (o Order) codeRecipients() []leaderAt {
	codes := o.Kind().Codes
	var changes affected
	if codes == AffectedLeaders {
		changes = o.affected()
	}
	var leaders []leaderAt
	if codes == AllLeaders || codes == SubjectOnly || changes.Subject {
		leaders = append(leaders, leaderAt{pointerSubjectLeader, o.Private.Subject.Leader})
	}
	for i, s := range o.Private.Sites {
		if codes == AllLeaders || codes == SiteLeaders || codes == AffectedLeaders && changes.Sites[i].Data {
			leaders = append(leaders, leaderAt{fmt.Sprintf("/sites/%d/leader", i), s.Leader})
		}
	}
	return leaders
}

// checkReachable returns a finding for each leader who would answer an SMS code, but has no mobile in the filing from which the order takes them.
// Only filings that were imported can lack one.
func (o Order) checkReachable(at time.Time) finding.List {
	if k := o.Kind(); k.Subject.entered() || k.Sites.entered() || !o.smsRequired(at) {
		return nil
	}
	var found finding.List
	for _, l := range o.codeRecipients() {
		if l.leader.Mobile == "" {
			found = append(found, finding.New(CodeLeaderUnreachable, l.pointer+"/mobile"))
		}
	}
	return found
}

// AsksForCodes reports whether the subject leader, and whether the leader of a site, answers an SMS code.
func (o Order) AsksForCodes() (subject, sites bool) {
	for _, l := range o.codeRecipients() {
		ofSubject := l.pointer == pointerSubjectLeader
		subject, sites = subject || ofSubject, sites || !ofSubject
	}
	return subject, sites
}

// SendsCodeTo reports whether a leader who answers an SMS code has the mobile.
func (o Order) SendsCodeTo(mobile contact.Mobile) bool {
	return slices.ContainsFunc(o.codeRecipients(), func(l leaderAt) bool { return l.leader.Mobile == mobile })
}

// pointerSubjectLeader is the JSON pointer of the subject leader.
const pointerSubjectLeader = "/subject/leader"

// certificateTail returns the last six characters of a leader's certificate number.
func certificateTail(l Leader) string {
	n := []rune(l.Certificate.Number.Reveal())
	return string(n[max(0, len(n)-6):])
}

// AnswerSMS verifies a leader's code. Leaders enter it on the page with the last six characters of their certificate number, or
// send it as a reply from their mobile. A wrong code, or a code after the check has ended, is a [Failure].
type AnswerSMS struct {
	Mobile contact.Mobile
	Code   string
	// CertificateTail is the last six characters of the certificate number; not required if Reply is set, or no number is on file.
	CertificateTail string
	Reply           bool
}

// Format writes [redacted].
func (AnswerSMS) Format(f fmt.State, _ rune) { person.Redact(f) }

// LogValue returns [redacted].
func (AnswerSMS) LogValue() slog.Value { return person.RedactedValue() }

func (AnswerSMS) Name() string { return "answer-sms" }

func (d AnswerSMS) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	if err := o.checkOpenAt(VerifySMS); err != nil {
		return err
	}
	if o.SMS == nil {
		return errOutOfOrder()
	}
	i := slices.IndexFunc(o.Private.Codes, func(s SentCode) bool { return s.Mobile == d.Mobile })
	if i < 0 {
		return blockingFault(finding.List{finding.New(CodeSMSUnknown, "/mobile")})
	}
	if !o.SMS.Codes[i].VerifiedAt.IsZero() {
		return ErrNothingToDo
	}
	if !at.Before(o.SMS.ExpiresAt) {
		c.failSMS(CodeSMSExpired, at)
		c.Failure = &Failure{Kind: fault.Conflict, Findings: o.Private.Findings}
		return nil
	}
	if len(typedCode(d.Code)) != codeLength { // not a try
		return blockingFault(finding.List{finding.New(CodeSMSFormat, pointerSMSAnswer)})
	}
	if !d.matches(o.Private.Codes[i]) {
		o.SMS.Codes[i].Wrong++
		if o.SMS.Codes[i].Wrong > MaxWrongCodes {
			c.failSMS(CodeSMSTooManyWrong, at)
			c.Failure = &Failure{Kind: fault.Conflict, Findings: o.Private.Findings}
			return nil
		}
		c.setFact("wrong", "1")
		o.Private.Findings = finding.List{finding.New(CodeSMSWrong, pointerSMSAnswer, "left", strconv.Itoa(MaxWrongCodes+1-o.SMS.Codes[i].Wrong))}
		c.Failure = &Failure{Kind: fault.Invalid, Findings: o.Private.Findings}
		return nil
	}
	o.SMS.Codes[i].VerifiedAt, o.Private.Findings = at, nil
	for _, code := range o.SMS.Codes {
		if code.VerifiedAt.IsZero() {
			return nil // other leaders have not answered
		}
	}
	c.enterStep(Transmit, at)
	return nil
}

// matches reports whether code and tail are those that were sent. The whole certificate number is as good as its tail. A filing that was imported may lack
// the number: the code alone then shows, as in a reply, that the leader has the phone on file.
func (d AnswerSMS) matches(sent SentCode) bool {
	code := subtle.ConstantTimeCompare([]byte(typedCode(d.Code)), []byte(sent.Code)) == 1
	return code && (d.Reply || strings.HasSuffix(certificate.Fold(d.CertificateTail), certificate.Fold(sent.CertificateTail)))
}

// typedCode returns the digits of a code, between which people put spaces and signs, and before which they put words.
func typedCode(typed string) string {
	return text.Digits(typed)
}

// ResendCode replaces a code and sends the new one. It does not extend the 24 hours. After the check has ended it is a
// [Failure].
type ResendCode struct {
	Index   int // in Order.SMS.Codes
	NewCode func() string
}

func (ResendCode) Name() string { return "resend-code" }

func (d ResendCode) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	if err := o.checkOpenAt(VerifySMS); err != nil {
		return err
	}
	if o.SMS == nil || d.Index < 0 || d.Index >= len(o.SMS.Codes) {
		return blockingFault(finding.List{finding.New(CodeSMSUnknown, "/index")})
	}
	code := &o.SMS.Codes[d.Index]
	switch {
	case !code.VerifiedAt.IsZero():
		return blockingFault(finding.List{finding.New(CodeSMSVerified, "/index")})
	case !at.Before(o.SMS.ExpiresAt):
		c.failSMS(CodeSMSExpired, at)
		c.Failure = &Failure{Kind: fault.Conflict, Findings: o.Private.Findings}
		return nil
	}
	if err := checkResend(code.Resent+1, at.Sub(latest(code.ResentAt, o.SMS.SentAt)), o.SMS.ExpiresAt.Sub(at), CodeSMSTooSoon, CodeSMSTooOften); err != nil {
		return err
	}
	code.ResentAt, code.Resent = at, code.Resent+1
	o.Private.Codes[d.Index].Code = d.NewCode()
	c.Notices = append(c.Notices, Notice{Kind: NoticeSMSCode, Code: d.Index})
	return nil
}

// ResendPauses are the minimum pauses before each further code to the same number or mailbox: after the last one no further code is
// sent. A lost SMS is a matter of minutes; a number that five codes did not reach is wrong or blocked. Our own rule.
var ResendPauses = []time.Duration{time.Minute, 2 * time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour}

// checkResend returns a fault of kind TooMany if it is too early for another code after a number of codes, the last of which was sent some
// time ago. After the last pause, codes are sent again only in next.
func checkResend(sent int, ago, next time.Duration, tooSoon, tooOften finding.Code) error {
	if sent > len(ResendPauses) {
		return tooMany(tooOften, next)
	}
	if wait := ResendPauses[sent-1] - ago; wait > 0 {
		return tooMany(tooSoon, wait)
	}
	return nil
}

// tooMany returns a fault of kind TooMany whose finding says how long to wait: in minutes, or in hours if it is more than one.
func tooMany(code finding.Code, wait time.Duration) error {
	unit, chinese, english := time.Minute, "分钟", "minute"
	if wait > time.Hour {
		unit, chinese, english = time.Hour, "小时", "hour"
	}
	n := int((wait + unit - 1) / unit)
	if n != 1 {
		english += "s"
	}
	f := fault.WithFindings(fault.TooMany, finding.List{finding.New(code, "", "wait", fmt.Sprintf("%d %s", n, chinese), "wait-en", fmt.Sprintf("%d %s", n, english))})
	f.RetryAfter = wait
	return f
}

// RepeatSMS starts the SMS check anew after it expired. The order goes on without another review, as its data are those that the reviewer passed
// (icp-filing 3.3: unchanged data can be retransmitted). After too many wrong codes, only the reviewer starts it again.
type RepeatSMS struct{}

func (RepeatSMS) Name() string { return "repeat-sms" }

func (RepeatSMS) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	if err := o.checkOpenAt(InitialReview); err != nil {
		return err
	}
	if !o.CanRepeatSMS(at) {
		return errOutOfOrder()
	}
	o.Claim, o.Private.Findings = nil, nil
	c.enterStep(VerifySMS, at)
	return nil
}

// CanRepeatSMS reports whether the applicant can start the SMS check anew, with [RepeatSMS].
func (o Order) CanRepeatSMS(at time.Time) bool {
	return o.Step == InitialReview && o.Closing == "" && o.PassedReview() && o.Private.Findings.Has(CodeSMSExpired) && o.smsRequired(at)
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// failSMS ends the SMS check with a finding and moves the order back to the initial review. The reviewer passes it again or
// returns it to the applicant (icp-filing 3.3).
func (c *Change) failSMS(code finding.Code, at time.Time) {
	o := &c.Order
	o.SMS, o.Private.Codes = nil, nil
	o.Private.Findings = finding.List{finding.New(code, "")}
	c.setFact("lapsed", string(code))
	c.enterStep(InitialReview, at)
	c.addNotices(NoticeSMSLapsed)
}
