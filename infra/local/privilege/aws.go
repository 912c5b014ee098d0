package privilege

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"beian/infra/local/awsrequest"
)

// withoutPolicy are the types of resources that have no policy in the templates and because of which AWS makes no call. Two need an
// explanation: functions decrypt their variables by a grant of the key, and API Gateway writes its log by a policy of the log group;
// AWS creates both on deployment.
var withoutPolicy = []string{
	"AWS::ApiGatewayV2::Api", "AWS::ApiGatewayV2::Authorizer", "AWS::ApiGatewayV2::Integration", "AWS::ApiGatewayV2::Stage",
	"AWS::CloudWatch::Dashboard", "AWS::Cognito::ManagedLoginBranding", "AWS::Cognito::UserPool", "AWS::Cognito::UserPoolClient", "AWS::Cognito::UserPoolDomain",
	"AWS::Cognito::UserPoolGroup", "AWS::DynamoDB::Table", "AWS::KMS::Alias", "AWS::Lambda::EventInvokeConfig", "AWS::Logs::LogGroup",
	"AWS::Logs::MetricFilter", "AWS::SES::ConfigurationSet", "AWS::SecretsManager::Secret", "AWS::StepFunctions::StateMachineAlias",
	"AWS::StepFunctions::StateMachineVersion",
}

// Actions that AWS calls under a role, as the AWS documentation lists them.
var (
	writeLog   = []string{"logs:CreateLogStream", "logs:PutLogEvents"}
	readStream = []string{"dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"}
	deliverLog = []string{"logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery",
		"logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups"}
	trace       = []string{"xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets"}
	joinNetwork = []string{"ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:DeleteNetworkInterface",
		"ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses"}
)

// addResource adds the policy of a resource, or the calls that AWS makes because of it.
func (p *Proof) addResource(t *template, id string) {
	at := func(path string) any { return t.property(id, path) }
	text := func(path string) string { value, _ := at(path).(string); return value }
	// calls adds calls of a role, or of a service because of a source.
	calls := func(by, source, on string, actions ...string) {
		for _, action := range actions {
			p.aws = append(p.aws, Call{By: by, Action: action, Resource: on, Keys: map[string]string{
				"aws:SourceAccount": awsrequest.Account, "aws:SourceArn": source,
			}})
		}
	}
	assume := func(service, role string) string {
		calls(service, "", role, "sts:AssumeRole")
		return lastPart(role)
	}
	switch kind := t.Resources[id].Type; kind {
	case "AWS::IAM::Role":
		p.addPolicy(t, id, "", t.arn(id), at("AssumeRolePolicyDocument"))
	case "AWS::IAM::Policy":
		for _, role := range stringList(at("Roles")) {
			p.addPolicy(t, id, role, "", at("PolicyDocument"))
		}
	case "AWS::KMS::Key":
		p.addPolicy(t, id, "", t.arn(id), at("KeyPolicy"))
	case "AWS::S3::BucketPolicy":
		p.addPolicy(t, id, "", "arn:"+t.partition()+":s3:::"+text("Bucket"), at("PolicyDocument"))
	case "AWS::SNS::TopicPolicy":
		p.addPolicy(t, id, "", stringList(at("Topics"))[0], at("PolicyDocument"))
	case "AWS::SQS::QueuePolicy":
		p.addPolicy(t, id, "", stringList(at("Queues"))[0], at("PolicyDocument"))
	case "AWS::Lambda::Permission":
		p.permissions = append(p.permissions, permission{principal: text("Principal"), action: text("Action"), resource: text("FunctionName"),
			conditions: map[string]map[string]any{"ArnLike": {"aws:SourceArn": at("SourceArn")}}})

	case "AWS::Lambda::Function":
		role := assume("lambda.amazonaws.com", text("Role"))
		if role != lastPart(text("FunctionName")) {
			t.fail("%s has the role %s, which has another name", id, role)
		}
		calls(role, "", t.arn(text("LoggingConfig.LogGroup")), writeLog...)
		if _, inside := t.Resources[id].Properties["VpcConfig"]; inside {
			calls(role, "", "*", joinNetwork...)
		}
		variables, _ := at("Environment.Variables").(map[string]any)
		for name, value := range variables {
			p.variables[name] = fmt.Sprint(value)
		}
	case "AWS::Lambda::EventSourceMapping":
		calls(lastPart(text("FunctionName")), "", text("EventSourceArn"), readStream...)
		calls(lastPart(text("FunctionName")), "", text("DestinationConfig.OnFailure.Destination"), "sqs:SendMessage")
	case "AWS::StepFunctions::StateMachine":
		role := assume("states.amazonaws.com", text("RoleArn"))
		calls(role, "", "*", slices.Concat(deliverLog, trace)...)
		var definition struct {
			States map[string]struct {
				Parameters struct{ FunctionName string }
			}
		}
		if err := json.Unmarshal([]byte(text("DefinitionString")), &definition); err != nil {
			t.fail("%s: %w", id, err)
		}
		for _, state := range definition.States {
			if function := strings.Trim(state.Parameters.FunctionName, "${}"); function != "" {
				calls(role, "", text("DefinitionSubstitutions."+function), "lambda:InvokeFunction")
			}
		}
	case "AWS::Scheduler::Schedule":
		role := assume("scheduler.amazonaws.com", text("Target.RoleArn"))
		calls(role, "", text("Target.Arn"), "lambda:InvokeFunction")
		calls(role, "", text("Target.DeadLetterConfig.Arn"), "sqs:SendMessage")
	case "AWS::Events::Rule":
		if text("Targets.RoleArn") != "" { // a bus in another Region
			calls(assume("events.amazonaws.com", text("Targets.RoleArn")), "", text("Targets.Arn"), "events:PutEvents")
			break
		}
		calls("events.amazonaws.com", t.arn(id), text("Targets.Arn"), "lambda:InvokeFunction")
		if queue := text("Targets.DeadLetterConfig.Arn"); queue != "" {
			calls("events.amazonaws.com", t.arn(id), queue, "sqs:SendMessage")
		}
	case "AWS::EC2::FlowLog":
		calls(assume("vpc-flow-logs.amazonaws.com", text("DeliverLogsPermissionArn")), "", t.arn(text("LogGroupName")),
			slices.Concat(writeLog, []string{"logs:DescribeLogStreams"})...)

	case "AWS::CloudWatch::Alarm":
		for _, topic := range slices.Concat(stringList(at("AlarmActions")), stringList(at("OKActions")), stringList(at("InsufficientDataActions"))) {
			calls("cloudwatch.amazonaws.com", t.arn(id), topic, "sns:Publish")
		}
	case "AWS::ApiGatewayV2::Route":
		integration := strings.TrimPrefix(text("Target"), "integrations/")
		route := t.region + ":" + awsrequest.Account + ":" + text("ApiId") + "/$default/" + strings.Replace(text("RouteKey"), " ", "", 1)
		function, _ := t.property(integration, "IntegrationUri").(string)
		calls("apigateway.amazonaws.com", "arn:"+t.partition()+":execute-api:"+route, function, "lambda:InvokeFunction")
	case "AWS::SES::ConfigurationSetEventDestination":
		// CloudWatch accepts metrics of the account without a policy, and so does its default bus the events of SES.
		if at("EventDestination.CloudWatchDestination") == nil && at("EventDestination.EventBridgeDestination") == nil {
			t.fail("%s: the destination of events is not known", id)
		}
	case "AWS::SNS::Subscription":
		if text("Protocol") != "email" { // other endpoints have policies
			t.fail("%s: the protocol %s is not known", id, text("Protocol"))
		}
	case "AWS::SNS::Topic", "AWS::SQS::Queue":
		if at("KmsMasterKeyId") != nil { // senders would need the key
			t.fail("%s: the key is not known", id)
		}
	case "AWS::S3::Bucket":
		if visits := text("LoggingConfiguration.DestinationBucketName"); visits != "" {
			calls("logging.s3.amazonaws.com", t.arn(id), "arn:"+t.partition()+":s3:::"+visits+"/"+text("LoggingConfiguration.LogFilePrefix"), "s3:PutObject")
		}
		p.consequences = append(p.consequences, consequence{"s3:GetObject", t.arn(id) + "/", "s3:ListBucket", t.arn(id)}) // S3 checks it for a missing object
		if key := text("BucketEncryption.ServerSideEncryptionConfiguration.ServerSideEncryptionByDefault.KMSMasterKeyID"); key != "" {
			p.consequences = append(p.consequences, consequence{"s3:GetObject", t.arn(id) + "/", "kms:Decrypt", key},
				consequence{"s3:PutObject", t.arn(id) + "/", "kms:GenerateDataKey", key})
		}
	case "AWS::SES::EmailIdentity":
		set := strings.Replace(t.arn(id), "identity/"+t.name(id), "configuration-set/"+text("ConfigurationSetAttributes.ConfigurationSetName"), 1)
		p.consequences = append(p.consequences, consequence{"ses:SendEmail", t.arn(id), "ses:SendEmail", set})
	default:
		if !slices.Contains(withoutPolicy, kind) && !strings.HasPrefix(kind, "AWS::EC2::") {
			t.fail("%s: the type %s is not known", id, kind)
		}
	}
}

