package plan_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/filing/plan"
	"beian/shared/filing/register"
	"beian/shared/rules/certificate"
	"beian/shared/rules/domainname"
	"beian/shared/rules/evidence"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/rules/province"
)

var (
	today = time.Date(2026, 6, 10, 4, 0, 0, 0, time.UTC)
	firm  = certificate.EntityKind(4)
)

// filed returns a filing of the register with a site for each domain. We host the sites whose domain begins with "ours".
func filed(app filingtest.Application, domains ...string) register.Filing {
	subject, _ := number.ParseSubject("京ICP备12345678号")
	f := register.Filing{ID: "01EXAMPLE", Version: 1, Account: "account-1", Province: app.Opening.Province, Entity: app.Opening.EntityKind, Status: register.Filed, Number: subject}
	f.Private.Subject = app.Subject
	for i, d := range domains {
		f.Sites = append(f.Sites, register.FiledSite{Number: subject.Filing(i + 1), Domains: []register.FiledDomain{{Name: domainname.Domain(d)}},
			Accesses: []register.Access{{Ours: d[:4] == "ours"}}})
	}
	return f
}

func domains(names ...string) []plan.Domain {
	var list []plan.Domain
	for _, n := range names {
		list = append(list, plan.Domain{Domain: n})
	}
	return list
}

func numbered(n int) []plan.Domain {
	var list []plan.Domain
	for i := range n {
		list = append(list, plan.Domain{Domain: fmt.Sprintf("plan-example-%d.cn", i+1)})
	}
	return list
}

func subjectIn(p province.Code, e certificate.EntityKind) *plan.Subject {
	return &plan.Subject{Province: p, EntityKind: e}
}

func types(p plan.Plan) []filing.Type {
	list := []filing.Type{}
	for _, o := range p.Orders {
		list = append(list, o.Type)
	}
	return list
}

func codes(found finding.List) []finding.Code {
	list := []finding.Code{}
	for _, f := range found {
		list = append(list, f.Code)
	}
	return list
}

// TestSequence: the orders of a plan, by subject, domains and province.
func TestSequence(t *testing.T) {
	renamed := filed(filingtest.EnterpriseBeijing(), "ours-example.cn")
	for _, c := range []struct {
		name  string
		in    plan.Input
		types []filing.Type
		sizes []int // domains of each order
	}{
		{"a new subject", plan.Input{Request: plan.Request{Subject: subjectIn("11", firm), Domains: numbered(3)}}, []filing.Type{filing.First}, []int{3}},
		{"more domains than an order takes", plan.Input{Request: plan.Request{Subject: subjectIn("11", firm), Domains: numbered(23)}},
			[]filing.Type{filing.First, filing.AddSiteOwn, filing.AddSiteOwn}, []int{10, 10, 3}},
		{"Hubei takes one domain in an order", plan.Input{Request: plan.Request{Subject: subjectIn("42", firm), Domains: numbered(3)}},
			[]filing.Type{filing.First, filing.AddSiteOwn, filing.AddSiteOwn}, []int{1, 1, 1}},
		{"Hainan takes one domain of an individual in a first filing only", plan.Input{Request: plan.Request{Subject: subjectIn("46", certificate.Individual), Domains: numbered(4)}},
			[]filing.Type{filing.First, filing.AddSiteOwn}, []int{1, 3}},
		{"a subject that is filed elsewhere", plan.Input{Request: plan.Request{Domains: append(numbered(1), plan.Domain{Domain: "moved-example.cn", Filed: plan.Elsewhere}),
			Subject: &plan.Subject{Province: "11", EntityKind: firm, FiledElsewhere: true}}}, []filing.Type{filing.AddAccessForeign, filing.AddSiteOwn}, []int{1, 1}},
		{"a subject that is filed elsewhere, new domains only", plan.Input{Request: plan.Request{Domains: numbered(11),
			Subject: &plan.Subject{Province: "11", EntityKind: firm, FiledElsewhere: true}}}, []filing.Type{filing.AddSiteForeign, filing.AddSiteOwn}, []int{10, 1}},
		{"a filing of the account", plan.Input{Request: plan.Request{Filing: "01EXAMPLE", Domains: domains("new-example.cn", "theirs-example.cn")},
			Filing: filed(filingtest.EnterpriseBeijing(), "theirs-example.cn")}, []filing.Type{filing.AddAccess, filing.AddSiteOwn}, []int{1, 1}},
		{"the subject has another name now", plan.Input{Request: plan.Request{Filing: "01EXAMPLE", Domains: domains("new-example.cn"), Subject: &plan.Subject{Name: "北京示例新名有限公司"}},
			Filing: renamed}, []filing.Type{filing.ChangeFiling, filing.AddSiteOwn}, []int{0, 1}},
	} {
		p := plan.Make(c.in, today)
		var sizes []int
		for _, o := range p.Orders {
			n := 0
			for _, s := range o.Sites {
				n += len(s.Domains)
			}
			sizes = append(sizes, n)
			if o.Reason.Chinese == "" || o.Reason.English == "" || o.Words.Chinese == "" || o.FiledBy < o.FiledFrom {
				t.Errorf("%s: %+v", c.name, o)
			}
		}
		if !slices.Equal(types(p), c.types) || !slices.Equal(sizes, c.sizes) {
			t.Errorf("%s: %v with %v domains; findings %v", c.name, types(p), sizes, codes(p.Findings))
		}
	}
}

