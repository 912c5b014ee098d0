package simulator_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"beian/shared/bureau"
	"beian/shared/bureau/document"
	"beian/shared/bureau/result"
	"beian/shared/bureau/simulator"
	"beian/shared/bureau/wire"
	"beian/shared/rules/gbk"
)

// The tests of this file compare the simulator with the text of the specification where it was laxer or stricter.

const cancelInXML = `<UploadData version="V.3.0"><ICP><ZXBA><Zx_xx><Zxlb>1</Zxlb><Jlid>1</Jlid><Zxly>1</Zxly><Zxlybz>%</Zxlybz></Zx_xx></ZXBA>` +
	`<Qqdwid>990000000001</Qqdwid></ICP></UploadData>`

// TestDocumentsThatAreNotGBK: a document is in GBK, and says so (MIIT-IF30 4.3). The code 1059 comes from the cancellation in it, which
// was read.
func TestDocumentsThatAreNotGBK(t *testing.T) {
	document := func(declaration, text string) string { return declaration + strings.Replace(cancelInXML, "%", text, 1) }
	const declared, siteClosed, inGBK = `<?xml version="1.0" encoding="GBK"?>`, "网站停用", "\xcd\xf8\xd5\xbe\xcd\xa3\xd3\xc3"
	for _, c := range []struct {
		name, content string
		want          int64
		readable      gbk.Repertoire
	}{
		{"GBK", document(declared, inGBK), 1059, gbk.GBK},
		{"declared in lower case", document(`<?xml version='1.0' encoding='gbk'?>`, inGBK), 1059, gbk.GBK},
		{"ASCII without a declaration", document("", "closed"), 1059, gbk.GBK},
		{"a numeric reference", document(declared, "&#x20BB7;"), 1059, gbk.GBK},
		{"UTF-8", document(`<?xml version="1.0" encoding="UTF-8"?>`, siteClosed), 5001, gbk.GBK},
		{"ASCII declared as UTF-8", document(`<?xml version="1.0" encoding="UTF-8"?>`, "closed"), 5001, gbk.GBK},
		{"UTF-8 without a declaration", document("", siteClosed), 5001, gbk.GBK},
		{"UTF-8 with a byte order mark", document("\xef\xbb\xbf"+declared, inGBK), 5001, gbk.GBK},
		{"UTF-16", "\xff\xfe<\x00", 5001, gbk.GBK},
		{"GB18030 at a bureau that does not read it", document(`<?xml version="1.0" encoding="GB18030"?>`, inGBK), 5001, gbk.GBK},
		{"GB18030 at a bureau that reads it", document(`<?xml version="1.0" encoding="GB18030"?>`, "\x95\x32\x82\x36"), 1059, gbk.GB18030},
		{"four bytes of GB18030 declared as GBK", document(declared, "\x95\x32\x82\x36"), 5008, gbk.GBK},
		{"UTF-8 declared as GBK", document(declared, siteClosed+"们"), 5008, gbk.GBK},
		{"half a character", document(declared, "\xcd\xf8\xd5"), 5008, gbk.GBK},
		{"a byte that GBK does not have", document(declared, "\xff"), 5008, gbk.GBK},
		{"a character on which the tables of GBK differ", document(declared, "\xfe\x9f"), 5008, gbk.GBK},
	} {
		h := newHarness(t, func(config *simulator.Config) { config.Accounts[0].Characters = c.readable })
		h.sendRaw(c.content)
		h.advanceClock(2 * time.Hour)
		if got := codes(h.fetchAll()); !slices.Equal(got, []int64{c.want}) {
			t.Errorf("%s: %v, want %d", c.name, got, c.want)
		}
	}
}

// TestAttributesThatTheSchemaLacks: 5002.
func TestAttributesThatTheSchemaLacks(t *testing.T) {
	h := newHarness(t)
	h.sendRaw(strings.Replace(cancelInXML, "<Zxlb>", `<Zxlb lang="zh">`, 1))
	h.sendRaw(strings.Replace(cancelInXML, "<UploadData ", `<UploadData xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="a.xsd" `, 1))
	h.advanceClock(2 * time.Hour)
	if got := codes(h.fetchAll()); !slices.Equal(got, []int64{5002, 1059}) {
		t.Errorf("%v", got)
	}
}

