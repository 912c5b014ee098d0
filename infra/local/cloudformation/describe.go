package cloudformation

import (
	"context"
	"maps"
	"slices"
)

// A query names a stack, or a part of one. The answers are whole: there is no next page.
type query struct {
	StackName, NextToken string
}

type shownParameter struct {
	ParameterKey, ParameterValue string
	ResolvedValue                string `xml:",omitempty"`
}

type shownOutput struct {
	OutputKey, OutputValue  string
	Description, ExportName string `xml:",omitempty"`
}

type shownStack struct {
	StackId, StackName          string
	Description                 string           `xml:",omitempty"`
	Parameters                  []shownParameter `xml:"Parameters>member"`
	CreationTime                instant
	DeletionTime                *instant `xml:",omitempty"`
	LastUpdatedTime             *instant `xml:",omitempty"`
	StackStatus                 string
	StackStatusReason           string        `xml:",omitempty"`
	Capabilities                []string      `xml:"Capabilities>member"`
	Outputs                     []shownOutput `xml:"Outputs>member"`
	RoleARN                     string        `xml:",omitempty"`
	Tags                        []tag         `xml:"Tags>member"`
	EnableTerminationProtection bool
}

func show(s *stack) shownStack {
	out := shownStack{
		StackId: s.id, StackName: s.name, CreationTime: instant(s.created), DeletionTime: optional(s.deleted),
		LastUpdatedTime: optional(s.updated), StackStatus: s.status, StackStatusReason: s.reason, Capabilities: s.capability,
		RoleARN: s.role, Tags: s.tags, EnableTerminationProtection: s.protected, Parameters: showParameters(s.deployment),
	}
	if s.template != nil {
		out.Description = s.template.Description
	}
	for _, o := range s.outputs {
		out.Outputs = append(out.Outputs, shownOutput{o.Name, o.Value, o.Description, o.ExportName})
	}
	return out
}

// showParameters are the values that were given or are the defaults. A value from Systems Manager is shown beside the
// name that it was found under.
func showParameters(d deployment) (shown []shownParameter) {
	for _, name := range slices.Sorted(maps.Keys(d.resolved)) {
		p := d.template.Parameters[name]
		value, is := d.given[name]
		if !is {
			value, _ = text(p.Default)
		}
		one := shownParameter{ParameterKey: name, ParameterValue: value}
		if p.Type == parameterType {
			one.ResolvedValue, _ = text(d.resolved[name])
		}
		if p.NoEcho {
			one.ParameterValue = "****"
		}
		shown = append(shown, one)
	}
	return shown
}

type describeStacksOutput struct {
	Stacks []shownStack `xml:"Stacks>member"`
}

func (h *Host) describeStacks(_ context.Context, in query) (out describeStacksOutput, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if in.StackName != "" {
		s, err := h.find(in.StackName)
		if err != nil {
			return out, err
		}
		return describeStacksOutput{[]shownStack{show(s)}}, nil
	}
	for _, s := range h.stacks {
		if s.status != deleteComplete {
			out.Stacks = append(out.Stacks, show(s))
		}
	}
	return out, nil
}

type stackSummary struct {
	StackId, StackName string
	CreationTime       instant
	DeletionTime       *instant `xml:",omitempty"`
	StackStatus        string
}

type listStacksInput struct {
	StackStatusFilter []string
	NextToken         string
}

type listStacksOutput struct {
	StackSummaries []stackSummary `xml:"StackSummaries>member"`
}

func (h *Host) listStacks(_ context.Context, in listStacksInput) (out listStacksOutput, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, s := range h.stacks {
		if len(in.StackStatusFilter) == 0 || slices.Contains(in.StackStatusFilter, s.status) {
			out.StackSummaries = append(out.StackSummaries, stackSummary{s.id, s.name, instant(s.created), optional(s.deleted), s.status})
		}
	}
	return out, nil
}

type shownEvent struct {
	EventId, StackId, StackName, OperationId string
	LogicalResourceId, PhysicalResourceId    string
	ResourceType, ResourceStatus             string
	ResourceStatusReason                     string `xml:",omitempty"`
	Timestamp                                instant
}

type describeStackEventsOutput struct {
	StackEvents []shownEvent `xml:"StackEvents>member"`
}

// describeStackEvents tells the newest event first.
func (h *Host) describeStackEvents(_ context.Context, in query) (out describeStackEventsOutput, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s, err := h.find(in.StackName)
	if err != nil {
		return out, err
	}
	for _, e := range slices.Backward(s.events) {
		out.StackEvents = append(out.StackEvents, shownEvent{
			EventId: e.id, StackId: s.id, StackName: s.name, OperationId: e.operation, LogicalResourceId: e.logical,
			PhysicalResourceId: e.physical, ResourceType: e.kind, ResourceStatus: e.status, ResourceStatusReason: e.reason,
			Timestamp: instant(e.at),
		})
	}
	return out, nil
}

type shownExport struct{ ExportingStackId, Name, Value string }

type listExportsOutput struct {
	Exports []shownExport `xml:"Exports>member"`
}

func (h *Host) listExports(_ context.Context, in struct{ NextToken string }) (out listExportsOutput, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := h.exports()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		out.Exports = append(out.Exports, shownExport{h.exporter(name).id, name, all[name].Value})
	}
	return out, nil
}
