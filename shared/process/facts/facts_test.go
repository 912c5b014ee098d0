package facts_test

import (
	"context"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"beian/infra/local/dynamodb/dynamodbtest"
	"beian/infra/local/keyfile"
	"beian/shared/aws/dynamo"
	"beian/shared/bureau"
	"beian/shared/bureau/simulator"
	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/process/decide"
	"beian/shared/process/envelope"
	"beian/shared/process/envelope/envelopetest"
	"beian/shared/process/exchange"
	"beian/shared/process/facts"
	"beian/shared/process/inventory"
	"beian/shared/rules/certificate"
	"beian/shared/setup"
)

// A system is a table on a running engine and a simulated ministry.
type system struct {
	*facts.Finder
	t        *testing.T
	store    *dynamo.Store
	ministry *simulator.Bureau
}

func newSystem(t *testing.T) *system {
	t.Helper()
	now := func() time.Time { return filingtest.December2019 }
	engine := dynamodbtest.Start(t)
	keys, err := keyfile.Open(filepath.Join(t.TempDir(), "keys.json"), now())
	if err != nil {
		t.Fatal(err)
	}
	table := dynamodb.New(dynamodb.Options{BaseEndpoint: aws.String(engine.Endpoint()), Region: "us-east-1", HTTPClient: setup.NewHTTPClient(),
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")})
	s := &system{t: t, store: &dynamo.Store{Table: "filings", Encrypter: envelope.New(keys, &envelopetest.Keys{}, now), Wall: now, Client: dynamo.ClientOf(table)}}
	if err := dynamo.CreateTable(t.Context(), table, s.store.Table); err != nil {
		t.Fatal(err)
	}
	account := simulator.Account{ProviderID: 99001, User: "test", Password: "test", Key: "0123456789abcdef", IV: "fedcba9876543210"}
	if s.ministry, err = simulator.New(simulator.Config{Accounts: []simulator.Account{account}, Now: now}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.ministry.Close() })
	server := httptest.NewServer(s.ministry.Handler())
	t.Cleanup(server.Close)
	client, err := bureau.New(bureau.Config{
		UpDownLoad: server.URL + bureau.UpDownLoadPath, BeianStatus: server.URL + bureau.BeianStatusPath,
		VerifyPassword: server.URL + bureau.VerifyPasswordPath, ProviderID: account.ProviderID, User: account.User, Password: account.Password,
		Key: account.Key, IV: account.IV, Now: now,
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Finder = &facts.Finder{Store: s.store, Bureau: client}
	return s
}

func (s *system) applyScenario(scenario simulator.Scenario) {
	s.t.Helper()
	if err := s.ministry.Apply(scenario); err != nil {
		s.t.Fatal(err)
	}
}

func (s *system) addToBlacklist(e exchange.BlacklistEntry) {
	s.t.Helper()
	if err := s.store.SetBlacklisted(s.t.Context(), e, true); err != nil {
		s.t.Fatal(err)
	}
}

// addFiled adds filings of subjects with one domain each to the ministry.
func (s *system) addFiled(subjects ...[2]string) {
	s.t.Helper()
	var scenario simulator.Scenario
	for _, one := range subjects {
		scenario.Filed = append(scenario.Filed, simulator.Seed{Name: "样例有限公司", Nature: 4, CertificateKind: 1, CertificateNumber: one[0],
			Division: 120101, Sites: []simulator.SeedSite{{Name: "样例网站", Domains: []string{one[1]}}}})
	}
	s.applyScenario(scenario)
}

func TestFind(t *testing.T) {
	const domain, other = "beijing-example.com", "other-example.com"
	mine, theirs := string(filingtest.BeijingFirm), string(filingtest.JiangsuFirm)
	order := filingtest.Open(t, filingtest.EnterpriseBeijing(), filingtest.December2019).Order
	for _, c := range []struct {
		name        string
		prepare     func(*system)
		want        filing.Facts
		provisional bool
	}{
		{"nothing is known", func(*system) {}, filing.Facts{}, false},
		{"the subject is filed", func(s *system) { s.addFiled([2]string{mine, other}) }, filing.Facts{SubjectFiled: true}, false},
		{"subject and domain are filed", func(s *system) { s.addFiled([2]string{mine, domain}) },
			filing.Facts{SubjectFiled: true, DomainFiled: true, SameSubject: true}, false},
		{"the domain is filed by another subject", func(s *system) { s.addFiled([2]string{mine, other}, [2]string{theirs, domain}) },
			filing.Facts{SubjectFiled: true, DomainFiled: true}, false},
		{"only the domain is filed, by another subject", func(s *system) { s.addFiled([2]string{theirs, domain}) },
			filing.Facts{DomainFiled: true}, false},
		{"the ministry is closed", func(s *system) { closed := true; s.applyScenario(simulator.Scenario{Maintenance: &closed}) }, filing.Facts{}, true},
		{"the ministry does not answer", func(s *system) { s.applyScenario(simulator.Scenario{Unavailable: 1}) }, filing.Facts{}, true},
		{"the subject is blacklisted", func(s *system) { s.addToBlacklist(exchange.BlacklistEntry{Subject: order.SubjectKey}) },
			filing.Facts{SubjectBlacklisted: true}, false},
		{"the domain is blacklisted", func(s *system) { s.addToBlacklist(exchange.BlacklistEntry{Domain: domain}) },
			filing.Facts{DomainBlacklisted: true}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSystem(t)
			c.prepare(s)
			found, provisional, err := s.Find(t.Context(), order)
			got := found[domain]
			if got.SubjectNumber != "" != got.SubjectFiled || got.SiteNumber != "" != got.DomainFiled {
				t.Errorf("numbers %q and %q of %+v", got.SubjectNumber, got.SiteNumber, got)
			}
			got.SubjectNumber, got.SiteNumber = "", ""
			if err != nil || provisional != c.provisional || got != c.want || len(found) != 1 {
				t.Errorf("%+v, %v, %v", found, provisional, err)
			}
		})
	}
}

// TestCertificateKindsAbove11AreNotAsked: the ministry's query ends with kind 11 (MIIT-IF30 5.5). Asking for a later one, such as a Hong
// Kong permit (14), would fail for ever and keep the type provisional.
func TestCertificateKindsAbove11AreNotAsked(t *testing.T) {
	const domain = "beijing-example.com"
	for kind, asked := range map[certificate.Kind]bool{1: true, 11: true, 12: false, 14: false, 30: false, 44: false} {
		s := newSystem(t)
		order := filingtest.Open(t, filingtest.EnterpriseBeijing(), filingtest.December2019).Order
		order.Private.Subject.Certificate.Kind = kind
		s.addFiled([2]string{string(filingtest.JiangsuFirm), domain})
		found, provisional, err := s.Find(t.Context(), order)
		if err != nil || provisional || found[domain].SubjectUnasked == asked || !found[domain].DomainFiled {
			t.Errorf("kind %d: %+v, %t, %v", kind, found, provisional, err)
		}
	}
}

// TestFindFiledThroughUs: a filing through us is known even if the ministry does not answer.
func TestFindFiledThroughUs(t *testing.T) {
	s := newSystem(t)
	err := s.store.PutServer(t.Context(), inventory.Server{ID: filingtest.Product().Server, Account: filingtest.Applicant.Account, Quota: 5})
	if err != nil {
		t.Fatal(err)
	}
	w := &filingtest.Walk{T: t, App: filingtest.EnterpriseBeijing(), At: filingtest.December2019, Store: func(c filing.Change) filing.Order {
		if _, err := s.store.Commit(t.Context(), c, decide.Request{}); err != nil {
			t.Fatal(err)
		}
		return c.Order
	}}
	w.ContinueWith(filing.Open(w.App.OpenInput("01EXAMPLE"), filingtest.Applicant, w.At))
	w.AdvanceTo(filing.Done)
	s.applyScenario(simulator.Scenario{Unavailable: 20})
	known := filing.Facts{SubjectFiled: true, SubjectKnown: true, DomainFiled: true, SameSubject: true, OurAccess: true}
	otherAccount := known
	otherAccount.SubjectBound = true
	for name, c := range map[string]struct {
		change func(*filing.Order)
		want   filing.Facts
	}{
		"the same":        {func(*filing.Order) {}, known},
		"another account": {func(o *filing.Order) { o.Account = "account-2" }, otherAccount},
		"an agency":       {func(o *filing.Order) { o.Account, o.AgentFor = "account-2", "01EXAMPLE" }, known},
		"no consent":      {func(o *filing.Order) { o.Account, o.AgentFor = "account-2", "02EXAMPLE" }, otherAccount},
		"several":         {func(o *filing.Order) { o.SubjectKey, o.AgentFor = "another", "02EXAMPLE" }, filing.Facts{DomainFiled: true, OurAccess: true}},
		"another subject": {func(o *filing.Order) { o.SubjectKey = "another" }, filing.Facts{AccountBound: true, DomainFiled: true, OurAccess: true}},
	} {
		order := w.Order
		c.change(&order)
		found, provisional, err := s.Find(t.Context(), order)
		if got := found[order.Domains[0]]; err != nil || !provisional || got != c.want {
			t.Errorf("%s: %+v, %v, %v", name, got, provisional, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := s.Find(ctx, w.Order); err == nil {
		t.Error("Find succeeded with a cancelled context")
	}
}
