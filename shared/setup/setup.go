// Package setup builds the dependencies of the functions (store, decision service, bureau client and others) from environment
// variables. A main calls [Begin] with the groups of variables that it needs, then methods of [Parts]:
//
//	p := setup.Begin(setup.ForDecisions)
//	lambda.Start(lambdaerror.Wrap(expire.Handler{Decisions: p.Decisions()}.Handle))
//
// The laptop builds the same parts with other endpoints, keys and clock.
package setup

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/big"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/aws/aws-sdk-go-v2/aws"
	kmssdk "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/oklog/ulid/v2"

	"beian/shared/aws/bucket"
	"beian/shared/aws/dynamo"
	"beian/shared/aws/kms"
	"beian/shared/aws/stepfunctions"
	"beian/shared/bureau"
	"beian/shared/bureau/wire"
	"beian/shared/filing"
	"beian/shared/partners/dialguard"
	"beian/shared/partners/liveness"
	"beian/shared/partners/webhook"
	"beian/shared/process/accesscheck"
	"beian/shared/process/agency"
	"beian/shared/process/bureautask"
	"beian/shared/process/decide"
	"beian/shared/process/duties"
	"beian/shared/process/envelope"
	"beian/shared/process/exchange"
	"beian/shared/process/facts"
	"beian/shared/process/late"
	"beian/shared/process/limits"
	"beian/shared/process/people"
	"beian/shared/process/subscription"
	"beian/shared/rules/gbk"
	"beian/shared/rules/strictjson"
	"beian/shared/setup/environ"
)

// Groups of environment variables, by the parts that read them.
var (
	ForDecisions = []environ.Name{environ.Table, environ.KeysTable, environ.StateMachine, environ.KMSKey, environ.KMSMACKey, environ.Clock, environ.SMSHours}
	ForBucket    = []environ.Name{environ.Bucket}
	ForUploads   = []environ.Name{environ.Uploads}
	ForRetention = []environ.Name{environ.Retention}
	ForLimits    = []environ.Name{environ.Limits}
	// ForAgencies says which accounts may act for several subjects.
	ForAgencies = []environ.Name{environ.Agencies}
	// ForCancellations says what may be cancelled.
	ForCancellations = []environ.Name{environ.OnlyAccess}
	// ForReview says within how many working days an application is reviewed, and which are read twice.
	ForReview   = []environ.Name{environ.ReviewDays, environ.SecondReadings}
	ForLiveness = []environ.Name{environ.LivenessName, environ.LivenessEndpoint, environ.LivenessKey, environ.LivenessSecret}
	ForDomains  = []environ.Name{environ.DomainLookups, environ.RegistrarName, environ.RegistrarEndpoint, environ.RegistrarKey, environ.RegistrarSecret}
	ForMessages = []environ.Name{environ.MailFrom, environ.MailRegion, environ.SMTPURL, environ.SMTPPassword,
		environ.SMSRegion, environ.CarrierName, environ.CarrierEndpoint, environ.CarrierKey, environ.CarrierSecret,
		environ.ProviderNameChinese, environ.ProviderNameEnglish, environ.PortalURL, environ.SupportPhone, environ.PaperAddress}
	// ForSiteWatch is for the watch over filed websites.
	ForSiteWatch = []environ.Name{environ.Table, environ.KeysTable, environ.KMSKey, environ.KMSMACKey, environ.Clock, environ.SiteWatch, environ.PortalURL}
	// ForSender is for what messages say about the provider.
	ForSender = []environ.Name{environ.ProviderNameChinese, environ.ProviderNameEnglish, environ.PortalURL, environ.SupportPhone, environ.PaperAddress}
	// ForPortal is for the pages of applicants.
	ForPortal = []environ.Name{environ.PortalURL, environ.IssuerURL, environ.IssuerClient, environ.IssuerPages, environ.PCUploads,
		environ.ProviderNameChinese, environ.ProviderNameEnglish, environ.SupportPhone, environ.PaperAddress}
	// ForStaff is for the pages of staff.
	ForStaff = []environ.Name{environ.StaffURL, environ.IssuerURL, environ.IssuerClient, environ.IssuerPages,
		environ.ProviderNameChinese, environ.ProviderNameEnglish, environ.SupportPhone}
	// ForCharacters says which characters the bureau can read.
	ForCharacters = []environ.Name{environ.BureauCharacters}
	// ForTasks is for the bureau's tasks.
	ForTasks    = []environ.Name{environ.BureauTaskDays}
	ForSMSReply = []environ.Name{environ.SMSSecrets}
	// ForMailBounce is for counting bounces, and for what filings owe.
	ForMailBounce = []environ.Name{environ.Table, environ.KeysTable, environ.KMSKey, environ.KMSMACKey, environ.Clock, environ.BounceSecrets}
	// ForAccessChecks is for a function that reads the table and decrypts nothing.
	ForAccessChecks = []environ.Name{environ.Table, environ.Clock, environ.AccessSecrets}
	// ForWebhooks is for sending events.
	ForWebhooks = []environ.Name{environ.Table, environ.KeysTable, environ.KMSKey, environ.KMSMACKey, environ.PortalURL}
	// ForBureauFiles is for decrypting files exchanged with the bureau, without calling it.
	ForBureauFiles = []environ.Name{environ.Bureau, environ.BureauProvider, environ.BureauKey, environ.BureauIV, environ.BureauSendsPlain}
	ForRegulator   = []environ.Name{environ.Bureau, environ.BureauUpDownLoad, environ.BureauStatus, environ.BureauVerifyPassword, environ.BureauProvider,
		environ.BureauUser, environ.BureauPassword, environ.BureauKey, environ.BureauIV, environ.BureauCharacters, environ.BureauSendsPlain}
)

