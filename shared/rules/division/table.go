package division

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"beian/shared/rules/workday"
)

//go:embed divisions.csv
var divisionsFile string

// A table has divisions by code, then by time.
type table []Division

// divisions is parsed at its first use, because most functions do not use it.
var divisions = sync.OnceValue(mustParse)

func mustParse() table {
	all, err := parse(divisionsFile)
	if err != nil {
		panic(fmt.Errorf("divisions.csv: %w", err))
	}
	return all
}

// of returns the divisions that had a code, by time.
func (t table) of(code string) table {
	first, _ := slices.BinarySearchFunc(t, code, func(d Division, code string) int { return strings.Compare(d.Code, code) })
	last := first
	for last < len(t) && t[last].Code == code {
		last++
	}
	return t[first:last]
}

// parse reads lines of code, name, first day, last day and successors, in the order of codes and times, each after the division above it.
// A day is a date or a year; columns that are empty at the end of a line are left out. Successors are separated by semicolons.
func parse(text string) (table, error) {
	all := make(table, 0, strings.Count(text, "\n"))
	days := dates{}
	province, city := "", "" // the last ones
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		d, err := parseLine(line, days)
		if err != nil {
			return nil, fmt.Errorf("line %q: %w", line, err)
		}
		if n := len(all); n > 0 && (d.Code < all[n-1].Code || d.Code == all[n-1].Code && (d.From == "" || d.From < all[n-1].From)) {
			return nil, fmt.Errorf("line %q: the code or the first day is before that of the line before", line)
		}
		level, above := d.Level(), parent(d.Code)
		if level != Province && above != province && (level == City || above != city) {
			return nil, fmt.Errorf("line %q: the division above it is missing", line)
		}
		switch level {
		case Province:
			province = d.Code
		case City:
			city = d.Code
		}
		all = append(all, d)
	}
	for _, d := range all {
		for _, code := range d.Successors {
			if len(all.of(code)) == 0 || code == d.Code {
				return nil, fmt.Errorf("%s %s: no successor can have the code %q", d.Code, d.Name, code)
			}
		}
	}
	return all, nil
}

func parseLine(line string, days dates) (Division, error) {
	var fields [5]string
	n, rest, more := 0, line, true
	for ; more && n < len(fields); n++ {
		fields[n], rest, more = strings.Cut(rest, ",")
	}
	if n < 2 || more || fields[1] == "" {
		return Division{}, fmt.Errorf("want code, name and optionally first day, last day and successors")
	}
	d := Division{Code: fields[0], Name: fields[1]}
	if !isCode(d.Code) {
		return d, fmt.Errorf("the code is not six digits")
	}
	var err error
	if d.From, err = days.parse(fields[2], "-01-01"); err != nil {
		return d, err
	}
	if d.Until, err = days.parse(fields[3], "-12-31"); err != nil {
		return d, err
	}
	if d.Until != "" && d.Until < d.From || fields[4] != "" && d.Until == "" {
		return d, fmt.Errorf("the last day is before the first, or a division in force has successors")
	}
	if fields[4] != "" {
		d.Successors = strings.Split(fields[4], ";")
	}
	return d, nil
}

// dates are those that were parsed, by text and day: many divisions changed in the same years.
type dates map[[2]string]workday.Date

// parse parses a date. It completes a year with a day.
func (all dates) parse(text, day string) (workday.Date, error) {
	if text == "" {
		return "", nil
	}
	key := [2]string{text, day}
	if date, has := all[key]; has {
		return date, nil
	}
	if len(text) == len("2006") {
		text += day
	}
	date, err := workday.ParseDate(text)
	if err == nil {
		all[key] = date
	}
	return date, err
}

func isCode(text string) bool { return len(text) == 6 && strings.Trim(text, "0123456789") == "" }