// lastPart returns the last part of a name: the function in beian-default-sweeper, the role in an ARN.
func lastPart(name string) string { return name[strings.LastIndexAny(name, ":/-")+1:] }

// A consequence is a call that AWS makes for a caller because of another call: an action on a resource below an ARN.
type consequence struct{ action, below, makes, on string }

// Calls returns the recorded calls, with the names that the resources have on AWS, and all calls that AWS makes. laptop are the
// functions' environment variables during the recording: Calls replaces each name in them by the name in the template's variable.
func (p *Proof) Calls(recorded []Call, laptop map[string]string) []Call {
	onAWS := map[string]string{}
	for variable, value := range p.variables {
		names := arnPart.FindAllString(value, -1)
		for i, name := range arnPart.FindAllString(laptop[variable], len(names)) {
			onAWS[name] = names[i]
		}
	}
	calls := slices.Clone(p.aws)
	for _, c := range recorded {
		c.Resource = translate(c.Resource, onAWS)
		calls = append(calls, c)
		for _, next := range p.consequences {
			if next.action == c.Action && strings.HasPrefix(c.Resource, next.below) {
				calls = append(calls, Call{By: c.By, Action: next.makes, Resource: next.on})
			}
		}
	}
	return calls
}

// arnPart is one part of an ARN.
var arnPart = regexp.MustCompile(`[^:/]+`)

// translate replaces the Region and the name in an ARN, but not what follows the name, such as the key of an object.
func translate(arn string, onAWS map[string]string) string {
	words := 7 // arn, aws, service, Region, account, kind, name
	if strings.HasPrefix(arn, "arn:aws:s3:::") {
		words = 4
	}
	return arnPart.ReplaceAllStringFunc(arn, func(name string) string {
		words--
		if there, ok := onAWS[name]; ok && words >= 0 {
			return there
		}
		return name
	})
}
