package stepfunctions

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/sfn"
)

// A Client has the operations of Step Functions that a [Machine] uses. A *sfn.Client would have all of them: the linker keeps each method of a type that a
// program with html/template can reach (ADR 68).
type Client struct {
	SendTaskFailure operation[sfn.SendTaskFailureInput, sfn.SendTaskFailureOutput]
	SendTaskSuccess operation[sfn.SendTaskSuccessInput, sfn.SendTaskSuccessOutput]
	StartExecution  operation[sfn.StartExecutionInput, sfn.StartExecutionOutput]
}

type operation[In, Out any] = func(context.Context, *In, ...func(*sfn.Options)) (*Out, error)

// ClientOf returns the operations of a client of the SDK.
func ClientOf(c *sfn.Client) *Client {
	return &Client{SendTaskFailure: c.SendTaskFailure, SendTaskSuccess: c.SendTaskSuccess, StartExecution: c.StartExecution}
}

// Executions are the executions of the state machine, which operators read and restart. It implements late.Machine.
type Executions struct {
	machine  Machine
	describe operation[sfn.DescribeExecutionInput, sfn.DescribeExecutionOutput]
	history  operation[sfn.GetExecutionHistoryInput, sfn.GetExecutionHistoryOutput]
	list     operation[sfn.ListExecutionsInput, sfn.ListExecutionsOutput]
	stop     operation[sfn.StopExecutionInput, sfn.StopExecutionOutput]
}

// NewExecutions returns the executions of the state machine with an ARN, which may end in an alias.
func NewExecutions(c *sfn.Client, arn string) *Executions {
	return &Executions{Machine{ClientOf(c), arn}, c.DescribeExecution, c.GetExecutionHistory, c.ListExecutions, c.StopExecution}
}
