package system

import (
	"context"
	"log/slog"
	"net/http"
	"path/filepath"
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"beian/functions/api"
	"beian/functions/operator"
	"beian/functions/reviewer"
	"beian/infra/local/apigateway"
	"beian/infra/local/identity"
	"beian/infra/local/outbox"
	"beian/infra/local/ticker"
	"beian/shared/bureau"
	"beian/shared/bureau/simulator"
	"beian/shared/filing"
	"beian/shared/rules/workday"
	"beian/shared/setup/environ"
)

const mailFrom = "Beian <beian@provider.example>"

// The simulated bureau's demo provider. These are no secrets: the simulator listens on this machine only.
const (
	BureauProvider = 99001
	BureauUser     = "demo"
	BureauPassword = "demo-password"
	BureauKey      = "0123456789abcdef"
	BureauIV       = "fedcba9876543210"
)

// environment is what the functions' environment variables are on AWS.
func (s *System) environment(c Config) environ.Values {
	values := environ.Values{
		environ.Table: Table, environ.KeysTable: KeysTable, environ.Bucket: Bucket, environ.Uploads: Uploads,
		environ.StateMachine: "arn:aws:states:" + Region + ":" + Account + ":stateMachine:" + MachineName + ":" + Alias,
		environ.KMSKey:       keyARNs + wrappingKey, environ.KMSMACKey: keyARNs + lookupKey,
		environ.RetentionClosed: strconv.Itoa(filing.RetentionDays), environ.RetentionFiled: strconv.Itoa(filing.RetentionDays),
		environ.Clock:    clockFile(c.Folder),
		environ.MailFrom: mailFrom, environ.PortalURL: s.PortalURL,
		environ.ProviderNameChinese: "示例云", environ.ProviderNameEnglish: "Example Cloud", environ.SupportPhone: "010-00000000",
		environ.PaperAddress:     "示例省示例市示例路 1 号 示例云备案组 收",
		environ.SMSSecrets:       SMSSecret,
		environ.BureauUpDownLoad: s.BureauURL + bureau.UpDownLoadPath, environ.BureauStatus: s.BureauURL + bureau.BeianStatusPath,
		environ.BureauVerifyPassword: s.BureauURL + bureau.VerifyPasswordPath, environ.BureauProvider: "99001",
		environ.BureauUser: BureauUser, environ.BureauPassword: BureauPassword, environ.BureauKey: BureauKey, environ.BureauIV: BureauIV,
	}
	if c.Carrier {
		values[environ.CarrierName], values[environ.CarrierEndpoint] = "the outbox", s.AWSURL+outbox.CarrierPath
		values[environ.CarrierKey], values[environ.CarrierSecret] = "local", carrierSecret
	}
	return values
}

// OpenBureau opens the simulated bureau with its demo provider, its journal in the folder.
func OpenBureau(c Config) (*simulator.Bureau, error) {
	return simulator.New(simulator.Config{
		Accounts: []simulator.Account{{ProviderID: BureauProvider, User: BureauUser, Password: BureauPassword, Key: BureauKey, IV: BureauIV}},
		Now:      c.Clock.Now, Folder: filepath.Join(c.Folder, "bureau"), ReviewDelay: c.ReviewDelay,
	})
}

// BureauHandler is the simulator with its steering beside it, under /admin/.
func BureauHandler(b *simulator.Bureau) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", b.Handler())
	mux.Handle("/admin/", http.StripPrefix("/admin", b.AdminHandler()))
	return mux
}

// Routes are the routes of the API, those that the template of package stack has. handler returns the handler of a function.
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
	add("operator", false, operator.New(operator.Config{}).Routes()...)
	add("smsreply", true, "POST /webhooks/sms")
	return routes
}

// frontHandler serves the API, where API Gateway does on AWS, with the local pages beside it.
func (s *System) frontHandler(issuer *identity.Issuer, log *slog.Logger) http.Handler {
	gateway := &apigateway.Gateway{
		Authorizer: &apigateway.Authorizer{Issuer: s.PortalURL + "/identity", Audiences: []string{clientID}}, Log: log,
		Routes: Routes(func(function string) lambda.Handler {
			return handlerFunc(func(ctx context.Context, payload []byte) ([]byte, error) {
				defer s.touch()
				return s.Functions.Invoke(ctx, function, payload)
			})
		}),
	}
	mux := http.NewServeMux()
	mux.Handle("/identity/", issuer)
	mux.Handle("/local/outbox", s.Outbox.Page())
	mux.Handle("/local/outbox.json", s.Outbox.Page())
	mux.Handle("/", gateway)
	return mux
}

// handlerFunc is a function as a lambda.Handler.
type handlerFunc func(context.Context, []byte) ([]byte, error)

func (f handlerFunc) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	return f(ctx, payload)
}

// touch wakes the background functions. On AWS the table's stream does that.
func (s *System) touch() {
	for _, w := range s.wake {
		select {
		case w <- struct{}{}:
		default:
		}
	}
}

// schedule runs the scheduled functions, and the sweeper and the exchange soon after something happened.
func (s *System) schedule(ctx context.Context) {
	failed := func(name string, err error) {
		s.Parts.Log.Error("a scheduled function failed", "function", name, "cause", err.Error())
	}
	s.loops.Go(func() {
		ticker.Run(ctx, s.Clock, ticker.Daily(9, 0, workday.Shanghai), s.Functions.Handler("reminders"), func(err error) { failed("reminders", err) })
	})
	for i, o := range backgroundFunctions {
		s.loops.Go(func() { s.runInBackground(ctx, o.function, o.soon, o.every, s.wake[i], failed) })
	}
}

// backgroundFunctions run shortly after each change and at a fixed interval.
var backgroundFunctions = []struct {
	function string
	soon     time.Duration // delay after a change; changes in that time need no further call
	every    time.Duration
}{{"sweeper", 40 * time.Millisecond, 5 * time.Second}, {"exchange", 200 * time.Millisecond, time.Second}}

// runInBackground calls a function after each wake, and at the interval, until ctx ends.
func (s *System) runInBackground(ctx context.Context, function string, soon, every time.Duration, wake <-chan struct{}, failed func(string, error)) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-wake:
			if !sleep(ctx, soon) {
				return
			}
		case <-time.After(every):
		}
		if _, err := s.Functions.Invoke(ctx, function, []byte("{}")); err != nil && ctx.Err() == nil {
			failed(function, err)
		}
	}
}

// sleep waits, and reports false when ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
