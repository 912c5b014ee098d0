package certificate

import (
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"beian/shared/rules/finding"
	"beian/shared/rules/pattern"
	"beian/shared/rules/person"
	"beian/shared/rules/text"
	"beian/shared/rules/workday"
)

// A Number is the number of a certificate. It is personal data and prints as [redacted]; see package person.
type Number string

// Maximum lengths of certificate numbers in characters (MIIT-IF30 10.1: 255 for subjects, 128 for persons).
const (
	NumberLimit         = 255
	PersonalNumberLimit = 128
)

// Format writes [redacted].
func (Number) Format(f fmt.State, _ rune) { person.Redact(f) }

// LogValue returns [redacted].
func (Number) LogValue() slog.Value { return person.RedactedValue() }

// Reveal returns the number in clear.
func (n Number) Reveal() string { return string(n) }

// Masked returns the number with only its first three and last two characters visible, so that its owner can recognise it. Numbers
// of fewer than eight characters are hidden completely.
func (n Number) Masked() string {
	r := []rune(string(n))
	if len(r) < 8 {
		return strings.Repeat("*", len(r))
	}
	return string(r[:3]) + strings.Repeat("*", len(r)-5) + string(r[len(r)-2:])
}

// Codes of the findings about numbers of any kind.
const (
	NumberMissing finding.Code = "certificate-number-missing"
	NumberTooLong finding.Code = "certificate-number-too-long"
)

// A scheme is the format of a kind's numbers.
type scheme string

// schemes maps each scheme to its check. Checks expect a normalised number that is not empty.
var schemes = map[scheme]func(number string, on workday.Date) finding.List{
	"resident-id":           checkResidentID,
	"hk-macau-residence":    func(n string, on workday.Date) finding.List { return checkResidence(n, on, "81", "82") },
	"taiwan-residence":      func(n string, on workday.Date) finding.List { return checkResidence(n, on, "83") },
	"permanent-resident-id": checkPermanentResident,
	"unified-code":          func(n string, _ workday.Date) finding.List { return checkUnified(n) },
	"business-licence":      func(n string, _ workday.Date) finding.List { return checkLicence(n) },
	"organisation-code":     func(n string, _ workday.Date) finding.List { return checkOrganisation(n) },
	"may-be-unified":        func(n string, _ workday.Date) finding.List { return checkMaybeUnified(n) },
	"hk-macau-permit":       checkFormat(pattern.New(`^[HM]\d{8}(\d{2})?$`), HKMacauPermitFormat),
	"taiwan-permit":         checkFormat(pattern.New(`^(\d{8}|\d{10}[A-Z]?)$`), TaiwanPermitFormat),
	"passport":              checkFormat(pattern.New(`^[0-9A-Z]{5,17}$`), PassportFormat),
	"other":                 func(string, workday.Date) finding.List { return nil },
}

func checkFormat(form func() *regexp.Regexp, code finding.Code) func(string, workday.Date) finding.List {
	return func(n string, _ workday.Date) finding.List {
		if !form().MatchString(n) {
			return finding.List{finding.New(code, "")}
		}
		return nil
	}
}

// Codes of permits and passports. No published standard defines their formats, so these findings are warnings.
const (
	HKMacauPermitFormat finding.Code = "hk-macau-permit-format"
	TaiwanPermitFormat  finding.Code = "taiwan-permit-format"
	PassportFormat      finding.Code = "passport-format"
)

// Normalize returns the number in the form in which numbers are stored and compared: normalised as [text.NormalizeASCII] does. For kinds
// whose numbers are codes it keeps only letters, as capitals, and digits, because people write signs between and words before them. It reads
// other signs for the check character X, ignores what follows in brackets, such as the number of a licence's copy, and adds the hyphen of an
// organisation code.
func Normalize(kind Kind, typed string) Number {
	number := text.NormalizeASCII(typed)
	row, ok := kind.row()
	if !ok || row.Scheme == "other" {
		return Number(number)
	}
	code := codeOf(number)
	switch row.Scheme {
	case "may-be-unified":
		if !unifiedForm().MatchString(code) {
			return Number(number)
		}
	case "organisation-code":
		if organisationBare().MatchString(code) {
			code = code[:8] + "-" + code[8:]
		}
	}
	return Number(code)
}

// Fold returns the letters, as capitals, and the digits of a number or a part of one, for comparisons of what people type.
func Fold(typed string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, strings.ToUpper(likeX.Replace(text.NormalizeASCII(typed))))
}

var (
	beforeCode = pattern.New(`^(?:.*[^0-9A-Z])?NO[.: ]+`)
	afterCode  = pattern.New(`(?:\((?: ?\d{1,2} ?[-/] ?\d{1,2} ?|[^0-9()]{2,})\) ?)+$`) // the number of the copy (1-1), a nationality (CHN)
	likeX      = strings.NewReplacer("×", "X", "Х", "X", "х", "X", "Χ", "X", "χ", "X", "✕", "X")
)

// codeOf returns the ASCII letters, as capitals, and the digits of a normalised number as people write it.
func codeOf(number string) string {
	number = beforeCode().ReplaceAllString(strings.ToUpper(likeX.Replace(number)), "")
	return strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII {
			return -1
		}
		return r
	}, Fold(afterCode().ReplaceAllString(number, "")))
}

// Check returns the findings about a normalised number of a kind; their pointer is "". A birth date in the number must not be after
// the given time. For an unknown kind Check checks only the length.
func Check(kind Kind, number Number, on time.Time) finding.List {
	row, ok := kind.row()
	limit := NumberLimit
	if kind.Personal() {
		limit = PersonalNumberLimit
	}
	switch {
	case strings.TrimSpace(string(number)) == "":
		return finding.List{finding.New(NumberMissing, "")}
	case utf8.RuneCountInString(string(number)) > limit:
		return finding.List{finding.New(NumberTooLong, "", "limit", fmt.Sprint(limit))}
	case !ok:
		return nil
	}
	return schemes[row.Scheme](string(number), workday.DateOf(on))
}
