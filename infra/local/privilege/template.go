package privilege

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"

	"beian/infra/local/awsrequest"
)

// A template is one CloudFormation template. Errors of its evaluation are collected in failed.
type template struct {
	region    string
	exports   map[string]any // of this template and of those read before it
	failed    []error
	Resources map[string]struct {
		Type       string
		Properties map[string]any
	}
	Outputs map[string]struct {
		Value  any
		Export struct{ Name string }
	}
}

// arns are the ARNs of resources by type, after "arn:aws:". R is the Region, A the account, N the name.
var arns = map[string]string{
	"AWS::CloudWatch::Alarm": "cloudwatch:R:A:alarm:N", "AWS::DynamoDB::Table": "dynamodb:R:A:table/N", "AWS::IAM::Role": "iam::A:role/N",
	"AWS::KMS::Key": "kms:R:A:key/N", "AWS::Lambda::Function": "lambda:R:A:function:N", "AWS::Logs::LogGroup": "logs:R:A:log-group:N:*",
	"AWS::S3::Bucket": "s3:::N", "AWS::SES::ConfigurationSet": "ses:R:A:configuration-set/N", "AWS::SES::EmailIdentity": "ses:R:A:identity/N",
	"AWS::SNS::Topic": "sns:R:A:N", "AWS::SQS::Queue": "sqs:R:A:N", "AWS::Scheduler::Schedule": "scheduler:R:A:schedule/default/N",
	"AWS::StepFunctions::StateMachine": "states:R:A:stateMachine:N",
}

// hash matches a logical id of the CDK: the kind of some resources, the name, and eight digits of a hash.
var hash = regexp.MustCompile(`^(Role|Key|Function)?(.+)[0-9A-F]{8}$`)

// named are the properties that name resources. Other resources are named by their logical id.
var named = []string{"AlarmName", "EmailIdentity", "FunctionName", "Name", "QueueName", "StateMachineName", "TableName", "TopicName"}

func readTemplate(path, region string, exports map[string]any) (*template, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	t := &template{region: region, exports: exports}
	if err := json.Unmarshal(text, t); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for _, output := range t.Outputs {
		if output.Export.Name != "" {
			exports[output.Export.Name] = t.resolve(output.Value)
		}
	}
	return t, nil
}

func (t *template) fail(format string, args ...any) {
	t.failed = append(t.failed, fmt.Errorf(format, args...))
}

func (t *template) name(id string) string {
	for _, property := range named {
		if name, ok := t.Resources[id].Properties[property].(string); ok {
			return name
		}
	}
	if hashed := hash.FindStringSubmatch(id); hashed != nil {
		return hashed[2]
	}
	return id
}

func (t *template) arn(id string) string {
	format, ok := arns[t.Resources[id].Type]
	if !ok {
		t.fail("%s: the ARN of %q is not known", id, t.Resources[id].Type)
	}
	return "arn:aws:" + strings.NewReplacer("R", t.region, "A", awsrequest.Account, "N", t.name(id)).Replace(format)
}

// resolve replaces the functions of CloudFormation in a value by their results.
func (t *template) resolve(value any) any {
	switch value := value.(type) {
	case []any:
		all := make([]any, len(value))
		for i, one := range value {
			all[i] = t.resolve(one)
		}
		return all
	case map[string]any:
		all := map[string]any{}
		for key, one := range value {
			if key == "Ref" || strings.HasPrefix(key, "Fn::") {
				return t.call(key, t.resolve(one))
			}
			all[key] = t.resolve(one)
		}
		return all
	}
	return value
}

// variable matches what Fn::Sub replaces.
var variable = regexp.MustCompile(`\$\{[^}]*\}`)

func (t *template) call(function string, argument any) any {
	list, _ := argument.([]any)
	switch text, _ := argument.(string); {
	case function == "Ref":
		return t.ref(text)
	case function == "Fn::GetAtt" && len(list) == 2 && list[1] == "Arn":
		return t.arn(fmt.Sprint(list[0]))
	case function == "Fn::GetAtt" && len(list) == 2 && list[1] == "StreamArn":
		return t.arn(fmt.Sprint(list[0])) + "/stream/1"
	case function == "Fn::Join" && len(list) == 2:
		return strings.Join(texts(list[1]), fmt.Sprint(list[0]))
	case function == "Fn::Sub" && text != "":
		return variable.ReplaceAllStringFunc(text, func(name string) string { return t.ref(name[2 : len(name)-1]) })
	case function == "Fn::ImportValue" && t.exports[text] != nil:
		return t.exports[text]
	}
	t.fail("%s of %v is not known", function, argument)
	return ""
}

func (t *template) ref(id string) string {
	switch id {
	case "AWS::Partition":
		return "aws"
	case "AWS::AccountId":
		return awsrequest.Account
	case "AWS::Region":
		return t.region
	}
	switch t.Resources[id].Type {
	case "":
		t.fail("Ref of %s is not known", id)
	case "AWS::SNS::Topic", "AWS::StepFunctions::StateMachine":
		return t.arn(id)
	}
	return t.name(id)
}

// properties reads the properties of a resource into a struct that may leave some out.
func (t *template) properties(id string, into any) {
	text, err := json.Marshal(t.resolve(t.Resources[id].Properties))
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		t.fail("%s: %w", id, err)
	}
}

// texts returns a list of strings. Templates write a list with one element without brackets.
func texts(value any) []string {
	switch value := value.(type) {
	case nil:
		return nil
	case []any:
		var all []string
		for _, one := range value {
			all = append(all, fmt.Sprint(one))
		}
		return all
	}
	return []string{fmt.Sprint(value)}
}
