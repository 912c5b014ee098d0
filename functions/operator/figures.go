package operator

import (
	"context"
	"slices"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"golang.org/x/sync/errgroup"

	"beian/shared/filing"
	"beian/shared/process/figures"
	"beian/shared/process/inventory"
	"beian/shared/rules/province"
	"beian/shared/rules/workday"
	"beian/shared/web"
)

// Figures has the numbers of a provider. All lists by day, week and province are sorted by it.
type Figures struct {
	Backlog []BacklogDay `json:"backlog" nullable:"false" doc:"by day, as counted last on it, oldest first; days without a count are missing"`
	Flow    []FlowDay    `json:"flow" nullable:"false" doc:"by day, from the first to the last on which something happened"`
	// The first-pass rate of a week is of all kinds, that of a kind of all days.
	FirstPassWeeks   []FirstPass       `json:"firstPassWeeks" nullable:"false" doc:"by week, of all kinds"`
	FirstPassKinds   []FirstPass       `json:"firstPassKinds" nullable:"false" doc:"by kind of application, of all days"`
	Refusals         []Refusal         `json:"refusals" nullable:"false" doc:"by who, reason and province, the most frequent first"`
	RefusalProvinces []RefusalProvince `json:"refusalProvinces" nullable:"false" doc:"by province"`
	Steps            []StepTime        `json:"steps" nullable:"false" doc:"of the approved applications of this year and the last, in the sequence of the steps"`
	Messages         []Messages        `json:"messages" nullable:"false" doc:"by kind of message, of all days"`
	MessageDays      []Messages        `json:"messageDays" nullable:"false" doc:"by day, of all kinds"`
	SMSChecks        []SMSChecks       `json:"smsChecks" nullable:"false" doc:"SMS checks of leaders by day"`
}

// BacklogDay is the number of open orders on a day.
type BacklogDay struct {
	Day    workday.Date `json:"day" format:"date"`
	Open   int          `json:"open"`
	Review int          `json:"review" doc:"at the initial review"`
	Late   int          `json:"late" doc:"of them, late by the promise"`
	Bureau int          `json:"bureau" doc:"at the bureau"`
}

// StepTime says how long a step took, in working days. Percentiles are absent below 20 visits.
type StepTime struct {
	Step  filing.Step `json:"step"`
	Count int         `json:"count" doc:"visits of the step"`
	P50   *int        `json:"p50,omitempty" doc:"working days within which half of the visits ended; 0 is the same day, 60 is 60 or more"`
	P80   *int        `json:"p80,omitempty"`
	P95   *int        `json:"p95,omitempty"`
}

// A FiguresQuery chooses figures.
type FiguresQuery struct {
	From     workday.Date  `query:"from" required:"true" format:"date" maxLength:"10" doc:"first day, Shanghai time; the durations of steps are always of this year and the last" example:"2026-11-01"`
	To       workday.Date  `query:"to" required:"true" format:"date" maxLength:"10" doc:"last day; at most 366 days" example:"2026-11-30"`
	Province province.Code `query:"province" pattern:"^[1-8][0-9]$" doc:"only of a province: GB/T 2260, two digits; backlog and messages are always of all"`
}

type figuresOutput struct{ Body Figures }

// maxFigureDays is the largest number of days of a request.
const maxFigureDays = 366

// registerFigures registers the figures and their CSV files.
func (a operations) registerFigures() {
	const tag = "Figures"
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "GET /figures", Tag: tag, Summary: "Read the backlog, the flow, refusals, messages and the duration of each step",
		Description: "The backlog and the day are counted every five minutes, and the numbers of a day stay for 13 months. Durations are of approved applications. The figures have no personal data."},
		func(ctx context.Context, _ *web.Call, in *FiguresQuery) (*figuresOutput, error) {
			f, err := a.readFigures(ctx, *in)
			return &figuresOutput{Body: f}, err
		})
	for _, table := range []struct {
		name, summary string
		columns       []inventory.Column
		rows          func(Figures) [][]string
	}{
		{"backlog", "Download the backlog by day as CSV", backlogColumns, backlogRows},
		{"flow", "Download the flow by day as CSV", flowColumns, flowRows},
		{"first-pass", "Download the first-pass rate by week, then by kind, as CSV", firstPassColumns, firstPassRows},
		{"refusals", "Download the reasons of returns and refusals by province as CSV", refusalColumns, refusalRows},
		{"refusal-provinces", "Download the returns and refusals by province as CSV", refusalProvinceColumns, refusalProvinceRows},
		{"steps", "Download the duration of each step as CSV", stepColumns, stepRows},
		{"messages", "Download the messages by kind as CSV", messageKindColumns, func(f Figures) [][]string { return messageRows(f.Messages) }},
		{"message-days", "Download the messages by day as CSV", messageDayColumns, func(f Figures) [][]string { return messageRows(f.MessageDays) }},
		{"sms-checks", "Download the SMS checks by day as CSV", smsCheckColumns, smsCheckRows},
	} {
		path := "/figures/" + table.name
		web.Register(a.API, web.Operation{Roles: web.Admins, Route: "GET " + path, Tag: tag, Summary: table.summary, Description: "What GET /figures has, as a file in UTF-8 with a byte order mark."},
			func(ctx context.Context, _ *web.Call, in *FiguresQuery) (*csvOutput, error) {
				f, err := a.readFigures(ctx, *in)
				if err != nil {
					return nil, err
				}
				return csvPart(table.name, path, "", nil, inventory.WriteTable(table.columns, table.rows(f))), nil
			})
		a.DescribeContent(path, map[string]*huma.MediaType{"text/csv": {Schema: &huma.Schema{Type: huma.TypeString}}})
	}
}

