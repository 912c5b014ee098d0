package importing

import (
	"slices"
	"strconv"
	"strings"

	"beian/shared/rules/finding"
)

// maxPlaces is the largest number of places that the text of a finding names.
const maxPlaces = 20

// differs returns the finding that the register has other data in some places, which are those of [register.Entry.Changed]. It names the cell and the
// column of each. A place that no column has, such as a status, is named by its pointer.
func (s Subject) differs(changed []string) CellFinding {
	var chinese, english []string
	add := func(zh, en string) {
		if !slices.Contains(chinese, zh) {
			chinese, english = append(chinese, zh), append(english, en)
		}
	}
	for _, place := range changed {
		column, row, ok := s.columnOf(place)
		if !ok {
			add(place, place)
			continue
		}
		c := Columns()[column]
		cell := s.table.at(row, column, finding.Finding{}).Cell
		add(cell+" "+c.Title.Chinese, cell+" "+c.Title.English)
	}
	more := ""
	if len(chinese) > maxPlaces {
		chinese, english, more = chinese[:maxPlaces], english[:maxPlaces], "…"
	}
	return CellFinding{Cell: strconv.Itoa(s.Rows[0].Row), Finding: finding.New(CodeDiffers, "",
		"count", strconv.Itoa(len(changed)), "places", strings.Join(chinese, "、")+more, "places-en", strings.Join(english, ", ")+more)}
}

// columnOf returns the column and the row that a place of a filing comes from. In a place, a site is named by its number. It returns false for a place that
// no column has.
func (s Subject) columnOf(place string) (column int, row Row, ok bool) {
	row = s.Rows[0]
	if rest, ofSite := strings.CutPrefix(place, "/sites/"); ofSite {
		number, rest, _ := strings.Cut(rest, "/")
		n := -1
		for i, site := range s.filing.Sites {
			if site.Number.String() == number {
				n = i
			}
		}
		if n < 0 {
			return 0, row, false
		}
		row = s.Rows[n]
		rest = strings.TrimPrefix(strings.TrimPrefix(rest, "filed"), "details")
		if rest == "" { // the whole site
			return columnIndex("siteNumber"), row, true
		}
		place = "/sites/{site}" + rest
	}
	best, under := -1, -1
	for k, c := range Columns() {
		switch {
		case (place == c.Pointer || strings.HasPrefix(place, c.Pointer+"/")) && (best < 0 || len(c.Pointer) > len(Columns()[best].Pointer)):
			best = k
		case under < 0 && strings.HasPrefix(c.Pointer, place+"/"):
			under = k
		}
	}
	if best < 0 {
		best = under
	}
	return best, row, best >= 0
}
