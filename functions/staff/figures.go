package staff

import (
	"fmt"
	"html/template"
	"strings"

	"beian/functions/operator"
	"beian/shared/rules/province"
	"beian/shared/rules/workday"
	"beian/shared/web/pages"
)

// A figuresPage has the figures of the provider.
type figuresPage struct {
	From, To  string
	Provinces []pages.Option
	operator.Figures
	BacklogCSV, StepsCSV string
}

// figureDays is how many days before today the backlog begins, unless others are chosen.
const figureDays = 29

// registerFigures registers the figures and their files.
func (s *Staff) registerFigures() {
	s.register("GET /figures", func(v *visit) error {
		today := workday.DateOf(v.staff.config.Now())
		query := v.filterOf("from", "to", "province")
		if query.Get("from") == "" && query.Get("to") == "" {
			query.Set("from", string(today.AddDays(-figureDays)))
			query.Set("to", string(today))
		}
		page := figuresPage{From: query.Get("from"), To: query.Get("to"), BacklogCSV: v.csvOf("/figures/backlog.csv", query), StepsCSV: v.csvOf("/figures/steps.csv", query)}
		for _, p := range province.All() {
			page.Provinces = append(page.Provinces, pages.Option{Value: string(p.Code), Label: v.In(p.Name), Chosen: string(p.Code) == query.Get("province")})
		}
		if err := v.Get("/figures?"+query.Encode(), &page.Figures); err != nil && !v.Refused(err) {
			return err
		}
		return v.Show("figures", page)
	})
	for _, name := range []string{"backlog", "steps"} {
		s.register("GET /figures/"+name+".csv", func(v *visit) error { return v.downloadWith("/figures/"+name, v.filterOf("from", "to", "province")) })
	}
}

// Size of the chart, in units of its coordinates.
const chartWidth, chartHeight = 600, 120

// BacklogChart draws the open orders of each day as bars, and those that are late over them. Its numbers are in the table below it, so it is hidden from
// screen readers.
func (p page) BacklogChart(days []operator.BacklogDay) template.HTML {
	most := 1
	for _, d := range days {
		most = max(most, d.Open)
	}
	var bars strings.Builder
	width := float64(chartWidth) / float64(max(len(days), 1))
	for i, d := range days {
		for _, bar := range []struct {
			class string
			n     int
		}{{"open", d.Open}, {"review", d.Review}, {"late", d.Late}} {
			height := float64(bar.n) * chartHeight / float64(most)
			fmt.Fprintf(&bars, `<rect class="%s" x="%.1f" y="%.1f" width="%.1f" height="%.1f"/>`, bar.class, float64(i)*width, chartHeight-height, width*0.8, height)
		}
	}
	return template.HTML(fmt.Sprintf(`<svg class="chart" aria-hidden="true" viewBox="0 0 %d %d" preserveAspectRatio="none">%s</svg>`, chartWidth, chartHeight, bars.String()))
}

// StepBar draws the working days within which half and 95 % of the visits of a step ended, up to 20 days.
func (p page) StepBar(s operator.StepTime) template.HTML {
	if s.P50 == nil || s.P95 == nil {
		return ""
	}
	const longest = 20
	return template.HTML(fmt.Sprintf(`<svg class="bar" aria-hidden="true" viewBox="0 0 %d 1" preserveAspectRatio="none"><rect class="open" width="%d" height="1"/><rect class="review" width="%d" height="1"/></svg>`,
		longest, min(*s.P95, longest), min(*s.P50, longest)))
}
