package staff

import (
	"fmt"
	"html/template"
	"net/url"
	"slices"
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
	Reasons []refusalReason
	query   url.Values
}

// A refusalReason is a reason of returns and refusals, with its number in the provinces that have it, the most frequent first.
type refusalReason struct {
	operator.Refusal
	In []operator.Refusal
}

// figureDays is how many days before today the figures begin, unless others are chosen.
const figureDays = 29

// figureParts are the parts of the page, in their sequence; figureFiles are the CSV files.
var (
	figureParts = []string{"backlog", "flow", "first-pass", "refusals", "steps", "messages", "sms-checks"}
	figureFiles = []string{"backlog", "flow", "first-pass", "refusals", "refusal-provinces", "steps", "messages", "message-days", "sms-checks"}
)

// registerFigures registers the figures and their files.
func (s *Staff) registerFigures() {
	s.register("GET /figures", func(v *visit) error {
		today := workday.DateOf(v.staff.config.Now())
		query := v.filterOf("from", "to", "province")
		if query.Get("from") == "" && query.Get("to") == "" {
			query.Set("from", string(today.AddDays(-figureDays)))
			query.Set("to", string(today))
		}
		page := figuresPage{From: query.Get("from"), To: query.Get("to"), query: query}
		for _, p := range province.All() {
			page.Provinces = append(page.Provinces, pages.Option{Value: string(p.Code), Label: v.In(p.Name), Chosen: string(p.Code) == query.Get("province")})
		}
		if err := v.Get("/figures?"+query.Encode(), &page.Figures); err != nil && !v.Refused(err) {
			return err
		}
		page.Reasons = byReason(page.Refusals)
		return v.Show("figures", page)
	})
	for _, name := range figureFiles {
		s.register("GET /figures/"+name+".csv", func(v *visit) error { return v.downloadWith("/figures/"+name, v.filterOf("from", "to", "province")) })
	}
}

// Parts are the parts of the page.
func (figuresPage) Parts() []string { return figureParts }

// CSV is the address of the file of a table.
func (p page) CSV(name string) string {
	return p.csvOf("/figures/"+name+".csv", p.Data.(figuresPage).query)
}

// byReason adds up the refusals of all provinces, the most frequent reason first.
func byReason(refusals []operator.Refusal) (reasons []refusalReason) {
	at := map[string]int{}
	for _, r := range refusals {
		key := string(r.By) + " " + string(r.Code)
		i, known := at[key]
		if !known {
			i = len(reasons)
			at[key], reasons = i, append(reasons, refusalReason{Refusal: r})
			reasons[i].Count = 0
		}
		reasons[i].Count += r.Count
		reasons[i].In = append(reasons[i].In, r)
	}
	slices.SortStableFunc(reasons, func(a, b refusalReason) int { return b.Count - a.Count })
	return reasons
}

// Sum adds up the flow of all days.
func (p figuresPage) Sum() (sum operator.FlowDay) {
	for _, d := range p.Flow {
		sum.Opened, sum.Entered, sum.Passed, sum.Returned, sum.Rejected = sum.Opened+d.Opened, sum.Entered+d.Entered, sum.Passed+d.Passed, sum.Returned+d.Returned, sum.Rejected+d.Rejected
		sum.Sent, sum.Approved, sum.Refused, sum.Withdrawn, sum.Ended = sum.Sent+d.Sent, sum.Approved+d.Approved, sum.Refused+d.Refused, sum.Withdrawn+d.Withdrawn, sum.Ended+d.Ended
	}
	return sum
}

// decided is the number of verdicts of a day.
func decided(d operator.FlowDay) int { return d.Passed + d.Returned + d.Rejected }

// Size of the chart, in units of its coordinates.
const chartWidth, chartHeight = 600, 120

// A series is one bar of each place of a chart.
type series struct {
	class  string
	values []int
}

func seriesOf[T any](class string, rows []T, value func(T) int) series {
	s := series{class: class}
	for _, row := range rows {
		s.values = append(s.values, value(row))
	}
	return s
}

