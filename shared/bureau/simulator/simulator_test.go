package simulator_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"beian/shared/bureau"
	"beian/shared/bureau/document"
	"beian/shared/bureau/result"
	"beian/shared/bureau/simulator"
	"beian/shared/rules/number"
	"beian/shared/rules/province"
)

const providerID = 990000000001

// A harness is a bureau with a client and the clock of both.
type harness struct {
	t      *testing.T
	config simulator.Config
	bureau *simulator.Bureau
	server *httptest.Server
	client *bureau.Client
	mu     sync.Mutex
	now    time.Time
	sent   int64
}

func account() simulator.Account {
	return simulator.Account{
		ProviderID: providerID, User: "demo", Password: "Passw0rd!", Key: "ICPSIM-TEST-KEY1", IV: "0102030405060708",
	}
}

// newHarness starts a bureau with options.
func newHarness(t *testing.T, options ...func(*simulator.Config)) *harness {
	t.Helper()
	h := &harness{t: t, now: time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)}
	h.config = simulator.Config{
		Accounts: []simulator.Account{account()}, Now: h.clock, ReviewDelay: time.Hour, Folder: t.TempDir(),
	}
	for _, option := range options {
		option(&h.config)
	}
	h.start()
	return h
}

func (h *harness) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *harness) advanceClock(span time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(span)
}

func (h *harness) start() {
	h.t.Helper()
	simulated, err := simulator.New(h.config)
	if err != nil {
		h.t.Fatal(err)
	}
	h.bureau = simulated
	h.server = httptest.NewServer(simulated.Handler())
	h.t.Cleanup(h.server.Close)
	h.client = h.connect(func(*bureau.Config) {})
}

func (h *harness) connect(change func(*bureau.Config)) *bureau.Client {
	h.t.Helper()
	config := bureau.Config{
		UpDownLoad:     h.server.URL + bureau.UpDownLoadPath,
		BeianStatus:    h.server.URL + bureau.BeianStatusPath,
		VerifyPassword: h.server.URL + bureau.VerifyPasswordPath,
		ProviderID:     providerID, User: "demo", Password: "Passw0rd!", Key: "ICPSIM-TEST-KEY1", IV: "0102030405060708",
		Now: h.clock,
	}
	change(&config)
	client, err := bureau.New(config)
	if err != nil {
		h.t.Fatal(err)
	}
	return client
}

// kill stops the bureau without closing it and starts another on the same folder.
func (h *harness) kill() {
	h.t.Helper()
	h.server.Close()
	h.start()
}

func (h *harness) applyScenario(scenario string) {
	h.t.Helper()
	recorder := httptest.NewRecorder()
	h.bureau.AdminHandler().ServeHTTP(recorder, httptest.NewRequest(http.MethodPost, "/scenario", strings.NewReader(scenario)))
	if recorder.Code != http.StatusNoContent {
		h.t.Fatalf("scenario: %d %s", recorder.Code, recorder.Body)
	}
}

// send prepares and sends an upload.
func send(ctx context.Context, c *bureau.Client, sequence int64, upload document.Upload) (bureau.Outcome, error) {
	parcel, err := c.Prepare(upload)
	if err != nil {
		return bureau.Outcome{}, err
	}
	return c.Send(ctx, sequence, parcel)
}

// upload sends the next upload, which must be accepted.
func (h *harness) upload(fill func(*document.ICPUpload)) {
	h.t.Helper()
	if outcome := h.tryUpload(fill); outcome.Code != result.OK {
		h.t.Fatalf("upload %d: %+v", h.sent+1, outcome)
	}
	h.sent++
}

func (h *harness) tryUpload(fill func(*document.ICPUpload)) bureau.Outcome {
	h.t.Helper()
	upload := document.NewUpload(providerID)
	fill(upload.ICP)
	return h.trySend(upload)
}

func (h *harness) trySend(upload document.Upload) bureau.Outcome {
	h.t.Helper()
	outcome, err := send(h.t.Context(), h.client, h.sent+1, upload)
	if err != nil {
		h.t.Fatal(err)
	}
	return outcome
}

