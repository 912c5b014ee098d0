package stepfunctions

import (
	"context"
	"maps"
	"slices"
	"strings"
)

// register makes a machine, or gives it a new text. The caller is alone with the machines.
func (h *Host) register(name, definition string) (*machine, error) {
	parsed, err := h.parse(definition)
	if err != nil {
		return nil, err
	}
	m := &machine{definition: definition, parsed: parsed}
	if old := h.machines[name]; old != nil {
		if old.definition == definition {
			return old, nil
		}
		m.machineRecord = old.machineRecord
	} else {
		m.machineRecord = machineRecord{
			Name: name, Role: "arn:aws:iam::" + h.config.Account + ":role/" + name, Created: h.now(),
		}
	}
	m.Revision = revisionOf(definition)
	if err := h.store.saveMachine(m.machineRecord, definition); err != nil {
		return nil, err
	}
	h.machines[name] = m
	return m, nil
}

type createStateMachineInput struct {
	Name       string `json:"name"`
	Definition string `json:"definition"`
	RoleARN    string `json:"roleArn"`
	Type       string `json:"type"`
}

type createStateMachineOutput struct {
	ARN     string  `json:"stateMachineArn"`
	Created seconds `json:"creationDate"`
}

func (h *Host) createStateMachine(_ context.Context, in createStateMachineInput) (*createStateMachineOutput, error) {
	if err := checkName(in.Name); err != nil {
		return nil, err
	}
	if err := checkLength("definition", in.Definition, maxDefinition); err != nil {
		return nil, err
	}
	if in.Type != "" && in.Type != "STANDARD" {
		return nil, refuse("StateMachineTypeNotSupported", "Only STANDARD state machines are implemented.")
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if old := h.machines[in.Name]; old != nil && old.definition != in.Definition {
		return nil, refuse("StateMachineAlreadyExists", "State Machine Already Exists: '%s'", h.MachineARN(in.Name))
	}
	if _, err := h.parse(in.Definition); err != nil {
		return nil, refuse("InvalidDefinition", "Invalid State Machine Definition: %v", err)
	}
	m, err := h.register(in.Name, in.Definition)
	if err != nil {
		return nil, err
	}
	return &createStateMachineOutput{ARN: h.MachineARN(m.Name), Created: seconds(m.Created)}, nil
}

type stateMachineInput struct {
	ARN string `json:"stateMachineArn"`
}

type describeStateMachineOutput struct {
	ARN        string  `json:"stateMachineArn"`
	Name       string  `json:"name"`
	Status     string  `json:"status"`
	Type       string  `json:"type"`
	Definition string  `json:"definition"`
	RoleARN    string  `json:"roleArn"`
	Created    seconds `json:"creationDate"`
	Revision   string  `json:"revisionId"`
}

func (h *Host) describeStateMachine(_ context.Context, in stateMachineInput) (*describeStateMachineOutput, error) {
	m, err := h.machine(in.ARN)
	if err != nil {
		return nil, err
	}
	return &describeStateMachineOutput{
		ARN: h.MachineARN(m.Name), Name: m.Name, Status: "ACTIVE", Type: "STANDARD",
		Definition: m.definition, RoleARN: m.Role, Created: seconds(m.Created), Revision: m.Revision,
	}, nil
}

// machine returns the machine with an ARN: in its present form, or with a version or an alias after it, in that one's.
func (h *Host) machine(arn string) (*machine, error) {
	name, ok := strings.CutPrefix(arn, h.MachineARN(""))
	name, qualifier, qualified := strings.Cut(name, ":")
	if !ok || name == "" || qualified && qualifier == "" {
		return nil, refuse("InvalidArn", "Invalid Arn: '%s'", arn)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	m := h.machines[name]
	if m == nil {
		return nil, refuse("StateMachineDoesNotExist", "State Machine Does Not Exist: '%s'", arn)
	}
	if !qualified {
		return m, nil
	}
	return h.published(m, qualifier, arn)
}

type pageInput struct {
	MaxResults int    `json:"maxResults"`
	NextToken  string `json:"nextToken"`
}

type stateMachineItem struct {
	ARN     string  `json:"stateMachineArn"`
	Name    string  `json:"name"`
	Type    string  `json:"type"`
	Created seconds `json:"creationDate"`
}

type listStateMachinesOutput struct {
	Machines  []stateMachineItem `json:"stateMachines"`
	NextToken string             `json:"nextToken,omitempty"`
}

func (h *Host) listStateMachines(_ context.Context, in pageInput) (*listStateMachinesOutput, error) {
	size, err := pageSize(in.MaxResults)
	if err != nil {
		return nil, err
	}
	from, err := openPage("machines", in.NextToken)
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	out := &listStateMachinesOutput{Machines: []stateMachineItem{}}
	for _, name := range slices.Sorted(maps.Keys(h.machines)) {
		if name < string(from) {
			continue
		}
		if len(out.Machines) == size {
			out.NextToken = sealPage("machines", []byte(name))
			break
		}
		m := h.machines[name]
		out.Machines = append(out.Machines, stateMachineItem{
			ARN: h.MachineARN(name), Name: name, Type: "STANDARD", Created: seconds(m.Created),
		})
	}
	return out, nil
}
