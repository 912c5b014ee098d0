package stack

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
)

// A schedule is when a function runs, and its input.
type schedule struct{ name, function, at, zone, input string }

// schedules lists the scheduled functions.
var schedules = []schedule{
	{"reminders", "reminders", "rate(1 minute)", "UTC", "{}"},
	{"reminders-counts", "reminders", "rate(5 minutes)", "UTC", `{"counts":true}`},
	{"retention", "retention", "cron(20 * * * ? *)", "Asia/Shanghai", "{}"},
	{exchangeFunction, exchangeFunction, "rate(1 minute)", "UTC", "{}"},
	{siteWatchFunction, siteWatchFunction, "rate(5 minutes)", "UTC", "{}"},
	{"sweeper", "sweeper", "rate(1 minute)", "UTC", `{"watch":true}`},
	{"webhooks", "webhooks", "rate(1 minute)", "UTC", "{}"},
}

// noticeFilter selects new notices of the outbox from the table's stream. Other entries are delivered by the process that stored the
// decision or, if it could not, by the scheduled sweeper.
const noticeFilter = `{"eventName":["INSERT"],"dynamodb":{"Keys":{"pk":{"S":[{"prefix":"OUTBOX"}]},"sk":{"S":[{"prefix":"notice#"},{"prefix":"register#"}]}}}}`

// eventFilter selects new events.
const eventFilter = `{"eventName":["INSERT"],"dynamodb":{"Keys":{"pk":{"S":[{"prefix":"OUTBOX"}]},"sk":{"S":[{"prefix":"event#"}]}}}}`

// newSchedules adds the schedules and the event source mappings of the table's stream. Failed calls go to the returned
// dead-letter queue.
func newSchedules(stack awscdk.Stack, s Settings, r *records, functions deployedFunctions) awssqs.Queue {
	dead := awssqs.NewQueue(stack, jsii.String("Dead"), &awssqs.QueueProps{
		QueueName: jsii.String(s.resourceName("dead")), Encryption: awssqs.QueueEncryption_SQS_MANAGED, EnforceSSL: jsii.Bool(true),
		RetentionPeriod: awscdk.Duration_Days(jsii.Number(14)),
	})
	suppress(dead, "AwsSolutions-SQS3", "This is the dead-letter queue.")
	role := awsiam.NewRole(stack, jsii.String("Role-schedules"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("scheduler.amazonaws.com"), &awsiam.ServicePrincipalOpts{
			Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": stack.Account()}},
		}),
		Description: jsii.String("permissions of the schedules: invoke their functions"),
	})
	scheduled := slices.DeleteFunc(slices.Clone(schedules), func(one schedule) bool { _, deployed := functions[one.function]; return !deployed })
	var arns []string
	for _, one := range scheduled {
		if arn := *functions[one.function].lambda.FunctionArn(); !slices.Contains(arns, arn) {
			arns = append(arns, arn)
		}
	}
	role.AddToPolicy(newStatement([]string{"lambda:InvokeFunction"}, arns...))
	role.AddToPolicy(newStatement([]string{"sqs:SendMessage"}, *dead.QueueArn()))
	for _, one := range scheduled {
		awsscheduler.NewCfnSchedule(stack, jsii.String("Schedule-"+one.name), &awsscheduler.CfnScheduleProps{
			Name:                       jsii.String(s.resourceName(one.name)),
			ScheduleExpression:         jsii.String(one.at),
			ScheduleExpressionTimezone: jsii.String(one.zone),
			FlexibleTimeWindow:         &awsscheduler.CfnSchedule_FlexibleTimeWindowProperty{Mode: jsii.String("OFF")},
			Target: &awsscheduler.CfnSchedule_TargetProperty{
				Arn: functions[one.function].lambda.FunctionArn(), RoleArn: role.RoleArn(), Input: jsii.String(one.input),
				DeadLetterConfig: &awsscheduler.CfnSchedule_DeadLetterConfigProperty{Arn: dead.QueueArn()},
				RetryPolicy: &awsscheduler.CfnSchedule_RetryPolicyProperty{
					MaximumEventAgeInSeconds: jsii.Number(600), MaximumRetryAttempts: jsii.Number(3),
				},
			},
		})
	}
	followStream(stack, r, functions["sweeper"].lambda, "Notices", noticeFilter, dead)
	followStream(stack, r, functions["webhooks"].lambda, "Events", eventFilter, dead)
	addOutput(stack, "DeadLetters", dead.QueueUrl(), "queue of events that could not be delivered to a function")
	return dead
}

// followStream adds an event source mapping that passes the rows of the table's stream that a filter selects to a function.
func followStream(stack awscdk.Stack, r *records, function awslambda.Function, name, filter string, dead awssqs.Queue) {
	function.Role().AddToPrincipalPolicy(newStatement([]string{"sqs:SendMessage"}, *dead.QueueArn()))
	mapping := awslambda.NewCfnEventSourceMapping(stack, jsii.String(name), &awslambda.CfnEventSourceMappingProps{
		FunctionName:               function.FunctionArn(),
		EventSourceArn:             r.table.TableStreamArn(),
		StartingPosition:           jsii.String("TRIM_HORIZON"),
		BatchSize:                  jsii.Number(10),
		BisectBatchOnFunctionError: jsii.Bool(true),
		FunctionResponseTypes:      jsii.Strings("ReportBatchItemFailures"),
		MaximumRetryAttempts:       jsii.Number(5),
		MaximumRecordAgeInSeconds:  jsii.Number(3600),
		FilterCriteria: &awslambda.CfnEventSourceMapping_FilterCriteriaProperty{
			Filters: &[]any{&awslambda.CfnEventSourceMapping_FilterProperty{Pattern: jsii.String(filter)}},
		},
		DestinationConfig: &awslambda.CfnEventSourceMapping_DestinationConfigProperty{
			OnFailure: &awslambda.CfnEventSourceMapping_OnFailureProperty{Destination: dead.QueueArn()},
		},
	})
	mapping.Node().AddDependency(function.Role()) // Lambda reads the stream when the mapping is created
}
