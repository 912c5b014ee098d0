// Package division is the table of the provinces, cities and counties of China by their six-digit codes (GB/T 2260), with the
// periods in which they existed and what they became. [Of] looks up a code at a time, [Children] lists the next level, [Check] checks a
// choice of province, city and county, [TrimNames] and [ProvinceOf] read the names at the beginning of an address.
//
//	d, ok := division.Of("330106", now) // 西湖区
//
// The code is a path: 330106 is county 06 of city 01 of province 33. The counties of municipalities, and counties directly below a
// province, are below a placeholder for a city (110100 市辖区). Divisions abolished since 1985 are in the table, because certificates and
// filings still name them. New divisions come several times a year: a code that the table does not have is not wrong for that alone.
//
// SOURCE.md says where divisions.csv comes from and until when it is complete.
package division

import (
	"slices"
	"strings"
	"time"

	"beian/shared/rules/workday"
)

// A Level is the rank of a division.
type Level int

// The three levels.
const (
	Province Level = 1
	City     Level = 2
	County   Level = 3
)

// A Division is a province, city or county during the time in which it had its code and name.
type Division struct {
	Code string `json:"code" doc:"GB/T 2260, six digits"`
	Name string `json:"name" doc:"Chinese name"`
	// Span is the period. An empty From means before 1985. If only the year of a change is known, both the old and the new division
	// are in force in it.
	workday.Span `json:"-"`
	// Successors are the codes of the divisions that a division became. There are none if it is in force or went on under another name.
	Successors []string `json:"-"`
}

// Level returns the division's rank.
func (d Division) Level() Level { return levelOf(d.Code) }

func levelOf(code string) Level {
	switch {
	case strings.HasSuffix(code, "0000"):
		return Province
	case strings.HasSuffix(code, "00"):
		return City
	}
	return County
}

// parent returns the code one level up.
func parent(code string) string {
	if strings.HasSuffix(code, "00") {
		return code[:2] + "0000"
	}
	return code[:4] + "00"
}

// Parent returns the code of the division one level up.
func (d Division) Parent() string { return parent(d.Code) }

// IsPlaceholder reports whether the division only stands in place of a city (市辖区, 县, 市, 省直辖县级行政区划).
func (d Division) IsPlaceholder() bool {
	return d.Level() == City && (slices.Contains([]string{"市辖区", "县", "市"}, d.Name) || strings.HasSuffix(d.Name, "直辖县级行政区划"))
}

// Of returns the division with a code at a time: the one in force, or the last one before. It returns false if the table has no such
// code, or has it only later.
func Of(code string, on time.Time) (Division, bool) {
	return lastOf(code, workday.DateOf(on))
}

func lastOf(code string, day workday.Date) (Division, bool) {
	var last Division
	for _, d := range divisions().of(code) {
		if d.From <= day {
			last = d
		}
	}
	return last, last.Code != ""
}

// InForce returns the divisions in force at a time that a code stands for: the one with the code, or those that it became. It returns none
// if the table does not say.
func InForce(code string, on time.Time) []Division {
	return inForce(code, workday.DateOf(on), map[string]bool{})
}

func inForce(code string, day workday.Date, seen map[string]bool) []Division {
	d, ok := lastOf(code, day)
	if !ok || seen[code] {
		return nil
	}
	if d.InForce(day) {
		return []Division{d}
	}
	seen[code] = true
	var now []Division
	for _, next := range d.Successors {
		for _, n := range inForce(next, day, seen) {
			if !slices.ContainsFunc(now, func(o Division) bool { return o.Code == n.Code }) {
				now = append(now, n)
			}
		}
	}
	return now
}

// All returns all divisions of all times, sorted by code.
func All() []Division { return slices.Clone(divisions()) }

// Provinces returns the divisions of the first level, Hong Kong, Macau and Taiwan included.
func Provinces() []Division {
	return slices.DeleteFunc(slices.Clone(divisions()), func(d Division) bool { return d.Level() != Province })
}

// Children returns the divisions in force at a time one level below a province or city; none for a county.
func Children(code string, on time.Time) []Division {
	day := workday.DateOf(on)
	var below []Division
	for i, d := range divisions() {
		if d.Level() == Province || parent(d.Code) != code || !d.InForce(day) {
			continue
		}
		if n := len(below); n > 0 && below[n-1].Code == divisions()[i].Code {
			below = below[:n-1] // renamed in this year: the new name counts
		}
		below = append(below, d)
	}
	return below
}

// fullName returns the name with those of the divisions above it, and the code: 安徽省合肥市巢湖市（340181）.
func (d Division) fullName(on time.Time) string {
	name := d.Name
	for code := d.Code; levelOf(code) != Province; {
		code = parent(code)
		if above, ok := Of(code, on); ok && !above.IsPlaceholder() {
			name = above.Name + name
		}
	}
	return name + "（" + d.Code + "）"
}
