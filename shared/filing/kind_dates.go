package filing

import (
	"beian/shared/rules/finding"
	"beian/shared/rules/workday"
)

// A DatedRule is what a kind of application asks during a period. It follows from the kind's row in [Kinds]; the pack of rules does not have it.
type DatedRule struct {
	Kind  Kind
	Words finding.Words
	// From and Until are its first and last day; "" for no limit.
	From, Until workday.Date
	Source      string
}

// inForce reports whether the rule is in force on a day.
func (r DatedRule) inForce(on workday.Date) bool {
	return r.From <= on && (r.Until == "" || on <= r.Until)
}

// DatedRulesBetween returns the dated rules of the kinds that are in force on one of two days only: those that are on a, and those that are on b, each in the
// order of [Kinds].
func DatedRulesBetween(a, b workday.Date) (ended, begun []DatedRule) {
	for _, k := range Kinds {
		for _, r := range k.datedRules() {
			switch was, is := r.inForce(a), r.inForce(b); {
			case was && !is:
				ended = append(ended, r)
			case is && !was:
				begun = append(begun, r)
			}
		}
	}
	return ended, begun
}

func (k Kind) datedRules() []DatedRule {
	var rules []DatedRule
	password := DatedRule{Kind: k, Until: passwordsEnd.AddDays(-1), Source: "icp-filing 2.3"}
	switch k.Password {
	case PasswordRequired:
		password.Words = finding.Words{Chinese: "须填写备案密码", English: "the filing password is required"}
		rules = append(rules, password)
	case PasswordOptional:
		password.Words = finding.Words{Chinese: "可以填写备案密码", English: "the filing password can be entered"}
		rules = append(rules, password)
	}
	if k.CodesSince != "" {
		rules = append(rules, DatedRule{Kind: k, From: k.CodesSince, Source: "icp-filing 3.3",
			Words: finding.Words{Chinese: "短信核验", English: "verification by SMS code"}})
	}
	return rules
}