// verified is the answer to a task, its elements in another order than the text lists them. The schema allows any order (xs:all).
const verified = `<?xml version="1.0" encoding="GBK"?><UploadData version="V.3.0"><ICP><HSJG><Hsjgxx>` +
	`<Baxx><Zt_xx><Ztid>1</Ztid><Dwmc>example</Dwmc><Dwxz>4</Dwxz><Txdz><Xxdz>1</Xxdz><Shiid>330100</Shiid><Shengid>330000</Shengid></Txdz>` +
	`<Zj><Zjhm>1</Zjhm><Zjlx>1</Zjlx><Zjzs>1</Zjzs></Zj><Fzr>SUBJECT<Fzr_dzyj>a@example.com</Fzr_dzyj><sjhm>13800000000</sjhm></Fzr></Zt_xx>` +
	`<Wz_xx><Wzid>1</Wzid><Wzmc>example</Wzmc><Fwnr><Fwnr_id>1</Fwnr_id></Fwnr><Ym_xx><Ym>example.com</Ym><Ymid>1</Ymid></Ym_xx><Jr_xx><Jrid>1</Jrid>` +
	`<Wzfb><Fbdd>1</Fbdd></Wzfb><Wzjrfs><Jrfs>1</Jrfs></Wzjrfs><Ip_xx><Zzip>1</Zzip><Qsip>1</Qsip><Ipid>1</Ipid></Ip_xx><Bbfs>1</Bbfs></Jr_xx>` +
	`<Wz_Fzr><Fzr_xm>1</Fzr_xm>SITE<Fzr_dzyj>a@example.com</Fzr_dzyj></Wz_Fzr></Wz_xx></Baxx>` +
	`<Hsyj>ok</Hsyj><Bbdw>1</Bbdw><Hssj>2026-03-02</Hssj><Hsrxm>1</Hsrxm><Hsjg>0</Hsjg></Hsjgxx></HSJG><Qqdwid>990000000001</Qqdwid></ICP></UploadData>`

// TestVerifyResults: results of verification tasks come in any order, and have what units must provide. No task was issued
// about this subject.
func TestVerifyResults(t *testing.T) {
	const name, phone = `<Fzr_xm>1</Fzr_xm>`, `<Fzr_dhhm>0571-00000000</Fzr_dhhm>`
	for _, c := range []struct {
		subject, site string
		want          []int64
	}{
		{name + phone, phone, []int64{1058, 1048, 1059}},
		{phone, phone, []int64{1044}},
		{name, phone, []int64{1010}},
		{name + phone, "", []int64{1031}},
	} {
		h := newHarness(t)
		h.sendRaw(strings.NewReplacer("SUBJECT", c.subject, "SITE", c.site).Replace(verified))
		h.advanceClock(2 * time.Hour)
		if got := codes(h.fetchAll()); !slices.Equal(got, c.want) {
			t.Errorf("%s, %s: %v, want %v", c.subject, c.site, got, c.want)
		}
	}
}

// TestUnfiledSitesHandled: the site was assigned to the provider (5005), not handled before (5006), in a way of the bureau's list (5007).
func TestUnfiledSitesHandled(t *testing.T) {
	h := newHarness(t)
	handled := document.UnfiledSiteHandled{
		Domain: "unfiled.example", IP: 134744072, Carrier: 1, Provider: providerID, Province: 330000,
		Handling: 4, Opinion: "已关闭", Entered: "2026-03-01", Due: "2026-03-05",
	}
	answer := func() []int64 {
		return h.operate(func(u *document.ICPUpload) { u.Unfiled = []document.UnfiledSiteHandled{handled} })
	}
	if got := answer(); !slices.Equal(got, []int64{5007}) {
		t.Errorf("%v", got)
	}
	handled.Handling = 1
	if got := answer(); !slices.Equal(got, []int64{5005}) {
		t.Errorf("not assigned: %v", got)
	}
	h.applyScenario(`{"issue": [{"provider": 990000000001, "icp": {"Unfiled": [{"ID": 1, "Domain": "Unfiled.example", "IP": 134744072, "Carrier": 1}]}}]}`)
	h.fetchAll()
	h.kill()
	for _, want := range [][]int64{nil, {5006}} {
		if got := answer(); !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
	}
}

