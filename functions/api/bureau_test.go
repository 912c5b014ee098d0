package api_test

import (
	"fmt"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"beian/shared/bureau"
	"beian/shared/bureau/document"
	"beian/shared/bureau/simulator"
	"beian/shared/bureau/wire"
	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/process/exchange"
)

// The account at the simulated bureau.
var (
	account = simulator.Account{ProviderID: 990000000001, User: "demo", Password: "Passw0rd!", Key: "ICPSIM-TEST-KEY1", IV: "0102030405060708"}
	link    = strconv.FormatInt(account.ProviderID, 10)
)

// operatorService returns the operator's controls of the exchange.
func (f *fixture) operatorService() *exchange.Operator {
	return &exchange.Operator{
		Decisions: f.decisions, Store: f.store, Objects: f.objects, Link: link, Now: f.decisions.Now, Log: f.decisions.Log,
		Codec: wire.Codec{Key: account.Key, IV: account.IV, Encryption: wire.AESEncryption},
	}
}

// startBureau starts a simulated bureau and returns the exchange with it.
func (f *fixture) startBureau() (*simulator.Bureau, *exchange.Exchange) {
	f.t.Helper()
	b, err := simulator.New(simulator.Config{Now: f.decisions.Now, Accounts: []simulator.Account{account}})
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { b.Close() })
	server := httptest.NewServer(b.Handler())
	f.t.Cleanup(server.Close)
	client, err := bureau.New(bureau.Config{
		UpDownLoad: server.URL + bureau.UpDownLoadPath, BeianStatus: server.URL + bureau.BeianStatusPath,
		VerifyPassword: server.URL + bureau.VerifyPasswordPath, ProviderID: account.ProviderID, User: account.User,
		Password: account.Password, Key: account.Key, IV: account.IV, Now: f.decisions.Now,
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return b, &exchange.Exchange{
		Decisions: f.decisions, Store: f.store, Objects: f.objects, Client: client, Link: link, Now: f.decisions.Now, Log: f.decisions.Log,
	}
}

// orderInQueue creates an order whose upload to the bureau is queued.
func (f *fixture) orderInQueue(app filingtest.Application) string {
	return f.orderInQueueOf("account-1", app)
}

// orderInQueueOf is orderInQueue for an account.
func (f *fixture) orderInQueueOf(account string, app filingtest.Application) string {
	f.t.Helper()
	id := f.orderOf(account, app, filing.Transmit)
	o, err := f.store.Order(f.t.Context(), filing.ID(id))
	if err != nil {
		f.t.Fatal(err)
	}
	first, err := f.store.AllocateIDs(f.t.Context(), exchange.CountIDs(o))
	if err != nil {
		f.t.Fatal(err)
	}
	f.decide(id, filing.QueueUpload{FirstID: first})
	return id
}

// runExchange runs the exchange once.
func (f *fixture) runExchange(e *exchange.Exchange) {
	f.t.Helper()
	if _, err := e.Run(f.t.Context()); err != nil {
		f.t.Fatal(err)
	}
}

// applyScenario changes the behaviour of the bureau.
func (f *fixture) applyScenario(b *simulator.Bureau, s simulator.Scenario) {
	f.t.Helper()
	if err := b.Apply(s); err != nil {
		f.t.Fatal(err)
	}
}

// sentFiles: the operator sees the state and content of uploads, without personal data.
func sentFiles(t *testing.T, f *fixture) {
	sim, e := f.startBureau()
	admin, app := f.admin(), filingtest.EnterpriseBeijing()
	admin.do("GET /bureau", nil).wantStatus(200).wantValue(link, "link").wantValue(float64(0), "lastSequence").wantValue(false, "stopped")
	admin.do("GET /bureau/sent/1", nil).wantStatus(404)
	admin.do("POST /bureau/sent/1/resend", nil).wantStatus(404)
	admin.do("GET /bureau/sent/0", nil).wantStatus(422)

	f.runExchange(e) // reads the bureau's count of files
	on, off := true, false
	f.applyScenario(sim, simulator.Scenario{Maintenance: &on, Rules: []simulator.Rule{{Then: simulator.Action{Silent: true}}}})
	id := f.orderInQueue(app)
	admin.do("GET /bureau", nil).wantStatus(200).wantValue(float64(1), "waiting")
	f.runExchange(e)
	status := admin.do("GET /bureau", nil).wantStatus(200).wantValue(float64(1), "flight", "sequence").wantValue(float64(901), "upload", "code")
	f.wantNoPersonalData(app, status)
	admin.do("POST /bureau/sent/1/resend", nil).wantStatus(202).wantValue(float64(1), "flight", "sequence")
	f.applyScenario(sim, simulator.Scenario{Maintenance: &off})
	f.runExchange(e)
	admin.do("GET /bureau", nil).wantStatus(200).wantValue(float64(1), "lastSequence").wantValue(float64(0), "waiting")
	f.wantNoPersonalData(app, admin.do("GET /bureau/sent", nil).wantStatus(200).wantValue(float64(1), "items", 0, "sequence"))
	preview := admin.do("GET /bureau/sent/1/resend", nil).wantStatus(200).wantValue(false, "allowed")
	f.wantNoPersonalData(app, preview)
	if digest, size := preview.value("sha256").(string), preview.value("bytes").(float64); len(digest) != 64 || size < 100 || preview.value("document") == nil {
		t.Errorf("preview: %s, %g bytes", digest, size)
	}
	admin.do("GET /bureau/sent/99/resend", nil).wantStatus(404)
	f.wantNoPersonalData(app, admin.do("GET /bureau/received", nil).wantStatus(200))
	f.wantNoPersonalData(app, admin.do("POST /bureau/sent/1/resend", nil).wantStatus(409, "bureau-file-not-missing "))

	sent := admin.do("GET /bureau/sent/1", nil).wantStatus(200).wantValue(id, "file", "records", 0, "order").wantValue("V.3.0", "document", "@version")
	f.wantNoPersonalData(app, sent)
	record := []any{"document", "ICP", "XZBA", "Baxx", 0}
	sent.wantValue(float64(app.Opening.EntityKind), append(record, "Zt_xx", "Dwxz")...)
	sent.wantValue("[redacted]", append(record, "Zt_xx", "Dwmc")...)
	sent.wantValue("[redacted]", append(record, "Fj", 0, "Fjxx", "Fjnr")...)
	f.wantLogged("read a sent file", "resend a file")
}

// receivedFiles: the operator reads downloaded files and replays them.
func receivedFiles(t *testing.T, f *fixture) {
	sim, e := f.startBureau()
	admin, app := f.admin(), filingtest.EnterpriseBeijing()
	if items := admin.do("GET /bureau/issues", nil).wantStatus(200).value("items").([]any); len(items) != 0 {
		t.Errorf("issues %v", items)
	}
	admin.do("GET /bureau/received/nothing.xml", nil).wantStatus(404)
	admin.do("POST /bureau/received/nothing.xml/replay", nil).wantStatus(404)
	f.applyScenario(sim, simulator.Scenario{Issue: []simulator.Issue{
		{Provider: account.ProviderID, Text: "no document"},
		{Provider: account.ProviderID, ICP: &document.ICPDownload{Notices: []document.Notice{{Text: app.Subject.Leader.Name.Reveal()}}}},
	}})
	f.runExchange(e)
	poison := admin.do("GET /bureau", nil).wantStatus(200).value("poison", 0, "id")
	admin.do(fmt.Sprintf("GET /bureau/received/%v", poison), nil).wantStatus(200).wantValue("poison", "file", "state")
	admin.do(fmt.Sprintf("POST /bureau/received/%v/replay", poison), nil).wantStatus(409, "bureau-file-unreadable ")
	task := admin.do("GET /bureau/tasks", nil).wantStatus(200).wantValue("XGTZ", "items", 0, "kind").value("items", 0, "file")
	notice := admin.do(fmt.Sprintf("GET /bureau/received/%v", task), nil).wantStatus(200).
		wantValue("[redacted]", "document", "ICP", "XGTZ", "Tzxx", 0, "Tznr")
	f.wantNoPersonalData(app, notice)
	name := notice.value("file", "name")
	for range 2 {
		replayed := admin.do(fmt.Sprintf("POST /bureau/received/%v/replay", name), nil).wantStatus(200).wantValue("acknowledged", "file", "state")
		f.wantNoPersonalData(app, replayed)
	}
	wantItems(admin.do("GET /bureau/tasks", nil).wantStatus(200), 1)
	// Results of the provider's IP and domain filings are listed, but Beian does not act on them.
	f.applyScenario(sim, simulator.Scenario{Issue: []simulator.Issue{{Provider: account.ProviderID, IP: &document.IPDownload{
		Results: &document.IPResults{Sources: []document.IPResult{{Operation: document.RecordAdded, ID: 5,
			Items: []document.IPResultItem{{Code: 2998, Text: app.Subject.Leader.Name.Reveal()}}}}},
	}}}})
	f.runExchange(e)
	listed := false
	for _, item := range admin.do("GET /bureau/issues", nil).wantStatus(200).value("items").([]any) {
		if item := item.(map[string]any); item["kind"] == "IP" {
			file := admin.do(fmt.Sprintf("GET /bureau/received/%v", item["file"]), nil).wantStatus(200).wantValue("acknowledged", "file", "state").
				wantValue(float64(2998), "document", "IP", "BAJG", "Lyjg", 0, "Jgxx", 0, "Jgdm")
			f.wantNoPersonalData(app, file)
			if strings.Contains(file.text, `"problems"`) {
				t.Error("a valid file is called a departure from the schema:", file.text)
			}
			listed = true
		}
	}
	if !listed {
		t.Error("the results of IP filings are not listed")
	}
	if _, err := f.store.AcquireLink(t.Context(), link, "an exchange"); err != nil {
		t.Fatal(err)
	}
	admin.do(fmt.Sprintf("POST /bureau/received/%v/replay", name), nil).wantStatus(409)
	f.wantLogged("read a received file", "replay a received file")
}

// wantLogged checks that the log records the operator's actions.
func (f *fixture) wantLogged(does ...string) {
	f.t.Helper()
	for _, what := range does {
		if !strings.Contains(f.log.String(), `"msg":"operator","request":"request-1","actor":"admin-1","does":"`+what) {
			f.t.Errorf("not in the log: %s", what)
		}
	}
}

// wantNoPersonalData checks that neither an answer nor the log contains data of an application.
func (f *fixture) wantNoPersonalData(app filingtest.Application, a answer) {
	f.t.Helper()
	leader := app.Subject.Leader
	for _, secret := range []string{
		app.Opening.Name.Reveal(), app.Opening.Certificate.Number.Reveal(), leader.Name.Reveal(), leader.Mobile.Reveal(),
		leader.Email.Reveal(), leader.Certificate.Number.Reveal(), app.Subject.Address, app.Sites[0].Name,
	} {
		if strings.Contains(a.text, secret) || strings.Contains(f.log.String(), secret) {
			f.t.Errorf("the answer or the log contains personal data")
		}
	}
}
