package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
)

// schedules are the functions that a clock calls, and when.
var schedules = []struct{ function, at, zone string }{
	{"reminders", "cron(0 9 * * ? *)", "Asia/Shanghai"},
	{"exchange", "rate(1 minute)", "UTC"},
	{"sweeper", "rate(1 minute)", "UTC"},
}

// notices are the changes of the table that the sweeper is called for: a notice has been put into the outbox. The machine
// is told by whoever decided, and what that missed the schedule finds.
const notices = `{"eventName":["INSERT"],"dynamodb":{"Keys":{"pk":{"S":["OUTBOX"]},"sk":{"S":[{"prefix":"notice#"}]}}}}`

// newSchedules calls functions by the clock and by the table's stream. What could not be handed over goes to the queue
// that it returns.
func newSchedules(stack awscdk.Stack, s Settings, r *records, all steps) awssqs.Queue {
	dead := awssqs.NewQueue(stack, jsii.String("Dead"), &awssqs.QueueProps{
		QueueName: jsii.String(s.named("dead")), Encryption: awssqs.QueueEncryption_SQS_MANAGED, EnforceSSL: jsii.Bool(true),
		RetentionPeriod: awscdk.Duration_Days(jsii.Number(14)),
	})
	suppress(dead, "AwsSolutions-SQS3", "This is the dead-letter queue.")
	role := awsiam.NewRole(stack, jsii.String("Role-schedules"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("scheduler.amazonaws.com"), &awsiam.ServicePrincipalOpts{
			Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": stack.Account()}},
		}),
		Description: jsii.String("what the schedules may do: invoke their functions"),
	})
	var functions []string
	for _, one := range schedules {
		functions = append(functions, *all[one.function].lambda.FunctionArn())
	}
	role.AddToPolicy(statement([]string{"lambda:InvokeFunction"}, functions...))
	role.AddToPolicy(statement([]string{"sqs:SendMessage"}, *dead.QueueArn()))
	for _, one := range schedules {
		awsscheduler.NewCfnSchedule(stack, jsii.String("Schedule-"+one.function), &awsscheduler.CfnScheduleProps{
			Name:                       jsii.String(s.named(one.function)),
			ScheduleExpression:         jsii.String(one.at),
			ScheduleExpressionTimezone: jsii.String(one.zone),
			FlexibleTimeWindow:         &awsscheduler.CfnSchedule_FlexibleTimeWindowProperty{Mode: jsii.String("OFF")},
			Target: &awsscheduler.CfnSchedule_TargetProperty{
				Arn: all[one.function].lambda.FunctionArn(), RoleArn: role.RoleArn(), Input: jsii.String("{}"),
				DeadLetterConfig: &awsscheduler.CfnSchedule_DeadLetterConfigProperty{Arn: dead.QueueArn()},
				RetryPolicy: &awsscheduler.CfnSchedule_RetryPolicyProperty{
					MaximumEventAgeInSeconds: jsii.Number(600), MaximumRetryAttempts: jsii.Number(3),
				},
			},
		})
	}
	sweeper := all["sweeper"].lambda
	sweeper.Role().AddToPrincipalPolicy(statement([]string{"sqs:SendMessage"}, *dead.QueueArn()))
	mapping := awslambda.NewCfnEventSourceMapping(stack, jsii.String("Notices"), &awslambda.CfnEventSourceMappingProps{
		FunctionName:               sweeper.FunctionArn(),
		EventSourceArn:             r.table.TableStreamArn(),
		StartingPosition:           jsii.String("TRIM_HORIZON"),
		BatchSize:                  jsii.Number(10),
		BisectBatchOnFunctionError: jsii.Bool(true),
		FunctionResponseTypes:      jsii.Strings("ReportBatchItemFailures"),
		MaximumRetryAttempts:       jsii.Number(5),
		MaximumRecordAgeInSeconds:  jsii.Number(3600),
		FilterCriteria: &awslambda.CfnEventSourceMapping_FilterCriteriaProperty{
			Filters: &[]any{&awslambda.CfnEventSourceMapping_FilterProperty{Pattern: jsii.String(notices)}},
		},
		DestinationConfig: &awslambda.CfnEventSourceMapping_DestinationConfigProperty{
			OnFailure: &awslambda.CfnEventSourceMapping_OnFailureProperty{Destination: dead.QueueArn()},
		},
	})
	mapping.Node().AddDependency(sweeper.Role()) // Lambda tries the stream when the mapping is made
	output(stack, "DeadLetters", dead.QueueUrl(), "what could not be handed to a function")
	return dead
}
