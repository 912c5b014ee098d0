// Package workday counts the working days of Chinese authorities ([Add], [IsWorkday]) and defines the dates and periods of the rules
// ([Date], [Span]).
//
//	deadline := workday.Add(acceptedAt, 20) // 20 working days later, at the same time of day
//
// The State Council's General Office announces public holidays and working weekends each autumn for the next year. holidays.json
// lists them with the number of the notice. In years without a notice, Monday to Friday are working days, except
// the holidays on fixed days of the solar calendar: 1 January, 1 and 2 May, 1 to 3 October (全国年节及纪念日放假办法, 2024).
package workday

import (
	_ "embed"
	"fmt"
	"sync"
	"time"

	"beian/shared/rules/strictjson"
)

//go:embed holidays.json
var holidays []byte

type yearNotice struct {
	Year   int    `json:"year"`
	Source string `json:"source"`
	Off    []struct {
		Name string `json:"name"`
		From Date   `json:"from"`
		To   Date   `json:"to"`
	} `json:"off"`
	Work []Date `json:"work"`
}

type calendar struct {
	known map[int]bool
	off   map[Date]bool
	work  map[Date]bool
}

var holidayTable = sync.OnceValue(mustLoad)

func mustLoad() calendar {
	c, err := decode(holidays)
	if err != nil {
		panic(fmt.Errorf("holidays.json: %w", err))
	}
	return c
}

// decode parses the table. Unknown fields, days outside their year and days that do not exist are errors.
func decode(text []byte) (calendar, error) {
	var notices []yearNotice
	if err := strictjson.UnmarshalEmbedded(text, &notices); err != nil {
		return calendar{}, err
	}
	c := calendar{map[int]bool{}, map[Date]bool{}, map[Date]bool{}}
	for _, n := range notices {
		if n.Source == "" || c.known[n.Year] {
			return calendar{}, fmt.Errorf("year %d is listed twice or has no source", n.Year)
		}
		c.known[n.Year] = true
		if err := c.add(n); err != nil {
			return calendar{}, fmt.Errorf("year %d: %w", n.Year, err)
		}
	}
	return c, nil
}

func (c calendar) add(n yearNotice) error {
	for _, o := range n.Off {
		if !o.From.Valid() || !o.To.Valid() || o.To < o.From || o.From.Time().Year() != n.Year || o.To.Time().Year() != n.Year {
			return fmt.Errorf("%s from %q to %q is not a period of that year", o.Name, string(o.From), string(o.To))
		}
		for day := o.From; day <= o.To; day = day.AddDays(1) {
			c.off[day] = true
		}
	}
	for _, w := range n.Work {
		if !w.Valid() || w.Time().Year() != n.Year || !isWeekend(w.Time()) || c.off[w] {
			return fmt.Errorf("working day %q is not a weekend day of that year, or is a holiday", string(w))
		}
		c.work[w] = true
	}
	return nil
}

func isWeekend(t time.Time) bool { return t.Weekday() == time.Saturday || t.Weekday() == time.Sunday }

// fixedHolidays are the holidays with fixed months and days.
var fixedHolidays = map[Date]bool{"01-01": true, "05-01": true, "05-02": true, "10-01": true, "10-02": true, "10-03": true}

// IsWorkday reports whether the date of t in Shanghai is a working day of the authorities.
func IsWorkday(t time.Time) bool {
	day := DateOf(t)
	switch {
	case holidayTable().work[day]:
		return true
	case holidayTable().off[day]:
		return false
	case !holidayTable().known[t.In(Shanghai).Year()] && fixedHolidays[day[len("2006-"):]]:
		return false
	default:
		return !isWeekend(t.In(Shanghai))
	}
}

// Add returns the time n working days after t, at the same time of day in Shanghai. Like the law, it does not count the day of t:
// Add(Friday, 1) is the next working Monday. For n <= 0 it returns t.
func Add(t time.Time, n int) time.Time {
	t = t.In(Shanghai)
	for n > 0 {
		t = t.AddDate(0, 0, 1)
		if IsWorkday(t) {
			n--
		}
	}
	return t
}

// Between returns the number of working days after the day of from, up to the day of to, in Shanghai: Between(t, Add(t, n)) is n. It is 0 if to is not
// after from.
func Between(from, to time.Time) int {
	n, last := 0, DateOf(to)
	for t := from.In(Shanghai); DateOf(t) < last; {
		t = t.AddDate(0, 0, 1)
		if IsWorkday(t) {
			n++
		}
	}
	return n
}
