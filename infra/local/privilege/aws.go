package privilege

import (
	"fmt"
	"strings"

	"beian/infra/local/awsrequest"
)

// callsOfAWS returns the calls that AWS makes in the names of roles, as the templates make it.
func (r *Roles) callsOfAWS() []awsrequest.Call {
	var calls []awsrequest.Call
	for _, t := range r.templates {
		for id, resource := range t.Resources {
			add := func(role any, resource string, actions ...string) {
				for _, action := range actions {
					calls = append(calls, awsrequest.Call{By: roleOf(role), Action: action, Resource: resource})
				}
			}
			switch resource.Type {
			case "AWS::Lambda::Function": // Lambda writes the log
				var p struct {
					Role          string
					LoggingConfig struct{ LogGroup string }
				}
				t.properties(id, &p)
				add(p.Role, t.logs(p.LoggingConfig.LogGroup), "logs:CreateLogStream", "logs:PutLogEvents")
			case "AWS::Lambda::EventSourceMapping": // Lambda reads the stream, and sets records aside
				var p struct {
					FunctionName, EventSourceArn string
					DestinationConfig            struct{ OnFailure struct{ Destination string } }
				}
				t.properties(id, &p)
				_, role, _ := strings.Cut(p.FunctionName, ":function:beian-"+environment+"-")
				add(role, p.EventSourceArn, "dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams")
				add(role, p.DestinationConfig.OnFailure.Destination, "sqs:SendMessage")
			case "AWS::StepFunctions::StateMachine": // it invokes the functions of its tasks, and writes log and traces
				var p struct {
					RoleArn                 string
					DefinitionSubstitutions map[string]string
				}
				t.properties(id, &p)
				for _, function := range p.DefinitionSubstitutions {
					if strings.Contains(function, ":function:") {
						add(p.RoleArn, function, "lambda:InvokeFunction")
					}
				}
				add(p.RoleArn, "*", "logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery",
					"logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups",
					"xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets")
			case "AWS::Scheduler::Schedule": // it invokes its function, and sets failed invocations aside
				var p struct {
					Target struct {
						Arn, RoleArn     string
						DeadLetterConfig struct{ Arn string }
					}
				}
				t.properties(id, &p)
				add(p.Target.RoleArn, p.Target.Arn, "lambda:InvokeFunction")
				add(p.Target.RoleArn, p.Target.DeadLetterConfig.Arn, "sqs:SendMessage")
			}
		}
	}
	return calls
}

// roleOf returns the name of a role from its ARN or from its name.
func roleOf(role any) string {
	_, name, found := strings.Cut(fmt.Sprint(role), ":role/")
	if !found {
		return fmt.Sprint(role)
	}
	return name
}

// logs returns the ARN of a log group.
func (t *template) logs(group string) string {
	return "arn:aws:logs:" + t.region + ":" + awsrequest.Account + ":log-group:" + group + ":*"
}

// impliedCalls returns the calls that AWS makes in the caller's name to carry a call out.
func impliedCalls(c awsrequest.Call) []awsrequest.Call {
	call := func(action, resource string) awsrequest.Call {
		return awsrequest.Call{By: c.By, Action: action, Resource: resource}
	}
	evidence := "arn:aws:kms:" + region + ":" + awsrequest.Account + ":key/evidence"
	bucket, _, _ := strings.Cut(c.Resource, "/")
	switch c.Action {
	case "s3:GetObject": // S3 decrypts; for a missing object it asks whether the caller may know that it is missing
		return []awsrequest.Call{call("kms:Decrypt", evidence), call("s3:ListBucket", bucket)}
	case "s3:PutObject": // S3 encrypts, and reads the bucket's key again
		return []awsrequest.Call{call("kms:GenerateDataKey", evidence), call("kms:Decrypt", evidence)}
	case "ses:SendEmail": // SES uses the configuration set of the identity
		return []awsrequest.Call{call(c.Action, "arn:aws:ses:"+region+":"+awsrequest.Account+":configuration-set/beian-"+environment)}
	}
	return nil
}