// Parts builds the dependencies of a function. Store, Decisions and Bureau are built once.
type Parts struct {
	Env environ.Values
	AWS aws.Config
	// Now is the clock of decisions. Wall is real time, for signatures, leases and times to live (ADR 4).
	Now, Wall func() time.Time
	Log       *slog.Logger

	store     *dynamo.Store
	decisions *decide.Service
	people    *people.Register
	bureau    *bureau.Client
}

// Begin reads the environment variables of a function. If one is missing, Begin logs its name and ends the process.
func Begin(groups ...[]environ.Name) *Parts {
	var names []environ.Name
	for _, g := range groups {
		names = append(names, g...)
	}
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	env, err := environ.Load(os.LookupEnv, names...)
	if err != nil {
		log.Error("the function cannot start", "cause", err.Error())
		os.Exit(1)
	}
	return &Parts{Env: env, AWS: sdkConfig(os.Getenv), Now: Must(newClock(env[environ.Clock])), Wall: time.Now, Log: log}
}

// Must returns part. If err is not nil, Must logs err and ends the process.
func Must[T any](part T, err error) T {
	if err != nil {
		slog.Error("the function cannot start", "cause", err.Error())
		os.Exit(1)
	}
	return part
}

// Store returns the store of the filings.
func (p *Parts) Store() *dynamo.Store {
	if p.store == nil {
		keys := kms.Service{Client: kms.ClientOf(kmssdk.NewFromConfig(p.AWS)), KeyID: p.Env[environ.KMSKey], MACKeyID: p.Env[environ.KMSMACKey]}
		client := dynamo.ClientOf(dynamo.NewClient(p.AWS))
		encrypter := envelope.New(keys, dynamo.Keys{Client: client, Table: p.Env[environ.KeysTable]}, p.Wall)
		p.store = &dynamo.Store{Client: client, Table: p.Env[environ.Table], Encrypter: encrypter, Wall: p.Wall}
	}
	return p.store
}

// Decisions returns the decision service.
func (p *Parts) Decisions() *decide.Service {
	if p.decisions == nil {
		machine := &stepfunctions.Machine{Client: stepfunctions.ClientOf(sfn.NewFromConfig(p.AWS)), ARN: p.Env[environ.StateMachine]}
		p.decisions = &decide.Service{Store: p.Store(), Machine: machine, Now: p.Now, Log: p.Log}
	}
	return p.decisions
}

// Uploads returns the bucket to which browsers upload.
func (p *Parts) Uploads() *bucket.Bucket { return p.bucket(environ.Uploads) }

// Objects returns the encrypted store of accepted evidence and the bureau's files.
func (p *Parts) Objects() envelope.Objects {
	return envelope.Objects{Encrypter: p.Store().Encrypter, Bucket: p.bucket(environ.Bucket)}
}

