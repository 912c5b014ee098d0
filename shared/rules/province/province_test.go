package province_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"beian/shared/rules/certificate"
	"beian/shared/rules/finding"
	"beian/shared/rules/province"
	"beian/shared/rules/workday"
)

func nineAM(day workday.Date) time.Time { return day.Time().Add(9 * time.Hour) }

var (
	in2019 = nineAM("2019-12-25")
	in2026 = nineAM("2026-03-01")
)

func mustFind(t *testing.T, code string) province.Province {
	t.Helper()
	parsed, ok := province.ParseCode(code)
	if !ok {
		t.Fatalf("no province %s", code)
	}
	return parsed.Province()
}

func TestAll(t *testing.T) {
	all := province.All()
	if len(all) != 31 {
		t.Fatalf("%d provinces", len(all))
	}
	var abbreviations string
	var bits uint64
	for _, p := range all {
		abbreviations += p.Abbreviation
		if bits&p.Placement != 0 {
			t.Errorf("%s: another province has the same placement bit", p.Short)
		}
		bits |= p.Placement
		if back, ok := province.ByAbbreviation(p.Abbreviation); !ok || back.Code != p.Code {
			t.Errorf("%s is not found by %s", p.Short, p.Abbreviation)
		}
	}
	if abbreviations != "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝蜀黔滇藏陕陇青宁新" {
		t.Errorf("abbreviations: %s", abbreviations)
	}
	if p := mustFind(t, "33"); p.Name.English != "Zhejiang" || p.Code.GB2260() != "330000" {
		t.Errorf("33 is %s", p.Name.English)
	}
	for _, code := range []string{"", "1", "71", "99", "330106"} {
		if _, ok := province.ParseCode(code); ok {
			t.Errorf("%q is no province with a bureau", code)
		}
	}
}

// TestSMSRequired: the 22 provinces of 2019, and all since 17 August 2020 (S18).
func TestSMSRequired(t *testing.T) {
	count := func(day workday.Date) (n int) {
		for _, p := range province.All() {
			if p.SMSRequired(nineAM(day)) {
				n++
			}
		}
		return n
	}
	for day, want := range map[workday.Date]int{
		"2017-12-17": 0, "2017-12-18": 7, "2018-09-10": 14, "2018-09-24": 22, "2019-12-25": 22, "2020-08-16": 22, "2020-08-17": 31,
	} {
		if got := count(day); got != want {
			t.Errorf("on %s SMS in %d provinces, want %d", day, got, want)
		}
	}
	for _, code := range strings.Fields("11 13 21 22 31 32 36 44 52") {
		if mustFind(t, code).SMSRequired(in2019) {
			t.Errorf("province %s required SMS in 2019 and is not among the 22 of S18", code)
		}
	}
}

func TestSimpleRules(t *testing.T) {
	jiangsu, guangdong, zhejiang, hebei := mustFind(t, "32"), mustFind(t, "44"), mustFind(t, "33"), mustFind(t, "13")
	if guangdong.FooterNumber(in2019) != province.FooterSubject || jiangsu.FooterNumber(in2019) != province.FooterSite {
		t.Error("only Guangdong shows the subject's number")
	}
	if !jiangsu.CopyrightLine(in2019) || guangdong.CopyrightLine(in2019) {
		t.Error("only Jiangsu asks for a copyright line")
	}
	if zhejiang.BureauDays(in2026) != 30 || guangdong.BureauDays(in2026) != 20 || zhejiang.BureauDays(in2019) != 20 {
		t.Error("bureaus take 20 working days, Zhejiang 30")
	}
	if !jiangsu.LandlineRequired(certificate.Enterprise, in2026) || jiangsu.LandlineRequired(certificate.Individual, in2026) {
		t.Error("Jiangsu's units need a landline")
	}
	if !mustFind(t, "11").OfficeMobileDiffers(certificate.Enterprise, in2026) || hebei.OfficeMobileDiffers(certificate.Enterprise, in2026) {
		t.Error("in Beijing the office phone must differ")
	}
	if !hebei.SameCityAddress(in2026) || jiangsu.SameCityAddress(in2026) {
		t.Error("in Hebei the mailing address lies in the certificate's city")
	}
	if !mustFind(t, "65").HolderIsUnit(certificate.Enterprise, in2026) || mustFind(t, "65").HolderIsUnit(certificate.Individual, in2026) {
		t.Error("in Xinjiang the unit holds the domain")
	}
}

