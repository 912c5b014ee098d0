package simulator_test

import (
	"slices"
	"testing"
	"time"

	"beian/shared/bureau"
	"beian/shared/bureau/document"
	"beian/shared/bureau/result"
	"beian/shared/bureau/simulator"
)

const filedScenario = `{"filed": [{
	"name": "老备案有限公司", "nature": 4, "certificateKind": 1, "certificateNumber": "OLD-1", "division": 330106,
	"number": "浙ICP备12345678号", "password": "Beian@2016", "sites": [{"name": "老网站", "domains": ["Old.example"]}]
}]}`

func TestMachineChecks(t *testing.T) {
	for _, c := range []struct {
		code   int64
		change func(*document.NewFiling)
	}{
		{1004, func(f *document.NewFiling) { f.Sites[0].Domains[0].Name = "www.example.com" }},
		{1004, func(f *document.NewFiling) { f.Sites[0].Domains[0].Name, f.Sites[0].HomeURL = "-example", "" }},
		{1006, func(f *document.NewFiling) {
			f.Sites[0].Accesses[0].IPs[0].First, f.Sites[0].Accesses[0].IPs[0].Last = 3232235777, 3232235777
		}},
		{1008, func(f *document.NewFiling) { f.Subject.Certificate.Kind = 7 }},
		{1009, func(f *document.NewFiling) { f.Subject.Leader.Email = "leader@example" }},
		{1010, func(f *document.NewFiling) { f.Sites[0].Leader.OfficePhone = "05710000000" }},
		{1011, func(f *document.NewFiling) { f.Subject.Leader.Mobile = "0571-0000000" }},
		{1014, func(f *document.NewFiling) { f.Subject.Nature = 7 }},
		{1015, func(f *document.NewFiling) { f.Subject.Leader.CertificateNumber = "110105194912310021" }},
		{1019, func(f *document.NewFiling) { f.Subject.Address.City = 330100 }},
		{1022, func(f *document.NewFiling) { f.Sites[0].HomeURL = "看 example.com" }},
		{1029, func(f *document.NewFiling) {
			f.Sites[0].Accesses = append(f.Sites[0].Accesses, f.Sites[0].Accesses[0])
		}},
		{1033, func(f *document.NewFiling) {
			f.Sites[0].PreApprovals = []document.PreApproval{{Kind: 18, Number: "1", Scans: [][]byte{{1}}}}
		}},
		{1034, func(f *document.NewFiling) { f.Sites[0].Services = []int64{34} }},
		{1035, func(f *document.NewFiling) { f.Sites[0].Accesses[0].Modes = []int64{6} }},
		{1036, func(f *document.NewFiling) { f.Sites[0].Accesses[0].Locations = []int64{35} }},
		{1039, func(f *document.NewFiling) {
			f.Sites[0].Domains = append(f.Sites[0].Domains, document.Domain{ID: 9, Name: "example.com"})
		}},
		{1041, func(f *document.NewFiling) { f.Sites[0].HomeURL = "www.example.net" }},
		{1045, func(f *document.NewFiling) { f.Subject.Address = document.Address{Province: 120000, City: 120100} }},
		{1056, func(f *document.NewFiling) { f.Attachments[0].Format = 3 }},
		{1057, func(f *document.NewFiling) { f.Attachments[0].Purpose = 21 }},
		{1063, func(f *document.NewFiling) {
			f.Sites[0].Accesses[0].IPs[0].First, f.Sites[0].Accesses[0].IPs[0].Last = 134744072, 134744072
		}},
		{1066, func(f *document.NewFiling) { f.Sites[0].Languages = []int64{18} }},
		{1003, func(f *document.NewFiling) { f.Subject.Certificate.Number = "OLD-1" }},
		{1005, func(f *document.NewFiling) { f.Sites[0].Domains[0].Name, f.Sites[0].HomeURL = "old.example", "" }},
		{1064, func(f *document.NewFiling) { f.Sites[0].Domains[0].Name, f.Sites[0].HomeURL = "bad.example", "" }},
		{1065, func(f *document.NewFiling) { f.Subject.Certificate.Number = "BAD" }},
	} {
		h := newHarness(t, func(config *simulator.Config) {
			config.Accounts[0].Provinces = []string{"11", "33"}
			config.Accounts[0].IPRanges = parsePrefixes("203.0.113.0/24", "192.168.0.0/16")
		})
		h.applyScenario(filedScenario)
		h.applyScenario(`{"blacklist": {"subjects": ["BAD"], "domains": ["bad.example"]}}`)
		files := h.fileOne(c.change)
		if got := codes(files); !slices.Contains(got, c.code) || len(files) != 1 {
			t.Errorf("want %d, got %v in %d files", c.code, got, len(files))
		}
		if r := files[0].Results.Records[0]; r.Operation != document.NewFilingOperation || r.Record != "10001" {
			t.Errorf("%d: operation %d, record %s", c.code, r.Operation, r.Record)
		}
	}
}

