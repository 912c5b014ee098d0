package cloudformation_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"beian/infra/local/cloudformation"

	"github.com/google/go-cmp/cmp"
)

// surroundings is a template around one property.
func surroundings(property string) string {
	return `{
"Parameters": {
  "Name": {"Type": "String", "Default": "filing"},
  "List": {"Type": "CommaDelimitedList", "Default": "a, b,c"},
  "Version": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/version"},
  "Size": {"Type": "Number", "Default": 3}},
"Mappings": {"Regions": {"ap-southeast-1": {"zone": ["one", "two"], "name": "Singapore"}}},
"Conditions": {
  "Yes": {"Fn::Equals": [{"Ref": "Name"}, "filing"]}, "No": {"Fn::Not": [{"Condition": "Yes"}]},
  "Both": {"Fn::And": [{"Condition": "Yes"}, {"Condition": "No"}]}, "Either": {"Fn::Or": [{"Condition": "Yes"}, {"Condition": "No"}]}},
"Resources": {
  "Made": {"Type": "T"}, "Unmade": {"Type": "T"}, "Never": {"Type": "T", "Condition": "No"},
  "Asked": {"Type": "T", "Properties": {"Before": "kept", "P": ` + property + `}}}}`
}

func given() cloudformation.Inputs {
	return cloudformation.Inputs{
		Region: "ap-southeast-1", Account: "123456789012", StackName: "stack", StackID: "stack-id",
		Resource: func(id string) (cloudformation.Physical, bool) {
			return cloudformation.Physical{ID: "made-1", Attributes: map[string]any{"Arn": "arn:made", "Dns.Name": "n", "List": []any{"x"}}}, id == "Made"
		},
		Export: func(name string) (string, bool) { return "exported", name == "shared-filing" },
		LookUp: func(service, key string) (string, error) {
			if key == "missing" {
				return "", errors.New("there is no parameter missing")
			}
			return "<" + service + " " + key + ">", nil
		},
	}
}

