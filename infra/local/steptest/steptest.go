// Package steptest tests the function of a step with the laptop's DynamoDB engine, the decision service and the simulated bureau. Only
// the state machine is replaced, by a [Machine] that records its calls.
//
//	w := steptest.New(t)
//	order := w.At(filing.VerifySMS) // an order at the step, brought there by real decisions
//	_, err := verifysms.Handler{Decisions: w.Service, Draw: draw}.Handle(t.Context(), w.Input())
//	// w.Completed has the tasks that were completed, w.Task() the one that waits
//
// For a step that only waits, [TestWaitingStep] is the whole test.
package steptest

import (
	"context"
	"errors"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"beian/infra/local/clock"
	"beian/infra/local/dynamodb/dynamodbtest"
	"beian/infra/local/keyfile"
	"beian/shared/aws/dynamo"
	"beian/shared/bureau"
	"beian/shared/bureau/simulator"
	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/partners/domainfacts"
	"beian/shared/process/decide"
	"beian/shared/process/domaincheck"
	"beian/shared/process/envelope"
	"beian/shared/process/facts"
	"beian/shared/process/inventory"
	"beian/shared/rules/fault"
	"beian/shared/setup"
)

// OrderID is the id of the order; see [Fixture.At].
const OrderID filing.ID = "01JCZK3V7M8N9P0Q1R2S3T4V5W"

// Token is the task token in the input of the functions.
const Token = "the-token"

// A Fixture is the environment of a function: table, decision service, recorded machine and simulated bureau.
type Fixture struct {
	*decide.Service
	*Machine
	T     *testing.T
	Store *dynamo.Store
	Clock *clock.Clock
	Facts *facts.Finder
	// Domains has the simulator of registrations; see partners/domainfacts.
	Domains *domaincheck.Finder
	Bureau  *simulator.Bureau
	// Walk has the order; see At.
	Walk *filingtest.Walk
}

// A Machine records the calls to the state machine. It is safe for concurrent use.
type Machine struct {
	mu        sync.Mutex
	Started   []decide.Input
	Completed []Completion
	// Err, if not nil, is the error of all calls.
	Err error
}

// A Completion is a completed task.
type Completion struct {
	Token string
	filing.Outcome
}

// Start implements decide.Machine.
func (m *Machine) Start(_ context.Context, in decide.Input) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.Err == nil {
		m.Started = append(m.Started, in)
	}
	return m.Err
}

// CompleteTask implements decide.Machine.
func (m *Machine) CompleteTask(_ context.Context, token string, outcome filing.Outcome) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.Err == nil {
		m.Completed = append(m.Completed, Completion{token, outcome})
	}
	return m.Err
}

