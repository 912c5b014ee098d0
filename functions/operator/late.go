package operator

import (
	"context"
	"time"

	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/process/late"
	"beian/shared/rules/finding"
	"beian/shared/web"
	"beian/shared/workflow/picture"
)

// A LateItem is something that waits longer than its own clock allows. It has no personal data.
type LateItem struct {
	ID        string           `json:"id"`
	Clock     late.ClockName   `json:"clock" doc:"the clock that has run out: review, bureau, execution, notice, dead, uploads-stopped …"`
	Order     filing.ID        `json:"order,omitempty"`
	Round     int              `json:"round,omitempty"`
	Step      filing.Step      `json:"step,omitempty" doc:"of the order"`
	Entry     decide.EntryKind `json:"entry,omitempty" doc:"what was to be done, for an entry of the outbox"`
	Task      string           `json:"task,omitempty" doc:"id of a task of the bureau"`
	Execution *Execution       `json:"execution,omitempty" doc:"the newest execution of the order's round"`
	Since     time.Time        `json:"since" doc:"when it began to wait"`
	Due       time.Time        `json:"due" doc:"when its clock ran out"`
	Cause     finding.Words    `json:"cause"`
	Help      finding.Words    `json:"help" doc:"what to do, or what the action does"`
	Action    *LateAction      `json:"action,omitempty" doc:"what POST /late/{item}/repair does; absent if a person has to act"`
}

// A LateAction is the repair of an item.
type LateAction struct {
	Name  late.Action   `json:"name" enum:"deliver,restart,resend,replay"`
	Words finding.Words `json:"words"`
}

// An Execution is an execution of the state machine.
type Execution struct {
	Attempt   int                  `json:"attempt" doc:"1 for the first; each restart counts one more"`
	Status    late.ExecutionStatus `json:"status" enum:"NONE,RUNNING,SUCCEEDED,FAILED,TIMED_OUT,ABORTED" doc:"NONE: it was not started, or ended more than 90 days ago"`
	State     string               `json:"state,omitempty" doc:"in which it is, if it runs"`
	StartedAt time.Time            `json:"startedAt,omitzero"`
	EndedAt   time.Time            `json:"endedAt,omitzero"`
}

// An OrderMachine is how far the execution of an order's round is.
type OrderMachine struct {
	Order     filing.ID      `json:"order"`
	Round     int            `json:"round"`
	Rounds    int            `json:"rounds" doc:"how many rounds the order has"`
	Step      filing.Step    `json:"step" doc:"of the order"`
	Execution Execution      `json:"execution"`
	Source    string         `json:"source" enum:"history,ledger" doc:"where the path is from: the execution's history, or the ledger if there is none any more"`
	Path      []MachineState `json:"path" nullable:"false" doc:"oldest first"`
}

// A MachineState is one state that was entered.
type MachineState struct {
	State string        `json:"state"`
	Words finding.Words `json:"words"`
	At    time.Time     `json:"at"`
}

// A Repaired is the result of a repair.
type Repaired struct {
	Done bool `json:"done" doc:"false if the item is not late any more, so that there was nothing to do"`
}

// A LatePath names an item.
type LatePath struct {
	Item string `path:"item" maxLength:"256" pattern:"^[A-Za-z0-9._~-]+$" doc:"id of the item"`
}

type machineInput struct {
	web.OrderPath
	Round int `query:"round" minimum:"0" maximum:"1000" default:"0" doc:"of the order; 0 is the newest"`
}

type (
	repairOutput  struct{ Body Repaired }
	machineOutput struct{ Body OrderMachine }
)

// maxLate is the length of a page that has all items.
const maxLate = 100

