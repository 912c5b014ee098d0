package simulator_test

import (
	"regexp"
	"slices"
	"testing"
	"time"

	"beian/shared/bureau/document"
	"beian/shared/bureau/result"
	"beian/shared/bureau/wire"
)

// sendOther sends an upload of IP or domain filings as the given client and returns the results.
func (h *harness) sendOther(upload document.Upload) *document.Download {
	h.t.Helper()
	upload.Version = document.Version
	if outcome := h.trySend(upload); outcome.Code != result.OK {
		h.t.Fatalf("%+v", outcome)
	}
	h.sent++
	h.advanceClock(2 * time.Hour)
	files := h.fetchDocuments()
	if len(files) != 1 {
		h.t.Fatalf("%d files", len(files))
	}
	return files[0]
}

func (h *harness) sendIP(upload document.IPUpload) document.IPResults {
	h.t.Helper()
	upload.Provider = providerID
	file := h.sendOther(document.Upload{IP: &upload})
	if file.IP == nil || file.IP.Results == nil {
		h.t.Fatal("not a file about IP filings")
	}
	return *file.IP.Results
}

func ipCodes(results []document.IPResult) []int64 {
	var all []int64
	for _, r := range results {
		for _, item := range r.Items {
			all = append(all, item.Code)
		}
	}
	return all
}

func ipSource(id int64) document.NewIPSource {
	return document.NewIPSource{ID: id, IPSource: document.IPSource{First: 3405803776, Last: 3405804031, Unit: 5}} // 203.0.113.0/24
}

func allocation(id int64) document.NewIPAllocation {
	return document.NewIPAllocation{ID: id, IPAllocation: document.IPAllocation{
		First: 3405803786, Last: 3405803786, Mode: document.AllocatedForUse, Use: 1, Since: "2026-01-01", User: "示例科技有限公司", Nature: 4,
		Province: 330000, City: 330100, Detail: "示例路1号", Contact: "测试甲", ContactPhone: "0571-00000000", ContactEmail: "a@example.com",
	}}
}

// TestIPFilings: IP filings are answered with the codes of the text: 2998, or what is wrong (MIIT-IF30 6.2).
func TestIPFilings(t *testing.T) {
	h := newHarness(t)
	got := h.sendIP(document.IPUpload{New: &document.NewIP{Allocations: []document.NewIPAllocation{allocation(1)}}})
	if codes := ipCodes(got.Allocations); !slices.Equal(codes, []int64{2005}) || got.Allocations[0].ID != 1 || got.Allocations[0].Operation != document.RecordAdded {
		t.Errorf("without a source: %+v", got)
	}
	got = h.sendIP(document.IPUpload{New: &document.NewIP{
		Sources: []document.NewIPSource{ipSource(2)}, Allocations: []document.NewIPAllocation{allocation(3)},
		Broadcasts: []document.NewIPBroadcast{{ID: 4, IPBroadcast: document.IPBroadcast{Carrier: 1, Applicant: 2, First: 1, Last: 2}}},
		Independent: []document.NewIndependentIP{{ID: 5, IndependentIP: document.IndependentIP{
			First: 9, Last: 9, Use: 1, Since: "2026-01-01", User: "示例", Nature: 4, Province: 330000, City: 330100, Detail: "示例路1号", Contact: "测试甲",
			ContactPhone: "0571-00000000", ContactEmail: "a@example.com", Gateway: 1, GatewayLocation: "机房", Source: document.IndependentIPSource{Name: "示例"},
		}}},
	}})
	for kind, results := range map[string][]document.IPResult{"Lyjg": got.Sources, "Fpjg": got.Allocations, "Gbjs": got.Broadcasts, "Zdip": got.Independent} {
		if codes := ipCodes(results); !slices.Equal(codes, []int64{2998}) || results[0].ID == 0 || results[0].BureauID == 0 ||
			results[0].Items[0].Text != "IP备案操作成功" {
			t.Errorf("%s: %+v", kind, results)
		}
	}
	source := got.Sources[0].BureauID
	h.kill()
	repeated := h.sendIP(document.IPUpload{New: &document.NewIP{Sources: []document.NewIPSource{ipSource(6)}}})
	if codes := ipCodes(repeated.Sources); !slices.Equal(codes, []int64{2003}) {
		t.Errorf("the same range: %v", codes)
	}
	changed := document.ChangedIPSource{BureauID: source, IPSource: ipSource(0).IPSource}
	if codes := ipCodes(h.sendIP(document.IPUpload{Change: &document.ChangedIP{Sources: []document.ChangedIPSource{changed}}}).Sources); !slices.Equal(codes, []int64{2998}) {
		t.Errorf("a change: %v", codes)
	}
	for _, want := range []int64{2998, 2055} {
		got := h.sendIP(document.IPUpload{Delete: &document.DeletedIP{Sources: []document.RecordID{{ID: source}}}})
		if codes := ipCodes(got.Sources); !slices.Equal(codes, []int64{want}) || got.Sources[0].Operation != document.RecordDeleted || got.Sources[0].BureauID != source {
			t.Errorf("a deletion: %+v, want %d", got.Sources, want)
		}
	}
	h.applyScenario(`{"rules": [{"then": {"decision": "refuse", "codes": [2017]}}]}`)
	if codes := ipCodes(h.sendIP(document.IPUpload{New: &document.NewIP{Sources: []document.NewIPSource{ipSource(7)}}}).Sources); !slices.Equal(codes, []int64{2017}) {
		t.Errorf("refused by the scenario: %v", codes)
	}
}

