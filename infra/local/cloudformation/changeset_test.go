package cloudformation_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"beian/infra/local/cloudformation"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

func TestChangeSetIsRefused(t *testing.T) {
	const role = `{"Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "r"}}}}`
	tests := []struct {
		name   string
		change func(*api.CreateChangeSetInput)
		code   string
		words  string
	}{
		{"template", func(in *api.CreateChangeSetInput) { in.TemplateBody = aws.String("{}") }, "ValidationError", "At least one Resources member"},
		{"type", func(in *api.CreateChangeSetInput) {
			in.TemplateBody = aws.String(`{"Resources":{"A":{"Type":"AWS::Odd::Thing"}}}`)
		},
			"ValidationError", "Unrecognized resource types: [AWS::Odd::Thing]"},
		{"roles", func(in *api.CreateChangeSetInput) { in.TemplateBody = aws.String(role) }, "InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_NAMED_IAM]"},
		{"named roles", func(in *api.CreateChangeSetInput) {
			in.TemplateBody, in.Capabilities = aws.String(role), []types.Capability{types.CapabilityCapabilityIam}
		}, "InsufficientCapabilitiesException", "[AWS::IAM::Role]"},
		{"parameter", func(in *api.CreateChangeSetInput) {
			in.Parameters = []types.Parameter{{ParameterKey: aws.String("P"), ParameterValue: aws.String("1")}}
		}, "ValidationError", "Parameters: [P] do not exist in the template"},
		{"previous parameter", func(in *api.CreateChangeSetInput) {
			in.Parameters = []types.Parameter{{ParameterKey: aws.String("P"), UsePreviousValue: aws.Bool(true)}}
		}, "ValidationError", "usePreviousValue"},
		{"parameter of Systems Manager", func(in *api.CreateChangeSetInput) {
			in.TemplateBody = aws.String(`{"Parameters": {"P": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "missing"}}, "Resources": {"A": {"Type": "Test::Thing"}}}`)
		}, "ValidationError", "there is no parameter missing"},
		{"no stack", func(in *api.CreateChangeSetInput) { in.ChangeSetType = types.ChangeSetTypeUpdate }, "ValidationError", "Stack with id new does not exist"},
		{"import", func(in *api.CreateChangeSetInput) { in.ChangeSetType = types.ChangeSetTypeImport }, "ValidationError", "change set type IMPORT is not supported"},
		{"name", func(in *api.CreateChangeSetInput) { in.StackName = aws.String("a_b") }, "ValidationError", "at 'stackName' failed"},
		{"change's name", func(in *api.CreateChangeSetInput) { in.ChangeSetName = aws.String("a_b") }, "ValidationError", "at 'changeSetName' failed"},
		{"size", func(in *api.CreateChangeSetInput) {
			in.TemplateBody = aws.String(things("A", strings.Repeat("x", cloudformation.LargestBody)))
		},
			"ValidationError", "at 'templateBody' failed"},
		{"address", func(in *api.CreateChangeSetInput) {
			in.TemplateBody, in.TemplateURL = nil, aws.String("https://bucket.example/nothing")
		}, "ValidationError", "https://bucket.example/nothing cannot be read: there is no such object"},
		{"unknown wish", func(in *api.CreateChangeSetInput) { in.ResourceTypes = []string{"Test::*"} }, "ValidationError", "ResourceTypes.member.1 is not supported here"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			in := &api.CreateChangeSetInput{StackName: aws.String("new"), ChangeSetName: aws.String("c"), ChangeSetType: types.ChangeSetTypeCreate,
				TemplateBody: aws.String(things("A", "1"))}
			test.change(in)
			_, err := w.client.CreateChangeSet(t.Context(), in)
			refused(t, err, test.code, test.words)
			listed, err := w.client.DescribeStacks(t.Context(), &api.DescribeStacksInput{})
			if err != nil || len(listed.Stacks) != 0 {
				t.Errorf("a stack was left: %v, %v", listed, err)
			}
		})
	}
}