// fileOne uploads one new filing and waits for the results.
func (h *harness) fileOne(change func(*document.NewFiling)) []*document.ICPDownload {
	h.t.Helper()
	filing := companyFiling()
	change(&filing)
	h.upload(func(u *document.ICPUpload) { u.New = []document.NewFiling{filing} })
	h.advanceClock(2 * time.Hour)
	return h.fetchAll()
}

// fetchAll downloads and acknowledges everything about ICP filings.
func (h *harness) fetchAll() []*document.ICPDownload {
	h.t.Helper()
	var all []*document.ICPDownload
	for _, d := range h.fetchDocuments() {
		all = append(all, d.ICP)
	}
	return all
}

// fetchDocuments downloads and acknowledges everything.
func (h *harness) fetchDocuments() []*document.Download {
	h.t.Helper()
	var all []*document.Download
	for {
		delivery, outcome, err := h.client.Download(h.t.Context())
		if err != nil {
			h.t.Fatal(err)
		}
		if delivery == nil {
			if outcome.Code != result.NothingToDownload {
				h.t.Fatalf("%+v", outcome)
			}
			return all
		}
		if len(delivery.Problems) > 0 {
			h.t.Fatalf("%s: %v", delivery.Name, delivery.Problems)
		}
		all = append(all, delivery.Document)
		if outcome, err := h.client.Ack(h.t.Context(), delivery.Name); err != nil || !outcome.OK() {
			h.t.Fatalf("%+v, %v", outcome, err)
		}
	}
}

// codes returns all result codes in the downloads.
func codes(downloads []*document.ICPDownload) []int64 {
	var all []int64
	for _, d := range downloads {
		if d.Results == nil {
			continue
		}
		for _, r := range d.Results.Records {
			for _, item := range r.Items {
				all = append(all, item.Code)
			}
		}
	}
	return all
}

func companyFiling() document.NewFiling {
	leader := document.Leader{
		Name: "测试甲", OfficePhone: "010-00000000", Mobile: "13800000000", Email: "leader@example.com",
		CertificateKind: 2, CertificateNumber: "11010519491231002X",
	}
	return document.NewFiling{
		Subject: document.Subject{
			ID: 10001, Name: "示例科技有限公司", Nature: 4, Investor: "示例科技有限公司",
			Address:     document.Address{Province: 110000, City: 110100, County: 110108, Detail: "示例路1号"},
			Certificate: document.Certificate{Kind: 1, Number: "91350100M000100Y43", Address: "北京市示例路1号"},
			Leader:      leader, ReportMode: document.ReportedByProvider,
		},
		Sites: []document.Site{site(20001, "example.com")},
		Attachments: []document.FilingAttachment{{
			Format: document.JPEG, Purpose: document.VerificationForm, Content: []byte{0xff, 0xd8, 0xff},
			Owner: document.FilingOwner{Kind: document.SiteOwner, ID: 20001},
		}},
	}
}

func site(id int64, domain string) document.Site {
	ip, _ := document.IPv4From(netip.MustParseAddr("203.0.113.10"))
	return document.Site{
		ID: id, Name: "示例科技", Services: []int64{8}, Languages: []int64{1},
		Domains: []document.Domain{{ID: id + 1, Name: domain}},
		Accesses: []document.Access{{
			ID: id + 2, Locations: []int64{2}, Modes: []int64{5}, IPs: []document.IPRange{{ID: id + 3, First: ip, Last: ip}},
		}},
		Leader: document.SiteLeader{
			Name: "测试甲", OfficePhone: "010-00000000", Mobile: "13800000000", Email: "leader@example.com",
			CertificateKind: 2, CertificateNumber: "11010519491231002X",
		},
		HomeURL: "www." + domain,
	}
}

