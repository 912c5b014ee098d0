package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/jsii-runtime-go"

	"beian/shared/workflow"
)

// machine is the deployed state machine with its log.
type machine struct {
	awsstepfunctions.StateMachine
	log awslogs.LogGroup
}

// newMachine adds the state machine of package workflow. Executions are started by the alias, which points at the latest version. An
// execution keeps the definition it began with to its end, which may be weeks later.
func newMachine(stack awscdk.Stack, s Settings, all steps) machine {
	log := awslogs.NewLogGroup(stack, jsii.String("Log-machine"), &awslogs.LogGroupProps{
		Retention: keepable[s.LogDays], RemovalPolicy: awscdk.RemovalPolicy_RETAIN,
	})
	role := awsiam.NewRole(stack, jsii.String("Role-machine"), &awsiam.RoleProps{
		AssumedBy:   awsiam.NewServicePrincipal(jsii.String("states.amazonaws.com"), nil),
		Description: jsii.String("what the workflow may do: invoke the functions of its tasks"),
	})
	substitutions := map[string]*string{"Partition": stack.Partition()}
	var functions []string
	for _, task := range workflow.Tasks() {
		function := all[task.Folder()].lambda
		substitutions[task.Name] = function.FunctionArn()
		functions = append(functions, *function.FunctionArn())
	}
	role.AddToPolicy(statement([]string{"lambda:InvokeFunction"}, functions...))
	suppress(role, "AwsSolutions-IAM5", "Delivering logs and traces are operations of the account that name no resource.")
	made := awsstepfunctions.NewStateMachine(stack, jsii.String("Machine"), &awsstepfunctions.StateMachineProps{
		StateMachineName:        jsii.String(s.named("filing")),
		StateMachineType:        awsstepfunctions.StateMachineType_STANDARD,
		DefinitionBody:          awsstepfunctions.DefinitionBody_FromString(jsii.String(workflow.Definition)),
		DefinitionSubstitutions: &substitutions,
		Role:                    role,
		Logs: &awsstepfunctions.LogOptions{
			Destination: log, Level: awsstepfunctions.LogLevel_ALL, IncludeExecutionData: jsii.Bool(false),
		},
		TracingEnabled: jsii.Bool(true),
		RemovalPolicy:  awscdk.RemovalPolicy_DESTROY,
	})
	plain := made.Node().DefaultChild().(awsstepfunctions.CfnStateMachine)
	version := awsstepfunctions.NewCfnStateMachineVersion(stack, jsii.String("MachineVersion"), &awsstepfunctions.CfnStateMachineVersionProps{
		StateMachineArn: made.StateMachineArn(), StateMachineRevisionId: plain.AttrStateMachineRevisionId(),
	})
	version.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN, nil)
	awsstepfunctions.NewCfnStateMachineAlias(stack, jsii.String("MachineAlias"), &awsstepfunctions.CfnStateMachineAliasProps{
		Name: jsii.String(alias),
		DeploymentPreference: &awsstepfunctions.CfnStateMachineAlias_DeploymentPreferenceProperty{
			StateMachineVersionArn: version.AttrArn(), Type: jsii.String("ALL_AT_ONCE"),
		},
	})
	output(stack, "StateMachine", made.StateMachineArn(), "the workflow of a filing")
	return machine{made, log}
}
