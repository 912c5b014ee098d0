package late

import (
	"context"
	"time"

	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// A Machine reads and restarts executions. Package stepfunctions implements it.
type Machine interface {
	// Execution returns the newest execution of an order's round. Its Status is [NoExecution] if there is none, or if it was deleted since.
	Execution(ctx context.Context, order filing.ID, round int) (Execution, error)
	// Path returns the states that an execution has entered, oldest first. Of a very long execution the oldest are missing.
	Path(ctx context.Context, e Execution) ([]Visit, error)
	// Ended lists the executions that failed, timed out or were aborted, at most limit of each status.
	Ended(ctx context.Context, limit int) ([]Execution, error)
	// Restart stops an execution if it runs, and starts the next attempt. A second call for the same execution has no effect.
	Restart(ctx context.Context, e Execution, in decide.Input) error
}

// An Execution is one attempt to run an order's round.
type Execution struct {
	Order   filing.ID
	Round   int
	Attempt int // 1 for the first; each restart counts one more
	Status  ExecutionStatus
	// State is the state in which a running execution is; "" for others.
	State     string
	StartedAt time.Time
	EndedAt   time.Time // zero if it runs
}

// An ExecutionStatus is the status of an execution, in the words of Step Functions.
type ExecutionStatus string

const (
	NoExecution ExecutionStatus = "NONE"
	Running     ExecutionStatus = "RUNNING"
	Succeeded   ExecutionStatus = "SUCCEEDED"
	Failed      ExecutionStatus = "FAILED"
	TimedOut    ExecutionStatus = "TIMED_OUT"
	Aborted     ExecutionStatus = "ABORTED"
)

// A Visit is one entry of an execution into a state.
type Visit struct {
	State string
	At    time.Time
}

// pauseState is the state in which the machine waits after a task that failed.
const pauseState = "Pause"

// machineItem returns the item of an order whose execution does not follow it; nil if the execution does, or the round is over.
func (f *Finder) machineItem(ctx context.Context, id filing.ID) (*Item, error) {
	o, err := f.Decisions.Store.OrderState(ctx, id)
	if fault.KindOf(err) == fault.NotFound {
		return nil, nil
	}
	if err != nil || !mayStall(o) {
		return nil, err
	}
	e, err := f.Machine.Execution(ctx, o.ID, o.Round)
	if err != nil {
		return nil, err
	}
	cause, err := f.stallCause(ctx, o, e)
	if err != nil || cause == (finding.Words{}) {
		return nil, err
	}
	c := executionClock
	return &Item{ID: "order~" + string(o.ID), Clock: c.Name, Order: o.ID, Round: o.Round, Step: o.Step, Execution: &e,
		Since: o.MovedAt, Due: o.MovedAt.Add(c.Least), Cause: cause, Action: c.Action, Help: c.Help}, nil
}

// mayStall reports whether an execution should follow the order.
func mayStall(o filing.Order) bool {
	return !o.Status.Final() && o.Status != filing.Appealed && o.Erasure == nil && (o.Step != filing.Done || o.Closing != "")
}

// stallCause says why an execution does not follow its order; the zero Words if it does, or may still take its time.
func (f *Finder) stallCause(ctx context.Context, o filing.Order, e Execution) (finding.Words, error) {
	now := f.Decisions.Now()
	switch {
	case now.Sub(o.MovedAt) < Grace:
		return finding.Words{}, nil
	case e.Status == NoExecution:
		return finding.Words{Chinese: "这个订单没有流程在执行：没有启动，或记录已丢失。", English: "The order has no execution: it was not started, or its records are lost."}, nil
	case e.Status == Succeeded:
		return finding.Words{Chinese: "流程已经结束，但订单还开着。", English: "The execution has ended, but the order is still open."}, nil
	case e.Status == Aborted:
		return finding.Words{Chinese: "流程被人中止。", English: "The execution was stopped by somebody."}, nil
	case e.Status != Running:
		return finding.Words{Chinese: "流程出错中断。", English: "The execution failed."}, nil
	case e.State == pauseState:
		return finding.Words{Chinese: "有一步多次重试后仍然失败，流程暂停15分钟后会再试。函数的日志中有原因。",
			English: "A step failed in all its retries; the machine pauses 15 minutes and tries again. The log of the step's function has the cause."}, nil
	}
	follows, err := follows(ctx, f.Decisions.Store, o)
	if err != nil || follows || now.Sub(e.StartedAt) < Grace {
		return finding.Words{}, err
	}
	return finding.Words{Chinese: "订单已进入下一步，流程还停在原处：这一步的函数一直失败，或流程漏了通知。",
		English: "The order has moved on, and the execution has not: the step's function keeps failing, or the execution missed the notification."}, nil
}

// follows reports whether an execution waits for the order at its step.
func follows(ctx context.Context, orders decide.Store, o filing.Order) (bool, error) {
	if o.Closing != "" || !waits(o.Step) {
		return false, nil
	}
	task, err := orders.WaitingTask(ctx, o.ID)
	return task.Step == o.Step && task.StepVisit == o.StepVisit, err
}

// waits reports whether the machine waits at a step for somebody. Package workflow has the same in its table of steps.
func waits(s filing.Step) bool {
	return s != filing.Transmit && s != filing.Announce && s != filing.FollowUp && s != filing.Done
}
