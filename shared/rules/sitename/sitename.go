// Package sitename checks the name of a site against the naming rules of the bureaus. Start with [Check].
//
//	found := sitename.Check(sitename.Site{Name: "示例科技", Domains: domains, Entity: certificate.Enterprise, Province: "33"}, now)
//
// Findings block for rules on which all sources agree: at least three characters, not only digits or Latin letters, no signs except
// brackets and hyphens, not the domain, and no leading 中国 unless the subject is a state body. Word lists differ by bureau
// and year; they are data (rules.json, with periods and sources). Their findings are mostly warnings, because a reviewer reads the
// name too. A word of a list does not count where it is cut by another word, and the longest word wins. The rules for individuals are
// stricter than those for organisations.
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
	"beian/shared/rules/text"
	"beian/shared/rules/workday"
)

// Codes of the findings of [Check].
const (
	Missing           finding.Code = "site-name-missing"
	TooShort          finding.Code = "site-name-too-short"
	TooLong           finding.Code = "site-name-too-long"
	OnlyDigits        finding.Code = "site-name-only-digits"
	OnlyLatin         finding.Code = "site-name-only-latin"
	Signs             finding.Code = "site-name-signs"
	IsDomain          finding.Code = "site-name-is-domain"
	National          finding.Code = "site-name-national"
	IndividualWord    finding.Code = "site-name-individual-word"
	NationalAdvised   finding.Code = "site-name-national-advised"
	Sensitive         finding.Code = "site-name-sensitive"
	Authority         finding.Code = "site-name-authority"
	PreApproval       finding.Code = "site-name-pre-approval"
	IndividualTrade   finding.Code = "site-name-individual-trade"
	IsPersonName      finding.Code = "site-name-is-person"
	IsPlace           finding.Code = "site-name-is-place"
	Unfinished        finding.Code = "site-name-unfinished"
	JiangsuIndividual finding.Code = "site-name-jiangsu-individual"
	GuangdongUnit     finding.Code = "site-name-guangdong-unit"
	Twice             finding.Code = "site-name-twice"
)

// A Site is the name of a site with the facts on which the rules depend.
type Site struct {
	Name     string
	Domains  []domainname.Domain
	Entity   certificate.EntityKind
	Province province.Code // province of the subject, two digits
	// Leader is the name of an individual subject, which the site's name must not contain; "" for organisations.
	Leader string
	// Unit is the registered name of an organisation; "" for individuals.
	Unit string
	// Others are the names of the subject's other sites.
	Others []string
}

// Normalize normalises a name as [text.Normalize] does, and maps full-width letters, digits, brackets and dashes to ASCII.
func Normalize(name string) string {
	return text.Normalize(strings.Map(func(r rune) rune {
		switch {
		case r >= '０' && r <= '９', r >= 'Ａ' && r <= 'Ｚ', r >= 'ａ' && r <= 'ｚ':
			return r - '０' + '0'
		case r == '（', r == '）':
			return r - '（' + '('
		case r == '－', r == '—', r == '–':
			return '-'
		}
		return r
	}, name))
}

// Check returns the findings about the name of a site at a time; their pointer is "".
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
	checkForm(name, day, add)
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
		if place := findPlace(name); place != "" {
			add(IsPlace, "word", place)
		}
	}
	for _, l := range rules().Lists {
		word := l.match(name, s, day)
		switch {
		case word == "":
		case l.Code == National && (namedAfter(s.Unit, name, word) || l.beginsOrdinary(name)):
			add(NationalAdvised, "word", word)
		default:
			add(l.Code, "word", word)
		}
	}
	for _, p := range rules().Patterns {
		if p.violatedBy(name, s, day) {
			add(p.Code)
		}
	}
	if found.Has(National) { // the warning is redundant
		found = slices.DeleteFunc(found, func(f finding.Finding) bool { return f.Code == NationalAdvised })
	}
	return found
}

// namedAfter reports whether a name that begins with a word is that of a unit: the registered name begins with the word too, or
// contains the whole name, as 深圳市人民示例有限公司 contains 人民示例.
func namedAfter(unit, name, word string) bool {
	unit = compact(unit)
	return strings.HasPrefix(unit, word) || strings.Contains(unit, compact(name))
}

// compact returns a name without brackets, hyphens and spaces: "(中国)示例" begins with 中国.
func compact(name string) string {
	return strings.NewReplacer("(", "", ")", "", "-", "", " ", "").Replace(Normalize(name))
}

// checkForm checks the length and the characters of a name. It does not count brackets, hyphens and spaces.
func checkForm(name string, on workday.Date, add func(finding.Code, ...string)) {
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
