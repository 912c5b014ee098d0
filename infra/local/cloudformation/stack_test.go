package cloudformation_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"
)

func want(t *testing.T, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestCreateGoesByWhatIsNeeded(t *testing.T) {
	w := newWorld(t)
	s := w.deploy("app", `{"Description": "an app", "Parameters": {"P": {"Type": "String", "Default": "x"}, "V": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/v"}},
"Resources": {
  "A": {"Type": "Test::Thing", "Properties": {"Value": {"Fn::Sub": "${B.Arn} ${P} ${V}"}}},
  "B": {"Type": "Test::Thing", "Properties": {"Value": "{{resolve:secretsmanager:s}}"}}},
"Outputs": {"Thing": {"Description": "a thing", "Value": {"Ref": "A"}, "Export": {"Name": "app-thing"}}}}`,
		func(in *api.CreateChangeSetInput) {
			in.Parameters = []types.Parameter{{ParameterKey: aws.String("P"), ParameterValue: aws.String("y")}}
			in.Tags = []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}}
			in.RoleARN = aws.String("arn:aws:iam::000000000000:role/deployer-of-all")
		})
	want(t, "calls", []string{"create b-1 found-s", "create a-2 arn:b-1 y found-/v"}, w.took())
	want(t, "status", types.StackStatusCreateComplete, s.StackStatus)
	want(t, "description", "an app", aws.ToString(s.Description))
	want(t, "outputs", "Thing=a-2 (app-thing)", fmt.Sprintf("%s=%s (%s)", *s.Outputs[0].OutputKey, *s.Outputs[0].OutputValue, *s.Outputs[0].ExportName))
	want(t, "parameters", "P=y V=/v:found-/v", fmt.Sprintf("%s=%s %s=%s:%s", *s.Parameters[0].ParameterKey, *s.Parameters[0].ParameterValue,
		*s.Parameters[1].ParameterKey, *s.Parameters[1].ParameterValue, *s.Parameters[1].ResolvedValue))
	want(t, "tag", "k=v", *s.Tags[0].Key+"="+*s.Tags[0].Value)
	want(t, "events", []string{"app REVIEW_IN_PROGRESS", "app CREATE_IN_PROGRESS", "B CREATE_IN_PROGRESS", "B CREATE_COMPLETE",
		"A CREATE_IN_PROGRESS", "A CREATE_COMPLETE", "app CREATE_COMPLETE"}, w.events("app"))
	resources, err := w.client.ListStackResources(t.Context(), &api.ListStackResourcesInput{StackName: aws.String("app")})
	if err != nil {
		t.Fatal(err)
	}
	for i, id := range []string{"a-2", "b-1"} {
		r := resources.StackResourceSummaries[i]
		want(t, "resource", id+" CREATE_COMPLETE", aws.ToString(r.PhysicalResourceId)+" "+string(r.ResourceStatus))
	}
	exports, err := w.client.ListExports(t.Context(), &api.ListExportsInput{})
	if err != nil || len(exports.Exports) != 1 || aws.ToString(exports.Exports[0].Value) != "a-2" {
		t.Errorf("exports %v, %v", exports, err)
	}
}

