package bounce_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
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
	bounce error // of storing the bounce
}

func (s table) RecordBounce(_ context.Context, entry, _ string, _ time.Time) (register.ID, bool, error) {
	return "01DX2QTM8000000000000000FL", entry == "notice#01DX2QTM8000000000000000NT" && s.bounce == nil, s.bounce
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

// TestLog: what the alarm about bounces counts is logged only if something failed. A bounce that is early, or that meets another change of its filing, is reported again.
func TestLog(t *testing.T) {
	down := fault.New(fault.Unavailable, "读取失败。", "It cannot be read.")
	for name, c := range map[string]struct {
		store table
		key   string
		want  string // the line without time and cause
	}{
		"counted":            {table{}, "notice_01DX2QTM8000000000000000NT", ""},
		"of another sender":  {table{}, "", `level=WARN msg="an email bounced that was not counted before"`},
		"unknown":            {table{}, "other", `level=WARN msg="an email bounced that was not counted before"`},
		"early":              {table{bounce: bounce.ErrNotCounted}, "notice_01DX2QTM8000000000000000NT", `level=WARN msg="a bounce has to be reported again"`},
		"the filing changes": {table{filing: fault.Contended(nil)}, "notice_01DX2QTM8000000000000000NT", `level=WARN msg="a bounce has to be reported again"`},
		"without the table":  {table{bounce: down}, "notice_01DX2QTM8000000000000000NT", `level=ERROR msg="a bounce could not be counted"`},
		"without the filing": {table{filing: down}, "notice_01DX2QTM8000000000000000NT", `level=ERROR msg="a bounce could not be counted"`},
	} {
		if c.store.filing == nil {
			c.store.filing = fault.New(fault.NotFound, "没有这条备案。", "There is no such filing.")
		}
		var log bytes.Buffer
		counter := bounce.Counter{Store: c.store, Duties: &duties.Service{Store: c.store, Now: time.Now}, Now: time.Now, Log: slog.New(slog.NewTextHandler(&log, nil))}
		_, err := counter.Count(t.Context(), c.key, "0123456789abcdef")
		if line := log.String(); !strings.Contains(line, c.want) || (c.want == "") != (line == "") {
			t.Errorf("%s: logged %q, want %q", name, line, c.want)
		}
		if failed := strings.Contains(c.want, "again") || strings.Contains(c.want, "ERROR"); failed != (err != nil) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
