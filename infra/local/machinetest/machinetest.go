// Package machinetest tests what happens when the state machine does not follow an order: the laptop's Step Functions run the filing's definition, with functions
// that only wait.
//
//	s := machinetest.New(t)
//	s.At(filing.VerifyType)                 // an order whose execution was not started
//	s.DeliverAll(decide.StartExecution)     // now it is
//	s.AwaitTask()
package machinetest

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"beian/infra/local/scenario"
	localstepfunctions "beian/infra/local/stepfunctions"
	"beian/infra/local/steptest"
	"beian/shared/aws/stepfunctions"
	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/process/exchange"
	"beian/shared/process/late"
	"beian/shared/setup"
	"beian/shared/workflow"
)

// A System is a table and a state machine whose functions only wait. Decisions do not notify it; their entries stay in the outbox.
type System struct {
	*steptest.Fixture
	Finder *late.Finder
	Watch  late.Watch
	SFN    *sfn.Client

	mu      sync.Mutex
	failing bool // the functions fail
}

// New starts a system.
func New(t *testing.T) *System {
	t.Helper()
	s := &System{Fixture: steptest.New(t)}
	host, err := localstepfunctions.Start(localstepfunctions.Config{Dir: t.TempDir(), Clock: s.Clock, Invoke: s.invoke, Workers: 2,
		Machines: map[string]string{"filing": workflow.Render("aws", workflow.Step.Folder)}, Alias: "live", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { host.Close() })
	server := httptest.NewServer(host)
	t.Cleanup(server.Close)
	s.SFN = sfn.New(sfn.Options{BaseEndpoint: aws.String(server.URL), Region: "us-east-1", HTTPClient: setup.NewHTTPClient(),
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")})
	arn := host.MachineARN("filing") + ":live"
	s.Service.Machine = &stepfunctions.Machine{Client: stepfunctions.ClientOf(s.SFN), ARN: arn}
	log := slog.New(slog.DiscardHandler)
	s.Finder = &late.Finder{Decisions: s.Service, Store: s.Store, Machine: stepfunctions.NewExecutions(s.SFN, arn), Wall: s.Clock.Now,
		Bureau: &exchange.Operator{Decisions: s.Service, Store: s.Store, Link: "1", Now: s.Clock.Now, Log: log}}
	s.Watch = late.Watch{Decisions: s.Service, Store: s.Store, Patience: late.WatchPatience}
	return s
}

// invoke waits for the order, as the functions of the steps do. While failing is set, it returns an error that the machine does not retry.
func (s *System) invoke(ctx context.Context, name string, payload []byte) ([]byte, bool, error) {
	s.mu.Lock()
	failing := s.failing
	s.mu.Unlock()
	if failing {
		return []byte(`{"errorType":"Internal"}`), true, nil
	}
	var in decide.Input
	if err := json.Unmarshal(payload, &in); err != nil {
		return nil, false, err
	}
	for _, step := range workflow.Steps {
		if step.Folder() == name && step.WaitsFor != "" {
			return []byte(`{}`), false, s.Wait(ctx, filing.Step(step.Name), in)
		}
	}
	order, err := s.Store.OrderState(ctx, in.Order) // not the fixture's, which fails a test that has ended meanwhile
	if err == nil && strings.EqualFold(name, string(order.Closing)) {
		_, err = s.Decide(ctx, in.Order, filing.Beian, filing.Close{})
	}
	return []byte(`{}`), err != nil, nil
}

// SetFailing makes the functions fail, or work again.
func (s *System) SetFailing(failing bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failing = failing
}

// LoseTask removes the token of the task that waits for the order from the table, so that nothing can notify the execution.
func (s *System) LoseTask() {
	s.T.Helper()
	task, err := s.Store.WaitingTask(s.T.Context(), s.Walk.Order.ID)
	if err == nil {
		task.Token = ""
		err = s.Store.SaveTaskToken(s.T.Context(), s.Walk.Order.ID, task)
	}
	if err != nil {
		s.T.Fatal(err)
	}
}

// Lose deletes the entries of a kind that would start or notify the execution, so that the outbox is as [decide.Service.Decide] leaves it if it ends half-way.
func (s *System) Lose(kind decide.EntryKind) {
	s.T.Helper()
	entries, err := s.Store.Outbox(s.T.Context(), kind, 10)
	for _, e := range entries {
		if err == nil {
			err = s.Store.DeleteEntry(s.T.Context(), e.ID)
		}
	}
	if err != nil {
		s.T.Fatal(err)
	}
}

// AwaitState waits until the newest execution of the order is in a state.
func (s *System) AwaitState(state string) (e late.Execution) {
	s.T.Helper()
	err := scenario.Poll(s.T.Context(), func() (ok bool, err error) {
		e, err = s.Finder.Machine.Execution(s.T.Context(), s.Walk.Order.ID, s.Walk.Order.Round)
		return e.State == state, err
	})
	if err != nil {
		s.T.Fatalf("%v; it is %+v", err, e)
	}
	return e
}

// AwaitTask waits until a task waits for the order at its step.
func (s *System) AwaitTask() {
	s.T.Helper()
	err := scenario.Poll(s.T.Context(), func() (bool, error) {
		task, o := s.Task(), s.Order()
		return task.Step == o.Step && task.StepVisit == o.StepVisit, nil
	})
	if err != nil {
		s.T.Fatalf("%v; waiting is %+v", err, s.Task())
	}
}

// DeliverAll delivers the entries of a kind.
func (s *System) DeliverAll(kind decide.EntryKind) {
	s.T.Helper()
	entries, err := s.Store.Outbox(s.T.Context(), kind, 10)
	if err != nil {
		s.T.Fatal(err)
	}
	for _, e := range entries {
		if err := s.Deliver(s.T.Context(), e); err != nil {
			s.T.Fatal(err)
		}
	}
}

// StopExecution stops the first execution of the order's round.
func (s *System) StopExecution() {
	s.T.Helper()
	arn := strings.Replace(s.Service.Machine.(*stepfunctions.Machine).ARN, "stateMachine", "execution", 1)
	arn = strings.TrimSuffix(arn, ":live") + ":" + string(s.Walk.Order.ID) + "-1"
	if _, err := s.SFN.StopExecution(s.T.Context(), &sfn.StopExecutionInput{ExecutionArn: aws.String(arn)}); err != nil {
		s.T.Fatal(err)
	}
}
