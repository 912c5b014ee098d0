// Package timetable knows what a laptop's system waits for, and moves its clock so that what becomes due on the way happens in its order:
//
//	table := timetable.New(ctx, timetable.Config{Clock: clock, Machine: machine, …})
//	err := table.Jump(clock.Now().AddDate(0, 1, 0))
//	<-table.Arrived()
//
// A clock that skips a month at once would let a reminder, the timeout of its step and the next step's timeout happen at the same time. A jump stops at each
// time at which something is due, and goes on when the system has settled: schedules have called, executions wait, and the sweeper and the exchange have run.
package timetable

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"beian/infra/local/clock"
	"beian/infra/local/stepfunctions"
	"beian/infra/local/ticker"
)

// Config has what a system waits for.
type Config struct {
	Clock     *clock.Clock
	Machine   *stepfunctions.Host
	Schedules []Schedule
	Loops     []*ticker.Loop
	// Decisions returns when the bureau decides about records, for records with a known time; nil returns none.
	Decisions func() ([]time.Time, error)
	// Due returns when the function reminders has something to do next, the zero time if never; nil is never. Loops call it.
	Due func() (time.Time, error)
}

// A Schedule is a scheduled function.
type Schedule struct {
	Name string
	*ticker.Schedule
	// Stops makes a jump stop at each time of the schedule. Others catch up at the next stop: they only clean up.
	Stops bool
}

// Kinds of items.
const (
	Execution = "execution" // an execution's wait, retry or timeout
	Scheduled = "schedule"
	Decision  = "decision" // of the simulated bureau
	Due       = "due"      // reminders, deadlines and codes
)

// An Item is something that is due at a time.
type Item struct {
	At    time.Time
	Kind  string
	Name  string // of the execution or the function
	State string // of the execution
	Stops bool   // a jump stops there
}

// A Table moves the clock. It is safe for concurrent use.
type Table struct {
	config Config
	ctx    context.Context

	mu      sync.Mutex
	state   State
	arrived chan struct{} // closed at the end of the jump
	jumps   sync.WaitGroup
}

// A State is how far the last jump is.
type State struct {
	Moving bool
	To     time.Time // zero before the first jump
	Stops  int       // made so far
	Err    error     // why it ended early
}

// Errors of [Table.Jump] and of a jump that ended early.
var (
	ErrMoving    = errors.New("timetable: the clock is moving")
	ErrPast      = errors.New("timetable: the clock moves only forward")
	ErrFar       = errors.New("timetable: more than a year at once")
	ErrUnsettled = errors.New("timetable: the system has not settled")
)

// New returns a table. Jumps end when ctx ends.
func New(ctx context.Context, config Config) *Table {
	arrived := make(chan struct{})
	close(arrived)
	return &Table{config: config, ctx: ctx, arrived: arrived}
}

// Items returns what is due next, the earliest first.
func (t *Table) Items() ([]Item, error) {
	var items []Item
	for _, w := range t.config.Machine.Waits() {
		items = append(items, Item{At: w.Due, Kind: Execution, Name: w.Name, State: w.State, Stops: true})
	}
	for _, s := range t.config.Schedules {
		if due := s.Due(); !due.IsZero() {
			items = append(items, Item{At: due, Kind: Scheduled, Name: s.Name, Stops: s.Stops})
		}
	}
	if t.config.Decisions != nil {
		decisions, err := t.config.Decisions()
		if err != nil {
			return nil, err
		}
		for _, at := range decisions {
			items = append(items, Item{At: at, Kind: Decision, Stops: true})
		}
	}
	if t.config.Due != nil {
		at, err := t.config.Due()
		if err != nil {
			return nil, err
		}
		if !at.IsZero() {
			items = append(items, Item{At: at, Kind: Due, Stops: true})
		}
	}
	slices.SortStableFunc(items, func(a, b Item) int { return a.At.Compare(b.At) })
	return items, nil
}

// Next returns the next time at which a jump stops; zero if there is none.
func (t *Table) Next() (time.Time, error) {
	items, err := t.Items()
	now := t.config.Clock.Now()
	if i := slices.IndexFunc(items, func(i Item) bool { return i.Stops && i.At.After(now) }); err == nil && i >= 0 {
		return items[i].At, nil
	}
	return time.Time{}, err
}

// Jump begins to move the clock to a time. [Table.Arrived] reports its end.
func (t *Table) Jump(to time.Time) error {
	now := t.config.Clock.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.state.Moving:
		return ErrMoving
	case !to.After(now):
		return ErrPast
	case to.After(now.AddDate(1, 0, 1)):
		return ErrFar
	}
	t.state, t.arrived = State{Moving: true, To: to}, make(chan struct{})
	t.jumps.Go(func() {
		err := t.move(now, to)
		t.mu.Lock()
		defer t.mu.Unlock()
		t.state.Moving, t.state.Err = false, err
		close(t.arrived)
	})
	return nil
}

// State returns how far the last jump is.
func (t *Table) State() State {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.state
}

// Arrived returns a channel that is closed at the end of the jump in progress.
func (t *Table) Arrived() <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.arrived
}

// Wait waits for the end of a jump. Call it after the end of the table's context.
func (t *Table) Wait() { t.jumps.Wait() }

// mostStops bounds the stops of a jump, where something is due again and again.
const mostStops = 500

// move moves the clock from stop to stop.
func (t *Table) move(from, to time.Time) error {
	apart := to.Sub(from) / mostStops
	t.requestLoops() // for what is due already
	for {
		if err := t.settle(); err != nil {
			return err
		}
		now := t.config.Clock.Now()
		if !now.Before(to) {
			return nil
		}
		next, err := t.Next()
		if err != nil {
			return err
		}
		if next.IsZero() || next.After(to) {
			next = to
		} else if next.Sub(now) < apart {
			next = now.Add(apart)
		}
		t.config.Clock.Set(next)
		t.requestLoops()
		t.mu.Lock()
		t.state.Stops++
		t.mu.Unlock()
	}
}

func (t *Table) requestLoops() {
	for _, l := range t.config.Loops {
		l.Request()
	}
}

// How long a system may take to settle at a stop, and how often it is looked at. The calls of functions end within 5 minutes, but those of a laptop take
// milliseconds.
const (
	settleLimit = 30 * time.Second
	lookEvery   = 5 * time.Millisecond
)

// settle waits until the system has done what is due.
func (t *Table) settle() error {
	limit := time.After(settleLimit)
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for settled := 0; ; {
		// One part may give another something to do after that was looked at, so all have to be settled twice.
		if settled++; !t.settled() {
			settled = 0
		}
		if settled == 2 {
			return nil
		}
		select {
		case <-look.C:
		case <-limit:
			return ErrUnsettled
		case <-t.ctx.Done():
			return t.ctx.Err()
		}
	}
}

func (t *Table) settled() bool {
	for _, s := range t.config.Schedules {
		if !s.Settled() {
			return false
		}
	}
	for _, l := range t.config.Loops {
		if !l.Settled() {
			return false
		}
	}
	return t.config.Machine.Settled()
}
