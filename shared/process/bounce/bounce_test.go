package bounce_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"beian/shared/filing/register"
	"beian/shared/process/bounce"
	"beian/shared/process/duties"
	"beian/shared/rules/fault"
)

// A table is the store of a counter and of its duties, which has one message: a reminder of a filing.
type table struct {
	duties.Store
	filing error // of reading the filing
}

func (table) RecordBounce(_ context.Context, entry, _ string, _ time.Time) (register.ID, bool, error) {
	return "01DX2QTM8000000000000000FL", entry == "notice#01DX2QTM8000000000000000NT", nil
}

func (s table) Filing(context.Context, register.ID) (register.Filing, error) {
	return register.Filing{}, s.filing
}

// TestReminderWhoseFilingCannotBeRead: an error that may pass is returned, so that the bounce is reported again; that the filing is gone is none.
func TestReminderWhoseFilingCannotBeRead(t *testing.T) {
	for kind, want := range map[fault.Kind]fault.Kind{fault.Unavailable: fault.Unavailable, fault.NotFound: "", fault.Conflict: ""} {
		s := table{filing: fault.New(kind, "读取失败。", "It cannot be read.")}
		c := bounce.Counter{Store: s, Duties: &duties.Service{Store: s, Now: time.Now}, Now: time.Now, Log: slog.New(slog.DiscardHandler)}
		if known, err := c.Count(t.Context(), "notice_01DX2QTM8000000000000000NT", "0123456789abcdef"); fault.KindOf(err) != want || !known {
			t.Errorf("%s: known %t, %v", kind, known, err)
		}
		if known, err := c.Count(t.Context(), "other", "0123456789abcdef"); known || err != nil {
			t.Errorf("an unknown message: known %t, %v", known, err)
		}
	}
}