// TestShell compares what subjects without sites do with the list of icp-filing 7 (Shell +), before and after 2025-01-01.
func TestShell(t *testing.T) {
	add := []province.Code{"11", "12", "14", "21", "31", "32", "33", "45", "51", "52", "53"}
	for _, p := range province.All() {
		want := province.ShellCancelFirst
		if slices.Contains(add, p.Code) {
			want = province.ShellAddsSite
		}
		if got := p.Shell(in2026); got != want {
			t.Errorf("%s: %q, want %q", p.Code, got, want)
		}
		if got := p.Shell(in2026.AddDate(-3, 0, 0)); got != province.ShellUnknown {
			t.Errorf("%s in 2023: %q", p.Code, got)
		}
	}
}

func TestChecks(t *testing.T) {
	const unit, individual = certificate.Enterprise, certificate.Individual
	for _, c := range []struct {
		name string
		got  finding.List
		want finding.Code
		bad  bool
	}{
		{"17 in Jiangsu", mustFind(t, "32").CheckAge(unit, 17, in2026), province.LeaderAgeProof, false},
		{"15 in Jiangsu", mustFind(t, "32").CheckAge(unit, 15, in2026), province.LeaderTooYoung, true},
		{"17 in Hubei", mustFind(t, "42").CheckAge(unit, 17, in2026), province.LeaderTooYoung, true},
		{"18 in Hubei", mustFind(t, "42").CheckAge(unit, 18, in2026), "", false},
		{"16 in Beijing, of which nothing is known", mustFind(t, "11").CheckAge(unit, 16, in2026), province.LeaderAgeProof, false},
		{"13 in Beijing", mustFind(t, "11").CheckAge(unit, 13, in2026), province.LeaderTooYoung, true},
		{"15, unit in Fujian, 2023", mustFind(t, "35").CheckAge(unit, 15, nineAM("2023-05-01")), province.LeaderAgeProof, false},
		{"15, unit in Fujian, 2026", mustFind(t, "35").CheckAge(unit, 15, in2026), province.LeaderTooYoung, true},
		{"15, individual in Fujian, 2026", mustFind(t, "35").CheckAge(individual, 15, in2026), province.LeaderAgeProof, false},

		{"employee leads in Guangdong", mustFind(t, "44").CheckSubjectLeader(province.Leaders{}, in2026), province.LeaderNotLegal, false},
		{"legal representative leads in Guangdong", mustFind(t, "44").CheckSubjectLeader(province.Leaders{SubjectIsLegal: true}, in2026), "", false},
		{"employee leads in Sichuan", mustFind(t, "51").CheckSubjectLeader(province.Leaders{}, in2026), province.LeaderLetter, false},
		{"employee leads in Liaoning", mustFind(t, "21").CheckSubjectLeader(province.Leaders{}, in2026), "", false},
		{"two employees in Jiangsu", mustFind(t, "32").CheckSubjectLeader(province.Leaders{}, in2026), province.LeadersMustBeSame, false},
		{"one person for both in Tianjin", mustFind(t, "12").CheckSubjectLeader(province.Leaders{SubjectIsLegal: true, SiteIsLegal: true, Same: true}, in2026), province.LeadersMustDiffer, false},
		{"employee leads the site in Hunan", mustFind(t, "43").CheckSiteLeader(province.Leaders{}, in2026), province.SiteLeaderLetterCode, false},
		{"employee leads the site in Henan", mustFind(t, "41").CheckSiteLeader(province.Leaders{}, in2026), "", false},

		{"local in Shanxi", mustFind(t, "14").CheckResidence("140105", in2026), "", false},
		{"from elsewhere in Shanxi", mustFind(t, "14").CheckResidence("110105", in2026), province.OutOfProvince, false},
		{"from elsewhere in Shanghai", mustFind(t, "31").CheckResidence("110105", in2026), province.ResidenceProof, false},
		{"from elsewhere in Shaanxi", mustFind(t, "61").CheckResidence("110105", in2026), "", false},
		{"from elsewhere in Beijing", mustFind(t, "11").CheckResidence("320105", in2026), province.ResidenceUnclear, false},

		{"four domains in Shanxi", mustFind(t, "14").CheckCounts(unit, province.Counts{DomainsInOrder: 4, SitesInOrder: 4}, in2026), province.TooManyDomains, true},
		{"three domains in Shanxi", mustFind(t, "14").CheckCounts(unit, province.Counts{DomainsInOrder: 3, SitesInOrder: 3}, in2026), "", false},
		{"two domains in Hubei before the rule", mustFind(t, "42").CheckCounts(unit, province.Counts{DomainsInOrder: 2, SitesInOrder: 2}, nineAM("2019-03-19")), "", false},
		{"two domains in Hubei", mustFind(t, "42").CheckCounts(unit, province.Counts{DomainsInOrder: 2, SitesInOrder: 2}, nineAM("2019-03-20")), province.TooManyDomains, true},
		{"30 sites in Shanghai", mustFind(t, "31").CheckCounts(unit, province.Counts{SitesInOrder: 1, SitesFiled: 29}, in2026), province.PlanRequired, false},
		{"29 sites in Shanghai", mustFind(t, "31").CheckCounts(unit, province.Counts{SitesInOrder: 1, SitesFiled: 28}, in2026), "", false},
		{"two domains in Jiangxi, 16 sites filed", mustFind(t, "36").CheckCounts(unit, province.Counts{DomainsInOrder: 2, SitesFiled: 16}, in2026), province.TooManyDomains, true},
		{"two domains in Jiangxi, 15 sites filed", mustFind(t, "36").CheckCounts(unit, province.Counts{DomainsInOrder: 2, SitesFiled: 15}, in2026), "", false},
		{"two domains in Hainan, first filing", mustFind(t, "46").CheckCounts(individual, province.Counts{DomainsInOrder: 2, SitesInOrder: 1, Kind: "FIRST"}, in2026), province.TooManyDomains, true},
		{"six domains in Sichuan", mustFind(t, "51").CheckCounts(unit, province.Counts{DomainsInOrder: 6, SitesInOrder: 6, DomainsInSite: 1}, in2026), province.StatementRequired, false},
		{"two domains in a site in Xinjiang", mustFind(t, "65").CheckCounts(unit, province.Counts{DomainsInSite: 2}, in2026), province.TooManySiteDomains, true},
		{"31 sites in Shaanxi", mustFind(t, "61").CheckCounts(unit, province.Counts{SitesFiled: 30, SitesInOrder: 1}, in2026), province.TooManySubjectSites, true},
		{"two sites of an individual anywhere", mustFind(t, "21").CheckCounts(individual, province.Counts{SitesInOrder: 2}, in2026), province.TooManySites, false},

		{".io in Beijing", mustFind(t, "11").CheckSuffix(unit, "io", in2026), province.SuffixRefused, true},
		{".com.hk in Beijing", mustFind(t, "11").CheckSuffix(unit, "com.hk", in2026), province.SuffixRefused, true},
		{".com in Beijing", mustFind(t, "11").CheckSuffix(unit, "com", in2026), "", false},
		{".org of an individual in Chongqing", mustFind(t, "50").CheckSuffix(individual, ".ORG", in2026), province.SuffixRefused, false},
		{".org of a unit in Chongqing", mustFind(t, "50").CheckSuffix(unit, "org", in2026), "", false},
		{".com of a government in Jiangsu", mustFind(t, "32").CheckSuffix(certificate.Government, "com", in2019), province.SuffixRequired, false},
		{".com.cn of a government in Hubei", mustFind(t, "42").CheckSuffix(certificate.Government, "com.cn", in2026), province.SuffixRequired, false},
		{".gov.cn of a government in Hubei", mustFind(t, "42").CheckSuffix(certificate.Government, "gov.cn", in2026), "", false},
		{".政务 of a government", mustFind(t, "44").CheckSuffix(certificate.Government, "政务", in2026), "", false},
		{".com of an institution in Inner Mongolia", mustFind(t, "15").CheckSuffix(certificate.PublicInstitution, "com", in2026), province.SuffixRequired, true},
		{".com.cn of an institution in Inner Mongolia", mustFind(t, "15").CheckSuffix(certificate.PublicInstitution, "com.cn", in2026), "", false},
		{".公益 of an institution in Inner Mongolia", mustFind(t, "15").CheckSuffix(certificate.PublicInstitution, "公益", in2026), "", false},
		{".com of an institution in Inner Mongolia in 2019", mustFind(t, "15").CheckSuffix(certificate.PublicInstitution, "com", in2019), "", false},
		{".com of an institution in Jiangsu", mustFind(t, "32").CheckSuffix(certificate.PublicInstitution, "com", in2026), province.SuffixRequired, false},
		{".com of an institution in Shanghai", mustFind(t, "31").CheckSuffix(certificate.PublicInstitution, "com", in2026), province.SuffixRequired, true},
		{".com of an institution anywhere", mustFind(t, "53").CheckSuffix(certificate.PublicInstitution, "com", in2026), province.SuffixRequired, false},
		{".com of an enterprise in Inner Mongolia", mustFind(t, "15").CheckSuffix(unit, "com", in2026), "", false},
		{"china… in Beijing", mustFind(t, "11").CheckDomainName(unit, "China-example.com", in2026), province.NameRefused, false},
		{"中国… in Beijing", mustFind(t, "11").CheckDomainName(unit, "中国示例.com", in2026), province.NameRefused, false},
		{"china… of a government in Beijing", mustFind(t, "11").CheckDomainName(certificate.Government, "china-example.gov.cn", in2026), "", false},
		{"china… in Shanghai", mustFind(t, "31").CheckDomainName(unit, "china-example.com", in2026), "", false},
		{"china… in Beijing before the rule", mustFind(t, "11").CheckDomainName(unit, "china-example.com", nineAM("2018-12-31")), "", false},
		{"other city in Hebei", mustFind(t, "13").CheckMailingCity("130100", "130200", in2026), province.OtherCity, true},
		{"same city in Hebei", mustFind(t, "13").CheckMailingCity("130100", "130102", in2026), "", false},
	} {
		if c.want == "" && len(c.got) > 0 || c.want != "" && !c.got.Has(c.want) || c.got.Blocking() != c.bad {
			t.Errorf("%s: %v, want %q, blocking %t", c.name, c.got, c.want, c.bad)
		}
		for _, f := range c.got {
			for _, text := range []string{f.Message.Chinese, f.Message.English, f.Remedy.Chinese, f.Remedy.English} {
				if strings.Contains(text, "{") || f.Message == finding.New("no-such-code", "").Message {
					t.Errorf("%s: the words of %s are not good: %s", c.name, f.Code, text)
				}
			}
		}
	}
}

