package stack_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"beian/shared/workflow"
)

// earlierDefinitions are the definitions with which executions began that may still run, by version; see package upgrade.
func earlierDefinitions(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("../local/upgrade/testdata/*/filing.asl.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no earlier definitions: %v", err)
	}
	all := map[string]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(filepath.Dir(file))] = string(text)
	}
	return all
}

// TestAlias: the alias always names the version that is published with the deployment, for all new executions. Older versions stay, so that no update
// waits for their executions.
func TestAlias(t *testing.T) {
	document := readTemplate(t, "default-system")
	alias, version := document.onlyResource(t, "AWS::StepFunctions::StateMachineAlias"), document.onlyResource(t, "AWS::StepFunctions::StateMachineVersion")
	idOf := func(r *resource) string {
		for id, one := range document.Resources {
			if one == r {
				return id
			}
		}
		return ""
	}
	machineID, versionID := idOf(document.onlyResource(t, "AWS::StepFunctions::StateMachine")), idOf(version)
	want := map[string]any{"StateMachineVersionArn": map[string]any{"Fn::GetAtt": []any{versionID, "Arn"}}, "Type": "ALL_AT_ONCE"}
	if got := alias.Properties["DeploymentPreference"]; !cmp.Equal(got, any(want)) || alias.Properties["RoutingConfiguration"] != nil {
		t.Errorf("the alias follows %v and %v", got, alias.Properties["RoutingConfiguration"])
	}
	// The revision changes with each definition, so that CloudFormation replaces the version, and keeps the one before.
	if got := version.Properties["StateMachineRevisionId"]; !cmp.Equal(got, any(map[string]any{"Fn::GetAtt": []any{machineID, "StateMachineRevisionId"}})) {
		t.Errorf("the version is of the revision %v", got)
	}
	if version.DeletionPolicy != "Retain" || version.UpdateReplacePolicy != "Retain" {
		t.Errorf("an older version is deleted: %s, %s", version.DeletionPolicy, version.UpdateReplacePolicy)
	}
}

// TestRunningExecutions: each function of a definition whose executions may still run is deployed under its name, and the machine's role may invoke it.
func TestRunningExecutions(t *testing.T) {
	document := readTemplate(t, "default-system")
	var invoked string
	for id, r := range document.resourcesOf("AWS::IAM::Policy") {
		if strings.HasPrefix(id, "Rolemachine") {
			invoked += compactJSON(t, r.Properties["PolicyDocument"])
		}
	}
	for version, definition := range earlierDefinitions(t) {
		for _, name := range slices.Compact(slices.Sorted(slices.Values(placeholder.FindAllString(definition, -1)))) {
			if name = name[2 : len(name)-1]; name == "Partition" {
				continue
			}
			if !slices.ContainsFunc(workflow.Tasks(), func(s workflow.Step) bool { return s.Name == name }) {
				t.Errorf("executions of %s invoke the function of %s, which is no task any more: keep it until none of them runs", version, name)
				continue
			}
			if id, _ := document.function(t, "default", strings.ToLower(name)); !strings.Contains(invoked, `"`+id+`"`) {
				t.Errorf("executions of %s invoke the function %s, which the machine's role may not invoke", version, id)
			}
		}
	}
}