// TestWebsitesOnly: a plan is about websites. The domain of a filed app gets a site of its own, and apps do not count where a province limits sites.
func TestWebsitesOnly(t *testing.T) {
	f := filed(filingtest.EnterpriseBeijing(), "app-example.cn")
	f.Sites[0].Number.Service = number.App
	p := plan.Make(plan.Input{Request: plan.Request{Filing: "01EXAMPLE", Domains: domains("app-example.cn")}, Filing: f}, today)
	if !slices.Equal(types(p), []filing.Type{filing.AddSiteOwn}) || len(p.Domains[0].Findings) > 0 {
		t.Errorf("%v, %v", types(p), p.Domains)
	}
	f = filed(filingtest.EnterpriseBeijing(), numberedNames(30)...) // in Shaanxi an enterprise has 30 sites at most
	f.Province = "61"
	for _, apps := range []bool{false, true} {
		for i := range f.Sites {
			if apps {
				f.Sites[i].Number.Service = number.App
			}
		}
		p := plan.Make(plan.Input{Request: plan.Request{Filing: "01EXAMPLE", Domains: domains("one-more-example.cn")}, Filing: f}, today)
		if blocked := p.Domains[0].Findings.Blocking(); blocked == apps {
			t.Errorf("apps %t: %v", apps, p.Domains[0].Findings)
		}
	}
}

func numberedNames(n int) []string {
	var names []string
	for i := range n {
		names = append(names, fmt.Sprintf("filed-%d-example.cn", i))
	}
	return names
}

