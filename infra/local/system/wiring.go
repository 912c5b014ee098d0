package system

import (
	"context"
	"log/slog"
	"net/http"
	"path/filepath"
	"strconv"

	"github.com/aws/aws-lambda-go/lambda"

	"beian/functions/accesscheck"
	"beian/functions/api"
	"beian/functions/apidocs"
	"beian/functions/mailbounce"
	"beian/functions/operator"
	"beian/functions/portal"
	"beian/functions/reviewer"
	"beian/functions/staff"
	"beian/infra/local/apigateway"
	"beian/infra/local/console"
	"beian/infra/local/identity"
	"beian/infra/local/outbox"
	"beian/shared/bureau"
	"beian/shared/bureau/simulator"
	"beian/shared/filing"
	"beian/shared/partners/mailrelay"
	"beian/shared/process/sitewatch"
	"beian/shared/rules/division"
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
func (s *System) environment(c Config) (environ.Values, error) {
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
		environ.SMSSecrets:       SMSSecret.Reveal(),
		environ.BounceSecrets:    BounceSecret.Reveal(),
		environ.AccessSecrets:    AccessSecret.Reveal(),
		environ.SecondReadings:   c.SecondReadings.JSON(),
		environ.DomainLookups:    string(domains.Simulator),
		environ.SiteWatch:        sitewatch.Settings{Visits: sitewatch.Simulated}.Text(),
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
		values[environ.CarrierKey], values[environ.CarrierSecret] = "local", carrierSecret.Reveal()
	}
	if c.Relay != "" {
		relay, err := mailrelay.ParseURL(c.Relay)
		if err != nil {
			return nil, err
		}
		values[environ.SMTPURL], values[environ.SMTPPassword] = relay.URL(), relay.Password
	}
	return values, nil
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
	add("apidocs", true, apidocs.Routes()...)
	add("api", false, "ANY /api/v1/{proxy+}")
	add("reviewer", true, reviewer.New(reviewer.Config{}).PublicRoutes()...)
	add("reviewer", false, reviewer.New(reviewer.Config{}).Routes()...)
	add("operator", true, operator.New(operator.Config{}).PublicRoutes()...)
	add("operator", false, operator.New(operator.Config{}).Routes()...)
	add("smsreply", true, "POST /webhooks/sms")
	add("mailbounce", true, mailbounce.Route)
	add("accesscheck", true, accesscheck.New(accesscheck.Config{}).PublicRoutes()...)
	add("accesscheck", false, accesscheck.New(accesscheck.Config{}).Routes()...)
	add("staff", true, staff.Routes()...)
	add("portal", true, portal.Routes()...)
	return routes
}

// frontHandler serves the API, as API Gateway does on AWS, and the local pages.
func (s *System) frontHandler(issuer *identity.Issuer, people []console.Person, log *slog.Logger) http.Handler {
	local := console.New(console.Config{Origin: s.PortalURL, AWS: s.AWSURL, Bureau: s.BureauURL, People: people, Clock: s.Clock, Timetable: s.Timetable, Outbox: s.Outbox, Machine: s.Machine, MachineName: MachineName, Faults: s.Faults, ApplyScenario: s.Bureau.Apply, Provider: BureauProvider, Log: log})
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
	mux.Handle("/local/outbox.json", s.Outbox.JSON())
	mux.Handle("/", gateway)
	return mux
}

// A handlerFunc is a function that implements lambda.Handler.
type handlerFunc func(context.Context, []byte) ([]byte, error)

func (f handlerFunc) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	return f(ctx, payload)
}
