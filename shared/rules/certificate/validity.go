package certificate

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"beian/shared/rules/finding"
	"beian/shared/rules/text"
	"beian/shared/rules/workday"
)

// Codes of a certificate's period of validity.
const (
	ValidityDate     finding.Code = "certificate-validity-date"
	ValidityMissing  finding.Code = "certificate-validity-missing"
	ValidityOrder    finding.Code = "certificate-validity-order"
	ValidityBoth     finding.Code = "certificate-validity-both"
	ValidityFuture   finding.Code = "certificate-not-yet-valid"
	ValidityExpired  finding.Code = "certificate-expired"
	ValidityExpiring finding.Code = "certificate-expiring"
)

// MonthsLeft is the number of months for which a certificate should remain valid; most providers require 3. A shorter period is a warning.
const MonthsLeft = 3

// A Validity is the period printed on a certificate. Exactly one of To and LongTerm is set; From is optional.
type Validity struct {
	From     workday.Date `json:"from,omitempty" doc:"first day, YYYY-MM-DD"`
	To       workday.Date `json:"to,omitempty" doc:"last day, YYYY-MM-DD"`
	LongTerm bool         `json:"longTerm,omitempty" doc:"the certificate says 长期"`
}

// Normalize returns the period with its dates in the form YYYY-MM-DD. It reads what people write and what certificates print: "2016.05.01",
// "2016/5/1", "20160501", "2016年5月1日", "二〇一六年五月一日", a time after the date, and both days of the period in one field, which also
// fill the other field if it is empty. For the last day, "长期", other words for it, and the year 9999 set LongTerm. Other texts stay as they are.
func (v Validity) Normalize() Validity {
	from, end := splitPeriod(v.From)
	start, to := splitPeriod(v.To)
	if from == "" && start != to {
		from = start
	}
	if to == "" && end != from && !v.LongTerm {
		to = end
	}
	v.From, v.To = normalizeDate(from), normalizeDate(to)
	if slices.Contains(longTerm, strings.ToLower(wordSigns.Replace(string(v.To)))) || v.To.Valid() && v.To[:4] == "9999" {
		v.To, v.LongTerm = "", true
	}
	return v
}

// longTerm are words for a period without end, in lower case without signs.
var longTerm = []string{"长期", "長期", "长期有效", "長期有效", "永久", "永久有效", "永久存续", "永续经营", "无固定期限", "无期限", "不约定期限", "至长期", "至永久",
	"longterm", "permanent", "indefinite"}

// The forms are compiled and the replacer is made at their first use, because most functions do not use them.
var (
	typedDate = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^[自至]? ?(\d{4})(?: ?[-._,/·、年 ] ?(\d{1,2}) ?[-._,/·、月 ] ?(\d{1,2}) ?[日号]?|(\d{2})(\d{2}))[起止.]?(?:[T ]\d.*)?$`)
	})
	typedPeriod = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^自? ?(\d{8}|\d{4}[-._,/·、年 ]+\d{1,2}[-._,/·、月 ]+\d{1,2} ?日?) ?[-~至到]+ ?(\d{4}.+|\D+)$`)
	})
	wordSigns = strings.NewReplacer(" ", "", "-", "", "/", "", ".", "", "(", "", ")", "")
)

// splitPeriod returns the days of "2016.05.01-2036.05.01", and twice the text if it is not a period.
func splitPeriod(typed workday.Date) (from, to string) {
	text := numerals().Replace(text.NormalizeASCII(string(typed)))
	if parts := typedPeriod().FindStringSubmatch(text); parts != nil {
		return parts[1], parts[2]
	}
	return text, text
}

func normalizeDate(typed string) workday.Date {
	if at, err := time.Parse(time.RFC3339, typed); err == nil {
		return workday.DateOf(at) // what programs send for midnight in Shanghai
	}
	m := typedDate().FindStringSubmatch(typed)
	if m == nil {
		return workday.Date(typed)
	}
	return workday.Date(fmt.Sprintf("%s-%02s-%02s", m[1], m[2]+m[4], m[3]+m[5]))
}

// numerals replaces the numerals of a date in Chinese characters, 三十一 before 三十 before 三.
var numerals = sync.OnceValue(newNumerals)

func newNumerals() *strings.Replacer {
	digits := []string{"", "一", "二", "三", "四", "五", "六", "七", "八", "九"}
	var pairs []string
	for n := 31; n > 9; n-- {
		tens := strings.TrimPrefix(digits[n/10], "一") + "十"
		pairs = append(pairs, tens+digits[n%10], strconv.Itoa(n))
	}
	for n, digit := range digits[1:] {
		pairs = append(pairs, digit, strconv.Itoa(n+1))
	}
	return strings.NewReplacer(append(pairs, "〇", "0", "○", "0", "零", "0")...)
}

// Check returns the findings about the period at a time, with pointers "/from" and "/to".
func (v Validity) Check(on time.Time) finding.List {
	var found finding.List
	today := workday.DateOf(on)
	switch {
	case v.From == "":
	case !v.From.Valid():
		found = append(found, finding.New(ValidityDate, "/from"))
	case v.From > today:
		found = append(found, finding.New(ValidityFuture, "/from"))
	}
	switch {
	case v.LongTerm && v.To != "":
		found = append(found, finding.New(ValidityBoth, "/to"))
	case v.LongTerm:
	case v.To == "":
		found = append(found, finding.New(ValidityMissing, "/to"))
	case !v.To.Valid():
		found = append(found, finding.New(ValidityDate, "/to"))
	case v.From.Valid() && v.To < v.From:
		found = append(found, finding.New(ValidityOrder, "/to"))
	case v.To < today:
		found = append(found, finding.New(ValidityExpired, "/to"))
	case v.To < today.AddMonths(MonthsLeft):
		found = append(found, finding.New(ValidityExpiring, "/to"))
	}
	return found
}

// ExpiresOn returns the last day of validity. It returns false for long-term certificates and empty periods.
func (v Validity) ExpiresOn() (workday.Date, bool) { return v.To, !v.LongTerm && v.To.Valid() }
