package cloud

import (
	"errors"

	"beian/infra/local/cloudformation"
	"beian/infra/local/trail"
)

// properties are those of a type that only watches: nothing here reads them.
type properties = map[string]any

// A watcher is a type that only watches: all that is looked at is whether its required properties are there.
type watcher struct {
	kept       *shelf[properties]
	named      string // the property that is its name, when it is there
	required   []string
	attributes func(id string) properties // nil is none
}

func (w watcher) handler() cloudformation.Handler {
	m := maker[properties]{
		createOnly: []string{w.named},
		name:       named(func(p properties) string { name, _ := p[w.named].(string); return name }, 255),
		check: func(p properties) error {
			for _, property := range w.required {
				if p[property] == nil {
					return errors.New("the property " + property + " is missing")
				}
			}
			return nil
		},
	}
	if w.attributes != nil {
		m.attributes = func(id string, _ properties) map[string]any { return w.attributes(id) }
	}
	return handler(w.kept, m)
}

func (a *Account) logGroupHandler() cloudformation.Handler {
	return watcher{kept: &a.made.logGroups, named: "LogGroupName", attributes: func(id string) properties {
		return properties{"Arn": a.arn("logs", "log-group:"+id+":*")}
	}}.handler()
}

func (a *Account) metricFilterHandler() cloudformation.Handler {
	return watcher{kept: &a.made.metricFilters, named: "FilterName",
		required: []string{"FilterPattern", "LogGroupName", "MetricTransformations"}}.handler()
}

func (a *Account) alarmHandler() cloudformation.Handler {
	return watcher{kept: &a.made.alarms, named: "AlarmName", required: []string{"ComparisonOperator", "EvaluationPeriods"},
		attributes: func(id string) properties { return properties{"Arn": a.arn("cloudwatch", "alarm:"+id)} }}.handler()
}

func (a *Account) dashboardHandler() cloudformation.Handler {
	return watcher{kept: &a.made.dashboards, named: "DashboardName", required: []string{"DashboardBody"}}.handler()
}

func (a *Account) subscriptionHandler() cloudformation.Handler {
	return watcher{kept: &a.made.subscriptions, required: []string{"Endpoint", "Protocol", "TopicArn"}}.handler()
}

// repositoryHandler is for the images of containers, of which there are none here.
func (a *Account) repositoryHandler() cloudformation.Handler {
	return watcher{kept: &a.made.repositories, named: "RepositoryName", attributes: func(id string) properties {
		return properties{"Arn": a.arn("ecr", "repository/"+id),
			"RepositoryUri": trail.Account + ".dkr.ecr." + a.config.Region + "." + cloudformation.URLSuffix(a.config.Region) + "/" + id}
	}}.handler()
}