var (
	backlogColumns = []inventory.Column{column("day", "日期", "Day", true), column("open", "未办结", "Open", true), column("review", "待审", "To review", true),
		column("late", "超期", "Late", true), column("bureau", "管局审核中", "At the bureau", true)}
	stepColumns = []inventory.Column{column("step", "步骤", "Step", true), column("count", "次数", "Visits", true), column("p50", "50%工作日", "p50", false),
		column("p80", "80%工作日", "p80", false), column("p95", "95%工作日", "p95", false)}
)

func backlogRows(f Figures) (rows [][]string) {
	for _, d := range f.Backlog {
		rows = append(rows, []string{string(d.Day), strconv.Itoa(d.Open), strconv.Itoa(d.Review), strconv.Itoa(d.Late), strconv.Itoa(d.Bureau)})
	}
	return rows
}

func stepRows(f Figures) (rows [][]string) {
	for _, s := range f.Steps {
		row := []string{string(s.Step), strconv.Itoa(s.Count)}
		for _, p := range []*int{s.P50, s.P80, s.P95} {
			cell := ""
			if p != nil {
				cell = strconv.Itoa(*p)
			}
			row = append(row, cell)
		}
		rows = append(rows, row)
	}
	return rows
}

// readFigures reads the figures that a query chooses.
func (a operations) readFigures(ctx context.Context, in FiguresQuery) (Figures, error) {
	if !in.From.Valid() || !in.To.Valid() || in.To < in.From || in.From.AddDays(maxFigureDays) <= in.To {
		return Figures{}, invalidParameter("to")
	}
	out := Figures{Backlog: []BacklogDay{}, Flow: []FlowDay{}, FirstPassWeeks: []FirstPass{}, FirstPassKinds: []FirstPass{}, Refusals: []Refusal{}, RefusalProvinces: []RefusalProvince{},
		Steps: []StepTime{}, Messages: []Messages{}, MessageDays: []Messages{}, SMSChecks: []SMSChecks{}}
	counts, err := a.config.Store.DailyCounts(ctx, in.From, in.To)
	if err != nil {
		return Figures{}, err
	}
	for _, c := range counts {
		out.Backlog = append(out.Backlog, BacklogDay{Day: c.Day(), Open: c.Open(), Review: c.Steps[filing.InitialReview], Late: c.Late, Bureau: c.Steps[filing.AwaitBureau]})
	}
	durations, err := a.readDurations(ctx, in.Province)
	if err != nil {
		return Figures{}, err
	}
	days, err := a.config.Store.Days(ctx, in.From, in.To)
	if err != nil {
		return Figures{}, err
	}
	out.addDays(days, in.Province)
	for _, d := range figures.BySteps(durations) {
		one := StepTime{Step: d.Step, Count: d.Count()}
		if one.Count >= filing.MinVisits {
			one.P50, one.P80, one.P95 = new(d.Within(50)), new(d.Within(80)), new(d.Within(95))
		}
		out.Steps = append(out.Steps, one)
	}
	return out, nil
}

// durationReads is the number of provinces whose durations are read at the same time.
const durationReads = 8

// readDurations returns the durations of the steps in a province, or in all for "".
func (a operations) readDurations(ctx context.Context, of province.Code) ([]filing.Durations, error) {
	codes := []province.Code{of}
	if of == "" {
		codes = nil
		for _, p := range province.All() {
			codes = append(codes, p.Code)
		}
	} else if _, known := province.ParseCode(string(of)); !known {
		return nil, invalidParameter("province")
	}
	year := a.Decisions.Now().In(workday.Shanghai).Year()
	found := make([][]filing.Durations, len(codes))
	group, within := errgroup.WithContext(ctx)
	group.SetLimit(durationReads)
	for i, code := range codes {
		group.Go(func() (err error) {
			found[i], err = a.config.Store.Durations(within, code, year)
			return err
		})
	}
	err := group.Wait()
	return slices.Concat(found...), err
}
