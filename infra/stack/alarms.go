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

// alarmSources are the resources whose metrics the alarms and the dashboard use.
type alarmSources struct {
	s       Settings
	r       *records
	steps   steps
	machine machine
	api     awsapigatewayv2.HttpApi
	dead    awssqs.Queue // dead letters
}

// A warning defines one alarm. The runbook has a section with its name.
type warning struct {
	name   string
	when   string // the alarm's description: the condition under which it fires
	metric awscloudwatch.IMetric
	above  float64
	of     int // periods
	// missing says how missing data is treated; the default is NOT_BREACHING.
	missing awscloudwatch.TreatMissingData
	below   bool
}

// newAlarms adds the alarms and the topic that notifies the operator by email.
func newAlarms(stack awscdk.Stack, s Settings, warnings []warning) []interfacesawscloudwatch.IAlarmRef {
	topic := awssns.NewTopic(stack, jsii.String("Operator"), &awssns.TopicProps{
		TopicName: jsii.String(s.resourceName("operator")), EnforceSSL: jsii.Bool(true),
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
		missing := one.missing
		if missing == "" {
			missing = awscloudwatch.TreatMissingData_NOT_BREACHING
		}
		alarm := awscloudwatch.NewAlarm(stack, jsii.String("Alarm-"+one.name), &awscloudwatch.AlarmProps{
			AlarmName:          jsii.String(s.resourceName(one.name)),
			AlarmDescription:   jsii.String(one.when + ". See runbook.md, " + one.name + "."),
			Metric:             one.metric,
			ComparisonOperator: comparison,
			Threshold:          jsii.Number(one.above),
			EvaluationPeriods:  jsii.Number(one.of),
			TreatMissingData:   missing,
		})
		alarm.AddAlarmAction(action)
		alarm.AddOkAction(action)
		made = append(made, alarm)
	}
	return made
}

func (w alarmSources) warnings(stack awscdk.Stack) []warning {
	sweeper, exchange := w.steps["sweeper"], w.steps["exchange"]
	minutes := func(n int) awscdk.Duration { return awscdk.Duration_Minutes(jsii.Number(n)) }
	sum := func(n int) *awscloudwatch.MetricOptions {
		return &awscloudwatch.MetricOptions{Statistic: jsii.String("Sum"), Period: minutes(n)}
	}
	all := []warning{
		{name: "stuck-filings", when: "A step failed and retries did not help, so its filing waits",
			metric: countLines(stack, "StuckFilings", w.machine.log, `{ $.type = "WaitStateEntered" }`, minutes(15)), of: 1},
		{name: "outbox-old", when: "Entries of the outbox could not be delivered for 15 minutes",
			metric: countLines(stack, "OutboxFailures", sweeper.log, `{ $.msg = "an outbox entry was not delivered" }`, minutes(5)), of: 3},
		{name: "stream-behind", when: "The oldest notice in the table's stream is more than five minutes old",
			metric: sweeper.lambda.Metric(jsii.String("IteratorAge"), &awscloudwatch.MetricOptions{Statistic: jsii.String("Maximum"), Period: minutes(5)}),
			above:  300_000, of: 1},
		{name: "sequence-stalled", when: "The exchange with the bureau has stopped and needs the operator",
			metric: countLines(stack, "OperatorCalls", exchange.log, `{ $.alarm = "operator" }`, minutes(5)), of: 1},
		{name: "exchange-silent", when: "The exchange has not run for ten minutes",
			metric: exchange.lambda.MetricInvocations(sum(10)), above: 1, of: 1, below: true, missing: awscloudwatch.TreatMissingData_BREACHING},
		{name: "bureau-errors", when: "The bureau has returned errors for 30 minutes",
			metric: countLines(stack, "BureauErrors", exchange.log, `{ $.msg = "*did not succeed" }`, minutes(10)), of: 3},
		{name: "failed-executions", when: "An execution of the workflow failed or timed out",
			metric: sumOf(minutes(5), w.machine.MetricFailed(sum(5)), w.machine.MetricTimedOut(sum(5)), w.machine.MetricAborted(sum(5))), of: 1},
		{name: "throttles", when: "Lambda, Step Functions or DynamoDB throttled calls for 15 minutes",
			metric: sumOf(minutes(5), w.steps["api"].lambda.MetricThrottles(sum(5)), w.steps["reviewer"].lambda.MetricThrottles(sum(5)),
				w.steps["operator"].lambda.MetricThrottles(sum(5)), w.steps["smsreply"].lambda.MetricThrottles(sum(5)),
				sweeper.lambda.MetricThrottles(sum(5)), w.machine.MetricThrottled(sum(5)), w.tableThrottles(minutes(5))), of: 3},
		{name: "dead-letters", when: "An event could not be delivered to its function",
			metric: w.dead.MetricApproximateNumberOfMessagesVisible(&awscloudwatch.MetricOptions{Statistic: jsii.String("Maximum"), Period: minutes(5)}), of: 1},
	}
	if !w.s.hasMailRegion() {
		all = append(all, mailWarnings(w.s)...)
	}
	all = append(all, warning{name: "api-errors", when: "The API returns server errors (5xx)",
		metric: w.api.MetricServerError(sum(5)), above: 5, of: 2})
	for _, name := range []string{"api", "reviewer", "operator", "smsreply", "sweeper", "reminders", "exchange"} {
		all = append(all, warning{name: "errors-" + name, when: "The function " + name + " keeps failing",
			metric: w.steps[name].lambda.MetricErrors(sum(5)), of: 3})
	}
	return all
}

// countLines returns a metric that counts the lines of a log that match a pattern.
func countLines(stack awscdk.Stack, name string, log awslogs.LogGroup, pattern string, every awscdk.Duration) awscloudwatch.IMetric {
	filter := log.AddMetricFilter(jsii.String(name), &awslogs.MetricFilterOptions{
		FilterPattern: awslogs.FilterPattern_Literal(jsii.String(pattern)), MetricNamespace: jsii.String(Namespace + "/" + *stack.StackName()),
		MetricName: jsii.String(name), MetricValue: jsii.String("1"), DefaultValue: jsii.Number(0),
	})
	return filter.Metric(&awscloudwatch.MetricOptions{Statistic: jsii.String("Sum"), Period: every})
}

// sumOf returns the sum of metrics. A metric without data counts as 0.
func sumOf(every awscdk.Duration, metrics ...awscloudwatch.IMetric) awscloudwatch.IMetric {
	terms, expression := map[string]awscloudwatch.IMetric{}, ""
	for i, m := range metrics {
		id := "m" + string(rune('a'+i))
		terms[id] = m
		if i > 0 {
			expression += " + "
		}
		expression += "FILL(" + id + ", 0)"
	}
	return awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
		Expression: jsii.String(expression), UsingMetrics: &terms, Period: every, Label: jsii.String("sum"),
	})
}

func (w alarmSources) tableThrottles(every awscdk.Duration) awscloudwatch.IMetric {
	return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace: jsii.String("AWS/DynamoDB"), MetricName: jsii.String("WriteThrottleEvents"), Statistic: jsii.String("Sum"), Period: every,
		DimensionsMap: &map[string]*string{"TableName": w.r.table.TableName()},
	})
}