// registerLate registers the operations on what is late, and on executions.
func (a operations) registerLate() {
	const tag = "Late"
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "GET /late", Tag: tag,
		Summary:     "List what is late: orders, executions, outbox entries and files of the bureau that wait longer than their clocks allow",
		Description: "Each item has its cause and the one action that repairs it. What has waited longest comes first. At most 100 items of each clock are listed; repair the oldest to see the others."},
		func(ctx context.Context, _ *web.Call, _ *struct{}) (*web.PageResult[LateItem], error) {
			found, err := a.config.Late.List(ctx)
			if err != nil {
				return nil, err
			}
			var items []LateItem
			for _, item := range found {
				items = append(items, lateItemOf(item))
			}
			return web.NewPage(items, "", "/late", maxLate, nil), nil
		})
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "POST /late/{item}/repair", Tag: tag,
		Errors:      []int{409},
		Summary:     "Repair something that is late: deliver an outbox entry, restart an execution, resend or process a file again",
		Description: "Call it with the id of an item of GET /late. It is safe to repeat: an item that is not late any more stays as it is. The repair of an order is recorded in its ledger. 409 means that the item has no action, or that an exchange with the bureau is running."},
		func(ctx context.Context, c *web.Call, in *LatePath) (*repairOutput, error) {
			if _, err := c.Preconditions(web.Conditions{}, filing.Admin); err != nil { // whether the order is their own must be known
				return nil, err
			}
			a.logAccess(ctx, c, "repair", "item", in.Item)
			done, err := a.config.Late.Repair(ctx, in.Item, c.Actor(filing.Admin))
			return &repairOutput{Body: Repaired{Done: done}}, err
		})
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "GET /orders/{id}/machine", Tag: tag, Reads: filing.ReadTimeline,
		Summary:     "Read how far the execution of an order is: the states that it entered, and when",
		Description: "For the picture of the state machine. The path is read from the execution's history without data; 90 days after the end of the execution, from the ledger."},
		func(ctx context.Context, c *web.Call, in *machineInput) (*machineOutput, error) {
			o, err := a.ReadOrder(ctx, c, in.OrderPath)
			if err != nil {
				return nil, err
			}
			round := in.Round
			if round == 0 || round > o.Round {
				round = o.Round
			}
			m, err := a.readMachine(ctx, o, round)
			return &machineOutput{Body: m}, err
		})
}

func lateItemOf(i late.Item) LateItem {
	out := LateItem{ID: i.ID, Clock: i.Clock, Order: i.Order, Round: i.Round, Step: i.Step, Entry: i.Entry, Task: i.Task, Since: i.Since, Due: i.Due, Cause: i.Cause, Help: i.Help}
	if i.Action != late.NoAction {
		out.Action = &LateAction{Name: i.Action, Words: i.Action.Words()}
	}
	if i.Execution != nil {
		e := executionOf(*i.Execution)
		out.Execution = &e
	}
	return out
}

func executionOf(e late.Execution) Execution {
	return Execution{Attempt: e.Attempt, Status: e.Status, State: e.State, StartedAt: e.StartedAt, EndedAt: e.EndedAt}
}

// readMachine reads the newest execution of an order's round with its path.
func (a operations) readMachine(ctx context.Context, o filing.Order, round int) (OrderMachine, error) {
	m := OrderMachine{Order: o.ID, Round: round, Rounds: o.Round, Step: o.Step, Source: "history", Path: []MachineState{}}
	e, err := a.config.Late.Machine.Execution(ctx, o.ID, round)
	if err != nil {
		return m, err
	}
	m.Execution = executionOf(e)
	path, err := a.config.Late.Machine.Path(ctx, e)
	if err != nil {
		return m, err
	}
	if len(path) == 0 {
		m.Source = "ledger"
		if path, err = a.ledgerPath(ctx, o.ID, round); err != nil {
			return m, err
		}
	}
	for _, v := range path {
		words := picture.Name(v.State)
		m.Path = append(m.Path, MachineState{State: v.State, Words: finding.Words(words), At: v.At})
	}
	return m, nil
}

// ledgerPath returns the steps that an order entered in a round, from its ledger.
func (a operations) ledgerPath(ctx context.Context, id filing.ID, round int) ([]late.Visit, error) {
	entries, err := a.config.Store.Ledger(ctx, id)
	if err != nil {
		return nil, err
	}
	var path []late.Visit
	for _, e := range entries {
		if e.Round == round && (len(path) == 0 || path[len(path)-1].State != string(e.Step)) && e.Step != filing.Done {
			path = append(path, late.Visit{State: string(e.Step), At: e.At})
		}
	}
	return path, nil
}
