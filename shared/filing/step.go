package filing

import (
	"slices"
)

// A Step is the stage of an order. The state of the same name in filing.asl.json is the one at which the machine is, or which it
// enters next.
type Step string

// The steps in their order (S10 to S20).
const (
	VerifyType         Step = "VerifyType"         // 验证备案类型: the system determines the type
	VerifyProduct      Step = "VerifyProduct"      // 产品验证: choice of the server or service code that hosts the sites
	CollectDetails     Step = "CollectDetails"     // 填写主体信息和网站信息
	CollectEvidence    Step = "CollectEvidence"    // 上传资料
	VerifyAuthenticity Step = "VerifyAuthenticity" // 真实性核验: liveness of each site's leader
	AwaitConfirmation  Step = "AwaitConfirmation"  // 信息核验: the applicant confirms everything
	InitialReview      Step = "InitialReview"      // 备案初审 by the provider's reviewer
	MailDocuments      Step = "MailDocuments"      // 邮寄资料, if the reviewer requires originals
	VerifySMS          Step = "VerifySMS"          // 短信验证, where province and date require it
	Transmit           Step = "Transmit"           // uploaded to the bureau's interface
	AwaitBureau        Step = "AwaitBureau"        // 管局审核
	Announce           Step = "Announce"           // the result by SMS and email
	FollowUp           Step = "FollowUp"           // the duties after approval are stored
	Done               Step = "Done"               // the round is over
)

// Steps lists all steps in order.
var Steps = []Step{VerifyType, VerifyProduct, CollectDetails, CollectEvidence, VerifyAuthenticity, AwaitConfirmation,
	InitialReview, MailDocuments, VerifySMS, Transmit, AwaitBureau, Announce, FollowUp, Done}

// Before reports whether s comes earlier in a filing than t.
func (s Step) Before(t Step) bool { return slices.Index(Steps, s) < slices.Index(Steps, t) }

// Optional reports whether not every filing passes through s.
func (s Step) Optional() bool { return s == MailDocuments || s == VerifySMS }

// Next returns the next step that every filing passes through. After Done, that is Done.
func (s Step) Next() Step {
	for _, next := range Steps[slices.Index(Steps, s)+1:] {
		if !next.Optional() {
			return next
		}
	}
	return Done
}

// IsApplicantStep reports whether the applicant has to act at s.
func (s Step) IsApplicantStep() bool { return s.Before(InitialReview) }

// A Closing is a way in which an order ends without a filing. Its text is the name of the state that closes the order.
type Closing string

const (
	ClosingWithdraw Closing = "Withdraw" // 撤销: by the applicant, after submission and before transmission
	ClosingAbandon  Closing = "Abandon"  // 放弃: by the applicant, before submission or after a refusal
	ClosingExpire   Closing = "Expire"   // 失效: idle for 45 days
	ClosingReject   Closing = "Reject"   // 初审驳回: by the provider's reviewer
)

// A Status is the state of an application as bureaus and providers name it (icp-filing 3.1).
type Status string

const (
	Draft                Status = "DRAFT"
	TypeVerified         Status = "TYPE_VERIFIED"
	ProductVerified      Status = "PRODUCT_VERIFIED"
	InfoFilled           Status = "INFO_FILLED"
	EvidenceReady        Status = "EVIDENCE_READY"
	AuthenticityVerified Status = "AUTHENTICITY_VERIFIED"
	Submitted            Status = "SUBMITTED"
	Returned             Status = "RETURNED"
	MailPending          Status = "MAIL_PENDING"
	InitialPassed        Status = "INITIAL_PASSED"
	SMSPending           Status = "SMS_PENDING"
	Transmitted          Status = "TRANSMITTED"
	BureauReview         Status = "BUREAU_REVIEW"
	Approved             Status = "APPROVED"
	BureauRejected       Status = "BUREAU_REJECTED"
	InitialRejected      Status = "INITIAL_REJECTED"
	Appealed             Status = "APPEALED" // our own: the bureaus know no appeal at the provider
	Withdrawn            Status = "WITHDRAWN"
	Abandoned            Status = "ABANDONED"
	Expired              Status = "EXPIRED"
)

// Statuses lists every status.
var Statuses = []Status{Draft, TypeVerified, ProductVerified, InfoFilled, EvidenceReady, AuthenticityVerified, Submitted, Returned,
	MailPending, InitialPassed, SMSPending, Transmitted, BureauReview, Approved, BureauRejected, InitialRejected, Appealed, Withdrawn,
	Abandoned, Expired}

// Final reports whether the order is closed. Only [ContestRejection] opens a closed order again.
func (s Status) Final() bool {
	switch s {
	case Approved, InitialRejected, Withdrawn, Abandoned, Expired:
		return true
	}
	return false
}

// statusOfStep is the status of an order that has entered a step.
var statusOfStep = map[Step]Status{
	VerifyType: Draft, VerifyProduct: TypeVerified, CollectDetails: ProductVerified, CollectEvidence: InfoFilled,
	VerifyAuthenticity: EvidenceReady, AwaitConfirmation: AuthenticityVerified, InitialReview: Submitted, MailDocuments: MailPending,
	VerifySMS: SMSPending, Transmit: InitialPassed, AwaitBureau: Transmitted,
}
