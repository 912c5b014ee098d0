package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsses"
	"github.com/aws/jsii-runtime-go"
)

// newMail returns the stack with the sender and its alarms if email is sent from another Region. An alarm can read only metrics of
// its own Region.
func newMail(app awscdk.App, s Settings) awscdk.Stack {
	stack := awscdk.NewStack(app, jsii.String(s.resourceName("mail")), &awscdk.StackProps{
		Env: &awscdk.Environment{Region: jsii.String(s.mailRegion())}, Description: jsii.String("Beian (" + s.Name + "): sender of email"),
	})
	newSender(stack, s)
	newAlarms(stack, s, mailAlarms(s))
	return stack
}

// newSender adds the domain of the sender. Its configuration set counts bounces and complaints without recording addresses.
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