// TestVerdicts: what is wrong with a domain, all at once.
func TestVerdicts(t *testing.T) {
	own := filed(filingtest.EnterpriseBeijing(), "ours-example.cn", "theirs-example.cn")
	other := filed(filingtest.EnterpriseJiangsu(), "ours-other.cn")
	for _, c := range []struct {
		name   string
		domain plan.Domain
		want   []string
	}{
		{"new", plan.Domain{Domain: "new-example.cn"}, nil},
		{"malformed", plan.Domain{Domain: "exa mple"}, []string{"domain-malformed /domains/0/domain"}},
		{"a suffix that the province refuses, and a wrong number", plan.Domain{Domain: "example.io", Number: "12345"},
			[]string{"domain-suffix-refused /domains/0/domain", "domain-suffix-unlisted /domains/0/domain", "plan-number-malformed /domains/0/number"}},
		{"hosted by us", plan.Domain{Domain: "ours-example.cn"}, []string{"nothing-to-file /domains/0/domain"}},
		{"of another filing of the account", plan.Domain{Domain: "ours-other.cn"}, []string{"domain-filed-by-other-subject /domains/0/domain"}},
		{"of another subject's number", plan.Domain{Domain: "bought-example.cn", Number: "沪ICP备87654321号-1"}, []string{"domain-filed-by-other-subject /domains/0/domain"}},
		{"of the subject's number", plan.Domain{Domain: "moved-example.cn", Number: "京ICP备12345678号-9"}, nil},
		{"without a number", plan.Domain{Domain: "moved-example.cn", Filed: "elsewhere"}, []string{"plan-assumes-same-subject /domains/0/number"}},
		{"here, it says", plan.Domain{Domain: "unknown-example.cn", Filed: "here"}, []string{"plan-not-in-your-filings /domains/0/filed"}},
		{"not filed, it says", plan.Domain{Domain: "theirs-example.cn", Filed: "no"}, []string{"plan-filed-contradicts /domains/0/filed"}},
		{"a number and not filed", plan.Domain{Domain: "new-example.cn", Filed: "no", Number: "京ICP备12345678号-9"}, []string{"plan-filed-contradicts /domains/0/filed"}},
		{"an unknown word", plan.Domain{Domain: "new-example.cn", Filed: "perhaps"}, []string{"plan-filed-unknown /domains/0/filed"}},
	} {
		p := plan.Make(plan.Input{Request: plan.Request{Filing: own.ID, Domains: []plan.Domain{c.domain}}, Filing: own, Others: []register.Filing{other}}, today)
		var got []string
		for _, f := range p.Domains[0].Findings {
			got = append(got, string(f.Code)+" "+f.Pointer)
		}
		slices.Sort(got)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q", c.name, got)
		}
		if p.Domains[0].Findings.Blocking() == (len(p.Orders) > 0) {
			t.Errorf("%s: orders %v", c.name, types(p))
		}
		checkReady(t, c.name, p)
	}
	p := plan.Make(plan.Input{Request: plan.Request{Subject: subjectIn("11", firm), Domains: domains("a-example.cn", "www.a-example.cn", "A-example.cn")}}, today)
	if !p.Domains[2].Findings.Has(filing.CodeDomainTwice) || p.Domains[0].Order != 1 || p.Ready {
		t.Errorf("a domain given twice: %+v", p.Domains)
	}
}

// TestSites: domains with the same text become one site; others fill sites up to the caps.
func TestSites(t *testing.T) {
	labelled := func(e certificate.EntityKind, p province.Code, list ...plan.Domain) plan.Plan {
		return plan.Make(plan.Input{Request: plan.Request{Subject: subjectIn(p, e), Domains: list}}, today)
	}
	a, b := plan.Domain{Domain: "a-example.cn", Site: "商城"}, plan.Domain{Domain: "b-example.cn", Site: " 商城 "}
	c, d := plan.Domain{Domain: "c-example.cn"}, plan.Domain{Domain: "d-example.cn"}
	p := labelled(firm, "11", a, c, b, d)
	if len(p.Orders) != 1 || len(p.Orders[0].Sites) != 2 || len(p.Orders[0].Sites[0].Domains) != 2 || p.Orders[0].Sites[0].Label != "商城" {
		t.Errorf("two sites: %+v", p.Orders)
	}
	if p = labelled(firm, "65", c, d); len(p.Orders) != 1 || len(p.Orders[0].Sites) != 2 {
		t.Errorf("Xinjiang takes one domain in a site: %+v", p.Orders)
	}
	if p = labelled(firm, "65", a, b); len(p.Orders) != 0 || !p.Domains[0].Findings.Has(province.TooManySiteDomains) || !p.Domains[1].Findings.Blocking() {
		t.Errorf("Xinjiang, two domains in a site: %+v", p)
	}
	b.Site, b.Filed = "商城", plan.Elsewhere
	in := plan.Input{Request: plan.Request{Subject: &plan.Subject{Province: "11", EntityKind: firm, FiledElsewhere: true}, Domains: []plan.Domain{a, b}}}
	if p = plan.Make(in, today); !p.Domains[1].Findings.Has(plan.CodeSiteSplit) || len(p.Orders) != 2 {
		t.Errorf("a site with a filed and a new domain: %+v", p)
	}
	full := filed(filingtest.EnterpriseBeijing())
	full.Province = "61"
	full.Sites = make([]register.FiledSite, 29)
	two := plan.Request{Filing: full.ID, Domains: []plan.Domain{{Domain: "a-example.cn", Site: "1"}, {Domain: "b-example.cn", Site: "2"}}}
	p = plan.Make(plan.Input{Request: two, Filing: full}, today)
	if len(p.Orders) != 1 || p.Domains[0].Order != 1 || !p.Domains[1].Findings.Has(province.TooManySubjectSites) {
		t.Errorf("Shaanxi, the 30th and the 31st site: %+v", p.Domains)
	}
	if p = labelled(firm, "43", numbered(plan.MaxOrders+1)...); len(p.Orders) != plan.MaxOrders || !p.Domains[plan.MaxOrders].Findings.Has(plan.CodeTooManyOrders) {
		t.Errorf("Hunan: %d orders", len(p.Orders))
	}
}

