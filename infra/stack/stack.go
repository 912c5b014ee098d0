// Package stack describes Beian on AWS: two stacks for each environment, so that what must not be lost is never in the
// way of what is replaced at every release; and a third where email is sent from another Region.
//
//	beian-<environment>-records   table, evidence, keys, secrets, users, sender: stateful, kept when the stack goes
//	beian-<environment>-system    functions, machine, front door, schedules, alarms: stateless, made anew at will
//	beian-<environment>-mail      the sender with its alarms, where its Region is not the others'
//
// Each file has one subject. [Settings] are what differs between environments; [Functions] says of every function what
// it reads and what it may do, and everything else here follows from that list. Nothing needs an account at synth:
// there are no look-ups, no custom resources and no containers.
package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Namespace of the metrics that are counted in logs.
const Namespace = "Beian"

// A System is one environment.
type System struct {
	Records, System awscdk.Stack
	Mail            awscdk.Stack // nil where the sender is with the records
}

// NewApp begins a CDK app whose result goes to folder; "" leaves that to the CDK.
func NewApp(folder string) awscdk.App {
	props := &awscdk.AppProps{
		AnalyticsReporting: jsii.Bool(false),
		Context: &map[string]any{
			"@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy": true,
			"@aws-cdk/aws-iam:minimizePolicies":               true,
			"@aws-cdk/core:defaultCrossStackReferences":       "strong", // nothing that is used can be taken away
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
	stateful := awscdk.NewStack(app, jsii.String(s.named("records")), &awscdk.StackProps{
		Env: home, Description: jsii.String("Beian (" + s.Name + "): what must not be lost"), TerminationProtection: jsii.Bool(true),
	})
	stateless := awscdk.NewStack(app, jsii.String(s.named("system")), &awscdk.StackProps{
		Env: home, Description: jsii.String("Beian (" + s.Name + "): functions, workflow and front door"),
	})
	all := []awscdk.Stack{stateful, stateless}
	var mail awscdk.Stack
	if s.mailApart() {
		mail = newMail(app, s)
		stateless.AddStackDependency(mail, jsii.String("nothing can be sent without a sender"))
		all = append(all, mail)
	}
	for _, one := range all {
		awscdk.Tags_Of(one).Add(jsii.String("beian:environment"), jsii.String(s.Name), nil)
	}
	r := newRecords(stateful, s)
	network := newEgress(stateless, s, r)
	steps := newSteps(stateless, s, r, network, binaries)
	machine := newMachine(stateless, s, steps)
	front := newDoor(stateless, s, r, steps)
	dead := newSchedules(stateless, s, r, steps)
	w := watched{s: s, r: r, steps: steps, machine: machine, front: front, dead: dead}
	w.dashboard(stateless, newAlarms(stateless, s, w.warnings(stateless)))
	return System{Records: stateful, System: stateless, Mail: mail}, nil
}

// named is the name of something that the environment has one of.
func (s Settings) named(what string) string { return "beian-" + s.Name + "-" + what }

// TableName is the name of the environment's table.
func (s Settings) TableName() string { return "beian-" + s.Name }

// output is a value that the operator needs after deployment.
func output(scope constructs.Construct, name string, value *string, what string) {
	awscdk.NewCfnOutput(scope, jsii.String(name), &awscdk.CfnOutputProps{Value: value, Description: jsii.String(what)})
}
