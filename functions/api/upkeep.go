package api

import (
	"context"

	"beian/shared/filing/register"
	"beian/shared/filing/upkeep"
	"beian/shared/rules/annualreview"
	"beian/shared/rules/workday"
	"beian/shared/web"
)

type upkeepOutput struct{ Body web.Upkeep }

// An upkeepInput is a request that records something about a filing.
type upkeepInput[T any] struct {
	web.FilingPath
	Body T
}

// A SiteNumber names a site of the filing.
type SiteNumber struct {
	Site string `json:"site" maxLength:"64" doc:"number of a site that we host" example:"浙ICP备12345678号-1"`
}

type (
	publicSecurity struct {
		SiteNumber
		Number string `json:"number" maxLength:"64" doc:"as the police issued it; empty removes a wrong one" example:"浙公网安备33010602001234号"`
	}
	commercial struct {
		SiteNumber
		Commercial bool `json:"commercial" doc:"whether the site charges its users"`
	}
	licence struct {
		SiteNumber
		Number     string       `json:"number" maxLength:"64" doc:"number of the commercial ICP licence" example:"浙B2-20260001"`
		ValidUntil workday.Date `json:"validUntil" maxLength:"64" example:"2030-12-31" doc:"last day of the licence"`
	}
	reviewAnswer struct {
		SiteNumber
		Status annualreview.Status `json:"status" enum:"unchanged,updated,cancelled" doc:"无变化, 已更新 or 已注销"`
	}
	letterTerm struct {
		Letter     string       `json:"letter" maxLength:"128" doc:"slot of a paper of the filing"`
		Site       string       `json:"site,omitempty" maxLength:"64" doc:"number of the paper's site; needed if papers of several sites have the slot" example:"浙ICP备12345678号-1"`
		ValidUntil workday.Date `json:"validUntil,omitempty" maxLength:"64" example:"2030-12-31" doc:"last day of the letter; absent if it does not end"`
	}
	reminders struct {
		Kind  upkeep.Key `json:"kind" maxLength:"64" doc:"of the duty"`
		Muted bool       `json:"muted" doc:"true: send no reminders"`
	}
)

// registerUpkeep registers what filings owe after approval.
func (a operations) registerUpkeep() {
	const tag = "Upkeep"
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "GET /filings/{id}/upkeep", Tag: tag,
		Summary:     "Read what a filing of yours owes: deadlines, reminders, what was found on its sites, and what happened",
		Description: "Duties end by themselves when their reason is gone. Record what only you know with the PUT operations below."},
		func(ctx context.Context, c *web.Call, in *web.FilingPath) (*upkeepOutput, error) {
			f, err := in.ReadFilingFor(ctx, c, register.ScopeRead, a.config.Store.Filing)
			if err != nil {
				return nil, err
			}
			u, err := a.config.Duties.Store.Upkeep(ctx, f.ID)
			if err != nil {
				return nil, err
			}
			watches, err := a.config.Store.Watches(ctx, f.ID)
			if err != nil {
				return nil, err
			}
			out := web.UpkeepOf(u, f, a.Decisions.Now())
			out.Watched = web.WatchedSitesOf(watches)
			return &upkeepOutput{out}, nil
		})
	recordUpkeep(a, "public-security", tag, "Record the number of a site's public-security filing", "Do it within 30 days of the opening; the reminders end then.",
		func(in publicSecurity) upkeep.Decision {
			return upkeep.RecordPublicSecurity{Site: in.Site, Number: in.Number}
		})
	recordUpkeep(a, "commercial", tag, "Say whether a site charges its users", "A site that charges its users needs the commercial ICP licence. Individuals and elastic web hosting are refused.",
		func(in commercial) upkeep.Decision {
			return upkeep.SayCommercial{Site: in.Site, Commercial: in.Commercial}
		})
	recordUpkeep(a, "licence", tag, "Record the commercial ICP licence of a site", "Its end and its annual report from March to June become duties.",
		func(in licence) upkeep.Decision {
			return upkeep.RecordLicence{Site: in.Site, Number: in.Number, ValidUntil: in.ValidUntil}
		})
	recordUpkeep(a, "licence-report", tag, "Record that the annual report of a licence was made", "It is the report about the year before.",
		func(in SiteNumber) upkeep.Decision { return upkeep.RecordReport{Site: in.Site} })
	recordUpkeep(a, "annual-review", tag, "Record the answer to the annual review of a site", "Only while the bureau's review is open; the reminders end then. The answer counts at the bureau's SMS platform, to which the site leader sends it. A later answer replaces an earlier one.",
		func(in reviewAnswer) upkeep.Decision {
			return upkeep.AnswerReview{Site: in.Site, Status: in.Status, By: upkeep.ByPage}
		})
	recordUpkeep(a, "letter-term", tag, "Record until when a letter of commitment or authorisation is valid", "Reminders come 90, 30, 7 and 1 days before.",
		func(in letterTerm) upkeep.Decision {
			return upkeep.RecordLetter{Letter: in.Letter, Site: in.Site, ValidUntil: in.ValidUntil}
		})
	recordUpkeep(a, "leader-left", tag, "Say that a leader has left", "Changing the filing becomes a duty, also of what else the same person leads. It ends when another leader is filed.",
		web.LeaderLeft.Decision)
	recordUpkeep(a, "reminders", tag, "Turn the reminders of a kind of duty off or on", "Duties with a legal deadline cannot be turned off.",
		func(in reminders) upkeep.Decision { return upkeep.Mute{Key: in.Kind, Muted: in.Muted} })
}

// recordUpkeep registers an operation that records something, and returns the upkeep. A repeated request changes nothing.
func recordUpkeep[T any](a operations, what, tag, summary, description string, decision func(T) upkeep.Decision) {
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "PUT /filings/{id}/" + what, Tag: tag, Summary: summary, Description: description, Errors: []int{409}},
		func(ctx context.Context, c *web.Call, in *upkeepInput[T]) (*upkeepOutput, error) {
			f, err := in.ReadFilingFor(ctx, c, register.ScopeChange, a.config.Store.Filing)
			if err != nil {
				return nil, err
			}
			u, err := a.config.Duties.Record(ctx, f.ID, decision(in.Body))
			if err != nil {
				return nil, err
			}
			return &upkeepOutput{web.UpkeepOf(u, f, a.Decisions.Now())}, nil
		})
}
