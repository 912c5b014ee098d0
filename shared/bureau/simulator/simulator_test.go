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

// A desk is a bureau with a client that talks to it, and the clock that both live by.
type desk struct {
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

// open starts a bureau as the options want it.
func open(t *testing.T, options ...func(*simulator.Config)) *desk {
	t.Helper()
	d := &desk{t: t, now: time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)}
	d.config = simulator.Config{
		Accounts: []simulator.Account{account()}, Now: d.clock, ReviewDelay: time.Hour, Folder: t.TempDir(),
	}
	for _, option := range options {
		option(&d.config)
	}
	d.start()
	return d
}

func (d *desk) clock() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

func (d *desk) pass(span time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now = d.now.Add(span)
}

func (d *desk) start() {
	d.t.Helper()
	simulated, err := simulator.New(d.config)
	if err != nil {
		d.t.Fatal(err)
	}
	d.bureau = simulated
	d.server = httptest.NewServer(simulated.Handler())
	d.t.Cleanup(d.server.Close)
	d.client = d.connect(func(*bureau.Config) {})
}

func (d *desk) connect(change func(*bureau.Config)) *bureau.Client {
	d.t.Helper()
	config := bureau.Config{
		UpDownLoad:     d.server.URL + bureau.UpDownLoadPath,
		BeianStatus:    d.server.URL + bureau.BeianStatusPath,
		VerifyPassword: d.server.URL + bureau.VerifyPasswordPath,
		ProviderID:     providerID, User: "demo", Password: "Passw0rd!", Key: "ICPSIM-TEST-KEY1", IV: "0102030405060708",
		Now: d.clock,
	}
	change(&config)
	client, err := bureau.New(config)
	if err != nil {
		d.t.Fatal(err)
	}
	return client
}

// kill ends the bureau without a word and starts another on what it left behind.
func (d *desk) kill() {
	d.t.Helper()
	d.server.Close()
	d.start()
}

