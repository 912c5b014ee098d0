package operator

import (
	"cmp"
	"context"
	"slices"

	"beian/shared/process/coaching"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/pack"
	"beian/shared/rules/province"
	"beian/shared/rules/workday"
	"beian/shared/web"
)

type rulesInput struct {
	Province province.Code `query:"province" maxLength:"2" doc:"only rules that may apply in this province, two digits"`
	On       workday.Date  `query:"on" maxLength:"10" doc:"only rules in force on this day, Shanghai time"`
}

// Rules are rules of the pack of this version of Beian.
type Rules struct {
	Version string      `json:"version" doc:"digest of the pack: the same for packs with the same rules"`
	Items   []pack.Rule `json:"items" nullable:"false"`
}

// A FoundFinding is a finding with how often it was found.
type FoundFinding struct {
	Code     finding.Code `json:"code"`
	Requests int          `json:"requests" doc:"requests of applicants that it refused"`
}

type (
	rulesOutput struct{ Body Rules }
	foundOutput struct {
		Body struct {
			From  coaching.Month `json:"from" doc:"the first month, Shanghai time"`
			To    coaching.Month `json:"to"`
			Items []FoundFinding `json:"items" nullable:"false" doc:"the most frequent first; without those that were not found"`
		}
	}
)

// rulesFor checks a question about rules, and returns the pack in force.
func (a operations) rulesFor(in *rulesInput) (pack.Pack, error) {
	if _, known := province.ParseCode(string(in.Province)); in.Province != "" && !known {
		return pack.Pack{}, invalidParameter("province")
	}
	if in.On != "" && !in.On.Valid() {
		return pack.Pack{}, invalidParameter("on")
	}
	return a.config.Rules()
}

// registerRules registers the operations on rules.
func (a operations) registerRules() {
	web.Register(a.API, web.Operation{Roles: web.Staff, Route: "GET /rules", Tag: "Rules",
		Summary:     "List the dated rules that Beian applies, with period and source",
		Description: "For a question of an applicant or a colleague: which rule gave a finding, since when, and on which source. Narrow it by province and day."},
		func(_ context.Context, _ *web.Call, in *rulesInput) (*rulesOutput, error) {
			rules, err := a.rulesFor(in)
			if err != nil {
				return nil, err
			}
			out := &rulesOutput{Body: Rules{Version: rules.Version, Items: []pack.Rule{}}}
			for _, r := range rules.Rules {
				if (in.Province == "" || r.AppliesIn(in.Province)) && (in.On == "" || r.InForce(in.On)) {
					out.Body.Items = append(out.Body.Items, r)
				}
			}
			return out, nil
		})
	web.Register(a.API, web.Operation{Roles: web.Staff, Route: "GET /found-findings", Tag: "Rules", Summary: "List how often applicants' requests were refused for each finding",
		Description: "Of this month and the eleven before. A request that is repeated counts again; requests of staff do not count."}, a.listFound)
	a.registerRulesInForce()
	a.registerRuleChanges()
	a.registerPackChanges()
}

// invalidParameter is the fault for a query parameter with a value that it cannot have.
func invalidParameter(name string) error {
	return fault.WithFindings(fault.Invalid, finding.List{finding.New(web.CodeParameter, "", "name", name)})
}

// listFound lists how often findings refused requests in the last twelve months.
func (a operations) listFound(ctx context.Context, _ *web.Call, _ *struct{}) (*foundOutput, error) {
	to := coaching.MonthOf(a.Decisions.Now())
	out := &foundOutput{}
	out.Body.From, out.Body.To, out.Body.Items = to.Before(11), to, []FoundFinding{}
	found, err := a.config.Store.Found(ctx, out.Body.From, to)
	for code, n := range found {
		out.Body.Items = append(out.Body.Items, FoundFinding{code, n})
	}
	slices.SortFunc(out.Body.Items, func(a, b FoundFinding) int { return cmp.Or(b.Requests-a.Requests, cmp.Compare(a.Code, b.Code)) })
	return out, err
}
