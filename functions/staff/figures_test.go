package staff

import (
	"strings"
	"testing"

	"beian/functions/operator"
)

// TestCharts: a chart scales to the largest number, and draws nothing where there are no percentiles.
func TestCharts(t *testing.T) {
	got := string(page{}.BacklogChart([]operator.BacklogDay{{Open: 10, Review: 5, Late: 1}, {Open: 0}}))
	for _, want := range []string{`class="open" x="0.0" y="0.0" width="240.0" height="120.0"`, `class="review" x="0.0" y="60.0" width="240.0" height="60.0"`, `class="late" x="0.0" y="108.0"`} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is missing in %s", want, got)
		}
	}
	if empty := string(page{}.BacklogChart([]operator.BacklogDay{{}})); strings.Contains(empty, "NaN") {
		t.Errorf("a day without orders: %s", empty)
	}
	half, most := 2, 60
	if bar := string(page{}.StepBar(operator.StepTime{P50: &half, P95: &most})); !strings.Contains(bar, `class="open" width="20"`) || !strings.Contains(bar, `class="review" width="2"`) {
		t.Errorf("a bar beyond its end: %s", bar)
	}
	if bar := (page{}).StepBar(operator.StepTime{Count: 3}); bar != "" {
		t.Errorf("a step with few visits: %s", bar)
	}
}

// TestFlowCharts: bars stand beside each other, a day without messages draws nothing wrong, and a share of nothing is empty.
func TestFlowCharts(t *testing.T) {
	got := string(page{}.FlowChart([]operator.FlowDay{{Entered: 4, Passed: 1, Rejected: 1}, {}}))
	for _, want := range []string{`class="open" x="0.0" y="0.0" width="120.0" height="120.0"`, `class="review" x="120.0" y="60.0" width="120.0" height="60.0"`, `class="open" x="300.0" y="120.0"`} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is missing in %s", want, got)
		}
	}
	if lost := string(page{}.MessageChart([]operator.Messages{{SMS: 2, FailedSMS: 1, Mail: 1, Bounced: 1}})); !strings.Contains(lost, `class="late" x="0.0" y="60.0"`) {
		t.Errorf("two of four messages were lost: %s", lost)
	}
	for _, c := range []struct {
		part, whole int
		want        string
	}{{3, 4, `class="review" width="75"`}, {0, 0, `class="review" width="0"`}} {
		if bar := string(page{}.ShareBar(c.part, c.whole)); !strings.Contains(bar, c.want) {
			t.Errorf("%d of %d: %s", c.part, c.whole, bar)
		}
	}
}

// TestReasons: a reason counts in all provinces, for each of those who gave it.
func TestReasons(t *testing.T) {
	got := byReason([]operator.Refusal{{By: "reviewer", Code: "a", Province: "11", Count: 3}, {By: "bureau", Code: "a", Province: "11", Count: 2}, {By: "bureau", Code: "a", Province: "44", Count: 2}})
	if len(got) != 2 || got[0].By != "bureau" || got[0].Count != 4 || len(got[0].In) != 2 || got[1].Count != 3 {
		t.Errorf("%+v", got)
	}
}
