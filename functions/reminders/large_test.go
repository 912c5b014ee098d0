package reminders_test

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"beian/functions/reminders"
	"beian/infra/local/steptest"
	"beian/shared/filing/register"
	"beian/shared/filing/upkeep"
	"beian/shared/process/decide"
	"beian/shared/process/duties"
	"beian/shared/process/subscription"
	"beian/shared/rules/certificate"
	"beian/shared/rules/contact"
	"beian/shared/rules/domainname"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/rules/workday"
)

// TestLargeFiling: a filing with 25 sites, a leader for each, and 600 findings is stored, and reminded of within the limits of a transaction and of a row.
func TestLargeFiling(t *testing.T) {
	const sites, hosts, kinds = 25, 4, 6
	w := steptest.New(t)
	w.Clock.Set(workday.Date("2021-01-04").Time().Add(8 * time.Hour))
	if err := w.Store.PutEndpoints(t.Context(), subscription.Endpoints{List: []subscription.Endpoint{{ID: "01ENDPOINT", URL: "https://portal.example", Version: 1, Secret: "whsec_one"}}, Version: 1}, subscription.Change{}); err != nil {
		t.Fatal(err)
	}
	f := register.Filing{ID: "01LARGE", SubjectKey: "large", Province: "11", Entity: certificate.Enterprise}
	var names []string
	for i := range sites {
		n, err := number.ParseFiling(fmt.Sprintf("京ICP备2021000001号-%d", i+1))
		if err != nil {
			t.Fatal(err)
		}
		f.Number = n.Subject
		site := register.FiledSite{Number: n, Accesses: []register.Access{{Ours: true}}}
		for k := range hosts {
			site.Domains = append(site.Domains, register.FiledDomain{Name: domainname.Domain(fmt.Sprintf("site-%d-%d.example.cn", i, k))})
		}
		f.Sites, names = append(f.Sites, site), append(names, n.String())
		f.Private.Sites = append(f.Private.Sites, register.Site{Leader: register.Leader{Mobile: contact.Mobile(fmt.Sprintf("138%08d", i))}})
	}
	f.Private.Subject.Name = "示例公司"
	f.Private.Subject.Leader = register.Leader{Mobile: "13900000000", Email: "leader@example.cn"}
	change, _ := register.Filing{}.Replace(f, register.Source{Kind: register.FromImport, ID: "import"}, w.Clock.Now())
	if err := w.Store.CommitFiling(t.Context(), change); err != nil {
		t.Fatal(err)
	}
	ids := 0
	service := &duties.Service{Store: w.Store, Now: w.Clock.Now, NewID: func() string { ids++; return fmt.Sprint("letter-", ids) }, Log: slog.New(slog.DiscardHandler)}
	w.Clock.Set(workday.Date("2021-01-04").Time().Add(22 * time.Hour)) // nothing is sent before the morning
	for i, site := range names {
		for k := range hosts {
			host := string(f.Sites[i].Domains[k].Name)
			var found finding.List
			for _, code := range []finding.Code{"watch-number-missing", "watch-title-differs", "watch-copyright-missing", "watch-public-security-missing", "watch-number-hidden", "watch-link-missing"} {
				found = append(found, finding.New(code, "/visits/0", "host", host, "snippet", `<a href="https://beian.miit.gov.cn/">`+site+"</a>"))
			}
			if _, err := service.Record(t.Context(), f.ID, upkeep.SetFindings{Site: site, Host: host, Found: found}); err != nil {
				t.Fatalf("%s of %s: %v", host, site, err)
			}
		}
	}
	h := reminders.Handler{Decisions: w.Service, Orders: w.Store, Filings: w.Store, Duties: service, Now: w.Clock.Now, Log: slog.New(slog.DiscardHandler)}
	w.Clock.Set(workday.Date("2021-01-05").Time().Add(9 * time.Hour))
	for range 10 {
		w.Clock.Advance(time.Minute)
		if _, err := h.Handle(t.Context(), reminders.Input{}); err != nil {
			t.Fatal(err)
		}
	}
	w.Clock.Set(workday.Date("2021-01-06").Time().Add(9 * time.Hour)) // leaders whose reminders were in two parts get the second by another SMS
	for range 3 {
		if _, err := h.Handle(t.Context(), reminders.Input{}); err != nil {
			t.Fatal(err)
		}
	}
	leaders := map[string]int{}
	entries, err := w.Store.Outbox(t.Context(), decide.SendRegisterNotice, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Register.Kind == register.NoticeDuties && e.Register.To == register.ToSiteLeader {
			leaders[e.Register.Site]++
		}
	}
	u, err := w.Store.Upkeep(t.Context(), f.ID)
	if err != nil || len(leaders) != sites || len(u.Reminded) != sites*hosts*kinds {
		t.Errorf("%d of %d duties were reminded of, %d of %d leaders got a letter, %v", len(u.Reminded), sites*hosts*kinds, len(leaders), sites, err)
	}
}
