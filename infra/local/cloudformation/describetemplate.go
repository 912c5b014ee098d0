package cloudformation

import (
	"context"
	"maps"
	"slices"
	"strings"
)

type getTemplateInput struct{ StackName, ChangeSetName, TemplateStage string }

type getTemplateOutput struct {
	TemplateBody    string
	StagesAvailable []string `xml:"StagesAvailable>member"`
}

// getTemplate gives the template as it was sent, at every stage: there are no macros here.
func (h *Host) getTemplate(_ context.Context, in getTemplateInput) (out getTemplateOutput, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	out.StagesAvailable = []string{"Original", "Processed"}
	if in.ChangeSetName != "" {
		_, c, err := h.changeSet(in.StackName, in.ChangeSetName)
		if err == nil {
			out.TemplateBody = c.text
		}
		return out, err
	}
	s, err := h.find(in.StackName)
	if err == nil {
		out.TemplateBody = s.text
	}
	return out, err
}

type getTemplateSummaryInput struct{ StackName, TemplateBody, TemplateURL string }

type declaredParameter struct {
	ParameterKey, ParameterType string
	DefaultValue, Description   string `xml:",omitempty"`
	NoEcho                      bool
}

type getTemplateSummaryOutput struct {
	Parameters         []declaredParameter `xml:"Parameters>member"`
	Description        string              `xml:",omitempty"`
	Capabilities       []string            `xml:"Capabilities>member"`
	CapabilitiesReason string              `xml:",omitempty"`
	ResourceTypes      []string            `xml:"ResourceTypes>member"`
}

func (h *Host) getTemplateSummary(ctx context.Context, in getTemplateSummaryInput) (out getTemplateSummaryOutput, err error) {
	t, err := h.asked(ctx, in)
	if err != nil {
		return out, err
	}
	out.Description = t.Description
	for _, name := range slices.Sorted(maps.Keys(t.Parameters)) {
		p := t.Parameters[name]
		value, _ := text(p.Default)
		out.Parameters = append(out.Parameters, declaredParameter{name, p.Type, value, p.Description, p.NoEcho})
	}
	for _, r := range t.Resources {
		out.ResourceTypes = append(out.ResourceTypes, r.Type)
	}
	slices.Sort(out.ResourceTypes)
	out.ResourceTypes = slices.Compact(out.ResourceTypes)
	if need, because := capabilities(t); need != "" {
		out.Capabilities = []string{need}
		out.CapabilitiesReason = "The following resource(s) require capabilities: [" + strings.Join(because, ", ") + "]"
	}
	return out, nil
}

// asked is the template that a summary is asked of.
func (h *Host) asked(ctx context.Context, in getTemplateSummaryInput) (*Template, error) {
	if in.StackName != "" {
		h.mu.Lock()
		defer h.mu.Unlock()
		s, err := h.find(in.StackName)
		if err == nil && s.template == nil {
			err = invalid("Stack %s has no template yet", s.name)
		}
		if err != nil {
			return nil, err
		}
		return s.template, nil
	}
	body := []byte(in.TemplateBody)
	if in.TemplateURL != "" {
		var err error
		if body, err = h.config.Object(ctx, in.TemplateURL); err != nil {
			return nil, invalid("S3 error: the template at %s cannot be read: %v", in.TemplateURL, err)
		}
	}
	return Parse(body)
}
