package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
)

// schedules are the scheduled functions and their times.
var schedules = []struct{ function, at, zone string }{
	{"reminders", "cron(0 9 * * ? *)", "Asia/Shanghai"},
	{"exchange", "rate(1 minute)", "UTC"},
	{"sweeper", "rate(1 minute)", "UTC"},
}

// notices is the filter of the table's stream: the sweeper is called for new notices in the outbox. The process that decides also
// notifies the machine; what it missed, the scheduled sweep delivers.
const notices = `{"eventName":["INSERT"],"dynamodb":{"Keys":{"pk":{"S":["OUTBOX"]},"sk":{"S":[{"prefix":"notice#"}]}}}}`

// newSchedules adds the schedules and the reader of the table's stream. Calls that failed go to the returned dead-letter queue.
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
	mapping.Node().AddDependency(sweeper.Role()) // Lambda reads the stream when the mapping is created
	output(stack, "DeadLetters", dead.QueueUrl(), "what could not be handed to a function")
	return dead
}
