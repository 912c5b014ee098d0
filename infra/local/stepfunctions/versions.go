package stepfunctions

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// registerAtStart registers a machine of the configuration, and has its alias point at it.
func (h *Host) registerAtStart(name, definition string) error {
	m, err := h.register(name, definition)
	if err != nil || h.config.Alias == "" {
		return err
	}
	version, err := h.publish(m)
	if err != nil {
		return err
	}
	return h.point(h.machines[name], h.config.Alias, version)
}

// publish returns the version that has the machine's present form, which is a new one unless the newest has it.
func (h *Host) publish(m *machine) (int, error) {
	if n := len(m.Versions); n > 0 && m.Versions[n-1] == m.Revision {
		return n, nil
	}
	r := m.machineRecord
	r.Versions = append(slices.Clip(r.Versions), r.Revision)
	return len(r.Versions), h.change(m, r)
}

// point has an alias point at a version.
func (h *Host) point(m *machine, alias string, version int) error {
	if m.Aliases[alias] == version {
		return nil
	}
	r := m.machineRecord
	r.Aliases = maps.Clone(r.Aliases)
	if r.Aliases == nil {
		r.Aliases = map[string]int{}
	}
	r.Aliases[alias] = version
	return h.change(m, r)
}

// change stores what is said of a machine, whose definition stays.
func (h *Host) change(m *machine, r machineRecord) error {
	if err := h.store.saveMachine(r, m.definition); err != nil {
		return err
	}
	h.machines[r.Name] = &machine{machineRecord: r, definition: m.definition, parsed: m.parsed}
	return nil
}

// published returns a machine in the form that a version of it has, by its number or by an alias.
func (h *Host) published(m *machine, qualifier, arn string) (*machine, error) {
	version, known := m.Aliases[qualifier]
	if !known {
		var err error
		if version, err = strconv.Atoi(qualifier); err != nil || version < 1 || version > len(m.Versions) {
			return nil, refuse("StateMachineDoesNotExist", "State Machine Does Not Exist: '%s'", arn)
		}
	}
	r := m.machineRecord
	r.Revision = m.Versions[version-1]
	definition, err := h.store.definition(r.Revision)
	if err != nil {
		return nil, err
	}
	parsed, err := h.parse(definition)
	if err != nil {
		return nil, fmt.Errorf("version %d of %q: %w", version, r.Name, err)
	}
	return &machine{machineRecord: r, definition: definition, parsed: parsed}, nil
}

type updateStateMachineInput struct {
	ARN        string `json:"stateMachineArn"`
	Definition string `json:"definition"`
}

type updateStateMachineOutput struct {
	Updated  seconds `json:"updateDate"`
	Revision string  `json:"revisionId"`
}

// updateStateMachine gives a machine a new definition. Executions that run keep theirs.
func (h *Host) updateStateMachine(_ context.Context, in updateStateMachineInput) (*updateStateMachineOutput, error) {
	if err := checkLength("definition", in.Definition, maxDefinition); err != nil {
		return nil, err
	}
	m, err := h.machine(in.ARN)
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, err := h.parse(in.Definition); err != nil {
		return nil, refuse("InvalidDefinition", "Invalid State Machine Definition: %v", err)
	}
	if m, err = h.register(m.Name, in.Definition); err != nil {
		return nil, err
	}
	return &updateStateMachineOutput{Updated: seconds(h.now()), Revision: m.Revision}, nil
}

