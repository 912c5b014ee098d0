package decide_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"beian/functions/abandon"
	"beian/functions/announce"
	"beian/functions/awaitbureau"
	"beian/functions/awaitconfirmation"
	"beian/functions/collectdetails"
	"beian/functions/collectevidence"
	"beian/functions/expire"
	"beian/functions/followup"
	"beian/functions/initialreview"
	"beian/functions/maildocuments"
	"beian/functions/reject"
	"beian/functions/sweeper"
	"beian/functions/transmit"
	"beian/functions/verifyauthenticity"
	"beian/functions/verifyproduct"
	"beian/functions/verifysms"
	"beian/functions/verifytype"
	"beian/functions/withdraw"
	"beian/infra/local/clock"
	"beian/infra/local/dynamodb/dynamodbtest"
	"beian/infra/local/keyfile"
	localstepfunctions "beian/infra/local/stepfunctions"
	"beian/shared/aws/dynamo"
	"beian/shared/aws/lambdaerror"
	"beian/shared/aws/stepfunctions"
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
	"beian/shared/process/late"
	"beian/shared/setup"
	"beian/shared/workflow"
)

const machineName = "filing"

// A system is a Service with a table, a state machine, the functions of its states and a simulated bureau.
type system struct {
	*decide.Service
	t     *testing.T
	store *dynamo.Store
	sfn   *sfn.Client
	clock *clock.Clock
	host  *localstepfunctions.Host
	// table and machine are the transports of the calls to the engines.
	table, machine *hookedTransport
	// finder asks ministry.
	finder   *facts.Finder
	ministry *simulator.Bureau
	// returned receives the name of each state whose function has returned.
	returned chan string

	handlers map[string]lambda.Handler
	mu       sync.Mutex
	calls    int // how often each invocation calls its function
	path     []string
}

