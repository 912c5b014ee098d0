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

// newMachine adds the state machine of package workflow. Executions are started with the alias, which names the latest version. A
// running execution keeps the definition with which it started.
func newMachine(stack awscdk.Stack, s Settings, functions deployedFunctions) machine {
	log := awslogs.NewLogGroup(stack, jsii.String("Log-machine"), &awslogs.LogGroupProps{
		Retention: logRetention[s.LogDays], RemovalPolicy: awscdk.RemovalPolicy_RETAIN,
	})
	role := awsiam.NewRole(stack, jsii.String("Role-machine"), &awsiam.RoleProps{
		AssumedBy:   awsiam.NewServicePrincipal(jsii.String("states.amazonaws.com"), nil),
		Description: jsii.String("permissions of the workflow: invoke the functions of its tasks"),
	})
	substitutions := map[string]*string{"Partition": stack.Partition()}
	var arns []string
	for _, task := range workflow.Tasks() {
		function := functions[task.Folder()].lambda
		substitutions[task.Name] = function.FunctionArn()
		arns = append(arns, *function.FunctionArn())
	}
	role.AddToPolicy(newStatement([]string{"lambda:InvokeFunction"}, arns...))
	suppress(role, "AwsSolutions-IAM5", "The operations that deliver logs and traces do not support resource-level permissions.")
	stateMachine := awsstepfunctions.NewStateMachine(stack, jsii.String("Machine"), &awsstepfunctions.StateMachineProps{
		StateMachineName:        jsii.String(s.resourceName("filing")),
		StateMachineType:        awsstepfunctions.StateMachineType_STANDARD,
		DefinitionBody:          awsstepfunctions.DefinitionBody_FromString(jsii.String(workflow.Definition)),
		DefinitionSubstitutions: &substitutions,
		Role:                    role,
		Logs: &awsstepfunctions.LogOptions{
			Destination: log, Level: awsstepfunctions.LogLevel_ERROR, IncludeExecutionData: jsii.Bool(false),
		},
		TracingEnabled: jsii.Bool(true),
		RemovalPolicy:  awscdk.RemovalPolicy_DESTROY,
	})
	suppress(stateMachine, "AwsSolutions-SF1", "Step Functions keeps the history of each execution for 90 days; the same events in a log cost as much as its functions.")
	resource := stateMachine.Node().DefaultChild().(awsstepfunctions.CfnStateMachine)
	version := awsstepfunctions.NewCfnStateMachineVersion(stack, jsii.String("MachineVersion"), &awsstepfunctions.CfnStateMachineVersionProps{
		StateMachineArn: stateMachine.StateMachineArn(), StateMachineRevisionId: resource.AttrStateMachineRevisionId(),
	})
	version.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN, nil)
	awsstepfunctions.NewCfnStateMachineAlias(stack, jsii.String("MachineAlias"), &awsstepfunctions.CfnStateMachineAliasProps{
		Name: jsii.String(alias),
		DeploymentPreference: &awsstepfunctions.CfnStateMachineAlias_DeploymentPreferenceProperty{
			StateMachineVersionArn: version.AttrArn(), Type: jsii.String("ALL_AT_ONCE"),
		},
	})
	addOutput(stack, "StateMachine", stateMachine.StateMachineArn(), "state machine of the filing workflow")
	return machine{stateMachine, log}
}