// bucket returns a bucket. On the laptop it uses path-style addresses, because the laptop's buckets have no DNS names.
func (p *Parts) bucket(name environ.Name) *bucket.Bucket {
	client := s3.NewFromConfig(p.AWS, func(o *s3.Options) { o.UsePathStyle = p.AWS.BaseEndpoint != nil })
	return &bucket.Bucket{Client: client, Name: p.Env[name]}
}

// OnlyAccess returns the setting for the cancellation of a site's only access.
func (p *Parts) OnlyAccess() (filing.OnlyAccess, error) {
	setting := filing.OnlyAccess(p.Env[environ.OnlyAccess])
	if !setting.Known() {
		return "", fmt.Errorf("environment: %s: must be %s, %s or nothing / 环境变量 %[1]s 应为 %[2]s、%[3]s 或不设置", environ.OnlyAccess, filing.WarnOnlyAccess, filing.RefuseOnlyAccess)
	}
	return setting, nil
}

// SecondReadings returns which orders two reviewers read.
func (p *Parts) SecondReadings() (filing.SecondReadings, error) {
	s, err := filing.ParseSecondReadings(p.Env[environ.SecondReadings])
	if err != nil {
		return s, fmt.Errorf("environment: %s: %w", environ.SecondReadings, err)
	}
	return s, nil
}

// ReviewPromise returns within how many working days the provider reviews an application.
func (p *Parts) ReviewPromise() (filing.ReviewPromise, error) {
	text := p.Env[environ.ReviewDays]
	if text == "" {
		return filing.DefaultReviewPromise, nil
	}
	days, err := strconv.Atoi(text)
	if err == nil {
		err = filing.ReviewPromise(days).Check()
	}
	if err != nil {
		return 0, fmt.Errorf("environment: %s: %w", environ.ReviewDays, err)
	}
	return filing.ReviewPromise(days), nil
}

// Retention returns the retention periods. All of them must be given.
func (p *Parts) Retention() (filing.Retention, error) {
	var r filing.Retention
	err := strictjson.UnmarshalSettings(p.Env[environ.Retention], &r)
	if err == nil {
		err = r.Check()
	}
	if err != nil {
		return filing.Retention{}, fmt.Errorf("environment: %s: %w", environ.Retention, err)
	}
	return r, nil
}

// RetentionValue returns the value of environ.Retention for retention periods.
func RetentionValue(r filing.Retention) string {
	doc, err := json.Marshal(r)
	if err != nil {
		panic(err) // cannot happen: numbers can be marshalled
	}
	return string(doc)
}

// People returns the register of staff.
func (p *Parts) People() *people.Register {
	if p.people == nil {
		p.people = &people.Register{Store: p.Store(), Now: p.Wall, Log: p.Log}
	}
	return p.people
}

// ReadOnlyPeople returns the register of staff for a function that may not write: it admits people without recording their requests.
func (p *Parts) ReadOnlyPeople() *people.Register {
	return &people.Register{Store: unrecorded{p.Store()}, Now: p.Wall, Log: p.Log}
}

type unrecorded struct{ people.Store }

func (unrecorded) RecordSeen(context.Context, people.Person) error { return nil }

// Limits returns what counts and limits actions.
func (p *Parts) Limits() (*limits.Limiter, error) {
	settings, err := limits.ParseSettings(p.Env[environ.Limits])
	if err != nil {
		return nil, fmt.Errorf("environment: %s: %w", environ.Limits, err)
	}
	return &limits.Limiter{Store: p.Store(), Settings: settings, Now: p.Now}, nil
}

// Agencies returns what checks the consents of agencies.
func (p *Parts) Agencies() (*agency.Checker, error) {
	settings, err := agency.ParseSettings(p.Env[environ.Agencies])
	if err != nil {
		return nil, fmt.Errorf("environment: %s: %w", environ.Agencies, err)
	}
	return &agency.Checker{Settings: settings, Store: p.Store(), Now: p.Now}, nil
}

// Duties returns the service of what filings owe. It does not ask when domains expire.
func (p *Parts) Duties() *duties.Service {
	return &duties.Service{Store: p.Store(), Now: p.Now, NewID: func() string { return ulid.Make().String() }, Log: p.Log}
}

