package exchange_test

import (
	"slices"
	"strings"
	"testing"

	"beian/shared/bureau/document"
	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/exchange"
	"beian/shared/rules/certificate"
	"beian/shared/rules/evidence"
	"beian/shared/rules/finding"
	"beian/shared/rules/gbk"
	"beian/shared/rules/number"
	"beian/shared/rules/preapproval"
)

// enterprise is the order of an invented company with two sites, one of them with a pre-approval.
func enterprise() filing.Order {
	legal := filing.Leader{
		Name: "示例甲", Certificate: filing.IdentityDocument{Kind: certificate.ResidentID, Number: "110101199003070096"},
		LegalRepresentative: true, Mobile: "13800000000", OfficePhone: "0571-00000000", EmergencyPhone: "13900000000",
		Email: "legal@example.com",
	}
	other := legal
	other.Name, other.Mobile, other.OfficePhone, other.Email = "示例乙", "13700000000", "0571-00000001-12", "other@example.com"
	return filing.Order{
		ID: "01ARZ3NDEKTSV4RRFFQ69G5FAV", Province: "33", Entity: certificate.Enterprise, Type: filing.First,
		Product: &filing.Product{IPs: []string{"192.0.2.10", "192.0.2.11"}, Placement: "33", Mode: 5},
		Bureau:  &filing.BureauState{FirstID: 10001},
		Private: filing.Private{
			Subject: filing.Subject{
				Name: "示例科技有限公司", Certificate: filing.IdentityDocument{Kind: certificate.BusinessLicence, Number: "91330108MA2EXAMP0T"},
				CertificateAddress: "浙江省杭州市滨江区示例路1号", Division: "330108", Address: "示例路1号", Investor: "示例甲", Leader: legal,
			},
			Sites: []filing.Site{
				{
					Name: "示例科技", Domains: []filing.Domain{"example.com", "example.cn"}, HomeURL: "https://www.example.com/",
					ServiceContent: []int{8, 24}, Languages: []int{1, 12}, Leader: other,
				},
				{
					Name: "示例教育", Domains: []filing.Domain{"xn--fsqu00a.cn"}, ServiceContent: []int{21}, Languages: []int{1}, Leader: legal,
					PreApprovals: []filing.PreApproval{{Trade: preapproval.Education, Number: "浙教〔2026〕1号"}},
				},
			},
		},
	}
}

// individual is the order of an invented person.
func individual() filing.Order {
	o := enterprise()
	o.Entity = certificate.Individual
	s := &o.Private.Subject
	s.Name, s.Certificate, s.Division = s.Leader.Name, s.Leader.Certificate, "330100"
	s.Leader.OfficePhone = ""
	o.Private.Sites = o.Private.Sites[:1]
	o.Private.Sites[0].Leader = s.Leader
	o.Private.Sites[0].ServiceContent = []int{6}
	return o
}

func evidenceCopies(slots ...evidence.Slot) map[evidence.Slot][]byte {
	all := map[evidence.Slot][]byte{}
	for _, slot := range slots {
		all[slot] = []byte(slot)
	}
	return all
}

func TestBuildRecordOfEnterprise(t *testing.T) {
	o := enterprise()
	built, found := exchange.BuildRecord(o, evidenceCopies(
		"subject-certificate-front", "subject-leader-certificate-front", "subject-leader-certificate-back", "commitment-letter",
		"sites/0/verification-form", "sites/0/leader-certificate-front", "sites/0/leader-photo", "sites/0/domain-certificate",
		"sites/1/verification-form", "sites/1/pre-approval/0/1", "sites/1/pre-approval/0/2",
	), gbk.GBK)
	if len(found) > 0 {
		t.Fatal(found)
	}
	checkSendable(t, built)
	record := *built.New
	if got, want := ids(record), consecutive(10001, exchange.CountIDs(o)); !slices.Equal(got, want) {
		t.Errorf("ids %v, want %v", got, want)
	}
	if a := record.Subject.Address; a.Province != 330000 || a.City != 330100 || a.County != 330108 || a.Detail != "示例路1号" {
		t.Errorf("address %d %d %d", a.Province, a.City, a.County)
	}
	if record.Subject.Nature != 4 || record.Subject.Certificate.Kind != 1 || record.Subject.ReportMode != document.ReportedByProvider {
		t.Error("nature, certificate or report mode of the subject is wrong")
	}
	site := record.Sites[0]
	if site.HomeURL != "www.example.com/" || !slices.Equal(site.Services, []int64{8, 24}) || site.Leader.OfficePhone != "0571-00000001-12" {
		t.Errorf("site %v %v", site.HomeURL, site.Services)
	}
	access := site.Accesses[0]
	if !slices.Equal(access.Locations, []int64{34}) || !slices.Equal(access.Modes, []int64{5}) ||
		access.IPs[0].First != 3221225994 || access.IPs[1].Last.String() != "192.0.2.11" {
		t.Errorf("access %+v", access)
	}
	approval := record.Sites[1].PreApprovals[0]
	if approval.Kind != 3 || len(approval.Scans) != 2 {
		t.Errorf("pre-approval %d with %d scans", approval.Kind, len(approval.Scans))
	}
	type attached struct {
		purpose int64
		owner   document.FilingOwner
		content string
	}
	subject, first, second := document.FilingOwner{Kind: 1, ID: 10001}, document.FilingOwner{Kind: 2, ID: 10002}, document.FilingOwner{Kind: 2, ID: 10008}
	want := []attached{
		{2, subject, "subject-certificate-front"}, {3, subject, "subject-leader-certificate-back"},
		{3, subject, "subject-leader-certificate-front"}, {2, subject, "commitment-letter"},
		{1, first, "sites/0/verification-form"}, {4, first, "sites/0/leader-certificate-front"}, {5, first, "sites/0/leader-photo"},
		{1, first, "sites/0/domain-certificate"}, {1, second, "sites/1/verification-form"},
	}
	var got []attached
	for _, a := range record.Attachments {
		got = append(got, attached{a.Purpose, a.Owner, string(a.Content)})
	}
	if !slices.Equal(got, want) {
		t.Errorf("attachments\n%v, want\n%v", got, want)
	}
}

