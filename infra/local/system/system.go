// Package system runs all of Beian in one process: the functions, the workflow, and local replacements for AWS and the bureau.
// Call [Start]; end with [System.Close].
//
//	s, err := system.Start(ctx, system.Config{Folder: folder, Clock: clock.New(), Log: log})
//	defer s.Close()
//
// It opens three listeners on 127.0.0.1, which refuse other names and pages of other sites (package loopback): the API with the local pages, the AWS-compatible endpoints, and the bureau simulator. A child
// process runs the DynamoDB-compatible engine. All data is in one folder. A start with the same folder continues the last run, even
// one that was killed.
package system

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"beian/functions/staff"
	"beian/infra/local/awsrequest"
	"beian/infra/local/clock"
	"beian/infra/local/console"
	localdynamodb "beian/infra/local/dynamodb"
	"beian/infra/local/faults"
	"beian/infra/local/httpserver"
	"beian/infra/local/identity"
	"beian/infra/local/keyfile"
	"beian/infra/local/kms"
	"beian/infra/local/lambdahost"
	"beian/infra/local/loopback"
	"beian/infra/local/outbox"
	"beian/infra/local/s3"
	"beian/infra/local/stepfunctions"
	"beian/infra/local/ticker"
	"beian/infra/local/timetable"
	"beian/shared/aws/dynamo"
	"beian/shared/bureau/simulator"
	"beian/shared/filing"
	"beian/shared/partners/webhook"
	"beian/shared/process/agency"
	"beian/shared/process/limits"
	"beian/shared/setup"
	"beian/shared/setup/environ"
	"beian/shared/workflow"
)

// A Config configures a system. Port 0 is any free port.
type Config struct {
	Folder     string // absolute
	PortalPort int
	AWSPort    int
	BureauPort int
	EnginePort int    // of the DynamoDB-compatible child
	Engine     string // endpoint of another engine, DYNAMODB_ENDPOINT; "" starts the child
	SMTP       string // mail relay that emails are forwarded to, SMTP_URL; "" is none
	// Relay sends the functions' emails through a mail relay, given by its URL with the password, instead of SES; "" does not.
	Relay string
	Clock *clock.Clock
	Staff []identity.Staff
	// People are the sample people as whom the console logs in with one click.
	People []console.Person
	// Agencies are the accounts that may act for several subjects.
	Agencies agency.Settings
	// Accounts are accounts that exist before their first login: the sub of their tokens, by login.
	Accounts map[string]string
	// ReviewDelay is the time that the simulated bureau needs for a decision.
	ReviewDelay time.Duration
	// ByHand runs the system of a provider without a link to the bureau: nothing is exchanged, and operators record what the bureau decides.
	ByHand bool
	// SecondReadings says which orders two reviewers read; none without it, for a laptop has one reviewer.
	SecondReadings filing.SecondReadings
	// PCUploads permits uploading papers on a PC, without a phone.
	PCUploads bool
	// SMSByDay sends leaders SMS by day only, as on AWS; without it, at any hour.
	SMSByDay bool
	// BureauSendsPlain accepts files that the bureau sends without encryption.
	BureauSendsPlain bool
	// Limits change the limits of an installation; see [Unlimited].
	Limits limits.Settings
	// Programs is a folder with <function>/bootstrap for each function, built for this machine, which run as separate processes;
	// "" runs the functions in this process.
	Programs string
	Output   io.Writer // receives the output of those processes, if not nil
	// Carrier sends SMS through an HTTPS carrier, which the outbox simulates, instead of SNS.
	Carrier bool
	// Calls, if not nil, is called for each AWS request of a function. It must be safe for concurrent use.
	Calls func(awsrequest.Call)
	// Listeners are the limits of all listeners; the zero value is httpserver.Defaults.
	Listeners httpserver.Limits
	Log       *slog.Logger
}

// Unlimited are limits that no demonstration or benchmark reaches: all their users come from one address.
var Unlimited = limits.Settings{Factor: 1000}

// A System is a running system.
type System struct {
	Clock     *clock.Clock
	Functions *lambdahost.Host
	Machine   *stepfunctions.Host
	Outbox    *outbox.Outbox
	Bureau    *simulator.Bureau
	Parts     *setup.Parts
	Traffic   *Traffic
	Timetable *timetable.Table
	Faults    *faults.Switches

	PortalURL, AWSURL, BureauURL string

	limits  httpserver.Limits
	child   *localdynamodb.Engine // nil if Config.Engine is set
	objects *s3.Gateway
	closers []func() error
	stop    context.CancelFunc
	tasks   sync.WaitGroup // the servers
	loops   sync.WaitGroup // schedules and background functions
	uploads uploadEvents
	plan    *plan
	ended   chan error
}

