package api

import (
	"context"
	"slices"
	"strings"

	"beian/shared/filing"
	"beian/shared/rules/fault"
	"beian/shared/rules/province"
	"beian/shared/rules/workday"
	"beian/shared/web"
)

// A StepDuration says how long one step of applications of one kind took.
type StepDuration struct {
	Type   filing.Type `json:"type" doc:"kind of application"`
	Step   filing.Step `json:"step"`
	Count  int         `json:"count" doc:"number of visits of the step that were counted"`
	Enough bool        `json:"enough" doc:"whether there are enough visits, 20, for median and fourInFive"`
	// Median and FourInFive are 0 for a step that mostly ends on the day on which it begins.
	Median     int `json:"median" doc:"working days within which half of them ended; 0 unless enough"`
	FourInFive int `json:"fourInFive" doc:"working days within which 80 % of them ended; 0 unless enough"`
}

type durationsInput struct {
	Code string `path:"code" minLength:"2" maxLength:"2" doc:"GB/T 2260, two digits"`
}

// registerDurations registers reading how long steps took.
func (a operations) registerDurations() {
	web.Register(a.API, web.Operation{Roles: web.Public, Route: "GET /provinces/{code}/durations", Tag: "Reference",
		Summary:     "List how long the steps of approved applications took in a province, by kind",
		Description: "Show it while an applicant waits: what our own applications of this year and the last took, in working days. Holidays and weekends do not count. Below 20 visits of a step, say that there is not enough data. An unknown code is answered with 404."},
		func(ctx context.Context, _ *web.Call, in *durationsInput) (*listResult[StepDuration], error) {
			code, ok := province.ParseCode(in.Code)
			if !ok {
				return nil, fault.New(fault.NotFound, "没有这个省份。", "There is no such province.")
			}
			found, err := a.config.Store.Durations(ctx, code, a.Decisions.Now().In(workday.Shanghai).Year())
			if err != nil {
				return nil, err
			}
			list := []StepDuration{}
			for _, d := range found {
				one := StepDuration{Type: d.Type, Step: d.Step, Count: d.Count()}
				if one.Enough = one.Count >= filing.MinVisits; one.Enough {
					one.Median, one.FourInFive = d.Within(50), d.Within(80)
				}
				list = append(list, one)
			}
			slices.SortFunc(list, func(x, y StepDuration) int {
				if x.Type != y.Type {
					return strings.Compare(string(x.Type), string(y.Type))
				}
				return slices.Index(filing.Steps, x.Step) - slices.Index(filing.Steps, y.Step)
			})
			return newList(list)
		})
}
