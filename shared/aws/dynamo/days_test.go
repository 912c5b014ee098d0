package dynamo_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"beian/shared/filing"
	"beian/shared/process/figures"
	"beian/shared/rules/workday"
)

// countedDays: decisions are listed by day, each once; a message that is delivered again, also on another day, counts once; sums of a day replace those before.
func countedDays(t *testing.T, d *fixture) {
	d.putServer("server-1", 20)
	today := workday.DateOf(d.now())
	count := func() map[filing.FlowEvent]int {
		t.Helper()
		events := map[filing.FlowEvent]int{}
		if err := d.EachFlow(t.Context(), today, func(f filing.Flow) error {
			for _, e := range f.Events {
				events[e]++
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return events
	}
	before := count()
	d.walkWith(d.commitForAgency, 1, filing.MailDocuments)
	after := count()
	for _, e := range filing.FlowEvents {
		want := 0
		if e == filing.FlowOpened || e == filing.FlowEntered || e == filing.FlowPassed {
			want = 1
		}
		if got := after[e] - before[e]; got != want {
			t.Errorf("%s: %d, want %d", e, got, want)
		}
	}
	for _, one := range []struct {
		entry string
		first int
		d     figures.Delivery
		at    time.Time
	}{
		{"notice#1", 0, figures.Delivery{Kind: "submitted", SMS: 1}, d.now()},
		{"notice#1", 0, figures.Delivery{Kind: "submitted", SMS: 1, Mail: 1}, d.now().AddDate(0, 0, 1)}, // died before the entry was deleted
		{"notice#2", 0, figures.Delivery{Kind: "passed", SMS: 1}, d.now()},
		{"notice#2", 1, figures.Delivery{Kind: "passed", FailedMail: 1}, d.now().AddDate(0, 0, 1)},
	} {
		if err := d.RecordDelivery(t.Context(), one.entry, one.first, one.d, one.at); err != nil {
			t.Fatal(err)
		}
	}
	for day, want := range map[workday.Date]map[string]figures.Delivery{
		today:             {"submitted": {Kind: "submitted", SMS: 1, Mail: 1}, "passed": {Kind: "passed", SMS: 1}},
		today.AddDays(1):  {"passed": {Kind: "passed", FailedMail: 1}},
		today.AddDays(-1): {},
	} {
		got := map[string]figures.Delivery{}
		err := d.EachDelivery(t.Context(), day, func(one figures.Delivery) error {
			got[one.Kind] = one
			return nil
		})
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v %s", day, err, diff)
		}
	}
	for _, day := range []figures.Day{{Day: "2019-12-01"}, {Day: "2019-12-02"}, {Day: "2019-12-01", Reasons: []figures.Reason{{By: filing.RefusedByBureau, Code: "reviewer", Province: "11", Count: 3}}}, {Day: "2019-12-04"}} {
		if err := d.PutDay(t.Context(), day); err != nil {
			t.Fatal(err)
		}
	}
	days, err := d.Days(t.Context(), "2019-12-01", "2019-12-03")
	if err != nil || len(days) != 2 || len(days[0].Reasons) != 1 || days[1].Day != "2019-12-02" {
		t.Errorf("%+v, %v", days, err)
	}
	if day, err := d.SettledDay(t.Context()); day != "" || err != nil {
		t.Errorf("at first settled to %q, %v", day, err)
	}
	if err := d.PutSettledDay(t.Context(), today); err != nil {
		t.Fatal(err)
	}
	if day, err := d.SettledDay(t.Context()); day != today || err != nil {
		t.Errorf("settled to %q, %v", day, err)
	}
}
