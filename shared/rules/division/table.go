package division

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"

	"beian/shared/rules/workday"
)

//go:embed divisions.csv
var divisionsFile string

type table struct {
	all    []Division // by code, then by time
	byCode map[string][]Division
}

// divisions is parsed at its first use, because most functions do not use it.
var divisions = sync.OnceValue(mustParse)

func mustParse() table {
	all, err := parse(divisionsFile)
	if err != nil {
		panic(fmt.Errorf("divisions.csv: %w", err))
	}
	t := table{all, make(map[string][]Division, len(all))}
	for _, d := range all {
		t.byCode[d.Code] = append(t.byCode[d.Code], d)
	}
	return t
}

// parse reads lines of code, name, first day, last day and successors, in the order of codes and times, each after the division above it.
// A day is a date or a year; columns that are empty at the end of a line are left out. Successors are separated by semicolons.
func parse(text string) ([]Division, error) {
	var all []Division
	known := map[string]bool{}
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		d, err := parseLine(line)
		if err != nil {
			return nil, fmt.Errorf("line %q: %w", line, err)
		}
		if n := len(all); n > 0 && (d.Code < all[n-1].Code || d.Code == all[n-1].Code && (d.From == "" || d.From < all[n-1].From)) {
			return nil, fmt.Errorf("line %q: the code or the first day is before that of the line before", line)
		}
		if d.Level() != Province && !known[parent(d.Code)] {
			return nil, fmt.Errorf("line %q: the division above it is missing", line)
		}
		known[d.Code] = true
		all = append(all, d)
	}
	for _, d := range all {
		for _, code := range d.Successors {
			if !known[code] || code == d.Code {
				return nil, fmt.Errorf("%s %s: no successor can have the code %q", d.Code, d.Name, code)
			}
		}
	}
	return all, nil
}

func parseLine(line string) (Division, error) {
	fields := strings.Split(line, ",")
	if len(fields) < 2 || len(fields) > 5 || fields[1] == "" {
		return Division{}, fmt.Errorf("want code, name and optionally first day, last day and successors")
	}
	fields = append(fields, "", "", "")
	d := Division{Code: fields[0], Name: fields[1]}
	if !isCode(d.Code) {
		return d, fmt.Errorf("the code is not six digits")
	}
	var err error
	if d.From, err = parseDay(fields[2], "-01-01"); err != nil {
		return d, err
	}
	if d.Until, err = parseDay(fields[3], "-12-31"); err != nil {
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

// parseDay parses a date. It completes a year with a day.
func parseDay(text, day string) (workday.Date, error) {
	if text == "" {
		return "", nil
	}
	if len(text) == len("2006") {
		text += day
	}
	return workday.ParseDate(text)
}

func isCode(text string) bool { return len(text) == 6 && strings.Trim(text, "0123456789") == "" }
