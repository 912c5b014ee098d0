package cloudtest_test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"beian/infra/local/people"
	"beian/infra/local/system"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

const (
	recordsStack = "beian-default-records"
	systemStack  = "beian-default-system"
)

// TestDefaultEnvironment takes the default environment through its life with the CDK's command line as it comes from npm:
// into an empty account; again without a change; with the bureau's secrets; with another secret of the webhook while a
// filing is under way, which then goes on to its number; away and back.
func TestDefaultEnvironment(t *testing.T) {
	w := newWorld(t)
	first := w.synthesise(t, 1)
	w.cdk(t, "bootstrap", "aws://"+account+"/"+region)
	results := filepath.Join(w.folder, "outputs.json")
	w.deploy(t, first, "--outputs-file", results)
	made := outputs(t, results)
	w.smoke(t, made[systemStack]["API"])
	if said := w.deploy(t, first); strings.Count(said, "(no changes)") != 2 {
		t.Error("a second deployment changes something")
	}
	if said := w.cdk(t, "diff", "--app", first); !strings.Contains(said, "Number of stacks with differences: 0") {
		t.Error("there is a difference to what was deployed")
	}

	w.putSecret(t, "beian/default/bureau", fmt.Sprintf(`{"user":%q,"password":%q,"key":%q,"iv":%q}`,
		system.BureauUser, system.BureauPassword, system.BureauKey, system.BureauIV))
	w.deploy(t, w.synthesise(t, 2))
	if updated := w.updated(t, systemStack); len(updated) != 1 || updated["AWS::Lambda::Function"] == 0 {
		t.Errorf("other secrets change %v", updated)
	}

	town := w.town(t, made)
	id := town.toSMS(t, people.Invent(1))
	old := w.secret(t, "beian/default/sms", "active")
	w.putSecret(t, "beian/default/sms", fmt.Sprintf(`{"active":"the new secret of the webhook,%s"}`, old))
	w.deploy(t, w.synthesise(t, 3))
	town.SMSSecret = []byte("the new secret of the webhook")
	town.finish(t, id)
	town.path(t, id, made[systemStack]["StateMachine"])
	for _, refused := range w.account.Denied() {
		t.Errorf("refused: %s", refused)
	}

	w.cdk(t, "destroy", systemStack, "--exclusively", "--force", "--app", first)
	if said, err := w.try(t, w.folder, w.cli(), "destroy", recordsStack, "--force", "--app", first); err == nil ||
		!strings.Contains(said, "cannot be deleted while TerminationProtection is enabled") {
		t.Error("the records are not protected")
	}
	if said := w.deploy(t, first); strings.Count(said, "(no changes)") != 1 {
		t.Error("the system does not come back on the records that stayed")
	}
}

// smoke asks what make deploy asks of what it has deployed.
func (w *world) smoke(t *testing.T, api string) {
	t.Helper()
	for path, want := range map[string]int{"/health": http.StatusOK, "/orders": http.StatusUnauthorized} {
		answer, err := http.Get(api + "/api/v1" + path)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != want {
			t.Errorf("%s answers %s, want %d", path, answer.Status, want)
		}
	}
}

// updated counts the resources of a stack that an update changed, by type.
func (w *world) updated(t *testing.T, stack string) map[string]int {
	t.Helper()
	resources, err := cloudformation.NewFromConfig(w.sdk()).ListStackResources(t.Context(), &cloudformation.ListStackResourcesInput{StackName: &stack})
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for _, r := range resources.StackResourceSummaries {
		if r.ResourceStatus == types.ResourceStatusUpdateComplete {
			counts[aws.ToString(r.ResourceType)]++
		}
	}
	return counts
}
