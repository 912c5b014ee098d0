package stepfunctions

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"beian/infra/local/asl"
)

type sendTaskSuccessInput struct {
	Token  string `json:"taskToken"`
	Output string `json:"output"`
}

type sendTaskFailureInput struct {
	Token string `json:"taskToken"`
	Error string `json:"error"`
	Cause string `json:"cause"`
}

// empty is the response of operations without result.
type empty struct{}

func (h *Host) sendTaskSuccess(ctx context.Context, in sendTaskSuccessInput) (*empty, error) {
	if err := checkLength("output", in.Output, asl.PayloadLimit); err != nil {
		return nil, err
	}
	if !json.Valid([]byte(in.Output)) {
		return nil, newAPIError("InvalidOutput", "Invalid Output: it is not JSON.")
	}
	return h.completeTask(ctx, in.Token, func(l *openExecution, now time.Time) (asl.Step, error) {
		return l.machine.SendTaskSuccess(l.x, in.Token, []byte(in.Output), now)
	})
}

func (h *Host) sendTaskFailure(ctx context.Context, in sendTaskFailureInput) (*empty, error) {
	if err := checkFailure(in.Error, in.Cause); err != nil {
		return nil, err
	}
	return h.completeTask(ctx, in.Token, func(l *openExecution, now time.Time) (asl.Step, error) {
		return l.machine.SendTaskFailure(l.x, in.Token, &asl.Failure{Name: in.Error, Cause: in.Cause}, now)
	})
}

// completeTask applies an event to the execution of a task token. It first applies timeouts that are due, in case the timer is late.
func (h *Host) completeTask(
	ctx context.Context, token string, event func(*openExecution, time.Time) (asl.Step, error),
) (*empty, error) {
	if token == "" || len(token) > maxToken {
		return nil, newAPIError("InvalidToken", "Invalid Token: it must have 1 to %d characters.", maxToken)
	}
	arn, ok := asl.TokenExecution(token)
	if !ok {
		return nil, newAPIError("InvalidToken", "Invalid Token: 'Invalid token'")
	}
	key, err := h.key(arn)
	if err != nil {
		return nil, newAPIError("InvalidToken", "Invalid Token: 'Invalid token'")
	}
	l := h.find(key)
	if l == nil {
		r, err := h.store.execution(key)
		if err != nil {
			return nil, err
		}
		if r == nil {
			return nil, taskDoesNotExist()
		}
		return nil, taskEndedError(r.Execution, token)
	}
	h.tick(l)
	stored, done := newStoredSignal()
	err = h.applyEvent(l, func(now time.Time) (asl.Step, error) {
		step, err := event(l, now)
		if errors.Is(err, asl.ErrNoTask) {
			err = taskEndedError(l.x, token)
		}
		return step, err
	}, stored)
	if err != nil {
		return nil, err
	}
	return &empty{}, h.awaitStored(ctx, done)
}

// taskEndedError returns the error for a task that has ended, or that never existed.
func taskEndedError(x *asl.Execution, token string) error {
	if x.Issued(token) {
		return newAPIError("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'")
	}
	return taskDoesNotExist()
}

func taskDoesNotExist() error {
	return newAPIError("TaskDoesNotExist", "Task Does Not Exist: 'Provided task does not exist'")
}