// TestVerificationTasksAnswered: the subject is filed (1058), the task was issued to the provider (1048), its sites are the subject's (1059); a right
// answer has no result, and a rule can refuse it.
func TestVerificationTasksAnswered(t *testing.T) {
	h := newHarness(t)
	h.applyScenario(filedScenario)
	verify := `{"verify": [{"provider": 990000000001, "number": "浙ICP备12345678号"}]}`
	h.applyScenario(verify)
	var task document.Task
	for _, d := range h.fetchAll() {
		if len(d.Tasks) > 0 {
			task = d.Tasks[0]
		}
	}
	answer := document.TaskResult{Verifier: "示例核验员", Date: "2026-03-01", Unit: providerID, Opinion: "信息属实", Filing: verifiedFiling(task)}
	send := func(change func(*document.TaskResult)) []int64 {
		sent := answer
		sent.Filing.Sites = slices.Clone(answer.Filing.Sites)
		change(&sent)
		return h.operate(func(u *document.ICPUpload) { u.TaskResults = []document.TaskResult{sent} })
	}
	if got := send(func(r *document.TaskResult) { r.Filing.Subject.ID = 1 }); !slices.Equal(got, []int64{1058, 1048, 1059}) {
		t.Errorf("an unknown subject: %v", got)
	}
	if got := send(func(r *document.TaskResult) { r.Filing.Sites[0].ID = 1 }); !slices.Equal(got, []int64{1059}) {
		t.Errorf("a site of another subject: %v", got)
	}
	h.applyScenario(`{"rules": [{"match": {"subject": "` + task.Subject.Name + `"}, "times": 1, "then": {"decision": "refuse"}}]}`)
	for _, want := range [][]int64{{1002}, nil} {
		if got := send(func(*document.TaskResult) {}); !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
	}
}

// verifiedFiling returns the filing of a task as it was sent, with the office phones that units must have.
func verifiedFiling(t document.Task) document.VerifiedFiling {
	s := t.Subject
	f := document.VerifiedFiling{Subject: document.VerifiedSubject{
		ID: s.ID, Name: s.Name, Nature: s.Nature, Certificate: s.Certificate,
		Address: document.Address{Province: s.Address.Province, City: s.Address.City, County: s.Address.County, Detail: s.Address.Detail},
		Leader:  document.VerifiedLeader{Name: s.Leader.Name, OfficePhone: "0571-00000000", Mobile: s.Leader.Mobile, Email: s.Leader.Email},
	}}
	for _, site := range t.Sites {
		one := document.VerifiedSite{
			ID: site.ID, Name: site.Name, Services: site.Services, Domains: site.Domains,
			Leader: document.VerifiedSiteLeader{Name: site.Leader.Name, OfficePhone: "0571-00000000", Mobile: site.Leader.Mobile, Email: site.Leader.Email},
		}
		for _, a := range site.Accesses {
			one.Accesses = append(one.Accesses, document.VerifiedAccess{ID: a.ID, Locations: a.Locations, Modes: a.Modes, IPs: a.IPs, ReportMode: a.ReportMode})
		}
		f.Sites = append(f.Sites, one)
	}
	return f
}

// filedSubject returns the filed data of a subject that was filed through us, so that it can be changed.
func (h *harness) filedSubject() document.FiledData {
	h.t.Helper()
	files := h.fileOne(func(*document.NewFiling) {})
	if len(files) != 2 {
		h.t.Fatal(codes(files))
	}
	return files[1].Filed[0]
}

// operate uploads one operation and returns the codes of its result.
func (h *harness) operate(fill func(*document.ICPUpload)) []int64 {
	h.t.Helper()
	h.upload(fill)
	h.advanceClock(2 * time.Hour)
	return codes(h.fetchAll())
}

// TestChangesAreChecked: a change is checked like a first filing.
func TestChangesAreChecked(t *testing.T) {
	for _, c := range []struct {
		code   int64
		change func(*document.Change)
	}{
		{0, func(*document.Change) {}},
		{1004, func(c *document.Change) { c.Sites[0].Domains[0].Name = "www.example.com" }},
		{1008, func(c *document.Change) { c.Subject.Certificate.Kind = 7 }},
		{1010, func(c *document.Change) { c.Subject.Leader.OfficePhone = "05710000000" }},
		{1014, func(c *document.Change) { c.Subject.Nature = 7 }},
		{1019, func(c *document.Change) { c.Subject.Address.City = 330100 }},
		{1034, func(c *document.Change) { c.Sites[0].Services = []int64{34} }},
		{1035, func(c *document.Change) { c.Sites[0].Accesses[0].Modes = []int64{6} }},
		{1041, func(c *document.Change) { c.Sites[0].HomeURL = "www.example.net" }},
		{1056, func(c *document.Change) {
			c.Attachments = []document.Attachment{{Format: 3, Purpose: 1, Content: []byte{1}, Owner: document.EvidenceOwner{
				Kind: document.SiteOwner, Record: document.OwnerRef{ID: 1},
			}}}
		}},
	} {
		h := newHarness(t)
		change := changeOf(h.filedSubject())
		c.change(&change)
		got := h.operate(func(u *document.ICPUpload) { u.Change = []document.Change{change} })
		if c.code == 0 && len(got) > 0 || c.code != 0 && !slices.Contains(got, c.code) {
			t.Errorf("%v, want %d", got, c.code)
		}
	}
}

