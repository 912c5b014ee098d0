package cloud

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"beian/infra/local/cloudformation"
	"beian/shared/asl"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
)

// A Machine is a state machine of Step Functions.
type Machine struct {
	StateMachineName, StateMachineType string
	RoleArn                            string
	DefinitionString                   string
	DefinitionSubstitutions            map[string]string
	LoggingConfiguration               struct {
		Destinations []struct {
			CloudWatchLogsLogGroup struct{ LogGroupArn string }
		}
		IncludeExecutionData bool
		Level                string
	}
	TracingConfiguration struct{ Enabled bool }
	Tags                 []tag

	revision string // as Step Functions names it
}

// Definition is the machine's definition with its placeholders, ${Name}, replaced.
func (m Machine) Definition() string {
	pairs := []string{}
	for name, value := range m.DefinitionSubstitutions {
		pairs = append(pairs, "${"+name+"}", value)
	}
	return strings.NewReplacer(pairs...).Replace(m.DefinitionString)
}

func (a *Account) machineHandler() cloudformation.Handler {
	return handler(&a.made.machines, maker[Machine]{
		createOnly: []string{"StateMachineName", "StateMachineType"},
		name: func(r cloudformation.Request, m Machine) string {
			name := m.StateMachineName
			if name == "" {
				name = r.Name(80)
			}
			return a.arn("states", "stateMachine:"+name)
		},
		attributes: func(id string, m Machine) map[string]any {
			return map[string]any{"Arn": id, "Name": id[strings.LastIndexByte(id, ':')+1:], "StateMachineRevisionId": m.revision}
		},
		check: func(m Machine) error {
			if _, err := asl.Parse([]byte(m.Definition())); err != nil {
				return fmt.Errorf("invalid state machine definition: %w", err)
			}
			for _, d := range m.LoggingConfiguration.Destinations {
				group := strings.TrimSuffix(strings.TrimPrefix(d.CloudWatchLogsLogGroup.LogGroupArn, a.arn("logs", "log-group:")), ":*")
				if _, is := a.made.logGroups.get(group); !is {
					return fmt.Errorf("the log group %s does not exist", d.CloudWatchLogsLogGroup.LogGroupArn)
				}
			}
			return a.checkRole(m.RoleArn, "states.amazonaws.com")
		},
		create: func(ctx context.Context, id string, m *Machine) error {
			_, err := a.states.CreateStateMachine(ctx, &sfn.CreateStateMachineInput{
				Name: aws.String(id[strings.LastIndexByte(id, ':')+1:]), Definition: aws.String(m.Definition()), RoleArn: &m.RoleArn,
			})
			if err != nil {
				return err
			}
			made, err := a.states.DescribeStateMachine(ctx, &sfn.DescribeStateMachineInput{StateMachineArn: &id})
			if err != nil {
				return err
			}
			m.revision = aws.ToString(made.RevisionId)
			return nil
		},
		update: func(ctx context.Context, id string, _ Machine, m *Machine) error {
			made, err := a.states.UpdateStateMachine(ctx, &sfn.UpdateStateMachineInput{StateMachineArn: &id, Definition: aws.String(m.Definition())})
			if err != nil {
				return err
			}
			m.revision = aws.ToString(made.RevisionId)
			return nil
		},
		delete: func(ctx context.Context, id string, _ Machine) error { // and what was published of it
			for _, v := range a.made.versions.keys() {
				if strings.HasPrefix(v, id+":") {
					a.made.versions.drop(v)
				}
			}
			_, err := a.states.DeleteStateMachine(ctx, &sfn.DeleteStateMachineInput{StateMachineArn: &id})
			return err
		},
	})
}

// A MachineVersion is a form that a machine had.
type MachineVersion struct{ StateMachineArn, StateMachineRevisionId, Description string }

func (a *Account) machineVersionHandler() cloudformation.Handler {
	return handler(&a.made.versions, maker[MachineVersion]{
		createOnly: []string{"StateMachineArn", "StateMachineRevisionId", "Description"},
		name: func(_ cloudformation.Request, v MachineVersion) string {
			number := 1
			for _, other := range a.made.versions.list() {
				if other.StateMachineArn == v.StateMachineArn {
					number++
				}
			}
			return v.StateMachineArn + ":" + strconv.Itoa(number)
		},
		attributes: func(id string, _ MachineVersion) map[string]any { return map[string]any{"Arn": id} },
		check: func(v MachineVersion) error {
			m, is := a.made.machines.get(v.StateMachineArn)
			if !is || m.revision != v.StateMachineRevisionId {
				return fmt.Errorf("the state machine %s is not there in the revision %s", v.StateMachineArn, v.StateMachineRevisionId)
			}
			return nil
		},
		create: func(ctx context.Context, id string, v *MachineVersion) error {
			made, err := a.states.PublishStateMachineVersion(ctx, &sfn.PublishStateMachineVersionInput{
				StateMachineArn: &v.StateMachineArn, RevisionId: &v.StateMachineRevisionId,
			})
			if err == nil && aws.ToString(made.StateMachineVersionArn) != id {
				return fmt.Errorf("the version that was published is %s, not %s", aws.ToString(made.StateMachineVersionArn), id)
			}
			return err
		},
	})
}

// A MachineAlias names the version of a machine that callers get.
type MachineAlias struct {
	Name, Description    string
	DeploymentPreference struct{ StateMachineVersionArn, Type string }
}

func (a *Account) machineAliasHandler() cloudformation.Handler {
	return handler(&a.made.machineAliases, maker[MachineAlias]{
		createOnly: []string{"Name"},
		name: func(_ cloudformation.Request, p MachineAlias) string {
			version := p.DeploymentPreference.StateMachineVersionArn
			return version[:strings.LastIndexByte(version, ':')+1] + p.Name
		},
		attributes: func(id string, _ MachineAlias) map[string]any { return map[string]any{"Arn": id} },
		check: func(p MachineAlias) error {
			if p.DeploymentPreference.Type != "ALL_AT_ONCE" {
				return fmt.Errorf("only the deployment ALL_AT_ONCE is known here, not %q", p.DeploymentPreference.Type)
			}
			if _, is := a.made.versions.get(p.DeploymentPreference.StateMachineVersionArn); !is {
				return fmt.Errorf("the version %s does not exist", p.DeploymentPreference.StateMachineVersionArn)
			}
			return required("Name", p.Name)
		},
		create: func(ctx context.Context, _ string, p *MachineAlias) error {
			_, err := a.states.CreateStateMachineAlias(ctx, &sfn.CreateStateMachineAliasInput{Name: &p.Name, RoutingConfiguration: p.routing()})
			return err
		},
		update: func(ctx context.Context, id string, _ MachineAlias, p *MachineAlias) error {
			_, err := a.states.UpdateStateMachineAlias(ctx, &sfn.UpdateStateMachineAliasInput{StateMachineAliasArn: &id, RoutingConfiguration: p.routing()})
			return err
		},
		delete: func(ctx context.Context, id string, _ MachineAlias) error {
			_, err := a.states.DeleteStateMachineAlias(ctx, &sfn.DeleteStateMachineAliasInput{StateMachineAliasArn: &id})
			return err
		},
	})
}

func (p MachineAlias) routing() []types.RoutingConfigurationListItem {
	return []types.RoutingConfigurationListItem{{StateMachineVersionArn: &p.DeploymentPreference.StateMachineVersionArn, Weight: 100}}
}
