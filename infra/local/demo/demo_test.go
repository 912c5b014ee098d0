package demo_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"beian/infra/local/clock"
	"beian/infra/local/demo"
	"beian/infra/local/system"
)

// TestFileThree checks the numbers, the ledgers and the output of the three filings. FileThree itself checks paths and messages.
func TestFileThree(t *testing.T) {
	var log bytes.Buffer
	s, err := system.Start(t.Context(), system.Config{
		Folder: t.TempDir(), Clock: clock.StandingAt(demo.Day), Staff: demo.Staff, ReviewDelay: 50 * time.Millisecond,
		Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelError})),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	var output bytes.Buffer
	d, err := demo.New(t.Context(), s, &output)
	if err != nil {
		t.Fatal(err)
	}
	filings, err := d.FileThree(t.Context())
	if err != nil {
		t.Fatalf("%v, after\n%s", err, &output)
	}
	for i, want := range []struct {
		number    string
		decisions int
	}{{"京ICP备19", 17}, {"浙ICP备19", 19}, {"苏ICP备19", 22}} {
		f := filings[i]
		if !strings.HasPrefix(f.Number, want.number) || len(f.Sites) != 1 || f.Sites[0] != f.Number+"-1" {
			t.Errorf("%s has the numbers %s and %q", f.Name, f.Number, f.Sites)
		}
		ledger, err := d.Reviewer.Ledger(t.Context(), f.Order)
		if err != nil || !ledger.Verified || len(ledger.Entries) != want.decisions {
			t.Errorf("%s: %v, verified %t, %d decisions: %v", f.Name, err, ledger.Verified, len(ledger.Entries), ledger.Decisions())
		}
	}
	for _, line := range []string{"claims the order and passes it", "returns it with two findings", "copyright line",
		"恭喜，xinghe-example.com", "恭喜，lvzhou-example.com", "is your code to verify", "Approved: lin-notes-example.cn"} {
		if !strings.Contains(output.String(), line) {
			t.Errorf("the output lacks %q:\n%s", line, &output)
		}
	}
	if log.Len() > 0 {
		t.Errorf("errors were logged:\n%s", &log)
	}
}
