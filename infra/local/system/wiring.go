package system

import (
	"context"
	"log/slog"
	"net/http"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"beian/functions/api"
	"beian/functions/operator"
	"beian/functions/portal"
	"beian/functions/reviewer"
	"beian/functions/staff"
	"beian/infra/local/apigateway"
	"beian/infra/local/console"
	"beian/infra/local/identity"
	"beian/infra/local/outbox"
	"beian/infra/local/ticker"
	"beian/shared/bureau"
	"beian/shared/bureau/simulator"
	"beian/shared/filing"
	"beian/shared/rules/division"
	"beian/shared/rules/workday"
	"beian/shared/setup"
	"beian/shared/setup/domains"
	"beian/shared/setup/environ"
)

const mailFrom = "Beian <beian@provider.example>"

// The simulated bureau's demo provider. These values are not confidential: the simulator listens only on the loopback.
const (
	BureauProvider = 99001
	BureauUser     = "demo"
	BureauPassword = "demo-password"
	BureauKey      = "0123456789abcdef"
	BureauIV       = "fedcba9876543210"
)

// environment returns the functions' environment variables.
func (s *System) environment(c Config) environ.Values {
	values := environ.Values{
		environ.Table: Table, environ.KeysTable: KeysTable, environ.Bucket: Bucket, environ.Uploads: Uploads,
		environ.StateMachine: "arn:aws:states:" + Region + ":" + Account + ":stateMachine:" + MachineName + ":" + Alias,
		environ.KMSKey:       keyARNs + wrappingKey, environ.KMSMACKey: keyARNs + lookupKey,
		environ.Retention: setup.RetentionValue(filing.DefaultRetention),
		environ.Clock:     clockFile(c.Folder),
		environ.Limits:    c.Limits.Text(),
		environ.Agencies:  c.Agencies.Text(),
		environ.MailFrom:  mailFrom, environ.PortalURL: s.PortalURL,
		environ.IssuerURL: s.PortalURL + "/identity", environ.IssuerClient: clientID, environ.IssuerPages: s.PortalURL, environ.StaffURL: s.PortalURL,
		environ.ProviderNameChinese: "示例云", environ.ProviderNameEnglish: "Example Cloud", environ.SupportPhone: "010-00000000",
		environ.PaperAddress:     "示例省示例市示例路 1 号 示例云备案组 收",
		environ.SMSSecrets:       SMSSecret,
		environ.SecondReadings:   c.SecondReadings.JSON(),
		environ.DomainLookups:    string(domains.Simulator),
		environ.BureauUpDownLoad: s.BureauURL + bureau.UpDownLoadPath, environ.BureauStatus: s.BureauURL + bureau.BeianStatusPath,
		environ.BureauVerifyPassword: s.BureauURL + bureau.VerifyPasswordPath, environ.BureauProvider: "99001",
		environ.BureauUser: BureauUser, environ.BureauPassword: BureauPassword, environ.BureauKey: BureauKey, environ.BureauIV: BureauIV,
	}
	if c.ByHand {
		values[environ.Bureau] = environ.Manual
		for _, name := range setup.ForRegulator {
			if name != environ.Bureau {
				delete(values, name)
			}
		}
	}
	if c.PCUploads {
		values[environ.PCUploads] = "true"
	}
	if !c.SMSByDay {
		values[environ.SMSHours] = environ.AnyHour
	}
	if c.BureauSendsPlain {
		values[environ.BureauSendsPlain] = "true"
	}
	if c.Carrier {
		values[environ.CarrierName], values[environ.CarrierEndpoint] = "the outbox", s.AWSURL+outbox.CarrierPath
		values[environ.CarrierKey], values[environ.CarrierSecret] = "local", carrierSecret
	}
	return values
}

// OpenBureau opens the simulated bureau with its demo provider and its journal in the folder.
func OpenBureau(c Config) (*simulator.Bureau, error) {
	return simulator.New(simulator.Config{
		Accounts: []simulator.Account{{ProviderID: BureauProvider, User: BureauUser, Password: BureauPassword, Key: BureauKey, IV: BureauIV}},
		Now:      c.Clock.Now, Folder: filepath.Join(c.Folder, "bureau"), ReviewDelay: c.ReviewDelay,
		Tables: map[string][]simulator.Code{"Qy_dms": divisionCodes()},
	})
}

// divisionCodes returns the bureau's table of divisions. A bureau always publishes whole tables, so a new division comes with all others.
func divisionCodes() []simulator.Code {
	var all []simulator.Code
	for _, d := range division.All() {
		if id, err := strconv.ParseInt(d.Code, 10, 64); err == nil && d.Until == "" {
			all = append(all, simulator.Code{ID: id, Name: d.Name})
		}
	}
	return all
}

// BureauHandler returns the simulator's handler, with its controls under /admin/.
func BureauHandler(b *simulator.Bureau) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", b.Handler())
	mux.Handle("/admin/", http.StripPrefix("/admin", b.AdminHandler()))
	return mux
}

