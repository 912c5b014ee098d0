package workday

import (
	"fmt"
	"time"
)

// Shanghai is the time zone of every date in a filing: UTC+8, without summer time. It is a fixed zone and needs no time zone
// database.
var Shanghai = time.FixedZone("Asia/Shanghai", 8*60*60)

// A Date is a day in Shanghai, written "2006-01-02". Dates compare with < and ==. The zero value "" is no date.
type Date string

const layout = time.DateOnly

// DateOf returns the date of t in Shanghai.
func DateOf(t time.Time) Date { return Date(t.In(Shanghai).Format(layout)) }

// ParseDate parses a date. A date that does not exist, such as "2024-02-30", is an error.
func ParseDate(text string) (Date, error) {
	if _, err := time.ParseInLocation(layout, text, Shanghai); err != nil {
		return "", fmt.Errorf("not a date: write an existing day as YYYY-MM-DD: %w", err)
	}
	return Date(text), nil
}

// Valid reports whether d is an existing day; "" is not.
func (d Date) Valid() bool {
	_, err := ParseDate(string(d))
	return err == nil
}

// Time returns the start of the day in Shanghai, or the zero time if d is not valid.
func (d Date) Time() time.Time {
	t, err := time.ParseInLocation(layout, string(d), Shanghai)
	if err != nil {
		return time.Time{}
	}
	return t
}

// AddDays returns the date n days later; n may be negative.
func (d Date) AddDays(n int) Date { return DateOf(d.Time().AddDate(0, 0, n)) }

// AddMonths returns the date n months later. If that month is too short, it returns the month's last day:
// 31 January plus one month is 28 or 29 February.
func (d Date) AddMonths(n int) Date {
	t := d.Time()
	first := time.Date(t.Year(), t.Month()+time.Month(n), 1, 0, 0, 0, 0, Shanghai)
	last := first.AddDate(0, 1, -1).Day()
	return DateOf(first.AddDate(0, 0, min(t.Day(), last)-1))
}

// YearsTo returns the number of full years from d to on: the age of a person born on d. It returns 0 if on is before d.
func (d Date) YearsTo(on Date) int {
	from, to := d.Time(), on.Time()
	years := to.Year() - from.Year()
	if to.Month() < from.Month() || to.Month() == from.Month() && to.Day() < from.Day() {
		years--
	}
	return max(years, 0)
}

// A Span is the period during which a rule is in force, first and last day included. An empty Until means until further notice.
type Span struct {
	From  Date `json:"from" doc:"first day in force, Shanghai time"`
	Until Date `json:"until,omitempty" doc:"last day in force; absent while in force"`
}

// InForce reports whether the rule is in force on a day.
func (s Span) InForce(on Date) bool { return s.From <= on && (s.Until == "" || on <= s.Until) }

// Check returns an error unless From is a date and Until is empty or a date not before From.
func (s Span) Check() error {
	if !s.From.Valid() {
		return fmt.Errorf("the first day %q is not a date", string(s.From))
	}
	if s.Until != "" && (!s.Until.Valid() || s.Until < s.From) {
		return fmt.Errorf("the last day %q is not a date, or is before the first day %s", string(s.Until), s.From)
	}
	return nil
}
