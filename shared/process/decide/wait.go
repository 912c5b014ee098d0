package decide

import (
	"context"
	"errors"
	"fmt"

	"beian/shared/filing"
)

// An Input is the input of an execution and of each of its states: ids, never personal data.
type Input struct {
	Order filing.ID `json:"order"`
	Round int       `json:"round"`
	// Step is the state at which the execution starts.
	Step string `json:"step,omitempty"`
	// Token is the task token of a state that waits.
	Token string `json:"token,omitempty"`
	// Definition is the version of filing.asl.json by which the execution runs; 0 for one that started before version 2. From version 2, a task whose
	// next step is an optional one ends with the name of that step as its error.
	Definition int `json:"definition,omitempty"`
}

// Deliver carries out an outbox entry of kind StartExecution or ResumeExecution and deletes it.
func (s *Service) Deliver(ctx context.Context, e OutboxEntry) error {
	var err error
	switch e.Kind {
	case StartExecution:
		err = s.Machine.Start(ctx, Input{Order: e.Order, Round: e.Round, Step: e.Step})
	case ResumeExecution:
		err = s.Resume(ctx, e.Order)
	default:
		return fmt.Errorf("decide: deliver outbox entry %s: its kind %q is not for the state machine", e.ID, e.Kind)
	}
	if err != nil {
		return err
	}
	return s.Store.DeleteEntry(ctx, e.ID)
}

// Start starts the execution of an order's round, unless there is one.
func (s *Service) Start(ctx context.Context, o filing.Order) error {
	return s.Machine.Start(ctx, Input{Order: o.ID, Round: o.Round, Step: o.StartState()})
}

// Resume completes the task that waits for an order, if the order has left the task's step.
func (s *Service) Resume(ctx context.Context, id filing.ID) error {
	task, err := s.Store.WaitingTask(ctx, id)
	if err != nil || task.Token == "" {
		return err
	}
	order, err := s.Store.OrderState(ctx, id)
	if err != nil {
		return err
	}
	return s.completeIfMoved(ctx, task, order)
}

// ErrTaskEnded is returned for a task that cannot be completed, because it has ended.
var ErrTaskEnded = errors.New("decide: the task has ended")

// completeIfMoved completes a task if the order has left the task's step. The zero task is ignored, and one that has ended: the execution's present state
// reads the order.
func (s *Service) completeIfMoved(ctx context.Context, task WaitingTask, order filing.Order) error {
	outcome, moved := order.Outcome(task.Step, task.StepVisit)
	if !moved || task.Token == "" {
		return nil
	}
	return unlessEnded(s.complete(ctx, task, outcome))
}

// unlessEnded returns an error that is not [ErrTaskEnded].
func unlessEnded(err error) error {
	if errors.Is(err, ErrTaskEnded) {
		return nil
	}
	return err
}

// complete completes a task with an outcome.
func (s *Service) complete(ctx context.Context, task WaitingTask, outcome filing.Outcome) error {
	if task.Definition == 0 && filing.Step(outcome.Error).Optional() {
		outcome.Error = ""
	}
	return s.Machine.CompleteTask(ctx, task.Token, outcome)
}

// notifyMoved completes the task that waits for an order that a decision just moved. before is the order before the decision, and task what waited for it while
// the decision was stored. If that task is not of the step that the order left, or has ended since, notifyMoved reads again what waits: a state that begins to
// wait after this second reading sees the decision (ADR 2).
func (s *Service) notifyMoved(ctx context.Context, before, order filing.Order, task WaitingTask) error {
	outcome, moved := order.Outcome(before.Step, before.StepVisit)
	if moved && task.Token != "" && task.Step == before.Step && task.StepVisit == before.StepVisit {
		if err := s.complete(ctx, task, outcome); !errors.Is(err, ErrTaskEnded) {
			return err
		}
	}
	task, err := s.Store.WaitingTask(ctx, order.ID)
	if err != nil {
		return err
	}
	return s.completeIfMoved(ctx, task, order)
}

// Wait makes a task wait until the order leaves a step: it stores the task token, and the decision that moves the order completes the
// task. If the order has left the step before, Wait completes the task at once.
func (s *Service) Wait(ctx context.Context, step filing.Step, in Input) error {
	order, err := s.Store.OrderState(ctx, in.Order)
	if err != nil {
		return err
	}
	return s.WaitOn(ctx, order, step, in)
}

// WaitOn is Wait for an order that the caller has read.
func (s *Service) WaitOn(ctx context.Context, order filing.Order, step filing.Step, in Input) error {
	task := WaitingTask{Step: step, StepVisit: order.StepVisit, Token: in.Token, Definition: in.Definition, Round: in.Round}
	if in.Round < order.Round { // a later execution follows the order; this one ends
		return unlessEnded(s.complete(ctx, task, filing.Outcome{}))
	}
	if _, moved := order.Outcome(step, order.StepVisit); moved {
		return s.completeIfMoved(ctx, task, order)
	}
	if err := s.Store.SaveTaskToken(ctx, in.Order, task); err != nil {
		return err
	}
	// A decision that was stored before the token could not complete the task, so read the order again.
	order, err := s.Store.OrderState(ctx, in.Order)
	if err != nil {
		return err
	}
	return s.completeIfMoved(ctx, task, order)
}