func TestRequirements(t *testing.T) {
	for _, p := range province.All() {
		for _, e := range []certificate.EntityKind{certificate.Individual, certificate.Enterprise} {
			for _, at := range []time.Time{in2019, in2026} {
				rs := p.Requirements(e, at)
				if len(rs) < 4 {
					t.Errorf("%s: only %d requirements", p.Short, len(rs))
				}
				for _, r := range rs {
					if r.Words.Chinese == "" || r.Words.English == "" || r.Source == "" || r.Since > workday.DateOf(at) ||
						strings.Contains(r.Words.Chinese+r.Words.English, "%!") {
						t.Errorf("%s: %+v", p.Short, r)
					}
				}
			}
		}
	}
	says := func(p province.Province, e certificate.EntityKind, at time.Time, word string) bool {
		return slices.ContainsFunc(p.Requirements(e, at), func(r province.Requirement) bool { return strings.Contains(r.Words.Chinese, word) })
	}
	if !says(mustFind(t, "32"), certificate.Enterprise, in2019, "版权") {
		t.Error("Jiangsu does not mention the copyright line")
	}
	if says(mustFind(t, "31"), certificate.Individual, in2026, "幕布") || !says(mustFind(t, "31"), certificate.Individual, nineAM("2019-01-15"), "幕布") {
		t.Error("Shanghai's photo rule ended in July 2019")
	}
}

func TestAllReturnsACopy(t *testing.T) {
	all := province.All()
	all[0] = province.Province{}
	if province.All()[0].Code != "11" {
		t.Error("a caller can change the list of provinces")
	}
}

// TestUnnamedTrader: each province says what a sole trader without a name enters, by the rule of the day.
func TestUnnamedTrader(t *testing.T) {
	for _, p := range province.All() {
		for day, want := range map[workday.Date]map[province.Code]province.TraderName{
			"2020-12-31": {},
			"2021-01-01": {"46": province.AsIndividual},
			"2023-01-01": {"46": province.AsIndividual, "12": province.MarkedOperatorName},
		} {
			r := p.UnnamedTrader(nineAM(day))
			name := want[p.Code]
			if name == "" {
				name = province.OperatorName
			}
			found := p.CheckUnnamedTrader(nineAM(day))
			if r.Name != name || r.Source == "" || r.From == "" || !strings.Contains(found[0].Remedy.Chinese, r.Chinese) || !strings.Contains(found[0].Remedy.English, r.English) {
				t.Errorf("%s on %s: %+v", p.Short, day, r)
			}
		}
	}
}