// TestSubject: what is wrong with the subject, and what the plan assumes.
func TestSubject(t *testing.T) {
	of := func(s plan.Subject) plan.Plan {
		return plan.Make(plan.Input{Request: plan.Request{Subject: &s, Domains: domains("a-example.cn", "not a domain")}}, today)
	}
	for _, c := range []struct {
		name    string
		subject plan.Subject
		want    finding.Code
	}{
		{"no province", plan.Subject{EntityKind: firm}, filing.CodeProvinceUnknown},
		{"no kind", plan.Subject{Province: "11"}, certificate.EntityUnknown},
		{"a wrong certificate", plan.Subject{Province: "11", EntityKind: firm, Name: "北京示例有限公司", Certificate: filing.OpeningCertificate{Kind: 1, Number: "91110105000000000X"}}, "unified-code-check-digit"},
		{"a wrong number", plan.Subject{Province: "11", EntityKind: firm, FiledElsewhere: true, Number: "x"}, plan.CodeNumberMalformed},
		{"a number without a filing", plan.Subject{Province: "11", EntityKind: firm, Number: "京ICP备12345678号"}, plan.CodeContradicts},
	} {
		p := of(c.subject)
		if !p.Findings.Has(c.want) || len(p.Orders) > 0 || p.Ready || !p.Domains[1].Findings.Blocking() {
			t.Errorf("%s: %v, orders %v", c.name, codes(p.Findings), types(p))
		}
	}
	known := of(plan.Subject{Province: "11", EntityKind: firm})
	if want := []finding.Code{plan.CodeAssumesSubject, plan.CodeAsksBureau, plan.CodeAssumesNew, plan.CodeAssumesLeaders}; !slices.Equal(codes(known.Findings), want) {
		t.Errorf("assumptions %v", codes(known.Findings))
	}
	if p := of(plan.Subject{Province: "11", EntityKind: firm, FiledElsewhere: true}); !p.Findings.Has(plan.CodeAssumesFiled) {
		t.Errorf("assumptions %v", codes(p.Findings))
	}
	bound := plan.Make(plan.Input{Request: plan.Request{Subject: subjectIn("11", firm), Domains: numbered(1)}, Bound: true}, today)
	if !bound.Findings.Has(filing.CodeAccountBound) || len(bound.Orders) > 0 {
		t.Errorf("an account with another subject: %v", codes(bound.Findings))
	}
	f := filed(filingtest.EnterpriseBeijing())
	f.Status = register.Shell
	moved := plan.Make(plan.Input{Request: plan.Request{Filing: f.ID, Subject: subjectIn("44", 0), Domains: numbered(1)}, Filing: f}, today)
	if !moved.Findings.Has(filing.CodeFiledProvince) || len(moved.Orders) > 0 {
		t.Errorf("another province: %v", codes(moved.Findings))
	}
	for code, want := range map[province.Code]struct {
		shell  bool
		orders int
	}{"11": {false, 1}, "44": {true, 0}} {
		f.Province = code
		p := plan.Make(plan.Input{Request: plan.Request{Filing: f.ID, Domains: numbered(1)}, Filing: f}, today)
		if p.Findings.Has(filing.CodeShell) != want.shell || len(p.Orders) != want.orders {
			t.Errorf("a subject without sites in %s: %v, %d orders", code, codes(p.Findings), len(p.Orders))
		}
	}
}