func TestBuildRecordOfIndividual(t *testing.T) {
	built, found := exchange.BuildRecord(individual(), evidenceCopies("subject-certificate-front", "subject-certificate-back"), gbk.GBK)
	if len(found) > 0 {
		t.Fatal(found)
	}
	checkSendable(t, built)
	if record := built.New; record.Subject.Nature != document.IndividualNature || record.Subject.Address.County != 0 || record.Subject.Leader.OfficePhone != "" {
		t.Error("nature, county or office phone is wrong")
	}
}

// checkSendable checks that the record passes the ministry's schema and can be encoded.
func checkSendable(t *testing.T, record document.Record) {
	t.Helper()
	upload := document.NewUpload(990000000001)
	record.AddTo(upload.ICP)
	text, err := upload.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if _, problems, err := document.ParseUpload(text); err != nil || len(problems) > 0 {
		t.Error(problems, err)
	}
}

// ids are our ids in a record, in the order of the document.
func ids(f document.NewFiling) []int64 {
	all := []int64{f.Subject.ID}
	for _, s := range f.Sites {
		all = append(all, s.ID)
		for _, d := range s.Domains {
			all = append(all, d.ID)
		}
		for _, a := range s.Accesses {
			all = append(all, a.ID)
			for _, ip := range a.IPs {
				all = append(all, ip.ID)
			}
		}
	}
	return all
}

func consecutive(first int64, n int) []int64 {
	all := make([]int64, n)
	for i := range all {
		all[i] = first + int64(i)
	}
	return all
}

func TestBuildRecordFindings(t *testing.T) {
	for _, test := range []struct {
		name    string
		change  func(*filing.Order, map[evidence.Slot][]byte)
		code    finding.Code
		pointer string
	}{
		{"a rare character", func(o *filing.Order, _ map[evidence.Slot][]byte) { o.Private.Subject.Name = "示𪚥" }, filing.CodeCharacter, "/subject/name"},
		{"an emoji in a remark", func(o *filing.Order, _ map[evidence.Slot][]byte) { o.Private.Sites[1].Remark = "😀" }, filing.CodeCharacter, "/sites/1/remark"},
		{"a domain too long", func(o *filing.Order, _ map[evidence.Slot][]byte) {
			o.Private.Sites[0].Domains[1] = filing.Domain(strings.Repeat("a", 140) + ".cn")
		}, exchange.CodeLength, "/sites/0/domains/1"},
		{"a mobile too short", func(o *filing.Order, _ map[evidence.Slot][]byte) { o.Private.Sites[0].Leader.Mobile = "138" }, exchange.CodeLength, "/sites/0/leader/mobile"},
		{"no division", func(o *filing.Order, _ map[evidence.Slot][]byte) { o.Private.Subject.Division = "" }, exchange.CodeField, "/subject/division"},
		{"no approval number", func(o *filing.Order, _ map[evidence.Slot][]byte) { o.Private.Sites[1].PreApprovals[0].Number = "" }, exchange.CodeField, "/sites/1/preApprovals/0/number"},
		{"a large picture", func(_ *filing.Order, p map[evidence.Slot][]byte) { p["sites/1/leader-photo"] = make([]byte, 90<<10) }, exchange.CodePaper, "/evidence/sites~11~1leader-photo"},
		{"no scan of an approval", func(_ *filing.Order, p map[evidence.Slot][]byte) { delete(p, "sites/1/pre-approval/0/1") }, exchange.CodePaper, "/evidence/sites~11~1pre-approval~10~11"},
		{"an IPv6 address", func(o *filing.Order, _ map[evidence.Slot][]byte) { o.Product.IPs[1] = "2001:db8::1" }, exchange.CodeServer, "/product"},
		{"a server abroad", func(o *filing.Order, _ map[evidence.Slot][]byte) { o.Product.Placement = "" }, exchange.CodeServer, "/product"},
		{"no server", func(o *filing.Order, _ map[evidence.Slot][]byte) { o.Product = nil }, exchange.CodeServer, "/product"},
	} {
		t.Run(test.name, func(t *testing.T) {
			o, copies := enterprise(), evidenceCopies("subject-certificate-front", "sites/1/pre-approval/0/1")
			test.change(&o, copies)
			_, found := exchange.BuildRecord(o, copies, gbk.GBK)
			if !slices.ContainsFunc(found, func(f finding.Finding) bool {
				return f.Code == test.code && f.Pointer == test.pointer && f.Severity == finding.Block && f.Message.Chinese != "这一项有问题。"
			}) {
				t.Errorf("found %v", found)
			}
			if _, found := exchange.BuildRecord(enterprise(), evidenceCopies("sites/1/pre-approval/0/1"), gbk.GBK); len(found) > 0 {
				t.Errorf("without the change: %v", found)
			}
		})
	}
}

