package exchange_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/oklog/ulid/v2"

	localdynamodb "beian/infra/local/dynamodb"
	"beian/infra/local/dynamodb/dynamodbtest"
	"beian/infra/local/keyfile"
	locals3 "beian/infra/local/s3"
	"beian/shared/aws/bucket"
	"beian/shared/aws/dynamo"
	"beian/shared/aws/stepfunctions"
	"beian/shared/bureau"
	"beian/shared/bureau/simulator"
	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/decide"
	"beian/shared/process/duties"
	"beian/shared/process/envelope"
	"beian/shared/process/exchange"
	"beian/shared/rules/certificate"
	"beian/shared/rules/evidence"
	"beian/shared/setup"
)

const region = "cn-north-1"

var login = credentials.NewStaticCredentialsProvider("local", "local-secret", "")

// A laptop has the engines that systems share.
type laptop struct {
	records *localdynamodb.Engine
	objects *locals3.Gateway
	keys    *keyfile.Service
	base    *http.Transport
	systems atomic.Int64
}

func startLaptop(t *testing.T) *laptop {
	t.Helper()
	engine := dynamodbtest.Start(t)
	keys, err := keyfile.Open(filepath.Join(t.TempDir(), "keys"), startTime)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir()) // the gateway changes the working folder; this puts it back
	gateway, err := locals3.Start(t.Context(), locals3.Config{
		Folder: t.TempDir(), Region: region, AccessKey: "local", SecretKey: "local-secret", Buckets: []string{"evidence"},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { gateway.Close() })
	l := &laptop{records: engine, objects: gateway, keys: keys, base: &http.Transport{MaxIdleConnsPerHost: 64}}
	return l
}

// newBucket returns the evidence bucket with a transport for its calls.
func (l *laptop) newBucket(transport http.RoundTripper) *bucket.Bucket {
	return &bucket.Bucket{Name: "evidence", Client: s3.New(s3.Options{
		Region: region, BaseEndpoint: aws.String(l.objects.Endpoint()), UsePathStyle: true, Credentials: login,
		HTTPClient: setup.BufferedBodyClient{HTTPClient: &http.Client{Transport: transport}}, Retryer: aws.NopRetryer{},
	})}
}

// startTime is the clock's time at the start of every system.
var startTime = time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)

// A system is one provider with its table and its bureau. Its clock changes only by advance.
type system struct {
	t             *testing.T
	laptop        *laptop
	provider      int64
	table         string
	store         *dynamo.Store // of the exchange without faults
	bureau        *simulator.Bureau
	current       atomic.Pointer[simulator.Bureau]
	address       string
	max, page     int         // records of a file, and filings of a page of a copy; 0 is the default
	copied        int         // filings of the copies that were offered in a history
	cancelled     register.ID // the filing of these that the bureau cancelled
	withoutFaults *exchange.Exchange

	mu     sync.Mutex
	now    time.Time
	tick   time.Duration // by which each look at the clock advances it
	log    *slog.Logger
	logged syncBuffer // the log
}

// A syncBuffer is a buffer that is safe for concurrent use.
type syncBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func (l *laptop) newSystem(t *testing.T, bureau ...func(*simulator.Config)) *system {
	t.Helper()
	n := l.systems.Add(1)
	w := &system{
		t: t, laptop: l, provider: 990000000000 + n, table: fmt.Sprintf("beian-%d", n), now: startTime,
	}
	w.log = slog.New(slog.NewJSONHandler(&w.logged, nil))
	config := simulator.Config{Now: w.clock, Accounts: []simulator.Account{w.account()}}
	for _, change := range bureau {
		change(&config)
	}
	var err error
	if w.bureau, err = simulator.New(config); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.bureau.Close() })
	w.current.Store(w.bureau)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.current.Load().Handler().ServeHTTP(rw, r)
	}))
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.Start()
	t.Cleanup(server.Close)
	w.address = server.URL
	client, keys := w.newTableClient(w.laptop.base), w.table+"-keys"
	if err := errors.Join(dynamo.CreateTable(t.Context(), client, w.table), dynamo.CreateKeysTable(t.Context(), client, keys)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, table := range []string{w.table, keys} {
			if _, err := client.DeleteTable(context.Background(), &dynamodb.DeleteTableInput{TableName: &table}); err != nil {
				t.Error(err)
			}
		}
	})
	return w
}

func (w *system) account() simulator.Account {
	return simulator.Account{
		ProviderID: w.provider, User: "demo", Password: "Passw0rd!", Key: "ICPSIM-TEST-KEY1", IV: "0102030405060708",
	}
}

