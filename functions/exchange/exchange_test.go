package exchange_test

import (
	"log/slog"
	"testing"

	function "beian/functions/exchange"
	"beian/infra/local/steptest"
	"beian/shared/process/exchange"
)

// TestHandle runs once with an empty queue, and once while another run holds the link. The tests of shared/process/exchange cover the
// exchange itself.
func TestHandle(t *testing.T) {
	w := steptest.New(t)
	h := function.Handler{Exchange: &exchange.Exchange{Decisions: w.Service, Store: w.Store, Client: w.Facts.Bureau, Link: "99001",
		Now: w.Clock.Now, Log: slog.New(slog.DiscardHandler)}}
	report, err := h.Handle(t.Context(), struct{}{})
	if err != nil || report.Busy || report.Files != 0 || report.Downloads != 0 {
		t.Errorf("an empty queue: %+v, %v", report, err)
	}
	if _, err := w.Store.AcquireLink(t.Context(), "99001", "another run"); err != nil {
		t.Fatal(err)
	}
	if report, err := h.Handle(t.Context(), struct{}{}); err != nil || !report.Busy {
		t.Errorf("a link with another holder: %+v, %v", report, err)
	}
}
