package console

import (
	"testing"
	"time"

	"beian/infra/local/clock"
	"beian/infra/local/faults"
	"beian/infra/local/outbox"
	"beian/shared/web/pages/pagestest"
)

// TestWordsAndTemplates: each page has its words in both languages.
func TestWordsAndTemplates(t *testing.T) {
	sent, err := outbox.Open(outbox.Config{Folder: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { sent.Close() })
	pagestest.Check(t, New(Config{Origin: "http://127.0.0.1:8080", Clock: clock.StandingAt(time.Unix(0, 0)), Outbox: sent, Faults: faults.New()}).Site)
}