// TestDocuments: the documents of the orders and their union, by hand for a firm in Guangdong and an individual of another province.
func TestDocuments(t *testing.T) {
	p := plan.Make(plan.Input{Request: plan.Request{Subject: subjectIn("44", firm), Domains: []plan.Domain{{Domain: "a-example.cn", Site: "1"}, {Domain: "b-example.cn", Site: "2"}}}}, today)
	required := map[evidence.Kind]int{}
	for _, d := range p.Documents {
		if d.Words.Chinese == "" || d.Words.English == "" || !slices.Equal(d.Orders, []int{1}) {
			t.Errorf("%+v", d)
		}
		if d.Level == evidence.Required {
			required[d.Kind] = d.Count
		}
	}
	want := map[evidence.Kind]int{evidence.SubjectCertificateFront: 1, evidence.SubjectLeaderCertificateFront: 1, evidence.SubjectLeaderCertificateBack: 1,
		evidence.CommitmentLetter: 1, evidence.VerificationForm: 2}
	if fmt.Sprint(required) != fmt.Sprint(want) {
		t.Errorf("a firm in Guangdong: %v, want %v", required, want)
	}
	if d := (plan.Days{Least: 2, Most: 22}); p.Days != d || p.Orders[0].FiledFrom != "2026-06-12" {
		t.Errorf("days %+v, from %s", p.Days, p.Orders[0].FiledFrom)
	}
	man := filingtest.IndividualZhejiang()
	s := &plan.Subject{Province: "44", EntityKind: certificate.Individual, Name: man.Opening.Name, Certificate: man.Opening.Certificate}
	p = plan.Make(plan.Input{Request: plan.Request{Subject: s, Domains: numbered(1)}}, today)
	if !slices.ContainsFunc(p.Documents, func(d plan.TotalDocument) bool {
		return d.Kind == evidence.ResidencePermit && d.Level == evidence.Required
	}) {
		t.Errorf("an individual from Zhejiang in Guangdong: %+v", p.Documents)
	}
}

// typeTable is the decision table of icp-filing 2.2 for the domains that a plan can file, and what is filed after the order: whether the subject
// is filed, whether through us, whether the domain is filed.
var typeTable = map[[3]bool]filing.Type{
	{false, false, false}: "FIRST",
	{true, false, false}:  "ADD_SITE_FOREIGN",
	{true, true, false}:   "ADD_SITE_OWN",
	{true, false, true}:   "ADD_ACCESS_FOREIGN",
	{true, true, true}:    "ADD_ACCESS_FOREIGN", // the request's sites are not in our register
}

// caps are the most domains in an order and in a site, by hand from the rules of 2026.
var caps = map[province.Code][2]int{"11": {10, 10}, "14": {3, 3}, "41": {5, 5}, "42": {1, 1}, "43": {1, 1}, "65": {10, 1}, "45": {10, 1}}