func TestChangeSetWaitsInReview(t *testing.T) {
	w := newWorld(t)
	first := w.propose("app", things("A", "1"))
	want(t, "stack", types.StackStatusReviewInProgress, w.stack("app").StackStatus)
	_, err := w.client.CreateChangeSet(t.Context(), &api.CreateChangeSetInput{StackName: aws.String("app"), ChangeSetName: aws.String("change"),
		ChangeSetType: types.ChangeSetTypeCreate, TemplateBody: aws.String(things("A", "1"))})
	refused(t, err, "AlreadyExistsException", "already exists")
	for range 2 { // the second finds nothing to do
		if _, err := w.client.DeleteChangeSet(t.Context(), &api.DeleteChangeSetInput{StackName: aws.String("app"), ChangeSetName: aws.String("change")}); err != nil {
			t.Fatal(err)
		}
	}
	_, err = w.client.DescribeChangeSet(t.Context(), &api.DescribeChangeSetInput{ChangeSetName: first.ChangeSetId})
	refused(t, err, "ChangeSetNotFound", "does not exist")
	_, err = w.client.ExecuteChangeSet(t.Context(), &api.ExecuteChangeSetInput{ChangeSetName: first.ChangeSetId})
	refused(t, err, "ChangeSetNotFound", "does not exist")

	second := w.propose("app", "", func(in *api.CreateChangeSetInput) {
		in.TemplateBody, in.TemplateURL = nil, aws.String("https://bucket.example/template.json")
	})
	want(t, "after all", types.StackStatusCreateComplete, w.execute(second, false).StackStatus)
	_, err = w.client.CreateChangeSet(t.Context(), &api.CreateChangeSetInput{StackName: aws.String("app"), ChangeSetName: aws.String("c"),
		ChangeSetType: types.ChangeSetTypeCreate, TemplateBody: aws.String(things("A", "1"))})
	refused(t, err, "ValidationError", "already exists and cannot be created again")
}

func TestPreviousParameters(t *testing.T) {
	template := `{"Parameters": {"P": {"Type": "String", "Default": "d"}}, "Resources": {"A": {"Type": "Test::Thing", "Properties": {"Value": {"Ref": "P"}}}}}`
	parameter := func(value string, previous bool) func(*api.CreateChangeSetInput) {
		return func(in *api.CreateChangeSetInput) {
			in.Parameters = []types.Parameter{{ParameterKey: aws.String("P"), ParameterValue: aws.String(value), UsePreviousValue: &previous}}
		}
	}
	w := newWorld(t)
	w.deploy("app", template, parameter("given", false))
	want(t, "the same", types.ChangeSetStatusFailed, w.propose("app", template, parameter("", true)).Status)
	if _, err := w.client.DeleteChangeSet(t.Context(), &api.DeleteChangeSetInput{StackName: aws.String("app"), ChangeSetName: aws.String("change")}); err != nil {
		t.Fatal(err)
	}
	w.deploy("app", template)
	want(t, "calls", []string{"create a-1 given", "update a-1 d"}, w.took())
}

func TestSummary(t *testing.T) {
	w := newWorld(t)
	out, err := w.client.GetTemplateSummary(t.Context(), &api.GetTemplateSummaryInput{TemplateBody: aws.String(
		`{"Parameters": {"P": {"Type": "String", "Default": "d"}}, "Resources": {"R": {"Type": "AWS::IAM::Role"}, "A": {"Type": "Test::Thing"}}}`)})
	if err != nil {
		t.Fatal(err)
	}
	want(t, "types", []string{"AWS::IAM::Role", "Test::Thing"}, out.ResourceTypes)
	want(t, "capabilities", []types.Capability{types.CapabilityCapabilityIam}, out.Capabilities)
	want(t, "parameter", "d", aws.ToString(out.Parameters[0].DefaultValue))
}

func TestUnknownOperation(t *testing.T) {
	w := newWorld(t)
	_, err := w.client.CancelUpdateStack(t.Context(), &api.CancelUpdateStackInput{StackName: aws.String("app")})
	refused(t, err, "InvalidAction", `"CancelUpdateStack" is not implemented`)
}

// FuzzRequest sends forms; each is answered with XML and without a failure of the host.
func FuzzRequest(f *testing.F) {
	f.Add("Action=CreateChangeSet&StackName=a&ChangeSetName=c&ChangeSetType=CREATE&TemplateBody=" + url.QueryEscape(things("A", "1")))
	f.Add("Action=CreateChangeSet&Parameters.member.1.ParameterKey=P&Tags.member.1.Key=k&Capabilities=&DeploymentConfig.Mode=STANDARD")
	f.Add("Action=DescribeStacks&StackName=a")
	f.Add("Action=ExecuteChangeSet&ChangeSetName=c&DisableRollback=maybe")
	host, err := cloudformation.New(cloudformation.Config{Region: "ap-southeast-1", Account: "000000000000"})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, form string) {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(form))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		host.ServeHTTP(w, r)
		if body, _ := io.ReadAll(w.Body); w.Code >= 500 || !strings.HasPrefix(string(body), "<") {
			t.Errorf("%d %s", w.Code, body)
		}
	})
}
