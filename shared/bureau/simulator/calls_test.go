package simulator_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"beian/shared/bureau"
	"beian/shared/bureau/document"
	"beian/shared/bureau/result"
	"beian/shared/bureau/simulator"
	"beian/shared/bureau/wire"
)

func parsePrefixes(texts ...string) []netip.Prefix {
	var all []netip.Prefix
	for _, text := range texts {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}

func addCompany(u *document.ICPUpload) { u.New = []document.NewFiling{companyFiling()} }

func TestRefusedCalls(t *testing.T) {
	for _, c := range []struct {
		name   string
		want   result.Message
		bureau func(*simulator.Config)
		client func(*bureau.Config)
		steer  string
	}{
		{"no such provider", result.OtherProvince, nil, func(c *bureau.Config) { c.ProviderID = 1 }, ""},
		{"user", result.WrongUser, nil, func(c *bureau.Config) { c.User = "nobody" }, ""},
		{"password", result.WrongPassword, nil, func(c *bureau.Config) { c.Password = "x" }, ""},
		{"address", result.NotAuthenticated, func(c *simulator.Config) {
			c.Accounts[0].AllowedFrom = parsePrefixes("192.0.2.0/24")
		}, nil, ""},
		{"barred", result.NoPermission, func(c *simulator.Config) { c.Accounts[0].Barred = true }, nil, ""},
		{"key", result.DecryptionFailed, nil, func(c *bureau.Config) { c.Key = "ICPSIM-TEST-KEY2" }, ""},
		{"maintenance", result.UploadMaintenance, nil, nil, `{"maintenance": true}`},
		{"hours", result.OutsideHours, nil, nil, `{"hours": {"from": "10:00", "to": "17:00"}}`},
		{"hours over midnight", result.OutsideHours, nil, nil, `{"hours": {"from": "22:00", "to": "06:00"}}`},
		{"size", result.TooLarge, func(c *simulator.Config) { c.MaxDocument = 100 }, nil, ""},
		{"rate", result.OK, func(c *simulator.Config) { c.Accounts[0].CallsPerMinute = 1 }, nil, ""},
		{"from an allowed address", result.OK, func(c *simulator.Config) {
			c.Accounts[0].AllowedFrom = parsePrefixes("127.0.0.0/8", "::1/128")
		}, nil, ""},
		{"without encryption", result.OK, nil, func(c *bureau.Config) { c.Plain = true }, ""},
		{"inside the hours", result.OK, nil, nil, `{"hours": {"from": "09:00", "to": "17:00"}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var options []func(*simulator.Config)
			if c.bureau != nil {
				options = append(options, c.bureau)
			}
			h := newHarness(t, options...)
			if c.steer != "" {
				h.applyScenario(c.steer)
			}
			if c.client != nil {
				h.client = h.connect(c.client)
			}
			if outcome := h.tryUpload(addCompany); outcome.Code != c.want || outcome.Disposition != c.want.Disposition() {
				t.Errorf("%+v, want %d", outcome, c.want)
			}
			if c.name == "rate" {
				if outcome := h.tryUpload(addCompany); outcome.Code != result.Other {
					t.Errorf("the second call of the minute: %+v", outcome)
				}
			}
		})
	}
}

func TestDownloadMaintenance(t *testing.T) {
	h := newHarness(t)
	h.applyScenario(`{"maintenance": true}`)
	if _, outcome, err := h.client.Download(t.Context()); err != nil || outcome.Code != result.DownloadMaintenance {
		t.Errorf("%+v, %v", outcome, err)
	}
	h.applyScenario(`{"maintenance": false}`)
	if _, outcome, err := h.client.Download(t.Context()); err != nil || outcome.Code != result.NothingToDownload {
		t.Errorf("%+v, %v", outcome, err)
	}
}

func TestSequence(t *testing.T) {
	h := newHarness(t)
	if previous, outcome, err := h.client.QueryPrevious(t.Context()); err != nil || !outcome.OK() || previous.Sequence != 0 {
		t.Errorf("before the first: %+v, %v", outcome, err)
	}
	h.sent = 3
	if outcome := h.tryUpload(addCompany); outcome.Code != result.SequenceGap || !slices.Equal(outcome.Missing, []int64{1, 2, 3}) {
		t.Errorf("gap: %+v", outcome)
	}
	h.sent = 0
	upload := document.NewUpload(providerID)
	addCompany(upload.ICP)
	parcel, err := h.client.Prepare(upload)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if outcome, err := h.client.Send(t.Context(), 1, parcel); err != nil || outcome.Code != result.OK {
			t.Errorf("the same twice: %+v, %v", outcome, err)
		}
	}
	if records, err := h.bureau.Records(0, 0); err != nil || len(records) != 1 {
		t.Errorf("%d records", len(records))
	}
	other := companyFiling()
	other.Subject.ID = 2
	other.Sites[0].ID = 20001
	if outcome := h.tryUpload(func(u *document.ICPUpload) { u.New = []document.NewFiling{other} }); outcome.Code != result.SequenceGap ||
		!slices.Equal(outcome.Missing, []int64{2}) {
		t.Errorf("another file with the same number: %+v", outcome)
	}
}

func TestLostAnswerIsSettled(t *testing.T) {
	h := newHarness(t)
	h.applyScenario(`{"lostAnswers": 1}`)
	upload := document.NewUpload(providerID)
	addCompany(upload.ICP)
	parcel, err := h.client.Prepare(upload)
	if err != nil {
		t.Fatal(err)
	}
	outcome, err := h.client.Send(t.Context(), 1, parcel)
	if err == nil || outcome.Code != result.Unknown || outcome.Disposition != result.Settle {
		t.Fatalf("%+v, %v", outcome, err)
	}
	previous, _, err := h.client.QueryPrevious(t.Context())
	if err != nil || previous.Sequence != 1 || previous.Hash != parcel.Hash {
		t.Errorf("the bureau has number %d: %v", previous.Sequence, err)
	}
	if _, problems, err := document.ParseUpload(previous.Content); err != nil || len(problems) > 0 {
		t.Errorf("%v, %v", problems, err)
	}
}

func TestDamagedDownloadStays(t *testing.T) {
	h := newHarness(t)
	h.upload(addCompany)
	h.advanceClock(time.Hour)
	h.applyScenario(`{"corrupt": 1}`)
	delivery, outcome, err := h.client.Download(t.Context())
	if delivery == nil || delivery.Document != nil || !errors.Is(err, bureau.ErrDamaged) || outcome.Disposition != result.Stop {
		t.Errorf("%+v, %v", outcome, err)
	}
	if files := h.fetchAll(); len(files) != 2 {
		t.Errorf("%d files afterwards", len(files))
	}
}

func TestUnavailable(t *testing.T) {
	h := newHarness(t)
	h.applyScenario(`{"unavailable": 2}`)
	_, outcome, err := h.client.Download(t.Context())
	if err == nil || outcome.Disposition != result.RetryLater {
		t.Errorf("download: %+v, %v", outcome, err)
	}
	upload := document.NewUpload(providerID)
	addCompany(upload.ICP)
	outcome, err = send(t.Context(), h.client, 1, upload)
	if err == nil || outcome.Disposition != result.Settle {
		t.Errorf("upload: %+v, %v", outcome, err)
	}
}

func TestQueueLimit(t *testing.T) {
	h := newHarness(t, func(c *simulator.Config) { c.QueueLimit = 1 })
	h.upload(addCompany)
	if outcome := h.tryUpload(addCompany); outcome.Code != result.QueueFull {
		t.Errorf("%+v", outcome)
	}
	h.advanceClock(time.Hour)
	if outcome := h.tryUpload(addCompany); outcome.Code != result.OK {
		t.Errorf("after the decision: %+v", outcome)
	}
}

// TestBrokenDocuments uploads invalid documents in valid parcels, as another client might.
func TestBrokenDocuments(t *testing.T) {
	codec := wire.Codec{Key: "ICPSIM-TEST-KEY1", IV: "0102030405060708", Encryption: wire.AESEncryption}
	for xml, want := range map[string]int64{
		`not XML`: 5001,
		`<UploadData version="V.3.0"><ICP><XZBA/><Qqdwid>990000000001</Qqdwid></ICP></UploadData>`: 5001,
		`<UploadData version="V.3.1"><ICP><ZXBA/></ICP></UploadData>`:                              5004,
		`<UploadData version="V.3.0"><ICP><ZXBA><Zx_xx><Zxlb>0</Zxlb><Jlid>1</Jlid><Zxly>1</Zxly></Zx_xx></ZXBA>` +
			`<Qqdwid>1</Qqdwid></ICP></UploadData>`: 5003,
	} {
		h := newHarness(t)
		parcel, err := codec.Encode(wire.File{Name: "broken.xml", Content: []byte(xml)}, h.clock())
		if err != nil {
			t.Fatal(err)
		}
		if outcome, err := h.client.Send(t.Context(), 1, parcel); err != nil || outcome.Code != result.OK {
			t.Fatalf("%+v, %v", outcome, err)
		}
		h.advanceClock(time.Hour)
		files := h.fetchAll()
		if got := codes(files); len(got) != 1 || got[0] != want {
			t.Errorf("%s: %v", xml, got)
		}
		if item := files[0].Results.Records[0].Items[0]; want == 5001 && item.Text != "broken.xml" {
			t.Errorf("the file is not named: %s", item.Text)
		}
	}
}

func TestUnknownRequests(t *testing.T) {
	h := newHarness(t)
	for _, c := range []struct {
		method, path, body string
		status             int
	}{
		{http.MethodGet, bureau.UpDownLoadPath, "", http.StatusMethodNotAllowed},
		{http.MethodPost, "/elsewhere", "", http.StatusNotFound},
		{http.MethodPost, bureau.UpDownLoadPath, "<html/>", http.StatusInternalServerError},
		{http.MethodGet, "/ISPWebService/elsewhere?wsdl", "", http.StatusNotFound},
		{http.MethodPost, bureau.UpDownLoadPath, `<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/hostname">]><x>&y;</x>`, http.StatusInternalServerError},
		{http.MethodPost, bureau.BeianStatusPath, `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>` +
			`<isp_upload xmlns="http://www.miibeian.gov.cn"/></e:Body></e:Envelope>`, http.StatusInternalServerError},
	} {
		recorder := httptest.NewRecorder()
		h.bureau.Handler().ServeHTTP(recorder, httptest.NewRequest(c.method, c.path, strings.NewReader(c.body)))
		if recorder.Code != c.status {
			t.Errorf("%s %s: %d", c.method, c.path, recorder.Code)
		}
	}
}

func TestScenarioIsStrict(t *testing.T) {
	for _, text := range []string{
		`{"unknown": 1}`, `{} {}`, `[]`, `{"rules": [{"then": {"decision": "perhaps"}}]}`,
		`{"rules": [{"then": {"codes": [1]}}]}`, `{"rules": [{"then": {"opinion": "😀"}}]}`,
		`{"rules": [{"then": {"delay": "-1s"}}]}`, `{"hours": {"from": "9", "to": "17:00"}}`,
		`{"filed": [{"name": "a", "certificateNumber": "1", "division": 990000, "sites": []}]}`,
	} {
		if _, err := simulator.ParseScenario([]byte(text)); err == nil {
			t.Errorf("%s was accepted", text)
		}
	}
	h := newHarness(t)
	for _, text := range []string{
		`{"verify": [{"provider": 990000000001, "number": "x"}]}`, `{"issue": [{"provider": 1, "icp": {}}]}`, `{"x": 1}`,
		`{"hosted": [{"site": "京ICP备2000000001号-1"}]}`,
	} {
		recorder := httptest.NewRecorder()
		h.bureau.AdminHandler().ServeHTTP(recorder, httptest.NewRequest(http.MethodPost, "/scenario", strings.NewReader(text)))
		if recorder.Code != http.StatusBadRequest {
			t.Errorf("%s: %d", text, recorder.Code)
		}
	}
}

func TestAdminShowsNoPersonalData(t *testing.T) {
	h := newHarness(t)
	h.upload(addCompany)
	h.advanceClock(time.Hour)
	for _, path := range []string{"/records", "/status"} {
		recorder := httptest.NewRecorder()
		h.bureau.AdminHandler().ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, path, nil))
		body := recorder.Body.String()
		if recorder.Code != http.StatusOK || strings.Contains(body, "测试甲") || strings.Contains(body, "示例") {
			t.Errorf("%s: %d", path, recorder.Code)
		}
		if path == "/records" && !strings.Contains(body, "京ICP备2026000001号-1") {
			t.Errorf("no number in %s", body)
		}
	}
}

func TestTornJournal(t *testing.T) {
	h := newHarness(t)
	h.upload(addCompany)
	name := filepath.Join(h.config.Folder, "journal.jsonl")
	file, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteString(`{"at":"2026-03-02T0`); err != nil {
		t.Fatal(err)
	}
	h.kill()
	h.upload(func(u *document.ICPUpload) {
		u.New = []document.NewFiling{companyFiling()}
		u.New[0].Subject.Certificate.Number = "2"
		u.New[0].Sites[0].Domains[0].Name, u.New[0].Sites[0].HomeURL = "example.net", ""
	})
	h.kill()
	if records, err := h.bureau.Records(0, 0); err != nil || len(records) != 2 {
		t.Errorf("%d records, %v", len(records), err)
	}
	if err := os.WriteFile(name, []byte("{\"what\":1}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := simulator.New(h.config); err == nil {
		t.Error("a file that is not a journal was accepted")
	}
}
