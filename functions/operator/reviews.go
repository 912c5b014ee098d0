package operator

import (
	"context"
	"net/http"
	"strings"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/upkeep"
	"beian/shared/rules/annualreview"
	"beian/shared/rules/fault"
	"beian/shared/rules/province"
	"beian/shared/rules/workday"
	"beian/shared/web"
)

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

// registerReviews registers the annual reviews.
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
