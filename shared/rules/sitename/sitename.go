// Package sitename judges the name of a site before the bureau does.
//
// What every source agrees on blocks: a name has at least three characters, is not only digits or only Latin letters,
// holds no signs but brackets and hyphen, is not the domain, and a unit that is no state body does not begin with 中国.
// Word lists differ by bureau and year; they are data (rules.json, with dates and sources) and mostly warn: the
// reviewer reads the name anyway. The words of an individual's site are judged more strictly than a unit's.
package sitename

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"beian/shared/rules/certificate"
	"beian/shared/rules/domainname"
	"beian/shared/rules/finding"
	"beian/shared/rules/province"
	"beian/shared/rules/workday"
)

// Codes of what can be wrong with a site's name.
const (
	Missing           finding.Code = "site-name-missing"
	TooShort          finding.Code = "site-name-too-short"
	TooLong           finding.Code = "site-name-too-long"
	OnlyDigits        finding.Code = "site-name-only-digits"
	OnlyLatin         finding.Code = "site-name-only-latin"
	Signs             finding.Code = "site-name-signs"
	IsDomain          finding.Code = "site-name-is-domain"
	National          finding.Code = "site-name-national"
	NationalAdvised   finding.Code = "site-name-national-advised"
	Sensitive         finding.Code = "site-name-sensitive"
	Authority         finding.Code = "site-name-authority"
	PreApproval       finding.Code = "site-name-pre-approval"
	IndividualTrade   finding.Code = "site-name-individual-trade"
	IsPersonName      finding.Code = "site-name-is-person"
	IsPlace           finding.Code = "site-name-is-place"
	Unfinished        finding.Code = "site-name-unfinished"
	JiangsuIndividual finding.Code = "site-name-jiangsu-individual"
	Twice             finding.Code = "site-name-twice"
)

// A Site is what a name is judged by.
type Site struct {
	Name     string
	Domains  []domainname.Domain
	Entity   certificate.EntityKind
	Province province.Code // the subject's, two digits
	// Leader is the name of an individual subject, which its site must not bear; "" for units.
	Leader string
	// Others are the names of the subject's other sites.
	Others []string
}

// Normalize trims a name, makes runs of white space one space, and full-width letters, digits, brackets and hyphens
// ordinary ones.
func Normalize(name string) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case r >= '０' && r <= '９', r >= 'Ａ' && r <= 'Ｚ', r >= 'ａ' && r <= 'ｚ':
			return r - '０' + '0'
		case r == '（', r == '）':
			return r - '（' + '('
		case r == '－', r == '—', r == '–':
			return '-'
		case unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, name)
	return strings.Join(strings.Fields(name), " ")
}

// Check returns what is wrong with the name of a site at a time. The pointer is that of the name itself.
func Check(s Site, on time.Time) finding.List {
	name := Normalize(s.Name)
	if name == "" {
		return finding.List{finding.New(Missing, "")}
	}
	day := workday.DateOf(on)
	var found finding.List
	add := func(code finding.Code, args ...string) {
		if !found.Has(code) {
			found = append(found, finding.New(code, "", args...))
		}
	}
	form(name, day, add)
	if slices.ContainsFunc(s.Domains, func(d domainname.Domain) bool { return isDomain(name, d) }) {
		add(IsDomain)
	}
	if slices.ContainsFunc(s.Others, func(other string) bool { return Normalize(other) == name }) {
		add(Twice)
	}
	if s.Entity == certificate.Individual {
		if s.Leader != "" && strings.Contains(name, s.Leader) {
			add(IsPersonName)
		}
		if place := placeIn(name); place != "" {
			add(IsPlace, "word", place)
		}
	}
	for _, l := range rules().Lists {
		if word := l.in(name, s, day); word != "" {
			add(l.Code, "word", word)
		}
	}
	for _, p := range rules().Patterns {
		if p.misses(name, s, day) {
			add(p.Code)
		}
	}
	if found.Has(National) { // what is refused needs no advice
		found = slices.DeleteFunc(found, func(f finding.Finding) bool { return f.Code == NationalAdvised })
	}
	return found
}

// form judges length and characters. Brackets, hyphens and spaces do not count as characters.
func form(name string, on workday.Date, add func(finding.Code, ...string)) {
	counted, digits, latin := 0, 0, 0
	for _, r := range name {
		switch {
		case strings.ContainsRune("()- ", r):
			continue
		case unicode.IsDigit(r):
			digits++
		case r <= unicode.MaxLatin1 && unicode.IsLetter(r):
			latin++
		case !unicode.IsLetter(r):
			add(Signs)
		}
		counted++
	}
	length := rules().length(on)
	switch {
	case counted < length.Min:
		add(TooShort, "min", strconv.Itoa(length.Min))
	case utf8.RuneCountInString(name) > length.Max:
		add(TooLong, "max", strconv.Itoa(length.Max))
	}
	switch {
	case counted == 0:
	case digits == counted:
		add(OnlyDigits)
	case digits+latin == counted:
		add(OnlyLatin)
	}
}

// isDomain reports whether a name is a domain, with or without its suffix.
func isDomain(name string, d domainname.Domain) bool {
	shown := d.Display()
	bare := strings.TrimSuffix(shown, "."+d.Suffix())
	return strings.EqualFold(name, shown) || strings.EqualFold(name, string(d)) || strings.EqualFold(name, "www."+shown) ||
		strings.EqualFold(name, bare)
}
