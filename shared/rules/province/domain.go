package province

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"beian/shared/rules/certificate"
	"beian/shared/rules/finding"
	"beian/shared/rules/workday"
)

// A SuffixRule lists domain suffixes that are not accepted.
type SuffixRule struct {
	Suffixes []string `json:"suffixes"`
	Effect   Effect   `json:"effect"`
	Rule
}

func (r SuffixRule) check() error {
	if len(r.Suffixes) == 0 {
		return fmt.Errorf("a suffix rule lists no suffixes")
	}
	if err := oneOf(r.Effect, Refuse, Review); err != nil {
		return err
	}
	return r.Rule.check()
}

// A RequiredSuffixRule lists the only domain suffixes that are accepted from some kinds of subject.
type RequiredSuffixRule struct {
	Entities []certificate.EntityKind `json:"entities"`
	SuffixRule
}

func (r RequiredSuffixRule) applies(e certificate.EntityKind, on workday.Date) bool {
	return slices.Contains(r.Entities, e) && r.SuffixRule.applies(e, on)
}

func (r RequiredSuffixRule) check() error {
	if len(r.Entities) == 0 || slices.ContainsFunc(r.Entities, func(e certificate.EntityKind) bool { return !e.Known() }) {
		return fmt.Errorf("a rule for required suffixes has the kinds %v: want known kinds", r.Entities)
	}
	return r.SuffixRule.check()
}

// list returns the suffixes as text: ".cn或.公益", ".cn or .公益".
func (r RequiredSuffixRule) list() finding.Words {
	dotted := "." + strings.Join(r.Suffixes, "或.")
	return finding.Words{Chinese: dotted, English: strings.ReplaceAll(dotted, "或", " or ")}
}

// A NameRule lists words with which a domain must not begin.
type NameRule struct {
	Words          []string                 `json:"words"`
	ExceptEntities []certificate.EntityKind `json:"exceptEntities,omitempty"`
	Effect         Effect                   `json:"effect"`
	Rule
}

func (r NameRule) applies(e certificate.EntityKind, on workday.Date) bool {
	return !slices.Contains(r.ExceptEntities, e) && r.Rule.applies(e, on)
}

func (r NameRule) check() error {
	if len(r.Words) == 0 || slices.Contains(r.Words, "") {
		return fmt.Errorf("a rule for the beginnings of domains has the words %q: want words that are not empty", r.Words)
	}
	if err := oneOf(r.Effect, Refuse, Review); err != nil {
		return err
	}
	return r.Rule.check()
}

// CheckSuffix returns the findings about a domain suffix ("io", "com.cn") in this province. The last label decides: a province that
// refuses "hk" refuses "com.hk" too, and one that requires "cn" accepts "com.cn".
func (p Province) CheckSuffix(e certificate.EntityKind, suffix string, on time.Time) finding.List {
	suffix = strings.Trim(strings.ToLower(suffix), ".")
	last := suffix[strings.LastIndexByte(suffix, '.')+1:]
	var found finding.List
	for _, r := range p.rules.RefusedSuffixes {
		if r.applies(e, workday.DateOf(on)) && slices.Contains(r.Suffixes, last) {
			found = append(found, p.newFinding(SuffixRefused, r.Effect, "suffix", last))
			break
		}
	}
	r, ok := firstApplicable(p.rules.RequiredSuffixes, provinces().national.RequiredSuffixes, e, on)
	accepted := func(s string) bool { return suffix == s || strings.HasSuffix(suffix, "."+s) }
	if ok && suffix != "" && !slices.ContainsFunc(r.Suffixes, accepted) {
		list, kind := r.list(), e.Words()
		found = append(found, p.newFinding(SuffixRequired, r.Effect, "suffix", suffix, "list", list.Chinese, "list-en", list.English,
			"kind", kind.Chinese, "kind-en", kind.English))
	}
	return found
}

// CheckDomainName returns a finding if a domain, in its own script, begins with a word that the province refuses.
func (p Province) CheckDomainName(e certificate.EntityKind, domain string, on time.Time) finding.List {
	r, ok := firstApplicable(p.rules.RefusedNames, nil, e, on)
	for _, word := range r.Words {
		if ok && strings.HasPrefix(strings.ToLower(domain), word) {
			return finding.List{p.newFinding(NameRefused, r.Effect, "word", word)}
		}
	}
	return nil
}

// suffixRequirement returns the rule for the suffixes of a kind of subject as text.
func (p Province) suffixRequirement(e certificate.EntityKind, on time.Time) []Requirement {
	r, ok := firstApplicable(p.rules.RequiredSuffixes, provinces().national.RequiredSuffixes, e, on)
	if !ok {
		return nil
	}
	list, kind := r.list(), e.Words()
	return []Requirement{{finding.Words{Chinese: kind.Chinese + "的域名应当以" + list.Chinese + "结尾。",
		English: "Domains of this kind of subject (" + kind.English + ") must end with " + list.English + "."}, r.Source, r.From}}
}
