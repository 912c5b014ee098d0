package reviewer

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"beian/shared/filing"
	"beian/shared/process/notify"
	"beian/shared/rules/finding"
	"beian/shared/rules/text"
)

// Warnings about a reviewer's own words.
const (
	CodeWordsPhone       finding.Code = "words-foreign-phone"
	CodeWordsEmail       finding.Code = "words-foreign-email"
	CodeWordsCertificate finding.Code = "words-foreign-certificate"
	CodeWordsHTML        finding.Code = "words-html"
	CodeWordsLanguage    finding.Code = "words-one-language"
)

var (
	emailInWords = regexp.MustCompile(`[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+`)
	// numberInWords finds runs of digits, also with spaces and hyphens between, that may end with a letter, as a certificate's do.
	numberInWords      = regexp.MustCompile(`[0-9A-Za-z](?:[ -]?[0-9A-Za-z]){5,24}`)
	mobileInWords      = regexp.MustCompile(`^(86)?1[3-9][0-9]{9}$`)
	landlineInWords    = regexp.MustCompile(`^0[1-9][0-9]{8,10}$`)
	certificateInWords = regexp.MustCompile(`^([0-9]{17}[0-9X]|[0-9A-HJ-NP-RTUWXY]{2}[0-9]{6}[0-9A-HJ-NP-RTUWXY]{10}|[0-9]{15}|[A-Z]{1,2}[0-9]{7,9})$`)
	htmlInWords        = regexp.MustCompile(`<[A-Za-z/!][^<>]*>|&[A-Za-z]+;|&#[0-9]+;`)
)

// warnings returns the warnings about the own words of a verdict's reasons.
func (v Verdict) warnings(o filing.Order, s notify.Sender) finding.List {
	own := ownValues(o, s)
	var found finding.List
	for i, r := range v.Findings {
		if r.Message == nil {
			continue
		}
		at := fmt.Sprintf("/findings/%d/message/", i)
		found = append(found, own.check(r.Message.Chinese).Under(at+"zh-CN")...)
		found = append(found, own.check(r.Message.English).Under(at+"en")...)
		if o.Language == "en" && text.Normalize(r.Message.English) == "" {
			found = append(found, finding.New(CodeWordsLanguage, at+"en"))
		}
	}
	return found
}

// values are the phones, email addresses and certificate numbers that own words may name, in capitals and without spaces and hyphens.
type values map[string]bool

// ownValues returns what the application has, and the provider's phone.
func ownValues(o filing.Order, s notify.Sender) values {
	own := values{}
	add := func(texts ...string) {
		for _, t := range texts {
			own[plainNumber(t)] = true
		}
	}
	p := o.Private
	add(s.SupportPhone, p.Contact.Mobile.Reveal(), p.Contact.Email.Reveal(), p.Verified.Mobile.Reveal(), p.Verified.Email.Reveal(), p.Subject.Certificate.Number.Reveal())
	leaders := []filing.Leader{p.Subject.Leader}
	for _, site := range p.Sites {
		leaders = append(leaders, site.Leader)
		for _, a := range site.PreApprovals {
			add(a.Number)
		}
	}
	for _, l := range leaders {
		add(l.Certificate.Number.Reveal(), l.Mobile.Reveal(), l.OfficePhone.Reveal(), l.EmergencyPhone.Reveal(), l.Email.Reveal())
	}
	return own
}

// plainNumber returns a number or an address in capitals, without spaces and hyphens.
func plainNumber(s string) string {
	return strings.NewReplacer(" ", "", "-", "").Replace(strings.ToUpper(text.NormalizeASCII(s)))
}

// check returns the warnings about a text. Each code is there once. The findings quote nothing, because a number may be somebody's.
func (v values) check(typed string) finding.List {
	var found finding.List
	add := func(code finding.Code) {
		if !found.Has(code) {
			found = append(found, finding.New(code, ""))
		}
	}
	if htmlInWords.MatchString(typed) {
		add(CodeWordsHTML)
	}
	plain := text.NormalizeASCII(typed)
	for _, address := range emailInWords.FindAllString(plain, -1) {
		if !v[plainNumber(address)] {
			add(CodeWordsEmail)
		}
	}
	for _, run := range numberInWords.FindAllString(plain, -1) {
		number := plainNumber(run)
		switch {
		case v[number] || v[strings.TrimPrefix(number, "86")]:
		case mobileInWords.MatchString(number), landlineInWords.MatchString(number):
			add(CodeWordsPhone)
		case certificateInWords.MatchString(number) && slices.ContainsFunc([]rune(number), func(r rune) bool { return r >= '0' && r <= '9' }):
			add(CodeWordsCertificate)
		}
	}
	return found
}
