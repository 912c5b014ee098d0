package dynamo_test

import (
	"testing"

	"beian/shared/filing"
)

// countedVisits: the visits of an order count once, by province, kind and step; those of two years ago do not.
func countedVisits(t *testing.T, d *fixture) {
	order := func(id filing.ID) filing.Order {
		return filing.Order{ID: id, Province: "54", Type: filing.First}
	}
	visits := []filing.Visit{{Step: filing.InitialReview, Days: 1}, {Step: filing.InitialReview, Days: 1}, {Step: filing.AwaitBureau, Days: 7}}
	for _, one := range []struct {
		id   filing.ID
		year int
	}{{"01VISITS0001", 2026}, {"01VISITS0001", 2026}, {"01VISITS0002", 2025}, {"01VISITS0003", 2024}} {
		if err := d.AddVisits(t.Context(), order(one.id), one.year, visits); err != nil {
			t.Fatal(err)
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