func TestUpdate(t *testing.T) {
	const template = `{"Resources": {
  "Same": {"Type": "Test::Thing", "Properties": {"Value": "same"}},
  "Changed": {"Type": "Test::Thing", "Properties": {"Value": "CHANGED"}},
  "Replaced": {"Type": "Test::Thing", "Properties": {"Name": "NAME", "Value": "r"}},
  "User": {"Type": "Test::Thing", "Properties": {"Value": {"Fn::Sub": "${Replaced} ${Changed.Value}"}}}EXTRA}}`
	version := func(changed, name, extra string) string {
		return strings.NewReplacer("CHANGED", changed, "NAME", name, "EXTRA", extra).Replace(template)
	}
	w := newWorld(t)
	w.deploy("app", version("one", "first", `, "Gone": {"Type": "Test::Thing"}, "Kept": {"Type": "Test::Thing", "DeletionPolicy": "Retain"}`))
	w.took()
	change := w.propose("app", version("two", "second", `, "New": {"Type": "Test::Thing"}`))
	var planned []string
	for _, c := range change.Changes {
		r := c.ResourceChange
		planned = append(planned, fmt.Sprintf("%s %s %s %s", r.Action, *r.LogicalResourceId, r.Replacement, r.PolicyAction))
	}
	want(t, "changes", []string{"Modify Changed False ", "Add New  ", "Modify Replaced True ReplaceAndDelete", "Modify User False ",
		"Remove Gone  Delete", "Remove Kept  Retain"}, planned)
	s := w.execute(change, false)
	want(t, "status", types.StackStatusUpdateComplete, s.StackStatus)
	want(t, "calls", []string{"update changed-1 two", "create new-7 ", "create replaced-8 r", "update user-6 replaced-8 two",
		"delete replaced-4", "delete gone-2"}, w.took())
	want(t, "things", map[string]string{"changed-1": "two", "kept-3": "", "new-7": "", "replaced-8": "r", "same-5": "same", "user-6": "replaced-8 two"}, w.things)

	again := w.propose("app", version("two", "second", `, "New": {"Type": "Test::Thing"}`))
	if again.Status != types.ChangeSetStatusFailed || !strings.HasPrefix(aws.ToString(again.StatusReason), "The submitted information didn't contain changes.") {
		t.Errorf("no changes: %s %s", again.Status, aws.ToString(again.StatusReason))
	}
}

func TestUpdateOfOutputsAlone(t *testing.T) {
	w := newWorld(t)
	w.deploy("app", things("A", "1"))
	w.took()
	s := w.deploy("app", strings.TrimSuffix(things("A", "1"), "}")+`, "Outputs": {"O": {"Value": {"Ref": "A"}}}}`)
	want(t, "status", types.StackStatusUpdateComplete, s.StackStatus)
	want(t, "output", "a-1", aws.ToString(s.Outputs[0].OutputValue))
	want(t, "calls", []string(nil), w.took())
}

func TestAttributeOfWhatChangesIsKnownLater(t *testing.T) {
	const template = `{"Resources": {
  "A": {"Type": "Test::Thing", "Properties": {"Value": "VALUE", "Else": "ELSE"}},
  "B": {"Type": "Test::Thing", "Properties": {"Name": {"Fn::GetAtt": ["A", "Value"]}}}}}`
	version := func(value, other string) string {
		return strings.NewReplacer("VALUE", value, "ELSE", other).Replace(template)
	}
	w := newWorld(t)
	w.deploy("app", version("1", "x"))
	w.took()
	change := w.propose("app", version("1", "y"))
	r := change.Changes[1].ResourceChange
	want(t, "replacement", types.ReplacementConditional, r.Replacement)
	want(t, "evaluation", types.EvaluationTypeDynamic, r.Details[0].Evaluation)
	w.execute(change, false)
	want(t, "the same attribute", []string{"update a-1 1"}, w.took())
	w.deploy("app", version("2", "y"))
	want(t, "another attribute", []string{"update a-1 2", "create b-3 ", "delete b-2"}, w.took())
}

