package cloudformation

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// rollBack undoes what an operation has done, the last first.
func (h *Host) rollBack(s *stack, action, reason string) {
	status := rollbackStatus(action)
	h.mu.Lock()
	s.operation = uuid.NewString()
	h.mu.Unlock()
	h.setStatus(s, status+"_IN_PROGRESS", reason)
	var failed []string
	for _, step := range slices.Backward(s.undo) {
		if err := h.undoOne(s, step); err != nil {
			failed = append(failed, step.after.id)
		}
	}
	if len(failed) > 0 {
		h.setStatus(s, status+"_FAILED", fmt.Sprintf("The following resource(s) failed to roll back: [%s]. ", strings.Join(failed, ", ")))
		return
	}
	h.mu.Lock()
	s.undo = nil
	if s.before.template != nil {
		s.deployment = s.before
	}
	h.mu.Unlock()
	h.setStatus(s, status+"_COMPLETE", "")
}

func rollbackStatus(action string) string {
	if action == "CREATE" {
		return "ROLLBACK"
	}
	return "UPDATE_ROLLBACK"
}

func (h *Host) undoOne(s *stack, step step) error {
	if step.before == nil {
		if err := h.remove(s, step.after, step.after.deletionPolicy == Retain); err != nil {
			return err
		}
		h.forget(s, step.after.id)
		return nil
	}
	if reflect.DeepEqual(step.before.properties, step.after.properties) {
		h.put(s, step.before)
		return nil
	}
	if step.before.physical.ID != step.after.physical.ID {
		if err := h.remove(s, step.after, false); err != nil {
			return err
		}
		h.put(s, step.before)
		return nil
	}
	return h.putBack(s, step)
}

// putBack changes a resource to what it was.
func (h *Host) putBack(s *stack, step step) error {
	old := *step.before
	h.setResource(s, &old, "UPDATE_IN_PROGRESS", "")
	h.mu.Lock()
	e, err := h.evaluate(s, s.before, nil)
	h.mu.Unlock()
	if err != nil {
		return err
	}
	revealed, err := e.Reveal(old.properties)
	if err == nil {
		old.physical, err = h.config.Handlers[old.kind].Update(h.ctx, Request{
			StackID: s.id, StackName: s.name, LogicalID: old.id, Properties: revealed.(map[string]any), Physical: step.after.physical,
		})
	}
	if err != nil {
		h.setResource(s, &old, "UPDATE_FAILED", err.Error())
		return err
	}
	h.put(s, &old)
	h.setResource(s, &old, "UPDATE_COMPLETE", "")
	return nil
}

type rollbackStackInput struct{ StackName, RoleARN, ClientRequestToken string }

type rollbackStackOutput struct{ StackId string }

func (h *Host) rollbackStack(_ context.Context, in rollbackStackInput) (out rollbackStackOutput, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s, err := h.find(in.StackName)
	if err != nil {
		return out, err
	}
	action, failed := strings.CutSuffix(s.status, "_FAILED")
	if !failed || action != "CREATE" && action != "UPDATE" {
		return out, invalid("Stack:%s is in %s state and can not be rolled back.", s.id, s.status)
	}
	s.status = rollbackStatus(action) + "_IN_PROGRESS" // from now on; the work tells it
	h.work.Go(func() { h.rollBack(s, action, "User Initiated") })
	return rollbackStackOutput{s.id}, nil
}
