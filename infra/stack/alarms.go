package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
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

// alarmSources are the resources whose metrics the alarms and the dashboard show.
type alarmSources struct {
	s         Settings
	r         *records
	functions deployedFunctions
	machine   machine
	apis      httpAPIs
	dead      awssqs.Queue // dead letters
}

// An alarm is the definition of one alarm. The runbook has a section with its name.
type alarm struct {
	name      string
	condition string // the alarm's description: the condition under which it fires
	metric    awscloudwatch.IMetric
	above     float64
	periods   int // periods
	// missing is the treatment of missing data; the default is NOT_BREACHING.
	missing awscloudwatch.TreatMissingData
	below   bool
}

// newAlarms adds the alarms and the topic that notifies the operator by email.
func newAlarms(stack awscdk.Stack, s Settings, alarms []alarm) []interfacesawscloudwatch.IAlarmRef {
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
	var created []interfacesawscloudwatch.IAlarmRef
	for _, a := range alarms {
		comparison := awscloudwatch.ComparisonOperator_GREATER_THAN_THRESHOLD
		if a.below {
			comparison = awscloudwatch.ComparisonOperator_LESS_THAN_THRESHOLD
		}
		missing := a.missing
		if missing == "" {
			missing = awscloudwatch.TreatMissingData_NOT_BREACHING
		}
		alarm := awscloudwatch.NewAlarm(stack, jsii.String("Alarm-"+a.name), &awscloudwatch.AlarmProps{
			AlarmName:          jsii.String(s.resourceName(a.name)),
			AlarmDescription:   jsii.String(a.condition + ". See runbook.md, " + a.name + "."),
			Metric:             a.metric,
			ComparisonOperator: comparison,
			Threshold:          jsii.Number(a.above),
			EvaluationPeriods:  jsii.Number(a.periods),
			TreatMissingData:   missing,
		})
		alarm.AddAlarmAction(action)
		alarm.AddOkAction(action)
		created = append(created, alarm)
	}
	return created
}