// Routes returns the routes of the API, the same as in the template of package stack. handler returns the handler of a function.
func Routes(handler func(function string) lambda.Handler) []apigateway.Route {
	var routes []apigateway.Route
	add := func(function string, public bool, keys ...string) {
		for _, key := range keys {
			routes = append(routes, apigateway.Route{Key: key, Handler: handler(function), Public: public})
		}
	}
	add("api", true, api.PublicRoutes()...)
	add("api", false, "ANY /api/v1/{proxy+}")
	add("reviewer", true, reviewer.New(reviewer.Config{}).PublicRoutes()...)
	add("reviewer", false, reviewer.New(reviewer.Config{}).Routes()...)
	add("operator", true, operator.New(operator.Config{}).PublicRoutes()...)
	add("operator", false, operator.New(operator.Config{}).Routes()...)
	add("smsreply", true, "POST /webhooks/sms")
	add("staff", true, staff.Routes()...)
	add("portal", true, portal.Routes()...)
	return routes
}

// frontHandler serves the API, as API Gateway does on AWS, and the local pages.
func (s *System) frontHandler(issuer *identity.Issuer, people []console.Person, log *slog.Logger) http.Handler {
	local := console.New(console.Config{Origin: s.PortalURL, AWS: s.AWSURL, Bureau: s.BureauURL, People: people, Clock: s.Clock, Outbox: s.Outbox, Log: log})
	gateway := &apigateway.Gateway{
		Authorizer: &apigateway.Authorizer{Issuer: s.PortalURL + "/identity", Audiences: []string{clientID}}, Log: log,
		Routes: append(Routes(func(function string) lambda.Handler {
			return handlerFunc(func(ctx context.Context, payload []byte) ([]byte, error) {
				return s.Functions.Invoke(ctx, function, payload)
			})
		}), local.Routes()...),
	}
	mux := http.NewServeMux()
	mux.Handle("/identity/", issuer)
	mux.Handle("/local/outbox", s.Outbox.Page())
	mux.Handle("/local/outbox.json", s.Outbox.Page())
	mux.Handle("/", gateway)
	return mux
}

// A handlerFunc is a function that implements lambda.Handler.
type handlerFunc func(context.Context, []byte) ([]byte, error)

func (f handlerFunc) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	return f(ctx, payload)
}

// wakeFor wakes the background functions that deliver the outbox entries of a transaction.
func (s *System) wakeFor(transaction []byte) {
	for i, b := range backgroundFunctions {
		if !b.entries.Match(transaction) {
			continue
		}
		select {
		case s.wake[i] <- struct{}{}:
		default:
		}
	}
}

// schedule starts the scheduled functions and the background functions.
func (s *System) schedule(ctx context.Context) {
	failed := func(name string, err error) {
		if ctx.Err() == nil {
			s.Parts.Log.Error("a scheduled function failed", "function", name, "cause", err.Error())
		}
	}
	s.loops.Go(func() {
		ticker.Run(ctx, s.Clock, ticker.Daily(9, 0, workday.Shanghai), s.Functions.Handler("reminders"), func(err error) { failed("reminders", err) })
	})
	s.loops.Go(func() {
		ticker.Run(ctx, s.Clock, ticker.Hourly(20), s.Functions.Handler("retention"), func(err error) { failed("retention", err) })
	})
	s.loops.Go(func() { s.checkLeaders(ctx, failed) })
	s.loops.Go(func() { s.expire(ctx, failed) })
	for i, b := range backgroundFunctions {
		if b.function == "exchange" && s.Parts.ByHand() {
			continue
		}
		s.loops.Go(func() { s.runInBackground(ctx, b.function, b.every, s.wake[i], failed) })
	}
}

// checkLeaders calls the function reminders for the SMS checks and the counts of open orders each minute, and whenever the clock was moved, until ctx
// ends.
func (s *System) checkLeaders(ctx context.Context, failed func(string, error)) {
	for ctx.Err() == nil {
		moved := s.Clock.Changed()
		for _, input := range []string{`{"sms":true}`, `{"counts":true}`} {
			if _, err := s.Functions.Invoke(ctx, "reminders", []byte(input)); err != nil {
				failed("reminders", err)
			}
		}
		select {
		case <-ctx.Done():
		case <-moved:
		case <-time.After(time.Minute):
		}
	}
}

// backgroundFunctions run at the start, at a fixed interval, and shortly after a transaction with an outbox entry for them. On AWS
// the table's stream invokes the sweeper for notices, and schedules invoke both.
var backgroundFunctions = []struct {
	function string
	entries  *regexp.Regexp // finds the entries in a transaction
	every    time.Duration
}{{"sweeper", regexp.MustCompile(`"(notice|register|end|erase|drop)#`), 5 * time.Second}, {"exchange", regexp.MustCompile(`"upload#`), time.Second}}

// wakeDelay is the time from a transaction to the run of a background function. The run includes later transactions in that time.
const wakeDelay = 40 * time.Millisecond

// runInBackground calls a function immediately, after each wake, and at the interval, until ctx ends.
func (s *System) runInBackground(ctx context.Context, function string, every time.Duration, wake <-chan struct{}, failed func(string, error)) {
	for {
		if _, err := s.Functions.Invoke(ctx, function, []byte("{}")); err != nil && ctx.Err() == nil {
			failed(function, err)
		}
		select {
		case <-ctx.Done():
			return
		case <-wake:
			if !sleep(ctx, wakeDelay) {
				return
			}
		case <-time.After(every):
		}
	}
}

// sleep waits for d. It returns false if ctx ends first.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
