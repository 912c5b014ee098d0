package filing

import (
	"time"

	"beian/shared/rules/finding"
)

// A NoticeKind is a kind of message. Its texts are in package notify.
type NoticeKind string

const (
	NoticeTypeBlocked NoticeKind = "type-blocked" // the type cannot be determined
	NoticeTypeChanged NoticeKind = "type-changed" // the bureau's answer, which came late, says another type
	NoticeSubmitted   NoticeKind = "submitted"    // the application is with the reviewers
	NoticeReturned    NoticeKind = "returned"     // corrections are required
	NoticePassed      NoticeKind = "passed"       // the initial review is passed
	// NoticeAppointmentSet has time and place of an appointment, NoticeAppointmentResult its outcome.
	NoticeAppointmentSet    NoticeKind = "appointment-set"
	NoticeAppointmentResult NoticeKind = "appointment-result"
	NoticeCalled            NoticeKind = "called"           // a reviewer called, and reached nobody
	NoticePapersAsked       NoticeKind = "papers-asked"     // the applicant has to mail originals
	NoticePapersReceived    NoticeKind = "papers-received"  // the originals have arrived
	NoticeSMSCode           NoticeKind = "sms-code"         // to a leader: the verification code
	NoticeSMSReminder       NoticeKind = "sms-reminder"     // to a leader who has not answered the code, and to the applicant's email address
	NoticeSMSLapsed         NoticeKind = "sms-lapsed"       // the SMS check was not passed in time
	NoticeTransmitted       NoticeKind = "transmitted"      // the bureau has received the application
	NoticeApproved          NoticeKind = "approved"         // the numbers, and the duties
	NoticeRefused           NoticeKind = "refused"          // the bureau refused the application
	NoticeInitialReject     NoticeKind = "initial-rejected" // the reviewer rejected the application
	NoticeAppealReceived    NoticeKind = "appeal-received"  // another reviewer decides on the rejection
	NoticeAppealUpheld      NoticeKind = "appeal-upheld"    // the rejection stands
	// NoticeAppealOverturned says that the order is open again, and what the applicant has to do.
	NoticeAppealOverturned NoticeKind = "appeal-overturned"
	NoticeWithdrawn        NoticeKind = "withdrawn"
	NoticeAbandoned        NoticeKind = "abandoned"
	NoticeExpired          NoticeKind = "expired"
	NoticeIdle             NoticeKind = "idle" // a reminder to an idle applicant
	// NoticeContactCode has the code that verifies a channel of the contact. It is the only notice to an address that is not verified.
	NoticeContactCode NoticeKind = "contact-code"
	// NoticeContactChanged goes to the verified contact that was changed.
	NoticeContactChanged NoticeKind = "contact-changed"
	NoticeRulesChanged   NoticeKind = "rules-changed"  // a change of rules concerns the application
	NoticeSiteOpen       NoticeKind = "site-open"      // a site is open before its approval
	NoticePlanContinued  NoticeKind = "plan-continued" // the next order of an accepted plan is open
	NoticePlanStopped    NoticeKind = "plan-stopped"   // the other orders of an accepted plan do not open
)

// NoticeKinds lists every kind.
var NoticeKinds = []NoticeKind{NoticeTypeBlocked, NoticeTypeChanged, NoticeSubmitted, NoticeReturned, NoticePassed, NoticeAppointmentSet, NoticeAppointmentResult, NoticeCalled, NoticePapersAsked,
	NoticePapersReceived, NoticeSMSCode, NoticeSMSReminder, NoticeSMSLapsed, NoticeTransmitted, NoticeApproved, NoticeRefused,
	NoticeInitialReject, NoticeAppealReceived, NoticeAppealUpheld, NoticeAppealOverturned, NoticeWithdrawn, NoticeAbandoned, NoticeExpired, NoticeIdle, NoticeContactCode, NoticeContactChanged, NoticeRulesChanged,
	NoticeSiteOpen, NoticePlanContinued, NoticePlanStopped}

// CausedByApplicant reports whether applicants alone can cause notices of a kind, as many as they open orders. Their number is limited for each
// recipient. All other notices follow an act of the provider or the bureau, or, as NoticeContactChanged, warn of a stranger: they are always
// sent.
func (k NoticeKind) CausedByApplicant() bool {
	switch k {
	case NoticeTypeBlocked, NoticeSubmitted, NoticeWithdrawn, NoticeAbandoned, NoticeExpired, NoticeIdle, NoticeSiteOpen:
		return true
	}
	return false
}

// CodeNoticeSkipped informs of a notice that was not sent.
const CodeNoticeSkipped finding.Code = "notice-skipped"

// SkipNotice records that a notice was not sent, because its recipients have received too many on that day. The order shows it.
type SkipNotice struct{ Kind NoticeKind }

func (SkipNotice) Name() string { return "skip-notice" }

func (d SkipNotice) apply(c *Change, _ Actor, at time.Time) error {
	c.Order.NoticeSkippedAt = at
	c.setFact("notice", string(d.Kind))
	return nil
}
