package operator

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/filing/upkeep"
	"beian/shared/rules/annualreview"
	"beian/shared/rules/fault"
	"beian/shared/rules/province"
	"beian/shared/rules/workday"
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
	Body struct {
		Site string `json:"site,omitempty" maxLength:"64" doc:"number of the site whose leader it is; absent: the subject's leader" example:"浙ICP备12345678号-1"`
		Left bool   `json:"left" doc:"true: the leader has left; false: that was a mistake"`
	}
}

// An AnnualReview is one annual review of a province.
type AnnualReview struct {
	Province province.Code  `json:"province"`
	From     workday.Date   `json:"from" format:"date"`
	Until    workday.Date   `json:"until" format:"date" doc:"the last day"`
	Numbers  []string       `json:"numbers" nullable:"false" doc:"of the bureau's SMS platform, where the answer counts"`
	Source   string         `json:"source" doc:"of the known ones, as in sources.md; of the others, as it was entered"`
	By       filing.Account `json:"by,omitempty" doc:"who entered or changed it last; absent if it came with the system"`
	At       time.Time      `json:"at,omitzero"`
}

// An AnnualReviewEntry is what operators enter about an annual review, besides its province and first day.
type AnnualReviewEntry struct {
	Until   workday.Date `json:"until" format:"date" doc:"the last day, at most 366 days after the first"`
	Numbers []string     `json:"numbers,omitempty" maxItems:"10" nullable:"false" doc:"to which leaders send their answers"`
	Source  string       `json:"source" maxLength:"800" doc:"the bureau's notice, at most 200 characters"`
}

type annualReviewInput struct {
	Province province.Code `path:"province" pattern:"^[1-8][0-9]$" doc:"GB/T 2260, two digits"`
	From     workday.Date  `path:"from" format:"date" doc:"the first day"`
	Body     AnnualReviewEntry
}

type annualReviewsOutput struct {
	Body struct {
		Items []AnnualReview `json:"items" nullable:"false"`
	}
}

type filingUpkeepOutput struct{ Body web.Upkeep }

// registerDuties registers what the filings owe after approval.
func (a operations) registerDuties() {
	const tag = "Upkeep"
	a.registerReviews()
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
			u, err := a.config.Duties.Record(ctx, f.ID, upkeep.ReportLeaderLeft{Site: in.Body.Site, Left: in.Body.Left})
			if err != nil {
				return nil, err
			}
			return &filingUpkeepOutput{web.UpkeepOf(u, f, a.Decisions.Now())}, nil
		})
}

// registerReviews registers the annual reviews. It is called with the duties, which they become.
func (a operations) registerReviews() {
	const tag = "Upkeep"
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "GET /annual-reviews", Tag: tag, Summary: "List the annual reviews of the provinces: known ones, and those that operators entered",
		Description: "A province without one has no review that is known."},
		func(ctx context.Context, _ *web.Call, _ *struct{}) (*annualReviewsOutput, error) {
			entered, err := a.config.Store.Reviews(ctx)
			return annualReviewsOf(entered), err
		})
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "PUT /annual-reviews/{province}/{from}", Errors: []int{http.StatusConflict}, Tag: tag, Summary: "Enter an annual review that a bureau announced, or change it",
		Description: "Filings of the province owe it from then on. Enter it 30 days before it opens, so that each filing is reminded at its opening; otherwise the system comes to each filing within 30 days. End a mistaken one by its last day."},
		a.putReview)
}

// maxPuts is how often a change is made again because another one was stored first.
const maxPuts = 5

func (a operations) putReview(ctx context.Context, c *web.Call, in *annualReviewInput) (*annualReviewsOutput, error) {
	if err := c.Count(ctx); err != nil {
		return nil, err
	}
	review := annualreview.Review{Province: in.Province, Span: workday.Span{From: in.From, Until: in.Body.Until}, Numbers: append([]string{}, in.Body.Numbers...), Source: strings.TrimSpace(in.Body.Source)}
	for try := 1; ; try++ {
		entered, err := a.config.Store.Reviews(ctx)
		if err != nil {
			return nil, err
		}
		if found := review.Check(entered.Calendar()); len(found) > 0 {
			return nil, web.FaultFor(found)
		}
		next := entered.With(upkeep.EnteredReview{Review: review, By: c.Caller.Account, At: a.Wall().UTC()})
		switch err := a.config.Store.PutReviews(ctx, next); {
		case err == nil:
			return annualReviewsOf(next), nil
		case fault.KindOf(err) != fault.Stale:
			return nil, err
		case try == maxPuts:
			return nil, fault.Contended(err)
		}
	}
}

func annualReviewsOf(entered upkeep.EnteredReviews) *annualReviewsOutput {
	out := &annualReviewsOutput{}
	out.Body.Items = []AnnualReview{}
	add := func(r annualreview.Review, by filing.Account, at time.Time) {
		out.Body.Items = append(out.Body.Items, AnnualReview{Province: r.Province, From: r.From, Until: r.Until, Numbers: append([]string{}, r.Numbers...), Source: r.Source, By: by, At: at})
	}
	for _, r := range annualreview.Reviews() {
		add(r, "", time.Time{})
	}
	for _, r := range entered.List {
		add(r.Review, r.By, r.At)
	}
	return out
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