func TestFunctions(t *testing.T) {
	tests := []struct{ property, want string }{
		{`{"Ref": "Name"}`, `"filing"`},
		{`{"Ref": "List"}`, `["a", "b", "c"]`},
		{`{"Ref": "Version"}`, `"<ssm /version>"`},
		{`{"Ref": "Made"}`, `"made-1"`},
		{`[{"Ref": "AWS::Partition"}, {"Ref": "AWS::Region"}, {"Ref": "AWS::AccountId"}, {"Ref": "AWS::StackId"}, {"Ref": "AWS::StackName"}, {"Ref": "AWS::URLSuffix"}]`,
			`["aws", "ap-southeast-1", "123456789012", "stack-id", "stack", "amazonaws.com"]`},
		{`[1, {"Ref": "AWS::NoValue"}, {"Gone": {"Ref": "AWS::NoValue"}, "Kept": null}]`, `[1, {"Kept": null}]`},
		{`{"Fn::GetAtt": ["Made", "Arn"]}`, `"arn:made"`},
		{`{"Fn::GetAtt": "Made.Dns.Name"}`, `"n"`},
		{`{"Fn::GetAtt": ["Made", "List"]}`, `["x"]`},
		{`{"Fn::Join": ["-", ["a", 1, true, {"Ref": "Name"}]]}`, `"a-1-true-filing"`},
		{`{"Fn::Join": ["", {"Ref": "List"}]}`, `"abc"`},
		{`{"Fn::Sub": "${Name}.${Made}.${Made.Arn}.${AWS::Region}.${!Name}.$Name"}`, `"filing.made-1.arn:made.ap-southeast-1.${Name}.$Name"`},
		{`{"Fn::Sub": ["${own}-${Name}", {"own": {"Fn::Select": ["1", {"Ref": "List"}]}}]}`, `"b-filing"`},
		{`{"Fn::Select": [2, {"Fn::Split": ["|", "a|b|c"]}]}`, `"c"`},
		{`{"Fn::If": ["Yes", {"Ref": "Made"}, {"Ref": "Unmade"}]}`, `"made-1"`},
		{`[{"Fn::If": ["No", 1, 2]}, {"Fn::If": ["Both", 1, 2]}, {"Fn::If": ["Either", 1, 2]}]`, `[2, 2, 1]`},
		{`{"Fn::ImportValue": {"Fn::Sub": "shared-${Name}"}}`, `"exported"`},
		{`{"Fn::GetAZs": ""}`, `["ap-southeast-1a", "ap-southeast-1b", "ap-southeast-1c"]`},
		{`{"Fn::Base64": {"Ref": "Name"}}`, `"ZmlsaW5n"`},
		{`{"Fn::FindInMap": ["Regions", {"Ref": "AWS::Region"}, "zone"]}`, `["one", "two"]`},
		{`{"Ref": "Name", "beside": 1}`, `{"Ref": "Name", "beside": 1}`},
	}
	for _, test := range tests {
		t.Run(test.property, func(t *testing.T) {
			e, err := parse(t, surroundings(test.property)).Evaluate(given())
			if err != nil {
				t.Fatal(err)
			}
			properties, err := e.Properties("Asked")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(plain(t, []byte(`{"Before": "kept", "P": `+test.want+`}`)), plain(t, encode(t, properties))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestFunctionsRefuse(t *testing.T) {
	tests := []struct{ property, want string }{
		{`{"Fn::Cidr": []}`, "Fn::Cidr is not a supported function"},
		{`{"Fn::Join": ["", []], "beside": 1}`, "Fn::Join must be the only member"},
		{`{"Ref": ["Name"]}`, "All Ref references must be of type string"},
		{`{"Ref": "Unmade"}`, "Unmade is referred to before it is made"},
		{`{"Ref": "Never"}`, "Unresolved resource dependencies [Never]"},
		{`{"Fn::GetAtt": ["Made", "Color"]}`, "resource Made does not support attribute type Color in Fn::GetAtt"},
		{`{"Fn::GetAtt": ["Made"]}`, "requires two non-empty parameters"},
		{`{"Fn::Join": ["", "text"]}`, "a list is needed where there is a scalar"},
		{`{"Fn::Join": ["", [{"a": 1}]]}`, "a delimiter and a list of strings"},
		{`{"Fn::Join": [""]}`, "right number of arguments"},
		{`{"Fn::Select": ["3", {"Ref": "List"}]}`, "nonexistent value at index 3"},
		{`{"Fn::Split": ["", "a"]}`, "requires a delimiter"},
		{`{"Fn::Sub": {"a": 1}}`, "don't specify expected arguments"},
		{`{"Fn::Sub": "${List}"}`, "a string is needed where there is a list"},
		{`{"Fn::ImportValue": "nobody"}`, "No export named nobody found."},
		{`{"Fn::FindInMap": ["Regions", "nowhere", "zone"]}`, "Unable to get mapping for nowhere"},
	}
	for _, test := range tests {
		t.Run(test.property, func(t *testing.T) {
			e, err := parse(t, surroundings(test.property)).Evaluate(given())
			if err != nil {
				t.Fatal(err)
			}
			if _, err = e.Properties("Asked"); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}

func TestParametersAndRules(t *testing.T) {
	const text = `{
"Parameters": {
  "Needed": {"Type": "String"},
  "Color": {"Type": "String", "Default": "red", "AllowedValues": ["red", "blue"]},
  "Code": {"Type": "String", "Default": "ab", "AllowedPattern": "[a-z]{1,3}", "ConstraintDescription": "three letters"},
  "Size": {"Type": "Number", "Default": "1"},
  "Version": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/version"}},
"Rules": {"Recent": {"RuleCondition": {"Fn::Equals": [{"Ref": "Color"}, "red"]},
  "Assertions": [{"Assert": {"Fn::Not": [{"Fn::Contains": [["1", "2"], {"Ref": "Needed"}]}]}, "AssertDescription": "3 is needed"}]}},
"Resources": {"A": {"Type": "T"}}}`
	tests := []struct {
		name  string
		given map[string]string
		want  string // "" is no error
	}{
		{"enough", map[string]string{"Needed": "3"}, ""},
		{"a rule", map[string]string{"Needed": "1"}, "Rule Recent: 3 is needed"},
		{"a rule that does not apply", map[string]string{"Needed": "1", "Color": "blue"}, ""},
		{"none", nil, "Parameters: [Needed] must have values"},
		{"unknown", map[string]string{"Needed": "3", "Else": "x"}, "Parameters: [Else] do not exist in the template"},
		{"not allowed", map[string]string{"Needed": "3", "Color": "green"}, "Parameter 'Color' must be one of AllowedValues [red, blue]"},
		{"no match", map[string]string{"Needed": "3", "Code": "abcd"}, "Parameter 'Code' failed to satisfy constraint: three letters"},
		{"no number", map[string]string{"Needed": "3", "Size": "big"}, "Parameter 'Size' must be a number."},
		{"nothing to look up", map[string]string{"Needed": "3", "Version": "missing"}, "there is no parameter missing"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			in := given()
			in.Parameters = test.given
			_, err := parse(t, text).Evaluate(in)
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}

func TestConditionsThatNeedThemselves(t *testing.T) {
	const text = `{"Conditions": {"A": {"Condition": "B"}, "B": {"Fn::Not": [{"Condition": "A"}]}}, "Resources": {"R": {"Type": "T"}}}`
	if _, err := parse(t, text).Evaluate(given()); err == nil || !strings.Contains(err.Error(), "Circular dependency between conditions: [A, B]") {
		t.Errorf("error %v", err)
	}
}

func TestOnlyActiveResourcesAreMade(t *testing.T) {
	e, err := parse(t, surroundings(`{"Fn::If": ["No", {"Ref": "Never"}, {"Ref": "Unmade"}]}`)).Evaluate(given())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"Made", "Unmade", "Asked"}, e.Resources()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDynamicReferences(t *testing.T) {
	const property = `["{{resolve:secretsmanager:app/bureau:SecretString:key}}", "a{{resolve:ssm:/p}}b{{resolve:ssm:/q}}c", {"n": 1}]`
	e, err := parse(t, surroundings(property)).Evaluate(given())
	if err != nil {
		t.Fatal(err)
	}
	properties, err := e.Properties("Asked")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(plain(t, []byte(`{"Before": "kept", "P": `+property+`}`)), plain(t, encode(t, properties))); diff != "" {
		t.Errorf("resolved too early (-want +got):\n%s", diff)
	}
	revealed, err := e.Reveal(properties["P"])
	if err != nil {
		t.Fatal(err)
	}
	want := `["<secretsmanager app/bureau:SecretString:key>", "a<ssm /p>b<ssm /q>c", {"n": 1}]`
	if diff := cmp.Diff(plain(t, []byte(want)), plain(t, encode(t, revealed))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for reference, want := range map[string]string{
		"{{resolve:ssm:missing}}": "there is no parameter missing",
		"{{resolve:vault:x}}":     "Dynamic reference to vault is not supported",
		"{{resolve:ssm":           "is malformed",
	} {
		if _, err := e.Reveal([]any{reference}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", reference, err, want)
		}
	}
}

func encode(t *testing.T, value any) []byte {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func plain(t *testing.T, text []byte) (value any) {
	t.Helper()
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return value
}
