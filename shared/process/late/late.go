// Package late finds what is later than its own clock allows: orders at a step, executions of the state machine, entries of the outbox, and files of the
// bureau. For each it says the cause and the one action that repairs it:
//
//	items, err := finder.List(ctx)
//	done, err := finder.Repair(ctx, items[0].ID, by)
//
// [Clocks] has the table of all clocks. Nothing here reads a whole list of orders: steps are read from the index up to the time at which their clock
// has run out, the outbox from its oldest entry, and orders whose execution does not follow them from the list that [Watch] keeps.
package late

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"beian/shared/filing"
	"beian/shared/process/bureautask"
	"beian/shared/process/decide"
	"beian/shared/process/exchange"
	"beian/shared/rules/finding"
)

// A Finder lists and repairs what is late. All fields but Promise are required.
type Finder struct {
	Decisions *decide.Service
	Store     Store
	Machine   Machine
	Bureau    *exchange.Operator
	// Promise is within how many working days the provider reviews an application; 0 is filing.DefaultReviewPromise.
	Promise filing.ReviewPromise
	// Wall is the clock of the outbox, whose entries have real times.
	Wall func() time.Time
}

// A Store reads what may be late. Package dynamo implements it.
type Store interface {
	// Outbox returns up to limit entries of a kind, oldest first.
	Outbox(ctx context.Context, kind decide.EntryKind, limit int) ([]decide.OutboxEntry, error)
	// OutboxEntry returns an entry, also a dead one. known is false if it was delivered.
	OutboxEntry(ctx context.Context, id string) (e decide.OutboxEntry, known bool, err error)
	// RestoreEntry moves an entry from the dead letters back to the outbox, as if it had been written at a time. A second call changes nothing.
	RestoreEntry(ctx context.Context, e decide.OutboxEntry, at time.Time) error
	// EnteredBefore lists the open orders that entered a step before a time, those that entered it first first. after is the next of an earlier call.
	EnteredBefore(ctx context.Context, step filing.Step, after string, before time.Time, limit int) (orders []filing.Order, next string, err error)
	// OverdueBureauTasks lists the bureau's tasks whose deadline is before a time, the oldest first.
	OverdueBureauTasks(ctx context.Context, before time.Time, limit int) ([]bureautask.Task, error)
	// Stalled lists the orders whose execution did not follow them; see [Watch].
	Stalled(ctx context.Context, limit int) ([]Stalled, error)
}

// An Item is something that is late.
type Item struct {
	ID    string
	Clock ClockName
	// Order, Round and Step are those of the order; "" and 0 for a file of the bureau.
	Order filing.ID
	Round int
	Step  filing.Step
	// Entry is the kind of an outbox entry, "" for others. Of a dead letter it is what was to be done.
	Entry decide.EntryKind
	// Task is the id of a task of the bureau, "" for others.
	Task string
	// Execution is the newest execution of the order's round, for an item about an execution.
	Execution *Execution
	Since     time.Time // when it began to wait
	Due       time.Time // when its clock ran out
	Cause     finding.Words
	Action    Action
	Help      finding.Words // what to do, or what the action does
}

// Limits of a list.
const (
	maxOfStep  = 100 // orders of one step, and entries of one kind
	maxStalled = 100
	maxEnded   = 100 // executions that failed, of each status
	workers    = 8   // concurrent reads
)

// List returns what is late now, what has waited longest first. At most 100 of each clock are listed.
func (f *Finder) List(ctx context.Context) ([]Item, error) {
	var lists [][]Item
	for _, find := range []func(context.Context) ([]Item, error){f.machines, f.steps, f.outbox, f.files, f.tasks} {
		found, err := find(ctx)
		if err != nil {
			return nil, err
		}
		lists = append(lists, found)
	}
	all := slices.Concat(lists...)
	seen := map[filing.ID]bool{}
	all = slices.DeleteFunc(all, func(i Item) bool { // an order whose execution is late is late at its step too
		if i.Entry != "" || i.Order == "" {
			return false
		}
		again := seen[i.Order]
		seen[i.Order] = true
		return again
	})
	slices.SortStableFunc(all, func(a, b Item) int { return cmp.Or(a.Since.Compare(b.Since), strings.Compare(a.ID, b.ID)) })
	return all, nil
}

