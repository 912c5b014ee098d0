// Package figures counts orders and messages for staff: how many orders are open, what happened to them on each day, how long their steps take, and which messages
// were sent.
//
// [Count] reads all open orders from the index, so it runs on a schedule, and its result is stored. [SumDays] runs on the same schedule: it adds up what the ledger
// and the deliveries of messages have of a day. [BySteps] adds up how long steps took.
package figures

import (
	"context"
	"time"

	"beian/shared/filing"
	"beian/shared/rules/province"
	"beian/shared/rules/workday"
)

// Counts are the numbers of open orders at a time.
type Counts struct {
	At    time.Time           `json:"at"`
	Steps map[filing.Step]int `json:"steps"` // all open orders, by their step
	// The orders at the initial review. An order has any number of risks.
	Provinces map[province.Code]int `json:"provinces"`
	Kinds     map[filing.Type]int   `json:"kinds"`
	Risks     map[filing.Risk]int   `json:"risks"`
	Late      int                   `json:"late"`    // by the promise
	Claimed   int                   `json:"claimed"` // by reviewers at the time
}

// Day is the day of the counts in Shanghai.
func (c Counts) Day() workday.Date { return workday.DateOf(c.At) }

// Open is the number of all open orders.
func (c Counts) Open() int {
	n := 0
	for _, of := range c.Steps {
		n += of
	}
	return n
}

// An OpenOrders reads open orders. Package dynamo implements it.
type OpenOrders interface {
	// EachOpen calls use for each open order at a step, in any sequence, until it returns an error.
	EachOpen(ctx context.Context, step filing.Step, use func(filing.Order) error) error
}

// Count counts the open orders. An order that moves meanwhile may be counted at both steps, or at none. It reads about 240 bytes of each order: 0.03 read units.
func Count(ctx context.Context, orders OpenOrders, promise filing.ReviewPromise, now time.Time) (Counts, error) {
	c := Counts{At: now.UTC(), Steps: map[filing.Step]int{}, Provinces: map[province.Code]int{}, Kinds: map[filing.Type]int{}, Risks: map[filing.Risk]int{}}
	lateBefore := promise.LateBefore(now)
	for _, step := range filing.Steps {
		err := orders.EachOpen(ctx, step, func(o filing.Order) error {
			c.Steps[step]++
			if step == filing.InitialReview {
				c.addReview(o, lateBefore, now)
			}
			return nil
		})
		if err != nil {
			return Counts{}, err
		}
	}
	return c, nil
}

// addReview counts an order at the initial review.
func (c *Counts) addReview(o filing.Order, lateBefore, now time.Time) {
	c.Provinces[o.Province]++
	c.Kinds[o.Type]++
	for _, r := range o.Risks {
		c.Risks[r]++
	}
	if o.MovedAt.Before(lateBefore) {
		c.Late++
	}
	if o.Claimed(now) {
		c.Claimed++
	}
}
