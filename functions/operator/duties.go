package operator

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"beian/shared/filing/register"
	"beian/shared/rules/province"
	"beian/shared/web"
)

// A DueFiling is a filing with what it owes. It has no personal data.
type DueFiling struct {
	Filing   register.ID      `json:"filing"`
	Number   string           `json:"number" doc:"of the subject"`
	Province province.Code    `json:"province"`
	Duties   []web.UpkeepDuty `json:"duties" nullable:"false" doc:"that have begun and end within the days, or are over; the nearest deadline first"`
}

type dutiesInput struct {
	Days int `query:"days" minimum:"1" maximum:"366" default:"90" doc:"list what ends within so many days"`
	web.PageQuery
}

type leaderLeftInput struct {
	web.FilingPath
	Body web.LeaderLeft
}

type filingUpkeepOutput struct{ Body web.Upkeep }

// registerDuties registers what the filings owe after approval.
func (a operations) registerDuties() {
	const tag = "Upkeep"
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "GET /duties", Tag: tag,
		Summary:     "List the filings with what they owe, those first about which the system has something to do next",
		Description: "A filing without anything due within the days is listed with an empty list. GET /duties/{id} has the whole of one."}, a.listDuties)
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "GET /duties/{id}", Tag: tag,
		Summary:     "Read what a filing owes: deadlines, reminders, what was found on its sites, and what happened",
		Description: "It has no personal data."},
		func(ctx context.Context, _ *web.Call, in *web.FilingPath) (*filingUpkeepOutput, error) {
			f, err := in.FindFiling(ctx, a.config.Store.Filing)
			if err != nil {
				return nil, err
			}
			u, err := a.config.Store.Upkeep(ctx, f.ID)
			if err != nil {
				return nil, err
			}
			watches, err := a.config.Store.Watches(ctx, f.ID)
			out := web.UpkeepOf(u, f, a.Decisions.Now())
			out.Watched = web.WatchedSitesOf(watches)
			return &filingUpkeepOutput{out}, err
		})
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "PUT /duties/{id}/leader-left", Tag: tag, Errors: []int{http.StatusConflict},
		Summary:     "Record that a leader has left, for example after a call",
		Description: "Changing the filing becomes a duty, of which the account is reminded at once. It ends when another leader is filed. A repeated request changes nothing."},
		func(ctx context.Context, _ *web.Call, in *leaderLeftInput) (*filingUpkeepOutput, error) {
			f, err := in.FindFiling(ctx, a.config.Store.Filing)
			if err != nil {
				return nil, err
			}
			u, err := a.config.Duties.Record(ctx, f.ID, in.Body.Decision())
			if err != nil {
				return nil, err
			}
			return &filingUpkeepOutput{web.UpkeepOf(u, f, a.Decisions.Now())}, nil
		})
}

// farAway is later than each due time.
var farAway = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

func (a operations) listDuties(ctx context.Context, _ *web.Call, in *dutiesInput) (*web.PageResult[DueFiling], error) {
	ids, next, err := a.config.Store.DueFilings(ctx, farAway, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	now := a.Decisions.Now()
	found := []DueFiling{}
	for _, id := range ids {
		f, err := a.config.Store.Filing(ctx, id)
		if err != nil {
			return nil, err
		}
		u, err := a.config.Store.Upkeep(ctx, id)
		if err != nil {
			return nil, err
		}
		one := DueFiling{Filing: id, Number: f.Number.String(), Province: f.Province, Duties: []web.UpkeepDuty{}}
		for _, d := range u.Duties(f, now) {
			if !d.OpenedAt.After(now) && d.Deadline.Time().Before(now.AddDate(0, 0, in.Days)) {
				one.Duties = append(one.Duties, web.UpkeepDutyOf(d, now))
			}
		}
		found = append(found, one)
	}
	return web.NewPage(found, next, "/duties", in.Limit, url.Values{"days": {strconv.Itoa(in.Days)}}), nil
}