// TestWrongIPFilings sends what our client would not send.
func TestWrongIPFilings(t *testing.T) {
	const before, after = `<IP><XZBA><Xzfp><Fpsy><IspId>1</IspId>`, `</Fpsy></Xzfp></XZBA><Qqdwid>990000000001</Qqdwid></IP>`
	for inside, want := range map[string][]int64{
		before + `<Qsip>9</Qsip><Zzip>8</Zzip><Fpfs>4</Fpfs>` + after: {2002},
		before + `<Qsip>8</Qsip><Zzip>9</Zzip><Fpfs>2</Fpfs>` + after: {2047},
		before + `<Qsip>8</Qsip><Zzip>9</Zzip><Fpfs>3</Fpfs>` + after: {2032, 2030},
		before + `<Qsip>8</Qsip><Zzip>9</Zzip><Fpfs>1</Fpfs>` + after: {2032, 2030, 2031, 2034, 2037, 2038, 2036, 2040, 2039, 2042},
		before + `<Qsip>8</Qsip><Zzip>9</Zzip><Fpfs>5</Fpfs>` + after: {5001},
		before + `<Zzip>9</Zzip><Fpfs>4</Fpfs>` + after:               {5001},
		`<IP><XZBA/><Qqdwid>1</Qqdwid></IP>`:                          {5003},
	} {
		h := newHarness(t)
		h.sendRaw(`<?xml version="1.0" encoding="GBK"?><UploadData version="V.3.0">` + inside + `</UploadData>`)
		h.advanceClock(time.Hour)
		files := h.fetchDocuments()
		if len(files) != 1 || files[0].IP == nil {
			t.Fatalf("%s: not one file about IP filings", inside)
		}
		results := files[0].IP.Results
		if got := ipCodes(append(results.Sources, results.Allocations...)); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", inside, got, want)
		}
	}
}

// sendRaw uploads a document as it is. The bureau must accept the file; results come later.
func (h *harness) sendRaw(content string) {
	h.t.Helper()
	codec := wire.Codec{Key: "ICPSIM-TEST-KEY1", IV: "0102030405060708", Encryption: wire.AESEncryption}
	parcel, err := codec.Encode(wire.File{Name: "raw.xml", Content: []byte(content)}, h.clock())
	if err != nil {
		h.t.Fatal(err)
	}
	if outcome, err := h.client.Send(h.t.Context(), h.sent+1, parcel); err != nil || outcome.Code != result.OK {
		h.t.Fatalf("%+v, %v", outcome, err)
	}
	h.sent++
}

