// Package stepfunctions starts executions of the filing workflow on AWS Step Functions, or a compatible service, and completes their
// waiting tasks. [Machine] implements decide.Machine, and [Executions] late.Machine for the operators.
package stepfunctions

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/rules/fault"
)

// A Machine is the state machine of filings. Its ARN may end in an alias.
type Machine struct {
	Client *Client
	ARN    string
}

// Start starts the execution of an order's round. The execution's name contains both, so a second start has no effect.
func (m *Machine) Start(ctx context.Context, in decide.Input) error {
	input, err := json.Marshal(in)
	if err != nil {
		return fault.Wrap(fault.Internal, err)
	}
	return m.start(ctx, executionName(in.Order, in.Round, 1), string(input))
}

// start starts an execution. It is no error if there is one with the name.
func (m *Machine) start(ctx context.Context, name, input string) error {
	_, err := m.Client.StartExecution(ctx, &sfn.StartExecutionInput{StateMachineArn: aws.String(m.ARN), Name: aws.String(name), Input: aws.String(input)})
	var exists *types.ExecutionAlreadyExists
	if errors.As(err, &exists) {
		return nil
	}
	return fault.Wrap(fault.Unavailable, err)
}

// CompleteTask sends the outcome for a task token. The error is decide.ErrTaskEnded if the task has ended or timed out, or if there is none.
func (m *Machine) CompleteTask(ctx context.Context, token string, outcome filing.Outcome) error {
	var err error
	if outcome.Error != "" {
		_, err = m.Client.SendTaskFailure(ctx, &sfn.SendTaskFailureInput{
			TaskToken: aws.String(token), Error: aws.String(outcome.Error), Cause: aws.String(outcome.Cause),
		})
	} else {
		output, merr := json.Marshal(outcome.Output)
		if merr != nil {
			return fault.Wrap(fault.Internal, merr)
		}
		_, err = m.Client.SendTaskSuccess(ctx, &sfn.SendTaskSuccessInput{TaskToken: aws.String(token), Output: aws.String(string(output))})
	}
	var ended *types.TaskDoesNotExist
	var timedOut *types.TaskTimedOut
	var invalid *types.InvalidToken
	if errors.As(err, &ended) || errors.As(err, &timedOut) || errors.As(err, &invalid) {
		return decide.ErrTaskEnded
	}
	return fault.Wrap(fault.Unavailable, err)
}
