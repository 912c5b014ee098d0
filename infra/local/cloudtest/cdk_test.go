package cloudtest_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

const (
	recordsStack = "beian-default-records"
	systemStack  = "beian-default-system"
)

// TestStockCDK takes the default environment through its life with the CDK's command line as it comes from npm: into an
// empty account, again without a change, with other functions, away and back.
func TestStockCDK(t *testing.T) {
	w := newWorld(t)
	first := w.synthesise(t, "1")
	w.cdk(t, "bootstrap", "aws://"+account+"/"+region)

	results := filepath.Join(w.folder, "outputs.json")
	w.deploy(t, first, "--outputs-file", results)
	text, err := os.ReadFile(results)
	if err != nil {
		t.Fatal(err)
	}
	var outputs map[string]map[string]string
	if err := json.Unmarshal(text, &outputs); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ stack, output, begins string }{
		{recordsStack, "TableName", "beian-default"}, {recordsStack, "EvidenceBucket", recordsStack + "-evidence"}, {recordsStack, "UserPool", region + "_"},
		{recordsStack, "DKIM1", "token1._domainkey.provider.example CNAME "}, {systemStack, "API", "http://127.0.0.1:"},
		{systemStack, "StateMachine", "arn:aws:states:" + region + ":" + account + ":stateMachine:beian-default-filing"},
	} {
		if got := outputs[c.stack][c.output]; !strings.HasPrefix(got, c.begins) {
			t.Errorf("output %s of %s is %q, want %s…", c.output, c.stack, got, c.begins)
		}
	}

	if said := w.deploy(t, first); strings.Count(said, "(no changes)") != 2 {
		t.Error("a second deployment changes something")
	}
	if said := w.cdk(t, "diff", "--app", first); !strings.Contains(said, "Number of stacks with differences: 0") {
		t.Error("there is a difference to what was deployed")
	}

	w.deploy(t, w.synthesise(t, "2"))
	updated := w.updated(t, systemStack)
	if len(updated) != 1 || updated["AWS::Lambda::Function"] == 0 {
		t.Errorf("other binaries change %v", updated)
	}

	if said, err := w.try(t, w.folder, w.cli(), "destroy", recordsStack, "--force", "--app", first); err == nil ||
		!strings.Contains(said, "cannot be deleted while TerminationProtection is enabled") && !strings.Contains(said, "is in use by") {
		t.Error("the records are not protected")
	}
	w.cdk(t, "destroy", systemStack, "--exclusively", "--force", "--app", first)
	if said := w.deploy(t, first); strings.Count(said, "(no changes)") != 1 {
		t.Error("the system does not come back on the records that stayed")
	}
}

func (w *world) deploy(t *testing.T, assembly string, more ...string) string {
	t.Helper()
	return w.cdk(t, append([]string{"deploy", "--all", "--app", assembly, "--require-approval", "never"}, more...)...)
}

// updated counts the resources of a stack that an update changed, by type.
func (w *world) updated(t *testing.T, stack string) map[string]int {
	t.Helper()
	client := cloudformation.New(cloudformation.Options{Region: region, BaseEndpoint: aws.String(w.account.Endpoint()),
		Credentials: credentials.NewStaticCredentialsProvider(accessKey, secretKey, "")})
	resources, err := client.ListStackResources(t.Context(), &cloudformation.ListStackResourcesInput{StackName: &stack})
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
