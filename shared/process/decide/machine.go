package decide

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"beian/shared/aws/dynamo"
	"beian/shared/filing"
	"beian/shared/rules/fault"
)

// An Input is what an execution, and each of its states, knows of a filing: ids, never personal data.
type Input struct {
	Order filing.ID `json:"order"`
	Round int       `json:"round"`
	// Step is the state at which the execution begins.
	Step string `json:"step,omitempty"`
	// Token is the task token of a state that waits.
	Token string `json:"token,omitempty"`
}

// Deliver tells the machine what an outbox entry of kind start or resume asks for, and takes the entry out.
func (d *Service) Deliver(ctx context.Context, e dynamo.Entry) error {
	var err error
	switch e.Kind {
	case dynamo.Start:
		err = d.start(ctx, e)
	case dynamo.Resume:
		err = d.resume(ctx, e.Order)
	default:
		return fmt.Errorf("desk: entry kind %q is not for the machine", e.Kind)
	}
	if err != nil {
		return err
	}
	return d.Store.Delivered(ctx, e)
}

// start starts the execution of an order's round. Its name makes the second start of the same round none.
func (d *Service) start(ctx context.Context, e dynamo.Entry) error {
	input, err := json.Marshal(Input{Order: e.Order, Round: e.Round, Step: e.Step})
	if err != nil {
		return fault.Wrap(fault.Internal, err)
	}
	_, err = d.Machine.StartExecution(ctx, &sfn.StartExecutionInput{
		StateMachineArn: aws.String(d.StateMachine),
		Name:            aws.String(fmt.Sprintf("%s-%d", e.Order, e.Round)),
		Input:           aws.String(string(input)),
	})
	var exists *types.ExecutionAlreadyExists
	if errors.As(err, &exists) {
		return nil
	}
	return fault.Wrap(fault.Unavailable, err)
}

// resume tells the execution that waits for an order where the order stands, if that is news to it.
func (d *Service) resume(ctx context.Context, id filing.ID) error {
	wait, err := d.Store.Waiting(ctx, id)
	if err != nil || wait.Token == "" {
		return err
	}
	order, err := d.Store.Order(ctx, id)
	if err != nil {
		return err
	}
	return d.followOrder(ctx, wait, order)
}

// followOrder tells a waiting execution where the order stands, if that is news to it.
func (d *Service) followOrder(ctx context.Context, wait dynamo.Wait, order filing.Order) error {
	outcome, ok := order.Outcome(wait.Step, wait.StepVisit)
	if !ok {
		return nil
	}
	return d.completeTask(ctx, wait.Token, outcome)
}

// completeTask ends a waiting task. A task that has ended already, or timed out, needs no telling: whatever state the
// execution is in now asks the order itself.
func (d *Service) completeTask(ctx context.Context, token string, outcome filing.Outcome) error {
	var err error
	if outcome.Error != "" {
		_, err = d.Machine.SendTaskFailure(ctx, &sfn.SendTaskFailureInput{
			TaskToken: aws.String(token), Error: aws.String(outcome.Error), Cause: aws.String(outcome.Cause),
		})
	} else {
		output, merr := json.Marshal(outcome.Output)
		if merr != nil {
			return fault.Wrap(fault.Internal, merr)
		}
		_, err = d.Machine.SendTaskSuccess(ctx, &sfn.SendTaskSuccessInput{TaskToken: aws.String(token), Output: aws.String(string(output))})
	}
	var gone *types.TaskDoesNotExist
	var late *types.TaskTimedOut
	var invalid *types.InvalidToken
	if errors.As(err, &gone) || errors.As(err, &late) || errors.As(err, &invalid) {
		return nil
	}
	return fault.Wrap(fault.Unavailable, err)
}

// Wait is what a state does that waits for the order to move on: it leaves its task token where the next decision
// finds it, or ends at once when the order has moved on already.
func (d *Service) Wait(ctx context.Context, step filing.Step, in Input) error {
	order, err := d.Store.Order(ctx, in.Order)
	if err != nil {
		return err
	}
	if in.Round < order.Round {
		return d.completeTask(ctx, in.Token, filing.Outcome{}) // a later execution has the order; this one walks to its end
	}
	if outcome, ok := order.Outcome(step, order.StepVisit); ok {
		return d.completeTask(ctx, in.Token, outcome)
	}
	wait := dynamo.Wait{Step: step, StepVisit: order.StepVisit, Token: in.Token}
	if err := d.Store.SaveTaskToken(ctx, in.Order, wait); err != nil {
		return err
	}
	// A decision that was stored before the token was parked could not find it, so look once more.
	if order, err = d.Store.Order(ctx, in.Order); err != nil {
		return err
	}
	return d.followOrder(ctx, wait, order)
}
