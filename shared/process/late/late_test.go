package late_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"beian/infra/local/scenario"
	localstepfunctions "beian/infra/local/stepfunctions"
	"beian/infra/local/steptest"
	"beian/shared/aws/stepfunctions"
	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/process/decide"
	"beian/shared/process/exchange"
	"beian/shared/process/late"
	"beian/shared/setup"
	"beian/shared/workflow"
)

var admin = filing.Actor{Account: "admin-1", Role: filing.Admin}

// A system is a table and a state machine whose functions only wait. Decisions do not notify it; their entries stay in the outbox.
type system struct {
	*steptest.Fixture
	finder *late.Finder
	watch  late.Watch
	sfn    *sfn.Client

	mu      sync.Mutex
	failing bool // the functions fail
}

func newSystem(t *testing.T) *system {
	t.Helper()
	s := &system{Fixture: steptest.New(t)}
	host, err := localstepfunctions.Start(localstepfunctions.Config{Dir: t.TempDir(), Clock: s.Clock, Invoke: s.invoke, Workers: 2,
		Machines: map[string]string{"filing": workflow.Render("aws", workflow.Step.Folder)}, Alias: "live", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { host.Close() })
	server := httptest.NewServer(host)
	t.Cleanup(server.Close)
	s.sfn = sfn.New(sfn.Options{BaseEndpoint: aws.String(server.URL), Region: "us-east-1", HTTPClient: setup.NewHTTPClient(),
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")})
	machine := &stepfunctions.Machine{Client: s.sfn, ARN: host.MachineARN("filing") + ":live"}
	s.Service.Machine = machine
	log := slog.New(slog.DiscardHandler)
	s.finder = &late.Finder{Decisions: s.Service, Store: s.Store, Machine: machine, Wall: s.Clock.Now,
		Bureau: &exchange.Operator{Decisions: s.Service, Store: s.Store, Link: "1", Now: s.Clock.Now, Log: log}}
	s.watch = late.Watch{Orders: s.Store, Store: s.Store, Now: s.Clock.Now, Log: log}
	return s
}

// invoke waits for the order, as the functions of the steps do. While failing is set, it returns an error that the machine does not retry.
func (s *system) invoke(ctx context.Context, name string, payload []byte) ([]byte, bool, error) {
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
	return []byte(`{}`), false, nil
}

func (s *system) setFailing(failing bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failing = failing
}

// list runs the watch and returns what is late.
func (s *system) list() []late.Item {
	s.T.Helper()
	if err := s.watch.Run(s.T.Context()); err != nil {
		s.T.Fatal(err)
	}
	items, err := s.finder.List(s.T.Context())
	if err != nil {
		s.T.Fatal(err)
	}
	return items
}

// wantItem returns the only item of a clock, and fails if there is none.
func (s *system) wantItem(clock late.ClockName) late.Item {
	s.T.Helper()
	items := s.list()
	for _, i := range items {
		if i.Clock == clock {
			return i
		}
	}
	s.T.Fatalf("nothing of the clock %s is late: %+v", clock, items)
	return late.Item{}
}

// repair repairs an item and checks whether something was done.
func (s *system) repair(id string, want bool) {
	s.T.Helper()
	if done, err := s.finder.Repair(s.T.Context(), id, admin); err != nil || done != want {
		s.T.Fatalf("repair of %s: %t, %v", id, done, err)
	}
}

// awaitState waits until the newest execution of the order is in a state.
func (s *system) awaitState(state string) (e late.Execution) {
	s.T.Helper()
	err := scenario.Poll(s.T.Context(), func() (ok bool, err error) {
		e, err = s.finder.Machine.Execution(s.T.Context(), s.Walk.Order.ID, s.Walk.Order.Round)
		return e.State == state, err
	})
	if err != nil {
		s.T.Fatalf("%v; it is %+v", err, e)
	}
	return e
}

// awaitTask waits until a task waits for the order at its step.
func (s *system) awaitTask() {
	s.T.Helper()
	err := scenario.Poll(s.T.Context(), func() (bool, error) {
		task, o := s.Task(), s.Order()
		return task.Step == o.Step && task.StepVisit == o.StepVisit, nil
	})
	if err != nil {
		s.T.Fatalf("%v; waiting is %+v", err, s.Task())
	}
}

// deliver delivers the entries of a kind.
func (s *system) deliver(kind decide.EntryKind) {
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

// wantRepairs checks that the ledger has repairs by the administrator.
func (s *system) wantRepairs(want ...string) {
	s.T.Helper()
	entries, err := s.Store.Ledger(s.T.Context(), s.Walk.Order.ID)
	if err != nil {
		s.T.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		if e.Decision == "record-repair" && e.By.Account == admin.Account {
			got = append(got, e.Facts["action"]+" "+e.Facts["what"])
		}
	}
	if strings.Join(got, ", ") != strings.Join(want, ", ") {
		s.T.Errorf("the ledger has the repairs %q, want %q", got, want)
	}
}

// TestLostStart: an execution whose start was not delivered is late after the grace period, and delivering its entry starts it.
func TestLostStart(t *testing.T) {
	s := newSystem(t)
	s.At(filing.VerifyType)
	if items := s.list(); len(items) != 0 {
		t.Fatalf("at once late: %+v", items)
	}
	s.Clock.Advance(late.Grace + time.Minute)
	item := s.wantItem("start")
	if item.Action != late.Deliver || item.Order != s.Walk.Order.ID || item.Entry != decide.StartExecution {
		t.Errorf("%+v", item)
	}
	if missing := s.wantItem("execution"); missing.Execution.Status != late.NoExecution {
		t.Errorf("%+v", missing)
	}
	s.repair(item.ID, true)
	s.awaitTask()
	s.repair(item.ID, false)
	if items := s.list(); len(items) != 0 {
		t.Errorf("still late: %+v", items)
	}
	s.wantRepairs("deliver start")
}

// TestPausedMachine: an order whose step fails in all its retries is found by the watch, and restarted once the cause is gone.
func TestPausedMachine(t *testing.T) {
	s := newSystem(t)
	s.At(filing.VerifyType)
	s.setFailing(true)
	s.deliver(decide.StartExecution)
	s.awaitState("Pause")
	s.Clock.Advance(late.Grace - time.Second)
	if items := s.list(); len(items) != 0 {
		t.Fatalf("late within the grace period: %+v", items)
	}
	s.Clock.Advance(2 * time.Second)
	s.awaitState("Pause") // it failed again
	item := s.wantItem("execution")
	if item.Action != late.Restart || item.Execution.State != "Pause" || !strings.Contains(item.Cause.English, "retries") {
		t.Errorf("%+v", item)
	}
	s.setFailing(false)
	s.repair(item.ID, true)
	s.awaitTask()
	s.repair(item.ID, false)
	if e := s.awaitState("VerifyType"); e.Attempt != 2 {
		t.Errorf("%+v", e)
	}
	if items := s.list(); len(items) != 0 {
		t.Errorf("still late: %+v", items)
	}
	if stalled, err := s.Store.Stalled(t.Context(), 10); err != nil || len(stalled) != 0 {
		t.Errorf("the watch keeps %+v, %v", stalled, err)
	}
	path, err := s.finder.Machine.Path(t.Context(), late.Execution{Order: s.Walk.Order.ID, Round: 1, Attempt: 1, Status: late.Aborted})
	if err != nil || len(path) < 4 || path[0].State != "Step" || path[1].State != "VerifyType" || path[2].State != "Pause" || path[2].At.IsZero() {
		t.Errorf("%+v, %v", path, err)
	}
	s.wantRepairs("restart RUNNING")
}

// TestAbortedExecution: an execution that was stopped while it waited is found, and restarted where the order is.
func TestAbortedExecution(t *testing.T) {
	s := newSystem(t)
	s.At(filing.CollectDetails)
	s.deliver(decide.StartExecution)
	s.deliver(decide.ResumeExecution)
	s.awaitTask()
	arn := strings.Replace(s.Service.Machine.(*stepfunctions.Machine).ARN, "stateMachine", "execution", 1)
	arn = strings.TrimSuffix(arn, ":live") + ":" + string(s.Walk.Order.ID) + "-1"
	if _, err := s.sfn.StopExecution(t.Context(), &sfn.StopExecutionInput{ExecutionArn: aws.String(arn)}); err != nil {
		t.Fatal(err)
	}
	s.Clock.Advance(late.Grace + time.Minute)
	item := s.wantItem("execution")
	if item.Execution.Status != late.Aborted || item.Step != filing.CollectDetails {
		t.Errorf("%+v", item)
	}
	s.repair(item.ID, true)
	s.awaitTask()
	if e := s.awaitState("CollectDetails"); e.Attempt != 2 {
		t.Errorf("%+v", e)
	}
	s.repair(item.ID, false)
	if items := s.list(); len(items) != 0 {
		t.Errorf("still late: %+v", items)
	}
}

// TestMissedDecision: an order that has moved on without its execution is found, and so is one that is being closed.
func TestMissedDecision(t *testing.T) {
	s := newSystem(t)
	s.At(filing.VerifyProduct)
	s.deliver(decide.StartExecution)
	s.awaitTask()
	s.At(filing.CollectDetails)
	entries, err := s.Store.Outbox(t.Context(), decide.ResumeExecution, 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries { // they are lost
		if err := s.Store.DeleteEntry(t.Context(), e.ID); err != nil {
			t.Fatal(err)
		}
	}
	s.Clock.Advance(late.Grace + time.Minute)
	item := s.wantItem("execution")
	if item.Execution.State != "VerifyProduct" || item.Step != filing.CollectDetails {
		t.Errorf("%+v", item)
	}
	s.repair(item.ID, true)
	s.awaitTask()
	s.awaitState("CollectDetails")
	if items := s.list(); len(items) != 0 {
		t.Errorf("still late: %+v", items)
	}
	s.Do(filingtest.Applicant, filing.AskToClose{As: filing.ClosingAbandon})
	s.Clock.Advance(late.Grace + time.Minute)
	if item := s.wantItem("resume"); item.Order != s.Walk.Order.ID {
		t.Errorf("%+v", item)
	}
}
