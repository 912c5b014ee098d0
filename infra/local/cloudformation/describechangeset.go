package cloudformation

import "context"

type changeTarget struct {
	Attribute          string
	Name               string `xml:",omitempty"`
	RequiresRecreation string
}

type changeDetail struct {
	Target                   changeTarget
	Evaluation, ChangeSource string
}

type resourceChange struct {
	Action, LogicalResourceId string
	PhysicalResourceId        string `xml:",omitempty"`
	PolicyAction              string `xml:",omitempty"`
	Replacement               string `xml:",omitempty"`
	ResourceType              string
	Scope                     []string       `xml:"Scope>member"`
	Details                   []changeDetail `xml:"Details>member"`
}

type shownChange struct {
	Type           string
	ResourceChange resourceChange
}

type describeChangeSetOutput struct {
	ChangeSetName, ChangeSetId, StackName, StackId string
	Description                                    string           `xml:",omitempty"`
	Parameters                                     []shownParameter `xml:"Parameters>member"`
	CreationTime                                   instant
	ExecutionStatus, Status                        string
	StatusReason                                   string        `xml:",omitempty"`
	Capabilities                                   []string      `xml:"Capabilities>member"`
	Tags                                           []tag         `xml:"Tags>member"`
	Changes                                        []shownChange `xml:"Changes>member"`
}

func (h *Host) describeChangeSet(_ context.Context, in changeSetInput) (out describeChangeSetOutput, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s, c, err := h.changeSet(in.StackName, in.ChangeSetName)
	if err != nil {
		return out, err
	}
	out = describeChangeSetOutput{
		ChangeSetName: c.name, ChangeSetId: c.id, StackName: s.name, StackId: s.id, Description: c.description,
		Parameters: showParameters(c.deployment), CreationTime: instant(c.created), ExecutionStatus: c.execution, Status: c.status,
		StatusReason: c.reason, Capabilities: c.capability, Tags: c.tags,
	}
	for _, each := range c.planned {
		out.Changes = append(out.Changes, shownChange{"Resource", showChange(each)})
	}
	return out, nil
}

func showChange(c change) resourceChange {
	shown := resourceChange{Action: c.action, LogicalResourceId: c.id, PhysicalResourceId: c.physical, PolicyAction: c.policyAction,
		Replacement: c.replacement, ResourceType: c.kind}
	for i, d := range c.details {
		if i == 0 || d.attribute != c.details[i-1].attribute {
			shown.Scope = append(shown.Scope, d.attribute)
		}
		one := changeDetail{Target: changeTarget{d.attribute, d.name, d.recreation}, Evaluation: "Static", ChangeSource: "DirectModification"}
		if d.dynamic {
			one.Evaluation, one.ChangeSource = "Dynamic", "ResourceAttribute"
		}
		shown.Details = append(shown.Details, one)
	}
	return shown
}

type changeSetSummary struct {
	ChangeSetName, ChangeSetId, StackName, StackId string
	CreationTime                                   instant
	ExecutionStatus, Status                        string
	StatusReason                                   string `xml:",omitempty"`
}

type listChangeSetsOutput struct {
	Summaries []changeSetSummary `xml:"Summaries>member"`
}

func (h *Host) listChangeSets(_ context.Context, in query) (out listChangeSetsOutput, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s, err := h.find(in.StackName)
	if err != nil {
		return out, err
	}
	for _, c := range s.changes {
		out.Summaries = append(out.Summaries, changeSetSummary{c.name, c.id, s.name, s.id, instant(c.created), c.execution, c.status, c.reason})
	}
	return out, nil
}
