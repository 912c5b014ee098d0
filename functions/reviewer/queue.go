package reviewer

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"slices"
	"time"

	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/province"
	"beian/shared/rules/workday"
	"beian/shared/web"
)

// A QueueFilter has the query parameters that choose orders of a queue.
type QueueFilter struct {
	Step     filing.Step   `query:"step" enum:"InitialReview,MailDocuments" default:"InitialReview" doc:"the queue: orders to review, or orders whose originals are awaited"`
	Province province.Code `query:"province" pattern:"^[1-8][0-9]$" doc:"only of a province: GB/T 2260, two digits"`
	Kind     filing.Type   `query:"kind" maxLength:"64" doc:"only of a kind of application"`
	Risk     filing.Risk   `query:"risk" maxLength:"64" doc:"only with a risk" example:"explained"`
	Due      string        `query:"due" enum:"late,today,any" default:"any" doc:"late: only orders that are late by the promise; today: those too that are due by the end of today, Shanghai time. Originals that are awaited have no promise"`
}

type queueInput struct {
	QueueFilter
	Claimed string `query:"claimed" enum:"free,mine,all" default:"all" doc:"free: without a claim; mine: claimed by you"`
	web.PageQuery
}

type nextInput struct {
	QueueFilter
	Skip filing.ID `query:"skip" maxLength:"64" doc:"an order that you do not want, such as the one that you have just released"`
	Key  string    `header:"Idempotency-Key" maxLength:"255" pattern:"^[!-+\\--~]+$" doc:"identifies the request, in ASCII without spaces and commas: repeating it within 24 hours claims the same order"`
}

// A QueueItem is an order in a queue of the reviewers. It contains no personal data.
type QueueItem struct {
	web.Brief
	Risks   []RiskItem `json:"risks" nullable:"false" doc:"what to know before opening it, as it was when the order reached the review, the highest level first"`
	Promise *Promise   `json:"promise,omitempty" doc:"until when it is to be reviewed; absent while originals are awaited"`
}

// A RiskItem is a risk of an order.
type RiskItem struct {
	Risk  filing.Risk      `json:"risk" example:"explained"`
	Level filing.RiskLevel `json:"level" enum:"high,medium,low"`
	Words finding.Words    `json:"words"`
}

// A Promise says until when an order is to be reviewed.
type Promise struct {
	Due  time.Time `json:"due" doc:"end of the working day, Shanghai time, by the provider's setting"`
	Late bool      `json:"late"`
}

// errQueueEmpty is the answer to a claim of the next order if there is none.
var errQueueEmpty = fault.New(fault.NotFound, "没有可以领取的订单。", "There is no order to claim.")

// errNotCounted is the answer before open orders were counted for the first time.
var errNotCounted = fault.New(fault.NotFound, "还没有统计，请几分钟后再看。", "Open orders have not been counted yet. Try again in a few minutes.")

// registerQueue registers the queues and the claim of the next order.
func (a operations) registerQueue() {
	const tag = "Review"
	web.Register(a.API, web.Operation{Roles: web.Reviewers, Route: "GET /review/orders", Tag: tag,
		Summary: "List the orders to review, those due first first",
		Description: "Brief entries without personal data, with the claim of a colleague where there is one; orders of your own account or organisation are left out. " +
			"What has waited longest is due first. One request examines at most 300 orders: with a filter, a page may have fewer items than the limit, or none, and not be the last."}, a.listQueue)
	web.Register(a.API, web.Operation{Roles: web.Reviewers, Route: "POST /review/next", Tag: tag, Errors: []int{404, 409},
		Summary: "Claim the next order of a queue",
		Description: "Claims the first order that is free and not of your own account or organisation, for 30 minutes, as POST /orders/{id}/claim does; two reviewers never get the same. " +
			"404 means that there is none. Repeat it with the same Idempotency-Key after a lost response: without one, a second call claims another order."}, a.claimNext)
	web.Register(a.API, web.Operation{Roles: web.Staff, Route: "GET /review/counts", Tag: tag, Errors: []int{404},
		Summary:     "Count the open orders by step, and those at the review by province, kind and risk",
		Description: "The counts are up to five minutes old; at says of when they are. They count your own orders too. 404 means that nothing was counted yet."}, a.readCounts)
}

