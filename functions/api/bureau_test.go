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

// The account of every world at its bureau.
var (
	account = simulator.Account{ProviderID: 990000000001, User: "demo", Password: "Passw0rd!", Key: "ICPSIM-TEST-KEY1", IV: "0102030405060708"}
	link    = strconv.FormatInt(account.ProviderID, 10)
)

// operator is who looks after the exchange of a world.
func (w *world) operator() *exchange.Operator {
	return &exchange.Operator{
		Decisions: w.desk, Store: w.store, Objects: w.objects, Link: link, Now: w.desk.Now, Log: w.desk.Log,
		Codec: wire.Codec{Key: account.Key, IV: account.IV, Encryption: wire.AESEncryption},
	}
}

// bureau starts a bureau, and returns the exchange with it.
func (w *world) bureau() (*simulator.Bureau, *exchange.Exchange) {
	w.t.Helper()
	b, err := simulator.New(simulator.Config{Now: w.desk.Now, Accounts: []simulator.Account{account}})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { b.Close() })
	server := httptest.NewServer(b.Handler())
	w.t.Cleanup(server.Close)
	client, err := bureau.New(bureau.Config{
		UpDownLoad: server.URL + bureau.UpDownLoadPath, BeianStatus: server.URL + bureau.BeianStatusPath,
		VerifyPassword: server.URL + bureau.VerifyPasswordPath, ProviderID: account.ProviderID, User: account.User,
		Password: account.Password, Key: account.Key, IV: account.IV, Now: w.desk.Now,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return b, &exchange.Exchange{
		Decisions: w.desk, Store: w.store, Objects: w.objects, Client: client, Link: link, Now: w.desk.Now, Log: w.desk.Log,
	}
}

// handOver takes an application to the bureau's door.
func (w *world) handOver(app filingtest.Application) string {
	w.t.Helper()
	id := w.to(app, filing.Transmit)
	o, err := w.store.Order(w.t.Context(), filing.ID(id))
	if err != nil {
		w.t.Fatal(err)
	}
	first, err := w.store.AllocateIDs(w.t.Context(), exchange.CountIDs(o))
	if err != nil {
		w.t.Fatal(err)
	}
	w.decide(id, filing.HandOver{FirstID: first})
	return id
}

// round makes one round of an exchange.
func (w *world) round(e *exchange.Exchange) {
	w.t.Helper()
	if _, err := e.Run(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// steered applies a scenario.
func (w *world) steered(b *simulator.Bureau, s simulator.Scenario) {
	w.t.Helper()
	if err := b.Apply(s); err != nil {
		w.t.Fatal(err)
	}
}

// sendings: the operator sees how uploads stand and what is in them, and nothing of anybody.
func sendings(t *testing.T, w *world) {
	sim, e := w.bureau()
	admin, app := w.admin(), filingtest.EnterpriseBeijing()
	admin.do("GET /bureau", nil).is(200).wants(link, "link").wants(float64(0), "lastSequence").wants(false, "stopped")
	admin.do("GET /bureau/sent/1", nil).is(404)
	admin.do("POST /bureau/sent/1/resend", nil).is(404)
	admin.do("GET /bureau/sent/0", nil).is(422)

	w.round(e) // the bureau is asked for its count
	on, off := true, false
	w.steered(sim, simulator.Scenario{Maintenance: &on, Rules: []simulator.Rule{{Then: simulator.Action{Silent: true}}}})
	id := w.handOver(app)
	admin.do("GET /bureau", nil).is(200).wants(float64(1), "waiting")
	w.round(e)
	status := admin.do("GET /bureau", nil).is(200).wants(float64(1), "flight", "sequence").wants(float64(901), "upload", "code")
	w.impersonal(app, status)
	admin.do("POST /bureau/sent/1/resend", nil).is(202).wants(float64(1), "flight", "sequence")
	w.steered(sim, simulator.Scenario{Maintenance: &off})
	w.round(e)
	admin.do("GET /bureau", nil).is(200).wants(float64(1), "lastSequence").wants(float64(0), "waiting")
	w.impersonal(app, admin.do("POST /bureau/sent/1/resend", nil).is(409, "bureau-file-not-missing "))

	sent := admin.do("GET /bureau/sent/1", nil).is(200).wants(id, "file", "records", 0, "order").wants("V.3.0", "document", "@version")
	w.impersonal(app, sent)
	record := []any{"document", "ICP", "XZBA", "Baxx", 0}
	sent.wants(float64(app.Opening.EntityKind), append(record, "Zt_xx", "Dwxz")...)
	sent.wants("[redacted]", append(record, "Zt_xx", "Dwmc")...)
	sent.wants("[redacted]", append(record, "Fj", 0, "Fjxx", "Fjnr")...)
	w.traced("read a sent file", "resend a file")
}

// receipts: the operator sees what came, and has it acted upon again.
func receipts(t *testing.T, w *world) {
	sim, e := w.bureau()
	admin, app := w.admin(), filingtest.EnterpriseBeijing()
	if items := admin.do("GET /bureau/issues", nil).is(200).at("items").([]any); len(items) != 0 {
		t.Errorf("issues %v", items)
	}
	admin.do("GET /bureau/received/nothing.xml", nil).is(404)
	admin.do("POST /bureau/received/nothing.xml/replay", nil).is(404)
	w.steered(sim, simulator.Scenario{Issue: []simulator.Issue{
		{Provider: account.ProviderID, Text: "no document"},
		{Provider: account.ProviderID, ICP: &document.ICPDownload{Notices: []document.Notice{{Text: app.Subject.Leader.Name.Reveal()}}}},
	}})
	w.round(e)
	poison := admin.do("GET /bureau", nil).is(200).at("poison", 0, "id")
	admin.do(fmt.Sprintf("GET /bureau/received/%v", poison), nil).is(200).wants("poison", "file", "state")
	admin.do(fmt.Sprintf("POST /bureau/received/%v/replay", poison), nil).is(409, "bureau-file-unreadable ")
	issue := admin.do("GET /bureau/issues", nil).is(200).wants("XGTZ", "items", 0, "kind").at("items", 0, "file")
	notice := admin.do(fmt.Sprintf("GET /bureau/received/%v", issue), nil).is(200).
		wants("[redacted]", "document", "ICP", "XGTZ", "Tzxx", 0, "Tznr")
	w.impersonal(app, notice)
	name := notice.at("file", "name")
	for range 2 {
		replayed := admin.do(fmt.Sprintf("POST /bureau/received/%v/replay", name), nil).is(200).wants("acknowledged", "file", "state")
		w.impersonal(app, replayed)
	}
	if items := admin.do("GET /bureau/issues", nil).is(200).at("items").([]any); len(items) != 1 {
		t.Errorf("issues %v", items)
	}
	if _, err := w.store.AcquireLink(t.Context(), link, "an exchange"); err != nil {
		t.Fatal(err)
	}
	admin.do(fmt.Sprintf("POST /bureau/received/%v/replay", name), nil).is(409)
	w.traced("read a received file", "replay a received file")
}

// traced holds that it is in the log what the operator did.
func (w *world) traced(does ...string) {
	w.t.Helper()
	for _, what := range does {
		if !strings.Contains(w.log.String(), `"msg":"operator","request":"request-1","actor":"admin-1","does":"`+what) {
			w.t.Errorf("nobody wrote down who did: %s", what)
		}
	}
}

// impersonal holds that nothing of an applicant is in an answer, nor in the log.
func (w *world) impersonal(app filingtest.Application, a answer) {
	w.t.Helper()
	leader := app.Subject.Leader
	for _, secret := range []string{
		app.Opening.Name.Reveal(), app.Opening.Certificate.Number.Reveal(), leader.Name.Reveal(), leader.Mobile.Reveal(),
		leader.Email.Reveal(), leader.Certificate.Number.Reveal(), app.Subject.Address, app.Sites[0].Name,
	} {
		if strings.Contains(a.text, secret) || strings.Contains(w.log.String(), secret) {
			w.t.Errorf("shows personal data")
		}
	}
}