// TestPlanProperties: for random requests, each domain is in one order or blocked; types follow typeTable; sizes follow caps; the orders are as
// few as the caps allow, one for each access; changes come first, accesses before sites.
func TestPlanProperties(t *testing.T) {
	codesOfProvinces := []province.Code{"11", "14", "41", "42", "43", "45", "65"}
	for seed := range uint64(500) {
		r := rand.New(rand.NewPCG(seed, 11))
		p := codesOfProvinces[r.IntN(len(codesOfProvinces))]
		in := plan.Input{}
		isFiled, known := false, false
		switch r.IntN(3) {
		case 0:
			in.Subject = subjectIn(p, firm)
		case 1:
			in.Subject, isFiled = &plan.Subject{Province: p, EntityKind: firm, FiledElsewhere: true}, true
		case 2:
			in.Filing = filed(filingtest.EnterpriseBeijing())
			in.Filing.Province, isFiled, known = p, true, true
			if r.IntN(2) == 0 {
				in.Subject = &plan.Subject{Name: "北京示例新名有限公司"}
			}
		}
		filedDomains, newDomains := 0, 0
		for i := range 1 + r.IntN(30) {
			d := plan.Domain{Domain: fmt.Sprintf("plan-example-%d.cn", i)}
			switch r.IntN(4) {
			case 0:
				d.Filed = plan.Elsewhere
				if isFiled {
					filedDomains++
				}
			case 1:
				d.Domain = "?"
			default:
				newDomains++
			}
			in.Domains = append(in.Domains, d)
		}
		got := plan.Make(in, today)
		rank := map[filing.Type]int{filing.ChangeFiling: 0, filing.First: 1, filing.AddAccessForeign: 2, filing.AddSiteForeign: 3, filing.AddSiteOwn: 3}
		inOrder := map[domainname.Domain]int{}
		for i, o := range got.Orders {
			if i > 0 && rank[o.Type] < rank[got.Orders[i-1].Type] && got.Orders[i-1].Type != filing.First {
				t.Fatalf("seed %d: %v", seed, types(got))
			}
			if o.Type == filing.ChangeFiling {
				if i != 0 || !known || in.Subject == nil {
					t.Fatalf("seed %d: a change at %d", seed, i)
				}
				continue
			}
			n := 0
			for _, s := range o.Sites {
				if len(s.Domains) == 0 || len(s.Domains) > caps[p][1] {
					t.Fatalf("seed %d, %s: a site with %d domains", seed, p, len(s.Domains))
				}
				for _, d := range s.Domains {
					n++
					inOrder[d]++
				}
			}
			if want := typeTable[[3]bool{isFiled, known, o.Type == filing.AddAccessForeign}]; o.Type != want || n == 0 || n > caps[p][0] {
				t.Fatalf("seed %d, %s: order %d is %s with %d domains, want %s", seed, p, i+1, o.Type, n, want)
			}
			isFiled, known = true, true
		}
		for _, v := range got.Domains {
			if (v.Order > 0) == v.Findings.Blocking() || v.Order > 0 && (inOrder[v.Domain] != 1 || got.Orders[v.Order-1].Type != v.Type) {
				t.Fatalf("seed %d: %+v is in %d orders", seed, v, inOrder[v.Domain])
			}
		}
		fewest := filedDomains + ceil(newDomains, caps[p][0])
		if known && in.Subject != nil && in.Filing.ID != "" && filedDomains+newDomains > 0 {
			fewest++
		}
		if len(got.Orders) != fewest {
			t.Fatalf("seed %d, %s: %d orders, want %d: %v", seed, p, len(got.Orders), fewest, types(got))
		}
	}
}

func ceil(n, by int) int { return (n + by - 1) / by }

// checkReady checks that a plan is ready unless a finding blocks, and then has an order: the acceptance of a plan relies on it.
func checkReady(t *testing.T, name string, p plan.Plan) {
	t.Helper()
	blocks := p.Findings.Blocking()
	for _, d := range p.Domains {
		blocks = blocks || d.Findings.Blocking()
	}
	if p.Ready == blocks || p.Ready && len(p.Orders) == 0 {
		t.Errorf("%s: ready %t, with %d orders and %+v", name, p.Ready, len(p.Orders), p.Findings)
	}
}
