package operator

import (
	"context"

	"beian/shared/process/coaching"
	"beian/shared/web"
)

type coachingOutput struct{ Body web.Coaching }

// leastReviewers is the least number of reviewers whose sums are shown: the sums of one are that person's own figures.
const leastReviewers = 2

// registerCoaching registers the figures of all reviewers together.
func (a operations) registerCoaching() {
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "GET /coaching", Tag: "People", Summary: "Read the figures of all reviewers together",
		Description: "Sums only: a person's figures are shown to that person. If only one person gave verdicts in the months, there are no figures but the number of cases."},
		func(ctx context.Context, _ *web.Call, in *web.CoachingQuery) (*coachingOutput, error) {
			team, reviewers, err := coaching.Of(ctx, a.config.Store, in.From, in.To, "")
			if err != nil {
				return nil, err
			}
			if reviewers < leastReviewers {
				team = coaching.Counts{Cases: team.Cases}
			}
			out := &coachingOutput{web.CoachingOf(team)}
			out.Body.Reviewers = reviewers
			return out, nil
		})
}