// drawChart draws bars for days: those of a day one before the other, or side by side. Below are the first and the last day, and between them the highest bar. The numbers
// are in a table, so the chart is hidden from screen readers.
func drawChart(days []workday.Date, beside bool, all ...series) template.HTML {
	most, places := 1, len(days)
	if places == 0 {
		return ""
	}
	for _, s := range all {
		for _, n := range s.values {
			most = max(most, n)
		}
	}
	width, parts := float64(chartWidth)/float64(places), 1.0
	if beside {
		parts = float64(len(all))
	}
	var bars strings.Builder
	for i := range places {
		for at, s := range all {
			left, height := float64(i)*width, float64(s.values[i])*chartHeight/float64(most)
			if beside {
				left += float64(at) * width * 0.8 / parts
			}
			fmt.Fprintf(&bars, `<rect class="%s" x="%.1f" y="%.1f" width="%.1f" height="%.1f"/>`, s.class, left, chartHeight-height, width*0.8/parts, height)
		}
	}
	return template.HTML(fmt.Sprintf(`<svg class="chart" aria-hidden="true" viewBox="0 0 %d %d" preserveAspectRatio="none">%s</svg><div class="axis" aria-hidden="true"><span>%s</span><span>↑ %d</span><span>%s</span></div>`,
		chartWidth, chartHeight, bars.String(), template.HTMLEscapeString(string(days[0])), most, template.HTMLEscapeString(string(days[places-1]))))
}

func daysOf[T any](rows []T, day func(T) workday.Date) (days []workday.Date) {
	for _, row := range rows {
		days = append(days, day(row))
	}
	return days
}

// BacklogChart draws the open orders of each day, and over them those to review and those that are late.
func (p page) BacklogChart(days []operator.BacklogDay) template.HTML {
	return drawChart(daysOf(days, func(d operator.BacklogDay) workday.Date { return d.Day }), false, seriesOf("open", days, func(d operator.BacklogDay) int { return d.Open }), seriesOf("review", days, func(d operator.BacklogDay) int { return d.Review }),
		seriesOf("late", days, func(d operator.BacklogDay) int { return d.Late }))
}

// FlowChart draws beside each other how many applications reached the review on a day, and how many verdicts were given.
func (p page) FlowChart(days []operator.FlowDay) template.HTML {
	return drawChart(daysOf(days, func(d operator.FlowDay) workday.Date { return d.Day }), true, seriesOf("open", days, func(d operator.FlowDay) int { return d.Entered }), seriesOf("review", days, decided))
}

// MessageChart draws the messages of each day, and over them those that failed or bounced.
func (p page) MessageChart(days []operator.Messages) template.HTML {
	lost := func(d operator.Messages) int { return d.FailedSMS + d.FailedMail + d.Bounced }
	return drawChart(daysOf(days, func(d operator.Messages) workday.Date { return d.Day }), false, seriesOf("open", days, func(d operator.Messages) int { return d.SMS + d.Mail + d.FailedSMS + d.FailedMail }), seriesOf("late", days, lost))
}

// SMSChart draws beside each other the SMS checks that began on a day, those that were answered, and those that were not.
func (p page) SMSChart(days []operator.SMSChecks) template.HTML {
	return drawChart(daysOf(days, func(d operator.SMSChecks) workday.Date { return d.Day }), true, seriesOf("open", days, func(d operator.SMSChecks) int { return d.Sent }), seriesOf("review", days, func(d operator.SMSChecks) int { return d.Answered }),
		seriesOf("late", days, func(d operator.SMSChecks) int { return d.Unanswered + d.Wrong }))
}

// ShareBar draws a part of a whole.
func (p page) ShareBar(part, whole int) template.HTML {
	const length = 100
	return template.HTML(fmt.Sprintf(`<svg class="bar" aria-hidden="true" viewBox="0 0 %d 1" preserveAspectRatio="none"><rect class="open" width="%d" height="1"/><rect class="review" width="%d" height="1"/></svg>`,
		length, length, length*min(part, whole)/max(whole, 1)))
}

// LossBar draws what was returned, rejected or refused, compared with the largest number of all provinces.
func (p page) LossBar(one operator.RefusalProvince) template.HTML {
	most := 1
	for _, other := range p.Data.(figuresPage).RefusalProvinces {
		most = max(most, other.Lost())
	}
	return p.ShareBar(one.Lost(), most)
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
