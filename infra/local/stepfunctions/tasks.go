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

type sendTaskHeartbeatInput struct {
	Token string `json:"taskToken"`
}

type nothing struct{}

func (h *Host) sendTaskSuccess(ctx context.Context, in sendTaskSuccessInput) (*nothing, error) {
	if err := checkLength("output", in.Output, asl.PayloadLimit); err != nil {
		return nil, err
	}
	if !json.Valid([]byte(in.Output)) {
		return nil, refuse("InvalidOutput", "Invalid Output: it is not JSON.")
	}
	return h.send(ctx, in.Token, func(l *live, now time.Time) (asl.Step, error) {
		return l.machine.Succeed(l.x, in.Token, []byte(in.Output), now)
	})
}

func (h *Host) sendTaskFailure(ctx context.Context, in sendTaskFailureInput) (*nothing, error) {
	if err := checkFailure(in.Error, in.Cause); err != nil {
		return nil, err
	}
	return h.send(ctx, in.Token, func(l *live, now time.Time) (asl.Step, error) {
		return l.machine.Fail(l.x, in.Token, &asl.Failure{Name: in.Error, Cause: in.Cause}, now)
	})
}

func (h *Host) sendTaskHeartbeat(ctx context.Context, in sendTaskHeartbeatInput) (*nothing, error) {
	return h.send(ctx, in.Token, func(l *live, now time.Time) (asl.Step, error) {
		return l.machine.Heartbeat(l.x, in.Token, now)
	})
}

// send lets a task's token do something. Timeouts that are due come first: the timer may not have got to them yet.
func (h *Host) send(
	ctx context.Context, token string, happen func(*live, time.Time) (asl.Step, error),
) (*nothing, error) {
	if token == "" || len(token) > maxToken {
		return nil, refuse("InvalidToken", "Invalid Token: it must have 1 to %d characters.", maxToken)
	}
	arn, ok := asl.TokenExecution(token)
	if !ok {
		return nil, refuse("InvalidToken", "Invalid Token: 'Invalid token'")
	}
	key, err := h.key(arn)
	if err != nil {
		return nil, refuse("InvalidToken", "Invalid Token: 'Invalid token'")
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
		return nil, notAwaited(r.Execution, token)
	}
	h.tick(l)
	stored, done := wait()
	err = h.move(l, func(now time.Time) (asl.Step, error) {
		step, err := happen(l, now)
		if errors.Is(err, asl.ErrNoTask) {
			err = notAwaited(l.x, token)
		}
		return step, err
	}, stored)
	if err != nil {
		return nil, err
	}
	return &nothing{}, h.settled(ctx, done)
}

// notAwaited tells a task that is over from one that never was.
func notAwaited(x *asl.Execution, token string) error {
	if x.Issued(token) {
		return refuse("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'")
	}
	return taskDoesNotExist()
}

func taskDoesNotExist() error {
	return refuse("TaskDoesNotExist", "Task Does Not Exist: 'Provided task does not exist'")
}
