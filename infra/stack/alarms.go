package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatchactions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssnssubscriptions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/aws-cdk-go/awscdk/v2/interfaces/interfacesawscloudwatch"
	"github.com/aws/jsii-runtime-go"
)

// watched is what the alarms look at.
type watched struct {
	s       Settings
	r       *records
	steps   steps
	machine machine
	front   awsapigatewayv2.HttpApi
	dead    awssqs.Queue
}

// A warning is one alarm. Its name has a section of the same name in the runbook.
type warning struct {
	name   string
	when   string // it fires, in words
	metric awscloudwatch.IMetric
	above  float64
	of     int // periods
	// silence is what to make of having no figures; the default is that all is well.
	silence awscloudwatch.TreatMissingData
	below   bool
}

// newAlarms has the operator told, from the stack's Region, of what will not mend itself.
func newAlarms(stack awscdk.Stack, s Settings, warnings []warning) []interfacesawscloudwatch.IAlarmRef {
	topic := awssns.NewTopic(stack, jsii.String("Operator"), &awssns.TopicProps{
		TopicName: jsii.String(s.named("operator")), EnforceSSL: jsii.Bool(true),
	})
	// EnforceSSL adds a policy that only denies, which replaces the topic's default policy.
	topic.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("cloudwatch.amazonaws.com"), nil)},
		Actions:    jsii.Strings("sns:Publish"), Resources: &[]*string{topic.TopicArn()},
		Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": stack.Account()}},
	}))
	topic.AddSubscription(awssnssubscriptions.NewEmailSubscription(jsii.String(s.Operator.Mail), nil))
	action := awscloudwatchactions.NewSnsAction(topic)
	var made []interfacesawscloudwatch.IAlarmRef
	for _, one := range warnings {
		comparison := awscloudwatch.ComparisonOperator_GREATER_THAN_THRESHOLD
		if one.below {
			comparison = awscloudwatch.ComparisonOperator_LESS_THAN_THRESHOLD
		}
		silence := one.silence
		if silence == "" {
			silence = awscloudwatch.TreatMissingData_NOT_BREACHING
		}
		alarm := awscloudwatch.NewAlarm(stack, jsii.String("Alarm-"+one.name), &awscloudwatch.AlarmProps{
			AlarmName:          jsii.String(s.named(one.name)),
			AlarmDescription:   jsii.String(one.when + ". See runbook.md, " + one.name + "."),
			Metric:             one.metric,
			ComparisonOperator: comparison,
			Threshold:          jsii.Number(one.above),
			EvaluationPeriods:  jsii.Number(one.of),
			TreatMissingData:   silence,
		})
		alarm.AddAlarmAction(action)
		alarm.AddOkAction(action)
		made = append(made, alarm)
	}
	return made
}