func TestApproval(t *testing.T) {
	h := newHarness(t)
	h.upload(func(u *document.ICPUpload) { u.New = []document.NewFiling{companyFiling()} })
	if early := h.fetchAll(); len(early) != 0 {
		t.Fatal("decided before the review")
	}
	h.advanceClock(time.Hour)
	files := h.fetchAll()
	if len(files) != 2 {
		t.Fatalf("%d files", len(files))
	}
	opinion := files[0].Results.Opinions[0]
	if opinion.Decision != document.Approved || opinion.Operation != document.NewFilingOperation || opinion.Record != 10001 {
		t.Errorf("%+v", opinion)
	}
	filed := files[1].Filed[0]
	if filed.Subject.Number != "京ICP备2026000001号" || filed.Sites[0].Number != "京ICP备2026000001号-1" {
		t.Errorf("numbers %s, %s", filed.Subject.Number, filed.Sites[0].Number)
	}
	if _, err := number.ParseSubject(filed.Subject.Number); err != nil {
		t.Error(err)
	}
	s := filed.Sites[0]
	if filed.Subject.ID != 10001 || s.ID != 20001 || s.Domains[0].ID != 20002 || s.Accesses[0].ID != 20003 ||
		s.Accesses[0].IPs[0].ID != 20004 || s.Accesses[0].Provider != providerID {
		t.Error("our ids are missing in the filed data")
	}
	for _, query := range []bureau.Query{{Value: "EXAMPLE.com"}, {Type: 1, Value: "91350100M000100Y43"}} {
		status, outcome, err := h.client.Filed(t.Context(), query)
		if err != nil || !outcome.OK() || !status.Filed || status.SubjectNumber != filed.Subject.Number {
			t.Errorf("type %d: %+v, %+v, %v", query.Type, status, outcome, err)
		}
		if query.Type == bureau.DomainQuery && (status.SiteNumber != s.Number || status.SiteName != "示例科技") {
			t.Errorf("%+v", status)
		}
	}
	if status, _, err := h.client.Filed(t.Context(), bureau.Query{Value: "example.cn"}); err != nil || status.Filed {
		t.Errorf("%+v, %v", status, err)
	}
}

func TestNumbersFollowProvinceAndYear(t *testing.T) {
	h := newHarness(t)
	for _, c := range []struct {
		year     int
		province int64
		want     string
	}{
		{2019, 110000, "京ICP备19000001号"}, {2019, 330000, "浙ICP备19000001号"}, {2019, 110000, "京ICP备19000002号"},
		{2020, 110000, "京ICP备2020000001号"}, {2026, 500000, "渝ICP备2026000001号"},
	} {
		h.mu.Lock()
		h.now = time.Date(c.year, 6, 1, 0, 0, 0, 0, time.UTC)
		h.mu.Unlock()
		unique := strings.Repeat("9", int(h.sent)+1)
		files := h.fileOne(func(f *document.NewFiling) {
			f.Subject.Address = document.Address{Province: c.province, City: c.province + 100}
			f.Subject.Certificate.Number = unique
			f.Sites[0].Domains[0].Name, f.Sites[0].HomeURL = "a"+unique+".com", ""
		})
		if len(files) != 2 || files[1].Filed[0].Subject.Number != c.want {
			t.Errorf("%d, %d: %d files, want %s", c.year, c.province, len(files), c.want)
		}
	}
}

func TestNumbersOfAllProvinces(t *testing.T) {
	h := newHarness(t)
	for _, p := range province.All() {
		text := string(p.Code)
		code, _ := strconv.ParseInt(text, 10, 64)
		files := h.fileOne(func(f *document.NewFiling) {
			f.Subject.Address = document.Address{Province: code * 10000, City: code*10000 + 100}
			f.Subject.Certificate.Number = text
			f.Sites[0].Domains[0].Name, f.Sites[0].HomeURL = "a"+text+".com", ""
		})
		if want := p.Abbreviation + "ICP备2026000001号"; len(files) != 2 || files[1].Filed[0].Subject.Number != want {
			t.Errorf("province %s: %d files, want %s", p.Code, len(files), want)
		}
	}
}

