package stack_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"beian/infra/stack"
)

// TestGrants compares the permissions of each function's role with its grants. No action may be allowed on all resources.
func TestGrants(t *testing.T) {
	for environment := range environmentFolders {
		document := readTemplate(t, environment+"-system")
		for _, f := range functionsOf(environment) {
			_, function := document.function(t, environment, f.Name)
			allowed, wide := allowedActions(t, document, function)
			want := []string{"logs:CreateLogStream", "logs:PutLogEvents"}
			for _, g := range f.Grants {
				action, _, _ := strings.Cut(string(g), " ")
				switch g {
				case stack.ReadStream:
					want = append(want, "dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams", "sqs:SendMessage")
				case stack.ReadObject, stack.ReadUpload:
					want = append(want, action, "kms:Decrypt", "s3:ListBucket")
				case stack.WriteObject, stack.WriteUpload:
					want = append(want, action, "kms:GenerateDataKey")
				case stack.SendSMS:
					if environment == "default" || environment == "abroad" { // the others send SMS through another carrier
						want = append(want, action)
					}
				case stack.SendMail:
					if environment != "china" { // through a mail relay
						want = append(want, action)
					}
				default:
					want = append(want, action)
				}
			}
			if hasFixedAddress(environment) && f.CallsBureau() { // for Lambda, to run the function in the VPC
				network := func(action string) bool { return strings.HasPrefix(action, "ec2:") }
				allowed, wide = slices.DeleteFunc(allowed, network), slices.DeleteFunc(wide, network)
			}
			slices.Sort(want)
			if diff := cmp.Diff(slices.Compact(want), allowed); diff != "" {
				t.Errorf("%s of %s: grants (-) and template (+):\n%s", f.Name, environment, diff)
			}
			for _, action := range wide {
				t.Errorf("%s of %s: %s is allowed on all resources", f.Name, environment, action)
			}
		}
	}
}

// allowedActions returns the actions that a function's role allows, and those that it allows on all resources.
func allowedActions(t *testing.T, document template, function *resource) (actions, wide []string) {
	t.Helper()
	role := function.property("Role").(map[string]any)["Fn::GetAtt"].([]any)[0].(string)
	if document.Resources[role].Properties["ManagedPolicyArns"] != nil {
		t.Errorf("%s has a managed policy", role)
	}
	for _, policy := range document.resourcesOf("AWS::IAM::Policy") {
		if !strings.Contains(compactJSON(t, policy.Properties["Roles"]), `"`+role+`"`) {
			continue
		}
		for _, one := range policy.property("PolicyDocument.Statement").([]any) {
			statement := one.(map[string]any)
			for _, action := range asList(statement["Action"]) {
				actions = append(actions, action.(string))
				if slices.Contains(asList(statement["Resource"]), any("*")) {
					wide = append(wide, action.(string))
				}
			}
		}
	}
	slices.Sort(actions)
	return slices.Compact(actions), wide
}

// asList returns a value of a policy as a list: IAM writes a single value without brackets.
func asList(value any) []any {
	if all, ok := value.([]any); ok {
		return all
	}
	return []any{value}
}
