package web

import (
	"cmp"
	"maps"
	"slices"

	"beian/shared/filing"
	"beian/shared/process/coaching"
	"beian/shared/rules/finding"
)

// A CoachingQuery has the months of figures about reviews.
type CoachingQuery struct {
	From coaching.Month `query:"from" required:"true" pattern:"^[0-9]{4}-[0-9]{2}$" maxLength:"7" doc:"the first month, Shanghai time" example:"2026-09"`
	To   coaching.Month `query:"to" required:"true" pattern:"^[0-9]{4}-[0-9]{2}$" maxLength:"7" doc:"the last month; at most 12 months" example:"2026-11"`
}

// Coaching has figures about reviews. Rates and medians of fewer than ten cases are absent.
type Coaching struct {
	Cases         int                    `json:"cases" doc:"verdicts"`
	Verdicts      map[filing.Verdict]int `json:"verdicts" nullable:"false"`
	First         int                    `json:"first" doc:"verdicts on applications that had none before"`
	FirstPass     int                    `json:"firstPass" doc:"of them, those that passed"`
	FirstPassRate *float64               `json:"firstPassRate,omitempty" minimum:"0" maximum:"1" doc:"firstPass by first; absent for fewer than ten"`
	MedianMinutes *int                   `json:"medianMinutes,omitempty" doc:"median of the whole minutes from claim to verdict, where 240 is four hours or more; absent for fewer than ten"`
	MedianOf      int                    `json:"medianOf" doc:"number of verdicts of the median"`
	Reasons       []CountedReason        `json:"reasons" nullable:"false" doc:"reasons of returns and rejections, the most frequent first"`
	Reviewers     int                    `json:"reviewers,omitempty" doc:"number of reviewers; only in the figures of the team"`
}

// A CountedReason is a reason, and for how many verdicts it was given.
type CountedReason struct {
	Code  finding.Code  `json:"code" doc:"reviewer is a reason in own words"`
	Words finding.Words `json:"words"`
	Count int           `json:"count"`
}

// ownWords is the code of a reason in own words.
const ownWords = "reviewer"

// ReasonWords names a reason in figures.
func ReasonWords(code finding.Code) finding.Words {
	if code == ownWords {
		return finding.Words{Chinese: "审核员自己写的原因", English: "a reason in the reviewer's own words"}
	}
	return finding.New(code, "").Message
}

// CoachingOf returns the JSON of counts.
func CoachingOf(c coaching.Counts) Coaching {
	out := Coaching{Cases: c.Cases, Verdicts: map[filing.Verdict]int{}, First: c.First, FirstPass: c.FirstPass, Reasons: []CountedReason{}}
	maps.Copy(out.Verdicts, c.Verdicts)
	if rate, ok := c.FirstPassRate(); ok {
		out.FirstPassRate = &rate
	}
	median, n, ok := c.MedianMinutes()
	if out.MedianOf = n; ok {
		out.MedianMinutes = &median
	}
	for code, n := range c.Reasons {
		out.Reasons = append(out.Reasons, CountedReason{code, ReasonWords(code), n})
	}
	slices.SortFunc(out.Reasons, func(x, y CountedReason) int { return cmp.Or(y.Count-x.Count, cmp.Compare(x.Code, y.Code)) })
	return out
}
