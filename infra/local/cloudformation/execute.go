package cloudformation

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// A step is something that an operation has done to a resource, and that can be undone. before is nil for a new one.
type step struct{ before, after *resource }

// begin executes a change set in the background. The caller holds the mutex.
func (h *Host) begin(s *stack, c *changeSet, rollBack bool) {
	s.operation = uuid.NewString()
	action := "UPDATE"
	if s.status == reviewInProgress {
		action = "CREATE"
	}
	s.before, s.deployment, s.undo = s.deployment, c.deployment, nil
	if action == "UPDATE" {
		s.updated = h.config.Now()
	}
	s.status, s.reason = action+"_IN_PROGRESS", "User Initiated"
	h.tell(s, event{logical: s.name, physical: s.id, kind: stackType, status: s.status, reason: s.reason})
	e, err := h.evaluate(s, s.deployment, func(id string) (Physical, bool) {
		r, is := s.resources[id]
		if !is {
			return Physical{}, false
		}
		return r.physical, true
	})
	h.work.Go(func() {
		if err == nil {
			err = h.carryOut(s, e)
		}
		if err != nil && h.ctx.Err() != nil {
			return
		}
		h.end(s, e, action, err, rollBack)
	})
}

// carryOut makes and changes the resources, and then the outputs.
func (h *Host) carryOut(s *stack, e *Evaluation) error {
	for _, id := range e.Resources() {
		if err := h.ctx.Err(); err != nil {
			return err
		}
		if err := h.makeOne(s, e, id); err != nil {
			return err
		}
	}
	outputs, err := e.Outputs()
	if err != nil {
		return err
	}
	if err := h.checkExports(s, outputs); err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	s.outputs, s.imports = outputs, slices.Sorted(maps.Keys(e.imports))
	return nil
}

// makeOne brings one resource to what the template wants.
func (h *Host) makeOne(s *stack, e *Evaluation, id string) error {
	want, have := e.template.Resources[id], s.has(id)
	properties, err := e.Properties(id)
	if err != nil {
		return err
	}
	next := &resource{id: id, kind: want.Type, properties: properties, metadata: want.Metadata, deletionPolicy: want.DeletionPolicy}
	if have != nil && reflect.DeepEqual(have.properties, properties) {
		next.physical, next.status, next.reason, next.changed = have.physical, have.status, have.reason, have.changed
		h.put(s, next)
		s.undo = append(s.undo, step{before: have, after: next})
		return nil
	}
	revealed, err := e.Reveal(properties)
	if err != nil {
		return h.failed(s, next, have, err)
	}
	handler := h.config.Handlers[want.Type]
	r := Request{StackID: s.id, StackName: s.name, LogicalID: id, Properties: revealed.(map[string]any)}
	var made Physical
	switch {
	case have == nil:
		h.setResource(s, next, "CREATE_IN_PROGRESS", "")
		made, err = handler.Create(h.ctx, r)
	case slices.ContainsFunc(differences(have.properties, properties), handler.createsAnew):
		h.setResource(s, next, "UPDATE_IN_PROGRESS", "Requested update requires the creation of a new physical resource; hence creating one.")
		made, err = handler.Create(h.ctx, r)
	default:
		next.physical, r.Physical = have.physical, have.physical
		h.setResource(s, next, "UPDATE_IN_PROGRESS", "")
		made, err = handler.Update(h.ctx, r)
	}
	if err != nil {
		return h.failed(s, next, have, err)
	}
	next.physical = made
	h.put(s, next)
	s.undo = append(s.undo, step{before: have, after: next})
	h.setResource(s, next, action(have)+"_COMPLETE", "")
	return nil
}

func action(have *resource) string {
	if have == nil {
		return "CREATE"
	}
	return "UPDATE"
}

// failed keeps and tells the failure of a resource: one that could not be made stays to be seen until the stack is rolled
// back, and one that could not be changed may have changed in part.
func (h *Host) failed(s *stack, next, have *resource, err error) error {
	if have == nil {
		h.put(s, next)
	}
	if have == nil || have.physical.ID == next.physical.ID {
		s.undo = append(s.undo, step{before: have, after: next})
	}
	h.setResource(s, next, action(have)+"_FAILED", err.Error())
	return failure(fmt.Sprintf("The following resource(s) failed to %s: [%s]. ", strings.ToLower(action(have)), next.id))
}

// A failure is why an operation failed, in the service's words.
type failure string

func (f failure) Error() string { return string(f) }

func (h *Host) put(s *stack, r *resource) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s.resources[r.id] = r
}

// end is what follows the resources: the stack is complete, or it is rolled back, or it stays as it failed.
func (h *Host) end(s *stack, e *Evaluation, action string, err error, rollBack bool) {
	h.mu.Lock()
	s.changes = nil
	h.mu.Unlock()
	switch {
	case err != nil && rollBack:
		h.rollBack(s, action, err.Error())
	case err != nil:
		h.setStatus(s, action+"_FAILED", err.Error())
	case action == "UPDATE":
		h.setStatus(s, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "")
		h.cleanUp(s, e)
		h.setStatus(s, "UPDATE_COMPLETE", "")
	default:
		h.setStatus(s, "CREATE_COMPLETE", "")
	}
}

// cleanUp deletes what an update has left behind: what it replaced, and what the template no longer has. A failure is
// told, and does not undo the update.
func (h *Host) cleanUp(s *stack, e *Evaluation) {
	for _, step := range slices.Backward(s.undo) {
		if old := step.before; old != nil && old.physical.ID != step.after.physical.ID {
			policy := s.template.Resources[old.id].UpdateReplacePolicy
			h.remove(s, old, policy == Retain)
		}
	}
	wanted := e.Resources()
	for _, id := range s.backward() {
		if r := s.resources[id]; !slices.Contains(wanted, id) {
			if h.remove(s, r, r.deletionPolicy != Delete) == nil {
				h.forget(s, id)
			}
		}
	}
	s.undo = nil
}

// backward are the ids of what a stack has, each before those that it needs. What an earlier template had comes first.
func (s *stack) backward() []string {
	order := s.template.order
	if s.before.template != nil {
		order = slices.Concat(order, slices.DeleteFunc(slices.Clone(s.before.template.order), func(id string) bool { return slices.Contains(order, id) }))
	}
	return slices.DeleteFunc(reversed(order), func(id string) bool { return s.resources[id] == nil })
}

func reversed(ids []string) []string {
	ids = slices.Clone(ids)
	slices.Reverse(ids)
	return ids
}

// remove deletes what a resource has become, or leaves it.
func (h *Host) remove(s *stack, r *resource, retain bool) error {
	if retain {
		h.setResource(s, r, "DELETE_SKIPPED", "")
		return nil
	}
	if r.physical.ID != "" {
		h.setResource(s, r, "DELETE_IN_PROGRESS", "")
		err := h.config.Handlers[r.kind].Delete(h.ctx, Request{
			StackID: s.id, StackName: s.name, LogicalID: r.id, Properties: r.properties, Physical: r.physical,
		})
		if err != nil {
			h.setResource(s, r, "DELETE_FAILED", err.Error())
			return err
		}
	}
	h.setResource(s, r, deleteComplete, "")
	return nil
}

func (h *Host) forget(s *stack, id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(s.resources, id)
}
