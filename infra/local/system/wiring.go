package system

import (
	"context"
	"log/slog"
	"net/http"
	"path/filepath"
	"time"

	"beian/functions/abandon"
	"beian/functions/announce"
	"beian/functions/api"
	"beian/functions/awaitbureau"
	"beian/functions/awaitconfirmation"
	"beian/functions/collectdetails"
	"beian/functions/collectevidence"
	"beian/functions/exchange"
	"beian/functions/expire"
	"beian/functions/followup"
	"beian/functions/initialreview"
	"beian/functions/maildocuments"
	"beian/functions/reject"
	"beian/functions/reminders"
	"beian/functions/smsreply"
	"beian/functions/sweeper"
	"beian/functions/transmit"
	"beian/functions/verifyauthenticity"
	"beian/functions/verifyproduct"
	"beian/functions/verifysms"
	"beian/functions/verifytype"
	"beian/functions/withdraw"
	"beian/infra/local/front"
	"beian/infra/local/identity"
	"beian/infra/local/ticker"
	"beian/shared/environ"
	"beian/shared/fault"
	"beian/shared/regulator"
	"beian/shared/regulator/bureausim"
	"beian/shared/setup"
	"beian/shared/workday"
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
func (s *System) environment(folder string) environ.Values {
	return environ.Values{
		environ.Table: Table, environ.Bucket: Bucket,
		environ.StateMachine: "arn:aws:states:" + Region + ":" + Account + ":stateMachine:" + MachineName,
		environ.KeyFile:      filepath.Join(folder, "keys.json"),
		environ.MailFrom:     mailFrom, environ.PortalURL: s.PortalURL,
		environ.ProviderNameChinese: "示例云", environ.ProviderNameEnglish: "Example Cloud", environ.SupportPhone: "010-00000000",
		environ.PaperAddress:     "示例省示例市示例路 1 号 示例云备案组 收",
		environ.SMSSecrets:       SMSSecret,
		environ.BureauUpDownLoad: s.BureauURL + regulator.UpDownLoadPath, environ.BureauStatus: s.BureauURL + regulator.BeianStatusPath,
		environ.BureauVerifyPassword: s.BureauURL + regulator.VerifyPasswordPath, environ.BureauProvider: "99001",
		environ.BureauUser: BureauUser, environ.BureauPassword: BureauPassword, environ.BureauKey: BureauKey, environ.BureauIV: BureauIV,
	}
}

// OpenBureau opens the simulated bureau with its demo provider, its journal in the folder.
func OpenBureau(c Config) (*bureausim.Bureau, error) {
	return bureausim.New(bureausim.Config{
		Accounts: []bureausim.Account{{ProviderID: BureauProvider, User: BureauUser, Password: BureauPassword, Key: BureauKey, IV: BureauIV}},
		Now:      c.Clock.Now, Folder: filepath.Join(c.Folder, "bureau"), ReviewDelay: c.ReviewDelay,
	})
}

// BureauHandler is the simulator with its steering beside it, under /admin/.
func BureauHandler(b *bureausim.Bureau) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", b.Handler())
	mux.Handle("/admin/", http.StripPrefix("/admin", b.AdminHandler()))
	return mux
}