// SendingHours returns the hours at which leaders get SMS.
func (p *Parts) SendingHours() filing.SendingHours {
	if p.Env[environ.SMSHours] == environ.AnyHour {
		return filing.AnyHour
	}
	return filing.Daytime
}

// SMSSecrets returns the active secrets of the SMS webhook.
func (p *Parts) SMSSecrets() ([]webhook.Secret, error) { return p.secrets(environ.SMSSecrets) }

// BounceSecrets returns the active secrets of the webhook for bounces.
func (p *Parts) BounceSecrets() ([]webhook.Secret, error) { return p.secrets(environ.BounceSecrets) }

// AccessSecrets returns the active secrets of the machines that ask about hosts.
func (p *Parts) AccessSecrets() ([]webhook.Secret, error) { return p.secrets(environ.AccessSecrets) }

func (p *Parts) secrets(name environ.Name) ([]webhook.Secret, error) {
	secrets, err := webhook.ParseSecrets(p.Env[name])
	if err != nil {
		return nil, fmt.Errorf("environment: %s: %w", name, err)
	}
	return secrets, nil
}

// Subscriptions returns what changes the endpoints of events.
func (p *Parts) Subscriptions() subscription.Service {
	return subscription.Service{Store: p.Store(), Now: p.Wall, CheckHost: dialguard.Guard{}.CheckHost,
		NewSecret: func() subscription.Secret { return subscription.Secret(webhook.NewSecret().Reveal()) }}
}

// Partner returns a partner's service from the variables with its name, URL, key and secret.
func (p *Parts) Partner(name, url, key, secret environ.Name) (webhook.Endpoint, error) {
	parsed, err := webhook.ParseSecret(p.Env[secret])
	if err != nil {
		return webhook.Endpoint{}, fmt.Errorf("environment: %s: %w", secret, err)
	}
	return webhook.Endpoint{Name: p.Env[name], URL: p.Env[url], KeyID: p.Env[key], Secret: parsed, Now: p.Wall}, nil
}

// AccessChecker returns what answers whether hosts may be served.
func (p *Parts) AccessChecker() *accesscheck.Checker {
	return &accesscheck.Checker{Store: p.Store(), Wall: p.Wall}
}

// Liveness returns the provider of liveness checks.
func (p *Parts) Liveness() (liveness.Provider, error) {
	if p.Env[environ.LivenessEndpoint] == "" {
		return liveness.Simulator{}, nil
	}
	endpoint, err := p.Partner(environ.LivenessName, environ.LivenessEndpoint, environ.LivenessKey, environ.LivenessSecret)
	if err != nil {
		return nil, err
	}
	return liveness.New(endpoint)
}

// ByHand reports whether the provider has no link to the bureau, so that applications are filed by hand.
func (p *Parts) ByHand() bool { return p.Env[environ.Bureau] == environ.Manual }

// Bureau returns the client of the ministry's interface. It is nil if applications are filed by hand.
func (p *Parts) Bureau() (*bureau.Client, error) {
	if p.bureau != nil || p.ByHand() {
		return p.bureau, nil
	}
	provider, err := strconv.ParseInt(p.Env[environ.BureauProvider], 10, 64)
	if err != nil {
		return nil, fmt.Errorf("environment: %s is not a number; set it to the ministry's number of the provider / 环境变量 %[1]s 不是数字，请设为部里的接入商编号", environ.BureauProvider)
	}
	p.bureau, err = bureau.New(bureau.Config{
		UpDownLoad: p.Env[environ.BureauUpDownLoad], BeianStatus: p.Env[environ.BureauStatus], VerifyPassword: p.Env[environ.BureauVerifyPassword],
		ProviderID: provider, User: p.Env[environ.BureauUser], Password: p.Env[environ.BureauPassword],
		Key: p.Env[environ.BureauKey], IV: p.Env[environ.BureauIV], AcceptPlain: p.bureauSendsPlain(), Now: p.Now,
	})
	return p.bureau, err
}

// Characters returns the characters that the bureau can read.
func (p *Parts) Characters() gbk.Repertoire { return gbk.Repertoire(p.Env[environ.BureauCharacters]) }

