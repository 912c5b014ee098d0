package cloudformation_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"beian/infra/local/cloudformation"

	"github.com/google/go-cmp/cmp"
)

func parse(t *testing.T, text string) *cloudformation.Template {
	t.Helper()
	template, err := cloudformation.Parse([]byte(text))
	if err != nil {
		t.Fatalf("Parse: %v", err)
	}
	return template
}

func TestParseRefuses(t *testing.T) {
	resources := func(text string) string { return `{"Resources":` + text + `}` }
	tests := []struct{ name, text, want string }{
		{"nothing", "", "the template is empty"},
		{"broken JSON", `{"Resources"`, "JSON not well-formed"},
		{"more than JSON", `{"Resources":{"A":{"Type":"T"}}} x`, "something follows its end"},
		{"broken YAML", "a: [", "YAML not well-formed"},
		{"a list", "- a", "unsupported structure"},
		{"duplicate key", "Resources:\n  A: {Type: T}\n  A: {Type: T}\n", "duplicate key A"},
		{"alias", "Resources:\n  A: &a {Type: T}\n  B: *a\n", "aliases are not allowed"},
		{"unknown section", `{"Resources":{"A":{"Type":"T"}},"Transform":"X"}`, "Invalid template property or properties [Transform]"},
		{"no resources", `{"Resources":{}}`, "At least one Resources member"},
		{"no type", resources(`{"A":{}}`), "[/Resources/A] Every Resources object must contain a Type member"},
		{"unknown member", resources(`{"A":{"Type":"T","Property":{}}}`), "Invalid property 'Property' at /Resources/A"},
		{"a name", resources(`{"A-B":{"Type":"T"}}`), "Resources name A-B is non alphanumeric"},
		{"deletion policy", resources(`{"A":{"Type":"T","DeletionPolicy":"Keep"}}`), "Unrecognized DeletionPolicy Keep"},
		{"properties", resources(`{"A":{"Type":"T","Properties":[]}}`), "/Resources/A/Properties is not of the kind"},
		{"reference to nothing", resources(`{"A":{"Type":"T","Properties":{"P":{"Ref":"B"}}}}`),
			"Unresolved resource dependencies [B] in the Resources block of the template"},
		{"attribute of nothing", resources(`{"A":{"Type":"T","Properties":{"P":{"Fn::GetAtt":["B","Arn"]}}}}`), "[B] in the Resources"},
		{"substitution by nothing", resources(`{"A":{"Type":"T","Properties":{"P":{"Fn::Sub":"x-${C}-${B.Arn}"}}}}`), "[B, C] in the Resources"},
		{"dependence on nothing", resources(`{"A":{"Type":"T","DependsOn":"B"}}`), "[B] in the Resources"},
		{"output of nothing", `{"Resources":{"A":{"Type":"T"}},"Outputs":{"O":{"Value":{"Ref":"B"}}}}`, "[B] in the Outputs block"},
		{"condition on nothing", resources(`{"A":{"Type":"T","Condition":"C"}}`), "Unresolved condition dependency C"},
		{"a circle", resources(`{"A":{"Type":"T","DependsOn":"B"},"B":{"Type":"T","Properties":{"P":{"Ref":"A"}}},"C":{"Type":"T"}}`),
			"Circular dependency between resources: [A, B]"},
		{"itself", resources(`{"A":{"Type":"T","Properties":{"P":{"Ref":"A"}}}}`), "Circular dependency between resources: [A]"},
		{"parameter type", `{"Parameters":{"P":{"Type":"Text"}},"Resources":{"A":{"Type":"T"}}}`, "Unrecognized parameter type: Text"},
		{"pattern", `{"Parameters":{"P":{"Type":"String","AllowedPattern":"("}},"Resources":{"A":{"Type":"T"}}}`, "AllowedPattern at /Parameters/P"},
		{"empty rule", `{"Rules":{"R":{"Assertions":[]}},"Resources":{"A":{"Type":"T"}}}`, "Rules/R has no Assertions"},
		{"valueless output", `{"Outputs":{"O":{}},"Resources":{"A":{"Type":"T"}}}`, "Outputs/O is malformed"},
		{"format version", `{"AWSTemplateFormatVersion":"2020-01-01","Resources":{"A":{"Type":"T"}}}`, "unsupported value for AWSTemplateFormatVersion"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := cloudformation.Parse([]byte(test.text))
			if refusal := (*cloudformation.TemplateError)(nil); !errors.As(err, &refusal) || !strings.Contains(refusal.Message, test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}

func TestYAMLIsTheSameAsJSON(t *testing.T) {
	fromYAML := parse(t, `
AWSTemplateFormatVersion: 2010-09-09
Parameters: {Name: {Type: String, Default: n}}
Conditions: {Named: !Not [!Equals [!Ref Name, ""]]}
Resources:
  A:
    Type: T
    Properties: {Version: 2012-10-17, Count: 010, Big: 12345678901234567890, Half: 0.5, On: true, None: ~, Off: "false"}
  B:
    Type: T
    Condition: Named
    Properties:
      Arn: !GetAtt A.Arn
      Text: !Sub "${Name}-${A.Arn}"
      Maybe: !If [Named, !Ref A, !Ref AWS::NoValue]
`)
	fromJSON := parse(t, `{
"Parameters": {"Name": {"Type": "String", "Default": "n"}},
"Conditions": {"Named": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Name"}, ""]}]}},
"Resources": {
  "A": {"Type": "T", "Properties": {"Version": "2012-10-17", "Count": "010", "Big": 12345678901234567890, "Half": 0.5, "On": true, "None": null, "Off": "false"}},
  "B": {"Type": "T", "Condition": "Named", "Properties": {
    "Arn": {"Fn::GetAtt": ["A", "Arn"]}, "Text": {"Fn::Sub": "${Name}-${A.Arn}"},
    "Maybe": {"Fn::If": ["Named", {"Ref": "A"}, {"Ref": "AWS::NoValue"}]}}}}}`)
	if diff := cmp.Diff(fromJSON.Resources, fromYAML.Resources); diff != "" {
		t.Errorf("(-JSON +YAML):\n%s", diff)
	}
	if diff := cmp.Diff(fromJSON.Conditions, fromYAML.Conditions); diff != "" {
		t.Errorf("(-JSON +YAML):\n%s", diff)
	}
}

// templates are the product's own and the one that the CDK's bootstrap brings.
func templates(t *testing.T) map[string][]byte {
	t.Helper()
	golden, err := filepath.Glob("../../stack/testdata/golden/*.json")
	if err != nil || len(golden) == 0 {
		t.Fatalf("no golden templates: %v", err)
	}
	all := map[string][]byte{}
	for _, path := range append(golden, "../../node_modules/aws-cdk/lib/api/bootstrap/bootstrap-template.yaml") {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(path)] = text
	}
	return all
}

// anything answers every question of a template with an invented value that shows the question.
func anything() cloudformation.Inputs {
	return cloudformation.Inputs{
		Region: "ap-southeast-1", Account: "000000000000", StackName: "beian-default", StackID: "arn:aws:cloudformation:::stack/beian-default/1",
		Resource: func(id string) (cloudformation.Physical, bool) {
			attributes := map[string]any{}
			for _, name := range []string{"Arn", "StreamArn", "RegionalDomainName", "ApiEndpoint", "QueueName", "StateMachineRevisionId", "DkimDNSTokenName1",
				"DkimDNSTokenValue1", "DkimDNSTokenName2", "DkimDNSTokenValue2", "DkimDNSTokenName3", "DkimDNSTokenValue3"} {
				attributes[name] = id + "." + name
			}
			return cloudformation.Physical{ID: id, Attributes: attributes}, true
		},
		Export: func(name string) (string, bool) { return "export of " + name, true },
		LookUp: func(service, key string) (string, error) {
			if service == "ssm" {
				return "33", nil
			}
			return service + ":" + key, nil
		},
	}
}

func TestProductAndBootstrapTemplatesResolve(t *testing.T) {
	for name, text := range templates(t) {
		t.Run(name, func(t *testing.T) {
			template := parse(t, string(text))
			e, err := template.Evaluate(anything())
			if err != nil {
				t.Fatal(err)
			}
			ids := e.Resources()
			for _, id := range ids {
				properties, err := e.Properties(id)
				if err != nil {
					t.Errorf("%s: %v", id, err)
				}
				if rest := unresolved(properties); rest != "" {
					t.Errorf("%s: %s is not resolved", id, rest)
				}
				for _, other := range template.Resources[id].DependsOn {
					if slices.Index(ids, other) > slices.Index(ids, id) {
						t.Errorf("%s comes before %s, which it needs", id, other)
					}
				}
			}
			if outputs, err := e.Outputs(); err != nil || len(outputs) != len(template.Outputs) {
				t.Errorf("outputs: %v, %v", outputs, err)
			}
		})
	}
}

// unresolved finds a function that is left.
func unresolved(value any) string {
	switch v := value.(type) {
	case []any:
		for _, each := range v {
			if found := unresolved(each); found != "" {
				return found
			}
		}
	case map[string]any:
		for name, each := range v {
			if name == "Ref" || strings.HasPrefix(name, "Fn::") {
				return name
			}
			if found := unresolved(each); found != "" {
				return found
			}
		}
	}
	return ""
}

func FuzzParse(f *testing.F) {
	for _, property := range []string{
		`{"Ref": "List"}`, `{"Fn::GetAtt": "Made.Arn"}`, `{"Fn::Sub": ["${own}-${Made.Arn}", {"own": {"Fn::Select": ["1", {"Ref": "List"}]}}]}`,
		`{"Fn::If": ["No", {"Fn::Join": ["-", ["a", 1, true]]}, {"Ref": "AWS::NoValue"}]}`, `["{{resolve:ssm:/p}}", {"Fn::GetAZs": ""}]`,
	} {
		f.Add([]byte(surroundings(property)))
	}
	f.Add([]byte("Resources: {A: {Type: T, Properties: {P: !Sub ['${a}${!b}${A.C}', {a: !Select [0, !Split [',', x]]}]}}}"))
	f.Add([]byte(`{"Conditions":{"C":{"Condition":"C"}},"Resources":{"A":{"Type":"T","Properties":{"P":{"Fn::If":["C",{"Fn::FindInMap":["a","b","c"]},{"Fn::Base64":1}]}}}}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		template, err := cloudformation.Parse(text)
		if err != nil {
			if refusal := (*cloudformation.TemplateError)(nil); !errors.As(err, &refusal) {
				t.Errorf("not a TemplateError: %v", err)
			}
			return
		}
		e, err := template.Evaluate(anything())
		if err != nil {
			return
		}
		for _, id := range e.Resources() {
			if properties, err := e.Properties(id); err == nil {
				if _, err := e.Reveal(properties); err == nil && unresolved(properties) != "" {
					t.Errorf("%s is not resolved: %v", id, properties)
				}
			}
		}
		e.Outputs()
	})
}