// TestDomainFilings: domain filings are answered with 3998, or what is wrong.
func TestDomainFilings(t *testing.T) {
	h := newHarness(t)
	registration := func(change func(*document.Registration)) document.Registration {
		r := document.Registration{
			Domain: "Example.cn", Kind: 1, Registered: "2026-01-01", Registrant: "测试甲", RegistrantOrganisation: "示例", RegistrantAddress: "示例路1号",
			RegistrantProvince: 330000, RegistrantCity: 330100, RegistrantEmail: "a@example.com", RegistrantPhone: "0571-00000000",
			Administrator: "测试甲", AdministratorUnit: "示例", AdministratorAddress: "示例路1号", AdministratorProvince: 330000,
			AdministratorCity: 330100, AdministratorEmail: "a@example.com", AdministratorPhone: "0571-00000000",
			Registrar: "示例", NameServers: "ns1.example.cn", Expires: "2027-01-01",
		}
		change(&r)
		return r
	}
	asIs := func(*document.Registration) {}
	send := func(upload document.DomainUpload) document.DomainResult {
		t.Helper()
		upload.Provider = providerID
		file := h.sendOther(document.Upload{Domains: &upload})
		if file.Domains == nil || len(file.Domains.Results) != 1 {
			t.Fatal("not one result about domain filings")
		}
		return file.Domains.Results[0]
	}
	add := func(change func(*document.Registration)) document.DomainResult {
		t.Helper()
		return send(document.DomainUpload{New: []document.NewRegistration{{ID: 1, Registration: registration(change)}}})
	}
	for want, change := range map[int64]func(*document.Registration){
		3001: func(r *document.Registration) { r.Kind = 3 },
		3004: func(r *document.Registration) { r.Expires = "2026-03-01" },
		3013: func(r *document.Registration) { r.RegistrantEmail = "nobody@example" },
		3024: func(r *document.Registration) { r.AdministratorPhone = "12345678901" },
		3028: func(r *document.Registration) { r.RegistrantCity = 110100 },
		3035: func(r *document.Registration) { r.Registered = "2026-12-01" },
	} {
		if got := add(change); got.Items[0].Code != want || got.ID != 1 {
			t.Errorf("%+v, want %d", got, want)
		}
	}
	// The schema takes any ten characters as a date. Our client does not send such a file; others may.
	valid := document.Upload{Version: document.Version, Domains: &document.DomainUpload{
		New: []document.NewRegistration{{ID: 1, Registration: registration(asIs)}}, Provider: providerID,
	}}
	content, err := valid.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	h.sendRaw(regexp.MustCompile(`<(Zcsj|Yxrq)>[^<]*`).ReplaceAllString(string(content), "<$1>2026-13-41"))
	h.advanceClock(2 * time.Hour)
	if items := h.fetchDocuments()[0].Domains.Results[0].Items; len(items) != 2 || items[0].Code != 3031 || items[1].Code != 3032 {
		t.Errorf("dates that are none: %+v", items)
	}
	added := add(asIs)
	if added.Items[0].Code != 3998 || added.ID != 1 || added.BureauID == 0 || added.Operation != document.RecordAdded {
		t.Errorf("added: %+v", added)
	}
	if got := add(asIs); got.Items[0].Code != 3999 {
		t.Errorf("added again: %+v", got)
	}
	changed := send(document.DomainUpload{Change: []document.ChangedRegistration{{BureauID: added.BureauID, Registration: registration(asIs)}}})
	if changed.Items[0].Code != 3998 || changed.Operation != document.RecordChanged {
		t.Errorf("changed: %+v", changed)
	}
	deleted := send(document.DomainUpload{Delete: []document.DeletedRegistration{{Domain: "example.cn"}}})
	if deleted.Items[0].Code != 3998 || deleted.BureauID != added.BureauID || deleted.Operation != document.RecordDeleted {
		t.Errorf("deleted: %+v", deleted)
	}
}

// TestUploadsShareOneSequence: ICP, IP and domain filings of a provider have one sequence of numbers.
func TestUploadsShareOneSequence(t *testing.T) {
	h := newHarness(t)
	h.sendIP(document.IPUpload{New: &document.NewIP{Sources: []document.NewIPSource{ipSource(1)}}})
	h.upload(addCompany)
	if previous, _, err := h.client.QueryPrevious(t.Context()); err != nil || previous.Sequence != 2 {
		t.Errorf("previous %d, %v", previous.Sequence, err)
	}
}
