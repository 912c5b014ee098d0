package system

import (
	"context"
	"slices"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"beian/infra/local/ticker"
	"beian/infra/local/timetable"
	"beian/shared/process/decide"
)

// backgroundFunctions run at the start, at a fixed interval, and shortly after a transaction with an outbox entry of some kinds. On AWS schedules
// invoke them, each minute.
var backgroundFunctions = []struct {
	function string
	kinds    []decide.EntryKind
	every    time.Duration
}{{"sweeper", []decide.EntryKind{decide.EndOrders, decide.EraseOrder, decide.DropEvidence}, 5 * time.Second}, {"exchange", []decide.EntryKind{decide.UploadRecord}, time.Second},
	{"webhooks", nil, 5 * time.Second}}

// wakeDelay is the time from a transaction to the run of a background function. The run includes later transactions in that time.
const wakeDelay = 40 * time.Millisecond

// A plan is when the system calls functions.
type plan struct {
	schedules  []timetable.Schedule
	handlers   []lambda.Handler // of the schedules
	minutely   *ticker.Loop     // for what is due and the counts of open orders, also when the clock was moved
	background []*ticker.Loop   // one for each of backgroundFunctions, nil if the system does not have it
	streams    []*stream
}

// newPlan returns when functions are called.
func (s *System) newPlan(byHand bool) *plan {
	p := &plan{minutely: ticker.NewLoop(), streams: newStreams()}
	add := func(name string, stops bool, next func(time.Time) time.Time, handler lambda.Handler) {
		p.schedules = append(p.schedules, timetable.Schedule{Name: name, Schedule: ticker.New(s.Clock, next), Stops: stops})
		p.handlers = append(p.handlers, handler)
	}
	add("retention", false, ticker.Hourly(20), s.Functions.Handler("retention"))
	add("sitewatch", false, ticker.Hourly(50), s.Functions.Handler("sitewatch"))
	add("expiry", false, ticker.Hourly(40), handlerFunc(func(ctx context.Context, _ []byte) ([]byte, error) { return nil, s.DeleteExpired(ctx, time.Now()) }))
	for _, b := range backgroundFunctions {
		if b.function == "exchange" && byHand {
			p.background = append(p.background, nil)
			continue
		}
		p.background = append(p.background, ticker.NewLoop())
	}
	return p
}

// wakeFor wakes the functions that deliver the outbox entries of a stored transaction.
func (s *System) wakeFor(transaction []byte) {
	for _, entry := range newEntries(transaction) {
		kind := kindOf(entry)
		for _, one := range s.plan.streams {
			one.add(kind, entry)
		}
		for i, b := range backgroundFunctions {
			if loop := s.plan.background[i]; loop != nil && slices.Contains(b.kinds, kind) {
				loop.Request()
			}
		}
	}
}

// newTimetable returns what the system waits for. Jumps end when ctx ends.
func (s *System) newTimetable(ctx context.Context) *timetable.Table {
	loops := []*ticker.Loop{s.plan.minutely}
	for _, one := range s.plan.background {
		if one != nil {
			loops = append(loops, one)
		}
	}
	for _, one := range s.plan.streams {
		loops = append(loops, one.loop)
	}
	return timetable.New(ctx, timetable.Config{Clock: s.Clock, Machine: s.Machine, Schedules: s.plan.schedules, Loops: loops, Decisions: s.bureauDecisions, Due: func() (time.Time, error) { return s.Parts.Store().FirstDue(ctx) }})
}

// bureauDecisions returns when the simulated bureau decides about records.
func (s *System) bureauDecisions() ([]time.Time, error) {
	records, err := s.Bureau.Records(0, 0)
	if err != nil {
		return nil, err
	}
	var due []time.Time
	for _, r := range records {
		if r.Decision == "" && !r.Silent {
			due = append(due, r.Due)
		}
	}
	return due, nil
}

// schedule starts the scheduled functions and the background functions.
func (s *System) schedule(ctx context.Context) {
	failed := func(name string, err error) {
		if ctx.Err() == nil {
			s.Parts.Log.Error("a scheduled function failed", "function", name, "cause", err.Error())
		}
	}
	for i, one := range s.plan.schedules {
		s.loops.Go(func() { one.Run(ctx, s.plan.handlers[i], func(err error) { failed(one.Name, err) }) })
	}
	call := func(function string, inputs ...string) func() {
		return func() {
			for _, input := range inputs {
				if _, err := s.Functions.Invoke(ctx, function, []byte(input)); err != nil {
					failed(function, err)
				}
			}
		}
	}
	watch := call("sweeper", `{"watch":true}`)
	remind := call("reminders", "{}", `{"counts":true}`)
	s.loops.Go(func() {
		s.plan.minutely.Run(ctx, time.Minute, 0, s.Clock, func() { remind(); watch() })
	})
	for _, one := range s.plan.streams {
		s.loops.Go(func() {
			one.loop.Run(ctx, time.Hour, streamDelay, nil, func() {
				if err := one.deliver(ctx, func(ctx context.Context, input []byte) ([]byte, error) {
					return s.Functions.Invoke(ctx, one.function, input)
				}); err != nil {
					failed(one.function, err)
				}
			})
		})
	}
	for i, b := range backgroundFunctions {
		if loop := s.plan.background[i]; loop != nil {
			s.loops.Go(func() { loop.Run(ctx, b.every, wakeDelay, nil, call(b.function, "{}")) })
		}
	}
}
