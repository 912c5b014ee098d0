package stack_test

import (
	"fmt"
	"strings"
	"testing"

	"beian/shared/process/inspection"
	"beian/shared/rules/evidence"
)

// rule returns the only rule for events of a type.
func (document template) rule(t *testing.T, detailType string) *resource {
	t.Helper()
	var found []*resource
	for _, r := range document.resourcesOf("AWS::Events::Rule") {
		if types, _ := r.property("EventPattern.detail-type").([]any); len(types) == 1 && types[0] == detailType {
			found = append(found, r)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d rules are for %q, want one", len(found), detailType)
	}
	return found[0]
}

// TestLargeUploads: large objects in the bucket of uploads are inspected, and no others. The function gets their key alone, and only the rule may call it.
func TestLargeUploads(t *testing.T) {
	for _, environment := range []string{"default", "china"} {
		records, system := readTemplate(t, environment+"-records"), readTemplate(t, environment+"-system")
		sending := 0
		for _, bucket := range records.resourcesOf("AWS::S3::Bucket") {
			if on, _ := bucket.property("NotificationConfiguration.EventBridgeConfiguration.EventBridgeEnabled").(bool); on {
				sending++
			}
		}
		if sending != 1 {
			t.Errorf("%s: %d buckets send events, want one", environment, sending)
		}
		rule := system.rule(t, "Object Created")
		pattern := compactJSON(t, rule.Properties["EventPattern"])
		for _, want := range []string{fmt.Sprintf(`"size":[{"numeric":["\u003e=",%d,"\u003c=",%d]}]`, inspection.MinSize, evidence.MaxUpload), `"source":["aws.s3"]`, `Uploads`} {
			if !strings.Contains(pattern, want) {
				t.Errorf("%s: %s is missing in %s", environment, want, pattern)
			}
		}
		id, function := system.function(t, environment, "inspectupload")
		if got := compactJSON(t, rule.Properties["Targets"]); !strings.Contains(got, id) || !strings.Contains(got, `"InputTemplate":"{\"key\":\u003cdetail-object-key\u003e}"`) {
			t.Errorf("%s: the target is %s", environment, got)
		}
		callers := 0
		for _, permission := range system.resourcesOf("AWS::Lambda::Permission") {
			if strings.Contains(compactJSON(t, permission.Properties["FunctionName"]), id) {
				callers++
				if got := compactJSON(t, permission.Properties["SourceArn"]); !strings.Contains(got, "LargeUploads") || permission.Properties["Principal"] != "events.amazonaws.com" {
					t.Errorf("%s: %v may call the function for %s", environment, permission.Properties["Principal"], got)
				}
			}
		}
		if callers != 1 {
			t.Errorf("%s: %d permissions to call the function, want one", environment, callers)
		}
		if variables, _ := function.property("Environment.Variables").(map[string]any); len(variables) != 1 || variables["UPLOADS_BUCKET"] == nil {
			t.Errorf("%s: the function has the variables %v", environment, variables)
		}
	}
}
