package filing_test

import (
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/rules/workday"
)

// TestReviewPromise: the promise counts working days, ends with the last of them, and keeps the sequence of orders.
func TestReviewPromise(t *testing.T) {
	at := func(text string) time.Time {
		when, err := time.ParseInLocation("2006-01-02 15:04", text, workday.Shanghai)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	for reached, due := range map[string]string{
		"2019-12-26 09:00": "2019-12-31 00:00", // Thursday: Friday and Monday
		"2019-12-26 23:59": "2019-12-31 00:00",
		"2019-12-28 09:00": "2020-01-01 00:00", // Saturday: Monday and Tuesday
		"2019-12-31 09:00": "2020-01-04 00:00", // New Year is a holiday
	} {
		got := filing.DefaultReviewPromise.Due(at(reached))
		if !got.Equal(at(due)) {
			t.Errorf("reached %s: due %s, want %s", reached, got, due)
		}
		if filing.DefaultReviewPromise.Late(at(reached), got.Add(-time.Millisecond)) || !filing.DefaultReviewPromise.Late(at(reached), got) {
			t.Errorf("reached %s: late before %s, or not then", reached, due)
		}
	}
	last := time.Time{}
	for hour := range 24 * 40 {
		reached := at("2019-12-20 00:30").Add(time.Duration(hour) * time.Hour)
		due := filing.DefaultReviewPromise.Due(reached)
		if due.Before(last) {
			t.Errorf("an order that reached the review at %s is due before one that reached it earlier", reached)
		}
		last = due
		now := at("2020-01-10 11:00")
		if late := reached.Before(filing.DefaultReviewPromise.LateBefore(now)); late != filing.DefaultReviewPromise.Late(reached, now) {
			t.Errorf("reached %s: late %v before %s", reached, late, filing.DefaultReviewPromise.LateBefore(now))
		}
	}
	for p, ok := range map[filing.ReviewPromise]bool{0: false, 1: true, 20: true, 21: false, -1: false} {
		if err := p.Check(); (err == nil) != ok {
			t.Errorf("%d: %v", p, err)
		}
	}
}
