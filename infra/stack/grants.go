package stack

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"
)

// networkActions are the permissions that a role needs for a function in a VPC.
var networkActions = []string{
	"ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:DeleteNetworkInterface",
	"ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses",
}

func newStatement(actions []string, resources ...string) awsiam.PolicyStatement {
	return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{Actions: jsii.Strings(actions...), Resources: jsii.Strings(resources...)})
}

// grantStatements returns the IAM statements for a function's grants and its log.
func grantStatements(stack awscdk.Stack, s Settings, r *records, f Function, log awslogs.LogGroup) []awsiam.PolicyStatement {
	table := *r.table.TableArn()
	keys := *r.keys.TableArn()
	objects, uploads := *r.evidence.ArnForObjects(jsii.String("*")), *r.uploads.ArnForObjects(jsii.String("*"))
	machine := machineARN(stack, s)
	executions := arn(stack, "states", "execution:"+s.resourceName("filing")+":*")
	resources := map[Grant][]string{
		GetItem: {table}, PutItem: {table}, UpdateItem: {table}, CheckItem: {table}, DeleteItem: {table}, QueryTable: {table}, GetItems: {table},
		QueryMine: {table + "/index/mine"}, QueryOpen: {table + "/index/open"}, QueryDue: {table + "/index/due"},
		GenerateKey: {*r.filings.KeyArn()}, UnwrapKey: {*r.filings.KeyArn()}, ComputeMAC: {*r.lookup.KeyArn()},
		ReadKey: {keys}, AddKey: {keys}, DeleteKey: {keys},
		ReadObject: {objects}, WriteObject: {objects}, DeleteObject: {objects},
		ReadUpload: {uploads}, WriteUpload: {uploads}, DeleteUpload: {uploads},
		ListObjects: {*r.evidence.BucketArn()}, ListUploads: {*r.uploads.BucketArn()},
		SendSuccess: {machine}, SendFailure: {machine}, ListExecutions: {machine},
		StopExecution: {executions}, ReadExecution: {executions}, ReadHistory: {executions},
	}
	all := []awsiam.PolicyStatement{newStatement([]string{"logs:CreateLogStream", "logs:PutLogEvents"}, *log.LogGroupArn())}
	for _, g := range f.Grants {
		action, _, _ := strings.Cut(string(g), " ")
		switch g {
		case SendSMS:
			if s.SMS.Kind != SNS {
				continue
			}
			// A phone number has no ARN. Topics, which have one, are excluded.
			all = append(all, awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
				Actions: jsii.Strings(action), NotResources: jsii.Strings("arn:" + *stack.Partition() + ":sns:*:*:*"),
			}))
		case SendMail:
			if s.usesSES() {
				all = append(all, newStatement([]string{action}, senderARNs(stack, s)...))
			}
		case StartExecution:
			// The resource of the action is the machine; the condition requires the alias.
			all = append(all, awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
				Actions: jsii.Strings(action), Resources: jsii.Strings(machine),
				Conditions: &map[string]any{"StringEquals": map[string]any{"states:StateMachineQualifier": alias}},
			}))
		case ReadStream:
			all = append(all, newStatement([]string{"dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"},
				*r.table.TableStreamArn()))
		default:
			all = append(all, newStatement([]string{action}, resources[g]...))
		}
	}
	// S3 uses the key on the function's behalf.
	if f.hasGrant(ReadObject) || f.hasGrant(ReadUpload) {
		all = append(all, newStatement([]string{"kms:Decrypt"}, *r.papers.KeyArn()))
	}
	if f.hasGrant(WriteObject) || f.hasGrant(WriteUpload) {
		all = append(all, newStatement([]string{"kms:GenerateDataKey"}, *r.papers.KeyArn()))
	}
	// With ListBucket, S3 returns NotFound for a missing object instead of AccessDenied.
	if f.hasGrant(ReadObject) {
		all = append(all, newStatement([]string{"s3:ListBucket"}, *r.evidence.BucketArn()))
	}
	if f.hasGrant(ReadUpload) {
		all = append(all, newStatement([]string{"s3:ListBucket"}, *r.uploads.BucketArn()))
	}
	return all
}

func arn(stack awscdk.Stack, service, resource string) string {
	return "arn:" + *stack.Partition() + ":" + service + ":" + *stack.Region() + ":" + *stack.Account() + ":" + resource
}

// machineARN builds the ARN from the name. A reference would be circular, because the machine refers to the functions.
func machineARN(stack awscdk.Stack, s Settings) string {
	return arn(stack, "states", "stateMachine:"+s.resourceName("filing"))
}

// aliasARN returns the ARN with which executions are started.
func aliasARN(stack awscdk.Stack, s Settings) string {
	return machineARN(stack, s) + ":" + alias
}
