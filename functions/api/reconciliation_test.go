package api_test

import (
	"strings"
	"testing"
	"time"

	"beian/shared/bureau/document"
	"beian/shared/bureau/simulator"
	"beian/shared/rules/workday"
)

// copiedFiling returns a filing of an invented company as a full copy of the bureau has it.
func copiedFiling(n int64, number, certificate, domain string) document.SyncedFiling {
	day := document.FormatDate(time.Date(2019, 1, 2, 0, 0, 0, 0, workday.Shanghai))
	return document.SyncedFiling{
		Subject: document.FiledSubject{BureauID: n, Name: "示例公司", Nature: 4, Number: number, ReportMode: 1, Reported: day, Changed: day,
			Address: document.FiledAddress{Province: 330000}, Certificate: document.FiledCertificate{Kind: 1, Number: certificate, Address: "示例路1号"},
			Leader: document.FiledLeader{Name: "示例人", Mobile: "13800000000", Email: "person@example.com"}},
		Sites: []document.SyncedSite{{BureauID: n + 1, Name: "示例小站", Number: number + "-1", Domains: []document.FiledDomain{{BureauID: n + 2, Name: domain}},
			Accesses: []document.FiledAccess{{BureauID: n + 3, Provider: account.ProviderID, Locations: []int64{34}, Modes: []int64{5},
				IPs: []document.FiledIPRange{{BureauID: n + 4, First: 1, Last: 1}}}}, Leader: document.FiledSiteLeader{Name: "示例人"}}},
	}
}

// reconciliation: the operator lists what differs from a full copy, with who is to act, also as a page without personal data, and imports what the
// register lacks.
func reconciliation(t *testing.T, f *fixture) {
	sim, e := f.startBureau()
	admin := f.admin()
	empty := admin.do("GET /reconciliation", nil).wantStatus(200)
	if wantItems(empty, 0); empty.value("copy") != nil {
		t.Errorf("%s", empty.text)
	}
	offer := func(filings ...document.SyncedFiling) {
		f.applyScenario(sim, simulator.Scenario{Issue: []simulator.Issue{{Provider: account.ProviderID, Sync: &document.Sync{Filed: filings}}}})
		f.runExchange(e)
		f.now = f.now.Add(25 * time.Hour)
	}
	first := copiedFiling(100, "浙ICP备2018000001号", "91330106MA2CEX1A2K", "first-copied-example.com")
	second := copiedFiling(200, "浙ICP备2018000002号", "91330106MA2CEX1B2G", "second-copied-example.com")
	clash := copiedFiling(300, "浙ICP备2018000003号", "91330106MA2CEX1C2D", "second-copied-example.com")
	offer(first, second)
	offer(second, clash)
	wantItems(admin.do("GET /reconciliation?state=settled", nil).wantStatus(200), 0)
	page := admin.do("GET /reconciliation?limit=1", nil).wantStatus(200).wantValue("missing-there", "items", 0, "kind").wantValue("bureau", "items", 0, "actor").
		wantValue("浙ICP备2018000001号", "items", 0, "number").wantValue(true, "copy", "finished").wantValue(float64(2), "copy", "filings")
	next := page.value("next").(string)
	admin.do("GET /reconciliation?cursor="+next, nil).wantStatus(200).wantValue("conflict", "items", 0, "kind").wantValue("operator", "items", 0, "actor").
		wantValue("filing-domain-taken", "items", 0, "conflicts", 0)
	admin.do("GET /reconciliation?cursor=no%20cursor", nil).wantStatus(422)
	admin.do("GET /reconciliation?state=closed", nil).wantStatus(422)
	f.reviewer().do("GET /reconciliation", nil).wantStatus(403)

	url := strings.TrimPrefix(page.value("page", "url").(string), "/api/v1")
	for _, language := range []string{"zh-CN", "en"} {
		shown := client{fixture: f}.do("GET "+url+"?limit=1", nil, "accept-language", language).wantStatus(200)
		if !strings.Contains(shown.text, "浙ICP备2018000001号") || !strings.Contains(shown.text, "cursor=") || strings.Contains(shown.text, "示例公司") || strings.Contains(shown.text, "<script") {
			t.Errorf("the page: %s", shown.text)
		}
	}
	client{fixture: f}.do("GET "+url+"x", nil).wantStatus(404)
	f.now = f.now.Add(time.Hour)
	client{fixture: f}.do("GET "+url, nil).wantStatus(404)

	numbers := func(list ...string) map[string]any { return map[string]any{"numbers": append([]string{}, list...)} }
	admin.do("POST /reconciliation/import", numbers()).wantStatus(422)
	admin.do("POST /reconciliation/import", numbers(clash.Subject.Number)).wantStatus(200).wantValue("filing-domain-taken", "items", 0, "conflicts", 0).wantValue(nil, "items", 0, "filing")
	wantItems(admin.do("POST /reconciliation/import", numbers(first.Subject.Number)).wantStatus(200), 0)
	admin.do("POST /reconciliation/import", numbers(first.Subject.Number, "no number", strings.Repeat("京", 400))).wantStatus(422).
		wantValue("/numbers/1", "findings", 0, "pointer").wantValue("/numbers/2", "findings", 1, "pointer")
	admin.do("POST /reconciliation/import", map[string]any{"numbers": nil}).wantStatus(422)
	f.reviewer().do("POST /reconciliation/import", numbers("a")).wantStatus(403)

	stranger := copiedFiling(400, "浙ICP备2018000004号", "91330106MA2CEX1D2A", "third-copied-example.com")
	f.applyScenario(sim, simulator.Scenario{Issue: []simulator.Issue{{Provider: account.ProviderID, ICP: &document.ICPDownload{Filed: []document.FiledData{withLanguage(stranger)}}}}})
	f.runExchange(e)
	if id := admin.do("POST /reconciliation/import", numbers(stranger.Subject.Number)).wantStatus(200).value("items", 0, "filing"); id == nil {
		t.Error("the filing is not imported")
	} else {
		admin.do("GET /register/"+id.(string), nil).wantStatus(200).wantValue("浙ICP备2018000004号", "number")
	}
	admin.do("GET /reconciliation?state=settled", nil).wantStatus(200).wantValue("missing-here", "items", 0, "kind").wantValue("applicant", "items", 0, "actor")
	f.wantLogged("import what the register lacks")
}

func wantItems(a answer, count int) {
	a.t.Helper()
	if items := a.value("items").([]any); len(items) != count {
		a.t.Errorf("%d items, want %d", len(items), count)
	}
}

// withLanguage returns filed data, which name a language, unlike full copies.
func withLanguage(s document.SyncedFiling) document.FiledData {
	s.Sites[0].Languages = []int64{1}
	return s.FiledData()
}
