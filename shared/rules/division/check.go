package division

import (
	"strings"
	"time"

	"beian/shared/rules/finding"
	"beian/shared/rules/workday"
)

// Codes of the findings of [Check].
const (
	Missing      finding.Code = "place-missing"
	Unknown      finding.Code = "place-unknown"
	Unlisted     finding.Code = "place-unlisted"
	NotInside    finding.Code = "place-not-inside"
	IsAbolished  finding.Code = "place-abolished"
	IsSuperseded finding.Code = "place-superseded"
	NoBureau     finding.Code = "place-without-bureau"
)

// Check returns the findings at a time about a choice of a province, city and county (six digits each), with the pointers
// "/province", "/city" and "/county". Province and city are required, the county is not (MIIT-IF30 10.1: Shengid, Shiid,
// Xianid). Warnings are a division that no longer exists, with what it became, and a code below a known province that is not in the table.
func Check(province, city, county string, on time.Time) finding.List {
	var found finding.List
	p, ok := Of(province, on)
	switch {
	case province == "":
		found = append(found, finding.New(Missing, "/province"))
	case !ok || p.Level() != Province:
		found = append(found, finding.New(Unknown, "/province"))
	case province >= "700000":
		found = append(found, finding.New(NoBureau, "/province"))
	}
	if city == "" {
		found = append(found, finding.New(Missing, "/city"))
	} else if f := checkBelow(city, City, province, on); f != nil && (county == "" || f.Code == Unknown || f.Code == NotInside) {
		f.Pointer = "/city" // that a city was abolished, or is not in the table, is said of the county, if there is one
		found = append(found, *f)
	}
	if county != "" {
		if f := checkBelow(county, County, city, on); f != nil {
			f.Pointer = "/county"
			found = append(found, *f)
		}
	}
	return found
}

// checkBelow returns the finding about the code of a city or county below another division, nil if it is in force.
func checkBelow(code string, level Level, above string, on time.Time) *finding.Finding {
	var f finding.Finding
	d, known := Of(code, on)
	_, knownProvince := Of(code[:min(2, len(code))]+"0000", on)
	switch {
	case !isCode(code) || levelOf(code) != level || !knownProvince:
		f = finding.New(Unknown, "")
	case parent(code) != above:
		f = finding.New(NotInside, "")
	case !known:
		f = finding.New(Unlisted, "", "code", code)
	case d.InForce(workday.DateOf(on)):
		return nil
	default:
		var names []string
		for _, now := range InForce(code, on) {
			names = append(names, now.fullName(on))
		}
		f = finding.New(IsAbolished, "", "name", d.Name)
		if len(names) > 0 {
			f = finding.New(IsSuperseded, "", "name", d.Name, "now", strings.Join(names, "、"))
		}
	}
	return &f
}
