package coaching_test

import (
	"context"
	"testing"

	"beian/shared/filing"
	"beian/shared/process/coaching"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// counted is a store with the counts of each month.
type counted map[coaching.Month]map[filing.Account]coaching.Counts

func (c counted) VerdictCounts(_ context.Context, m coaching.Month, account filing.Account) (map[filing.Account]coaching.Counts, error) {
	if account == "" {
		return c[m], nil
	}
	if one, ok := c[m][account]; ok {
		return map[filing.Account]coaching.Counts{account: one}, nil
	}
	return nil, nil
}

// TestSums: the months of one reviewer, and of all, are summed up; few cases have no rate and no median.
func TestSums(t *testing.T) {
	reasons := map[finding.Code]int{"address-missing": 2}
	s := counted{
		"2026-10": {"a": {Cases: 6, First: 6, FirstPass: 5, Minutes: map[int]int{3: 4, 9: 2}, Reasons: reasons}, "b": {Cases: 1, First: 1, Minutes: map[int]int{240: 1}}},
		"2026-11": {"a": {Cases: 5, First: 4, FirstPass: 4, Minutes: map[int]int{9: 5}, Reasons: reasons}},
	}
	own, reviewers, err := coaching.Of(t.Context(), s, "2026-10", "2026-11", "a")
	if err != nil || reviewers != 1 || own.Cases != 11 || own.Reasons["address-missing"] != 4 {
		t.Errorf("%+v of %d, %v", own, reviewers, err)
	}
	if rate, ok := own.FirstPassRate(); !ok || rate != 0.9 {
		t.Errorf("first-pass rate %v, %t", rate, ok)
	}
	if median, n, ok := own.MedianMinutes(); !ok || median != 9 || n != 11 {
		t.Errorf("median %d of %d, %t", median, n, ok)
	}
	team, reviewers, err := coaching.Of(t.Context(), s, "2026-10", "2026-10", "")
	if _, ok := team.FirstPassRate(); err != nil || reviewers != 2 || team.Cases != 7 || ok {
		t.Errorf("%+v of %d, %v, rate stated: %t", team, reviewers, err, ok)
	}
	if _, n, ok := team.MedianMinutes(); ok || n != 7 {
		t.Errorf("a median of %d is stated", n)
	}
	if reasons["address-missing"] != 2 {
		t.Error("summing up changed the counts")
	}
	for _, wrong := range [][2]coaching.Month{{"2026-11", "2026-10"}, {"2025-11", "2026-11"}, {"", "2026-11"}, {"2026-13", "2026-13"}} {
		if _, _, err := coaching.Of(t.Context(), s, wrong[0], wrong[1], ""); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%v: %v", wrong, err)
		}
	}
}
