// Package coaching sums up the verdicts of reviewers: how many cases, how many pass at first, how long they take, and which reasons are frequent.
//
//	counts, err := coaching.Of(ctx, store, from, to, account)
//	rate, ok := counts.FirstPassRate()
//
// A reviewer sees their own figures, and an operator the sums of all. Nothing here compares people. A rate or a median of fewer than [LeastCases] cases is not
// stated: it would say more about chance than about work.
package coaching

import (
	"context"
	"maps"
	"slices"
	"time"

	"beian/shared/filing"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/workday"
)

const (
	// LeastCases is the least number of cases of which a rate or a median is stated.
	LeastCases = 10
	// MaxMinutes is the highest number of minutes that is counted; longer reviews count as this.
	MaxMinutes = 240
	// maxMonths is the number of months of one sum.
	maxMonths = 12
)

// CodePeriod says that the months of a sum are wrong.
const CodePeriod finding.Code = "coaching-period"

// A Month is a calendar month in Shanghai, such as 2026-11.
type Month string

// MonthOf returns the month of a time.
func MonthOf(t time.Time) Month { return Month(t.In(workday.Shanghai).Format("2006-01")) }

// Before returns the month n months before, or m if m is no month.
func (m Month) Before(n int) Month {
	t, err := time.Parse("2006-01", string(m))
	if err != nil {
		return m
	}
	return Month(t.AddDate(0, -n, 0).Format("2006-01"))
}

// Counts are what is counted of verdicts.
type Counts struct {
	Cases     int // verdicts
	First     int // verdicts on orders that had none before
	FirstPass int // of First, those that passed
	Verdicts  map[filing.Verdict]int
	Minutes   map[int]int // verdicts by the minutes since the claim, up to MaxMinutes
	Reasons   map[finding.Code]int
}

// Add adds other counts.
func (c *Counts) Add(other Counts) {
	c.Cases, c.First, c.FirstPass = c.Cases+other.Cases, c.First+other.First, c.FirstPass+other.FirstPass
	addAll(&c.Verdicts, other.Verdicts)
	addAll(&c.Minutes, other.Minutes)
	addAll(&c.Reasons, other.Reasons)
}

func addAll[K comparable](to *map[K]int, from map[K]int) {
	if *to == nil {
		*to = map[K]int{}
	}
	for key, n := range from {
		(*to)[key] += n
	}
}

// FirstPassRate returns the share of first verdicts that passed. ok is false for fewer than [LeastCases].
func (c Counts) FirstPassRate() (rate float64, ok bool) {
	if c.First < LeastCases {
		return 0, false
	}
	return float64(c.FirstPass) / float64(c.First), true
}

// MedianMinutes returns the median of the whole minutes from claim to verdict, the lower one of two, and of how many verdicts. ok is false for fewer than
// [LeastCases].
func (c Counts) MedianMinutes() (minutes, n int, ok bool) {
	for _, times := range c.Minutes {
		n += times
	}
	if n < LeastCases {
		return 0, n, false
	}
	below := 0
	for _, minutes := range slices.Sorted(maps.Keys(c.Minutes)) {
		if below += c.Minutes[minutes]; 2*below >= n {
			return minutes, n, true
		}
	}
	return 0, n, false
}

// A Store has the counts. Package dynamo implements it.
type Store interface {
	// VerdictCounts returns the counts of a month by reviewer; with an account, only those of it.
	VerdictCounts(ctx context.Context, m Month, account filing.Account) (map[filing.Account]Counts, error)
}

// Of sums up the months from the first to the last, at most 12, of an account, or of all reviewers for "". reviewers is their number. The error is a fault of kind
// Invalid with [CodePeriod] for wrong months.
func Of(ctx context.Context, s Store, from, to Month, account filing.Account) (sum Counts, reviewers int, err error) {
	months, err := Months(from, to)
	if err != nil {
		return Counts{}, 0, err
	}
	seen := map[filing.Account]bool{}
	for _, m := range months {
		counts, err := s.VerdictCounts(ctx, m, account)
		if err != nil {
			return Counts{}, 0, err
		}
		for reviewer, one := range counts {
			seen[reviewer] = true
			sum.Add(one)
		}
	}
	return sum, len(seen), nil
}

// Months returns the months from the first to the last. The error is a fault of kind Invalid with [CodePeriod] if one is no month, the first is later, or there are
// more than 12.
func Months(from, to Month) ([]Month, error) {
	first, err := time.Parse("2006-01", string(from))
	last, errLast := time.Parse("2006-01", string(to))
	if err != nil || errLast != nil || first.After(last) || !first.AddDate(0, maxMonths, 0).After(last) {
		return nil, fault.WithFindings(fault.Invalid, finding.List{finding.New(CodePeriod, "")})
	}
	var months []Month
	for ; !first.After(last); first = first.AddDate(0, 1, 0) {
		months = append(months, Month(first.Format("2006-01")))
	}
	return months, nil
}