// TestWhatUnitsMustProvide: the fields that only an individual may omit are missing in a change and in an added site. Our client finds
// them, and the simulator finds them in what another client sends.
func TestWhatUnitsMustProvide(t *testing.T) {
	h := newHarness(t)
	filed := h.filedSubject()
	for path, c := range map[string]struct {
		code int64
		drop func(*document.Change)
	}{
		"Zt_xx/Dwxz":               {1014, func(c *document.Change) { c.Subject.Nature = 0 }},
		"Zt_xx/Fzr/Fzr_xm":         {1044, func(c *document.Change) { c.Subject.Leader.Name = "" }},
		"Zt_xx/Fzr/Fzr_dhhm":       {1010, func(c *document.Change) { c.Subject.Leader.OfficePhone = "" }},
		"Wz_xx[1]/Wz_Fzr/Fzr_dhhm": {1031, func(c *document.Change) { c.Sites[0].Leader.OfficePhone = "" }},
	} {
		change := changeOf(filed)
		c.drop(&change)
		upload := document.NewUpload(providerID)
		upload.ICP.Change = []document.Change{change}
		if problems := upload.Validate(); len(problems) != 1 || problems[0].Path != "UploadData/ICP/BGBA/Bgxx[1]/"+path {
			t.Errorf("%s: %v", path, problems)
		}
		upload.ICP.Change[0] = changeOf(filed)
		complete, err := upload.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		name, _, _ := strings.Cut(path[strings.LastIndex(path, "/")+1:], "[")
		start := strings.Index(string(complete), "<"+name+">")
		if strings.Contains(path, "Wz_Fzr") {
			start = strings.LastIndex(string(complete), "<"+name+">")
		}
		end := strings.Index(string(complete)[start:], "</"+name+">") + start + len("</"+name+">")
		h.sendRaw(string(complete[:start]) + string(complete[end:]))
		h.advanceClock(2 * time.Hour)
		if got := codes(h.fetchAll()); !slices.Contains(got, c.code) {
			t.Errorf("%s: %v, want %d", path, got, c.code)
		}
	}

	addition := document.SiteAddition{Subject: document.SubjectRef{ID: filed.Subject.BureauID}, Sites: []document.Site{site(31, "new.example")}}
	addition.Sites[0].Leader.OfficePhone = ""
	if got := h.operate(func(u *document.ICPUpload) { u.AddSite = []document.SiteAddition{addition} }); !slices.Equal(got, []int64{1031}) {
		t.Errorf("an added site: %v", got)
	}
	for nature, wrong := range map[int64]int{0: 0, document.IndividualNature: 0, 4: 1} {
		addition.Subject.Nature = nature
		upload := document.NewUpload(providerID)
		upload.ICP.AddSite = []document.SiteAddition{addition}
		if problems := upload.Validate(); len(problems) != wrong {
			t.Errorf("an added site, nature %d: %v", nature, problems)
		}
	}
}

