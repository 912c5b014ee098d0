package stack_test

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"beian/functions/accesscheck"
	"beian/functions/api"
	"beian/functions/apidocs"
	"beian/functions/operator"
	"beian/functions/portal"
	"beian/functions/reviewer"
	"beian/functions/staff"
	"beian/infra/local/asl"
	"beian/infra/stack"
	"beian/shared/workflow"
)

// TestPlainTemplates: the stacks contain no custom resource, look-up or container, so a deployment needs only the templates.
func TestPlainTemplates(t *testing.T) {
	for _, name := range templates {
		document := readTemplate(t, name)
		for id, r := range document.Resources {
			if strings.HasPrefix(r.Type, "Custom::") || r.Type == "AWS::CloudFormation::CustomResource" {
				t.Errorf("%s: %s is a custom resource", name, id)
			}
		}
		if len(document.Resources) > 420 {
			t.Errorf("%s has %d resources; CloudFormation allows 500", name, len(document.Resources))
		}
		doc, err := os.ReadFile(filepath.Join(synthesisFolder(t), "beian-"+name+".assets.json"))
		if err != nil {
			t.Fatal(err)
		}
		var assets struct{ DockerImages map[string]any }
		if err := json.Unmarshal(doc, &assets); err != nil || len(assets.DockerImages) > 0 {
			t.Errorf("%s: containers %v, %v", name, assets.DockerImages, err)
		}
	}
	doc, err := os.ReadFile(filepath.Join(synthesisFolder(t), "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(doc), `"missing"`) {
		t.Error("a stack needs a look-up in an account")
	}
}

func TestFunctions(t *testing.T) {
	for environment, architecture := range map[string]string{"default": "arm64", "full": "x86_64", "manual": "arm64", "china": "x86_64"} {
		document := readTemplate(t, environment+"-system")
		if got := len(document.resourcesOf("AWS::Lambda::Function")); got != len(functionsOf(environment)) {
			t.Errorf("%d functions, want %d", got, len(functionsOf(environment)))
		}
		roles := map[string]string{}
		for _, f := range functionsOf(environment) {
			id, r := document.function(t, environment, f.Name)
			if r.Properties["Runtime"] != "provided.al2023" || !cmp.Equal(r.Properties["Architectures"], []any{architecture}) {
				t.Errorf("%s: %v on %v", id, r.Properties["Runtime"], r.Properties["Architectures"])
			}
			role := compactJSON(t, r.Properties["Role"])
			if other, taken := roles[role]; taken {
				t.Errorf("%s and %s share a role", f.Name, other)
			}
			roles[role] = f.Name
			atATime, _ := r.Properties["ReservedConcurrentExecutions"].(float64)
			if want := map[string]float64{"exchange": 1, "sitewatch": 1, "inspectupload": 8}[f.Name]; atATime != want {
				t.Errorf("%s: %v executions are reserved, want %v", f.Name, atATime, want)
			}
			if inside := r.Properties["VpcConfig"] != nil; inside != (hasFixedAddress(environment) && f.CallsBureau()) {
				t.Errorf("%s (%s): in the VPC %v", f.Name, environment, inside)
			}
		}
	}
}

var placeholder = regexp.MustCompile(`\$\{(\w+)\}`)

// TestMachine checks the template's definition with the laptop's interpreter and with asl-validator.
func TestMachine(t *testing.T) {
	document := readTemplate(t, "default-system")
	machine := document.onlyResource(t, "AWS::StepFunctions::StateMachine")
	text, ok := machine.Properties["DefinitionString"].(string)
	if !ok {
		t.Fatal("the definition is not a string")
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
			t.Errorf("%s has no substitution", name)
		}
		if name == "Partition" {
			return "aws"
		}
		id, _ := document.function(t, "default", strings.ToLower(name))
		if want := map[string]any{"Fn::GetAtt": []any{id, "Arn"}}; !cmp.Equal(value, any(want)) {
			t.Errorf("%s is substituted by %v, want %v", name, value, want)
		}
		return "arn:aws:lambda:ap-southeast-1:111122223333:function:beian-default-" + strings.ToLower(name)
	})
	if len(used) != len(substitutions) {
		t.Errorf("%d substitutions, %d used", len(substitutions), len(used))
	}
	if _, err := asl.Parse([]byte(filled)); err != nil {
		t.Errorf("package asl: %v", err)
	}
	const validator = "../node_modules/.bin/asl-validator"
	file := filepath.Join(t.TempDir(), "filing.asl.json")
	if err := os.WriteFile(file, []byte(filled), 0o600); err != nil {
		t.Fatal(err)
	}
	if output, err := exec.Command(validator, "--json-path", file).CombinedOutput(); err != nil {
		t.Errorf("asl-validator (npm ci --prefix infra installs it): %v\n%s", err, output)
	}
	for path, want := range map[string]any{
		"StateMachineType": "STANDARD", "TracingConfiguration.Enabled": true,
		"LoggingConfiguration.Level": "ERROR", "LoggingConfiguration.IncludeExecutionData": false,
	} {
		if machine.property(path) == nil && want == false {
			continue
		}
		if got := machine.property(path); got != want {
			t.Errorf("%s = %v, want %v", path, got, want)
		}
	}
	if alias := document.onlyResource(t, "AWS::StepFunctions::StateMachineAlias"); alias.Properties["Name"] != "live" {
		t.Errorf("alias %v", alias.Properties["Name"])
	}
}

