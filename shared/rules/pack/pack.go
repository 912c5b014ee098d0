// Package pack is the dated rules as one pack: provinces, pre-approvals, names of sites and apps, kinds of service, certificates, domains, contacts and code tables. Each
// rule has an id, a period, a source, and cases: at least one in which it demands nothing, and one in which it demands something.
//
//	p, err := pack.Load() // fails if a rule lacks any of them, or if a case has another result
//	for _, r := range p.Between("2020-08-16", "2020-08-17") { … } // the rules that begin or end between two days
//
// The values of the rules stay in the packages that apply them, which decode their files strictly. What a rule says to the applicant, with severity,
// remedy and whether it can be explained, is the catalogue's entry of its codes; see package finding. cases.json has the cases by rule.
package pack

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"sync"

	"beian/shared/rules/app"
	"beian/shared/rules/certificate"
	"beian/shared/rules/codes"
	"beian/shared/rules/domainname"
	"beian/shared/rules/finding"
	"beian/shared/rules/preapproval"
	"beian/shared/rules/province"
	"beian/shared/rules/sitename"
	"beian/shared/rules/strictjson"
	"beian/shared/rules/workday"
)

// A Rule is one rule of the pack.
type Rule struct {
	ID     string `json:"id"`
	Family string `json:"family" doc:"kind of the rule"`
	// Provinces and For say where and to whom the rule applies.
	Provinces []province.Code   `json:"provinces,omitempty" doc:"provinces with the rule; absent if it applies wherever a province has no rule of its own"`
	For       province.Audience `json:"for,omitempty" enum:"individual,unit" doc:"absent if it applies to all subjects"`
	Codes     []finding.Code    `json:"codes,omitempty" doc:"codes of its findings, see /findings; absent for rules that ask for documents or steps, or set a period"`
	workday.Span
	Source string `json:"source"`
}

// A Pack is all rules. Load returns it.
type Pack struct {
	// Version is that of the function [Version].
	Version string
	Rules   []Rule
}

//go:embed fixed.json
var fixedFile []byte

//go:embed cases.json
var casesFile []byte

// Load returns the pack of this program. It is an error if two rules have one id, if a rule has no case of either result, if a case has no rule, or if the
// real check has another result for a case.
func Load() (Pack, error) {
	cases, err := decodeCases(casesFile)
	if err != nil {
		return Pack{}, fmt.Errorf("cases.json: %w", err)
	}
	rules, err := collect()
	if err != nil {
		return Pack{}, err
	}
	if err := verify(rules, cases); err != nil {
		return Pack{}, err
	}
	return Pack{Version: Version(), Rules: rules}, nil
}

// Version returns the version of the pack of this program, without loading it: a digest of the files of the rules and of the catalogue of findings. Packs
// with the same rules and words have the same version.
func Version() string { return version() }

var version = sync.OnceValue(func() string {
	return versionOf(slices.Concat(province.Data(), preapproval.Data(), sitename.Data(), certificate.Data(), domainname.Data(), codes.Data(), app.Data(), fixedFile, finding.Data()))
})

func versionOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// collect lists the rules of all packages.
func collect() ([]Rule, error) {
	var rules []Rule
	for _, r := range province.Rules() {
		rules = append(rules, Rule{r.ID, r.Family, r.Provinces, r.For, families[r.Family].codes, r.Span, r.Source})
	}
	for _, r := range sitename.Rules() {
		var of []province.Code
		if r.Province != "" {
			of = []province.Code{r.Province}
		}
		rules = append(rules, Rule{r.ID, familyName, of, province.Audience(r.For), r.Codes, r.Span, r.Source})
	}
	for _, trade := range preapproval.All() {
		for _, p := range trade.InForce {
			rules = append(rules, Rule{p.ID, familyPreApproval, p.Provinces, province.Units, families[familyPreApproval].codes, p.Span, p.Source})
		}
		for _, l := range trade.Lists {
			rules = append(rules, Rule{l.ID, familyPreApproval, l.Provinces, province.Units, families[familyPreApproval].codes, l.Span, l.Source})
		}
	}
	for _, r := range certificate.Rules() {
		rules = append(rules, Rule{r.ID, familyCertificate, nil, "", families[familyCertificate].codes, r.Span, r.Source})
	}
	for _, r := range domainname.Rules() {
		rules = append(rules, Rule{r.ID, familyDomain, nil, "", []finding.Code{r.Code}, workday.Span{From: r.AsOf}, r.Source})
	}
	for _, r := range app.Rules() {
		rules = append(rules, Rule{r.ID, familyService, nil, "", families[familyService].codes, r.Span, r.Source})
	}
	for _, r := range app.Generic() {
		rules = append(rules, Rule{r.ID, familyAppName, nil, "", families[familyAppName].codes, r.Span, r.Source})
	}
	fixed := []Rule{}
	if err := strictjson.UnmarshalEmbedded(fixedFile, &fixed); err != nil {
		return nil, fmt.Errorf("fixed.json: %w", err)
	}
	return append(rules, fixed...), nil
}

// verify checks that every rule is complete and that every case has its result.
func verify(rules []Rule, cases map[string]Cases) error {
	var errs []error
	wrong := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	seen := map[string]bool{}
	for _, r := range rules {
		if seen[r.ID] {
			wrong("two rules have the id %q", r.ID)
		}
		seen[r.ID] = true
		family, known := families[r.Family]
		if r.ID == "" || r.Source == "" || !known {
			wrong("rule %q of family %q from %s has no id, no source or an unknown family", r.ID, r.Family, r.From)
			continue
		}
		if err := r.Span.Check(); err != nil {
			wrong("rule %s: %w", r.ID, err)
		}
		for _, code := range r.Codes {
			if !code.Known() {
				wrong("rule %s: the catalogue has no words for %q", r.ID, code)
			}
		}
		of := cases[r.ID]
		if len(of.Pass) == 0 || len(of.Fail) == 0 {
			wrong("rule %s has %d passing and %d failing cases in cases.json; it needs one of each", r.ID, len(of.Pass), len(of.Fail))
		}
		for i, c := range of.Pass {
			if family.demands(r, c) {
				wrong("rule %s: passing case %d fails", r.ID, i+1)
			}
		}
		for i, c := range of.Fail {
			if !family.demands(r, c) {
				wrong("rule %s: failing case %d passes", r.ID, i+1)
			}
		}
	}
	for id := range cases {
		if !seen[id] {
			wrong("cases.json has cases of %q, which is no rule", id)
		}
	}
	return errors.Join(errs...)
}

// Between returns the rules that are in force on one of two days only.
func (p Pack) Between(a, b workday.Date) []Rule {
	return slices.DeleteFunc(slices.Clone(p.Rules), func(r Rule) bool { return r.InForce(a) == r.InForce(b) })
}

// AppliesIn reports whether the rule may apply in a province: it is the province's, or the nation's.
func (r Rule) AppliesIn(code province.Code) bool {
	return len(r.Provinces) == 0 || slices.Contains(r.Provinces, code)
}
