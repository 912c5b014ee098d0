package filing

import (
	"errors"
	"fmt"
	"time"

	"beian/shared/rules/finding"
	"beian/shared/rules/workday"
)

// A Retention says for how many days, Shanghai time, data are kept. PIPL-19 requires the shortest time that the purpose needs, and
// PIPL-47 the erasure after it. No source that was found names a number for an application (icp-filing 9.2 #38), so the numbers without a
// source below are our own choice. A provider may choose others; see [Retention.Check].
type Retention struct {
	// Draft counts from the closing of an order that no reviewer decided on. The data were never used. The days are for an applicant
	// who asks why the order was closed.
	Draft int `json:"draftDays"`
	// Withdrawn counts from the closing of an order that was withdrawn or abandoned, or that expired, after it was submitted. It is as
	// long as that of an upload, so that there is one period to remember.
	Withdrawn int `json:"withdrawnDays"`
	// Rejected counts from the rejection by the provider's reviewer, who must be able to explain it.
	Rejected int `json:"rejectedDays"`
	// Cancelled counts from the day on which the bureau cancelled the filing. Until then the provider has to keep the data of a filing
	// (ORDER33, article 19).
	Cancelled int `json:"cancelledDays"`
	// BureauFiles counts from the day on which a file was sent to the bureau or received from it. The bureau may ask for an upload again
	// for three months (MIIT-IF30 8.1).
	BureauFiles int `json:"bureauFileDays"`
}

// UploadDays is the minimum number of days between the last upload of an order to the bureau and the erasure of its data. The bureau may
// ask for an upload again for three months (MIIT-IF30 8.1).
const UploadDays = 92

// DefaultRetention are the periods of a new installation.
var DefaultRetention = Retention{Draft: 30, Withdrawn: UploadDays, Rejected: UploadDays, Cancelled: UploadDays, BureauFiles: UploadDays}

// minErasureDays is the minimum of the periods of orders that were not rejected. By then S3 has deleted the uploads that were not accepted.
const minErasureDays = 7

// Check returns an error for each period that is too short, with its name, in English and Chinese.
func (r Retention) Check() error {
	check := func(name string, days, least int, why finding.Words) error {
		if days >= least {
			return nil
		}
		return fmt.Errorf("%s: must be at least %d: %s / 不得小于 %[2]d：%[4]s", name, least, why.English, why.Chinese)
	}
	uploads := finding.Words{Chinese: "到那时，未采用的上传文件已删除", English: "uploads that were not accepted are deleted by then"}
	return errors.Join(
		check("draftDays", r.Draft, minErasureDays, uploads),
		check("withdrawnDays", r.Withdrawn, minErasureDays, uploads),
		check("rejectedDays", r.Rejected, maxAppealSpan, finding.Words{Chinese: "申请人可在 10 个工作日内申诉", English: "the applicant can contest a rejection for 10 working days"}),
		check("cancelledDays", r.Cancelled, minErasureDays, uploads),
		check("bureauFileDays", r.BureauFiles, UploadDays, finding.Words{Chinese: "三个月内，管局可能要求重新上报", English: "the bureau may ask for an upload again for three months"}),
	)
}

// A RetentionCategory is a group of closed orders with one period of retention.
type RetentionCategory string

const (
	DraftCategory     RetentionCategory = "draft"
	WithdrawnCategory RetentionCategory = "withdrawn"
	RejectedCategory  RetentionCategory = "rejected"
	CancelledCategory RetentionCategory = "cancelled"
)

// RetentionCategories lists the categories.
var RetentionCategories = []RetentionCategory{DraftCategory, WithdrawnCategory, RejectedCategory, CancelledCategory}

// Days returns the period of a category.
func (r Retention) Days(c RetentionCategory) int {
	return map[RetentionCategory]int{DraftCategory: r.Draft, WithdrawnCategory: r.Withdrawn, RejectedCategory: r.Rejected, CancelledCategory: r.Cancelled}[c]
}

// RetentionCategory returns the category of a closed order; "" while it is open, while its filing stands, and once it is erased.
func (o Order) RetentionCategory() RetentionCategory {
	switch {
	case o.Erasure != nil || !o.Status.Final() || o.Step != Done:
		return ""
	case o.Status == Approved && o.FilingEnded == "":
		return ""
	case o.Status == Approved:
		return CancelledCategory
	case o.Status == InitialRejected:
		return RejectedCategory
	case o.Review == nil && o.Bureau == nil && o.Closing != ClosingWithdraw:
		return DraftCategory
	}
	return WithdrawnCategory
}

// RetainedSince returns the time from which the period of a closed order counts: its closing, or the day on which its filing was
// cancelled.
func (o Order) RetainedSince() time.Time {
	if o.FilingEnded != "" {
		return o.FilingEnded.Time()
	}
	return o.MovedAt
}

// ErasureDay returns the day from which on the order's data are erased; "" if it is not known. A hold does not change it.
func (o Order) ErasureDay(r Retention) workday.Date {
	category := o.RetentionCategory()
	if category == "" {
		return ""
	}
	return max(workday.DateOf(o.RetainedSince()).AddDays(r.Days(category)), o.uploadDay())
}

// uploadDay returns the day until which the bureau may ask for the last upload of the order again; "" without an upload.
func (o Order) uploadDay() workday.Date {
	if o.Bureau == nil {
		return ""
	}
	sent := o.Bureau.AcceptedAt
	if sent.IsZero() {
		sent = o.MovedAt
	}
	return workday.DateOf(sent).AddDays(UploadDays)
}

// A KeptReason says why the personal data of an order are kept, or that they are not.
type KeptReason string

const (
	KeptOpen   KeptReason = "open"   // the order is open
	KeptFiled  KeptReason = "filed"  // the filing stands
	KeptPeriod KeptReason = "period" // the order is closed, and its period is not over
	KeptHold   KeptReason = "hold"   // an operator holds them
	KeptErased KeptReason = "erased" // they are erased
)

// Kept returns why the order's personal data are kept and, for KeptPeriod, the day on which they are erased.
func (o Order) Kept(r Retention) (KeptReason, workday.Date) {
	switch {
	case o.Erasure != nil:
		return KeptErased, ""
	case !o.HeldSince.IsZero():
		return KeptHold, ""
	case !o.Status.Final() || o.Step != Done:
		return KeptOpen, ""
	case o.RetentionCategory() == "":
		return KeptFiled, ""
	}
	return KeptPeriod, o.ErasureDay(r)
}