// Names of the resources, for `aws --endpoint-url`.
const (
	Region       = "cn-north-1"
	Account      = awsrequest.Account
	Table        = "beian"
	KeysTable    = "beian-keys"
	Bucket       = "beian-evidence"
	Uploads      = "beian-uploads"
	MachineName  = "filing"
	Alias        = "live" // of the machine; executions are started with it
	accessKey    = "beian"
	secretKey    = "beian-local-secret"
	clientID     = "beian-local"
	functionARNs = "arn:aws:lambda:" + Region + ":" + Account + ":function:"
	keyARNs      = "arn:aws:kms:" + Region + ":" + Account + ":key/"
	wrappingKey  = "filings"
	lookupKey    = "lookup"
)

// Secrets of the carrier's webhook, of the webhook for bounces, of the machines that ask about hosts, and of the requests to the carrier.
var (
	SMSSecret     = localSecret("local-sms-webhook-secret")
	BounceSecret  = localSecret("local-bounces-of-emails!")
	AccessSecret  = localSecret("local-access-check-keys!")
	carrierSecret = localSecret("local-sms-carrier-secret")
)

// localSecret returns a secret that is the same on each laptop.
func localSecret(text string) webhook.Secret {
	s, err := webhook.ParseSecret(base64.StdEncoding.EncodeToString([]byte(text)))
	if err != nil {
		panic(err) // text has 24 characters
	}
	return s
}

