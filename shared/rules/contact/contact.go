// Package contact defines the phones and email addresses of responsible persons: [Mobile], [Phone] (office and emergency) and [Email].
// First normalise what a person typed, then check it.
//
//	mobile := contact.NormalizeMobile(" 138 0000 0000 ")
//	found := mobile.Check()
//
// All three are personal data and print as [redacted]; see package person. Lengths are those of the ministry's schema
// (MIIT-IF30 10.1, Fzr).
package contact

import (
	"fmt"
	"log/slog"
	"strings"

	"beian/shared/rules/finding"
	"beian/shared/rules/pattern"
	"beian/shared/rules/person"
	"beian/shared/rules/text"
)

// A Mobile is a mainland mobile number of eleven digits. The ministry's SMS goes to it.
type Mobile string

// A Phone is an office or emergency phone: a landline with its area code ("010-12345678", an extension after a second
// hyphen), or a mobile.
type Phone string

// Codes of the findings about phones.
const (
	MobileMissing  finding.Code = "mobile-missing"
	MobileFormat   finding.Code = "mobile-format"
	PhoneMissing   finding.Code = "phone-missing"
	PhoneFormat    finding.Code = "phone-format"
	PhoneAreaCode  finding.Code = "phone-area-code"
	PhoneLength    finding.Code = "phone-length"
	LandlineWanted finding.Code = "phone-landline-required"
	PhoneIsService finding.Code = "phone-service-number"
	EmergencySame  finding.Code = "emergency-phone-same"

	phoneMin, phoneMax = 11, 128
)

var (
	mobileForm   = pattern.New(`^1[3-9]\d{9}$`)
	landlineForm = pattern.New(`^0\d{2,3}-\d{7,8}(-\d{1,6})?$`)
	serviceForm  = pattern.New(`^(400|800)-?\d{3,4}-?\d{3,4}$`)

	// What people write: words before and after the number, the country code, and signs between the digits.
	typedMobile   = pattern.New(`^[^\d+]*(?:(?:\+|00)?86[^\d]*)?(?:0[^\d]*)?(1[3-9](?:[-_./·~ ,、()]*\d){9})[^\d]*$`)
	typedLandline = pattern.New(`^[^\d+]*(?:(?:\+|00)?86` + between + `0?|0)` + between + `(1\d|2\d|[3-9]\d{2})` + between +
		`(\d{3,4}` + between + `\d{4})(?:` + extension + `[.:= ]*(\d{1,6}))?\)?(?:\([^\d]*\))?[ ,;.]*$`)
	separators = strings.NewReplacer("-", "", "_", "", ".", "", "/", "", "·", "", "~", "", " ", "", ",", "", "、", "", "(", "", ")", "")
)

// between matches the signs that people write between the parts of a landline, extension what they write before an extension.
const (
	between   = `[-_./·・~、() ]*`
	extension = `(?:[-,;#*×( ]+(?i:` + words + `)?|(?i:` + words + `))`
	words     = `(?:转|轉|接|按|分机号?|分機號?|内线|extension|ext|x|p)+`
)

// Format writes [redacted].
func (Mobile) Format(f fmt.State, _ rune) { person.Redact(f) }

// LogValue returns [redacted].
func (Mobile) LogValue() slog.Value { return person.RedactedValue() }

// Reveal returns the number in clear.
func (m Mobile) Reveal() string { return string(m) }

// Masked returns the number as "138****0000", for pages that show to which number a message was sent.
func (m Mobile) Masked() string {
	if !mobileForm().MatchString(string(m)) {
		return person.Redacted
	}
	return string(m[:3]) + "****" + string(m[7:])
}

// Format writes [redacted].
func (Phone) Format(f fmt.State, _ rune) { person.Redact(f) }

// LogValue returns [redacted].
func (Phone) LogValue() slog.Value { return person.RedactedValue() }

// Reveal returns the number in clear.
func (p Phone) Reveal() string { return string(p) }

// Mobile returns the phone as a mobile, and reports whether it is one.
func (p Phone) Mobile() (Mobile, bool) { return Mobile(p), mobileForm().MatchString(string(p)) }

// NormalizeMobile returns the eleven digits of a mobile. It ignores the country code, signs between the digits, and words around them,
// as in "手机：+86 138-0000-0000（微信同号）". Text that is not a mobile stays as [text.NormalizeASCII] returns it.
func NormalizeMobile(typed string) Mobile {
	number := text.NormalizeASCII(typed)
	if parts := typedMobile().FindStringSubmatch(number); parts != nil {
		return Mobile(separators.Replace(parts[1]))
	}
	return Mobile(number)
}

// NormalizePhone returns a mobile as [NormalizeMobile] does, and a landline as area code, hyphen, number.
// The extension follows a hyphen: "010-12345678转8001" becomes "010-12345678-8001".
func NormalizePhone(typed string) Phone {
	if m := NormalizeMobile(typed); mobileForm().MatchString(string(m)) {
		return Phone(m)
	}
	number := text.NormalizeASCII(typed)
	parts := typedLandline().FindStringSubmatch(number)
	if parts == nil {
		return Phone(number)
	}
	phone := "0" + parts[1] + "-" + separators.Replace(parts[2])
	if parts[3] != "" {
		phone += "-" + parts[3]
	}
	return Phone(phone)
}

// Check returns the findings about a normalised mobile; their pointer is "".
func (m Mobile) Check() finding.List {
	switch {
	case m == "":
		return finding.List{finding.New(MobileMissing, "")}
	case !mobileForm().MatchString(string(m)):
		return finding.List{finding.New(MobileFormat, "")}
	}
	return nil
}

// Check returns the findings about a normalised office or emergency phone. It accepts a mobile; use [Phone.CheckLandline] in
// provinces that require a landline.
func (p Phone) Check() finding.List {
	switch text := string(p); {
	case text == "":
		return finding.List{finding.New(PhoneMissing, "")}
	case mobileForm().MatchString(text):
		return nil
	case serviceForm().MatchString(text):
		return finding.List{finding.New(PhoneIsService, "")}
	case strings.Trim(text, "0123456789-") != "":
		return finding.List{finding.New(PhoneFormat, "")}
	case text[0] != '0':
		return finding.List{finding.New(PhoneAreaCode, "")}
	case len(text) < phoneMin || len(text) > phoneMax:
		return finding.List{finding.New(PhoneLength, "")}
	case !landlineForm().MatchString(text):
		return finding.List{finding.New(PhoneFormat, "")}
	}
	return nil
}

// CheckLandline is [Phone.Check] for provinces that require a landline (Jiangsu, for organisations).
func (p Phone) CheckLandline() finding.List {
	if _, mobile := p.Mobile(); mobile {
		return finding.List{finding.New(LandlineWanted, "")}
	}
	return p.Check()
}

// CheckEmergency returns the findings about a normalised emergency phone, which must differ from the person's own mobile.
func (p Phone) CheckEmergency(own Mobile) finding.List {
	found := p.Check()
	if m, ok := p.Mobile(); ok && m == own {
		found = append(found, finding.New(EmergencySame, ""))
	}
	return found
}
