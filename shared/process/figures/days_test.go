package figures_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"beian/shared/filing"
	"beian/shared/process/figures"
	"beian/shared/rules/finding"
	"beian/shared/rules/workday"
)

// A dayStore has what happened, by day, and the sums.
type dayStore struct {
	flow       map[workday.Date][]filing.Flow
	deliveries map[workday.Date][]figures.Delivery
	sums       map[workday.Date]figures.Day
	settled    workday.Date
	read       []workday.Date
	err        error
}

func (s *dayStore) EachFlow(_ context.Context, day workday.Date, use func(filing.Flow) error) error {
	s.read = append(s.read, day)
	for _, f := range s.flow[day] {
		if err := use(f); err != nil {
			return err
		}
	}
	return s.err
}

func (s *dayStore) EachDelivery(_ context.Context, day workday.Date, use func(figures.Delivery) error) error {
	for _, d := range s.deliveries[day] {
		if err := use(d); err != nil {
			return err
		}
	}
	return nil
}

func (s *dayStore) PutDay(_ context.Context, d figures.Day) error {
	s.sums[d.Day] = d
	return nil
}

func (s *dayStore) SettledDay(context.Context) (workday.Date, error) { return s.settled, nil }

func (s *dayStore) PutSettledDay(_ context.Context, day workday.Date) error {
	s.settled = day
	return nil
}

// TestSumDays: what happened on a day is added up by kind and province, reasons by who and province, messages by kind; a second run changes nothing.
func TestSumDays(t *testing.T) {
	now := time.Date(2026, 11, 26, 2, 0, 0, 0, time.UTC)
	passed := filing.Flow{Events: []filing.FlowEvent{filing.FlowSent, filing.FlowFirst, filing.FlowFirstPass}, Type: filing.First, Province: "11"}
	returned := filing.Flow{Events: []filing.FlowEvent{filing.FlowReturned}, Type: filing.First, Province: "11", Refuser: filing.RefusedByReviewer, Codes: []finding.Code{"reviewer", "address-missing"}}
	s := &dayStore{sums: map[workday.Date]figures.Day{}, flow: map[workday.Date][]filing.Flow{
		"2026-11-25": {passed}, "2026-11-26": {returned, passed, {Events: []filing.FlowEvent{filing.FlowOpened}, Province: "44"}, returned, passed}},
		deliveries: map[workday.Date][]figures.Delivery{"2026-11-26": {{Kind: "submitted", SMS: 1, FailedMail: 1}, {Kind: "passed", Mail: 1}, {Kind: "submitted", SMS: 1, Mail: 1, Limited: 2, Bounced: 1}}}}
	want := map[workday.Date]figures.Day{
		"2026-11-25": {Day: "2026-11-25", Flow: []figures.Tally{{Type: filing.First, Province: "11", Events: map[filing.FlowEvent]int{filing.FlowSent: 1, filing.FlowFirst: 1, filing.FlowFirstPass: 1}}}},
		"2026-11-26": {Day: "2026-11-26", Flow: []figures.Tally{{Province: "44", Events: map[filing.FlowEvent]int{filing.FlowOpened: 1}},
			{Type: filing.First, Province: "11", Events: map[filing.FlowEvent]int{filing.FlowReturned: 2, filing.FlowSent: 2, filing.FlowFirst: 2, filing.FlowFirstPass: 2}}},
			Reasons:  []figures.Reason{{By: filing.RefusedByReviewer, Code: "address-missing", Province: "11", Count: 2}, {By: filing.RefusedByReviewer, Code: "reviewer", Province: "11", Count: 2}},
			Messages: []figures.Delivery{{Kind: "passed", Mail: 1}, {Kind: "submitted", SMS: 2, Mail: 1, FailedMail: 1, Limited: 2, Bounced: 1}}},
	}
	for range 2 {
		if err := figures.SumDays(t.Context(), s, now); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, s.sums); diff != "" || s.settled != "2026-11-25" {
			t.Errorf("settled to %s (-want +got):\n%s", s.settled, diff)
		}
	}
	if n := len(s.read); n != 31+1 {
		t.Errorf("%d days were read, want 31 at first and then today", n)
	}
	total := s.sums["2026-11-26"].In("11").Total()
	if total[filing.FlowSent] != 2 || total[filing.FlowOpened] != 0 || len(s.sums["2026-11-26"].Flow) != 2 {
		t.Errorf("in Beijing: %v", total)
	}
}

// TestSettledDays: a day is summed up until ten minutes after its end, and all days of an outage are; after an error, a day is not settled.
func TestSettledDays(t *testing.T) {
	s := &dayStore{settled: "2026-11-20"}
	midnight := workday.Date("2026-11-26").Time()
	for _, run := range []struct {
		at      time.Time
		err     error
		read    []workday.Date
		settled workday.Date
	}{
		{midnight.Add(-time.Hour), nil, []workday.Date{"2026-11-21", "2026-11-22", "2026-11-23", "2026-11-24", "2026-11-25"}, "2026-11-24"},
		{midnight.Add(5 * time.Minute), nil, []workday.Date{"2026-11-25", "2026-11-26"}, "2026-11-24"},
		{midnight.Add(10 * time.Minute), errors.New("no table"), []workday.Date{"2026-11-25"}, "2026-11-24"},
		{midnight.Add(15 * time.Minute), nil, []workday.Date{"2026-11-25", "2026-11-26"}, "2026-11-25"},
		{midnight.Add(20 * time.Minute), nil, []workday.Date{"2026-11-26"}, "2026-11-25"},
	} {
		s.read, s.err = nil, run.err
		if err := figures.SumDays(t.Context(), s, run.at); !errors.Is(err, run.err) {
			t.Errorf("%s: %v", run.at, err)
		}
		if diff := cmp.Diff(run.read, s.read); diff != "" || s.settled != run.settled {
			t.Errorf("%s: settled to %s (-want +got):\n%s", run.at, s.settled, diff)
		}
	}
}
