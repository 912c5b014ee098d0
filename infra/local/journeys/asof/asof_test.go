// Package asof_test asks one whole system for its verdicts on the day before a rule begins or ends, and on the day itself.
package asof_test

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"beian/functions/api"
	"beian/infra/local/clock"
	"beian/infra/local/demo"
	"beian/infra/local/scenario"
	"beian/infra/local/system"
	"beian/infra/local/systemtest"
	"beian/shared/filing"
	"beian/shared/rules/finding"
	"beian/shared/rules/workday"
)

// The system of all tests. Its clock is set to the days of the rules.
var (
	sys    *system.System
	client *scenario.Client
)

func TestMain(m *testing.M) {
	config := system.Config{Programs: os.Getenv("PROGRAMS"), Clock: clock.StandingAt(noon("2017-12-01")), Limits: system.Unlimited, SMSByDay: true}
	systemtest.Main(m, config, "../../../stack/testdata/golden", func(s *systemtest.Suite) { sys, client = s.System, s.Client })
}

// noon returns half past nine of a day in Shanghai.
func noon(day workday.Date) time.Time { return day.Time().Add(9*time.Hour + 30*time.Minute) }

// A row is a rule with a day on which the verdict changes, and the verdicts that its source demands: of the day before, and of the day.
type row struct {
	family, rule  string
	day           workday.Date // the rule's first day, or the first day without it
	ask           func(*testing.T, row, scenario.Application) string
	about         string // code of the finding, slot of the document, or a part of the text
	before, after string
	change        func(*scenario.Application)
	number        int    // of the invented applicant
	on            string // the query for the rules of another day
}

