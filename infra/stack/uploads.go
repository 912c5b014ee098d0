package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseventstargets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"

	"beian/shared/process/inspection"
	"beian/shared/rules/evidence"
)

// inspectLargeUploads has a function inspect each large upload. The event has the address of the sender; only the key of the object reaches the function. There is no queue for
// an event that cannot be delivered: the request that accepts the upload inspects it.
func inspectLargeUploads(stack awscdk.Stack, s Settings, r *records, function awslambda.IFunction) {
	awsevents.NewRule(stack, jsii.String("LargeUploads"), &awsevents.RuleProps{
		RuleName: jsii.String(s.resourceName("uploads")), Description: jsii.String("large uploads, for the function " + inspectUploadFunction),
		EventPattern: &awsevents.EventPattern{Source: jsii.Strings("aws.s3"), DetailType: jsii.Strings("Object Created"), Detail: &map[string]any{
			"bucket": map[string]any{"name": []any{r.uploads.BucketName()}},
			"object": map[string]any{"size": []any{map[string]any{"numeric": []any{">=", inspection.MinSize, "<=", evidence.MaxUpload}}}},
		}},
		Targets: &[]awsevents.IRuleTarget{awseventstargets.NewLambdaFunction(function, &awseventstargets.LambdaFunctionProps{
			MaxEventAge: awscdk.Duration_Minutes(jsii.Number(1)),
			Event:       awsevents.RuleTargetInput_FromObject(map[string]any{"key": awsevents.EventField_FromPath(jsii.String("$.detail.object.key"))}),
		})},
	})
}