func newSystem(t *testing.T) *system {
	t.Helper()
	o := &system{t: t, clock: clock.StandingAt(filingtest.December2019), returned: make(chan string, 1000), calls: 1, table: &hookedTransport{}, machine: &hookedTransport{}}
	o.store = o.newStore()
	o.host = o.newMachine()
	server := httptest.NewServer(o.host)
	t.Cleanup(server.Close)
	log := slog.New(slog.DiscardHandler)
	o.sfn = sfn.New(sfn.Options{BaseEndpoint: aws.String(server.URL), Region: "us-east-1", RetryMaxAttempts: 1,
		HTTPClient: setup.BufferedBodyClient{HTTPClient: &http.Client{Transport: o.machine}}, Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")})
	machine := &stepfunctions.Machine{Client: stepfunctions.ClientOf(o.sfn), ARN: o.host.MachineARN(machineName)}
	o.Service = &decide.Service{Store: o.store, Machine: machine, Now: o.clock.Now, Log: log}
	o.finder = &facts.Finder{Store: o.store, Bureau: o.newBureauClient()}
	o.setHandlers(o.finder)
	return o
}

func (o *system) newStore() *dynamo.Store {
	engine := dynamodbtest.Start(o.t)
	keys, err := keyfile.Open(filepath.Join(o.t.TempDir(), "keys.json"), filingtest.December2019)
	if err != nil {
		o.t.Fatal(err)
	}
	client := dynamodb.New(dynamodb.Options{BaseEndpoint: aws.String(engine.Endpoint()), Region: "us-east-1",
		HTTPClient: setup.BufferedBodyClient{HTTPClient: &http.Client{Transport: o.table}}, Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")})
	wrapped := dynamo.Keys{Client: dynamo.ClientOf(client), Table: "keys"}
	store := &dynamo.Store{Client: wrapped.Client, Table: "filings", Encrypter: envelope.New(keys, wrapped, o.clock.Now), Wall: o.clock.Now}
	if err := errors.Join(dynamo.CreateTable(o.t.Context(), client, store.Table), dynamo.CreateKeysTable(o.t.Context(), client, wrapped.Table)); err != nil {
		o.t.Fatal(err)
	}
	err = store.PutServer(o.t.Context(), inventory.Server{ID: "server-1", Account: filingtest.Applicant.Account, Placement: "11", Mode: 5,
		IPs: []string{"8.130.1.1"}, RentedAt: filingtest.December2019, ExpiresAt: filingtest.December2019.AddDate(1, 0, 0), Quota: 5})
	if err != nil {
		o.t.Fatal(err)
	}
	return store
}

func (o *system) newMachine() *localstepfunctions.Host {
	definition := workflow.Render("aws", workflow.Step.Folder)
	host, err := localstepfunctions.Start(localstepfunctions.Config{Dir: o.t.TempDir(), Clock: o.clock, Invoke: o.invoke, Workers: 8,
		Machines: map[string]string{machineName: definition}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		o.t.Fatal(err)
	}
	o.t.Cleanup(func() {
		if err := host.Close(); err != nil {
			o.t.Error(err)
		}
	})
	return host
}

func (o *system) newBureauClient() *bureau.Client {
	account := simulator.Account{ProviderID: 99001, User: "test", Password: "test", Key: "0123456789abcdef", IV: "fedcba9876543210"}
	simulated, err := simulator.New(simulator.Config{Accounts: []simulator.Account{account}, Now: o.clock.Now})
	if err != nil {
		o.t.Fatal(err)
	}
	o.t.Cleanup(func() { simulated.Close() })
	o.ministry = simulated
	server := httptest.NewServer(simulated.Handler())
	o.t.Cleanup(server.Close)
	client, err := bureau.New(bureau.Config{
		UpDownLoad: server.URL + bureau.UpDownLoadPath, BeianStatus: server.URL + bureau.BeianStatusPath,
		VerifyPassword: server.URL + bureau.VerifyPasswordPath, ProviderID: account.ProviderID, User: account.User, Password: account.Password,
		Key: account.Key, IV: account.IV, Now: o.clock.Now,
	})
	if err != nil {
		o.t.Fatal(err)
	}
	return client
}

// setHandlers sets the functions of the states, wired as on AWS.
func (o *system) setHandlers(r *facts.Finder) {
	d := o.Service
	registrations := domainfacts.Simulator{Now: o.clock.Now}
	checked := &domaincheck.Finder{Registrations: registrations, Pages: registrations, Blacklist: o.store, Now: o.clock.Now, Log: d.Log}
	o.handlers = map[string]lambda.Handler{
		"verifytype":         lambda.NewHandler(lambdaerror.Wrap(verifytype.Handler{Decisions: d, Facts: r, Domains: checked}.Handle)),
		"verifyproduct":      lambda.NewHandler(lambdaerror.Wrap(verifyproduct.Handler{Decisions: d}.Handle)),
		"collectdetails":     lambda.NewHandler(lambdaerror.Wrap(collectdetails.Handler{Decisions: d}.Handle)),
		"collectevidence":    lambda.NewHandler(lambdaerror.Wrap(collectevidence.Handler{Decisions: d}.Handle)),
		"verifyauthenticity": lambda.NewHandler(lambdaerror.Wrap(verifyauthenticity.Handler{Decisions: d}.Handle)),
		"awaitconfirmation":  lambda.NewHandler(lambdaerror.Wrap(awaitconfirmation.Handler{Decisions: d}.Handle)),
		"initialreview":      lambda.NewHandler(lambdaerror.Wrap(initialreview.Handler{Decisions: d, Domains: checked}.Handle)),
		"maildocuments":      lambda.NewHandler(lambdaerror.Wrap(maildocuments.Handler{Decisions: d}.Handle)),
		"verifysms":          lambda.NewHandler(lambdaerror.Wrap(verifysms.Handler{Decisions: d, NewCode: filingtest.SequentialCodes(), Hours: filing.AnyHour}.Handle)),
		"transmit":           lambda.NewHandler(lambdaerror.Wrap(transmit.Handler{Decisions: d, Facts: r, Domains: checked, IDs: o.store}.Handle)),
		"awaitbureau":        lambda.NewHandler(lambdaerror.Wrap(awaitbureau.Handler{Decisions: d}.Handle)),
		"announce":           lambda.NewHandler(lambdaerror.Wrap(announce.Handler{Decisions: d}.Handle)),
		"followup":           lambda.NewHandler(lambdaerror.Wrap(followup.Handler{Decisions: d, History: o.store}.Handle)),
		"withdraw":           lambda.NewHandler(lambdaerror.Wrap(withdraw.Handler{Decisions: d}.Handle)),
		"abandon":            lambda.NewHandler(lambdaerror.Wrap(abandon.Handler{Decisions: d}.Handle)),
		"reject":             lambda.NewHandler(lambdaerror.Wrap(reject.Handler{Decisions: d}.Handle)),
		"expire":             lambda.NewHandler(lambdaerror.Wrap(expire.Handler{Decisions: d}.Handle)),
	}
}

// invoke calls a function like Lambda, o.calls times.
func (o *system) invoke(ctx context.Context, name string, payload []byte) (result []byte, functionError bool, err error) {
	handler, ok := o.handlers[name]
	if !ok {
		return nil, false, localstepfunctions.ErrNoFunction
	}
	o.mu.Lock()
	calls := o.calls
	o.path = append(o.path, name)
	o.mu.Unlock()
	for range calls {
		if result, err = handler.Invoke(ctx, payload); err != nil {
			break
		}
	}
	o.returned <- name
	if err != nil {
		doc, merr := json.Marshal(err)
		return doc, true, merr
	}
	return result, false, nil
}

// waitForState waits until the function of a state has returned.
func (o *system) waitForState(step filing.Step) {
	o.t.Helper()
	for {
		select {
		case name := <-o.returned:
			if name == strings.ToLower(string(step)) {
				return
			}
		case <-time.After(30 * time.Second):
			o.t.Fatalf("the machine does not reach %s; it visited %v", step, o.visitedStates())
		}
	}
}

// visitedStates returns the states that the machine has entered, in order.
func (o *system) visitedStates() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.path)
}

// waitForEnd waits until the execution of a round has succeeded.
func (o *system) waitForEnd(id filing.ID, round int) {
	o.t.Helper()
	arn := o.host.ExecutionARN(machineName, fmt.Sprintf("%s-%d", id, round))
	ctx, cancel := context.WithTimeout(o.t.Context(), 30*time.Second)
	defer cancel()
	if err := o.host.Wait(ctx, arn); err != nil {
		o.t.Fatalf("round %d: %v; the machine visited %v", round, err, o.visitedStates())
	}
	out, err := o.sfn.DescribeExecution(o.t.Context(), &sfn.DescribeExecutionInput{ExecutionArn: aws.String(arn)})
	if err != nil || out.Status != "SUCCEEDED" {
		o.t.Fatalf("round %d ended %+v, %v", round, out, err)
	}
}

// openOrder opens an order in a province that requires the SMS verification.
func (o *system) openOrder() *filingtest.Walk {
	o.t.Helper()
	w := &filingtest.Walk{T: o.t, App: filingtest.EnterpriseBeijing(), At: filingtest.December2019}
	w.App.Opening.Province, w.App.Subject.Division = "12", "120101" // Tianjin
	order, err := o.Create(o.t.Context(), w.App.OpenInput("01EXAMPLE"), filingtest.Applicant, decide.Preconditions{})
	if err != nil {
		o.t.Fatal(err)
	}
	w.Order = order
	return w
}

// decide carries out a decision.
func (o *system) decide(w *filingtest.Walk, by filing.Actor, d filing.Decision) {
	o.t.Helper()
	order, err := o.Decide(o.t.Context(), w.Order.ID, by, d)
	if err != nil {
		o.t.Fatalf("%s: %v", d.Name(), err)
	}
	w.Order = order
}

// reload reads the order from the store into the walk.
func (o *system) reload(w *filingtest.Walk) filing.Order {
	o.t.Helper()
	order, err := o.Store.Order(o.t.Context(), w.Order.ID)
	if err != nil {
		o.t.Fatal(err)
	}
	w.Order = order
	return order
}

// sweep deletes the notices and runs the sweeper.
func (o *system) sweep() {
	o.t.Helper()
	o.deleteEntries(decide.SendNotice)
	o.clock.Advance(2 * sweeper.MinEntryAge)
	h := sweeper.Handler{Decisions: o.Service, Outbox: o.store, WallClock: o.clock.Now, Log: slog.New(slog.DiscardHandler),
		Watch: late.Watch{Decisions: o.Service, Store: o.store}}
	if _, err := h.Handle(o.t.Context(), sweeper.Input{}); err != nil {
		o.t.Fatal(err)
	}
}

func (o *system) deleteEntries(kind decide.EntryKind) {
	o.t.Helper()
	for _, e := range o.entries(kind) {
		if err := o.Store.DeleteEntry(o.t.Context(), e.ID); err != nil {
			o.t.Fatal(err)
		}
	}
}

func (o *system) entries(kind decide.EntryKind) []decide.OutboxEntry {
	o.t.Helper()
	entries, err := o.store.Outbox(o.t.Context(), kind, 1000)
	if err != nil {
		o.t.Fatal(err)
	}
	return entries
}

// A hookedTransport is an HTTP transport with hooks before and after each call.
type hookedTransport struct {
	mu            sync.Mutex
	before, after func(action, body string) error
}

var errCallFailed = errors.New("the test made the call fail")

// failCalls makes calls of some actions fail before they arrive.
func (w *hookedTransport) failCalls(actions ...string) {
	w.setHooks(func(action, _ string) error {
		if slices.ContainsFunc(actions, func(a string) bool { return strings.HasSuffix(action, "."+a) }) {
			return errCallFailed
		}
		return nil
	}, nil)
}

func (w *hookedTransport) removeHooks() { w.setHooks(nil, nil) }

func (w *hookedTransport) setHooks(before, after func(action, body string) error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.before, w.after = before, after
}

// RoundTrip sends one request. The hooks may send others.
func (w *hookedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	before, after := w.before, w.after
	w.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body.Close()
	r.Body = io.NopCloser(bytes.NewReader(body))
	action := r.Header.Get("X-Amz-Target")
	if before != nil {
		if err := before(action, string(body)); err != nil {
			return nil, err
		}
	}
	response, err := http.DefaultTransport.RoundTrip(r)
	if err == nil && after != nil {
		if lost := after(action, string(body)); lost != nil {
			response.Body.Close()
			return nil, lost
		}
	}
	return response, err
}
