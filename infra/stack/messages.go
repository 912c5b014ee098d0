package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsses"
	"github.com/aws/jsii-runtime-go"
)

// newSender is the domain that email comes from, with a configuration set that every email of it gets: bounces and
// complaints are counted there, without a word of whom they came from. The operator publishes the DKIM records; until
// then SES sends nothing.
func newSender(stack awscdk.Stack, s Settings) (awsses.EmailIdentity, awsses.ConfigurationSet) {
	set := awsses.NewConfigurationSet(stack, jsii.String("Mail"), &awsses.ConfigurationSetProps{
		ConfigurationSetName: jsii.String("beian-" + s.Name),
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
		output(stack, "DKIM"+n, awscdk.Fn_Join(jsii.String(" CNAME "), &[]*string{record.Name, record.Value}), "publish this in the DNS of the sender")
	}
	return identity, set
}
