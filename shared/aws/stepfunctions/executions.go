package stepfunctions

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/process/late"
	"beian/shared/rules/fault"
)

// Limits of what is read of executions.
const (
	maxAttempts  = 20   // restarts of one round
	eventsOfPage = 1000 // events of a history in one call, the most that Step Functions returns
	maxPages     = 5    // calls for one path; a history has up to 25,000 events, most of them of retries
	recentEvents = 50   // events in which the current state is searched: the retries of a task are about 30
)

// executionName returns the name of an attempt to run an order's round. The first has no number, so that [Machine.Start] has no need to count.
func executionName(order filing.ID, round, attempt int) string {
	if attempt > 1 {
		return fmt.Sprintf("%s-%d-%d", order, round, attempt)
	}
	return fmt.Sprintf("%s-%d", order, round)
}

// parseName is the reverse of executionName. ok is false for the name of an execution that somebody else started.
func parseName(name string) (e late.Execution, ok bool) {
	parts := strings.Split(name, "-")
	if len(parts) < 2 || len(parts) > 3 {
		return e, false
	}
	e.Order, e.Attempt = filing.ID(parts[0]), 1
	var err error
	if e.Round, err = strconv.Atoi(parts[1]); err == nil && len(parts) == 3 {
		e.Attempt, err = strconv.Atoi(parts[2])
	}
	return e, err == nil && executionName(e.Order, e.Round, e.Attempt) == name
}

// executionARN returns the ARN of an execution from that of the machine.
func (x *Executions) executionARN(e late.Execution) *string {
	arn := strings.Replace(x.machine.ARN, ":stateMachine:", ":execution:", 1)
	if parts := strings.Split(arn, ":"); len(parts) == 8 { // the machine's ARN ends in an alias, which executions do not have
		arn = strings.Join(parts[:7], ":")
	}
	return aws.String(arn + ":" + executionName(e.Order, e.Round, e.Attempt))
}

// Execution returns the newest execution of an order's round, and in which state it is. Step Functions keeps an execution for 90 days after its end.
func (x *Executions) Execution(ctx context.Context, order filing.ID, round int) (late.Execution, error) {
	newest := late.Execution{Order: order, Round: round, Status: late.NoExecution}
	for attempt := 1; attempt <= maxAttempts; attempt++ {
		e := late.Execution{Order: order, Round: round, Attempt: attempt}
		out, err := x.describe(ctx, &sfn.DescribeExecutionInput{ExecutionArn: x.executionARN(e)})
		var missing *types.ExecutionDoesNotExist
		if errors.As(err, &missing) {
			if attempt == 1 { // it may have been deleted, and its restart not
				continue
			}
			break
		}
		if err != nil {
			return newest, fault.Wrap(fault.Unavailable, err)
		}
		e.Status, e.StartedAt, e.EndedAt = late.ExecutionStatus(out.Status), aws.ToTime(out.StartDate).UTC(), aws.ToTime(out.StopDate).UTC()
		newest = e
	}
	if newest.Status != late.Running {
		return newest, nil
	}
	out, err := x.history(ctx, &sfn.GetExecutionHistoryInput{
		ExecutionArn: x.executionARN(newest), ReverseOrder: true, MaxResults: recentEvents, IncludeExecutionData: aws.Bool(false),
	})
	if err != nil {
		return newest, fault.Wrap(fault.Unavailable, err)
	}
	for _, event := range out.Events {
		if entered := event.StateEnteredEventDetails; entered != nil {
			newest.State = aws.ToString(entered.Name)
			break
		}
	}
	return newest, nil
}

// Path returns the states that an execution has entered, oldest first, without their data. It reads the newest 5,000 events.
func (x *Executions) Path(ctx context.Context, e late.Execution) ([]late.Visit, error) {
	var path []late.Visit
	if e.Status == late.NoExecution {
		return nil, nil
	}
	in := &sfn.GetExecutionHistoryInput{ExecutionArn: x.executionARN(e), ReverseOrder: true, MaxResults: eventsOfPage, IncludeExecutionData: aws.Bool(false)}
	for range maxPages {
		out, err := x.history(ctx, in)
		var missing *types.ExecutionDoesNotExist
		if errors.As(err, &missing) {
			break
		}
		if err != nil {
			return nil, fault.Wrap(fault.Unavailable, err)
		}
		for _, event := range out.Events {
			if entered := event.StateEnteredEventDetails; entered != nil {
				path = append(path, late.Visit{State: aws.ToString(entered.Name), At: aws.ToTime(event.Timestamp).UTC()})
			}
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			break
		}
	}
	slices.Reverse(path)
	return path, nil
}

// Ended lists the executions that failed, timed out or were aborted, those that were started last first, at most limit of each status.
func (x *Executions) Ended(ctx context.Context, limit int) ([]late.Execution, error) {
	var ended []late.Execution
	for _, status := range []types.ExecutionStatus{types.ExecutionStatusFailed, types.ExecutionStatusTimedOut, types.ExecutionStatusAborted} {
		out, err := x.list(ctx, &sfn.ListExecutionsInput{StateMachineArn: aws.String(x.unqualifiedARN()), StatusFilter: status, MaxResults: int32(limit)})
		if err != nil {
			return nil, fault.Wrap(fault.Unavailable, err)
		}
		for _, listed := range out.Executions {
			if e, ok := parseName(aws.ToString(listed.Name)); ok {
				e.Status, e.StartedAt, e.EndedAt = late.ExecutionStatus(listed.Status), aws.ToTime(listed.StartDate).UTC(), aws.ToTime(listed.StopDate).UTC()
				ended = append(ended, e)
			}
		}
	}
	return ended, nil
}

// unqualifiedARN returns the machine's ARN without alias: executions of all versions are listed under it.
func (x *Executions) unqualifiedARN() string {
	parts := strings.Split(x.machine.ARN, ":")
	return strings.Join(parts[:min(len(parts), 7)], ":")
}

// Restart stops an execution if it runs, and starts the next attempt with the given input. The name of the attempt makes a second start harmless.
func (x *Executions) Restart(ctx context.Context, e late.Execution, in decide.Input) error {
	if e.Status == late.Running {
		if _, err := x.stop(ctx, &sfn.StopExecutionInput{
			ExecutionArn: x.executionARN(e), Error: aws.String("Restarted"), Cause: aws.String("an operator restarted it"),
		}); err != nil {
			return fault.Wrap(fault.Unavailable, err)
		}
	}
	input, err := json.Marshal(in)
	if err != nil {
		return fault.Wrap(fault.Internal, err)
	}
	return x.machine.start(ctx, executionName(in.Order, in.Round, e.Attempt+1), string(input))
}
