package sitename

import (
	"slices"

	"beian/shared/rules/finding"
	"beian/shared/rules/province"
	"beian/shared/rules/workday"
)

// A Listed is a rule without its values, as [Rules] lists it.
type Listed struct {
	ID       string
	Codes    []finding.Code // of its findings
	For      string         // "individual" or "unit"; "" for all
	Province province.Code  // "" for all
	workday.Span
	Source string
}

// Rules lists every rule for names, those in force and those of other days.
func Rules() []Listed {
	var all []Listed
	for _, l := range rules().Lengths {
		all = append(all, Listed{ID: l.ID, Codes: []finding.Code{TooShort, TooLong}, Span: l.Span, Source: l.Source})
	}
	for _, l := range rules().Lists {
		all = append(all, Listed{l.ID, []finding.Code{l.Code}, l.For, l.Province, l.Span, l.Source})
	}
	for _, p := range rules().Patterns {
		all = append(all, Listed{p.ID, []finding.Code{p.Code}, p.For, p.Province, p.Span, p.Source})
	}
	return all
}

// Data returns the text of all rules, for a digest.
func Data() []byte { return slices.Clone(rulesFile) }
