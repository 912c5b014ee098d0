package stack

import (
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/interfaces/interfacesawscloudwatch"
	"github.com/aws/jsii-runtime-go"
)

// addDashboard adds the dashboard for the operator: alarms, filings, requests, errors and durations.
func (w alarmSources) addDashboard(stack awscdk.Stack, alarms []interfacesawscloudwatch.IAlarmRef) {
	page := awscloudwatch.NewDashboard(stack, jsii.String("Dashboard"), &awscloudwatch.DashboardProps{
		DashboardName: jsii.String(w.s.resourceName("overview")), DefaultInterval: awscdk.Duration_Days(jsii.Number(7)),
	})
	graph := func(title string, metrics ...awscloudwatch.IMetric) awscloudwatch.IWidget {
		return awscloudwatch.NewGraphWidget(&awscloudwatch.GraphWidgetProps{
			Title: jsii.String(title), Left: &metrics, Width: jsii.Number(12), Height: jsii.Number(6),
		})
	}
	var errors, durations []awscloudwatch.IMetric
	for _, name := range slices.Sorted(maps.Keys(w.functions)) {
		errors = append(errors, w.functions[name].lambda.MetricErrors(nil))
		durations = append(durations, w.functions[name].lambda.MetricDuration(&awscloudwatch.MetricOptions{Statistic: jsii.String("p95")}))
	}
	page.AddWidgets(awscloudwatch.NewAlarmStatusWidget(&awscloudwatch.AlarmStatusWidgetProps{
		Title: jsii.String("Alarms"), Alarms: &alarms, Width: jsii.Number(24), Height: jsii.Number(4),
	}))
	page.AddWidgets(
		graph("Filings started and ended", w.machine.MetricStarted(nil), w.machine.MetricSucceeded(nil), w.machine.MetricFailed(nil)),
		graph("Requests", w.apis.applicants.MetricCount(nil), w.apis.applicants.MetricClientError(nil), w.apis.applicants.MetricServerError(nil),
			w.apis.staff.MetricCount(nil), w.apis.staff.MetricClientError(nil), w.apis.staff.MetricServerError(nil)),
	)
	page.AddWidgets(graph("Errors of functions", errors...), graph("Duration of functions (p95)", durations...))
	last := []awscloudwatch.IWidget{graph("Age of the notices in the stream", w.functions["sweeper"].lambda.Metric(jsii.String("IteratorAge"), nil))}
	if w.s.usesSES() {
		last = append(last, graph("Email", reputationMetric(w.s, "Reputation.BounceRate"), reputationMetric(w.s, "Reputation.ComplaintRate")))
	}
	page.AddWidgets(last...)
}