func (w alarmSources) alarms(stack awscdk.Stack) []alarm {
	sweeper := w.functions["sweeper"]
	minutes := func(n int) awscdk.Duration { return awscdk.Duration_Minutes(jsii.Number(n)) }
	sum := func(n int) *awscloudwatch.MetricOptions {
		return &awscloudwatch.MetricOptions{Statistic: jsii.String("Sum"), Period: minutes(n)}
	}
	all := []alarm{
		{name: "stuck-filings", condition: "A step failed in all its retries, so its filing waits",
			metric: countLogLines(stack, "StuckFilings", w.machine.log, `{ $.type = "WaitStateEntered" }`, minutes(15)), periods: 1},
		{name: "outbox-old", condition: "Entries of the outbox could not be delivered for 15 minutes",
			metric: countLogLines(stack, "OutboxFailures", sweeper.log, `{ $.msg = "an outbox entry was not delivered" }`, minutes(5)), periods: 3},
		{name: "stream-behind", condition: "The oldest notice in the table's stream is more than five minutes old",
			metric: sweeper.lambda.Metric(jsii.String("IteratorAge"), &awscloudwatch.MetricOptions{Statistic: jsii.String("Maximum"), Period: minutes(5)}),
			above:  300_000, periods: 1},
		{name: "papers-damaged", condition: "An accepted paper is lost, or was exchanged in the bucket",
			metric: sumMetrics(minutes(5), countLogLines(stack, "DamagedPapersShown", w.functions["reviewer"].log, `{ $.alarm = "operator" }`, minutes(5)),
				countLogLines(stack, "DamagedPortraits", w.functions["api"].log, `{ $.alarm = "operator" }`, minutes(5))), periods: 1},
		{name: "retention-behind", condition: "Personal data are overdue for erasure by more than two days",
			metric: countLogLines(stack, "OverdueErasures", w.functions["retention"].log, `{ $.msg = "personal data are overdue for erasure" }`, minutes(60)), periods: 1},
		{name: "appeals-overdue", condition: "An appeal against a rejection was not decided in time",
			metric: countLogLines(stack, "OverdueAppeals", w.functions["reminders"].log, `{ $.msg = "an appeal is overdue" }`, minutes(60)), periods: 1},
		{name: "entries-overdue", condition: "An application has waited two working days to be entered into the bureau's console",
			metric: countLogLines(stack, "OverdueEntries", w.functions["reminders"].log, `{ $.msg = "an application waits to be entered at the bureau" }`, minutes(60)), periods: 1},
		{name: "bureau-tasks-due", condition: "A task of the bureau is due today, or overdue",
			metric: countLogLines(stack, "DueBureauTasks", w.functions["reminders"].log, `{ $.msg = "a task of the bureau is due" }`, minutes(60)), periods: 1},
		{name: "bureau-overdue", condition: "The bureau has not decided about an application in time",
			metric: countLogLines(stack, "OverdueDecisions", w.functions["reminders"].log, `{ $.msg = "the bureau has not decided in time" }`, minutes(60)), periods: 1},
		{name: "failed-executions", condition: "An execution of the workflow failed or timed out",
			metric: sumMetrics(minutes(5), w.machine.MetricFailed(sum(5)), w.machine.MetricTimedOut(sum(5)), w.machine.MetricAborted(sum(5))), periods: 1},
		{name: "throttles", condition: "Lambda, Step Functions or DynamoDB throttled calls for 15 minutes",
			metric: sumMetrics(minutes(5), w.functions["api"].lambda.MetricThrottles(sum(5)), w.functions["reviewer"].lambda.MetricThrottles(sum(5)),
				w.functions["operator"].lambda.MetricThrottles(sum(5)), w.functions["smsreply"].lambda.MetricThrottles(sum(5)),
				sweeper.lambda.MetricThrottles(sum(5)), w.machine.MetricThrottled(sum(5)), w.tableThrottles(minutes(5))), periods: 3},
		{name: "dead-letters", condition: "An event could not be delivered to its function",
			metric: w.dead.MetricApproximateNumberOfMessagesVisible(&awscloudwatch.MetricOptions{Statistic: jsii.String("Maximum"), Period: minutes(5)}), periods: 1},
	}
	if w.s.Bureau.Kind == Link {
		exchange := w.functions[exchangeFunction]
		all = append(all,
			alarm{name: "sequence-stalled", condition: "The exchange with the bureau has stopped until the operator acts",
				metric: countLogLines(stack, "OperatorCalls", exchange.log, `{ $.alarm = "operator" }`, minutes(5)), periods: 1},
			alarm{name: "exchange-silent", condition: "The exchange has not run for ten minutes",
				metric: exchange.lambda.MetricInvocations(sum(10)), above: 1, periods: 1, below: true, missing: awscloudwatch.TreatMissingData_BREACHING},
			alarm{name: "bureau-errors", condition: "The bureau has returned errors for 30 minutes",
				metric: countLogLines(stack, "BureauErrors", exchange.log, `{ $.msg = "*did not succeed" }`, minutes(10)), periods: 3})
	}
	if w.s.usesSES() && !w.s.hasMailRegion() {
		all = append(all, mailAlarms(w.s)...)
	}
	all = append(all, alarm{name: "api-errors", condition: "The API returns server errors (5xx)",
		metric: sumMetrics(minutes(5), w.apis.applicants.MetricServerError(sum(5)), w.apis.staff.MetricServerError(sum(5))), above: 5, periods: 2})
	for _, name := range []string{"api", "reviewer", "operator", "smsreply", mailBounceFunction, "accesscheck", inspectUploadFunction, "sweeper", "webhooks", "reminders", "retention", siteWatchFunction, exchangeFunction} {
		if f, deployed := w.functions[name]; deployed {
			var metric awscloudwatch.IMetric = f.lambda.MetricErrors(sum(5))
			if line, answers := failures[name]; answers {
				metric = sumMetrics(minutes(5), metric, countLogLines(stack, line.metric, f.log, line.pattern, minutes(5)))
			}
			all = append(all, alarm{name: "errors-" + name, condition: "The function " + name + " has failed in each of three periods of five minutes",
				metric: metric, periods: 3})
		}
	}
	return all
}

// failures are the log lines of the webhooks that answer 503 if they fail. That is no error of Lambda, and the requests are too few for the alarm api-errors.
var failures = map[string]struct{ metric, pattern string }{
	"smsreply":         {"LostReplies", `{ $.msg = "an SMS reply could not be processed" && $.level = "ERROR" }`},
	mailBounceFunction: {"LostBounces", `{ $.msg = "a bounce could not be counted" }`},
}

// countLogLines returns a metric that counts the lines of a log that match a pattern.
func countLogLines(stack awscdk.Stack, name string, log awslogs.LogGroup, pattern string, every awscdk.Duration) awscloudwatch.IMetric {
	filter := log.AddMetricFilter(jsii.String(name), &awslogs.MetricFilterOptions{
		FilterPattern: awslogs.FilterPattern_Literal(jsii.String(pattern)), MetricNamespace: jsii.String(Namespace + "/" + *stack.StackName()),
		MetricName: jsii.String(name), MetricValue: jsii.String("1"), DefaultValue: jsii.Number(0),
	})
	return filter.Metric(&awscloudwatch.MetricOptions{Statistic: jsii.String("Sum"), Period: every})
}

// sumMetrics returns the sum of metrics. A metric without data counts as 0.
func sumMetrics(every awscdk.Duration, metrics ...awscloudwatch.IMetric) awscloudwatch.IMetric {
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
