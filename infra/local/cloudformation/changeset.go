package cloudformation

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A changeSet is a deployment that was compared with its stack, to be executed or not.
type changeSet struct {
	name, id, description string
	kind                  string // CREATE or UPDATE
	status, reason        string
	execution             string // AVAILABLE, UNAVAILABLE or EXECUTE_IN_PROGRESS; it is gone when it was executed
	created               time.Time
	deployment
	planned []change
}

var (
	stackName     = regexp.MustCompile(`^[a-zA-Z][-a-zA-Z0-9]{0,127}$`)
	changeSetName = regexp.MustCompile(`^[a-zA-Z][-a-zA-Z0-9]{0,127}$`)
)

type parameter struct {
	ParameterKey, ParameterValue string
	UsePreviousValue             bool
}

type createChangeSetInput struct {
	StackName, ChangeSetName, ChangeSetType, Description string
	TemplateBody, TemplateURL                            string
	UsePreviousTemplate                                  bool
	Parameters                                           []parameter
	Capabilities                                         []string
	Tags                                                 []tag
	RoleARN                                              string
	// ImportExistingResources asks to take over what has the name of a new resource. Here such a name is refused when the
	// resource is made.
	ImportExistingResources bool
	// What follows is accepted and has no effect: there are no nested stacks, notifications or express deployments here,
	// and a request is not remembered by its token.
	ClientToken         string
	NotificationARNs    []string
	IncludeNestedStacks bool
	DeploymentConfig    struct{ Mode string }
}

type createChangeSetOutput struct{ Id, StackId string }

