package certificate

import (
	"fmt"
	"regexp"
	"slices"
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

// Normalize returns the period with its dates in the form YYYY-MM-DD: "2016.05.01", "2016/5/1", "20160501" and "2016年5月1日" are
// understood, and "长期" for the last day sets LongTerm. Other texts stay as they are.
func (v Validity) Normalize() Validity {
	v.From, v.To = normalizeDate(v.From), normalizeDate(v.To)
	if slices.Contains([]workday.Date{"长期", "長期", "永久", "长期有效"}, v.To) {
		v.To, v.LongTerm = "", true
	}
	return v
}

var typedDate = regexp.MustCompile(`^(\d{4})(?: ?[-./年] ?(\d{1,2}) ?[-./月] ?(\d{1,2}) ?日?|(\d{2})(\d{2}))$`)

func normalizeDate(d workday.Date) workday.Date {
	typed := text.NormalizeASCII(string(d))
	m := typedDate.FindStringSubmatch(typed)
	if m == nil {
		return workday.Date(typed)
	}
	return workday.Date(fmt.Sprintf("%s-%02s-%02s", m[1], m[2]+m[4], m[3]+m[5]))
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