// Counts are the numbers of open orders, as a schedule counted them.
type Counts struct {
	At        time.Time           `json:"at" doc:"when they were counted, every five minutes"`
	Open      int                 `json:"open" doc:"all open orders"`
	Steps     map[filing.Step]int `json:"steps" nullable:"false" doc:"open orders by step"`
	Provinces map[string]int      `json:"provinces" nullable:"false" doc:"orders at the initial review by province: GB/T 2260, two digits"`
	Kinds     map[filing.Type]int `json:"kinds" nullable:"false" doc:"orders at the initial review by kind of application"`
	Risks     map[filing.Risk]int `json:"risks" nullable:"false" doc:"orders at the initial review by risk; an order has any number of them"`
	Late      int                 `json:"late" doc:"orders at the initial review that are late by the promise"`
	Claimed   int                 `json:"claimed" doc:"orders at the initial review that reviewers had claimed"`
}

type countsOutput struct{ Body Counts }

// readCounts returns the newest counts.
func (a operations) readCounts(ctx context.Context, _ *web.Call, _ *struct{}) (*countsOutput, error) {
	c, err := a.config.Store.Counts(ctx)
	if err != nil {
		return nil, err
	}
	if c.At.IsZero() {
		return nil, errNotCounted
	}
	out := Counts{At: c.At, Open: c.Open(), Steps: c.Steps, Provinces: map[string]int{}, Kinds: c.Kinds, Risks: c.Risks, Late: c.Late, Claimed: c.Claimed}
	for p, n := range c.Provinces {
		out.Provinces[string(p)] = n
	}
	return &countsOutput{Body: out}, nil
}

// queueRead is the largest number of orders that one request examines with a filter within the partitions of the index.
const queueRead = 300

// check returns a fault for a kind or a risk that does not exist, and for a promise where there is none.
func (f QueueFilter) check() error {
	var found finding.List
	if _, known := filing.KindOf(f.Kind); f.Kind != "" && !known {
		found = append(found, finding.New(web.CodeParameter, "", "name", "kind"))
	}
	if f.Risk != "" && !slices.Contains(filing.Risks, f.Risk) {
		found = append(found, finding.New(web.CodeParameter, "", "name", "risk"))
	}
	if f.Due != "any" && f.Step != filing.InitialReview {
		found = append(found, finding.New(web.CodeParameter, "", "name", "due"))
	}
	if len(found) > 0 {
		return fault.WithFindings(fault.Invalid, found)
	}
	return nil
}

// query returns the query for a page of orders that match the filter, are not the caller's own, do not await the reading of another, and match keep.
func (a operations) query(f QueueFilter, by filing.Actor, cursor string, limit int, keep func(filing.Order) bool) decide.QueueQuery {
	q := decide.QueueQuery{Step: f.Step, Province: f.Province, Cursor: cursor, Limit: limit, Read: queueRead}
	switch now := a.Decisions.Now(); f.Due {
	case "late":
		q.Before = a.promise().LateBefore(now)
	case "today":
		q.Before = a.promise().LateBefore(workday.DateOf(now).AddDays(1).Time())
	}
	if f.Kind == "" && f.Risk == "" {
		q.Read = min(2*limit, queueRead) // nearly all match
	}
	q.Match = func(o filing.Order) bool {
		return (f.Kind == "" || o.Type == f.Kind) && (f.Risk == "" || slices.Contains(o.Risks, f.Risk)) && !o.IsOwn(by) && !o.AwaitsOther(by.Account) && keep(o)
	}
	return q
}

