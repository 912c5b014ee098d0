package dynamo_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"beian/shared/filing"
	"beian/shared/process/coaching"
	"beian/shared/process/decide"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// countedVerdicts: a verdict is counted with its decision, once, in the row of its reviewer and month, Shanghai time.
func countedVerdicts(t *testing.T, d *fixture) {
	newYear := time.Date(2019, 12, 31, 16, 30, 0, 0, time.UTC) // 2020 in Shanghai
	commit := func(id filing.ID, v filing.VerdictFigures) error {
		o := filing.Order{ID: id, Version: 1, Account: "account-1", CreatedAt: newYear, MovedAt: newYear, Step: filing.Transmit}
		_, err := d.Commit(t.Context(), filing.Change{Order: o, Entry: filing.Entry{Order: id, Seq: 1, At: newYear}, Verdict: &v}, decide.Request{})
		return err
	}
	returned := filing.VerdictFigures{Reviewer: "a", At: newYear, Verdict: filing.VerdictReturn, First: true, Took: 90 * time.Second, Codes: []finding.Code{"address-missing", "reviewer"}}
	for id, v := range map[filing.ID]filing.VerdictFigures{
		"01EXAMPLE1": returned,
		"01EXAMPLE2": {Reviewer: "a", At: newYear, Verdict: filing.VerdictPass, First: true, Took: 100 * time.Hour},
		"01EXAMPLE3": {Reviewer: "a", At: newYear, Verdict: filing.VerdictPass, Took: 100 * time.Second},
		"01EXAMPLE4": {Reviewer: "b", At: newYear, Verdict: filing.VerdictReject},
	} {
		if err := commit(id, v); err != nil {
			t.Fatal(err)
		}
	}
	if err := commit("01EXAMPLE1", returned); fault.KindOf(err) != fault.Stale {
		t.Errorf("the same version again: %v", err)
	}
	a := coaching.Counts{Cases: 3, First: 2, FirstPass: 1, Verdicts: map[filing.Verdict]int{"return": 1, "pass": 2}, Minutes: map[int]int{1: 2, coaching.MaxMinutes: 1},
		Reasons: map[finding.Code]int{"address-missing": 1, "reviewer": 1}}
	b := coaching.Counts{Cases: 1, Verdicts: map[filing.Verdict]int{"reject": 1}, Minutes: map[int]int{}, Reasons: map[finding.Code]int{}}
	for account, want := range map[filing.Account]map[filing.Account]coaching.Counts{"": {"a": a, "b": b}, "a": {"a": a}, "c": {}} {
		got, err := d.VerdictCounts(t.Context(), "2020-01", account)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", account, diff)
		}
	}
	if none, err := d.VerdictCounts(t.Context(), "2019-12", ""); err != nil || len(none) != 0 {
		t.Error(none, err)
	}
}
