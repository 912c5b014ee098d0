package finding_test

import (
	"strings"
	"testing"

	"beian/shared/rules/finding"
)

// TestLimited: a list that is too long keeps what blocks, and counts the rest.
func TestLimited(t *testing.T) {
	var l finding.List
	for range 300 {
		l = append(l, finding.Finding{Code: "w", Severity: finding.Warn}, finding.Finding{Code: "i", Severity: finding.Inform})
	}
	for range 50 {
		l = append(l, finding.Finding{Code: "b", Severity: finding.Block})
	}
	got := l.Limited(7)
	if len(got) != finding.MaxListed || got[49].Code != "b" || got[50].Code != "w" || got[98].Code != "w" {
		t.Errorf("%d findings: %v", len(got), got)
	}
	if last := got[99]; last.Code != finding.CodeMore || !strings.Contains(last.Message.English, "558") || !strings.Contains(last.Message.Chinese, "558") {
		t.Errorf("the last is %+v", last)
	}
	if l[0].Code != "w" || len(got.Limited(0)) != len(got) {
		t.Error("the list itself was changed, or is limited again")
	}
	long := finding.List{{Severity: finding.Warn, Message: finding.Words{Chinese: strings.Repeat("字", 30_000)}}, {Severity: finding.Block, Message: finding.Words{Chinese: strings.Repeat("字", 30_000)}}}
	if got := long.Limited(0); len(got) != 2 || got[0].Severity != finding.Block || got[1].Code != finding.CodeMore {
		t.Errorf("%d findings", len(got))
	}
}