// TestBuildRecordOfNewSites: the bureau gets the subject's id, or its number if the id is not known, and owners of the papers that it knows.
func TestBuildRecordOfNewSites(t *testing.T) {
	o := enterprise()
	filed, err := number.ParseSubject("浙ICP备12345678号")
	if err != nil {
		t.Fatal(err)
	}
	o.Type, o.Filed = filing.AddSiteOwn, &register.Filing{Number: filed, MinistryID: "700001"}
	copies := evidenceCopies("commitment-letter", "sites/0/verification-form", "sites/1/leader-certificate-front", "sites/1/pre-approval/0/1")
	for _, id := range []int64{700001, 0} {
		want := document.EvidenceOwner{Kind: document.SubjectOwner, Record: document.OwnerRef{ID: id}}
		if id == 0 {
			o.Filed.MinistryID, want.Record.Number = "", filed.String()
		}
		built, found := exchange.BuildRecord(o, copies, gbk.GBK)
		if len(found) > 0 {
			t.Fatal(found)
		}
		checkSendable(t, built)
		r := built.AddSite
		if r.Subject.ID != id || (r.Subject.Number == "") == (id == 0) || len(r.Sites) != 2 || len(r.Attachments) != 3 || len(r.Sites[1].PreApprovals[0].Scans) != 1 {
			t.Fatalf("subject %d, %d sites, %d attachments", r.Subject.ID, len(r.Sites), len(r.Attachments))
		}
		if got := r.Attachments[0]; got.Owner != want || got.Purpose != document.SubjectDocument {
			t.Errorf("owner %+v, want %+v", got.Owner, want)
		}
		for i, site := range r.Sites {
			if got := r.Attachments[i+1].Owner; got != (document.EvidenceOwner{Kind: document.SiteOwner, Record: document.OwnerRef{ID: site.ID}}) {
				t.Errorf("owner %+v of site %d", got, site.ID)
			}
		}
	}
}

// TestBuildRecordOfAccess: the bureau gets the site's id, or its number if the id is not known, our access, and papers of filed owners.
func TestBuildRecordOfAccess(t *testing.T) {
	o := enterprise()
	site, err := number.ParseFiling("浙ICP备12345678号-2")
	if err != nil {
		t.Fatal(err)
	}
	o.Type, o.Domains, o.Private.Sites = filing.AddAccess, o.Private.Sites[0].Domains, o.Private.Sites[:1]
	o.Filed = &register.Filing{Number: site.Subject, Sites: []register.FiledSite{{Number: site.Subject.Filing(1)},
		{Number: site, MinistryID: "710002", Domains: []register.FiledDomain{{Name: "example.cn"}}}}}
	copies := evidenceCopies("commitment-letter", "sites/0/verification-form")
	for _, id := range []int64{710002, 0} {
		want := document.SiteRef{ID: id}
		if id == 0 {
			o.Filed.Sites[1].MinistryID, want.Number = "", site.String()
		}
		built, found := exchange.BuildRecord(o, copies, gbk.GBK)
		if len(found) > 0 {
			t.Fatal(found)
		}
		checkSendable(t, built)
		r := built.AddAccess
		if r.Site != want || len(r.IPs) != 2 || len(r.FilingPassword) != 32 || len(r.Attachments) != 2 ||
			r.Attachments[1].Owner.Record != (document.OwnerRef{ID: want.ID, Number: want.Number}) || r.Attachments[0].Owner.Record.Number != site.Subject.String() {
			t.Errorf("site %+v, %d addresses, attachments of %+v", r.Site, len(r.IPs), r.Attachments[1].Owner)
		}
	}
}
