package operator

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"beian/shared/rules/pack"
	"beian/shared/rules/workday"
	"beian/shared/web"
)

// comingDays is how far ahead changes of rules are listed.
const comingDays = 90

// RulesInForce are the rules in force on a day, and those that begin or end within 90 days after it.
type RulesInForce struct {
	Version string       `json:"version" doc:"digest of the pack"`
	On      workday.Date `json:"on"`
	To      workday.Date `json:"to" doc:"the last day whose changes are listed"`
	Items   []pack.Rule  `json:"items" nullable:"false"`
	Coming  []ComingRule `json:"coming" nullable:"false" doc:"the earliest change first"`
}

// A ComingRule is a rule that begins or ends soon.
type ComingRule struct {
	Day    workday.Date `json:"day" doc:"the first day on which it holds, or no longer holds"`
	Effect string       `json:"effect" enum:"begins,ends"`
	Rule   pack.Rule    `json:"rule"`
}

type rulesInForceOutput struct{ Body RulesInForce }

// registerRulesInForce registers the list of rules for a day.
func (a operations) registerRulesInForce() {
	web.Register(a.API, web.Operation{Roles: web.Staff, Route: "GET /rules/in-force", Tag: "Rules",
		Summary:     "List the rules in force on a day, and those that begin or end within 90 days",
		Description: "See GET /rule-changes for the open orders that a coming change concerns, and GET /pack-changes for those that another version of the rules does."},
		func(_ context.Context, _ *web.Call, in *rulesInput) (*rulesInForceOutput, error) {
			rules, err := a.rulesFor(in)
			if err != nil {
				return nil, err
			}
			on := cmp.Or(in.On, workday.DateOf(a.Decisions.Now()))
			out := RulesInForce{Version: rules.Version, On: on, To: on.AddDays(comingDays), Items: []pack.Rule{}, Coming: []ComingRule{}}
			for _, r := range rules.Rules {
				if in.Province != "" && !r.AppliesIn(in.Province) {
					continue
				}
				if r.InForce(on) {
					out.Items = append(out.Items, r)
				}
				if r.From > on && r.From <= out.To {
					out.Coming = append(out.Coming, ComingRule{r.From, "begins", r})
				}
				if r.Until != "" && r.Until >= on && r.Until < out.To {
					out.Coming = append(out.Coming, ComingRule{r.Until.AddDays(1), "ends", r})
				}
			}
			slices.SortStableFunc(out.Coming, func(a, b ComingRule) int { return strings.Compare(string(a.Day), string(b.Day)) })
			return &rulesInForceOutput{Body: out}, nil
		})
}