// deleteStateMachine takes a machine away. Executions that run go on to their ends. One that is not there is no error.
func (h *Host) deleteStateMachine(_ context.Context, in stateMachineInput) (*nothing, error) {
	name, ok := strings.CutPrefix(in.ARN, h.MachineARN(""))
	if !ok || checkName(name) != nil {
		return nil, refuse("InvalidArn", "Invalid Arn: '%s'", in.ARN)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.store.removeMachine(name); err != nil {
		return nil, err
	}
	delete(h.machines, name)
	return &nothing{}, nil
}

type publishInput struct {
	ARN      string `json:"stateMachineArn"`
	Revision string `json:"revisionId"`
}

type publishOutput struct {
	ARN     string  `json:"stateMachineVersionArn"`
	Created seconds `json:"creationDate"`
}

func (h *Host) publishStateMachineVersion(_ context.Context, in publishInput) (*publishOutput, error) {
	m, err := h.machine(in.ARN)
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	m = h.machines[m.Name]
	if in.Revision != "" && in.Revision != m.Revision {
		return nil, refuse("ConflictException", "Revision '%s' is not the machine's present one, '%s'", in.Revision, m.Revision)
	}
	version, err := h.publish(m)
	if err != nil {
		return nil, err
	}
	return &publishOutput{ARN: h.MachineARN(m.Name) + ":" + strconv.Itoa(version), Created: seconds(h.now())}, nil
}

// routing says at which version an alias points. AWS lets it point at two, by weights; this host at one.
type routing []struct {
	ARN    string `json:"stateMachineVersionArn"`
	Weight int    `json:"weight"`
}

type createAliasInput struct {
	Name    string  `json:"name"`
	Routing routing `json:"routingConfiguration"`
}

type createAliasOutput struct {
	ARN     string  `json:"stateMachineAliasArn"`
	Created seconds `json:"creationDate"`
}

func (h *Host) createStateMachineAlias(_ context.Context, in createAliasInput) (*createAliasOutput, error) {
	if err := checkName(in.Name); err != nil {
		return nil, err
	}
	if _, err := strconv.Atoi(in.Name); err == nil {
		return nil, refuse("InvalidName", "Invalid Name: an alias is no number.")
	}
	name, version, err := h.routed(in.Routing)
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	m := h.machines[name]
	if at, has := m.Aliases[in.Name]; has && at != version {
		return nil, refuse("ConflictException", "Alias '%s' exists and points elsewhere", in.Name)
	}
	if err := h.point(m, in.Name, version); err != nil {
		return nil, err
	}
	return &createAliasOutput{ARN: h.MachineARN(m.Name) + ":" + in.Name, Created: seconds(h.now())}, nil
}

// routed returns the machine and the version at which an alias is to point.
func (h *Host) routed(to routing) (machine string, version int, err error) {
	if len(to) != 1 || to[0].Weight != 100 {
		return "", 0, refuse("ValidationException", "An alias points at one version with a weight of 100 here.")
	}
	m, err := h.machine(to[0].ARN)
	if err != nil {
		return "", 0, err
	}
	_, qualifier, _ := strings.Cut(strings.TrimPrefix(to[0].ARN, h.MachineARN("")), ":")
	if version, err = strconv.Atoi(qualifier); err != nil {
		return "", 0, refuse("ValidationException", "'%s' is no version of a state machine", to[0].ARN)
	}
	return m.Name, version, nil
}

type updateAliasInput struct {
	ARN     string  `json:"stateMachineAliasArn"`
	Routing routing `json:"routingConfiguration"`
}

type updateAliasOutput struct {
	Updated seconds `json:"updateDate"`
}

func (h *Host) updateStateMachineAlias(_ context.Context, in updateAliasInput) (*updateAliasOutput, error) {
	m, alias, err := h.alias(in.ARN)
	if err != nil {
		return nil, err
	}
	to, version, err := h.routed(in.Routing)
	if err != nil {
		return nil, err
	}
	if to != m.Name {
		return nil, refuse("ValidationException", "Alias and version are of different state machines")
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.point(h.machines[m.Name], alias, version); err != nil {
		return nil, err
	}
	return &updateAliasOutput{Updated: seconds(h.now())}, nil
}

type aliasInput struct {
	ARN string `json:"stateMachineAliasArn"`
}

func (h *Host) deleteStateMachineAlias(_ context.Context, in aliasInput) (*nothing, error) {
	m, alias, err := h.alias(in.ARN)
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.machines[m.Name].machineRecord
	r.Aliases = maps.Clone(r.Aliases)
	delete(r.Aliases, alias)
	return &nothing{}, h.change(h.machines[m.Name], r)
}

// alias returns the machine and the alias that an ARN names.
func (h *Host) alias(arn string) (*machine, string, error) {
	name, alias, _ := strings.Cut(strings.TrimPrefix(arn, h.MachineARN("")), ":")
	m, err := h.machine(h.MachineARN(name))
	if err != nil {
		return nil, "", err
	}
	if _, has := m.Aliases[alias]; !has {
		return nil, "", refuse("ResourceNotFound", "Alias does not exist: '%s'", arn)
	}
	return m, alias, nil
}
