package importing

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"beian/shared/rules/certificate"
	"beian/shared/rules/contact"
	"beian/shared/rules/domainname"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/rules/province"
	"beian/shared/rules/text"
	"beian/shared/rules/workday"
)

// never is later than every birth date: that a certificate's number has a date in the future is found by its check digit or not at all.
var never = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// formWords are words for values of a form, after "this looks like".
var formWords = map[Form]finding.Words{
	Text: {Chinese: "文字", English: "words"}, Certificate: {Chinese: "证件号码", English: "a certificate number"},
	Number: {Chinese: "备案号", English: "a filing number"}, Domains: {Chinese: "域名", English: "a domain"}, Mobile: {Chinese: "手机号码", English: "a mobile number"},
	Email: {Chinese: "电子邮箱", English: "an email address"}, Date: {Chinese: "日期", English: "a date"},
}

var mobileForm = regexp.MustCompile(`^1[3-9]\d{9}$`)

// formOf returns the form of a value that is certainly of it.
func formOf(typed string) (Form, bool) {
	han := strings.ContainsFunc(typed, func(r rune) bool { return unicode.Is(unicode.Han, r) })
	if !strings.ContainsFunc(typed, unicode.IsDigit) && !strings.ContainsAny(typed, ".。．@") { // the others have one
		return Text, han
	}
	compact := strings.ReplaceAll(text.NormalizeASCII(typed), " ", "")
	switch {
	case isCertificate(compact):
		return Certificate, true
	case mobileForm.MatchString(compact):
		return Mobile, true
	case strings.Contains(compact, "@") && len(contact.NormalizeEmail(compact).Check()) == 0:
		return Email, true
	}
	if _, _, err := number.Parse(compact); err == nil {
		return Number, true
	}
	validity := certificate.Validity{To: workday.Date(compact)}.Normalize()
	if validity.To.Valid() {
		return Date, true
	}
	if _, wrong := domainname.Parse(compact); !wrong.Blocking() && strings.Contains(compact, ".") {
		return Domains, true
	}
	return Text, han
}

// isCertificate reports whether a text has the check digit of an identity card or a business licence.
func isCertificate(compact string) bool {
	if len(compact) != 18 {
		return false
	}
	return slices.ContainsFunc([]certificate.Kind{certificate.ResidentID, certificate.BusinessLicence}, func(k certificate.Kind) bool {
		return len(certificate.Check(k, certificate.Normalize(k, compact), never)) == 0
	})
}

// otherForms are, for the columns whose values are recognised, the forms that a right value can also have.
var otherForms = map[Form][]Form{
	PersonName: {Text, Domains}, Certificate: {}, Number: {}, Domains: {Text}, Mobile: {Text}, Email: {Text}, Phone: {Mobile, Text}, Date: {Text}, Addresses: {}, Code: {Text},
}

// seemsSwapped reports whether a value in a column is certainly of another column's form, and which.
func seemsSwapped(column Form, typed string, wrong bool) (Form, bool) {
	if column == Number && strings.Contains(strings.ToUpper(typed), "ICP") { // a number that is wrong
		return "", false
	}
	also, recognised := otherForms[column]
	if !recognised || (column == Certificate || column == Domains || column == Addresses || column == Code || column == Number) && !wrong {
		return "", false
	}
	seems, certain := formOf(typed)
	if !certain || seems == column || slices.Contains(also, seems) {
		return "", false
	}
	return seems, true
}

var scientific = regexp.MustCompile(`^\d(?:\.\d+)?[eE]\+?\d{1,3}$`)

// isRounded reports whether a value is a number in scientific notation, which spreadsheets write for long numbers: digits are lost.
func isRounded(typed string) bool { return scientific.MatchString(text.NormalizeASCII(typed)) }

func provinceOf(division string) province.Code {
	code, _ := province.ParseCode(division[:2])
	return code
}
