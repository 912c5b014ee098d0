package sitename

import (
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"beian/shared/rules/certificate"
	"beian/shared/rules/finding"
	"beian/shared/rules/province"
	"beian/shared/rules/strictjson"
	"beian/shared/rules/workday"
)

//go:embed rules.json
var rulesFile []byte

type length struct {
	ID  string `json:"id"`
	Min int    `json:"min"`
	Max int    `json:"max"`
	workday.Span
	Source string `json:"source"`
}

// audience says to which sites a rule applies; empty fields mean all.
type audience struct {
	For            string                   `json:"for"` // "individual" or "unit"
	Province       province.Code            `json:"province"`
	ExceptProvince province.Code            `json:"exceptProvince"`
	ExceptEntities []certificate.EntityKind `json:"exceptEntities"`
}

func (a audience) includes(s Site) bool {
	individual := s.Entity == certificate.Individual
	return (a.For == "" || individual == (a.For == "individual")) &&
		(a.Province == "" || a.Province == s.Province) && (a.ExceptProvince == "" || a.ExceptProvince != s.Province) && !slices.Contains(a.ExceptEntities, s.Entity)
}

type wordList struct {
	ID   string       `json:"id"`
	Code finding.Code `json:"code"`
	audience
	At    string   `json:"at"` // "start" or "anywhere"
	Words []string `json:"words"`
	// Ordinary are words that begin with a word of the list and name an ordinary thing, such as 中央空调; our own judgement.
	Ordinary []string `json:"ordinary"`
	workday.Span
	Source string `json:"source"`
}

// match returns the first word of the list that a name contains. It returns "" if there is none or the list does not apply.
func (l wordList) match(name string, s Site, on workday.Date) string {
	if !l.includes(s) || !l.InForce(on) {
		return ""
	}
	name = compact(name)
	for _, word := range l.Words {
		if l.At == "start" && strings.HasPrefix(name, word) || l.At == "anywhere" && contains(name, word) {
			return word
		}
	}
	return ""
}

// beginsOrdinary reports whether a name begins with one of the list's ordinary words.
func (l wordList) beginsOrdinary(name string) bool {
	return slices.ContainsFunc(l.Ordinary, func(word string) bool { return strings.HasPrefix(compact(name), word) })
}

type pattern struct {
	ID   string       `json:"id"`
	Code finding.Code `json:"code"`
	audience
	Pattern string `json:"pattern"`
	workday.Span
	Source string `json:"source"`

	compiled *regexp.Regexp
}

// violatedBy reports whether the pattern applies to the site and its name does not match.
func (p pattern) violatedBy(name string, s Site, on workday.Date) bool {
	return p.includes(s) && p.InForce(on) && !p.compiled.MatchString(name)
}

type ruleSet struct {
	Lengths  []length   `json:"lengths"`
	Lists    []wordList `json:"lists"`
	Patterns []pattern  `json:"patterns"`
}

var rules = sync.OnceValue(mustLoad)

func mustLoad() ruleSet {
	r, err := decode(rulesFile)
	if err != nil {
		panic(fmt.Errorf("rules.json: %w", err))
	}
	return r
}

func (r ruleSet) length(on workday.Date) length {
	for _, l := range r.Lengths {
		if l.InForce(on) {
			return l
		}
	}
	return length{Min: 1, Max: 512}
}

// decode parses the rules. Unknown fields and rules without period or source are errors.
func decode(text []byte) (ruleSet, error) {
	var r ruleSet
	if err := strictjson.UnmarshalEmbedded(text, &r); err != nil {
		return r, err
	}
	for _, l := range r.Lengths {
		if l.Min < 1 || l.Max < l.Min {
			return r, fmt.Errorf("length from %d to %d: want 1 <= min <= max", l.Min, l.Max)
		}
		if err := checkSource(l.ID, l.Span, l.Source); err != nil {
			return r, err
		}
	}
	for _, l := range r.Lists {
		if l.At != "start" && l.At != "anywhere" || len(l.Words) == 0 || slices.Contains(l.Words, "") {
			return r, fmt.Errorf("%s: the list has %d words and applies at %q: want words that are not empty, and \"start\" or \"anywhere\"", l.Code, len(l.Words), l.At)
		}
		if err := l.check(l.ID, l.Code, l.Span, l.Source); err != nil {
			return r, err
		}
	}
	for i, p := range r.Patterns {
		compiled, err := regexp.Compile(p.Pattern)
		if err != nil || p.Pattern == "" {
			return r, fmt.Errorf("%s: invalid pattern %q: %w", p.Code, p.Pattern, err)
		}
		if err := p.check(p.ID, p.Code, p.Span, p.Source); err != nil {
			return r, err
		}
		r.Patterns[i].compiled = compiled
	}
	return r, nil
}

func (a audience) check(id string, code finding.Code, span workday.Span, source string) error {
	if !slices.Contains([]string{"", "individual", "unit"}, a.For) {
		return fmt.Errorf("%s: unknown audience %q", code, a.For)
	}
	if _, known := province.ParseCode(string(a.Province)); a.Province != "" && !known {
		return fmt.Errorf("%s: unknown province %q", code, a.Province)
	}
	if !code.Known() {
		return fmt.Errorf("the catalogue has no entry for %q", code)
	}
	return checkSource(id, span, source)
}

func checkSource(id string, span workday.Span, source string) error {
	if id == "" || source == "" {
		return fmt.Errorf("rule %q from %s has no id or no source", id, span.From)
	}
	return span.Check()
}
