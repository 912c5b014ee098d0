package reviewer

import (
	"context"

	"beian/shared/process/coaching"
	"beian/shared/web"
)

type coachingOutput struct{ Body web.Coaching }

// registerCoaching registers the figures of a reviewer.
func (a operations) registerCoaching() {
	web.Register(a.API, web.Operation{Roles: web.Reviewers, Route: "GET /review/coaching", Tag: "Review", Summary: "Read the figures of your own reviews",
		Description: "Cases, first-pass rate, time from claim to verdict, and reasons by frequency. They are only about yourself, and shown only to you; there is no ranking."},
		func(ctx context.Context, c *web.Call, in *web.CoachingQuery) (*coachingOutput, error) {
			own, _, err := coaching.Of(ctx, a.config.Store, in.From, in.To, c.Caller.Account)
			if err != nil {
				return nil, err
			}
			return &coachingOutput{web.CoachingOf(own)}, nil
		})
}