// Start starts the system. On error, it stops everything it started.
func Start(ctx context.Context, c Config) (s *System, err error) {
	if err := PrepareFolder(c.Folder); err != nil {
		return nil, err
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	s = &System{Clock: c.Clock, limits: cmp.Or(c.Listeners, httpserver.Defaults), Faults: faults.New(), stop: stop, ended: make(chan error, 8), uploads: uploadEvents{loop: ticker.NewLoop()}}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	listeners, err := s.listen(c.PortalPort, c.AWSPort, c.BureauPort)
	if err != nil {
		return s, err
	}
	portal, cloud, bureau := listeners[0], listeners[1], listeners[2]
	s.PortalURL, s.AWSURL, s.BureauURL = address(portal), address(cloud), address(bureau)

	engine, err := s.startEngine(c)
	if err != nil {
		return s, err
	}
	objects := ObjectsConfig(c.Folder)
	objects.Secret, objects.Origin, objects.Created = secretOf, s.PortalURL, s.uploads.add
	gateway, err := s3.Start(running, objects)
	if err != nil {
		return s, fmt.Errorf("evidence store: %w", err)
	}
	s.onClose(gateway.Close)
	s.objects = gateway
	if s.Outbox, err = outbox.Open(outbox.Config{
		Folder: filepath.Join(c.Folder, "messages"), Now: c.Clock.Now, SMTP: c.SMTP, Secret: carrierSecret, Fails: s.Faults.Sending,
		Logf: func(format string, args ...any) { c.Log.Warn(fmt.Sprintf(format, args...)) },
	}); err != nil {
		return s, fmt.Errorf("outbox: %w", err)
	}
	s.onClose(s.Outbox.Close)
	s.Bureau, err = OpenBureau(c)
	if err != nil {
		return s, fmt.Errorf("bureau simulator: %w", err)
	}
	s.onClose(s.Bureau.Close)
	s.Faults.OnChange(func() { s.Bureau.RefuseUploads(s.Faults.On(faults.UploadsRefused)) })

	kms, err := s.newKMS(c)
	if err != nil {
		return s, fmt.Errorf("keys: %w", err)
	}
	if err := c.Clock.SaveOffset(clockFile(c.Folder), func(err error) { s.ended <- fmt.Errorf("clock: %w", err) }); err != nil {
		return s, fmt.Errorf("clock: %w", err)
	}
	s.Functions = &lambdahost.Host{Prefix: functionARNs, Logf: func(format string, args ...any) { c.Log.Error(fmt.Sprintf(format, args...)) }}
	s.plan = s.newPlan(c.ByHand)
	s.Traffic = newTraffic(engine, gateway.Endpoint(), s.wakeFor, c.Calls, s.Faults)
	s.onClose(s.Traffic.close)
	variables, err := s.environment(c)
	if err != nil {
		return s, err
	}
	s.Parts = &setup.Parts{Env: variables, AWS: s.sdkConfig(), Now: c.Clock.Now, Wall: time.Now, Log: c.Log}
	s.onClose(s.Functions.Close)
	if err := s.registerFunctions(c); err != nil {
		return s, err
	}
	// Requests are served from here on. The workflow starts last, because it continues open executions immediately.
	awsAPI := &cloudAPI{engine: engine, objects: gateway, outbox: s.Outbox, keys: kms, traffic: s.Traffic, faults: s.Faults}
	s.serve(cloud, loopback.Guard(cloud.Addr(), awsAPI, portal.Addr())) // the portal's pages upload documents
	s.serve(bureau, loopback.Guard(bureau.Addr(), s.Faults.Bureau(BureauHandler(s.Bureau))))
	client := dynamodb.NewFromConfig(s.Parts.AWS)
	if err := errors.Join(dynamo.CreateTable(ctx, client, Table), dynamo.CreateKeysTable(ctx, client, KeysTable)); err != nil {
		return s, fmt.Errorf("filings: %w", err)
	}
	if err := dynamo.AdoptFormat(ctx, client, Table); err != nil {
		return s, err
	}
	if s.child != nil {
		if err := s.reclaimLeases(ctx); err != nil {
			return s, fmt.Errorf("filings: %w", err)
		}
	}
	if s.Machine, err = stepfunctions.Start(stepfunctions.Config{
		Dir: filepath.Join(c.Folder, "workflow"), Clock: c.Clock, Invoke: s.invoke, Region: Region, Account: Account, Log: c.Log,
		Alias:    Alias,
		Machines: map[string]string{MachineName: workflow.Render("aws", func(s workflow.Step) string { return functionARNs + s.Folder() })},
	}); err != nil {
		return s, fmt.Errorf("workflow: %w", err)
	}
	s.onClose(s.Machine.Close)
	awsAPI.setMachine(s.Machine)
	s.Timetable = s.newTimetable(running)
	issuer, err := identity.Open(identity.Config{
		Folder: filepath.Join(c.Folder, "identity"), Issuer: s.PortalURL + "/identity", ClientID: clientID, Staff: c.Staff, Accounts: c.Accounts,
		Redirects: []string{s.PortalURL + "/callback", s.PortalURL + staff.Prefix + "/callback"}, Logouts: []string{s.PortalURL + "/", s.PortalURL + staff.Prefix + "/"},
		SMS: sns.NewFromConfig(s.Parts.AWS), Emails: sesv2.NewFromConfig(s.Parts.AWS), From: mailFrom, Log: c.Log,
	})
	if err != nil {
		return s, fmt.Errorf("identity: %w", err)
	}
	if err := s.resumeExecutions(running); err != nil {
		return s, fmt.Errorf("orders whose execution does not follow them: %w", err)
	}
	s.serve(portal, loopback.Guard(portal.Addr(), s.frontHandler(issuer, c.People, c.Log)))
	s.schedule(running)
	s.loops.Go(func() { s.uploads.loop.Run(running, time.Hour, uploadDelay, nil, func() { s.inspectUploads(running) }) })
	return s, nil
}

// reclaimLeases releases leases left behind by a killed process. This is safe because only this process uses the engine.
func (s *System) reclaimLeases(ctx context.Context) error {
	return s.Parts.Store().ReclaimLeases(ctx, s.Parts.Env[environ.BureauProvider])
}

// resumeExecutions notifies the state machine of decisions after which a killed process did not notify it. No other process decides.
func (s *System) resumeExecutions(ctx context.Context) error {
	watch := s.Parts.Watch()
	watch.Patience = 0
	return watch.Run(ctx)
}

// startFolder returns the working directory at the first start. The evidence store changes it later.
var startFolder = sync.OnceValues(os.Getwd)

// startEngine starts the DynamoDB-compatible child, or uses the engine of the configuration. It returns the endpoint.
func (s *System) startEngine(c Config) (string, error) {
	if c.Engine != "" {
		return c.Engine, nil
	}
	here, err := startFolder()
	if err != nil {
		return "", err
	}
	modules, err := localdynamodb.FindModules(here)
	if err != nil {
		return "", err
	}
	engine, err := localdynamodb.Dynoxide{
		Binary: modules.Dynoxide(), File: filepath.Join(c.Folder, "filings.db"), Port: c.EnginePort,
		Logf: func(format string, args ...any) { c.Log.Warn(fmt.Sprintf(format, args...)) },
	}.Start()
	if err != nil {
		return "", fmt.Errorf("filings: %w", err)
	}
	s.child = engine
	s.onClose(engine.Close)
	go func() {
		if err := engine.Wait(); err != nil {
			s.ended <- fmt.Errorf("filings: the engine has ended: %w", err)
		}
	}()
	return engine.Endpoint(), nil
}

// ObjectsConfig configures the object store of a data folder, for its owner's own key.
func ObjectsConfig(folder string) s3.Config {
	return s3.Config{Folder: filepath.Join(folder, "evidence"), Region: Region, AccessKey: accessKey, SecretKey: secretKey, Buckets: []string{Bucket, Uploads}}
}

// EnginePid returns the process id of the engine; 0 if the system did not start it.
func (s *System) EnginePid() int {
	if s.child == nil {
		return 0
	}
	return s.child.Pid()
}

// Ended receives an error when the system can no longer run.
func (s *System) Ended() <-chan error { return s.ended }

// listen opens all listeners. It is called before anything starts, so that a port in use is reported first.
func (s *System) listen(ports ...int) ([]net.Listener, error) {
	var all []net.Listener
	for i, port := range ports {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			return nil, fmt.Errorf("port %d is in use; set %s or stop the other program: %w", port, []string{"PORTAL_PORT", "AWS_PORT", "BUREAU_PORT"}[i], err)
		}
		all = append(all, l)
		s.onClose(func() error {
			_ = l.Close() // the server, if it was started, has closed it already
			return nil
		})
	}
	return all, nil
}

