package privilege

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"

	"beian/infra/local/awsrequest"
)

// A template is one CloudFormation template. Errors are collected in failed, and returned by [Read].
type template struct {
	region    string
	exports   map[string]func() any // of this template and of those read before it
	failed    *[]error
	Resources map[string]struct {
		Type       string
		Properties map[string]any
	}
	Outputs map[string]struct {
		Value  any
		Export struct{ Name string }
	}
}

// arns are the ARNs of resources by type, after the partition. R is the Region, A the account, N the name.
var arns = map[string]string{
	"AWS::CloudWatch::Alarm": "cloudwatch:R:A:alarm:N", "AWS::DynamoDB::Table": "dynamodb:R:A:table/N", "AWS::IAM::Role": "iam::A:role/N",
	"AWS::Events::Rule": "events:R:A:rule/N",
	"AWS::KMS::Key":     "kms:R:A:key/N", "AWS::Lambda::Function": "lambda:R:A:function:N", "AWS::Logs::LogGroup": "logs:R:A:log-group:N:*",
	"AWS::S3::Bucket": "s3:::N", "AWS::SES::ConfigurationSet": "ses:R:A:configuration-set/N", "AWS::SES::EmailIdentity": "ses:R:A:identity/N",
	"AWS::SNS::Topic": "sns:R:A:N", "AWS::SQS::Queue": "sqs:R:A:N", "AWS::Scheduler::Schedule": "scheduler:R:A:schedule/default/N",
	"AWS::StepFunctions::StateMachine": "states:R:A:stateMachine:N",
}

// logicalID matches the logical ids that infra/stack gives roles and keys: the kind, the name, and 8 digits of a hash.
var logicalID = regexp.MustCompile(`^(?:Role|Key)(.+)[0-9A-F]{8}$`)

// nameProperties are the properties that name resources. Other resources are named by their logical id.
var nameProperties = []string{"AlarmName", "EmailIdentity", "FunctionName", "Name", "QueueName", "StateMachineName", "TableName", "TopicName"}

func readTemplate(path, region string, exports map[string]func() any, failed *[]error) (*template, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	t := &template{region: region, exports: exports, failed: failed}
	if err := json.Unmarshal(text, t); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for _, output := range t.Outputs {
		if output.Export.Name != "" {
			exports[output.Export.Name] = func() any { return t.resolve(output.Value) }
		}
	}
	return t, nil
}

func (t *template) fail(format string, args ...any) {
	*t.failed = append(*t.failed, fmt.Errorf(format, args...))
}

func (t *template) name(id string) string {
	for _, property := range nameProperties {
		if name, ok := t.Resources[id].Properties[property].(string); ok {
			return name
		}
	}
	return logicalID.ReplaceAllString(id, "$1")
}

func (t *template) arn(id string) string {
	format, ok := arns[t.Resources[id].Type]
	if !ok {
		t.fail("%s: the ARN of %q is not known", id, t.Resources[id].Type)
	}
	return "arn:" + t.partition() + ":" + strings.NewReplacer("R", t.region, "A", awsrequest.Account, "N", t.name(id)).Replace(format)
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

// variable is what Fn::Sub replaces.
var variable = regexp.MustCompile(`\$\{[^}]*\}`)

// attributes are the supported attributes of Fn::GetAtt, and the suffix that each adds to the ARN.
var attributes = map[any]string{"Arn": "", "StreamArn": "/stream/1"}

func (t *template) call(function string, argument any) any {
	list, _ := argument.([]any)
	switch text, _ := argument.(string); {
	case function == "Ref":
		return t.ref(text)
	case function == "Fn::GetAtt" && len(list) == 2:
		if suffix, ok := attributes[list[1]]; ok {
			return t.arn(fmt.Sprint(list[0])) + suffix
		}
	case function == "Fn::Join" && len(list) == 2:
		return strings.Join(stringList(list[1]), fmt.Sprint(list[0]))
	case function == "Fn::Sub" && text != "":
		return variable.ReplaceAllStringFunc(text, func(name string) string { return t.ref(name[2 : len(name)-1]) })
	case function == "Fn::ImportValue" && t.exports[text] != nil:
		return t.exports[text]()
	}
	t.fail("%s of %v is not known", function, argument)
	return ""
}

// partition returns the partition of the template's Region.
func (t *template) partition() string {
	if strings.HasPrefix(t.region, "cn-") {
		return "aws-cn"
	}
	return "aws"
}

func (t *template) ref(id string) string {
	suffix := map[string]string{"aws": "amazonaws.com", "aws-cn": "amazonaws.com.cn"}[t.partition()]
	pseudo := map[string]string{"AWS::Partition": t.partition(), "AWS::AccountId": awsrequest.Account, "AWS::Region": t.region, "AWS::URLSuffix": suffix}
	if value, ok := pseudo[id]; ok {
		return value
	}
	switch t.Resources[id].Type {
	case "":
		t.fail("Ref of %s is not known", id)
	case "AWS::SNS::Topic", "AWS::SQS::Queue", "AWS::StepFunctions::StateMachine": // Ref of a queue is its URL; the ARN represents it here
		return t.arn(id)
	}
	return t.name(id)
}

// property returns a property of a resource by its path, such as "Target.Arn". Of a list on the path, it takes the first element.
func (t *template) property(id, path string) any {
	var value any = t.Resources[id].Properties
	for name := range strings.SplitSeq(path, ".") {
		if list, ok := value.([]any); ok && len(list) > 0 {
			value = list[0]
		}
		fields, _ := value.(map[string]any)
		value = fields[name]
	}
	return t.resolve(value)
}

// stringList returns a list of strings. Templates may write a list of one string without brackets.
func stringList(value any) []string {
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
