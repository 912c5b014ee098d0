package stepfunctions

import (
	"strings"

	"beian/infra/local/asl"
)

// A machine is a state machine of the configuration.
type machine struct {
	name     string
	revision string // of its definition
	parsed   *asl.Machine
}

// register adds a state machine, and stores its definition for the executions that start with it.
func (h *Host) register(name, definition string) error {
	parsed, err := h.parse(definition)
	if err != nil {
		return err
	}
	m := &machine{name: name, revision: revisionOf(definition), parsed: parsed}
	if err := h.store.saveDefinition(m.revision, definition); err != nil {
		return err
	}
	h.machines[name] = m
	return nil
}

// machine returns the machine with an ARN, which may end with the alias.
func (h *Host) machine(arn string) (*machine, error) {
	name, ok := strings.CutPrefix(arn, h.MachineARN(""))
	name, alias, qualified := strings.Cut(name, ":")
	if !ok || name == "" || qualified && alias == "" {
		return nil, newAPIError("InvalidArn", "Invalid Arn: '%s'", arn)
	}
	m := h.machines[name]
	if m == nil || qualified && alias != h.config.Alias {
		return nil, newAPIError("StateMachineDoesNotExist", "State Machine Does Not Exist: '%s'", arn)
	}
	return m, nil
}
