package late

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"

	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/rules/fault"
)

// A Watch finds orders whose execution does not follow them, and starts or resumes it. Each visit of a step is checked once, some time after the order entered it;
// what was found is checked again in each run, until the execution follows. So a run reads only the orders that entered a step since the last one.
//
// A decision that moves an order leaves no entry in the outbox: if the process ends before it has notified the state machine, the next run does it. An
// execution that ends or fails later, while it waits, is not found here; the state machine lists it, see [Machine].
type Watch struct {
	Decisions *decide.Service
	Store     WatchStore
	// Patience is how long after an order entered its step it is checked; see [WatchPatience].
	Patience time.Duration
}

// WatchPatience is the Patience of a system in which other processes may be notifying the state machine. It exceeds what a decision may take, so that no
// order appears before those that a run has checked.
const WatchPatience = time.Minute

// A WatchStore keeps what a Watch has found. Package dynamo implements it.
type WatchStore interface {
	EnteredBefore(ctx context.Context, step filing.Step, after string, before time.Time, limit int) (orders []filing.Order, next string, err error)
	// Watched returns up to which order each step has been checked; SaveWatched stores it.
	Watched(ctx context.Context) (map[filing.Step]string, error)
	SaveWatched(ctx context.Context, upTo map[filing.Step]string) error
	Stalled(ctx context.Context, limit int) ([]Stalled, error)
	PutStalled(ctx context.Context, s Stalled) error
	DeleteStalled(ctx context.Context, order filing.ID) error
}

// A Stalled is an order whose execution did not follow it in time.
type Stalled struct {
	Order     filing.ID   `json:"order"`
	Step      filing.Step `json:"step"`
	StepVisit int         `json:"visit"`
	MovedAt   time.Time   `json:"movedAt"`
}

// maxWatched is the maximum number of orders of a step that are read at a time, maxPages how often a run reads. The next run continues.
const (
	maxWatched = 200
	maxPages   = 20
)

// watchChecks is how many orders a run checks at a time.
const watchChecks = 8

// Run checks the orders that are due. If it fails, the next run checks them again.
func (w Watch) Run(ctx context.Context) error {
	stalled, err := w.Store.Stalled(ctx, maxStalled)
	if err != nil {
		return err
	}
	var failed error
	for _, s := range stalled {
		found, err := w.check(ctx, s.Order)
		if err == nil && found == nil {
			err = w.Store.DeleteStalled(ctx, s.Order)
		}
		failed = errors.Join(failed, err)
	}
	upTo, err := w.Store.Watched(ctx)
	if err != nil {
		return errors.Join(failed, err)
	}
	steps := filing.Steps
	for page := 0; page < maxPages && len(steps) > 0; page++ {
		changed := false
		var unfinished []filing.Step
		for _, step := range steps {
			last, more, err := w.checkStep(ctx, step, upTo[step])
			failed = errors.Join(failed, err)
			if last != "" && last != upTo[step] {
				upTo[step], changed = last, true
			}
			if more {
				unfinished = append(unfinished, step)
			}
		}
		if changed {
			if err := w.Store.SaveWatched(ctx, upTo); err != nil {
				return errors.Join(failed, err)
			}
		}
		steps = unfinished
	}
	return failed
}

// checkStep checks the orders of a step after one that was checked, at most [maxWatched]. It returns the last that was checked now, and whether there may be more.
func (w Watch) checkStep(ctx context.Context, step filing.Step, after string) (last string, more bool, err error) {
	orders, next, err := w.Store.EnteredBefore(ctx, step, after, w.Decisions.Now().Add(-w.Patience), maxWatched)
	if err != nil {
		return "", false, err
	}
	var checks errgroup.Group
	checks.SetLimit(watchChecks)
	for _, o := range orders {
		checks.Go(func() error { return w.checkEntered(ctx, o) })
	}
	if err := checks.Wait(); err != nil {
		return "", false, err
	}
	return next, len(orders) == maxWatched, nil
}

// checkEntered checks an order as the index has it, and remembers it if its execution does not follow.
func (w Watch) checkEntered(ctx context.Context, o filing.Order) error {
	if follows, err := w.follows(ctx, o); err != nil || follows {
		return err
	}
	found, err := w.check(ctx, o.ID) // the index may be stale
	if found == nil {
		return err
	}
	w.Decisions.Log.WarnContext(ctx, "an execution does not follow its order", "order", o.ID, "step", found.Step, "since", found.MovedAt)
	return errors.Join(err, w.Store.PutStalled(ctx, *found))
}

// check starts or resumes the execution of an order that should wait for it and does not. It returns the order if it had to; nil if the execution follows.
func (w Watch) check(ctx context.Context, id filing.ID) (*Stalled, error) {
	o, err := w.Decisions.Store.OrderState(ctx, id)
	if fault.KindOf(err) == fault.NotFound {
		return nil, nil
	}
	if err != nil || !mayStall(o) {
		return nil, err
	}
	if follows, err := w.follows(ctx, o); err != nil || follows {
		return nil, err
	}
	return &Stalled{Order: o.ID, Step: o.Step, StepVisit: o.StepVisit, MovedAt: o.MovedAt}, errors.Join(w.start(ctx, o), w.Decisions.Resume(ctx, id))
}

// start starts the execution of an order's round, unless one has waited in it. The name alone does not prevent a second one: Step Functions forgets a name 90 days after the
// end of its execution, and that of a restarted round has ended.
func (w Watch) start(ctx context.Context, o filing.Order) error {
	task, err := w.Decisions.Store.WaitingTask(ctx, o.ID)
	if err != nil || task.Round >= o.Round {
		return err
	}
	return w.Decisions.Start(ctx, o)
}

// follows reports whether an execution waits for the order at its step, or need not.
func (w Watch) follows(ctx context.Context, o filing.Order) (bool, error) {
	if !mayStall(o) {
		return true, nil
	}
	return follows(ctx, w.Decisions.Store, o)
}
