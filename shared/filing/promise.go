package filing

import (
	"fmt"
	"time"

	"beian/shared/rules/workday"
)

// A ReviewPromise is the number of working days within which the provider says that it reviews an application.
type ReviewPromise int

// DefaultReviewPromise is the promise of a provider that sets none. Providers state one to two working days (icp-filing 3.2).
const DefaultReviewPromise ReviewPromise = 2

// maxReviewPromise is the longest promise. Our own rule: the bureau itself has 20 working days.
const maxReviewPromise = 20

// Check returns an error that says what is wrong with the promise, in English and Chinese.
func (p ReviewPromise) Check() error {
	if p < 1 || p > maxReviewPromise {
		return fmt.Errorf("%d is no number of working days from 1 to %d / %[1]d 不是 1 到 %[2]d 的工作日数", p, maxReviewPromise)
	}
	return nil
}

// Due returns the end of the working day, Shanghai time, by which an order that reached the review at a time is to be reviewed. Orders sorted by the time
// at which they reached the review are sorted by Due too.
func (p ReviewPromise) Due(reached time.Time) time.Time {
	return workday.DateOf(workday.Add(reached, int(p))).AddDays(1).Time().UTC()
}

// Late reports whether an order that reached the review at a time is late.
func (p ReviewPromise) Late(reached, now time.Time) bool { return !now.Before(p.Due(reached)) }

// LateBefore returns the first time at which an order may reach the review without being late now.
func (p ReviewPromise) LateBefore(now time.Time) time.Time {
	day := workday.DateOf(now)
	for p.Late(day.Time(), now) {
		day = day.AddDays(1)
	}
	for !p.Late(day.AddDays(-1).Time(), now) {
		day = day.AddDays(-1)
	}
	return day.Time()
}