func (w *system) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(w.tick)
	return w.now
}

// moveClock makes the clock advance with each look at it, as a real one does.
func (w *system) moveClock() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tick = time.Millisecond
}

// advanceClock advances the clock of decisions, leases and the bureau.
func (w *system) advanceClock(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// reliableExchange returns the exchange without faults.
func (w *system) reliableExchange() *exchange.Exchange {
	if w.withoutFaults == nil {
		w.withoutFaults = w.newExchange(&crash{callsBefore: -1})
		w.store = w.withoutFaults.Store.(*dynamo.Store)
	}
	w.withoutFaults.MaxRecords, w.withoutFaults.CopyPage = w.max, w.page
	return w.withoutFaults
}

// newTableClient returns a client of the engine.
func (w *system) newTableClient(transport http.RoundTripper) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region: region, BaseEndpoint: aws.String(w.laptop.records.Endpoint()), Credentials: login,
		HTTPClient: setup.BufferedBodyClient{HTTPClient: &http.Client{Transport: transport}}, Retryer: aws.NopRetryer{},
	})
}

// newExchange returns a new exchange, like a new process, that crashes at a call.
func (w *system) newExchange(f *crash) *exchange.Exchange {
	w.t.Helper()
	transport := crashingTransport{f, w.laptop.base}
	keys := dynamo.Keys{Client: dynamo.ClientOf(w.newTableClient(transport)), Table: w.table + "-keys"}
	store := &dynamo.Store{Client: keys.Client, Table: w.table, Encrypter: envelope.New(w.laptop.keys, keys, w.clock), Wall: w.clock}
	return &exchange.Exchange{
		Duties: &duties.Service{Store: store, Now: w.clock, NewID: func() string { return ulid.Make().String() }, Log: w.log},
		Decisions: &decide.Service{
			Store: store, Machine: &stepfunctions.Machine{Client: stepfunctions.ClientOf(sfn.New(sfn.Options{
				Region: region, Credentials: login, BaseEndpoint: aws.String("http://127.0.0.1:1"),
			}))},
			Now: w.clock, Log: w.log,
		},
		Store: store, Client: w.newClient("Passw0rd!", transport), Link: strconv.FormatInt(w.provider, 10), Now: w.clock, Log: w.log, MaxRecords: w.max, CopyPage: w.page,
		Objects: envelope.Objects{Encrypter: store.Encrypter, Bucket: w.laptop.newBucket(transport)},
	}
}