// register makes the functions, each as its lambda/main.go does on AWS.
func (s *System) register() error {
	p, f := s.Parts, s.Functions
	d, err := p.Desk()
	if err != nil {
		return err
	}
	filed, err := p.Register()
	if err != nil {
		return err
	}
	bureau, err := p.Exchange()
	if err != nil {
		return err
	}
	operator, err := p.Operator()
	if err != nil {
		return err
	}
	live, err := p.Liveness()
	if err != nil {
		return err
	}
	messages, err := p.Messenger()
	if err != nil {
		return err
	}
	f.Register("verifytype", fault.Named(verifytype.Handler{Desk: d, Register: filed}.Handle), 0)
	f.Register("verifyproduct", fault.Named(verifyproduct.Handler{Desk: d}.Handle), 0)
	f.Register("collectdetails", fault.Named(collectdetails.Handler{Desk: d}.Handle), 0)
	f.Register("collectevidence", fault.Named(collectevidence.Handler{Desk: d}.Handle), 0)
	f.Register("verifyauthenticity", fault.Named(verifyauthenticity.Handler{Desk: d}.Handle), 0)
	f.Register("awaitconfirmation", fault.Named(awaitconfirmation.Handler{Desk: d}.Handle), 0)
	f.Register("initialreview", fault.Named(initialreview.Handler{Desk: d}.Handle), 0)
	f.Register("maildocuments", fault.Named(maildocuments.Handler{Desk: d}.Handle), 0)
	f.Register("verifysms", fault.Named(verifysms.Handler{Desk: d, Draw: setup.Draw}.Handle), 0)
	f.Register("transmit", fault.Named(transmit.Handler{Desk: d, Register: filed}.Handle), 0)
	f.Register("awaitbureau", fault.Named(awaitbureau.Handler{Desk: d}.Handle), 0)
	f.Register("announce", fault.Named(announce.Handler{Desk: d}.Handle), 0)
	f.Register("followup", fault.Named(followup.Handler{Desk: d}.Handle), 0)
	f.Register("withdraw", fault.Named(withdraw.Handler{Desk: d}.Handle), 0)
	f.Register("abandon", fault.Named(abandon.Handler{Desk: d}.Handle), 0)
	f.Register("reject", fault.Named(reject.Handler{Desk: d}.Handle), 0)
	f.Register("expire", fault.Named(expire.Handler{Desk: d}.Handle), 0)

	s.api = api.New(api.Config{Desk: d, Bucket: p.Bucket(), Liveness: live, Bureau: operator, Draw: setup.Draw, NewID: setup.NewID})
	f.Register("api", s.api.Handle, 0)
	f.Register("smsreply", smsreply.Handler{Desk: d, Secrets: p.SMSSecrets(), Wall: p.Wall, Log: p.Log}.Handle, 0)
	f.Register("sweeper", fault.Named(sweeper.Handler{
		Desk: d, Messenger: messages, Sender: p.Sender(), Wall: p.Wall, Log: p.Log,
	}.Handle), 0)
	f.Register("reminders", fault.Named(reminders.Handler{Desk: d, Now: p.Now, Log: p.Log}.Handle), 5*time.Minute)
	f.Register("exchange", fault.Named(exchange.Handler{Exchange: bureau}.Handle), 5*time.Minute)
	return nil
}

// frontHandler is what listens where API Gateway does on AWS, with the local pages beside it.
func (s *System) frontHandler(issuer *identity.Issuer, log *slog.Logger) http.Handler {
	touching := handlerFunc(func(ctx context.Context, payload []byte) ([]byte, error) {
		defer s.touch()
		return s.Functions.Invoke(ctx, "api", payload)
	})
	replies := handlerFunc(func(ctx context.Context, payload []byte) ([]byte, error) {
		defer s.touch()
		return s.Functions.Invoke(ctx, "smsreply", payload)
	})
	gateway := &front.Front{
		Authorizer: &front.Authorizer{Issuer: s.PortalURL + "/identity", Audiences: []string{clientID}}, Log: log,
	}
	for _, key := range s.api.PublicRoutes() {
		gateway.Routes = append(gateway.Routes, front.Route{Key: key, Handler: touching, Public: true})
	}
	gateway.Routes = append(gateway.Routes,
		front.Route{Key: "ANY /api/v1/{proxy+}", Handler: touching},
		front.Route{Key: "POST /webhooks/sms", Handler: replies, Public: true},
	)
	mux := http.NewServeMux()
	mux.Handle("/identity/", issuer)
	mux.Handle("/local/outbox", s.Messages.Outbox())
	mux.Handle("/local/outbox.json", s.Messages.Outbox())
	mux.Handle("/", gateway)
	return mux
}

// handlerFunc is a function as a lambda.Handler.
type handlerFunc func(context.Context, []byte) ([]byte, error)

func (f handlerFunc) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	return f(ctx, payload)
}

// touch says that something may be waiting to be sent. On AWS the table's stream says it.
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
		ticker.Run(ctx, s.Clock, ticker.Schedule{Name: "reminders", Handler: s.Functions.Handler("reminders"), Next: ticker.Daily(9, 0, workday.Shanghai)}, failed)
	})
	for i, o := range occasional {
		s.loops.Go(func() { s.look(ctx, o.function, o.soon, o.every, s.wake[i], failed) })
	}
}

// occasional are the functions that look after what has happened: soon after, and now and then in any case.
var occasional = []struct {
	function string
	soon     time.Duration // after something happened; what happens meanwhile is looked after with it
	every    time.Duration
}{{"sweeper", 40 * time.Millisecond, 5 * time.Second}, {"exchange", 200 * time.Millisecond, time.Second}}

func (s *System) look(ctx context.Context, function string, soon, every time.Duration, wake <-chan struct{}, failed func(string, error)) {
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