func TestCreationThatFailsIsRolledBack(t *testing.T) {
	const more = `, "Kept": {"Type": "Test::Thing", "DeletionPolicy": "Retain"}, "Lost": {"Type": "Test::Thing", "DeletionPolicy": "RetainExceptOnCreate"}}}`
	w := newWorld(t)
	s := w.deploy("app", strings.TrimSuffix(things("A", "1", "Z", "bad"), "}}")+more)
	want(t, "status", types.StackStatusRollbackComplete, s.StackStatus)
	want(t, "calls", []string{"create a-1 1", "create kept-2 ", "create lost-3 ", "delete lost-3", "delete a-1"}, w.took())
	events, err := w.client.DescribeStackEvents(t.Context(), &api.DescribeStackEventsInput{StackName: aws.String("app")})
	if err != nil {
		t.Fatal(err)
	}
	var reasons []string
	for _, e := range events.StackEvents {
		if e.ResourceStatus == types.ResourceStatusCreateFailed {
			reasons = append(reasons, aws.ToString(e.ResourceStatusReason))
		}
	}
	want(t, "reasons", []string{"a thing cannot be bad"}, reasons)

	change := func(in *api.CreateChangeSetInput) { in.ChangeSetType = types.ChangeSetTypeUpdate }
	in := &api.CreateChangeSetInput{StackName: aws.String("app"), ChangeSetName: aws.String("x"), TemplateBody: aws.String(things("A", "1"))}
	change(in)
	_, err = w.client.CreateChangeSet(t.Context(), in)
	refused(t, err, "ValidationError", "is in ROLLBACK_COMPLETE state and can not be updated")
	want(t, "after deletion", types.StackStatusDeleteComplete, w.destroy("app").StackStatus)
	want(t, "again", types.StackStatusCreateComplete, w.deploy("app", things("A", "1")).StackStatus)
}

func TestUpdateThatFailsIsRolledBack(t *testing.T) {
	w := newWorld(t)
	w.deploy("app", things("A", "1", "B", "1", "C", "1"))
	w.took()
	s := w.deploy("app", things("A", "2", "New", "1", "Z", "bad"))
	want(t, "status", types.StackStatusUpdateRollbackComplete, s.StackStatus)
	want(t, "calls", []string{"update a-1 2", "create new-4 1", "delete new-4", "update a-1 1"}, w.took())
	want(t, "things", map[string]string{"a-1": "1", "b-2": "1", "c-3": "1"}, w.things)

	s = w.deploy("app", things("A", "bad", "B", "1", "C", "1"))
	want(t, "status", types.StackStatusUpdateRollbackComplete, s.StackStatus)
	want(t, "what failed to change is changed back", []string{"update a-1 1"}, w.took())
	template, err := w.client.GetTemplate(t.Context(), &api.GetTemplateInput{StackName: aws.String("app")})
	if err != nil || aws.ToString(template.TemplateBody) != things("A", "1", "B", "1", "C", "1") {
		t.Errorf("template %v, %v", template, err)
	}
	want(t, "and forward", types.StackStatusUpdateComplete, w.deploy("app", things("A", "2")).StackStatus)
	want(t, "calls", []string{"update a-1 2", "delete c-3", "delete b-2"}, w.took())
}

func TestFailureWithoutRollback(t *testing.T) {
	w := newWorld(t)
	s := w.execute(w.propose("app", things("A", "1", "B", "bad")), true)
	want(t, "status", types.StackStatusCreateFailed, s.StackStatus)
	want(t, "calls", []string{"create a-1 1"}, w.took())
	if _, err := w.client.RollbackStack(t.Context(), &api.RollbackStackInput{StackName: aws.String("app")}); err != nil {
		t.Fatal(err)
	}
	want(t, "status", types.StackStatusRollbackComplete, w.settled("app").StackStatus)
	want(t, "calls", []string{"delete a-1"}, w.took())
	_, err := w.client.RollbackStack(t.Context(), &api.RollbackStackInput{StackName: aws.String("app")})
	refused(t, err, "ValidationError", "can not be rolled back")
}

func TestWhatFailedIsMendedByTheNextUpdate(t *testing.T) {
	w := newWorld(t)
	w.execute(w.propose("app", things("A", "1", "B", "bad")), true)
	w.took()
	s := w.deploy("app", things("A", "1", "B", "2"))
	want(t, "status", types.StackStatusUpdateComplete, s.StackStatus)
	want(t, "calls", []string{"create b-2 2"}, w.took())
}

