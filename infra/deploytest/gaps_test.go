//go:build deploy

package deploytest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"beian/shared/setup/environ"
)

// A gap is a feature of AWS that our templates use and the pinned MiniStack does not implement. To bridge a gap, the test edits a copy
// of the synthesised templates, never the product.
type gap struct {
	name   string
	reason string // why the proof holds without it
	// probe is a template that uses only the missing feature. MiniStack must reject it with an error that contains refusal. If it
	// accepts the probe, it has closed the gap: the test fails until the entry is deleted from this list.
	probe, refusal string
	edit           func(*template)
}

var gaps = []gap{
	{
		name:    "DKIM attributes of an SES identity",
		reason:  "They are only outputs of the stack, for the DNS of the sender's domain.",
		probe:   `{"Resources": {"I": {"Type": "AWS::SES::EmailIdentity", "Properties": {"EmailIdentity": "probe.example"}}}, "Outputs": {"O": {"Value": {"Fn::GetAtt": ["I", "DkimDNSTokenName1"]}}}}`,
		refusal: "DkimDNSTokenName1 does not exist",
		edit: func(t *template) {
			for name, output := range t.Outputs {
				if strings.Contains(string(output), "DkimDNSToken") {
					delete(t.Outputs, name)
				}
			}
		},
	},
	{
		name:    "versions and aliases of a state machine",
		reason:  "Functions start the machine itself instead of its alias. This test therefore does not prove that an execution keeps its definition.",
		probe:   `{"Resources": {"V": {"Type": "AWS::StepFunctions::StateMachineVersion", "Properties": {"StateMachineArn": "arn:aws:states:ap-southeast-1:000000000000:stateMachine:probe"}}}}`,
		refusal: "Unrecognized resource types: [AWS::StepFunctions::StateMachineVersion]",
		edit: func(t *template) {
			t.deleteResources(func(r resource) bool {
				return r.Type == "AWS::StepFunctions::StateMachineVersion" || r.Type == "AWS::StepFunctions::StateMachineAlias"
			})
			for name, r := range t.Resources {
				t.Resources[name] = json.RawMessage(strings.ReplaceAll(string(r), ":stateMachine:beian-default-filing:live", ":stateMachine:beian-default-filing"))
			}
		},
	},
	{
		name:    "the style of Cognito's login pages",
		reason:  "It only sets how the pages look. MiniStack has no pages; the test logs in through the API.",
		probe:   `{"Resources": {"B": {"Type": "AWS::Cognito::ManagedLoginBranding", "Properties": {"UserPoolId": "probe", "UseCognitoProvidedValues": true}}}}`,
		refusal: "Unrecognized resource types: [AWS::Cognito::ManagedLoginBranding]",
		edit: func(t *template) {
			t.deleteResources(func(r resource) bool { return r.Type == "AWS::Cognito::ManagedLoginBranding" })
		},
	},
	{
		name:    "alarms on metric math",
		reason:  "A filing uses no alarm. The tests of infra/stack check the metrics of alarms and the topic to which they publish.",
		probe:   `{"Resources": {"A": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 1, "Threshold": 1, "Metrics": [{"Id": "a", "Expression": "1 + 1"}]}}}}`,
		refusal: "metric math",
		edit: func(t *template) {
			t.deleteResources(func(r resource) bool { return r.Type == "AWS::CloudWatch::Alarm" && r.Properties.Metrics != nil })
		},
	},
}

// A template has the parts of a CloudFormation template that the list edits.
type template struct {
	Resources map[string]json.RawMessage
	Outputs   map[string]json.RawMessage
}

type resource struct {
	Type       string
	Properties struct{ Metrics []any }
}

// deleteResources deletes resources.
func (t *template) deleteResources(unwanted func(resource) bool) {
	for name, text := range t.Resources {
		var r resource
		if json.Unmarshal(text, &r) == nil && unwanted(r) {
			delete(t.Resources, name)
		}
	}
}

// sendAtAnyHour lets the functions send SMS codes at any hour, as on the laptop: the test runs at the real time, and on AWS no code is sent at night.
func (t *template) sendAtAnyHour() {
	variables, hours := regexp.MustCompile(`"Variables":\s*{`), fmt.Appendf(nil, `"Variables":{"%s":%q,`, environ.SMSHours, environ.AnyHour)
	for name, text := range t.Resources {
		var r resource
		if json.Unmarshal(text, &r) == nil && r.Type == "AWS::Lambda::Function" {
			t.Resources[name] = variables.ReplaceAll(text, hours)
		}
	}
}

// bridgeGaps edits the templates of a cloud assembly by the list. An entry that changes no template fails the test.
func bridgeGaps(t *testing.T, assembly string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(assembly, "*.template.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no templates in the assembly: %v", err)
	}
	needed := map[string]bool{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var all map[string]json.RawMessage
		var edited template
		if err := json.Unmarshal(text, &all); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &edited); err != nil {
			t.Fatal(err)
		}
		for _, g := range gaps {
			before := marshal(t, edited)
			g.edit(&edited)
			if !bytes.Equal(before, marshal(t, edited)) {
				needed[g.name] = true
			}
		}
		edited.sendAtAnyHour()
		all["Resources"], all["Outputs"] = marshal(t, edited.Resources), marshal(t, edited.Outputs)
		if err := os.WriteFile(file, marshal(t, all), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, g := range gaps {
		if !needed[g.name] {
			t.Errorf("%s: no template uses it any more; delete the entry", g.name)
		}
	}
}

func marshal(t *testing.T, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// checkGaps tests that MiniStack still refuses the probe of each gap.
func (a *account) checkGaps(t *testing.T) {
	t.Helper()
	for _, g := range gaps {
		if failure := a.createStack(t, "probe", g.probe); !strings.Contains(failure, g.refusal) {
			t.Errorf("%s: MiniStack returned %q, want %q; if it has closed the gap, delete the entry", g.name, failure, g.refusal)
		}
	}
}