// TestHTTPAPIs: each API has the routes of its users, and accepts the tokens of their user pool only.
func TestHTTPAPIs(t *testing.T) {
	document := readTemplate(t, "default-system")
	names, pools := map[string]string{}, map[string]string{}
	for id, r := range document.resourcesOf("AWS::ApiGatewayV2::Api") {
		names[id] = r.Properties["Name"].(string)
	}
	for id, r := range document.resourcesOf("AWS::ApiGatewayV2::Authorizer") {
		api := names[r.property("ApiId.Ref").(string)]
		pool, client := compactJSON(t, r.property("JwtConfiguration.Issuer")), compactJSON(t, r.property("JwtConfiguration.Audience"))
		users := map[string]string{"beian-default-api": "RefApplicants", "beian-default-staff-api": "RefUsers"}[api]
		if pools[id] = api; !strings.Contains(pool, users) || !strings.Contains(client, users) {
			t.Errorf("%s accepts tokens of %s for %s", api, pool, client)
		}
	}
	got := map[string][]string{}
	for _, r := range document.resourcesOf("AWS::ApiGatewayV2::Route") {
		key, _ := r.Properties["RouteKey"].(string)
		api := names[r.property("ApiId.Ref").(string)]
		switch kind := r.Properties["AuthorizationType"]; {
		case kind == "NONE":
			got[api+", no token"] = append(got[api+", no token"], key)
		case kind == "JWT" && pools[r.property("AuthorizerId.Ref").(string)] == api:
			got[api] = append(got[api], key)
		default:
			t.Errorf("%s: %v", key, r.Properties)
		}
	}
	access := accesscheck.New(accesscheck.Config{})
	want := map[string][]string{
		"beian-default-api":                 {"ANY /api/v1/{proxy+}"},
		"beian-default-api, no token":       slices.Concat(api.PublicRoutes(), apidocs.Routes(), []string{stack.WebhookRoute}, access.PublicRoutes(), portal.Routes()),
		"beian-default-staff-api":           slices.Concat([]string{"ANY /api/v1/{proxy+}"}, reviewer.New(reviewer.Config{}).Routes(), operator.New(operator.Config{}).Routes(), access.Routes()),
		"beian-default-staff-api, no token": slices.Concat(reviewer.New(reviewer.Config{}).PublicRoutes(), operator.New(operator.Config{}).PublicRoutes(), staff.Routes()),
	}
	for _, routes := range []map[string][]string{got, want} {
		for _, list := range routes {
			slices.Sort(list)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("routes (-want +got):\n%s", diff)
	}
	if stages := document.resourcesOf("AWS::ApiGatewayV2::Stage"); len(stages) != 2 {
		t.Errorf("%d stages", len(stages))
	}
	for _, stage := range document.resourcesOf("AWS::ApiGatewayV2::Stage") {
		checkStage(t, stage)
	}
}

func checkStage(t *testing.T, stage *resource) {
	t.Helper()
	if stage.property("DefaultRouteSettings.ThrottlingRateLimit") != 50.0 || stage.property("DefaultRouteSettings.ThrottlingBurstLimit") != 100.0 {
		t.Errorf("throttling %v", stage.property("DefaultRouteSettings"))
	}
	format, _ := stage.property("AccessLogSettings.Format").(string)
	if !json.Valid([]byte(format)) {
		t.Errorf("the access log is not JSON: %s", format)
	}
	for _, personal := range []string{"identity", "sourceIp", "userAgent", "authorizer", "$context.path", "domain"} {
		if strings.Contains(format, personal) {
			t.Errorf("the access log contains personal data: %s", personal)
		}
	}
}

func TestSchedules(t *testing.T) {
	document := readTemplate(t, "default-system")
	got := map[string]string{}
	for _, r := range document.resourcesOf("AWS::Scheduler::Schedule") {
		got[r.Properties["Name"].(string)] = r.Properties["ScheduleExpression"].(string) + " " + r.Properties["ScheduleExpressionTimezone"].(string)
		got[r.Properties["Name"].(string)] += " " + r.property("Target.Input").(string)
		if r.property("Target.DeadLetterConfig.Arn") == nil {
			t.Errorf("target %v", r.property("Target"))
		}
	}
	want := map[string]string{
		"beian-default-reminders":        "rate(1 minute) UTC {}",
		"beian-default-reminders-counts": `rate(5 minutes) UTC {"counts":true}`,
		"beian-default-retention":        "cron(20 * * * ? *) Asia/Shanghai {}",
		"beian-default-sitewatch":        "rate(5 minutes) UTC {}",
		"beian-default-exchange":         "rate(1 minute) UTC {}", "beian-default-sweeper": `rate(1 minute) UTC {"watch":true}`,
		"beian-default-webhooks": "rate(1 minute) UTC {}",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, r := range readTemplate(t, "manual-system").resourcesOf("AWS::Scheduler::Schedule") {
		if r.Properties["Name"] == "beian-manual-exchange" {
			t.Error("the exchange is scheduled without a link to the bureau")
		}
	}
	streams := document.resourcesOf("AWS::Lambda::EventSourceMapping")
	for function, entries := range map[string]string{"sweeper": "notice#", "webhooks": "event#"} {
		id, _ := document.function(t, "default", function)
		called := 0
		for _, stream := range streams {
			if !strings.Contains(compactJSON(t, stream.Properties["FunctionName"]), id) {
				continue
			}
			called++
			if !strings.Contains(compactJSON(t, stream.property("FilterCriteria.Filters")), entries) {
				t.Errorf("%s gets other entries than %s", function, entries)
			}
			if !cmp.Equal(stream.Properties["FunctionResponseTypes"], any([]any{"ReportBatchItemFailures"})) {
				t.Error("one failed entry repeats the whole batch")
			}
			if stream.property("DestinationConfig.OnFailure.Destination") == nil {
				t.Error("failed events are lost")
			}
		}
		if called != 1 || len(streams) != 2 {
			t.Errorf("%d of %d mappings call %s", called, len(streams), function)
		}
	}
}

// TestAlarms: each alarm notifies the operator, and the runbook has exactly one section for each alarm. Those about the exchange are missing
// without a link to the bureau.
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
	for environment, stacks := range map[string][]string{"default": {"system"}, "full": {"system", "mail"}, "abroad": {"system"}, "manual": {"system"}, "china": {"system"}} {
		other := []string{"errors-mailbounce"} // with a mail relay only
		switch environment {
		case "china": // SES reports them, a mail relay does not
			other = []string{"bounces", "complaints"}
		case "manual":
			other = []string{"errors-mailbounce", "sequence-stalled", "exchange-silent", "bureau-errors", "errors-exchange", "errors-sitewatch"}
		}
		var alarms []string
		for _, one := range stacks {
			for id, r := range readTemplate(t, environment+"-"+one).resourcesOf("AWS::CloudWatch::Alarm") {
				alarms = append(alarms, strings.TrimPrefix(r.Properties["AlarmName"].(string), "beian-"+environment+"-"))
				if actions, _ := r.Properties["AlarmActions"].([]any); len(actions) != 1 {
					t.Errorf("%s has no action", id)
				}
			}
		}
		slices.Sort(alarms)
		wanted := slices.DeleteFunc(slices.Clone(sections), func(name string) bool { return slices.Contains(other, name) })
		if len(wanted) != len(sections)-len(other) {
			t.Errorf("the runbook lacks one of %q", other)
		}
		if diff := cmp.Diff(alarms, wanted); diff != "" {
			t.Errorf("alarms of %s (-) and sections of the runbook (+):\n%s", environment, diff)
		}
	}
}

// TestCountedLinesAreLogged: for each log line that an alarm counts, some function logs it.
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
	filters := readTemplate(t, "default-system").resourcesOf("AWS::Logs::MetricFilter")
	maps.Copy(filters, readTemplate(t, "china-system").resourcesOf("AWS::Logs::MetricFilter")) // has mailbounce
	for id, r := range filters {
		found := quoted.FindStringSubmatch(r.Properties["FilterPattern"].(string))
		if found == nil {
			if r.Properties["FilterPattern"] != `{ $.type = "WaitStateEntered" }` { // of the machine's own log
				t.Errorf("%s counts lines that this test does not know: %v", id, r.Properties["FilterPattern"])
			}
			continue
		}
		patterns++
		want := `"` + found[3] + `"`
		if found[2] != "" {
			want = found[3] + `"`
		}
		if !strings.Contains(source.String(), want) {
			t.Errorf("%s counts lines that no function writes: %s", id, want)
		}
	}
	if patterns != 12 {
		t.Errorf("%d patterns, want 12", patterns)
	}
}
