package late

import (
	"context"
	"strconv"
	"strings"

	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/rules/fault"
)

// Repair carries out the action of an item. It returns false if the item is not late any more, so that there was nothing to do: a second call is
// harmless. The error is a fault of kind NotFound for an id that [Finder.List] never returned, and of kind Conflict for an item without an action.
//
// The repair of an order is recorded in its ledger before it is carried out, see [filing.RecordRepair]; repairs of files are logged by their caller.
func (f *Finder) Repair(ctx context.Context, id string, by filing.Actor) (done bool, err error) {
	kind, rest, _ := strings.Cut(id, "~")
	if rest == "" {
		return false, errNoItem
	}
	switch kind {
	case "entry":
		return f.deliver(ctx, strings.ReplaceAll(rest, "~", "#"), by)
	case "order":
		return f.restart(ctx, filing.ID(rest), by)
	case "sent":
		sequence, err := strconv.ParseInt(rest, 10, 64)
		if err != nil {
			return false, errNoItem
		}
		return f.resend(ctx, sequence)
	case "file":
		return f.replay(ctx, rest)
	}
	return false, errNoItem
}

var (
	errNoItem   = fault.New(fault.NotFound, "没有这一项，请刷新页面。", "There is no such item; read the list again.")
	errNoAction = fault.New(fault.Conflict, "这一项没有可以自动做的处理，请按说明处理。", "The item has no action; do what its help says.")
)

// record stores in the ledger of an order that staff repair something. Of an order whose data are erased there is no ledger to write to.
func (f *Finder) record(ctx context.Context, id filing.ID, by filing.Actor, action Action, what string) error {
	if id == "" {
		return nil
	}
	_, err := f.Decisions.Decide(ctx, id, by, filing.RecordRepair{Action: string(action), What: what})
	if o, readErr := f.Decisions.Store.OrderState(ctx, id); readErr == nil && o.Erasure != nil {
		return nil
	}
	return err
}

// deliver delivers an outbox entry for the state machine, or moves a dead letter back to the outbox.
func (f *Finder) deliver(ctx context.Context, id string, by filing.Actor) (bool, error) {
	e, known, err := f.Store.OutboxEntry(ctx, id)
	if err != nil || !known {
		return false, err
	}
	dead := strings.HasPrefix(id, string(decide.DeadLetter)+"#")
	if !dead && e.Kind != decide.StartExecution && e.Kind != decide.ResumeExecution {
		return false, errNoAction
	}
	if err := f.record(ctx, e.Order, by, Deliver, string(e.Kind)); err != nil {
		return false, err
	}
	if dead {
		return true, f.Store.RestoreEntry(ctx, e, f.Wall())
	}
	return true, f.Decisions.Deliver(ctx, e)
}

// restart starts another execution of an order that its execution does not follow, or whose step did not time out.
func (f *Finder) restart(ctx context.Context, id filing.ID, by filing.Actor) (bool, error) {
	item, err := f.machineItem(ctx, id)
	if err != nil {
		return false, err
	}
	o, err := f.Decisions.Store.OrderState(ctx, id)
	if fault.KindOf(err) == fault.NotFound {
		return false, errNoItem
	}
	if err != nil {
		return false, err
	}
	if item == nil {
		if item = f.stepItem(o); item == nil {
			return false, nil
		}
		if item.Action != Restart {
			return false, errNoAction
		}
		e, err := f.Machine.Execution(ctx, o.ID, o.Round)
		if err != nil {
			return false, err
		}
		if e.Status == Running && f.Decisions.Now().Sub(e.StartedAt) < Grace { // it was restarted just now
			return false, nil
		}
		item.Execution = &e
	}
	if err := f.record(ctx, id, by, Restart, string(item.Execution.Status)); err != nil {
		return false, err
	}
	return true, f.Machine.Restart(ctx, *item.Execution, decide.Input{Order: o.ID, Round: o.Round, Step: o.StartState()})
}

// stepItem returns the item of an order that is late at its step; nil if it is not.
func (f *Finder) stepItem(o filing.Order) *Item {
	if !mayStall(o) {
		return nil
	}
	for _, c := range f.clocks() {
		if c.Step == o.Step {
			return c.itemOf(o, f.Decisions.Now())
		}
	}
	return nil
}

// resend asks for a file to be sent to the bureau again. A file that is neither in flight nor missing is not late any more.
func (f *Finder) resend(ctx context.Context, sequence int64) (bool, error) {
	status, err := f.Bureau.Status(ctx)
	if err != nil {
		return false, err
	}
	for _, item := range fileItems(status, f.Decisions.Now()) {
		if item.ID == "sent~"+strconv.FormatInt(sequence, 10) {
			return true, f.Bureau.Resend(ctx, sequence)
		}
	}
	return false, nil
}

// replay processes a file of the bureau again, if a part of it is unusable.
func (f *Finder) replay(ctx context.Context, id string) (bool, error) {
	status, err := f.Bureau.Status(ctx)
	if err != nil {
		return false, err
	}
	for _, item := range fileItems(status, f.Decisions.Now()) {
		if item.ID == "file~"+id {
			_, _, err := f.Bureau.Replay(ctx, id)
			return err == nil, err
		}
	}
	return false, nil
}