// steps returns the orders that are late at their step.
func (f *Finder) steps(ctx context.Context) ([]Item, error) {
	var items []Item
	now := f.Decisions.Now()
	for _, c := range f.clocks() {
		if c.Step == "" {
			continue
		}
		orders, _, err := f.Store.EnteredBefore(ctx, c.Step, "", now.Add(-c.Least), maxOfStep)
		if err != nil {
			return nil, err
		}
		for _, o := range orders {
			if item := c.itemOf(o, now); item != nil {
				items = append(items, *item)
			}
		}
	}
	return items, nil
}

func (f *Finder) clocks() []Clock { return Clocks(cmp.Or(f.Promise, filing.DefaultReviewPromise)) }

// itemOf returns the item of an order at the step of the clock; nil if the order is not late.
func (c Clock) itemOf(o filing.Order, now time.Time) *Item {
	switch {
	case c.Step == filing.InitialReview && o.ReadingOverdue(now):
		c = readingClock
	case c.Step == filing.AwaitBureau && o.ByHand:
		c = byHandClock
	}
	due := c.Due(o)
	if o.Closing != "" || due.IsZero() || !now.After(due) {
		return nil
	}
	return &Item{ID: "order~" + string(o.ID), Clock: c.Name, Order: o.ID, Round: o.Round, Step: o.Step, Since: o.MovedAt, Due: due, Cause: c.Cause, Action: c.Action, Help: c.Help}
}

// outbox returns the entries that are late, and those that can never be delivered.
func (f *Finder) outbox(ctx context.Context) ([]Item, error) {
	var items []Item
	for _, c := range f.clocks() {
		if c.Entry == "" {
			continue
		}
		entries, err := f.Store.Outbox(ctx, c.Entry, maxOfStep)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			due := e.At.Add(c.Least)
			if c.Entry == decide.UploadRecord && f.Bureau.ByHand || !f.Wall().After(due) && c.Entry != decide.DeadLetter {
				continue
			}
			items = append(items, Item{ID: "entry~" + strings.ReplaceAll(e.ID, "#", "~"), Clock: c.Name, Order: e.Order, Round: e.Round, Entry: e.Kind,
				Since: e.At, Due: due, Cause: c.causeOf(e), Action: c.Action, Help: c.Help})
		}
	}
	return items, nil
}

// causeOf returns the cause of a late entry, with the code of its error if it is known.
func (c Clock) causeOf(e decide.OutboxEntry) finding.Words {
	cause := c.Cause
	if e.Failure != "" {
		cause.Chinese += "错误代码：" + e.Failure + "。"
		cause.English += " Code of the error: " + e.Failure + "."
	}
	return cause
}

// machines returns the orders whose execution does not follow them: those of Stalled, and those whose execution failed.
func (f *Finder) machines(ctx context.Context) ([]Item, error) {
	stalled, err := f.Store.Stalled(ctx, maxStalled)
	if err != nil {
		return nil, err
	}
	ended, err := f.Machine.Ended(ctx, maxEnded)
	if err != nil {
		return nil, err
	}
	var orders []filing.ID
	for _, s := range stalled {
		orders = append(orders, s.Order)
	}
	for _, e := range ended {
		orders = append(orders, e.Order)
	}
	slices.Sort(orders)
	orders = slices.Compact(orders)
	found := make([]*Item, len(orders))
	group, within := errgroup.WithContext(ctx)
	group.SetLimit(workers)
	for i, id := range orders {
		group.Go(func() (err error) {
			found[i], err = f.machineItem(within, id)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var items []Item
	for _, item := range found {
		if item != nil {
			items = append(items, *item)
		}
	}
	return items, nil
}

// tasks returns the bureau's tasks that are overdue.
func (f *Finder) tasks(ctx context.Context) ([]Item, error) {
	found, err := f.Store.OverdueBureauTasks(ctx, f.Decisions.Now(), maxOfStep)
	var items []Item
	for _, t := range found {
		items = append(items, Item{ID: "task~" + t.ID, Clock: taskClock.Name, Task: t.ID, Since: t.ReceivedAt, Due: t.Deadline, Cause: taskClock.Cause, Help: taskClock.Help})
	}
	return items, err
}

// files returns what is late of the exchange with the bureau.
func (f *Finder) files(ctx context.Context) ([]Item, error) {
	if f.Bureau.ByHand {
		return nil, nil
	}
	status, err := f.Bureau.Status(ctx)
	if err != nil {
		return nil, err
	}
	return fileItems(status, f.Decisions.Now()), nil
}