func address(l net.Listener) string { return "http://" + l.Addr().String() }

// serve serves a listener until the system closes.
func (s *System) serve(l net.Listener, h http.Handler) {
	server := httpserver.New(h, s.limits)
	s.tasks.Go(func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.ended <- err
		}
	})
	s.onClose(func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := server.Shutdown(ctx); err != nil {
			return server.Close()
		}
		return nil
	})
}

// invoke calls a function for the workflow.
func (s *System) invoke(ctx context.Context, function string, payload []byte) ([]byte, bool, error) {
	if s.Faults.On(faults.Twice) {
		if _, err := s.Functions.Invoke(ctx, function, payload); err != nil {
			s.Parts.Log.Warn("the first of two deliveries failed", "function", function)
		}
	}
	out, err := s.Functions.Invoke(ctx, function, payload)
	if err == nil {
		return out, false, nil
	}
	doc, merr := json.Marshal(err)
	if merr != nil {
		return nil, false, merr
	}
	return doc, true, nil
}

func (s *System) onClose(f func() error) { s.closers = append(s.closers, f) }

// Close stops everything in reverse order. No data is lost: the next start on the folder continues.
func (s *System) Close() error {
	s.stop()
	s.loops.Wait()
	if s.Timetable != nil {
		s.Timetable.Wait()
	}
	var failed error
	for i := len(s.closers) - 1; i >= 0; i-- {
		failed = errors.Join(failed, s.closers[i]())
	}
	s.closers = nil
	s.tasks.Wait()
	return failed
}

// sdkConfig returns the SDK configuration with which the system itself calls its AWS endpoints.
func (s *System) sdkConfig() aws.Config {
	return aws.Config{
		Region: Region, BaseEndpoint: aws.String(s.AWSURL), HTTPClient: setup.BufferedBodyClient{HTTPClient: &http.Client{Transport: s.Traffic}},
		Credentials: credentials.NewStaticCredentialsProvider(accessKey, secretKey, ""),
	}
}

// newKMS returns KMS with both keys, whose material is in one file.
func (s *System) newKMS(c Config) (*kms.Host, error) {
	path := filepath.Join(c.Folder, "keys.json")
	file, err := keyfile.Open(path, c.Clock.Now())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	host := &kms.Host{Log: c.Log}
	host.Add(wrappingKey, kms.EncryptDecrypt, file)
	host.Add(lookupKey, kms.GenerateVerifyMAC, file)
	return host, nil
}

// OpenClock returns the clock of a folder, which it prepares: it continues with the offset of the last run, or shows real time.
func OpenClock(folder string) (*clock.Clock, error) {
	if err := PrepareFolder(folder); err != nil {
		return nil, err
	}
	return clock.Open(clockFile(folder))
}

// clockFile returns the file with the clock's offset, for functions in separate processes.
func clockFile(folder string) string { return filepath.Join(folder, "clock") }
