package upkeep

import (
	"cmp"
	"slices"
	"time"

	"beian/shared/filing"
	"beian/shared/rules/annualreview"
)

// An EnteredReview is an annual review that an operator entered.
type EnteredReview struct {
	annualreview.Review
	By filing.Account `json:"by"` // who entered or changed it last
	At time.Time      `json:"at"`
}

// EnteredReviews are all of them, those of a province in the order of their first days, and the version of the list.
type EnteredReviews struct {
	List    []EnteredReview
	Version int
}

// Calendar returns the reviews without who entered them.
func (e EnteredReviews) Calendar() annualreview.Calendar {
	var all annualreview.Calendar
	for _, one := range e.List {
		all = append(all, one.Review)
	}
	return all
}

// With returns the next version of the list, with a review. One with the same province and first day is replaced.
func (e EnteredReviews) With(r EnteredReview) EnteredReviews {
	same := func(o EnteredReview) bool { return o.Province == r.Province && o.From == r.From }
	list := append(slices.DeleteFunc(slices.Clone(e.List), same), r)
	slices.SortFunc(list, func(a, b EnteredReview) int {
		return cmp.Or(cmp.Compare(a.Province, b.Province), cmp.Compare(a.From, b.From))
	})
	return EnteredReviews{list, e.Version + 1}
}
