package figures_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"beian/shared/filing"
	"beian/shared/process/figures"
	"beian/shared/rules/province"
)

// open has open orders by step.
type open map[filing.Step][]filing.Order

func (o open) EachOpen(_ context.Context, step filing.Step, use func(filing.Order) error) error {
	for _, one := range o[step] {
		if err := use(one); err != nil {
			return err
		}
	}
	return nil
}

// TestCount: open orders are counted by step, those at the review by everything that the queue filters.
func TestCount(t *testing.T) {
	now := time.Date(2026, 11, 26, 2, 0, 0, 0, time.UTC) // a Thursday
	got, err := figures.Count(t.Context(), open{
		filing.CollectDetails: {{Province: "31"}, {Province: "11"}},
		filing.InitialReview: {
			{Province: "11", Type: filing.First, MovedAt: now.AddDate(0, 0, -3), Risks: []filing.Risk{filing.RiskExplained, filing.RiskAgency}}, // Monday: due at the end of Wednesday
			{Province: "11", Type: filing.First, MovedAt: now.AddDate(0, 0, -2), Risks: []filing.Risk{filing.RiskAgency}, Claim: &filing.Claim{Until: now.Add(time.Minute)}},
			{Province: "44", Type: filing.ChangeFiling, MovedAt: now, Claim: &filing.Claim{Until: now}},
		},
	}, filing.DefaultReviewPromise, now)
	want := figures.Counts{At: now, Steps: map[filing.Step]int{filing.CollectDetails: 2, filing.InitialReview: 3}, Provinces: map[province.Code]int{"11": 2, "44": 1},
		Kinds: map[filing.Type]int{filing.First: 2, filing.ChangeFiling: 1}, Risks: map[filing.Risk]int{filing.RiskExplained: 1, filing.RiskAgency: 2}, Late: 1, Claimed: 1}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	if got.Open() != 5 || got.Day() != "2026-11-26" {
		t.Errorf("%d open on %s", got.Open(), got.Day())
	}
}
