package cloudformation_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"beian/infra/local/cloudformation"
	"beian/shared/setup"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	api "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/smithy-go"
)

// world is a host whose resources are of the type Test::Thing: they have a Name that cannot change, a Value that can,
// and the attributes Arn and Value. A Value of "bad" cannot be made, and a Name of "stuck" cannot be deleted.
type world struct {
	t      *testing.T
	client *api.Client
	host   *cloudformation.Host

	mu     sync.Mutex
	things map[string]string // value by physical id
	calls  []string
	made   int
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, things: map[string]string{}}
	host, err := cloudformation.New(cloudformation.Config{
		Region: "ap-southeast-1", Account: "000000000000",
		Handlers: map[string]cloudformation.Handler{
			"Test::Thing":    {CreateOnly: []string{"Name"}, Create: w.create, Update: w.update, Delete: w.delete},
			"AWS::IAM::Role": {Create: w.create, Update: w.update, Delete: w.delete},
		},
		LookUp: func(service, key string) (string, error) {
			if key == "missing" {
				return "", errors.New("there is no parameter missing")
			}
			return "found-" + key, nil
		},
		Object: func(_ context.Context, url string) ([]byte, error) {
			if !strings.HasSuffix(url, "/template.json") {
				return nil, errors.New("there is no such object")
			}
			return []byte(things("A", "1")), nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(host)
	t.Cleanup(func() { server.Close(); host.Close() })
	w.host = host
	w.client = api.New(api.Options{Region: "ap-southeast-1", BaseEndpoint: aws.String(server.URL), HTTPClient: setup.BufferedBodyClient{HTTPClient: http.DefaultClient}, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("k", "s", "")})
	return w
}

// things is a template of things with their values: name, value, name, value…
func things(pairs ...string) string {
	var all []string
	for i := 0; i < len(pairs); i += 2 {
		all = append(all, fmt.Sprintf(`%q: {"Type": "Test::Thing", "Properties": {"Value": %q}}`, pairs[i], pairs[i+1]))
	}
	return `{"Resources": {` + strings.Join(all, ", ") + `}}`
}

func (w *world) note(format string, args ...any) {
	w.calls = append(w.calls, fmt.Sprintf(format, args...))
}

func (w *world) create(_ context.Context, r cloudformation.Request) (made cloudformation.Physical, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	value, _ := r.Properties["Value"].(string)
	if value == "bad" {
		return made, errors.New("a thing cannot be bad")
	}
	w.made++
	id := fmt.Sprintf("%s-%d", strings.ToLower(r.LogicalID), w.made)
	w.things[id] = value
	w.note("create %s %s", id, value)
	return physical(id, value), nil
}

func (w *world) update(_ context.Context, r cloudformation.Request) (made cloudformation.Physical, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	value, _ := r.Properties["Value"].(string)
	if value == "bad" {
		return made, errors.New("a thing cannot turn bad")
	}
	w.things[r.Physical.ID] = value
	w.note("update %s %s", r.Physical.ID, value)
	return physical(r.Physical.ID, value), nil
}

func (w *world) delete(_ context.Context, r cloudformation.Request) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if r.Properties["Name"] == "stuck" {
		return errors.New("it is stuck")
	}
	delete(w.things, r.Physical.ID)
	w.note("delete %s", r.Physical.ID)
	return nil
}

func physical(id, value string) cloudformation.Physical {
	return cloudformation.Physical{ID: id, Attributes: map[string]any{"Arn": "arn:" + id, "Value": value}}
}

// took are the calls since it was last asked.
func (w *world) took() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	calls := w.calls
	w.calls = nil
	return calls
}

// propose makes a change set, for a new stack or one that there is, and describes it.
func (w *world) propose(stack, template string, more ...func(*api.CreateChangeSetInput)) *api.DescribeChangeSetOutput {
	w.t.Helper()
	in := &api.CreateChangeSetInput{StackName: &stack, ChangeSetName: aws.String("change"), TemplateBody: &template, ChangeSetType: types.ChangeSetTypeUpdate}
	if found, err := w.client.DescribeStacks(w.t.Context(), &api.DescribeStacksInput{StackName: &stack}); err != nil ||
		found.Stacks[0].StackStatus == types.StackStatusReviewInProgress {
		in.ChangeSetType = types.ChangeSetTypeCreate
	}
	for _, change := range more {
		change(in)
	}
	created, err := w.client.CreateChangeSet(w.t.Context(), in)
	if err != nil {
		w.t.Fatal(err)
	}
	out, err := w.client.DescribeChangeSet(w.t.Context(), &api.DescribeChangeSetInput{ChangeSetName: created.Id})
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// deploy proposes and executes, and returns the stack when nothing is under way any more.
func (w *world) deploy(stack, template string, more ...func(*api.CreateChangeSetInput)) types.Stack {
	w.t.Helper()
	change := w.propose(stack, template, more...)
	return w.execute(change, false)
}

func (w *world) execute(change *api.DescribeChangeSetOutput, keep bool) types.Stack {
	w.t.Helper()
	if change.Status != types.ChangeSetStatusCreateComplete {
		w.t.Fatalf("the change set is %s: %s", change.Status, aws.ToString(change.StatusReason))
	}
	_, err := w.client.ExecuteChangeSet(w.t.Context(), &api.ExecuteChangeSetInput{ChangeSetName: change.ChangeSetId, DisableRollback: &keep})
	if err != nil {
		w.t.Fatal(err)
	}
	return w.settled(aws.ToString(change.StackId))
}

func (w *world) stack(name string) types.Stack {
	w.t.Helper()
	found, err := w.client.DescribeStacks(w.t.Context(), &api.DescribeStacksInput{StackName: &name})
	if err != nil {
		w.t.Fatal(err)
	}
	return found.Stacks[0]
}

func (w *world) settled(id string) types.Stack {
	w.t.Helper()
	for {
		if s := w.stack(id); !strings.HasSuffix(string(s.StackStatus), "_IN_PROGRESS") {
			return s
		}
		select {
		case <-w.t.Context().Done():
			w.t.Fatal(w.t.Context().Err())
		case <-time.After(time.Millisecond):
		}
	}
}

// destroy deletes a stack and returns what is left of it.
func (w *world) destroy(name string) types.Stack {
	w.t.Helper()
	id := aws.ToString(w.stack(name).StackId)
	if _, err := w.client.DeleteStack(w.t.Context(), &api.DeleteStackInput{StackName: &name}); err != nil {
		w.t.Fatal(err)
	}
	return w.settled(id)
}

// events are the events of a stack, the oldest first: resource, status.
func (w *world) events(name string) (told []string) {
	w.t.Helper()
	out, err := w.client.DescribeStackEvents(w.t.Context(), &api.DescribeStackEventsInput{StackName: &name})
	if err != nil {
		w.t.Fatal(err)
	}
	for i := len(out.StackEvents) - 1; i >= 0; i-- {
		e := out.StackEvents[i]
		told = append(told, aws.ToString(e.LogicalResourceId)+" "+string(e.ResourceStatus))
	}
	return told
}

// refused checks that an error is the API's, with this code and these words.
func refused(t *testing.T, err error, code, words string) {
	t.Helper()
	var refusal smithy.APIError
	if !errors.As(err, &refusal) || refusal.ErrorCode() != code || !strings.Contains(refusal.ErrorMessage(), words) {
		t.Errorf("error %v, want %s: %s", err, code, words)
	}
}