func (d *desk) steer(scenario string) {
	d.t.Helper()
	recorder := httptest.NewRecorder()
	d.bureau.AdminHandler().ServeHTTP(recorder, httptest.NewRequest(http.MethodPost, "/scenario", strings.NewReader(scenario)))
	if recorder.Code != http.StatusNoContent {
		d.t.Fatalf("scenario: %d %s", recorder.Code, recorder.Body)
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
func (d *desk) upload(fill func(*document.ICPUpload)) {
	d.t.Helper()
	if outcome := d.try(fill); outcome.Code != result.OK {
		d.t.Fatalf("upload %d: %+v", d.sent+1, outcome)
	}
	d.sent++
}

func (d *desk) try(fill func(*document.ICPUpload)) bureau.Outcome {
	d.t.Helper()
	upload := document.NewUpload(providerID)
	fill(&upload.ICP)
	outcome, err := send(d.t.Context(), d.client, d.sent+1, upload)
	if err != nil {
		d.t.Fatal(err)
	}
	return outcome
}

// file uploads one new filing and waits for what the bureau says.
func (d *desk) file(change func(*document.NewFiling)) []*document.ICPDownload {
	d.t.Helper()
	filing := company()
	change(&filing)
	d.upload(func(u *document.ICPUpload) { u.New = []document.NewFiling{filing} })
	d.pass(2 * time.Hour)
	return d.fetch()
}

// fetch downloads and acknowledges everything.
func (d *desk) fetch() []*document.ICPDownload {
	d.t.Helper()
	var all []*document.ICPDownload
	for {
		delivery, outcome, err := d.client.Download(d.t.Context())
		if err != nil {
			d.t.Fatal(err)
		}
		if delivery == nil {
			if outcome.Code != result.NothingToDownload {
				d.t.Fatalf("%+v", outcome)
			}
			return all
		}
		if len(delivery.Problems) > 0 {
			d.t.Fatalf("%s: %v", delivery.Name, delivery.Problems)
		}
		all = append(all, delivery.Document.ICP)
		if outcome, err := d.client.Ack(d.t.Context(), delivery.Name); err != nil || !outcome.OK() {
			d.t.Fatalf("%+v, %v", outcome, err)
		}
	}
}

// codes are all result codes in the downloads.
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

func company() document.NewFiling {
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
	d := open(t)
	d.upload(func(u *document.ICPUpload) { u.New = []document.NewFiling{company()} })
	if early := d.fetch(); len(early) != 0 {
		t.Fatal("decided before the review")
	}
	d.pass(time.Hour)
	files := d.fetch()
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
		t.Error("our ids did not come back")
	}
	for _, query := range []bureau.Query{{Value: "EXAMPLE.com"}, {Type: 1, Value: "91350100M000100Y43"}} {
		status, outcome, err := d.client.Filed(t.Context(), query)
		if err != nil || !outcome.OK() || !status.Filed || status.SubjectNumber != filed.Subject.Number {
			t.Errorf("type %d: %+v, %+v, %v", query.Type, status, outcome, err)
		}
		if query.Type == bureau.DomainQuery && (status.SiteNumber != s.Number || status.SiteName != "示例科技") {
			t.Errorf("%+v", status)
		}
	}
	if status, _, err := d.client.Filed(t.Context(), bureau.Query{Value: "example.cn"}); err != nil || status.Filed {
		t.Errorf("%+v, %v", status, err)
	}
}

func TestNumbersFollowProvinceAndYear(t *testing.T) {
	d := open(t)
	for _, c := range []struct {
		year     int
		province int64
		want     string
	}{
		{2019, 110000, "京ICP备19000001号"}, {2019, 330000, "浙ICP备19000001号"}, {2019, 110000, "京ICP备19000002号"},
		{2020, 110000, "京ICP备2020000001号"}, {2026, 500000, "渝ICP备2026000001号"},
	} {
		d.mu.Lock()
		d.now = time.Date(c.year, 6, 1, 0, 0, 0, 0, time.UTC)
		d.mu.Unlock()
		unique := strings.Repeat("9", int(d.sent)+1)
		files := d.file(func(f *document.NewFiling) {
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
	d := open(t)
	for _, p := range province.All() {
		text := string(p.Code)
		code, _ := strconv.ParseInt(text, 10, 64)
		files := d.file(func(f *document.NewFiling) {
			f.Subject.Address = document.Address{Province: code * 10000, City: code*10000 + 100}
			f.Subject.Certificate.Number = text
			f.Sites[0].Domains[0].Name, f.Sites[0].HomeURL = "a"+text+".com", ""
		})
		if want := p.Abbreviation + "ICP备2026000001号"; len(files) != 2 || files[1].Filed[0].Subject.Number != want {
			t.Errorf("province %s: %d files, want %s", p.Code, len(files), want)
		}
	}
}

func TestSteeredDecisions(t *testing.T) {
	d := open(t)
	d.steer(`{"rules": [
		{"match": {"domain": "example.com"}, "times": 1, "then": {"decision": "refuse", "codes": [1020, 1066], "opinion": "网站名称不规范"}},
		{"match": {"subject": "91350100M000100Y43"}, "times": 1, "then": {"decision": "refuse"}},
		{"match": {"operation": 1}, "times": 1, "then": {"decision": "sms-timeout"}},
		{"match": {}, "times": 1, "then": {"silent": true}},
		{"match": {}, "times": 1, "then": {"delay": "48h", "twice": true}}
	]}`)
	same := func(*document.NewFiling) {}
	files := d.file(same)
	if got := codes(files); len(got) != 2 || got[0] != 1020 || got[1] != 1066 {
		t.Errorf("codes %v", got)
	}
	if o := files[0].Results.Opinions[0]; o.Decision != document.Refused || o.Text != "网站名称不规范" {
		t.Errorf("%+v", o)
	}
	if got := codes(d.file(same)); len(got) != 1 || got[0] != result.RefusedByBureau {
		t.Errorf("refusal without codes: %v", got)
	}
	files = d.file(same)
	if o := files[0].Results.Opinions[0]; o.Decision != document.Refused || !strings.Contains(o.Text, "短信") {
		t.Errorf("time-out: %+v", o)
	}

	if files := d.file(same); len(files) != 0 {
		t.Error("not silent")
	}
	d.pass(1000 * time.Hour)
	if files := d.fetch(); len(files) != 0 {
		t.Error("not silent for long")
	}
	d.steer(`{"release": [{"domain": "example.com"}]}`)
	if files := d.fetch(); len(files) != 2 {
		t.Errorf("released: %d files", len(files))
	}

	other := func(f *document.NewFiling) {
		f.Subject.Certificate.Number, f.Sites[0].Domains[0].Name, f.Sites[0].HomeURL = "1", "example.net", ""
	}
	if files := d.file(other); len(files) != 0 {
		t.Error("not late")
	}
	d.pass(46 * time.Hour)
	files = d.fetch()
	if len(files) != 3 || files[2].Results == nil || len(files[2].Filed) != 1 {
		t.Errorf("late and twice: %d files", len(files))
	}
}

func TestKillLosesNothing(t *testing.T) {
	d := open(t)
	d.upload(func(u *document.ICPUpload) { u.New = []document.NewFiling{company()} })
	d.kill()
	previous, outcome, err := d.client.QueryPrevious(t.Context())
	if err != nil || !outcome.OK() || previous.Sequence != 1 || len(previous.Content) == 0 {
		t.Fatalf("previous %d, %+v, %v", previous.Sequence, outcome, err)
	}
	d.pass(time.Hour)
	delivery, _, err := d.client.Download(t.Context())
	if err != nil || delivery == nil {
		t.Fatal(err)
	}
	first := delivery.Name
	d.kill()
	again, _, err := d.client.Download(t.Context())
	if err != nil || again == nil || again.Name != first {
		t.Fatalf("another file after the kill: %v", err)
	}
	if files := d.fetch(); len(files) != 2 {
		t.Fatalf("%d files", len(files))
	}
	d.kill()
	if files := d.fetch(); len(files) != 0 {
		t.Errorf("%d files came again", len(files))
	}
	if outcome, err := d.client.Ack(t.Context(), path.Base(first)); err != nil || !outcome.OK() {
		t.Errorf("acknowledged again: %+v, %v", outcome, err)
	}
	status, _, err := d.client.Filed(t.Context(), bureau.Query{Value: "example.com"})
	if err != nil || !status.Filed {
		t.Errorf("%+v, %v", status, err)
	}
	if got := codes(d.file(func(f *document.NewFiling) { f.Subject.ID++ })); len(got) == 0 || got[0] != 1003 {
		t.Errorf("the register was forgotten: %v", got)
	}
}