// rows has a row for each family of rules. Each expectation is from the rule's source, which the comment tells.
var rows = []row{
	// VOLC: since the unified codes of 2015, organisation codes (kind 3) were issued until the end of 2017.
	{"certificate", "certificate.3", "2018-01-01", opening, "certificate-kind-legacy", "", "warn", unit("33", 3, 3), 3670, ""},
	// TC-FAQ-PROV, 2019-01-01: Beijing refuses .io.
	{"refusedSuffixes", "11.refusedSuffixes.1", "2019-01-01", opening, "domain-suffix-refused", "", "block", domains("invented-3671-example.io"), 3671, ""},
	// TC-FAQ-PROV, 2019-01-01: and labels that begin with China.
	{"refusedNames", "11.refusedNames.1", "2019-01-01", opening, "domain-begins-with-word", "", "warn", domains("zhongguo-3672-example.com"), 3672, ""},
	// The quick start of December 2019 (S22): Jiangsu asks for a copyright line.
	{"copyrightLine", "32.copyrightLine.1", "2019-01-01", requirements("32"), "版权所有", "", "required", nil, 0, ""},
	// JSY-2019: in Hubei one domain in an order since 2019-03-20.
	{"caps", "42.caps.1", "2019-03-20", opening, "too-many-domains-in-order", "", "block", in("42", "a-3673-example.com", "b-3673-example.com"), 3673, ""},
	// ALI-DEV-7532 and S14: until 2019-07-28 the photo before the curtain, since then the liveness check.
	{"notes", "31.notes.6", "2019-07-29", requirements("31"), "幕布拍照", "required", "", nil, 0, ""},
	// SMS-KSB: the SMS check everywhere since 2020-08-17.
	{"sms", "11.sms.1", "2020-08-17", requirements("11"), "短信核验", "", "required", nil, 0, ""},
	// TC-FAQ-REVIEW, about 2021: Zhejiang's bureau may take 30 working days instead of 20.
	{"bureauDays", "33.bureauDays.1", "2021-01-01", requirements("33"), "30个工作日", "", "required", nil, 0, ""},
	// XSB-ZJ, about 2021: in Zhejiang the title of the home page is the filed name.
	{"siteTitle", "33.siteTitle.1", "2021-01-01", requirements("33"), "网页标题", "", "required", nil, 0, ""},
	// TC-FAQ-SUBJ, about 2021: in Jiangsu the office phone is a landline.
	{"landline", "32.landline.1", "2021-01-01", requirements("32"), "须为座机", "", "required", nil, 0, ""},
	// TC-FAQ-SUBJ, about 2021: in Beijing an office phone that is a mobile differs from the leader's.
	{"officeMobileDiffers", "11.officeMobileDiffers.1", "2021-01-01", details, "office-phone-is-own-mobile", "", "block", officeMobile, 3674, ""},
	// ALI-TJ-notes and TC-FAQ-SUBJ: in Tianjin the two leaders are different persons.
	{"subjectLeader", "12.subjectLeader.1", "2021-01-01", details, "leaders-must-differ", "", "warn", unit("120101", 4, 1), 3675, ""},
	// TC-SITE, about 2021: in Shanghai a site leader who is not the legal representative has a letter.
	{"siteLeaderLetter", "31.siteLeaderLetter.1", "2021-01-01", documents, "sites/0/authorization-letter", "", "required", clerk("310101"), 3676, ""},
	// JS-2021, HW-KB: the statement of responsibility of Jiangsu since 2021-06-01.
	{"document", "document.4", "2021-06-01", documents, "responsibility-notice", "", "required", unit("320102", 4, 1), 3677, ""},
	// icp-filing 4.9: in Shanghai a domain with less than six months left is looked at.
	{"domainValidity", "31.domainValidity.1", "2022-01-01", determined, "domain-expires-soon", "", "warn", at("31", "310101", "expires-130d-3678-example.com"), 3678, ""},
	// HW-XZ: the licence of religious information since 2022-03-01.
	{"pre-approval", "pre-approval.religion.1", "2022-03-01", details, "pre-approval-hinted", "", "warn", named("示例寺院文化"), 3679, ""},
	// ALI-TJ, 2023: in Tianjin a leader of an organisation is 16 at least; before, the nation's 14.
	{"minimumAge", "12.minimumAge.1", "2023-01-01", details, "leader-too-young", "", "block", aged15("120101"), 3680, ""},
	// TC-XZ, 2023: in Tibet the unit itself holds the domain.
	{"holderIsUnit", "54.holderIsUnit.1", "2023-01-01", determined, "domain-holder-differs", "", "block", domainOf("540102", "held-by-person-3681-example.com"), 3681, ""},
	// ALI-TJ-notes, 2023: a sole trader without a name files with （个体工商户）.
	{"traderName", "12.traderName.1", "2023-01-01", opening, "sole-trader-unnamed", "个体工商户", "（个体工商户）", unnamed("120101"), 3682, ""},
	// XINNET-NAME, FKW-GD: in Guangdong the name of an organisation's site ends with a word for a site.
	{"site-name", "site-name.patterns.2", "2023-01-01", details, "site-name-guangdong-unit", "", "warn", unit("440103", 4, 1), 3683, ""},
	// MIIT-APP: apps are filed since September 2023.
	{"service-kind", "service-kind.apps", "2023-09-01", opening, "service-kind-not-yet", "block", "", func(a *scenario.Application) { *a = a.AsApp("app") }, 3684, ""},
	// GOV-2024: public institutions use .cn or .公益 since 2024-07-01.
	{"requiredSuffixes", "32.requiredSuffixes.2", "2024-07-01", opening, "domain-suffix-required", "", "warn", unit("320102", 3, 15), 3685, ""},
	// HW-KB, 2025: an individual from another province needs a residence permit in Shanghai; before, no source says.
	{"residence", "31.residence.1", "2025-01-01", details, "individual-residence-proof", "", "warn", at("31", "310101"), 3686, ""},
	// HW-KB, 2025: outside eleven provinces, a subject without sites is cancelled before it files again; before, no source says.
	{"shell", "national.shell.1", "2025-01-01", shell, "subject-without-site", "", "block", at("13", "130102"), 3688, ""},
	// HW-KB, 2025: in Hebei the mailing address is in the city of the certificate.
	{"sameCityAddress", "13.sameCityAddress.1", "2025-01-01", details, "mailing-address-other-city", "", "warn", otherCity, 3687, ""},
}

// undated are the families whose rules changed on no day on which the system can be asked, with the reason.
var undated = map[string]string{
	"footerNumber": "since ORDER33 took effect, 2005-03-20", "contact": "since ORDER33 took effect", "code-table": "since ORDER33 took effect; the bureau's own tables replace them",
	"domain":   "the lists have a day of their edition, not of validity",
	"app-name": "as old as the filing of apps, whose day service-kind has",
}