func TestSameSubjectTwiceInTheQueue(t *testing.T) {
	h := newHarness(t)
	h.upload(func(u *document.ICPUpload) {
		second := companyFiling()
		second.Subject.ID, second.Sites = 10002, []document.Site{site(20001, "example.net")}
		u.New = []document.NewFiling{companyFiling(), second}
	})
	h.advanceClock(2 * time.Hour)
	files := h.fetchAll()
	if got := codes(files); len(got) != 1 || got[0] != 1003 || files[0].Results.Records[0].Record != "10002" {
		t.Errorf("codes %v", got)
	}
}

// TestOperationsOnAFiledSubject adds a site and an access to a filing of another provider, changes it and cancels it.
func TestOperationsOnAFiledSubject(t *testing.T) {
	h := newHarness(t)
	h.applyScenario(filedScenario)
	const subjectNumber, siteNumber = "浙ICP备12345678号", "浙ICP备12345678号-1"

	h.upload(func(u *document.ICPUpload) {
		u.AddSite = []document.SiteAddition{{
			Subject: document.SubjectRef{Number: subjectNumber}, Sites: []document.Site{site(31, "new.example")},
		}}
	})
	h.advanceClock(2 * time.Hour)
	files := h.fetchAll()
	if o := files[0].Results.Opinions[0]; o.Operation != document.AddSiteOperation || o.Record != 31 {
		t.Errorf("%+v", o)
	}
	filed := files[1].Filed[0]
	if len(filed.Sites) != 2 || filed.Sites[1].Number != "浙ICP备12345678号-2" {
		t.Fatalf("%d sites", len(filed.Sites))
	}

	wrong, right := "e10adc3949ba59abbe56e057f20f883e", "83CE88BB4BEFEE39468CA895EF847712"
	for _, c := range []struct {
		password string
		want     int64
	}{{wrong, 1018}, {right, 0}, {right, 1038}} {
		want := c.want
		h.upload(func(u *document.ICPUpload) {
			u.AddAccess = []document.AccessAddition{{
				Site: document.SiteRef{Number: siteNumber}, ID: 41, Locations: []int64{2}, Modes: []int64{5},
				IPs: []document.IPRange{{ID: 42, First: 134744072, Last: 134744072}}, FilingPassword: c.password,
			}}
		})
		h.advanceClock(2 * time.Hour)
		files := h.fetchAll()
		if got := codes(files); want == 0 && len(got) > 0 || want != 0 && (len(got) != 1 || got[0] != want) {
			t.Errorf("access: %v, want %d", got, want)
		}
		if want == 0 {
			filed = files[1].Filed[0]
		}
		if want == 0 && len(filed.Sites[0].Accesses) != 2 {
			t.Error("access was not added")
		}
	}

	h.upload(func(u *document.ICPUpload) { u.Change = []document.Change{changeOf(filed)} })
	h.advanceClock(2 * time.Hour)
	files = h.fetchAll()
	if len(files) != 2 || files[1].Filed[0].Sites[0].Name != "改名网站" {
		t.Fatalf("change: %v", codes(files))
	}

	mine := filed.Sites[0].Accesses[1].BureauID
	for _, c := range []struct {
		cancel document.Cancellation
		code   int64
	}{
		{document.Cancellation{What: document.CancelAccess, ID: filed.Sites[0].Accesses[0].BureauID, Reason: 3}, 1047},
		{document.Cancellation{What: document.CancelAccess, ID: mine, Reason: 4}, 1026},
		{document.Cancellation{What: document.CancelAccess, ID: mine, Reason: 3}, 0},
		{document.Cancellation{What: document.CancelSite, ID: filed.Sites[0].BureauID, Reason: 1}, 1048},
		{document.Cancellation{What: document.CancelAccess, ID: filed.Sites[1].Accesses[0].BureauID, Reason: 3}, 1025},
		{document.Cancellation{What: document.CancelSubject, ID: filed.Subject.BureauID, Reason: 2, WithoutPassword: true}, 1018},
		{document.Cancellation{
			What: document.CancelSubject, ID: filed.Subject.BureauID, Reason: 2, FilingPassword: right,
		}, 0},
		{document.Cancellation{What: document.CancelSubject, ID: filed.Subject.BureauID, Reason: 2, WithoutPassword: true}, 1058},
	} {
		h.upload(func(u *document.ICPUpload) { u.Cancel = []document.Cancellation{c.cancel} })
		h.advanceClock(2 * time.Hour)
		files := h.fetchAll()
		got := codes(files)
		if c.code != 0 && !slices.Contains(got, c.code) || c.code == 0 && len(got) > 0 {
			t.Errorf("cancel %d: %v, want %d", c.cancel.What, got, c.code)
		}
		if c.code == 0 && (len(files) != 2 || files[1].Cancelled[0].ID != c.cancel.ID) {
			t.Errorf("cancel %d: no notice of it", c.cancel.What)
		}
	}
	if status, _, err := h.client.Filed(t.Context(), bureau.Query{Value: "new.example"}); err != nil || status.Filed {
		t.Errorf("still filed: %v", err)
	}
}

