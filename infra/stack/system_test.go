package stack_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"beian/functions/api"
	"beian/functions/operator"
	"beian/functions/reviewer"
	"beian/infra/local/asl"
	"beian/infra/stack"
	"beian/shared/workflow"
)

// TestNothingBesideTheTemplate: no custom resource, no look-up, no container, nothing that a plain deployment lacks.
func TestNothingBesideTheTemplate(t *testing.T) {
	for _, name := range templates {
		made := read(t, name)
		for id, r := range made.Resources {
			if strings.HasPrefix(r.Type, "Custom::") || r.Type == "AWS::CloudFormation::CustomResource" {
				t.Errorf("%s: %s is a custom resource", name, id)
			}
		}
		if len(made.Resources) > 400 {
			t.Errorf("%s has %d resources; CloudFormation takes 500", name, len(made.Resources))
		}
		doc, err := os.ReadFile(filepath.Join(synth(t), "beian-"+name+".assets.json"))
		if err != nil {
			t.Fatal(err)
		}
		var assets struct{ DockerImages map[string]any }
		if err := json.Unmarshal(doc, &assets); err != nil || len(assets.DockerImages) > 0 {
			t.Errorf("%s: containers %v, %v", name, assets.DockerImages, err)
		}
	}
	doc, err := os.ReadFile(filepath.Join(synth(t), "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(doc), `"missing"`) {
		t.Error("the stacks look something up in an account")
	}
}

func TestFunctions(t *testing.T) {
	for environment, architecture := range map[string]string{"default": "arm64", "full": "x86_64"} {
		made := read(t, environment+"-system")
		if got := len(made.of("AWS::Lambda::Function")); got != len(stack.Functions) {
			t.Errorf("%d functions, want %d", got, len(stack.Functions))
		}
		roles := map[string]string{}
		for _, f := range stack.Functions {
			id, r := made.function(t, environment, f.Name)
			if r.Properties["Runtime"] != "provided.al2023" || !cmp.Equal(r.Properties["Architectures"], []any{architecture}) {
				t.Errorf("%s: %v on %v", id, r.Properties["Runtime"], r.Properties["Architectures"])
			}
			role := compact(t, r.Properties["Role"])
			if other, taken := roles[role]; taken {
				t.Errorf("%s and %s share a role", f.Name, other)
			}
			roles[role] = f.Name
			if alone := r.Properties["ReservedConcurrentExecutions"] == 1.0; alone != (f.Name == "exchange") {
				t.Errorf("%s alone: %v", f.Name, alone)
			}
			if inside := r.Properties["VpcConfig"] != nil; inside != (environment == "full" && f.AsksBureau()) {
				t.Errorf("%s (%s) in the network: %v", f.Name, environment, inside)
			}
		}
	}
}

var placeholder = regexp.MustCompile(`\$\{(\w+)\}`)

// TestMachine takes the definition out of the template and gives it to our runner and to asl-validator.
func TestMachine(t *testing.T) {
	made := read(t, "default-system")
	machine := made.only(t, "AWS::StepFunctions::StateMachine")
	text, ok := machine.Properties["DefinitionString"].(string)
	if !ok {
		t.Fatal("the definition is no plain text")
	}
	if text != workflow.Definition {
		t.Error("the definition is not that of package workflow")
	}
	substitutions, _ := machine.Properties["DefinitionSubstitutions"].(map[string]any)
	used := map[string]bool{}
	filled := placeholder.ReplaceAllStringFunc(text, func(name string) string {
		name = name[2 : len(name)-1]
		used[name] = true
		value, ok := substitutions[name]
		if !ok {
			t.Errorf("nothing is substituted for %s", name)
		}
		if name == "Partition" {
			return "aws"
		}
		id, _ := made.function(t, "default", strings.ToLower(name))
		if want := map[string]any{"Fn::GetAtt": []any{id, "Arn"}}; !cmp.Equal(value, any(want)) {
			t.Errorf("%s is done by %v, want %v", name, value, want)
		}
		return "arn:aws:lambda:ap-southeast-1:111122223333:function:beian-default-" + strings.ToLower(name)
	})
	if len(used) != len(substitutions) {
		t.Errorf("%d substitutions, %d used", len(substitutions), len(used))
	}
	if _, err := asl.Parse([]byte(filled)); err != nil {
		t.Errorf("our runner: %v", err)
	}
	const validator = "../node_modules/.bin/asl-validator"
	file := filepath.Join(t.TempDir(), "filing.asl.json")
	if err := os.WriteFile(file, []byte(filled), 0o600); err != nil {
		t.Fatal(err)
	}
	if said, err := exec.Command(validator, "--json-path", file).CombinedOutput(); err != nil {
		t.Errorf("asl-validator (npm ci --prefix infra installs it): %v\n%s", err, said)
	}
	for path, want := range map[string]any{
		"StateMachineType": "STANDARD", "TracingConfiguration.Enabled": true,
		"LoggingConfiguration.Level": "ALL", "LoggingConfiguration.IncludeExecutionData": false,
	} {
		if machine.at(path) == nil && want == false {
			continue
		}
		if got := machine.at(path); got != want {
			t.Errorf("%s = %v, want %v", path, got, want)
		}
	}
	if alias := made.only(t, "AWS::StepFunctions::StateMachineAlias"); alias.Properties["Name"] != "live" {
		t.Errorf("alias %v", alias.Properties["Name"])
	}
	if version := made.only(t, "AWS::StepFunctions::StateMachineVersion"); version.DeletionPolicy != "Retain" {
		t.Error("a version goes away under the alias")
	}
}

func TestDoor(t *testing.T) {
	made := read(t, "default-system")
	var open, closed []string
	for _, r := range made.of("AWS::ApiGatewayV2::Route") {
		key, _ := r.Properties["RouteKey"].(string)
		switch r.Properties["AuthorizationType"] {
		case "NONE":
			open = append(open, key)
		case "JWT":
			closed = append(closed, key)
		default:
			t.Errorf("%s: %v", key, r.Properties["AuthorizationType"])
		}
	}
	slices.Sort(open)
	want := append(slices.Concat(api.PublicRoutes(), reviewer.New(reviewer.Config{}).PublicRoutes()), stack.WebhookRoute)
	slices.Sort(want)
	if diff := cmp.Diff(want, open); diff != "" {
		t.Errorf("routes without a token:\n%s", diff)
	}
	want = slices.Concat([]string{"ANY /api/v1/{proxy+}"}, reviewer.New(reviewer.Config{}).Routes(), operator.New(operator.Config{}).Routes())
	slices.Sort(want)
	slices.Sort(closed)
	if diff := cmp.Diff(want, closed); diff != "" {
		t.Errorf("routes with a token:\n%s", diff)
	}
	stage := made.only(t, "AWS::ApiGatewayV2::Stage")
	if stage.at("DefaultRouteSettings.ThrottlingRateLimit") != 50.0 || stage.at("DefaultRouteSettings.ThrottlingBurstLimit") != 100.0 {
		t.Errorf("throttling %v", stage.at("DefaultRouteSettings"))
	}
	format, _ := stage.at("AccessLogSettings.Format").(string)
	if !json.Valid([]byte(format)) {
		t.Errorf("the access log is no JSON: %s", format)
	}
	for _, personal := range []string{"identity", "sourceIp", "userAgent", "authorizer", "$context.path", "domain"} {
		if strings.Contains(format, personal) {
			t.Errorf("the access log tells who it was: %s", personal)
		}
	}
}

func TestSchedules(t *testing.T) {
	made := read(t, "default-system")
	got := map[string]string{}
	for _, r := range made.of("AWS::Scheduler::Schedule") {
		got[r.Properties["Name"].(string)] = r.Properties["ScheduleExpression"].(string) + " " + r.Properties["ScheduleExpressionTimezone"].(string)
		if r.at("Target.Input") != "{}" || r.at("Target.DeadLetterConfig.Arn") == nil {
			t.Errorf("target %v", r.at("Target"))
		}
	}
	want := map[string]string{
		"beian-default-reminders": "cron(0 9 * * ? *) Asia/Shanghai",
		"beian-default-exchange":  "rate(1 minute) UTC", "beian-default-sweeper": "rate(1 minute) UTC",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	stream := made.only(t, "AWS::Lambda::EventSourceMapping")
	id, _ := made.function(t, "default", "sweeper")
	if !strings.Contains(compact(t, stream.Properties["FunctionName"]), id) {
		t.Errorf("the stream calls %v", stream.Properties["FunctionName"])
	}
	if !cmp.Equal(stream.Properties["FunctionResponseTypes"], any([]any{"ReportBatchItemFailures"})) {
		t.Error("one bad entry has the whole batch repeated")
	}
	if stream.at("DestinationConfig.OnFailure.Destination") == nil {
		t.Error("what fails is lost")
	}
}

// TestAlarms: every alarm tells the operator, and has its section in the runbook, which has no other sections of that kind.
func TestAlarms(t *testing.T) {
	doc, err := os.ReadFile("../../.github/docs/runbook.md")
	if err != nil {
		t.Fatal(err)
	}
	var sections []string
	for line := range strings.Lines(string(doc)) {
		if name, is := strings.CutPrefix(strings.TrimSpace(line), "### "); is {
			sections = append(sections, name)
		}
	}
	slices.Sort(sections)
	for environment, stacks := range map[string][]string{"default": {"system"}, "full": {"system", "mail"}, "abroad": {"system"}} {
		var alarms []string
		for _, one := range stacks {
			for id, r := range read(t, environment+"-"+one).of("AWS::CloudWatch::Alarm") {
				alarms = append(alarms, strings.TrimPrefix(r.Properties["AlarmName"].(string), "beian-"+environment+"-"))
				if actions, _ := r.Properties["AlarmActions"].([]any); len(actions) != 1 {
					t.Errorf("%s tells nobody", id)
				}
			}
		}
		slices.Sort(alarms)
		if diff := cmp.Diff(alarms, sections); diff != "" {
			t.Errorf("alarms of %s (-) and sections of the runbook (+):\n%s", environment, diff)
		}
	}
}

// TestCountedLinesAreLogged: each line of a log that is counted for an alarm is one that some function writes.
func TestCountedLinesAreLogged(t *testing.T) {
	var source strings.Builder
	for _, folder := range []string{"../../functions", "../../shared"} {
		err := filepath.WalkDir(folder, func(path string, _ os.DirEntry, err error) error {
			if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			source.Write(text)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	quoted := regexp.MustCompile(`\$\.(msg|alarm) = "(\*?)([^"]+)"`)
	patterns := 0
	for id, r := range read(t, "default-system").of("AWS::Logs::MetricFilter") {
		found := quoted.FindStringSubmatch(r.Properties["FilterPattern"].(string))
		if found == nil {
			continue // the machine's own log
		}
		patterns++
		want := `"` + found[3] + `"`
		if found[2] != "" {
			want = found[3] + `"`
		}
		if !strings.Contains(source.String(), want) {
			t.Errorf("%s counts lines that nobody writes: %s", id, want)
		}
	}
	if patterns != 3 {
		t.Errorf("%d patterns, want 3", patterns)
	}
}
