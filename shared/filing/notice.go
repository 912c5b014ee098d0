package filing

// A NoticeKind is a kind of message. Its texts are in package notify.
type NoticeKind string

const (
	NoticeTypeBlocked    NoticeKind = "type-blocked"     // the type cannot be determined
	NoticeSubmitted      NoticeKind = "submitted"        // the application is with the reviewers
	NoticeReturned       NoticeKind = "returned"         // corrections are required
	NoticePassed         NoticeKind = "passed"           // the initial review is passed
	NoticePapersAsked    NoticeKind = "papers-asked"     // the applicant has to mail originals
	NoticePapersReceived NoticeKind = "papers-received"  // the originals have arrived
	NoticeSMSCode        NoticeKind = "sms-code"         // to a leader: the verification code
	NoticeSMSLapsed      NoticeKind = "sms-lapsed"       // the SMS check was not passed in time
	NoticeTransmitted    NoticeKind = "transmitted"      // the bureau has received the application
	NoticeApproved       NoticeKind = "approved"         // the numbers, and the duties
	NoticeRefused        NoticeKind = "refused"          // the bureau refused the application
	NoticeInitialReject  NoticeKind = "initial-rejected" // the reviewer rejected the application
	NoticeWithdrawn      NoticeKind = "withdrawn"
	NoticeAbandoned      NoticeKind = "abandoned"
	NoticeExpired        NoticeKind = "expired"
	NoticeIdle           NoticeKind = "idle" // a reminder to an idle applicant
	// NoticeContactCode has the code that verifies a channel of the contact. It is the only notice to an address that is not verified.
	NoticeContactCode NoticeKind = "contact-code"
	// NoticeContactChanged goes to the verified contact that was changed.
	NoticeContactChanged NoticeKind = "contact-changed"
)

// NoticeKinds lists every kind.
var NoticeKinds = []NoticeKind{NoticeTypeBlocked, NoticeSubmitted, NoticeReturned, NoticePassed, NoticePapersAsked,
	NoticePapersReceived, NoticeSMSCode, NoticeSMSLapsed, NoticeTransmitted, NoticeApproved, NoticeRefused,
	NoticeInitialReject, NoticeWithdrawn, NoticeAbandoned, NoticeExpired, NoticeIdle, NoticeContactCode, NoticeContactChanged}