func (h *Host) createChangeSet(ctx context.Context, in createChangeSetInput) (out createChangeSetOutput, err error) {
	text := in.TemplateBody
	if in.TemplateURL != "" {
		object, err := h.config.Object(ctx, in.TemplateURL)
		if err != nil {
			return out, invalid("S3 error: the template at %s cannot be read: %v", in.TemplateURL, err)
		}
		text = string(object)
	}
	switch {
	case !stackName.MatchString(in.StackName) && !strings.HasPrefix(in.StackName, "arn:"):
		return out, invalid("1 validation error detected: Value '%s' at 'stackName' failed to satisfy constraint: Member must satisfy regular expression pattern: %s", in.StackName, stackName)
	case !changeSetName.MatchString(in.ChangeSetName):
		return out, invalid("1 validation error detected: Value '%s' at 'changeSetName' failed to satisfy constraint: Member must satisfy regular expression pattern: %s", in.ChangeSetName, changeSetName)
	case len(in.TemplateBody) > LargestBody:
		return out, invalid("1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to %d", LargestBody)
	case in.DeploymentConfig.Mode != "" && in.DeploymentConfig.Mode != "STANDARD":
		return out, invalid("The deployment mode %s is not supported here.", in.DeploymentConfig.Mode)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	s, err := h.toChange(in)
	if err != nil {
		return out, err
	}
	c := &changeSet{name: in.ChangeSetName, kind: in.ChangeSetType, description: in.Description, created: h.config.Now(),
		deployment: deployment{text: text, tags: in.Tags, role: in.RoleARN, capability: in.Capabilities}}
	if in.UsePreviousTemplate {
		c.text = s.text
	}
	if c.given, err = givenTo(s, in.Parameters); err != nil {
		return out, err
	}
	if err := h.draw(s, c); err != nil {
		return out, err
	}
	c.id = h.arn("changeSet", c.name)
	if !slices.Contains(h.stacks, s) {
		h.stacks = append(h.stacks, s)
		h.tell(s, event{logical: s.name, physical: s.id, kind: stackType, status: reviewInProgress, reason: "User Initiated"})
	}
	s.changes = append(s.changes, c)
	return createChangeSetOutput{c.id, s.id}, nil
}

// toChange finds the stack that a change set is for, or makes the new one of a CREATE.
func (h *Host) toChange(in createChangeSetInput) (*stack, error) {
	s, err := h.find(in.StackName)
	switch {
	case err == nil && slices.ContainsFunc(s.changes, func(c *changeSet) bool { return c.name == in.ChangeSetName }):
		return nil, refuse("AlreadyExistsException", "ChangeSet %s already exists", in.ChangeSetName)
	case in.ChangeSetType == "CREATE":
		if err == nil && s.status != reviewInProgress {
			return nil, invalid("Stack [%s] already exists and cannot be created again with the changeSet [%s].", s.name, in.ChangeSetName)
		}
		if err == nil {
			return s, nil
		}
		if strings.HasPrefix(in.StackName, "arn:") {
			return nil, err
		}
		return &stack{name: in.StackName, id: h.arn("stack", in.StackName), status: reviewInProgress, created: h.config.Now(),
			resources: map[string]*resource{}}, nil
	case in.ChangeSetType != "" && in.ChangeSetType != "UPDATE":
		return nil, invalid("The change set type %s is not supported here.", in.ChangeSetType)
	case err != nil:
		return nil, err
	case s.status == reviewInProgress || !strings.HasSuffix(s.status, "_COMPLETE") && !strings.HasSuffix(s.status, "_FAILED") ||
		s.status == "ROLLBACK_COMPLETE" || s.status == "DELETE_FAILED":
		return nil, invalid("Stack:%s is in %s state and can not be updated.", s.id, s.status)
	}
	return s, nil
}

// givenTo are the parameters of a request, some of which may repeat the stack's.
func givenTo(s *stack, parameters []parameter) (map[string]string, error) {
	given := map[string]string{}
	for _, p := range parameters {
		given[p.ParameterKey] = p.ParameterValue
		if !p.UsePreviousValue {
			continue
		}
		if s.template == nil {
			return nil, invalid("Invalid input for parameter key %s. Cannot specify usePreviousValue as true for a parameter key not in the previous template", p.ParameterKey)
		}
		if previous, is := s.given[p.ParameterKey]; is {
			given[p.ParameterKey] = previous
		} else {
			delete(given, p.ParameterKey) // it was the default, and is again
		}
	}
	return given, nil
}

// draw parses the template, and plans. A template that is wrong in itself is an error; one that does not fit what there
// is gives a change set that failed.
func (h *Host) draw(s *stack, c *changeSet) (err error) {
	if c.template, err = Parse([]byte(c.text)); err != nil {
		return err
	}
	if unknown := h.unknownTypes(c.template); len(unknown) > 0 {
		return invalid("Template format error: Unrecognized resource types: [%s]", strings.Join(unknown, ", "))
	}
	need, because := capabilities(c.template)
	if need != "" && !slices.Contains(c.capability, need) && !slices.Contains(c.capability, "CAPABILITY_NAMED_IAM") {
		return refuse("InsufficientCapabilitiesException", "Requires capabilities : [%s], for [%s]", need, strings.Join(because, ", "))
	}
	if _, err := h.evaluate(s, c.deployment, nil); err != nil {
		return err
	}
	c.status, c.execution = "CREATE_COMPLETE", "AVAILABLE"
	c.planned, err = h.plan(s, &c.deployment)
	switch {
	case err != nil:
		c.status, c.execution, c.reason = "FAILED", "UNAVAILABLE", err.Error()
	case len(c.planned) == 0 && s.template != nil && sameOutputs(s.template, c.template) && slices.Equal(s.tags, c.tags):
		c.status, c.execution = "FAILED", "UNAVAILABLE"
		c.reason = "The submitted information didn't contain changes. Submit different information to create a change set."
	}
	return nil
}

// changeSet finds a change set by its id, or by its name and its stack.
func (h *Host) changeSet(stackName, name string) (*stack, *changeSet, error) {
	for _, s := range h.stacks {
		if stackName != "" && s.id != stackName && (s.name != stackName || s.status == deleteComplete) {
			continue
		}
		for _, c := range s.changes {
			if c.id == name || c.name == name && stackName != "" {
				return s, c, nil
			}
		}
	}
	if stackName != "" {
		if _, err := h.find(stackName); err != nil {
			return nil, nil, err
		}
	}
	return nil, nil, refuse("ChangeSetNotFound", "ChangeSet [%s] does not exist", name)
}

type changeSetInput struct {
	StackName, ChangeSetName string
	IncludePropertyValues    bool // they are never included
}

// deleteChangeSet takes one away that is not under way. One that is not there is gone already.
func (h *Host) deleteChangeSet(_ context.Context, in changeSetInput) (struct{}, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s, c, err := h.changeSet(in.StackName, in.ChangeSetName)
	if refused, is := err.(*refusal); is && refused.code == "ChangeSetNotFound" {
		return struct{}{}, nil
	}
	if err != nil {
		return struct{}{}, err
	}
	if c.execution == "EXECUTE_IN_PROGRESS" {
		return struct{}{}, refuse("InvalidChangeSetStatus", "ChangeSet [%s] is being executed", c.id)
	}
	s.changes = slices.DeleteFunc(s.changes, func(other *changeSet) bool { return other == c })
	return struct{}{}, nil
}

type executeChangeSetInput struct {
	StackName, ChangeSetName, ClientRequestToken string
	DisableRollback                              bool
}

func (h *Host) executeChangeSet(_ context.Context, in executeChangeSetInput) (struct{}, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s, c, err := h.changeSet(in.StackName, in.ChangeSetName)
	if err != nil {
		return struct{}{}, err
	}
	if c.execution != "AVAILABLE" {
		return struct{}{}, refuse("InvalidChangeSetStatus", "ChangeSet [%s] cannot be executed in its current status of [%s]", c.id, c.status)
	}
	if err := s.idle(); err != nil {
		return struct{}{}, err
	}
	c.execution = "EXECUTE_IN_PROGRESS"
	s.changes = []*changeSet{c} // the others were drawn for what was there before
	h.begin(s, c, !in.DisableRollback)
	return struct{}{}, nil
}
