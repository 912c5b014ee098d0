package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseventstargets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsses"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"beian/shared/process/notify"
)

// newMail returns the stack with the sender and its alarms if email is sent from another Region. An alarm can read only metrics of
// its own Region.
func newMail(app awscdk.App, s Settings) awscdk.Stack {
	stack := awscdk.NewStack(app, jsii.String(s.resourceName("mail")), &awscdk.StackProps{
		Env: &awscdk.Environment{Region: jsii.String(s.mailRegion())}, Description: jsii.String("Beian (" + s.Name + "): sender of email"),
	})
	newSender(stack, s)
	newAlarms(stack, s, mailAlarms(s))
	home := "arn:" + *stack.Partition() + ":events:" + s.Region + ":" + *stack.Account() + ":event-bus/default"
	newBounceRule(stack, s, awseventstargets.NewEventBus(awsevents.EventBus_FromEventBusArn(stack, jsii.String("Home"), jsii.String(home)), nil))
	return stack
}

// countBounces has the sweeper count bounced emails. SES's event of a bounce names recipients; only the ids of message and email reach the function.
func countBounces(stack awscdk.Stack, s Settings, sweeper awslambda.IFunction, dead awssqs.IQueue) {
	newBounceRule(stack, s, awseventstargets.NewLambdaFunction(sweeper, &awseventstargets.LambdaFunctionProps{
		DeadLetterQueue: dead, MaxEventAge: awscdk.Duration_Hours(jsii.Number(1)), RetryAttempts: jsii.Number(3),
		Event: awsevents.RuleTargetInput_FromObject(map[string]any{"bounce": map[string]any{
			"key":   awsevents.EventField_FromPath(jsii.String("$.detail.mail.tags." + notify.KeyName + "[0]")),
			"email": awsevents.EventField_FromPath(jsii.String("$.detail.mail.messageId")),
		}}),
	}))
}

// newBounceRule adds the rule that selects the bounces of this environment's sender.
func newBounceRule(stack awscdk.Stack, s Settings, target awsevents.IRuleTarget) {
	awsevents.NewRule(stack, jsii.String("Bounces"), &awsevents.RuleProps{
		RuleName: jsii.String(s.resourceName("bounces")), Description: jsii.String("emails that bounced, for the figures"), Targets: &[]awsevents.IRuleTarget{target},
		EventPattern: &awsevents.EventPattern{Source: jsii.Strings("aws.ses"), DetailType: jsii.Strings("Email Bounced"),
			Detail: &map[string]any{"mail": map[string]any{"tags": map[string]any{"ses:configuration-set": []string{s.configurationSet()}}}}},
	})
}

// newSender adds the domain of the sender. Its configuration set counts bounces and complaints without recording addresses, and reports each bounce to EventBridge.
// SES sends nothing until the operator publishes the DKIM records.
func newSender(stack awscdk.Stack, s Settings) {
	set := awsses.NewConfigurationSet(stack, jsii.String("Mail"), &awsses.ConfigurationSetProps{
		ConfigurationSetName: jsii.String(s.configurationSet()),
		TlsPolicy:            awsses.ConfigurationSetTlsPolicy_REQUIRE,
		ReputationMetrics:    jsii.Bool(true),
		SuppressionReasons:   awsses.SuppressionReasons_BOUNCES_AND_COMPLAINTS,
	})
	set.AddEventDestination(jsii.String("Counts"), &awsses.ConfigurationSetEventDestinationOptions{
		ConfigurationSetEventDestinationName: jsii.String("counts"),
		Destination: awsses.EventDestination_CloudWatchDimensions(&[]*awsses.CloudWatchDimension{{
			Name: jsii.String("ses:configuration-set"), Source: awsses.CloudWatchDimensionSource_MESSAGE_TAG,
			DefaultValue: jsii.String("none"),
		}}),
		Events: &[]awsses.EmailSendingEvent{
			awsses.EmailSendingEvent_SEND, awsses.EmailSendingEvent_BOUNCE, awsses.EmailSendingEvent_COMPLAINT, awsses.EmailSendingEvent_REJECT,
		},
	})
	set.AddEventDestination(jsii.String("Bounced"), &awsses.ConfigurationSetEventDestinationOptions{
		ConfigurationSetEventDestinationName: jsii.String("bounced"),
		Destination:                          awsses.EventDestination_EventBus(awsevents.EventBus_FromEventBusName(stack, jsii.String("Bus"), jsii.String("default"))),
		Events:                               &[]awsses.EmailSendingEvent{awsses.EmailSendingEvent_BOUNCE},
	})
	identity := awsses.NewEmailIdentity(stack, jsii.String("Sender"), &awsses.EmailIdentityProps{
		Identity:           awsses.Identity_Domain(jsii.String(s.mailDomain())),
		ConfigurationSet:   set,
		FeedbackForwarding: jsii.Bool(false),
	})
	for i, record := range *identity.DkimRecords() {
		n := string(rune('1' + i))
		addOutput(stack, "DKIM"+n, awscdk.Fn_Join(jsii.String(" CNAME "), &[]*string{record.Name, record.Value}), "record to publish in the DNS of the sender's domain")
	}
}

// configurationSet returns the name of the sender's configuration set.
func (s Settings) configurationSet() string { return "beian-" + s.Name }

// senderARNs returns the resources of the action that sends email. The sender may be in another Region.
func senderARNs(stack awscdk.Stack, s Settings) []string {
	in := "arn:" + *stack.Partition() + ":ses:" + s.mailRegion() + ":" + *stack.Account() + ":"
	return []string{in + "identity/" + s.mailDomain(), in + "configuration-set/" + s.configurationSet()}
}

// mailAlarms returns the alarms that must be in the sender's Region.
func mailAlarms(s Settings) []alarm {
	return []alarm{
		{name: "bounces", condition: "More than 5 % of emails bounce; at 10 % SES stops sending",
			metric: reputationMetric(s, "Reputation.BounceRate"), above: 0.05, periods: 1},
		{name: "complaints", condition: "More than 0.1 % of emails cause a complaint; at 0.5 % SES stops sending",
			metric: reputationMetric(s, "Reputation.ComplaintRate"), above: 0.001, periods: 1},
	}
}

// reputationMetric returns a metric of the sender, with its Region if that is not the environment's.
func reputationMetric(s Settings, name string) awscloudwatch.IMetric {
	props := &awscloudwatch.MetricProps{
		Namespace: jsii.String("AWS/SES"), MetricName: jsii.String(name), Statistic: jsii.String("Average"),
		Period:        awscdk.Duration_Hours(jsii.Number(1)),
		DimensionsMap: &map[string]*string{"ses:configuration-set": jsii.String(s.configurationSet())},
	}
	if s.hasMailRegion() {
		props.Region = jsii.String(s.mailRegion())
	}
	return awscloudwatch.NewMetric(props)
}