// bureauSendsPlain reports whether the bureau's files may come without encryption.
func (p *Parts) bureauSendsPlain() bool { return p.Env[environ.BureauSendsPlain] == "true" }

// Facts returns the finder of existing filings.
func (p *Parts) Facts() (*facts.Finder, error) {
	bureau, err := p.Bureau()
	if err != nil {
		return nil, err
	}
	return &facts.Finder{Store: p.Store(), Bureau: bureau}, nil
}

// Exchange returns the exchange of files with the bureau. The error says so if there is none, because applications are filed by hand.
func (p *Parts) Exchange() (*exchange.Exchange, error) {
	if p.ByHand() {
		return nil, fmt.Errorf("environment: %s=%s: nothing is exchanged with the bureau", environ.Bureau, environ.Manual)
	}
	bureau, err := p.Bureau()
	if err != nil {
		return nil, err
	}
	deadlines, err := p.TaskDeadlines()
	if err != nil {
		return nil, err
	}
	return &exchange.Exchange{
		Decisions: p.Decisions(), Store: p.Store(), Objects: p.Objects(), Client: bureau, Link: p.Env[environ.BureauProvider], Now: p.Now, Log: p.Log,
		Characters: p.Characters(), Deadlines: deadlines, Duties: p.Duties(),
	}, nil
}

// TaskDeadlines returns within how many working days the bureau's tasks are done.
func (p *Parts) TaskDeadlines() (bureautask.Deadlines, error) {
	d, err := bureautask.ParseDeadlines(p.Env[environ.BureauTaskDays])
	if err != nil {
		return nil, fmt.Errorf("environment: %s: %w", environ.BureauTaskDays, err)
	}
	return d, nil
}

// Operator returns the operator's operations on the exchange.
func (p *Parts) Operator() (*exchange.Operator, error) {
	codec := wire.Codec{
		Key: p.Env[environ.BureauKey], IV: p.Env[environ.BureauIV], Encryption: wire.AESEncryption, AcceptPlain: p.bureauSendsPlain(),
	}
	if err := codec.Check(); err != nil && !p.ByHand() {
		return nil, fmt.Errorf("environment: %s, %s: %w", environ.BureauKey, environ.BureauIV, err)
	}
	deadlines, err := p.TaskDeadlines()
	if err != nil {
		return nil, err
	}
	return &exchange.Operator{
		Decisions: p.Decisions(), Store: p.Store(), Objects: p.Objects(), Codec: codec, Link: p.Env[environ.BureauProvider], ByHand: p.ByHand(),
		Characters: p.Characters(), Deadlines: deadlines, Duties: p.Duties(), Now: p.Now, Log: p.Log,
	}, nil
}

// Late returns what finds and repairs what is late.
func (p *Parts) Late() (*late.Finder, error) {
	bureau, err := p.Operator()
	if err != nil {
		return nil, err
	}
	promise, err := p.ReviewPromise()
	if err != nil {
		return nil, err
	}
	machine := stepfunctions.NewExecutions(sfn.NewFromConfig(p.AWS), p.Env[environ.StateMachine])
	return &late.Finder{Decisions: p.Decisions(), Store: p.Store(), Machine: machine, Bureau: bureau, Promise: promise, Wall: p.Wall}, nil
}

// Watch returns what finds orders whose execution does not follow them.
func (p *Parts) Watch() late.Watch {
	return late.Watch{Decisions: p.Decisions(), Store: p.Store(), Patience: late.WatchPatience}
}

// RandomSMSCode returns an unpredictable code of six digits.
func RandomSMSCode() string {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		panic(err) // cannot happen: crypto/rand.Reader never fails
	}
	return fmt.Sprintf("%06d", n)
}

// NewID returns the id of a new order: a ULID with 80 bits from the system's source of randomness. The id is the secret of the link in an SMS, so it must
// not follow from others. Those of [ulid.Make] do: its source is seeded with the time. Messages name an order by the end of its id, which therefore never
// looks like a code of six digits.
func NewID() string {
	for {
		if id := ulid.MustNew(ulid.Now(), rand.Reader).String(); strings.ContainsFunc(id[len(id)-6:], unicode.IsLetter) {
			return id
		}
	}
}
