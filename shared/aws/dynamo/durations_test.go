package dynamo_test

import (
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/rules/fault"
)

// countedVisits: the visits of a change count once, by province, kind and step; those of two years ago do not.
func countedVisits(t *testing.T, d *fixture) {
	visits := []filing.Visit{{Step: filing.InitialReview, Days: 1}, {Step: filing.InitialReview, Days: 1}, {Step: filing.AwaitBureau, Days: 7}}
	for i, at := range []string{"2025-12-31T16:00:00Z", "2025-12-31T15:59:59Z", "2024-06-01T04:00:00Z"} { // a year begins in China
		c := d.opening(10200 + i)
		c.Order.Province, c.Order.Type, c.Visits = "54", filing.First, visits
		var err error
		if c.Entry.At, err = time.Parse(time.RFC3339, at); err != nil {
			t.Fatal(err)
		}
		d.commit(c)
		if _, err := d.Commit(t.Context(), c, decide.Request{}); fault.KindOf(err) != fault.Stale {
			t.Errorf("stored twice: %v", err)
		}
	}
	got, err := d.Durations(t.Context(), "54", 2026)
	if err != nil || len(got) != 2 {
		t.Fatalf("%+v, %v", got, err)
	}
	for _, one := range got {
		want := map[filing.Step][2]int{filing.InitialReview: {4, 1}, filing.AwaitBureau: {2, 7}}[one.Step]
		if one.Type != filing.First || one.Count() != want[0] || one.Days[want[1]] != want[0] {
			t.Errorf("%+v", one)
		}
	}
	if other, err := d.Durations(t.Context(), "11", 2026); err != nil || len(other) != 0 {
		t.Errorf("%+v, %v", other, err)
	}
}
