package cloudformation

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
)

type deleteStackInput struct {
	StackName          string
	RoleARN            string                // nobody is asked for permission here
	ClientRequestToken string                // a second request finds the stack gone, or going
	DeploymentConfig   struct{ Mode string } // a deletion has only one
}

// deleteStack deletes a stack in the background. One that is not there is gone already.
func (h *Host) deleteStack(_ context.Context, in deleteStackInput) (struct{}, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s, err := h.find(in.StackName)
	if err != nil || s.status == deleteComplete {
		return struct{}{}, nil
	}
	if s.protected {
		return struct{}{}, invalid("Stack [%s] cannot be deleted while TerminationProtection is enabled", s.name)
	}
	if err := s.idle(); err != nil {
		return struct{}{}, err
	}
	s.operation, s.status, s.reason = uuid.NewString(), "DELETE_IN_PROGRESS", "User Initiated"
	h.tell(s, event{logical: s.name, physical: s.id, kind: stackType, status: s.status, reason: s.reason})
	if reason := h.inUse(s); reason != "" {
		s.status, s.reason = "DELETE_FAILED", reason
		h.tell(s, event{logical: s.name, physical: s.id, kind: stackType, status: s.status, reason: s.reason})
		return struct{}{}, nil
	}
	h.work.Go(func() { h.deleteAll(s) })
	return struct{}{}, nil
}

// inUse says which export of a stack another stack uses; "" when none does.
func (h *Host) inUse(s *stack) string {
	for _, o := range s.outputs {
		if users := h.importers(o.ExportName); o.ExportName != "" && len(users) > 0 {
			return fmt.Sprintf("Export %s cannot be deleted as it is in use by %s", o.ExportName, strings.Join(users, ", "))
		}
	}
	return ""
}

func (h *Host) deleteAll(s *stack) {
	var failed []string
	if s.template != nil {
		for _, id := range s.backward() {
			if h.ctx.Err() != nil {
				return
			}
			r := s.resources[id]
			if err := h.remove(s, r, r.deletionPolicy != Delete); err != nil {
				failed = append(failed, id)
				continue
			}
			h.forget(s, id)
		}
	}
	if len(failed) > 0 {
		slices.Sort(failed)
		h.setStatus(s, "DELETE_FAILED", fmt.Sprintf("The following resource(s) failed to delete: [%s]. ", strings.Join(failed, ", ")))
		return
	}
	h.mu.Lock()
	s.deleted, s.outputs, s.imports, s.changes = h.config.Now(), nil, nil, nil
	h.mu.Unlock()
	h.setStatus(s, deleteComplete, "")
}

type updateTerminationProtectionInput struct {
	StackName                   string
	EnableTerminationProtection bool
}

type updateTerminationProtectionOutput struct{ StackId string }

func (h *Host) updateTerminationProtection(_ context.Context, in updateTerminationProtectionInput) (out updateTerminationProtectionOutput, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s, err := h.find(in.StackName)
	if err != nil {
		return out, err
	}
	s.protected = in.EnableTerminationProtection
	return updateTerminationProtectionOutput{s.id}, nil
}