func TestScenarioDecisions(t *testing.T) {
	h := newHarness(t)
	h.applyScenario(`{"rules": [
		{"match": {"domain": "example.com"}, "times": 1, "then": {"decision": "refuse", "codes": [1020, 1066], "opinion": "网站名称不规范"}},
		{"match": {"subject": "91350100M000100Y43"}, "times": 1, "then": {"decision": "refuse"}},
		{"match": {"operation": 1}, "times": 1, "then": {"decision": "sms-timeout"}},
		{"match": {}, "times": 1, "then": {"silent": true}},
		{"match": {}, "times": 1, "then": {"delay": "48h", "twice": true}}
	]}`)
	same := func(*document.NewFiling) {}
	files := h.fileOne(same)
	if got := codes(files); len(got) != 2 || got[0] != 1020 || got[1] != 1066 {
		t.Errorf("codes %v", got)
	}
	if o := files[0].Results.Opinions[0]; o.Decision != document.Refused || o.Text != "网站名称不规范" {
		t.Errorf("%+v", o)
	}
	if got := codes(h.fileOne(same)); len(got) != 1 || got[0] != result.RefusedByBureau {
		t.Errorf("refusal without codes: %v", got)
	}
	files = h.fileOne(same)
	if o := files[0].Results.Opinions[0]; o.Decision != document.Refused || !strings.Contains(o.Text, "短信") {
		t.Errorf("time-out: %+v", o)
	}

	if files := h.fileOne(same); len(files) != 0 {
		t.Error("not silent")
	}
	h.advanceClock(1000 * time.Hour)
	if files := h.fetchAll(); len(files) != 0 {
		t.Error("not silent for long")
	}
	h.applyScenario(`{"release": [{"domain": "example.com"}]}`)
	if files := h.fetchAll(); len(files) != 2 {
		t.Errorf("released: %d files", len(files))
	}

	other := func(f *document.NewFiling) {
		f.Subject.Certificate.Number, f.Sites[0].Domains[0].Name, f.Sites[0].HomeURL = "1", "example.net", ""
	}
	if files := h.fileOne(other); len(files) != 0 {
		t.Error("not late")
	}
	h.advanceClock(46 * time.Hour)
	files = h.fetchAll()
	if len(files) != 3 || files[2].Results == nil || len(files[2].Filed) != 1 {
		t.Errorf("late and twice: %d files", len(files))
	}
}

func TestKillLosesNothing(t *testing.T) {
	h := newHarness(t)
	h.upload(func(u *document.ICPUpload) { u.New = []document.NewFiling{companyFiling()} })
	h.kill()
	previous, outcome, err := h.client.QueryPrevious(t.Context())
	if err != nil || !outcome.OK() || previous.Sequence != 1 || len(previous.Content) == 0 {
		t.Fatalf("previous %d, %+v, %v", previous.Sequence, outcome, err)
	}
	h.advanceClock(time.Hour)
	delivery, _, err := h.client.Download(t.Context())
	if err != nil || delivery == nil {
		t.Fatal(err)
	}
	first := delivery.Name
	h.kill()
	again, _, err := h.client.Download(t.Context())
	if err != nil || again == nil || again.Name != first {
		t.Fatalf("another file after the kill: %v", err)
	}
	if files := h.fetchAll(); len(files) != 2 {
		t.Fatalf("%d files", len(files))
	}
	h.kill()
	if files := h.fetchAll(); len(files) != 0 {
		t.Errorf("%d files were downloaded again", len(files))
	}
	if outcome, err := h.client.Ack(t.Context(), path.Base(first)); err != nil || !outcome.OK() {
		t.Errorf("acknowledged again: %+v, %v", outcome, err)
	}
	status, _, err := h.client.Filed(t.Context(), bureau.Query{Value: "example.com"})
	if err != nil || !status.Filed {
		t.Errorf("%+v, %v", status, err)
	}
	if got := codes(h.fileOne(func(f *document.NewFiling) { f.Subject.ID++ })); len(got) == 0 || got[0] != 1003 {
		t.Errorf("the filings are lost: %v", got)
	}
}
