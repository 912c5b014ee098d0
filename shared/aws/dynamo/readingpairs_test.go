package dynamo_test

import (
	"slices"
	"testing"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/process/coaching"
	"beian/shared/process/decide"
	"beian/shared/rules/finding"
)

// readVerdicts: a verdict that waits has an entry of the outbox for later. Two readings of an order are one row of their month. Lists know who has read it.
func readVerdicts(t *testing.T, d *fixture) {
	second := filing.Actor{Account: "reviewer-2", Role: filing.Reviewer}
	w := d.walkTo(1, filing.InitialReview)
	given := filing.GivenVerdict{Verdict: filing.VerdictReturn, Findings: finding.List{finding.New(filing.CodeAddressMissing, "/subject/address")}}
	twice := filing.SecondReadings{Percent: 100}
	w.Decide(filingtest.Reviewer, filing.ClaimOrder{})
	w.Decide(filingtest.Reviewer, filing.RecordVerdict{Verdict: given, Undo: filing.MaxUndo, Readings: twice})
	found := d.entries(decide.ApplyVerdict)
	if len(found) != 1 || found[0].Verdict != w.Order.Waiting.Seq || found[0].NotBefore.Sub(found[0].At) != filing.MaxUndo {
		t.Fatalf("entries %+v", found)
	}
	if stored := d.order(w.Order.ID); stored.Waiting == nil || stored.Private.Waiting == nil || !stored.Private.Waiting.Second {
		t.Errorf("stored %+v", stored.Waiting)
	}
	w.Decide(filing.Beian, filing.ApplyVerdict{Seq: found[0].Verdict})
	queue, err := d.ListOpen(t.Context(), filing.InitialReview, "", 10)
	if err != nil || len(queue.Orders) != 1 || !queue.Orders[0].AwaitsOther(filingtest.Reviewer.Account) || queue.Orders[0].AwaitsOther(second.Account) || len(queue.Orders[0].Private.Verdicts) != 0 {
		t.Errorf("queue %+v, %v", queue.Orders, err)
	}
	w.Decide(second, filing.ClaimOrder{})
	w.Decide(second, filing.RecordVerdict{Verdict: given, Readings: twice})
	month := coaching.MonthOf(w.At)
	pairs, err := d.ReadingPairs(t.Context(), month)
	if err != nil || len(pairs) != 1 || pairs[0].Order != w.Order.ID || pairs[0].Readers != [2]filing.Account{filingtest.Reviewer.Account, "reviewer-2"} || !slices.Equal(pairs[0].Codes[1], []finding.Code{filing.CodeAddressMissing}) {
		t.Errorf("pairs %+v, %v", pairs, err)
	}
	if none, err := d.ReadingPairs(t.Context(), month.Before(1)); err != nil || len(none) != 0 {
		t.Errorf("pairs of the month before: %+v, %v", none, err)
	}
}
