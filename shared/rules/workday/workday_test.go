package workday_test

import (
	"testing"
	"time"

	"beian/shared/rules/workday"
)

func threePM(text string) time.Time { return workday.Date(text).Time().Add(15 * time.Hour) }

func TestIsWorkday(t *testing.T) {
	for _, c := range []struct {
		day, why string
		want     bool
	}{
		{"2019-12-25", "an ordinary Wednesday", true},
		{"2019-12-28", "an ordinary Saturday", false},
		{"2020-01-31", "the Spring Festival of 2020 was made longer", false},
		{"2020-01-19", "a Sunday worked for the Spring Festival", true},
		{"2022-10-09", "a Sunday worked for the National Day", true},
		{"2025-10-08", "Mid-Autumn joined to the National Day", false},
		{"2026-02-14", "a Saturday worked", true},
		{"2026-02-23", "the ninth day of the Spring Festival", false},
		{"2031-10-01", "the National Day of a year that is not in the table", false},
		{"2031-10-06", "a Monday of a year that is not in the table", true},
		{"2032-01-01", "New Year of a year that is not in the table", false},
		{"2026-05-02", "a Saturday of a year in the table", false},
		{"2031-10-04", "a Saturday of a year that is not in the table", false},
	} {
		if got := workday.IsWorkday(threePM(c.day)); got != c.want {
			t.Errorf("IsWorkday(%s) = %t: %s", c.day, got, c.why)
		}
	}
}

func TestIsWorkdayUsesShanghaiTime(t *testing.T) {
	friday := time.Date(2019, 12, 27, 16, 30, 0, 0, time.UTC) // Saturday half past midnight in Shanghai
	if workday.IsWorkday(friday) {
		t.Error("it is already Saturday in Shanghai")
	}
}

func TestAdd(t *testing.T) {
	for _, c := range []struct {
		from string
		n    int
		want string
	}{
		{"2019-12-25", 0, "2019-12-25"},
		{"2019-12-27", 1, "2019-12-30"},
		{"2019-12-31", 1, "2020-01-02"},
		{"2020-01-10", 20, "2020-02-14"},
		{"2025-09-26", 3, "2025-09-30"},
		{"2025-09-30", 3, "2025-10-11"},
	} {
		got := workday.Add(threePM(c.from), c.n)
		if !got.Equal(threePM(c.want)) {
			t.Errorf("Add(%s, %d) = %s, want %s", c.from, c.n, got, c.want)
		}
	}
}

func TestDates(t *testing.T) {
	if got := workday.Date("2024-01-31").AddMonths(1); got != "2024-02-29" {
		t.Errorf("31 January plus a month: %s", got)
	}
	if got := workday.Date("2024-12-01").AddMonths(3); got != "2025-03-01" {
		t.Errorf("1 December plus three months: %s", got)
	}
	for on, want := range map[workday.Date]int{"2018-02-27": 17, "2018-02-28": 17, "2018-03-01": 18, "1999-01-01": 0} {
		if got := workday.Date("2000-02-29").YearsTo(on); got != want {
			t.Errorf("born on 29 February 2000, on %s: %d years, want %d", on, got, want)
		}
	}
	for _, bad := range []string{"", "2023-02-29", "2023-1-1", "20230101", "2023-01-01T00:00:00Z"} {
		if _, err := workday.ParseDate(bad); err == nil {
			t.Errorf("%q is not a date", bad)
		}
	}
}

func TestSpan(t *testing.T) {
	s := workday.Span{From: "2020-08-17", Until: "2021-06-30"}
	for on, want := range map[workday.Date]bool{"2020-08-16": false, "2020-08-17": true, "2021-06-30": true, "2021-07-01": false} {
		if s.InForce(on) != want {
			t.Errorf("on %s: %t", on, !want)
		}
	}
	for _, bad := range []workday.Span{{}, {From: "2020-13-01"}, {From: "2020-01-02", Until: "2020-01-01"}, {From: "2020-01-02", Until: "x"}} {
		if bad.Check() == nil {
			t.Errorf("%v passes", bad)
		}
	}
}

func FuzzParseDate(f *testing.F) {
	for _, seed := range []string{"2019-12-25", "2024-02-29", "0000-00-00", "9999-12-31", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := workday.ParseDate(text)
		if err != nil {
			return
		}
		if workday.DateOf(d.Time()) != d {
			t.Errorf("%q changes in a round trip through time.Time", text)
		}
	})
}