// New starts a fixture with an empty table.
func New(t *testing.T) *Fixture {
	t.Helper()
	engine := dynamodbtest.Start(t)
	w := &Fixture{T: t, Clock: clock.StandingAt(filingtest.December2019), Machine: &Machine{}}
	keys, err := keyfile.Open(filepath.Join(t.TempDir(), "keys.json"), w.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	client := dynamodb.New(dynamodb.Options{BaseEndpoint: aws.String(engine.Endpoint()), Region: "us-east-1",
		HTTPClient: setup.NewHTTPClient(), Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")})
	wrapped := dynamo.Keys{Client: dynamo.ClientOf(client), Table: "keys"}
	w.Store = &dynamo.Store{Client: wrapped.Client, Table: "filings", Encrypter: envelope.New(keys, wrapped, w.Clock.Now), Wall: w.Clock.Now}
	if err := errors.Join(dynamo.CreateTable(t.Context(), client, w.Store.Table), dynamo.CreateKeysTable(t.Context(), client, wrapped.Table)); err != nil {
		t.Fatal(err)
	}
	err = w.Store.PutServer(t.Context(), inventory.Server{ID: "server-1", Account: filingtest.Applicant.Account, Placement: "11", Mode: 5,
		IPs: []string{"8.130.1.1"}, RentedAt: filingtest.December2019, ExpiresAt: filingtest.December2019.AddDate(1, 0, 0), Quota: 5})
	if err != nil {
		t.Fatal(err)
	}
	w.Service = &decide.Service{Store: w.Store, Machine: w.Machine, Now: w.Clock.Now, Log: slog.New(slog.DiscardHandler)}
	w.Facts = &facts.Finder{Store: w.Store, Bureau: w.startBureau()}
	simulated := domainfacts.Simulator{Now: w.Clock.Now}
	w.Domains = &domaincheck.Finder{Registrations: simulated, Pages: simulated, Blacklist: w.Store, Now: w.Clock.Now, Log: w.Service.Log}
	return w
}

func (w *Fixture) startBureau() *bureau.Client {
	account := simulator.Account{ProviderID: 99001, User: "test", Password: "test", Key: "0123456789abcdef", IV: "fedcba9876543210"}
	var err error
	w.Bureau, err = simulator.New(simulator.Config{Accounts: []simulator.Account{account}, Now: w.Clock.Now})
	if err != nil {
		w.T.Fatal(err)
	}
	w.T.Cleanup(func() { w.Bureau.Close() })
	server := httptest.NewServer(w.Bureau.Handler())
	w.T.Cleanup(server.Close)
	client, err := bureau.New(bureau.Config{
		UpDownLoad: server.URL + bureau.UpDownLoadPath, BeianStatus: server.URL + bureau.BeianStatusPath,
		VerifyPassword: server.URL + bureau.VerifyPasswordPath, ProviderID: account.ProviderID, User: account.User, Password: account.Password,
		Key: account.Key, IV: account.IV, Now: w.Clock.Now,
	})
	if err != nil {
		w.T.Fatal(err)
	}
	return client
}

// DomainOfOther files the order's domain for another subject.
var DomainOfOther = simulator.Scenario{Filed: []simulator.Seed{{
	Name: "样例有限公司", Nature: 4, CertificateKind: 1, CertificateNumber: string(filingtest.JiangsuFirm), Division: 120101,
	Sites: []simulator.SeedSite{{Name: "样例网站", Domains: []string{"beijing-example.com"}}},
}}}

// ApplyScenario changes the behaviour of the simulated bureau.
func (w *Fixture) ApplyScenario(s simulator.Scenario) {
	w.T.Helper()
	if err := w.Bureau.Apply(s); err != nil {
		w.T.Fatal(err)
	}
}

// At advances the order to a step and returns it. It first opens the order, in a province with the SMS verification, if there is none.
func (w *Fixture) At(step filing.Step) filing.Order {
	w.T.Helper()
	if w.Walk == nil {
		app := filingtest.EnterpriseBeijing()
		app.Opening.Province, app.Subject.Division = "12", "120101" // Tianjin
		w.Walk = &filingtest.Walk{T: w.T, App: app, At: w.Clock.Now(), Store: w.commit}
		w.Walk.ContinueWith(filing.Open(app.OpenInput(OrderID), filingtest.Applicant, w.Walk.At))
	}
	w.Walk.At = w.Clock.Now()
	w.Walk.AdvanceTo(step)
	return w.Walk.Order
}

// Do applies a decision to the order and stores it, without notifying the machine: all entries stay in the outbox.
func (w *Fixture) Do(by filing.Actor, d filing.Decision) filing.Order {
	w.T.Helper()
	w.Walk.Order, w.Walk.At = w.Order(), w.Clock.Now()
	w.Walk.Decide(by, d)
	return w.Walk.Order
}

func (w *Fixture) commit(c filing.Change) filing.Order {
	w.T.Helper()
	entries, err := w.Store.Commit(w.T.Context(), c, decide.Request{})
	for _, e := range entries {
		if err == nil && e.Derived {
			err = w.Store.AddEntry(w.T.Context(), e)
		}
	}
	if err != nil {
		w.T.Fatal(err)
	}
	w.Walk.Order = c.Order
	return w.Order()
}

// Order reads the order from the store.
func (w *Fixture) Order() filing.Order {
	w.T.Helper()
	order, err := w.Store.Order(w.T.Context(), w.Walk.Order.ID)
	if err != nil {
		w.T.Fatal(err)
	}
	return order
}

// Input is the input of the function.
func (w *Fixture) Input() decide.Input {
	return decide.Input{Order: w.Walk.Order.ID, Round: w.Walk.Order.Round, Token: Token}
}

// Task returns the task that waits for the order.
func (w *Fixture) Task() decide.WaitingTask {
	w.T.Helper()
	task, err := w.Store.WaitingTask(w.T.Context(), w.Walk.Order.ID)
	if err != nil {
		w.T.Fatal(err)
	}
	return task
}

// Decisions counts the entries of the order's ledger by decision.
func (w *Fixture) Decisions() map[string]int {
	w.T.Helper()
	entries, err := w.Store.Ledger(w.T.Context(), w.Walk.Order.ID)
	if err != nil {
		w.T.Fatal(err)
	}
	counts := map[string]int{}
	for _, e := range entries {
		counts[e.Decision]++
	}
	return counts
}

// Notices counts the notices in the outbox by their kind.
func (w *Fixture) Notices() map[filing.NoticeKind]int {
	w.T.Helper()
	entries, err := w.Store.Outbox(w.T.Context(), decide.SendNotice, 1000)
	if err != nil {
		w.T.Fatal(err)
	}
	counts := map[filing.NoticeKind]int{}
	for _, e := range entries {
		counts[e.Notice.Kind]++
	}
	return counts
}

// A Handle is the function of a step without result.
type Handle func(context.Context, decide.Input) (struct{}, error)

// TestWaitingStep tests the function of a step that only waits. At its step, the function saves the token. If the order has moved
// on, or is in a later round, the function completes the task at once. It fails for an order that does not exist.
func TestWaitingStep(t *testing.T, step filing.Step, function func(*decide.Service) Handle) {
	t.Run("at its step", func(t *testing.T) {
		w := New(t)
		order := w.At(step)
		w.call(function)
		if want := (decide.WaitingTask{Step: step, StepVisit: order.StepVisit, Token: Token, Round: order.Round}); w.Task() != want || len(w.Completed) != 0 {
			t.Errorf("task %+v, completed %+v; want %+v", w.Task(), w.Completed, want)
		}
		if after := w.Order(); after.Version != order.Version {
			t.Errorf("the order changed from version %d to %d", order.Version, after.Version)
		}
	})
	t.Run("the order has moved on", func(t *testing.T) {
		w := New(t)
		w.At(step)
		w.At(nextStep(step))
		w.call(function)
		if len(w.Completed) != 1 || w.Completed[0].Token != Token || w.Completed[0].Error != "" || w.Task().Token != "" {
			t.Errorf("completed %+v, task %+v; want one success", w.Completed, w.Task())
		}
	})
	t.Run("an earlier round", func(t *testing.T) {
		w := New(t)
		w.At(step)
		in := w.Input()
		in.Round--
		if _, err := function(w.Service)(t.Context(), in); err != nil {
			t.Fatal(err)
		}
		if len(w.Completed) != 1 || w.Task().Token != "" {
			t.Errorf("completed %+v, task %+v; want one completion", w.Completed, w.Task())
		}
	})
	t.Run("no such order", func(t *testing.T) {
		w := New(t)
		_, err := function(w.Service)(t.Context(), decide.Input{Order: "01NOTTHERE", Round: 1, Token: Token})
		if fault.KindOf(err) != fault.NotFound {
			t.Errorf("error %v, want kind NotFound", err)
		}
	})
}

// nextStep returns the step after a step, without MailDocuments, which only some reviewers ask for.
func nextStep(step filing.Step) filing.Step {
	after := filing.Steps[slices.Index(filing.Steps, step)+1]
	if after == filing.MailDocuments {
		return filing.VerifySMS
	}
	return after
}

func (w *Fixture) call(function func(*decide.Service) Handle) {
	w.T.Helper()
	if _, err := function(w.Service)(w.T.Context(), w.Input()); err != nil {
		w.T.Fatal(err)
	}
}

// TestClosingStep tests the function of a closing. ask is the decision that requests the closing at a step.
func TestClosingStep(t *testing.T, step filing.Step, by filing.Actor, ask filing.Decision, want filing.Status, function func(*decide.Service) Handle) {
	w := New(t)
	w.At(step)
	if by.Role == filing.Reviewer {
		w.Do(by, filing.ClaimOrder{})
	}
	w.Do(by, ask)
	for range 2 { // the second call has no effect
		w.call(function)
	}
	if got := w.Order(); got.Status != want {
		t.Errorf("the order is %s, want %s", got.Status, want)
	}
	if n := w.Decisions()["close"]; n != 1 {
		t.Errorf("%d decisions close the order", n)
	}
	if slot, err := w.Store.Server(t.Context(), "server-1"); err != nil || slot.Used != 0 {
		t.Errorf("%d filing slots are used, %v", slot.Used, err)
	}
	w.Walk = nil // the locks are free: the same application can be opened again
	if order := w.openAgain(); order.Step != filing.VerifyType {
		t.Errorf("the new order is at %s", order.Step)
	}
}

func (w *Fixture) openAgain() filing.Order {
	w.T.Helper()
	app := filingtest.EnterpriseBeijing()
	app.Opening.Province, app.Subject.Division = "12", "120101"
	opened, err := filing.Open(filing.OpenInput{ID: "01ANOTHER", Account: filingtest.Applicant.Account, Language: "zh-CN", Contact: app.Contact,
		Opening: app.Opening, SubjectKey: app.OpenInput(OrderID).SubjectKey, DigestKey: "digest-key-of-01ANOTHER"}, filingtest.Applicant, w.Clock.Now())
	if err != nil {
		w.T.Fatal(err)
	}
	if _, err := w.Store.Commit(w.T.Context(), opened, decide.Request{}); err != nil {
		w.T.Fatal(err)
	}
	return opened.Order
}