// TestFilingPasswordWhereItIsOptional: a wrong one is refused everywhere, and none only where one is required (MIIT-IF30 8.5).
func TestFilingPasswordWhereItIsOptional(t *testing.T) {
	const wrong, right = "e10adc3949ba59abbe56e057f20f883e", "83ce88bb4befee39468ca895ef847712"
	h := newHarness(t)
	h.applyScenario(strings.Replace(filedScenario, `"password"`, `"provider": 990000000001, "password"`, 1))
	filed := func() document.FiledData {
		var last document.FiledData
		h.upload(func(u *document.ICPUpload) {
			u.AddSite = []document.SiteAddition{{Subject: document.SubjectRef{Number: "浙ICP备12345678号"},
				Sites: []document.Site{site(1000+h.sent, "site"+strings.Repeat("x", int(h.sent))+".example")}}}
		})
		h.advanceClock(2 * time.Hour)
		for _, file := range h.fetchAll() {
			for _, one := range file.Filed {
				last = one
			}
		}
		return last
	}
	for password, want := range map[string][]int64{wrong: {1018}, right: nil, "": nil} {
		data := filed()
		change := changeOf(data)
		change.FilingPassword = password
		if got := h.operate(func(u *document.ICPUpload) { u.Change = []document.Change{change} }); !slices.Equal(got, want) {
			t.Errorf("change with %q: %v, want %v", password, got, want)
		}
		addition := document.SiteAddition{Subject: document.SubjectRef{Number: "浙ICP备12345678号"}, FilingPassword: password,
			Sites: []document.Site{site(2000+h.sent, "more"+strings.Repeat("x", int(h.sent))+".example")}}
		if got := h.operate(func(u *document.ICPUpload) { u.AddSite = []document.SiteAddition{addition} }); !slices.Equal(got, want) {
			t.Errorf("added site with %q: %v, want %v", password, got, want)
		}
		cancellation := document.Cancellation{What: document.CancelSite, ID: data.Sites[len(data.Sites)-1].BureauID, Reason: 1, FilingPassword: password}
		if got := h.operate(func(u *document.ICPUpload) { u.Cancel = []document.Cancellation{cancellation} }); !slices.Equal(got, want) {
			t.Errorf("cancelled site with %q: %v, want %v", password, got, want)
		}
	}
	// The subject has a password: deregistering it requires the right one.
	id := filed().Subject.BureauID
	for _, c := range []struct {
		cancellation document.Cancellation
		want         []int64
	}{
		{document.Cancellation{WithoutPassword: true}, []int64{1018}},
		{document.Cancellation{FilingPassword: wrong}, []int64{1018}},
		{document.Cancellation{FilingPassword: right}, nil},
	} {
		c.cancellation.What, c.cancellation.ID, c.cancellation.Reason = document.CancelSubject, id, 2
		if got := h.operate(func(u *document.ICPUpload) { u.Cancel = []document.Cancellation{c.cancellation} }); !slices.Equal(got, c.want) {
			t.Errorf("cancelled subject: %v, want %v", got, c.want)
		}
	}
	upload := document.NewUpload(providerID)
	upload.ICP.Cancel = []document.Cancellation{{What: document.CancelSubject, ID: id, Reason: 2}}
	if problems := upload.Validate(); len(problems) != 1 || problems[0].Path != "UploadData/ICP/ZXBA/Zx_xx[1]/ICPmm" {
		t.Errorf("our client would send it without one: %v", problems)
	}
}

// TestSimultaneousOperations: a change while another waits (1017), and a site while its subject is being cancelled (1042), or the reverse (1043).
func TestSimultaneousOperations(t *testing.T) {
	cancel := func(what, id int64) func(*document.ICPUpload) {
		return func(u *document.ICPUpload) {
			u.Cancel = []document.Cancellation{{What: what, ID: id, Reason: 1, WithoutPassword: true}}
		}
	}
	for want, second := range map[int64]func(document.FiledData) [2]func(*document.ICPUpload){
		1017: func(f document.FiledData) [2]func(*document.ICPUpload) {
			change := func(u *document.ICPUpload) { u.Change = []document.Change{changeOf(f)} }
			return [2]func(*document.ICPUpload){change, change}
		},
		1042: func(f document.FiledData) [2]func(*document.ICPUpload) {
			return [2]func(*document.ICPUpload){cancel(document.CancelSubject, f.Subject.BureauID), cancel(document.CancelSite, f.Sites[0].BureauID)}
		},
		1043: func(f document.FiledData) [2]func(*document.ICPUpload) {
			return [2]func(*document.ICPUpload){cancel(document.CancelSite, f.Sites[0].BureauID), cancel(document.CancelSubject, f.Subject.BureauID)}
		},
	} {
		h := newHarness(t)
		operations := second(h.filedSubject())
		h.applyScenario(`{"rules": [{"times": 1, "then": {"silent": true}}]}`)
		h.upload(operations[0])
		if got := h.operate(operations[1]); !slices.Equal(got, []int64{want}) {
			t.Errorf("%v, want %d", got, want)
		}
	}
}

// TestTextsWithValues: the texts of 22, 5004 and 999 have the number, the version and the parameter.
func TestTextsWithValues(t *testing.T) {
	h := newHarness(t)
	h.applyScenario(filedScenario)
	var outcome bureau.Outcome
	for range 6 {
		var err error
		if _, outcome, err = h.client.VerifyPassword(t.Context(), "浙ICP备12345678号", "wrong"); err != nil {
			t.Fatal(err)
		}
	}
	if outcome.Text != "备案密码校验超过5次，请仔细核对备案密码" {
		t.Errorf("%+v", outcome)
	}
	h.sendRaw(strings.Replace(cancelInXML, "V.3.0", "V.3.1", 1))
	h.advanceClock(2 * time.Hour)
	if item := h.fetchAll()[0].Results.Records[0].Items[0]; item.Code != 5004 || !strings.Contains(item.Text, "当前接口版本为“V.3.0”") {
		t.Errorf("%+v", item)
	}
	outcome, err := h.client.Send(t.Context(), 2, wire.Parcel{})
	if err != nil || outcome.Code != result.Other || !strings.Contains(outcome.Text, "beianInfo ") {
		t.Errorf("without beianInfo: %+v, %v", outcome, err)
	}
}