// newClient makes a client of the ministry's interface.
func (w *system) newClient(password string, transport http.RoundTripper) *bureau.Client {
	w.t.Helper()
	c, err := bureau.New(bureau.Config{
		UpDownLoad: w.address + bureau.UpDownLoadPath, BeianStatus: w.address + bureau.BeianStatusPath,
		VerifyPassword: w.address + bureau.VerifyPasswordPath, ProviderID: w.provider, User: "demo",
		Password: password, Key: "ICPSIM-TEST-KEY1", IV: "0102030405060708", Now: w.clock, Transport: transport,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

// runExchange runs the exchange once, without faults.
func (w *system) runExchange() exchange.Report {
	w.t.Helper()
	report, err := w.reliableExchange().Run(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return report
}

func (w *system) applyScenario(s simulator.Scenario) {
	w.t.Helper()
	if err := w.bureau.Apply(s); err != nil {
		w.t.Fatal(err)
	}
}

// uploadedRecords returns the records that the bureau has accepted.
func (w *system) uploadedRecords() []simulator.Record {
	w.t.Helper()
	all, err := w.bureau.Records(0, 0)
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}

func (w *system) readOrder(id filing.ID) filing.Order {
	w.t.Helper()
	o, err := w.reliableExchange().Decisions.Order(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return o
}

// queueOrder stores the order of an invented person and queues it for upload.
func (w *system) queueOrder(n int, change func(*filing.Order)) filing.ID {
	w.t.Helper()
	o := readyOrder(n)
	o.ID = filing.ID(ulid.Make().String())
	if change != nil {
		change(&o)
	}
	w.putOrder(o)
	w.queueUpload(o.ID)
	return o.ID
}

// putOrder stores an order unchanged.
func (w *system) putOrder(o filing.Order) {
	w.t.Helper()
	o.Version++
	o.LastSeq++
	stored := map[string][]byte{}
	for slot, e := range o.Evidence {
		if size, ok := paperSizes[e.Key]; ok {
			content := make([]byte, size)
			e.Key, e.CopySHA256 = evidence.Key(evidence.KeyPrefix(string(o.ID)))+e.Key, fmt.Sprintf("%x", sha256.Sum256(content))
			o.Evidence[slot], stored[string(e.Copy())] = e, content
		}
	}
	change := filing.Change{Order: o, Entry: filing.Entry{Order: o.ID, Seq: o.LastSeq}}
	if _, err := w.reliableExchange().Decisions.Store.Commit(w.t.Context(), change, decide.Request{}); err != nil {
		w.t.Fatal(err)
	}
	for key, content := range stored {
		if err := w.reliableExchange().Objects.Write(w.t.Context(), string(o.ID), key, content); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *system) queueUpload(id filing.ID) {
	w.t.Helper()
	e := w.reliableExchange()
	first, err := w.store.AllocateIDs(w.t.Context(), exchange.CountIDs(w.readOrder(id)))
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := e.Decisions.Decide(w.t.Context(), id, filing.Beian, filing.QueueUpload{FirstID: first}); err != nil {
		w.t.Fatal(err)
	}
}

// readyOrder returns the order of an invented person in Hangzhou, ready for transmission.
func readyOrder(n int) filing.Order {
	leader := filing.Leader{
		Name: "示例人", Certificate: filing.IdentityDocument{Kind: certificate.ResidentID, Number: residentID(n)},
		Mobile: "13800000000", EmergencyPhone: "13900000000", Email: "person@example.com",
	}
	return filing.Order{
		Account: "applicant", Province: "33", Language: "zh-CN", Entity: certificate.Individual,
		Domains: []filing.Domain{inventedDomain(n)}, SubjectKey: "subject-" + strconv.Itoa(n), Type: filing.First,
		Status: filing.InitialPassed, Step: filing.Transmit, StepVisit: 1, Round: 1, CreatedAt: startTime, MovedAt: startTime,
		Product: &filing.Product{Server: "server", IPs: []string{"8.130.1.1"}, Placement: "33", Mode: 5},
		Evidence: map[evidence.Slot]filing.Evidence{
			evidence.Slot(evidence.SubjectCertificateFront): {Key: smallPaper},
		},
		Private: filing.Private{
			Subject: filing.Subject{
				Name: "示例人", Certificate: leader.Certificate, CertificateAddress: "浙江省杭州市示例路1号", Division: "330108",
				Address: "示例路1号", Investor: "示例人", Leader: leader,
			},
			Sites: []filing.Site{{
				Name: "木作手记", Domains: []filing.Domain{inventedDomain(n)}, ServiceContent: []int{6}, Languages: []int{1}, Leader: leader,
			}},
		},
	}
}

func inventedDomain(n int) filing.Domain {
	return filing.Domain(fmt.Sprintf("invented-%d-example.com", n))
}

// residentID returns an invented number with its check digit (GB 11643).
func residentID(n int) certificate.Number {
	digits := fmt.Sprintf("330108%s%03d", time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n/900).Format("20060102"), n%900+1)
	sum := 0
	for i, weight := range []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		sum += int(digits[i]-'0') * weight
	}
	return certificate.Number(digits + string("10X98765432"[sum%11]))
}

// A crash ends a process at one of its calls: all later calls fail.
type crash struct {
	mu          sync.Mutex
	callsBefore int // calls before the crash; negative: never
	// after: the call reaches the server, and its response is lost.
	after bool
	// once: only that call fails, and the process continues.
	once    bool
	crashed bool
	calls   int
}

// nextCall counts a call. It reports whether the call fails, and whether it reaches the server.
func (f *crash) nextCall() (fails, reaches bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls++
	switch {
	case f.crashed:
		return true, false
	case f.callsBefore < 0 || f.calls <= f.callsBefore:
		return false, true
	case f.once && f.calls > f.callsBefore+1:
		return false, true
	}
	f.crashed = !f.once
	return true, f.after
}

type crashingTransport struct {
	crash *crash
	base  http.RoundTripper
}

func (w crashingTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	fails, reaches := w.crash.nextCall()
	if !fails {
		return w.base.RoundTrip(r)
	}
	if !reaches {
		if r.Body != nil {
			r.Body.Close()
		}
		return nil, errCrashed
	}
	response, err := w.base.RoundTrip(r)
	if err == nil {
		io.Copy(io.Discard, response.Body)
		response.Body.Close()
	}
	return nil, errCrashed
}

var errCrashed = errors.New("the process has crashed")
