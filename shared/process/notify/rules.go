package notify

import (
	"slices"

	"beian/shared/filing"
	"beian/shared/rules/evidence"
	"beian/shared/rules/finding"
)

// Words for requirements of a rule that have no finding.
var (
	ruleDocument = finding.Words{Chinese: "需要材料：", English: "A document is needed: "}
	ruleUpload   = finding.Words{Chinese: "请打开订单上传。", English: "Open the order and upload it."}
	ruleSMS      = finding.Words{Chinese: "负责人需要完成短信验证。", English: "The responsible persons have to confirm an SMS code."}
	ruleSMSWait  = finding.Words{Chinese: "通过初审后，请负责人留意短信，按短信核验验证码。", English: "After the initial review, watch for the SMS and answer with the code."}
)

// addRuleChanges lists what the rules of the later day require and those of the earlier day do not, and counts what they no longer require.
// It replaces the findings of the order. It returns ErrOutdated if the order is closed, or was corrected so that the rules make no difference. The
// caller of Render sets the order's Codes.
func (l *templateData) addRuleChanges(o filing.Order, notice filing.Notice, language string) error {
	changes := o.NoticedRuleChanges(notice)
	if len(changes) == 0 || o.Closing != "" || o.Status.Final() {
		return ErrOutdated
	}
	l.RulesBefore, l.RulesDay = formatDay(notice.RulesFrom.Time(), language), formatDay(notice.RulesTo.Time(), language)
	l.RulesSinceCheck = notice.RulesPack != ""
	l.CanCorrect = o.Step.IsApplicantStep()
	l.Findings, l.Others, l.First = nil, amount{}, ""
	later := o.RuleVerdict(notice.RulesTo.Time())
	eased := 0
	for _, c := range changes {
		switch {
		case c.After == "" || c.After == string(evidence.Optional) || c.Before == string(finding.Block):
			eased++
		case c.Part == filing.PartDocument:
			slot := o.SlotWords(evidence.Slot(c.Name)).In(language)
			l.Findings = append(l.Findings, point{What: ruleDocument.In(language) + slot, Remedy: ruleUpload.In(language)})
		case c.Part == filing.PartSMS:
			l.Findings = append(l.Findings, point{What: ruleSMS.In(language), Remedy: ruleSMSWait.In(language)})
		case c.After != string(finding.Inform):
			i := slices.IndexFunc(later.Findings, func(f finding.Finding) bool { return string(f.Code) == c.Name && f.Pointer == c.Pointer })
			f, plain := later.Findings[i], o.Review == nil
			if plain {
				f, _ = f.WithoutArguments(o.ServiceAt(f.Pointer).Fit) // the applicant chose them
			}
			l.Findings = append(l.Findings, point{What: singleLine(f.Message.In(language)), Remedy: singleLine(f.Remedy.In(language))})
		}
	}
	l.Count, l.Eased = amountOf(len(l.Findings)), amountOf(eased)
	return nil
}
