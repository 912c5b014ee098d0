package cloud_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"beian/infra/local/cloud"
	"beian/infra/local/records"
	"beian/shared/setup"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

const (
	region    = "ap-southeast-1"
	accountID = "000000000000"
	root      = "root"
	secret    = "root-secret"
)

// world is an account with a client of its stacks.
type world struct {
	*cloud.Account
	t      *testing.T
	stacks *cloudformation.Client
	said   *lines // by functions
}

func newWorld(t *testing.T) *world {
	modules, err := records.FindModules(".")
	if err != nil {
		t.Fatal(err)
	}
	engine, err := records.Dynoxide{Binary: modules.Dynoxide()}.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { engine.Close() })
	folder, said := t.TempDir(), &lines{}
	t.Chdir(t.TempDir()) // the gateway changes the working folder; this puts it back
	account, err := cloud.Open(t.Context(), cloud.Config{
		Folder: folder, Region: region, AccessKey: root, SecretKey: secret, Tables: engine.Endpoint(), Output: said,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { account.Close() })
	return &world{Account: account, t: t, said: said, stacks: cloudformation.New(cloudformation.Options{
		Region: region, BaseEndpoint: aws.String(account.Endpoint()), Credentials: as(root, secret, ""), HTTPClient: setup.Unhurried{HTTPClient: http.DefaultClient}, RetryMaxAttempts: 1,
	})}
}

func as(key, secret, token string) aws.CredentialsProvider {
	return credentials.NewStaticCredentialsProvider(key, secret, token)
}

func (w *world) objects(by aws.CredentialsProvider) *s3.Client {
	return s3.New(s3.Options{Region: region, BaseEndpoint: aws.String(w.Endpoint()), UsePathStyle: true, Credentials: by, HTTPClient: setup.Unhurried{HTTPClient: http.DefaultClient}, RetryMaxAttempts: 1})
}

// deploy makes or changes a stack and waits for its end. It returns the stack, and why each resource that failed did.
func (w *world) deploy(name string, resources map[string]any, outputs map[string]any) (types.Stack, []string) {
	w.t.Helper()
	template := map[string]any{"Resources": resources}
	if len(outputs) > 0 {
		template["Outputs"] = outputs
	}
	body, err := json.Marshal(template)
	if err != nil {
		w.t.Fatal(err)
	}
	kind := types.ChangeSetTypeUpdate
	if _, err := w.stacks.DescribeStacks(w.t.Context(), &cloudformation.DescribeStacksInput{StackName: &name}); err != nil {
		kind = types.ChangeSetTypeCreate
	}
	change, err := w.stacks.CreateChangeSet(w.t.Context(), &cloudformation.CreateChangeSetInput{StackName: &name, ChangeSetName: aws.String("c"),
		ChangeSetType: kind, TemplateBody: aws.String(string(body)), Capabilities: []types.Capability{types.CapabilityCapabilityNamedIam}})
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.stacks.ExecuteChangeSet(w.t.Context(), &cloudformation.ExecuteChangeSetInput{ChangeSetName: change.Id}); err != nil {
		w.t.Fatal(err)
	}
	return w.settled(change.StackId)
}

func (w *world) settled(id *string) (types.Stack, []string) {
	w.t.Helper()
	for {
		found, err := w.stacks.DescribeStacks(w.t.Context(), &cloudformation.DescribeStacksInput{StackName: id})
		if err != nil {
			w.t.Fatal(err)
		}
		if s := found.Stacks[0]; !strings.HasSuffix(string(s.StackStatus), "_IN_PROGRESS") {
			return s, w.failures(id)
		}
		select {
		case <-w.t.Context().Done():
			w.t.Fatal(w.t.Context().Err())
		case <-time.After(2 * time.Millisecond):
		}
	}
}

func (w *world) failures(id *string) (all []string) {
	w.t.Helper()
	events, err := w.stacks.DescribeStackEvents(w.t.Context(), &cloudformation.DescribeStackEventsInput{StackName: id})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, e := range events.StackEvents {
		if strings.HasSuffix(string(e.ResourceStatus), "_FAILED") && aws.ToString(e.PhysicalResourceId) != aws.ToString(id) {
			all = append(all, fmt.Sprintf("%s: %s", aws.ToString(e.LogicalResourceId), aws.ToString(e.ResourceStatusReason)))
		}
	}
	return all
}

func (w *world) destroy(name string) (types.Stack, []string) {
	w.t.Helper()
	found, err := w.stacks.DescribeStacks(w.t.Context(), &cloudformation.DescribeStacksInput{StackName: &name})
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.stacks.DeleteStack(w.t.Context(), &cloudformation.DeleteStackInput{StackName: &name}); err != nil {
		w.t.Fatal(err)
	}
	return w.settled(found.Stacks[0].StackId)
}

// output is the value of an output.
func output(t *testing.T, s types.Stack, name string) string {
	t.Helper()
	for _, o := range s.Outputs {
		if aws.ToString(o.OutputKey) == name {
			return aws.ToString(o.OutputValue)
		}
	}
	t.Fatalf("no output %s in %s", name, s.StackStatus)
	return ""
}

// resource is a resource of a template, its properties in JSON.
func resource(kind, properties string) map[string]any {
	return map[string]any{"Type": kind, "Properties": json.RawMessage(properties)}
}

// ref is a reference to a resource, as an output.
func ref(id string) map[string]any { return map[string]any{"Value": map[string]any{"Ref": id}} }

// attribute is an attribute of a resource, as an output.
func attribute(id, name string) map[string]any {
	return map[string]any{"Value": map[string]any{"Fn::GetAtt": []string{id, name}}}
}