func changeOf(filed document.FiledData) document.Change {
	c := document.Change{Subject: document.ChangedSubject{
		ID: filed.Subject.BureauID, Name: filed.Subject.Name, Number: filed.Subject.Number, Nature: 4,
		Address:     document.Address(filed.Subject.Address),
		Certificate: document.ChangedCertificate{Kind: 1, Number: "OLD-1", Address: "示例路2号"},
		Leader:      companyFiling().Subject.Leader,
	}}
	for i, s := range filed.Sites {
		changed := document.ChangedSite{
			ID: s.BureauID, Name: "改名网站", Services: s.Services, Languages: s.Languages, Number: s.Number,
			Leader:  companyFiling().Sites[0].Leader,
			Domains: []document.ChangedDomain{{ID: int64(i) + 51, BureauID: s.Domains[0].BureauID, Name: s.Domains[0].Name}},
		}
		for _, access := range s.Accesses {
			changed.Accesses = append(changed.Accesses, document.ChangedAccess{
				ID: access.BureauID, Locations: access.Locations, Modes: []int64{1},
				IPs: []document.ChangedIPRange{{ID: int64(i) + 61, First: 134744072, Last: 134744072}},
			})
		}
		c.Sites = append(c.Sites, changed)
	}
	return c
}

func TestFilingPassword(t *testing.T) {
	h := newHarness(t)
	h.applyScenario(filedScenario)
	for _, c := range []struct {
		number, password string
		right            bool
		code             result.Message
	}{
		{"浙ICP备12345678号", "Beian@2016", true, result.OK},
		{"浙ICP备12345678号-1", "83ce88bb4befee39468ca895ef847712", true, result.OK},
		{"浙ICP备12345678号", "wrong", false, result.OK},
		{"浙ICP备87654321号", "Beian@2016", false, result.OK},
		{"浙ICP备12345678号", "wrong", false, result.OK},
		{"浙ICP备12345678号", "wrong", false, result.OK},
		{"浙ICP备12345678号", "Beian@2016", false, result.TooManyChecks},
	} {
		right, outcome, err := h.client.VerifyPassword(t.Context(), c.number, c.password)
		if err != nil || right != c.right || outcome.Code != c.code {
			t.Errorf("%s: %t, %+v, %v", c.number, right, outcome, err)
		}
	}
	h.advanceClock(24 * time.Hour)
	if right, _, err := h.client.VerifyPassword(t.Context(), "浙ICP备12345678号", "Beian@2016"); err != nil || !right {
		t.Errorf("the next day: %t, %v", right, err)
	}
}

func TestTasksNoticesAndTables(t *testing.T) {
	h := newHarness(t)
	h.applyScenario(filedScenario)
	h.applyScenario(`{
		"verify": [{"provider": 990000000001, "number": "浙ICP备12345678号"}],
		"issue": [
			{"provider": 990000000001, "icp": {"Notices": [{"About": 1, "Number": "浙ICP备12345678号-1", "Text": "请更新网站信息"}]}},
			{"provider": 990000000001, "icp": {"Unfiled": [{"ID": 1, "Domain": "unfiled.example", "IP": 134744072, "Carrier": 1}]}},
			{"provider": 990000000001, "codes": {"Tables": {"CancellationReasons": [{"ID": 1, "Text": "网站停止服务", "Valid": 1}]}}}
		]}`)
	var seen []string
	for {
		delivery, _, err := h.client.Download(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if delivery == nil {
			break
		}
		switch {
		case delivery.Document.Codes != nil:
			seen = append(seen, "codes")
		case delivery.Document.ICP.Notices != nil:
			seen = append(seen, "notice")
		case delivery.Document.ICP.Unfiled != nil:
			seen = append(seen, "unfiled")
		case delivery.Document.ICP.Tasks != nil:
			seen = append(seen, "task")
		}
		if _, err := h.client.Ack(t.Context(), delivery.Name); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(seen, []string{"notice", "unfiled", "codes", "task"}) {
		t.Errorf("seen %v", seen)
	}
	h.upload(func(u *document.ICPUpload) {
		u.Unfiled = []document.UnfiledSiteHandled{{
			Domain: "unfiled.example", IP: 134744072, Carrier: 1, Provider: providerID, Province: 330000,
			Handling: 1, Opinion: "已关闭", Entered: "2026-03-01", Due: "2026-03-05",
		}}
	})
	h.upload(func(u *document.ICPUpload) {
		u.Evidence = []document.Attachment{{
			Format: document.JPEG, Purpose: document.VerificationForm, Content: []byte{0xff, 0xd8},
			Owner: document.EvidenceOwner{Kind: document.SiteOwner, Record: document.OwnerRef{Number: "浙ICP备12345678号-1"}},
		}}
	})
	h.advanceClock(2 * time.Hour)
	if got := codes(h.fetchAll()); len(got) != 1 || got[0] != 1060 {
		t.Errorf("evidence alone: %v", got)
	}
}
