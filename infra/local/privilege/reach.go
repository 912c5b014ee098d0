package privilege

import (
	"fmt"
	"slices"
	"strings"

	"beian/infra/local/awsrequest"
)

// A reach is a call that an AWS service makes as itself, and not in a role's name.
type reach struct {
	from, principal string
	awsrequest.Call
}

// Unreachable returns the resources that publish to, invoke or write to another resource whose policy does not allow it, and the role
// calls that a resource's policy denies.
func (r *Roles) Unreachable() ([]string, error) {
	policies := map[string][]statement{} // by the ARN of the resource
	var reaches []reach
	for _, t := range r.templates {
		if err := t.resourcePolicies(policies); err != nil {
			return nil, err
		}
		found, err := t.reaches()
		if err != nil {
			return nil, err
		}
		reaches = append(reaches, found...)
	}
	var unreachable []string
	for _, one := range reaches {
		resource, _, _ := strings.Cut(one.Resource, "/")
		if !allowed(policies[resource], one.principal, one.Call) {
			unreachable = append(unreachable, fmt.Sprintf("%s: %s may not %s on %s", one.from, one.principal, one.Action, one.Resource))
		}
	}
	// In the same account a role needs no Allow from the resource, but no Deny either.
	for _, c := range r.callsOfAWS() {
		c.Keys = map[string]string{"aws:SecureTransport": "true"}
		for _, s := range policies[c.Resource] {
			if s.Effect == "Deny" && s.isFor("*") && s.matches(c) {
				unreachable = append(unreachable, fmt.Sprintf("the policy of %s denies %s to %s", c.Resource, c.Action, c.By))
			}
		}
	}
	slices.Sort(unreachable)
	return slices.Compact(unreachable), nil
}

// resourcePolicies reads the policies of topics, queues, buckets, keys and functions.
func (t *template) resourcePolicies(policies map[string][]statement) error {
	for id, resource := range t.Resources {
		p := resource.Properties
		var document any
		var arns []string
		switch resource.Type {
		case "AWS::SNS::TopicPolicy":
			document, arns = p["PolicyDocument"], texts(t.resolve(p["Topics"]))
		case "AWS::SQS::QueuePolicy":
			document = p["PolicyDocument"]
			for _, name := range texts(t.resolve(p["Queues"])) {
				arns = append(arns, "arn:aws:sqs:"+t.region+":"+awsrequest.Account+":"+name)
			}
		case "AWS::S3::BucketPolicy":
			document, arns = p["PolicyDocument"], []string{"arn:aws:s3:::" + fmt.Sprint(t.resolve(p["Bucket"]))}
		case "AWS::KMS::Key":
			document, arns = p["KeyPolicy"], []string{t.arn(id)}
		case "AWS::Lambda::Permission": // one statement of a function's policy
			arn := fmt.Sprint(t.resolve(p["FunctionName"]))
			policies[arn] = append(policies[arn], statement{Effect: "Allow", Principal: map[string]any{"Service": p["Principal"]},
				Action: p["Action"], Resource: arn, Condition: map[string]map[string]any{"ArnLike": {"aws:SourceArn": t.resolve(p["SourceArn"])}}})
		default:
			continue
		}
		if document == nil {
			continue
		}
		statements, err := readPolicy(t.resolve(document))
		if err != nil {
			return fmt.Errorf("%s: %w", id, err)
		}
		for _, arn := range arns {
			policies[arn] = append(policies[arn], statements...)
		}
	}
	return nil
}

// reaches returns the calls of services between the resources of the template. A type of resource that is not listed is an error, so that a
// new one is considered.
func (t *template) reaches() ([]reach, error) {
	var all []reach
	add := func(from, principal, action, resource, source string) {
		all = append(all, reach{from, principal, awsrequest.Call{Action: action, Resource: resource, Keys: map[string]string{
			"aws:SecureTransport": "true", "aws:SourceAccount": awsrequest.Account, "aws:SourceArn": source}}})
	}
	for id, resource := range t.Resources {
		switch resource.Type {
		case "AWS::CloudWatch::Alarm":
			var p struct{ AlarmActions, OKActions, InsufficientDataActions []string }
			t.properties(id, &p)
			for _, topic := range slices.Concat(p.AlarmActions, p.OKActions, p.InsufficientDataActions) {
				add(id, "cloudwatch.amazonaws.com", "sns:Publish", topic, t.arn(id))
			}
		case "AWS::ApiGatewayV2::Integration":
			var p struct{ ApiId, IntegrationUri string }
			t.properties(id, &p)
			add(id, "apigateway.amazonaws.com", "lambda:InvokeFunction", p.IntegrationUri,
				"arn:aws:execute-api:"+t.region+":"+awsrequest.Account+":"+p.ApiId+"/$default/GET/api/v1/orders")
		case "AWS::S3::Bucket":
			var p struct {
				LoggingConfiguration struct{ DestinationBucketName, LogFilePrefix string }
			}
			t.properties(id, &p)
			if to := p.LoggingConfiguration; to.DestinationBucketName != "" {
				add(id, "logging.s3.amazonaws.com", "s3:PutObject", "arn:aws:s3:::"+to.DestinationBucketName+"/"+to.LogFilePrefix+"log", t.arn(id))
			}
			if resource.Properties["NotificationConfiguration"] != nil {
				return nil, fmt.Errorf("%s: notifications of a bucket are not implemented", id)
			}
		case "AWS::SES::ConfigurationSetEventDestination":
			var p struct {
				EventDestination struct{ SnsDestination, EventBridgeDestination, KinesisFirehoseDestination any }
			}
			t.properties(id, &p)
			if to := p.EventDestination; to.SnsDestination != nil || to.EventBridgeDestination != nil || to.KinesisFirehoseDestination != nil {
				return nil, fmt.Errorf("%s: only CloudWatch is implemented as a destination", id)
			}
		case "AWS::SNS::Subscription":
			if protocol := resource.Properties["Protocol"]; protocol != "email" {
				return nil, fmt.Errorf("%s: the protocol %v is not implemented", id, protocol)
			}
		case // in a role's name, see callsOfAWS
			"AWS::Lambda::Function", "AWS::Lambda::EventSourceMapping", "AWS::StepFunctions::StateMachine", "AWS::Scheduler::Schedule",
			// call nothing of ours
			"AWS::ApiGatewayV2::Api", "AWS::ApiGatewayV2::Authorizer", "AWS::ApiGatewayV2::Route", "AWS::ApiGatewayV2::Stage",
			"AWS::CloudWatch::Dashboard", "AWS::Cognito::UserPool", "AWS::Cognito::UserPoolClient", "AWS::Cognito::UserPoolDomain",
			"AWS::Cognito::UserPoolGroup", "AWS::DynamoDB::Table", "AWS::IAM::Policy", "AWS::IAM::Role", "AWS::KMS::Alias", "AWS::KMS::Key",
			"AWS::Lambda::EventInvokeConfig", "AWS::Lambda::Permission", "AWS::Logs::LogGroup", "AWS::Logs::MetricFilter", "AWS::S3::BucketPolicy",
			"AWS::SES::ConfigurationSet", "AWS::SES::EmailIdentity", "AWS::SNS::Topic", "AWS::SNS::TopicPolicy", "AWS::SQS::Queue",
			"AWS::SQS::QueuePolicy", "AWS::SecretsManager::Secret", "AWS::StepFunctions::StateMachineAlias", "AWS::StepFunctions::StateMachineVersion":
		default:
			return nil, fmt.Errorf("%s: what does %s call?", id, resource.Type)
		}
	}
	return all, nil
}
