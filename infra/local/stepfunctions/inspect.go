package stepfunctions

import (
	"context"

	"beian/infra/local/asl"
)

// List returns executions of a machine, most recently started first, at most limit of a page. status "" is all of them. next is the token of the next page, ""
// at the end.
func (h *Host) List(ctx context.Context, machine string, status asl.Status, limit int, token string) (page []*asl.Execution, next string, err error) {
	listed, err := h.listExecutions(ctx, listExecutionsInput{pageInput: pageInput{MaxResults: limit, NextToken: token}, MachineARN: h.MachineARN(machine), Status: status})
	if err != nil {
		return nil, "", err
	}
	for _, one := range listed.Executions {
		x, err := h.execution(one.ARN)
		if err != nil {
			return nil, "", err
		}
		page = append(page, x)
	}
	return page, listed.NextToken, nil
}

// Read returns an execution with its history, oldest first; nil if there is none.
func (h *Host) Read(machine, name string) (*asl.Execution, []asl.Event, error) {
	r, err := h.store.execution(executionKey(machine, name))
	if err != nil || r == nil {
		return nil, nil, err
	}
	events, err := h.store.events(executionKey(machine, name), 1, r.Events)
	return r.Execution, events, err
}
