package cloudformation

import (
	"context"
	"maps"
	"slices"
)

type shownResource struct {
	StackId, StackName                    string `xml:",omitempty"` // not in a summary
	LogicalResourceId, PhysicalResourceId string
	ResourceType, ResourceStatus          string
	ResourceStatusReason                  string   `xml:",omitempty"`
	Timestamp                             *instant `xml:",omitempty"` // not in a summary
	LastUpdatedTimestamp                  *instant `xml:",omitempty"` // only in a summary
}

func (s *stack) shownResources() (shown []shownResource) {
	for _, id := range slices.Sorted(maps.Keys(s.resources)) {
		r := s.resources[id]
		shown = append(shown, shownResource{LogicalResourceId: id, PhysicalResourceId: r.physical.ID, ResourceType: r.kind,
			ResourceStatus: r.status, ResourceStatusReason: r.reason, LastUpdatedTimestamp: optional(r.changed)})
	}
	return shown
}

type listStackResourcesOutput struct {
	StackResourceSummaries []shownResource `xml:"StackResourceSummaries>member"`
}

func (h *Host) listStackResources(_ context.Context, in query) (out listStackResourcesOutput, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s, err := h.find(in.StackName)
	if err == nil {
		out.StackResourceSummaries = s.shownResources()
	}
	return out, err
}

type describeStackResourcesInput struct{ StackName, LogicalResourceId string }

type describeStackResourcesOutput struct {
	StackResources []shownResource `xml:"StackResources>member"`
}

func (h *Host) describeStackResources(_ context.Context, in describeStackResourcesInput) (out describeStackResourcesOutput, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s, err := h.find(in.StackName)
	if err != nil {
		return out, err
	}
	for _, r := range s.shownResources() {
		if in.LogicalResourceId == "" || in.LogicalResourceId == r.LogicalResourceId {
			r.StackId, r.StackName, r.Timestamp, r.LastUpdatedTimestamp = s.id, s.name, r.LastUpdatedTimestamp, nil
			out.StackResources = append(out.StackResources, r)
		}
	}
	if in.LogicalResourceId != "" && len(out.StackResources) == 0 {
		return out, invalid("Resource %s does not exist for stack %s", in.LogicalResourceId, s.name)
	}
	return out, nil
}
