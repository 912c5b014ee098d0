package filing_test

import (
	"slices"
	"testing"
	"time"

	"beian/shared/filing"
)

// TestVisits: a visit lasts from the decision that entered the step to the one that left it, in working days.
func TestVisits(t *testing.T) {
	at := func(day string) time.Time {
		t, err := time.Parse(time.DateOnly, day)
		if err != nil {
			panic(err)
		}
		return t
	}
	got := filing.Visits([]filing.Entry{
		{At: at("2026-09-28"), Step: filing.InitialReview, Round: 1}, {At: at("2026-09-28"), Step: filing.InitialReview, Round: 1},
		{At: at("2026-09-29"), Step: filing.VerifySMS, Round: 1}, {At: at("2026-09-29"), Step: filing.AwaitBureau, Round: 1},
		{At: at("2026-10-09"), Step: filing.Announce, Round: 1}, {At: at("2026-10-12"), Step: filing.Done, Round: 1},
	})
	want := []filing.Visit{{Step: filing.InitialReview, Days: 1}, {Step: filing.VerifySMS}, {Step: filing.AwaitBureau, Days: 3}} // 1 to 7 October are holidays
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestDurations: the median and the day by which four in five ended.
func TestDurations(t *testing.T) {
	var d filing.Durations
	copy(d.Days[:], []int{0, 5, 5, 0, 0, 6, 0, 0, 0, 4})
	if d.Count() != 20 || d.Within(50) != 2 || d.Within(80) != 5 || d.Within(100) != 9 {
		t.Errorf("n %d, p50 %d, p80 %d, all %d", d.Count(), d.Within(50), d.Within(80), d.Within(100))
	}
}
