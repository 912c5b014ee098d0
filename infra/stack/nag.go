package stack

import (
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"
)

// suppress exempts a construct and its children from a rule of cdk-nag's AwsSolutions, with the reason.
func suppress(where constructs.IConstruct, rule, reason string) {
	cdknag.NagSuppressions_AddResourceSuppressions(where,
		&[]*cdknag.NagPackSuppression{{Id: jsii.String(rule), Reason: jsii.String(reason)}}, jsii.Bool(true))
}
