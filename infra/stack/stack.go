// Package stack defines Beian on AWS with the CDK:
//
//	settings, err := stack.Load("infra/environments", "default")
//	app := stack.NewApp("")
//	system, err := stack.Build(app, settings, "dist/functions")
//	app.Synth(nil)
//
// An environment has two stacks, so that a release does not change stateful resources, and a third if email is sent from another
// Region:
//
//	beian-<environment>-records   table, evidence, keys, secrets, users, sender: stateful, retained when the stack is deleted
//	beian-<environment>-system    functions, machine, HTTP APIs, schedules, alarms: stateless, replaceable
//	beian-<environment>-mail      the sender and its alarms, if mail.region is set
//
// [Settings] are the values that differ between environments. [Functions] lists the variables and permissions of each function;
// everything else follows from that list. Synthesis needs no AWS account: there are no look-ups, custom resources or containers.
package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Namespace is the namespace of the metrics that are counted in logs.
const Namespace = "Beian"

// A System is one environment.
type System struct {
	Records, System awscdk.Stack
	Mail            awscdk.Stack // nil if the sender is in Records
}

// NewApp returns a CDK app that writes its cloud assembly to folder; "" means the CDK's default.
func NewApp(folder string) awscdk.App {
	props := &awscdk.AppProps{
		AnalyticsReporting: jsii.Bool(false),
		Context: &map[string]any{
			"@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy": true,
			"@aws-cdk/aws-iam:minimizePolicies":               true,
			"@aws-cdk/core:defaultCrossStackReferences":       "strong", // an exported value in use cannot be removed
		},
	}
	if folder != "" {
		props.Outdir = jsii.String(folder)
	}
	return awscdk.NewApp(props)
}

// Build adds an environment to an app. Binaries is the folder with <function>/bootstrap for every function.
func Build(app awscdk.App, s Settings, binaries string) (System, error) {
	if err := checkBinaries(binaries, s.Architecture); err != nil {
		return System{}, err
	}
	home := &awscdk.Environment{Region: jsii.String(s.Region)}
	stateful := awscdk.NewStack(app, jsii.String(s.resourceName("records")), &awscdk.StackProps{
		Env: home, Description: jsii.String("Beian (" + s.Name + "): stateful resources"), TerminationProtection: jsii.Bool(true),
	})
	stateless := awscdk.NewStack(app, jsii.String(s.resourceName("system")), &awscdk.StackProps{
		Env: home, Description: jsii.String("Beian (" + s.Name + "): functions, workflow and HTTP API"),
	})
	all := []awscdk.Stack{stateful, stateless}
	var mail awscdk.Stack
	if s.hasMailRegion() {
		mail = newMail(app, s)
		stateless.AddStackDependency(mail, jsii.String("the functions need the sender"))
		all = append(all, mail)
	}
	for _, one := range all {
		awscdk.Tags_Of(one).Add(jsii.String("beian:environment"), jsii.String(s.Name), &awscdk.TagProps{ExcludeResourceTypes: s.untagged()})
	}
	r := newRecords(stateful, s)
	network := newEgress(stateless, s, r)
	steps := newFunctions(stateless, s, r, network, binaries)
	machine := newMachine(stateless, s, steps)
	apis := newHTTPAPIs(stateless, s, r, steps)
	inspectLargeUploads(stateless, s, r, steps[inspectUploadFunction].lambda)
	dead := newSchedules(stateless, s, r, steps)
	if s.usesSES() {
		countBounces(stateless, s, steps["sweeper"].lambda, dead)
	}
	w := alarmSources{s: s, r: r, functions: steps, machine: machine, apis: apis, dead: dead}
	w.addDashboard(stateless, newAlarms(stateless, s, w.alarms(stateless)))
	return System{Records: stateful, System: stateless, Mail: mail}, nil
}

// resourceName returns the name of a resource of the environment.
func (s Settings) resourceName(what string) string { return "beian-" + s.Name + "-" + what }

// TableName returns the name of the environment's table.
func (s Settings) TableName() string { return "beian-" + s.Name }

// addOutput adds a stack output, for the operator.
func addOutput(scope constructs.Construct, name string, value *string, what string) {
	awscdk.NewCfnOutput(scope, jsii.String(name), &awscdk.CfnOutputProps{Value: value, Description: jsii.String(what)})
}
