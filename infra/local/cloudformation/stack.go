package cloudformation

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// A stack is what was made from a template, and how it came to be. Everything in it is guarded by the host's mutex,
// but its resources may also be read without by the operation at work, which alone writes them.
type stack struct {
	name, id       string
	status, reason string
	created        time.Time
	updated        time.Time
	deleted        time.Time
	protected      bool // against DeleteStack
	operation      string
	deployment
	resources map[string]*resource
	outputs   []Exported
	imports   []string // names of exports of other stacks
	changes   []*changeSet
	events    []event // the oldest first
	undo      []step  // what a failed operation has done, while it waits for RollbackStack
	before    deployment
}

// A deployment is what a stack is made from.
type deployment struct {
	text       string
	template   *Template
	given      map[string]string // parameters
	resolved   map[string]any    // parameters with defaults and what was looked up
	tags       []tag
	role       string
	capability []string
}

// A resource is one thing that a stack has made.
type resource struct {
	id, kind       string
	physical       Physical
	properties     map[string]any // dynamic references unresolved
	metadata       any
	deletionPolicy string
	status, reason string
	changed        time.Time
}

type event struct {
	id, operation        string
	logical, physical    string
	kind, status, reason string
	at                   time.Time
}

type tag struct{ Key, Value string }

const stackType = "AWS::CloudFormation::Stack"

// Statuses, of stacks and resources, that decide something here. The others are made of an action and how it went.
const (
	reviewInProgress = "REVIEW_IN_PROGRESS"
	deleteComplete   = "DELETE_COMPLETE"
)

// arn is the id of something of CloudFormation.
func (h *Host) arn(kind, name string) string {
	return "arn:" + Partition(h.config.Region) + ":cloudformation:" + h.config.Region + ":" + h.config.Account + ":" +
		kind + "/" + name + "/" + uuid.NewString()
}

// find returns a stack by its name or id. A deleted one has only its id.
func (h *Host) find(name string) (*stack, error) {
	for _, s := range slices.Backward(h.stacks) {
		if s.id == name || s.name == name && s.status != deleteComplete {
			return s, nil
		}
	}
	return nil, invalid("Stack with id %s does not exist", name)
}

// has is what a stack has made for a logical id; nil when there is nothing, as after a creation that failed.
func (s *stack) has(id string) *resource {
	if r := s.resources[id]; r != nil && r.physical.ID != "" {
		return r
	}
	return nil
}

// idle returns an error while something is being done to the stack.
func (s *stack) idle() error {
	if strings.HasSuffix(s.status, "_IN_PROGRESS") && s.status != reviewInProgress {
		return invalid("Stack:%s is in %s state and can not be updated.", s.id, s.status)
	}
	return nil
}

// setStatus changes the stack's status and tells of it.
func (h *Host) setStatus(s *stack, status, reason string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s.status, s.reason = status, reason
	h.tell(s, event{logical: s.name, physical: s.id, kind: stackType, status: status, reason: reason})
}

// setResource changes a resource's status and tells of it.
func (h *Host) setResource(s *stack, r *resource, status, reason string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	r.status, r.reason, r.changed = status, reason, h.config.Now()
	h.tell(s, event{logical: r.id, physical: r.physical.ID, kind: r.kind, status: status, reason: reason})
}

// tell adds an event. Each is later than the one before by what the API shows, a millisecond: clients sort them by time.
func (h *Host) tell(s *stack, e event) {
	e.id, e.operation, e.at = uuid.NewString(), s.operation, h.config.Now()
	if n := len(s.events); n > 0 && e.at.Before(s.events[n-1].at.Add(time.Millisecond)) {
		e.at = s.events[n-1].at.Add(time.Millisecond)
	}
	s.events = append(s.events, e)
	h.config.Log.Info("cloudformation", "stack", s.name, "resource", e.logical, "type", e.kind, "status", e.status, "reason", e.reason)
}

// exports are what the stacks export, by name.
func (h *Host) exports() map[string]Exported {
	all := map[string]Exported{}
	for _, s := range h.stacks {
		for _, o := range s.outputs {
			if o.ExportName != "" {
				all[o.ExportName] = o
			}
		}
	}
	return all
}

// importers are the stacks that use an export.
func (h *Host) importers(name string) []string {
	var users []string
	for _, s := range h.stacks {
		if slices.Contains(s.imports, name) {
			users = append(users, s.name)
		}
	}
	return users
}

// exporter is the stack that has an export; nil when none has.
func (h *Host) exporter(name string) *stack {
	for _, s := range h.stacks {
		if slices.ContainsFunc(s.outputs, func(o Exported) bool { return o.ExportName == name }) {
			return s
		}
	}
	return nil
}

// checkExports holds new outputs of a stack to the exports of others: their names are free, and what is in use stays.
func (h *Host) checkExports(s *stack, outputs []Exported) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, o := range outputs {
		if owner := h.exporter(o.ExportName); o.ExportName != "" && owner != nil && owner != s {
			return failure(fmt.Sprintf("Export with name %s is already exported by stack %s.", o.ExportName, owner.name))
		}
	}
	for _, old := range s.outputs {
		users := h.importers(old.ExportName)
		if old.ExportName == "" || len(users) == 0 {
			continue
		}
		i := slices.IndexFunc(outputs, func(o Exported) bool { return o.ExportName == old.ExportName })
		switch {
		case i < 0:
			return failure(fmt.Sprintf("Cannot delete export %s as it is in use by %s.", old.ExportName, strings.Join(users, ", ")))
		case outputs[i].Value != old.Value:
			return failure(fmt.Sprintf("Cannot update export %s as it is in use by %s.", old.ExportName, strings.Join(users, ", ")))
		}
	}
	return nil
}