func (w watched) warnings(stack awscdk.Stack) []warning {
	sweeper, exchange := w.steps["sweeper"], w.steps["exchange"]
	minutes := func(n int) awscdk.Duration { return awscdk.Duration_Minutes(jsii.Number(n)) }
	sum := func(n int) *awscloudwatch.MetricOptions {
		return &awscloudwatch.MetricOptions{Statistic: jsii.String("Sum"), Period: minutes(n)}
	}
	all := []warning{
		{name: "stuck-filings", when: "A step failed that retrying did not mend, and its filing has to wait",
			metric: counted(stack, "StuckFilings", w.machine.log, `{ $.type = "WaitStateEntered" }`, minutes(15)), of: 1},
		{name: "outbox-old", when: "For a quarter of an hour, entries of the outbox could not be delivered",
			metric: counted(stack, "OutboxFailures", sweeper.log, `{ $.msg = "an outbox entry was not delivered" }`, minutes(5)), of: 3},
		{name: "stream-behind", when: "Notices wait for more than five minutes in the table's stream",
			metric: sweeper.lambda.Metric(jsii.String("IteratorAge"), &awscloudwatch.MetricOptions{Statistic: jsii.String("Maximum"), Period: minutes(5)}),
			above:  300_000, of: 1},
		{name: "sequence-stalled", when: "The exchange with the bureau has come to a stop until somebody acts",
			metric: counted(stack, "OperatorCalls", exchange.log, `{ $.alarm = "operator" }`, minutes(5)), of: 1},
		{name: "exchange-silent", when: "The exchange has not run for ten minutes",
			metric: exchange.lambda.MetricInvocations(sum(10)), above: 1, of: 1, below: true, silence: awscloudwatch.TreatMissingData_BREACHING},
		{name: "bureau-errors", when: "The bureau has answered with errors for half an hour",
			metric: counted(stack, "BureauErrors", exchange.log, `{ $.msg = "*has to wait" }`, minutes(10)), of: 3},
		{name: "failed-executions", when: "An execution of the workflow failed or timed out",
			metric: added(minutes(5), w.machine.MetricFailed(sum(5)), w.machine.MetricTimedOut(sum(5)), w.machine.MetricAborted(sum(5))), of: 1},
		{name: "throttles", when: "Lambda, Step Functions or DynamoDB turned calls away for a quarter of an hour",
			metric: added(minutes(5), w.steps["api"].lambda.MetricThrottles(sum(5)), w.steps["reviewer"].lambda.MetricThrottles(sum(5)),
				w.steps["operator"].lambda.MetricThrottles(sum(5)), w.steps["smsreply"].lambda.MetricThrottles(sum(5)),
				sweeper.lambda.MetricThrottles(sum(5)), w.machine.MetricThrottled(sum(5)), w.tableThrottles(minutes(5))), of: 3},
		{name: "dead-letters", when: "Something could not be handed to its function",
			metric: w.dead.MetricApproximateNumberOfMessagesVisible(&awscloudwatch.MetricOptions{Statistic: jsii.String("Maximum"), Period: minutes(5)}), of: 1},
	}
	if !w.s.mailApart() {
		all = append(all, mailWarnings(w.s)...)
	}
	all = append(all, warning{name: "api-errors", when: "The API answers with errors of its own",
		metric: w.front.MetricServerError(sum(5)), above: 5, of: 2})
	for _, name := range []string{"api", "reviewer", "operator", "smsreply", "sweeper", "reminders", "exchange"} {
		all = append(all, warning{name: "errors-" + name, when: "The function " + name + " fails again and again",
			metric: w.steps[name].lambda.MetricErrors(sum(5)), of: 3})
	}
	return all
}

// counted counts the lines of a log that match a pattern.
func counted(stack awscdk.Stack, name string, log awslogs.LogGroup, pattern string, every awscdk.Duration) awscloudwatch.IMetric {
	filter := log.AddMetricFilter(jsii.String(name), &awslogs.MetricFilterOptions{
		FilterPattern: awslogs.FilterPattern_Literal(jsii.String(pattern)), MetricNamespace: jsii.String(Namespace + "/" + *stack.StackName()),
		MetricName: jsii.String(name), MetricValue: jsii.String("1"), DefaultValue: jsii.Number(0),
	})
	return filter.Metric(&awscloudwatch.MetricOptions{Statistic: jsii.String("Sum"), Period: every})
}

// added is the sum of metrics, of which some may have no figures.
func added(every awscdk.Duration, metrics ...awscloudwatch.IMetric) awscloudwatch.IMetric {
	using, expression := map[string]awscloudwatch.IMetric{}, ""
	for i, m := range metrics {
		id := "m" + string(rune('a'+i))
		using[id] = m
		if i > 0 {
			expression += " + "
		}
		expression += "FILL(" + id + ", 0)"
	}
	return awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
		Expression: jsii.String(expression), UsingMetrics: &using, Period: every, Label: jsii.String("sum"),
	})
}

func (w watched) tableThrottles(every awscdk.Duration) awscloudwatch.IMetric {
	return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace: jsii.String("AWS/DynamoDB"), MetricName: jsii.String("WriteThrottleEvents"), Statistic: jsii.String("Sum"), Period: every,
		DimensionsMap: &map[string]*string{"TableName": w.r.table.TableName()},
	})
}