func TestExports(t *testing.T) {
	const exporting = `{"Resources": {"A": {"Type": "Test::Thing", "Properties": {"Name": "NAME"}}}, "Outputs": {"O": {"Value": {"Ref": "A"}, "Export": {"Name": "shared"}}}}`
	const importing = `{"Resources": {"B": {"Type": "Test::Thing", "Properties": {"Value": {"Fn::ImportValue": "shared"}}}}}`
	w := newWorld(t)
	early := w.propose("user", importing)
	want(t, "status", types.ChangeSetStatusFailed, early.Status)
	want(t, "reason", "No export named shared found.", aws.ToString(early.StatusReason))
	w.destroy("user")

	w.deploy("base", exporting)
	w.deploy("user", importing)
	w.took()
	want(t, "a second exporter", types.StackStatusRollbackComplete, w.deploy("second", exporting).StackStatus)
	want(t, "an export changed", types.StackStatusUpdateRollbackComplete, w.deploy("base", strings.Replace(exporting, "NAME", "OTHER", 1)).StackStatus)
	want(t, "an export gone", types.StackStatusUpdateRollbackComplete, w.deploy("base", things("A", "")).StackStatus)
	s := w.destroy("base")
	want(t, "the exporter deleted", types.StackStatusDeleteFailed, s.StackStatus)
	want(t, "reason", "Export shared cannot be deleted as it is in use by user", aws.ToString(s.StackStatusReason))
	want(t, "the importer deleted", types.StackStatusDeleteComplete, w.destroy("user").StackStatus)
	want(t, "the exporter deleted", types.StackStatusDeleteComplete, w.destroy("base").StackStatus)
}

func TestDelete(t *testing.T) {
	w := newWorld(t)
	w.deploy("app", `{"Resources": {
  "A": {"Type": "Test::Thing", "Properties": {"Value": {"Ref": "B"}}}, "B": {"Type": "Test::Thing"},
  "C": {"Type": "Test::Thing", "DeletionPolicy": "Retain"}, "D": {"Type": "Test::Thing", "Properties": {"Name": "stuck"}}}}`)
	w.took()
	on := true
	protect := &api.UpdateTerminationProtectionInput{StackName: aws.String("app"), EnableTerminationProtection: &on}
	if _, err := w.client.UpdateTerminationProtection(t.Context(), protect); err != nil {
		t.Fatal(err)
	}
	_, err := w.client.DeleteStack(t.Context(), &api.DeleteStackInput{StackName: aws.String("app")})
	refused(t, err, "ValidationError", "Stack [app] cannot be deleted while TerminationProtection is enabled")
	on = false
	if _, err := w.client.UpdateTerminationProtection(t.Context(), protect); err != nil {
		t.Fatal(err)
	}
	s := w.destroy("app")
	want(t, "status", types.StackStatusDeleteFailed, s.StackStatus)
	want(t, "reason", "The following resource(s) failed to delete: [D]. ", aws.ToString(s.StackStatusReason))
	want(t, "calls", []string{"delete a-4", "delete b-1"}, w.took())
	want(t, "things", map[string]string{"c-2": "", "d-3": ""}, w.things)

	_, err = w.client.DescribeStacks(t.Context(), &api.DescribeStacksInput{StackName: aws.String("nobody")})
	refused(t, err, "ValidationError", "Stack with id nobody does not exist")
	if _, err := w.client.DeleteStack(t.Context(), &api.DeleteStackInput{StackName: aws.String("nobody")}); err != nil {
		t.Errorf("deleting nothing: %v", err)
	}
}

func TestDeletedStackIsKnownByItsIdAlone(t *testing.T) {
	w := newWorld(t)
	w.deploy("app", things("A", "1"))
	s := w.destroy("app")
	want(t, "status", types.StackStatusDeleteComplete, s.StackStatus)
	_, err := w.client.DescribeStacks(t.Context(), &api.DescribeStacksInput{StackName: aws.String("app")})
	refused(t, err, "ValidationError", "Stack with id app does not exist")
	listed, err := w.client.ListStacks(t.Context(), &api.ListStacksInput{StackStatusFilter: []types.StackStatus{types.StackStatusDeleteComplete}})
	if err != nil || len(listed.StackSummaries) != 1 {
		t.Errorf("listed %v, %v", listed, err)
	}
	want(t, "a new one", types.StackStatusCreateComplete, w.deploy("app", things("A", "1")).StackStatus)
}
