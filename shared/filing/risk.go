package filing

import (
	"slices"

	"beian/shared/rules/finding"
)

// A Risk is something about an order that a reviewer should know before opening it. It has no personal data.
type Risk string

// The risks. Which are high is our own rule.
const (
	RiskExplained     Risk = "explained"      // a blocking finding was explained instead of corrected
	RiskWithheld      Risk = "withheld"       // the applicant has not been shown a finding
	RiskPreApproval   Risk = "pre-approval"   // a site is in a trade that needs a licence before the filing (icp-filing 6)
	RiskRefused       Risk = "refused-before" // the bureau refused an earlier round
	RiskAppealed      Risk = "appealed"       // the provider rejected the order, and the applicant contested that
	RiskPaperWarnings Risk = "paper-warnings" // a check of a paper has a warning
	RiskWarnings      Risk = "warnings"       // a check of the data has a warning
	RiskInPerson      Risk = "in-person"      // a reviewer checked a site leader in person instead of the liveness check
	RiskAgency        Risk = "agency"         // an agency acts for the subject
	RiskProvisional   Risk = "provisional"    // the type was determined without the bureau
	RiskReturned      Risk = "returned"       // it was returned for correction before
	RiskIndividual    Risk = "individual"     // the subject is a natural person
)

// A RiskLevel says how much care a risk needs.
type RiskLevel string

// The levels, the highest first.
const (
	RiskHigh   RiskLevel = "high"
	RiskMedium RiskLevel = "medium"
	RiskLow    RiskLevel = "low"
)

// A riskRow is the meaning of a risk. has reports whether an order that has just reached the review has it.
type riskRow struct {
	risk  Risk
	level RiskLevel
	words finding.Words
	has   func(Order) bool
}

// riskRows has a row for each risk, those of the highest level first.
var riskRows = []riskRow{
	{RiskExplained, RiskHigh, finding.Words{Chinese: "有说明", English: "explained finding"}, func(o Order) bool { return len(applying(o.Private.Explained)) > 0 }},
	{RiskWithheld, RiskHigh, finding.Words{Chinese: "有内部提示", English: "internal finding"}, func(o Order) bool { return len(o.Private.Withheld) > 0 }},
	{RiskPreApproval, RiskHigh, finding.Words{Chinese: "前置审批", English: "pre-approval"}, Order.inApprovedTrade},
	{RiskRefused, RiskHigh, finding.Words{Chinese: "管局退回过", English: "refused by the bureau"}, func(o Order) bool { return o.Round > 1 }},
	{RiskAppealed, RiskHigh, finding.Words{Chinese: "申诉过", English: "appealed"}, func(o Order) bool { return o.Appeal != nil }},
	{RiskPaperWarnings, RiskMedium, finding.Words{Chinese: "材料有提示", English: "warning on a paper"}, Order.hasPaperWarnings},
	{RiskWarnings, RiskMedium, finding.Words{Chinese: "信息有提示", English: "warning on the data"}, func(o Order) bool { return hasWarning(o.Private.Findings) }},
	{RiskInPerson, RiskMedium, finding.Words{Chinese: "当面核验", English: "checked in person"}, Order.hasCheckInPerson},
	{RiskAgency, RiskMedium, finding.Words{Chinese: "代办", English: "agency"}, func(o Order) bool { return o.AgentFor != "" }},
	{RiskProvisional, RiskMedium, finding.Words{Chinese: "类型待核实", English: "provisional type"}, func(o Order) bool { return o.Provisional }},
	{RiskReturned, RiskLow, finding.Words{Chinese: "退回过", English: "returned before"}, func(o Order) bool { return o.Private.Reviewed != nil }},
	{RiskIndividual, RiskLow, finding.Words{Chinese: "个人", English: "individual"}, Order.Individual},
}

// Risks lists all risks, those of the highest level first.
var Risks = func() []Risk {
	all := make([]Risk, len(riskRows))
	for i, row := range riskRows {
		all[i] = row.risk
	}
	return all
}()

// row returns the row of a risk; the zero row for a risk of another version of Beian.
func (r Risk) row() riskRow {
	if i := slices.IndexFunc(riskRows, func(row riskRow) bool { return row.risk == r }); i >= 0 {
		return riskRows[i]
	}
	return riskRow{level: RiskLow, words: finding.Words{Chinese: string(r), English: string(r)}}
}

// Words names the risk for staff.
func (r Risk) Words() finding.Words { return r.row().words }

// Level returns the level of the risk; low for a risk of another version of Beian.
func (r Risk) Level() RiskLevel { return r.row().level }

// findRisks returns what the order itself shows of its risks, those of the highest level first. It asks no other order: matches of leaders are found
// when a reviewer reads the order; see [Order.StaffFindings].
func (o Order) findRisks() []Risk {
	var found []Risk
	for _, row := range riskRows {
		if row.has(o) {
			found = append(found, row.risk)
		}
	}
	return found
}

// recordRisks stores the risks of an order that the change brings to the initial review.
func (c *Change) recordRisks(before Order) {
	if o := &c.Order; o.Step == InitialReview && o.StepVisit != before.StepVisit {
		o.Risks = o.findRisks()
	}
}

func (o Order) inApprovedTrade() bool {
	return slices.ContainsFunc(o.Private.Sites, func(s Site) bool { return len(s.PreApprovals) > 0 })
}

func (o Order) hasPaperWarnings() bool {
	for _, e := range o.Evidence {
		if hasWarning(e.Warnings) {
			return true
		}
	}
	return false
}

// hasCheckInPerson reports whether a check in person counts for a leader who would else do the liveness check.
func (o Order) hasCheckInPerson() bool {
	return slices.ContainsFunc(o.LivenessPassed, func(p LivenessPass) bool { return p.CheckedBy != "" && !p.Dropped })
}

// hasWarning reports whether a finding of a list is a warning. Findings that only inform are no risk.
func hasWarning(found finding.List) bool {
	return slices.ContainsFunc(found, func(f finding.Finding) bool { return f.Severity == finding.Warn })
}