// TestVerdictsAsOf: for each family of rules the system gives the verdict of the day: another one before a rule begins, or when it has ended.
func TestVerdictsAsOf(t *testing.T) {
	slices.SortStableFunc(rows, func(a, b row) int { return strings.Compare(string(a.day), string(b.day)) })
	for _, r := range rows {
		t.Run(r.family, func(t *testing.T) {
			for _, c := range []struct {
				on   workday.Date
				want string
			}{{r.day.AddDays(-1), r.before}, {r.day, r.after}} {
				sys.Clock.Set(noon(c.on))
				app := scenario.Invented(r.number)
				if r.change != nil {
					r.change(&app)
				}
				if got := r.ask(t, r, app); got != c.want {
					t.Errorf("%s on %s: %q, want %q", r.rule, c.on, got, c.want)
				}
			}
		})
	}
	for _, r := range rows { // the clock is at the last day now
		if r.number == 0 {
			for day, want := range map[workday.Date]string{r.day.AddDays(-1): r.before, r.day: r.after} {
				r.on = "?on=" + string(day)
				if got := r.ask(t, r, scenario.Application{}); got != want {
					t.Errorf("%s of %s, asked later: %q, want %q", r.rule, day, got, want)
				}
			}
		}
	}
	staff := operator(t)
	problem, ok := errors.AsType[*scenario.Problem](staff.Call(t.Context(), http.MethodGet, "/provinces/11?on=2021-02-30", nil, nil))
	if !ok || problem.Status != http.StatusUnprocessableEntity {
		t.Errorf("a day that does not exist: %v", problem)
	}
	var rules struct{ Items []struct{ ID, Family string } }
	must(t, staff.Call(t.Context(), http.MethodGet, "/rules", nil, &rules))
	families := map[string]bool{}
	for _, r := range rows {
		families[r.family] = true
		if !slices.ContainsFunc(rules.Items, func(i struct{ ID, Family string }) bool { return i.ID == r.rule && i.Family == r.family }) {
			t.Errorf("there is no rule %s of the family %s", r.rule, r.family)
		}
	}
	for _, r := range rules.Items {
		if !families[r.Family] && undated[r.Family] == "" {
			t.Errorf("no row is of the family %s", r.Family)
			families[r.Family] = true
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// operator logs an operator in: a token is valid for an hour only.
func operator(t *testing.T) *scenario.User {
	t.Helper()
	admin, _, err := demo.LogInStaff(t.Context(), client)
	must(t, err)
	return admin
}

// start logs the applicant in, whose server is in the inventory.
func start(t *testing.T, app scenario.Application) *scenario.User {
	t.Helper()
	u, err := client.LoginApplicant(t.Context(), operator(t), app, sys.Clock.Now())
	must(t, err)
	return u
}

// severityOf returns the severity of a finding in a problem, which has all findings; "" if it has none.
func severityOf(t *testing.T, err error, code string) finding.Finding {
	t.Helper()
	problem, ok := errors.AsType[*scenario.Problem](err)
	if !ok || problem.Status != http.StatusUnprocessableEntity {
		t.Fatalf("want a refusal with all findings, got %v", err)
	}
	i := slices.IndexFunc(problem.Findings, func(f finding.Finding) bool { return string(f.Code) == code })
	if i < 0 {
		return finding.Finding{}
	}
	return problem.Findings[i]
}

// opening asks by an opening that is refused in any case, because its language is unknown, so that nothing is stored.
func opening(t *testing.T, r row, app scenario.Application) string {
	t.Helper()
	app.Language = "xx"
	_, err := start(t, app).OpenOrder(t.Context(), app)
	f := severityOf(t, err, r.about)
	if strings.Contains(r.after, "（") { // the severity does not change: the remedy does
		for _, words := range []string{r.after, r.before} {
			if strings.Contains(f.Remedy.Chinese, words) {
				return words
			}
		}
		return f.Remedy.Chinese
	}
	return string(f.Severity)
}

// withOrder opens an order, calls do at its details, and abandons it, so that the subject can be asked about again.
func withOrder(t *testing.T, app scenario.Application, do func(*scenario.User, scenario.Order)) {
	t.Helper()
	ctx, u := t.Context(), start(t, app)
	o, err := u.OpenOrder(ctx, app)
	must(t, err)
	o, err = u.AwaitStep(ctx, o.ID, filing.VerifyProduct)
	must(t, err)
	must(t, u.ChooseServer(ctx, o.ID, app.Server.ID))
	do(u, o)
	must(t, u.Abandon(ctx, o.ID))
	_, err = u.AwaitStep(ctx, o.ID, filing.Done)
	must(t, err)
}

// details asks by details that are refused in any case, because a site has no language.
func details(t *testing.T, r row, app scenario.Application) (verdict string) {
	t.Helper()
	withOrder(t, app, func(u *scenario.User, o scenario.Order) {
		site := maps.Clone(app.Details.Sites[0])
		site["languages"] = []int{}
		app.Details.Sites = []map[string]any{site}
		verdict = string(severityOf(t, u.EnterDetails(t.Context(), o.ID, app.Details), r.about).Severity)
	})
	return verdict
}

// documents asks which documents the order needs.
func documents(t *testing.T, r row, app scenario.Application) (verdict string) {
	t.Helper()
	withOrder(t, app, func(u *scenario.User, o scenario.Order) {
		must(t, u.EnterDetails(t.Context(), o.ID, app.Details))
		missing, err := u.MissingPapers(t.Context(), o.ID)
		must(t, err)
		if slices.Contains(missing, r.about) {
			verdict = "required"
		}
	})
	return verdict
}

// determined asks what the order says when its type and the facts about its domains are known.
func determined(t *testing.T, r row, app scenario.Application) (verdict string) {
	t.Helper()
	ctx, u := t.Context(), start(t, app)
	o, err := u.OpenOrder(ctx, app)
	must(t, err)
	must(t, scenario.Poll(ctx, func() (bool, error) {
		o, err = u.Order(ctx, o.ID)
		return o.Type != "" || slices.ContainsFunc(o.Findings, func(f finding.Finding) bool { return f.Severity == finding.Block }), err
	}))
	for _, f := range o.Findings {
		if string(f.Code) == r.about {
			verdict = string(f.Severity)
		}
	}
	must(t, u.Abandon(ctx, o.ID))
	_, err = u.AwaitStep(ctx, o.ID, filing.Done)
	must(t, err)
	return verdict
}

// shell asks an application of a subject whose only site is cancelled. The first time it files that site, and cancels it.
func shell(t *testing.T, r row, app scenario.Application) string {
	t.Helper()
	ctx, u := t.Context(), start(t, app)
	_, reviewer, err := demo.LogInStaff(ctx, client)
	must(t, err)
	course := scenario.Course{Applicant: u, Reviewer: reviewer, Server: app.Server.ID, Details: app.Details}
	all, err := u.Filings(ctx)
	must(t, err)
	if len(all) == 0 {
		o, err := u.OpenOrder(ctx, app)
		must(t, err)
		_, err = course.Finish(ctx, o.ID)
		must(t, err)
		all, err = u.Filings(ctx)
		must(t, err)
		offers, err := u.Cancellations(ctx, all[0].ID)
		must(t, err)
		i := slices.IndexFunc(offers, func(o api.CancellationOffer) bool { return o.Kind == filing.CancelSite })
		o, err = u.Cancel(ctx, all[0].ID, offers[i], app.Contact)
		must(t, err)
		_, err = course.Finish(ctx, o.ID)
		must(t, err)
	}
	return determined(t, r, app)
}

// requirements returns a function that asks what a province's bureau requires.
func requirements(province string) func(*testing.T, row, scenario.Application) string {
	return func(t *testing.T, r row, _ scenario.Application) string {
		t.Helper()
		var rules struct {
			Requirements []struct{ Words finding.Words }
		}
		must(t, operator(t).Call(t.Context(), http.MethodGet, "/provinces/"+province+r.on, nil, &rules))
		if len(rules.Requirements) == 0 {
			t.Error("nothing is required")
		}
		for _, q := range rules.Requirements {
			if strings.Contains(q.Words.Chinese, r.about) {
				return "required"
			}
		}
		return ""
	}
}

// domains returns a change to an enterprise in Beijing with domains.
func domains(names ...string) func(*scenario.Application) { return domainOf("110105", names...) }

// domainOf returns a change to an enterprise in a county, with domains.
func domainOf(county string, names ...string) func(*scenario.Application) {
	return func(a *scenario.Application) {
		unit(county, 4, 1)(a)
		a.Open["domains"], a.Details.Sites[0]["domains"] = names, names
	}
}

// in returns a change of the province and the domains of an opening.
func in(province string, names ...string) func(*scenario.Application) {
	return func(a *scenario.Application) { a.Open["province"], a.Open["domains"] = province, names }
}

// at returns a change of the individual's province and address, and of the domains if there are any. The certificate stays one of Beijing.
func at(province, county string, names ...string) func(*scenario.Application) {
	return func(a *scenario.Application) {
		a.Open["province"] = province
		a.Details.Subject["division"], a.Details.Subject["address"], a.Details.Subject["certificateAddress"] = county, "示例路1号", "示例路1号"
		if len(names) > 0 {
			a.Open["domains"], a.Details.Sites[0]["domains"] = names, names
		}
	}
}

// named returns a change to an enterprise in Hangzhou whose site has a name.
func named(name string) func(*scenario.Application) {
	return func(a *scenario.Application) {
		unit("330102", 4, 1)(a)
		a.Details.Sites[0]["name"] = name
	}
}

// unit returns a change to an organisation in a county, or in a province for an opening, with a kind of certificate. Its legal representative is both
// leaders.
func unit(county string, entity, kind int) func(*scenario.Application) {
	return func(a *scenario.Application) {
		code := "91" + fmt.Sprintf("%-6s%08d", county, entity*1000+len(county))
		code = strings.ReplaceAll(code, " ", "0")
		number := unified(code)
		if kind == 3 {
			number = "D2143569X"
		}
		if entity == 3 && kind == 15 {
			number = unified("12" + code[2:])
		}
		a.Open["province"], a.Open["entityKind"], a.Open["name"] = county[:2], entity, "样例科技有限公司"
		a.Open["certificate"] = map[string]any{"kind": kind, "number": number}
		leader := maps.Clone(a.Details.Subject["leader"].(map[string]any))
		leader["name"], leader["officePhone"] = "样例人", "010-82000009"
		leader["certificate"] = map[string]any{"kind": 2, "number": scenario.WithCheckDigit((county + "0000")[:6] + "19800101111"),
			"validity": map[string]any{"from": "2015-05-01", "to": "2035-05-01"}}
		a.Details.Subject = map[string]any{"certificate": map[string]any{"validity": map[string]any{"from": "2015-05-01", "longTerm": true}},
			"certificateAddress": "示例路1号1幢101室", "division": county, "address": "示例路1号1幢101室", "investor": "样例人", "leader": leader}
		a.Details.Sites[0]["leader"], a.Details.Sites[0]["serviceContent"], a.Details.Sites[0]["name"] = leader, []int{8}, "样例科技"
	}
}

// officeMobile enters the leader's mobile as office phone.
func officeMobile(a *scenario.Application) {
	domains("invented-3674-example.com")(a)
	leader := a.Details.Subject["leader"].(map[string]any)
	leader["officePhone"] = leader["mobile"]
}

// clerk returns a change to an enterprise whose site leader is not the legal representative.
func clerk(county string) func(*scenario.Application) {
	return func(a *scenario.Application) {
		unit(county, 4, 1)(a)
		leader := maps.Clone(a.Details.Sites[0]["leader"].(map[string]any))
		leader["name"], leader["legalRepresentative"], leader["mobile"], leader["emergencyPhone"], leader["email"] = "样例戊", false, "18736760001", "18736760002", "clerk3676@invented-example.com"
		leader["certificate"] = map[string]any{"kind": 2, "number": scenario.WithCheckDigit(county + "19880101113"), "validity": map[string]any{"from": "2015-05-01", "to": "2035-05-01"}}
		a.Details.Sites[0]["leader"] = leader
	}
}

// aged15 returns a change to an enterprise whose leader was born in June 2007.
func aged15(county string) func(*scenario.Application) {
	return func(a *scenario.Application) {
		unit(county, 4, 1)(a)
		a.Details.Subject["leader"].(map[string]any)["certificate"] = map[string]any{"kind": 2, "number": scenario.WithCheckDigit(county + "20070601111"),
			"validity": map[string]any{"from": "2021-05-01", "to": "2026-05-01"}}
	}
}

// unnamed returns a change to a sole trader whose licence has no name.
func unnamed(county string) func(*scenario.Application) {
	return func(a *scenario.Application) {
		unit(county, 4, 1)(a)
		a.Open["name"], a.Open["certificate"] = "*****", map[string]any{"kind": 1, "number": unified("92" + county + "00003682")}
	}
}

// otherCity enters a certificate of Shijiazhuang and an address in Tangshan.
func otherCity(a *scenario.Application) {
	unit("130102", 4, 1)(a)
	a.Details.Subject["certificateAddress"], a.Details.Subject["division"] = "石家庄市长安区示例路1号", "130202"
}

// unified completes the first sixteen characters of a unified social credit code (GB 11714, GB 32100).
func unified(digits string) string {
	sum := 0
	for i, weight := range []int{3, 7, 9, 10, 5, 8, 4, 2} {
		sum += int(digits[8+i]-'0') * weight
	}
	code := digits + string("0X987654321"[sum%11])
	const alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	sum, weight := 0, 1
	for i := range code {
		sum += strings.IndexByte(alphabet, code[i]) * weight
		weight = weight * 3 % 31
	}
	return code + string(alphabet[(31-sum%31)%31])
}