// values returns the filter as query parameters.
func (f QueueFilter) values() url.Values {
	all := url.Values{"step": {string(f.Step)}}
	for name, value := range map[string]string{"province": string(f.Province), "kind": string(f.Kind), "risk": string(f.Risk), "due": f.Due} {
		if value != "" {
			all.Set(name, value)
		}
	}
	return all
}

// listQueue lists a page of a queue.
func (a operations) listQueue(ctx context.Context, c *web.Call, in *queueInput) (*web.PageResult[QueueItem], error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	now, account := a.Decisions.Now(), c.Caller.Account
	query := a.query(in.QueueFilter, c.Actor(filing.Reviewer), in.Cursor, in.Limit, func(o filing.Order) bool {
		switch in.Claimed {
		case "free":
			return !o.Claimed(now)
		case "mine":
			return o.IsClaimedBy(account, now)
		}
		return true
	})
	if in.Claimed == "mine" {
		query.Read = queueRead
	}
	found, err := a.config.Store.ListQueue(ctx, query)
	if err != nil {
		return nil, err
	}
	var items []QueueItem
	for i, b := range c.Briefs(found.Orders) {
		items = append(items, a.queueItem(b, found.Orders[i], now))
	}
	values := in.values()
	values.Set("claimed", in.Claimed)
	return web.NewPage(items, found.Next, "/review/orders", in.Limit, values), nil
}

func (a operations) queueItem(b web.Brief, o filing.Order, now time.Time) QueueItem {
	item := QueueItem{Brief: b, Risks: []RiskItem{}}
	for _, r := range o.Risks {
		item.Risks = append(item.Risks, RiskItem{r, r.Level(), r.Words()})
	}
	if promise := a.promise(); o.Step == filing.InitialReview {
		item.Promise = &Promise{Due: promise.Due(o.MovedAt), Late: promise.Late(o.MovedAt, now)}
	}
	return item
}

// promise returns the provider's promise.
func (a operations) promise() filing.ReviewPromise {
	return cmp.Or(a.config.Promise, filing.DefaultReviewPromise)
}

// maxNextAttempts is the number of orders that one request tries to claim. An attempt fails if a colleague claims the order first, or if its personal
// data show that it is the reviewer's own.
const maxNextAttempts = 20

// claimNext claims the next free order of a queue.
func (a operations) claimNext(ctx context.Context, c *web.Call, in *nextInput) (*web.OrderResult, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	pre, err := c.Preconditions(web.Conditions{Key: in.Key}, filing.Reviewer)
	if err != nil {
		return nil, err
	}
	by := c.Actor(filing.Reviewer)
	if err := a.Decisions.Store.CheckRepeated(ctx, pre.Request); err != nil {
		if repeated, ok := errors.AsType[*decide.RepeatedError](err); ok {
			return c.Result(a.Decisions.DecideWith(ctx, repeated.Order, by, filing.ClaimOrder{}, pre))
		}
		return nil, err
	}
	if err := c.Count(ctx); err != nil {
		return nil, err
	}
	pre.Permit = nil
	free := func(o filing.Order) bool {
		return o.ID != in.Skip && o.Closing == "" && o.Waiting == nil && !o.Claimed(a.Decisions.Now())
	}
	attempts := 0
	for query := a.query(in.QueueFilter, by, "", maxNextAttempts, free); ; {
		found, err := a.config.Store.ListQueue(ctx, query)
		if err != nil {
			return nil, err
		}
		for _, o := range found.Orders {
			claimed, err := a.Decisions.DecideWith(ctx, o.ID, by, filing.ClaimOrder{}, pre)
			switch kind := fault.KindOf(err); {
			case err == nil:
				return c.Result(claimed, nil)
			case kind != fault.Conflict && kind != fault.Forbidden && kind != fault.Stale:
				return nil, err
			}
			if attempts++; attempts == maxNextAttempts {
				return nil, fault.Contended(err)
			}
		}
		if query.Cursor = found.Next; found.Next == "" {
			return nil, errQueueEmpty
		}
	}
}
