package filing_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/filing/register"
	apprules "beian/shared/rules/app"
	"beian/shared/rules/domainfacts"
	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/rules/province"
	"beian/shared/rules/sitename"
	"beian/shared/rules/workday"
)

// apps are the kinds of service that go by hand.
var apps = []number.Service{number.App, number.MiniProgram, number.QuickApp}

// TestServices: an order for each kind of service goes through all steps, is never uploaded, and is in the register with its kind.
func TestServices(t *testing.T) {
	for _, kind := range apps {
		w := filingtest.OpenAt(t, beijing().AsService(kind), filingtest.October2023, filing.Transmit)
		if !w.Order.ConsoleOnly() || w.Order.Service != kind || w.Order.Website() != filing.AnyWebsite {
			t.Errorf("%s: %+v", kind.Name(), w.Order.Service)
		}
		wantFault(t, w, filing.Beian, filing.QueueUpload{FirstID: 1}, fault.Conflict, filing.CodeConsoleOnly)
		if c := w.Decide(filing.Beian, filing.QueueUpload{ByHand: true}); c.QueueUpload || !w.Order.AwaitsEntry() {
			t.Errorf("%s: uploaded %t", kind.Name(), c.QueueUpload)
		}
		w.Decide(operator, filing.RecordEntry{On: workday.DateOf(w.At)})
		const subject = "京ICP备2023000001号"
		for _, other := range number.Services {
			if other != kind {
				wantFault(t, w, operator, filing.RecordApproval{SubjectNumber: subject, Sites: []filing.GivenSite{{Number: subject + "-1" + string(other)}}}, fault.Invalid, filing.CodeNumberService)
			}
		}
		c := w.Decide(operator, filing.RecordApproval{SubjectNumber: subject, Sites: []filing.GivenSite{{Number: subject + "-1" + string(kind)}}})
		if f := c.Register.After; f.Sites[0].Number.Service != kind || f.Private.Sites[0].App == nil || f.Status != register.Filed {
			t.Errorf("%s: the register has %+v", kind.Name(), f.Sites)
		}
		w.AdvanceTo(filing.Done)
		var duties []finding.Code
		for _, d := range w.Order.Duties {
			duties = append(duties, d.Code)
		}
		if !slices.Equal(duties, []finding.Code{filing.DutyNumberInApp, filing.DutyPublicSecurity, filing.DutyLicence}) {
			t.Errorf("%s: duties %q", kind.Name(), duties)
		}
	}
}

// TestServiceKinds: an order for a website is as before, whichever way the kind is written; other texts, and apps before September 2023, are refused.
func TestServiceKinds(t *testing.T) {
	august := time.Date(2023, 8, 31, 1, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		given string
		at    time.Time
		want  number.Service
		code  finding.Code
	}{
		{"", filingtest.December2019, number.Site, ""}, {"site", filingtest.December2019, number.Site, ""}, {" 网站 ", august, number.Site, ""},
		{"APP", filingtest.October2023, number.App, ""}, {"ａｐｐ", filingtest.October2023, number.App, ""}, {"小程序", filingtest.October2023, number.MiniProgram, ""},
		{"Quick-App", filingtest.October2023, number.QuickApp, ""},
		{"app", august, "", apprules.CodeNotYet}, {"mini-program", filingtest.December2019, "", apprules.CodeNotYet}, {"quick-app", august, "", apprules.CodeNotYet},
		{"game", filingtest.October2023, "", filing.CodeServiceUnknown}, {"A", filingtest.October2023, "", filing.CodeServiceUnknown},
	} {
		a := beijing()
		a.Opening.ServiceKind = c.given
		change, err := filing.Open(a.OpenInput("01EXAMPLE"), filingtest.Applicant, c.at)
		if c.code == "" && (err != nil || change.Order.Service != c.want) || c.code != "" && !fault.Of(err).Findings.Has(c.code) {
			t.Errorf("%q on %s: %q, %v; want %q %s", c.given, workday.DateOf(c.at), change.Order.Service, err, c.want, c.code)
		}
	}
}

// TestServiceWithoutDomain: only a website needs a domain. An app without one is a warning.
func TestServiceWithoutDomain(t *testing.T) {
	for _, kind := range number.Services {
		a := beijing()
		a.Opening.ServiceKind, a.Opening.Domains = kind.Name(), nil
		c, err := filing.Open(a.OpenInput("01EXAMPLE"), filingtest.Applicant, filingtest.October2023)
		found := findings(c, err)
		if (err != nil) != (kind == number.Site) || found.Has(filing.CodeDomainsMissing) != (kind == number.Site) ||
			found.Has(filing.CodeAppWithoutDomain) != (kind == number.App || kind == number.QuickApp) {
			t.Errorf("%s: %v, %v", kind.Name(), err, found)
		}
	}
}

// TestTypeOfService: the subject alone determines the type of an app. The website that has its domain does not matter, and another may have it.
func TestTypeOfService(t *testing.T) {
	for name, c := range map[string]struct {
		facts filing.Facts
		want  filing.Type
	}{
		"nothing is filed":                    {filing.Facts{}, filing.First},
		"the domain is filed by another":      {filing.Facts{DomainFiled: true}, filing.First},
		"the subject's website is here":       {filing.Facts{SubjectFiled: true, SubjectKnown: true, DomainFiled: true, SameSubject: true, OurAccess: true}, filing.AddSiteOwn},
		"the subject's website is elsewhere":  {filing.Facts{SubjectFiled: true, SubjectKnown: true, DomainFiled: true, SameSubject: true}, filing.AddSiteOwn},
		"the subject is filed elsewhere only": {filing.Facts{SubjectFiled: true, SubjectUnasked: true}, filing.AddSiteForeign},
	} {
		for _, kind := range apps {
			a := beijing().AsService(kind)
			if c.want == filing.AddSiteForeign {
				a.Opening.FilingNumber = "京ICP备2019000001号"
			}
			w := filingtest.Open(t, a, filingtest.October2023)
			if c.want == filing.AddSiteOwn {
				w.Register = filingtest.Filed(t, beijing(), filingtest.December2019)
			}
			w.Decide(filing.Beian, filing.DetermineType{Facts: w.Facts(c.facts), DomainFacts: w.DomainFacts()})
			if w.Order.Type != c.want || w.Order.ConsoleOnly() != true {
				t.Errorf("%s, %s: %q, %v", name, kind.Name(), w.Order.Type, w.Order.Private.Findings)
			}
		}
	}
}

// TestAppMayShareDomain: a domain of an app may resolve, because it may be that of a website.
func TestAppMayShareDomain(t *testing.T) {
	for kind, warned := range map[number.Service]bool{number.Site: true, number.App: false} {
		a := beijing()
		if kind != number.Site {
			a = a.AsService(kind)
		}
		w := filingtest.Open(t, a, filingtest.October2023)
		facts := w.DomainFacts()
		for d, f := range facts {
			f.Page = domainfacts.Yes
			facts[d] = f
		}
		w.Decide(filing.Beian, filing.DetermineType{Facts: w.Facts(filing.Facts{}), DomainFacts: facts})
		if w.Order.Private.Findings.Has(domainfacts.CodeHasPage) != warned {
			t.Errorf("%s: %v", kind.Name(), w.Order.Private.Findings)
		}
	}
}

// TestAppDetails: each wrong value of an app has its finding; what bureaus ask of websites only is not asked.
func TestAppDetails(t *testing.T) {
	as := func(kind number.Service) func() filingtest.Application {
		return func() filingtest.Application { return beijing().AsService(kind) }
	}
	if w := filingtest.OpenAt(t, as(number.App)(), filingtest.October2023, filing.CollectEvidence); w.Order.Private.Findings.Blocking() {
		t.Errorf("a right app: %v", w.Order.Private.Findings)
	}
	for _, m := range []mistake{
		{"a website with an app", beijing, func(a *app) { a.Sites[0].App = &apprules.Details{} }, filing.CodeAppDataOfSite, "/sites/0/app", finding.Block},
		{"an app without its data", as(number.App), func(a *app) { a.Sites[0].App = nil }, filing.CodeAppDataMissing, "/sites/0/app", finding.Block},
		{"an app with a home page", as(number.App), func(a *app) { a.Sites[0].HomeURL = "www.beijing-example.com" }, filing.CodeAppHomeURL, "/sites/0/homeUrl", finding.Block},
		{"an app without platform", as(number.App), func(a *app) { a.Sites[0].App.Platforms = nil }, apprules.CodePlatformMissing, "/sites/0/app/platforms", finding.Block},
		{"a wrong package", as(number.App), func(a *app) { a.Sites[0].App.Platforms[0].Package = "notes" }, apprules.CodePackage, "/sites/0/app/platforms/0/package", finding.Block},
		{"a wrong AppID", as(number.MiniProgram), func(a *app) { a.Sites[0].App.Platforms[0].Package = "wx1" }, apprules.CodeMiniProgramID, "/sites/0/app/platforms/0/package", finding.Block},
		{"a server elsewhere", as(number.App), func(a *app) { a.Sites[0].App.Hosts[0] = "api.example.org" }, apprules.CodeHostDomain, "/sites/0/app/hosts/0", finding.Block},
		{"a generic name", as(number.QuickApp), func(a *app) { a.Sites[0].Name = "手机快应用" }, apprules.CodeNameNotDistinctive, "/sites/0/name", finding.Warn},
		{"a Latin name", as(number.App), func(a *app) { a.Sites[0].Name = "NoteBook" }, sitename.OnlyLatin, "/sites/0/name", finding.Warn},
		{"a short name", as(number.App), func(a *app) { a.Sites[0].Name = "木作" }, sitename.TooShort, "/sites/0/name", finding.Warn},
		{"no name", as(number.App), func(a *app) { a.Sites[0].Name = "" }, sitename.Missing, "/sites/0/name", finding.Block},
		{"a national name", as(number.App), func(a *app) { a.Sites[0].Name = "中国木作" }, sitename.National, "/sites/0/name", finding.Block},
		{"a language that is none", as(number.App), func(a *app) { a.Sites[0].Languages = []int{99} }, filing.CodeSiteLanguageUnknown, "/sites/0/languages/0", finding.Block},
		{"no content", as(number.App), func(a *app) { a.Sites[0].ServiceContent = nil }, filing.CodeContentUnknown, "/sites/0/serviceContent", finding.Block},
		{"a trade without licence", as(number.App), func(a *app) { a.Sites[0].Name = "样例网约车" }, sitename.PreApproval, "/sites/0/name", finding.Warn},
	} {
		w := filingtest.OpenAt(t, m.app(), filingtest.October2023, filing.CollectDetails)
		a := m.app()
		m.change(&a)
		c, err := w.Order.Apply(filing.EnterDetails{Subject: a.Subject, Sites: a.Sites}, filingtest.Applicant, w.At)
		m.check(t, findings(c, err))
	}
}

// TestAppIcon: an app, a mini program and a quick app need their icon, a website none.
func TestAppIcon(t *testing.T) {
	for _, kind := range number.Services {
		a := beijing()
		if kind != number.Site {
			a = a.AsService(kind)
		}
		w := filingtest.OpenAt(t, a, filingtest.October2023, filing.CollectEvidence)
		slot := evidence.SiteSlot(0, evidence.AppIcon)
		level := evidence.Level("")
		for _, r := range w.Order.EvidenceRequirements(w.At) {
			if r.Slot == slot {
				level = r.Level
			}
			if r.Slot.Kind() == evidence.DomainCertificate && kind == number.MiniProgram {
				t.Error("a mini program without domain may have a domain certificate")
			}
		}
		if (level == evidence.Required) != (kind != number.Site) || w.Order.Accepts(slot, w.At) != (kind != number.Site) {
			t.Errorf("%s: the icon is %q", kind.Name(), level)
		}
	}
}

// mixed returns the filing of a company with a website and an app on the same domain.
func mixed(t *testing.T) register.Filing {
	t.Helper()
	f := filingtest.Filed(t, beijing(), filingtest.December2019)
	details := beijing().AsService(number.App).Sites[0]
	details.Name = "样例助手"
	f.Sites = append(f.Sites, register.FiledSite{Number: number.Filing{Subject: f.Number, Running: 2, Service: number.App},
		Domains: []register.FiledDomain{{Name: details.Domains[0]}}, Accesses: []register.Access{{Ours: true, Server: "server-1"}}})
	f.Private.Sites = append(f.Private.Sites, details)
	return f
}

// TestChangeWithApp: a filing with an app is changed by hand as a whole, and needs no ids of the ministry.
func TestChangeWithApp(t *testing.T) {
	f := mixed(t)
	n := beijing().OpenInput("02EXAMPLE")
	n.At = &filing.AtFilingInput{Type: filing.ChangeFiling, Filing: f}
	w := &filingtest.Walk{T: t, App: beijing(), At: filingtest.October2023, Register: f}
	w.ContinueWith(filing.Open(n, filingtest.Applicant, w.At))
	if !w.Order.ConsoleOnly() || w.Order.ServiceOf(0) != number.Site || w.Order.ServiceOf(1) != number.App || len(w.Order.Domains) != 1 {
		t.Fatalf("%t, %q %q, %v", w.Order.ConsoleOnly(), w.Order.ServiceOf(0), w.Order.ServiceOf(1), w.Order.Domains)
	}
	subject, sites := f.Private.Subject, slices.Clone(f.Private.Sites)
	changed := *sites[1].App
	changed.Platforms = changed.Platforms[:1]
	sites[1].App = &changed
	w.Decide(filingtest.Applicant, filing.EnterDetails{Subject: subject, Sites: sites})
	var pointers []string
	for _, d := range w.Order.Changes() {
		pointers = append(pointers, d.Pointer)
	}
	if !strings.Contains(strings.Join(pointers, " "), "/sites/1/app/platforms") || len(w.Order.Private.Findings) > 0 && w.Order.Private.Findings.Blocking() {
		t.Errorf("changes %q, findings %v", pointers, w.Order.Private.Findings)
	}
	sites[0].App = &changed
	wantFault(t, w, filingtest.Applicant, filing.EnterDetails{Subject: subject, Sites: sites}, fault.Invalid, filing.CodeAppDataOfSite)
	sites[0].App, sites[1].App = nil, nil
	wantFault(t, w, filingtest.Applicant, filing.EnterDetails{Subject: subject, Sites: sites}, fault.Invalid, filing.CodeAppDataMissing)
}

// TestWebsiteBesideApp: the app of a subject does not make the subject's other orders go by hand, and its domain is not the website's.
func TestWebsiteBesideApp(t *testing.T) {
	f := mixed(t)
	a := beijing()
	a.Opening.Domains = []string{"second-example.cn"}
	a.Sites[0].Domains, a.Sites[0].HomeURL, a.Sites[0].Name = []filing.Domain{"second-example.cn"}, "", "样例商店"
	w := filingtest.Open(t, a, filingtest.October2023)
	w.Register = f
	w.Decide(filing.Beian, filing.DetermineType{Facts: w.Facts(filing.Facts{SubjectFiled: true, SubjectKnown: true}), DomainFacts: w.DomainFacts()})
	if w.Order.Type != filing.AddSiteOwn || w.Order.ConsoleOnly() || w.Order.ServiceOf(0) != number.Site {
		t.Errorf("%s, by hand %t", w.Order.Type, w.Order.ConsoleOnly())
	}
}

// TestCancelApp: an app, and a subject with an app, are cancelled by hand, by their numbers; a website beside the app is not.
func TestCancelApp(t *testing.T) {
	f := mixed(t)
	for _, c := range []struct {
		kind  filing.Type
		sites []int
		hand  bool
		left  int // services after the approval
	}{
		{filing.CancelSite, []int{1}, true, 1}, {filing.CancelAccess, []int{1}, true, 2}, {filing.CancelSubject, nil, true, 2}, {filing.CancelSite, []int{0}, false, 1},
	} {
		kind, _ := filing.KindOf(c.kind)
		site := 0
		if len(c.sites) > 0 {
			site = c.sites[0]
		}
		var confirmed []finding.Code
		for _, consequence := range filing.Consequences(kind, f, site, "") {
			if consequence.Severity == finding.Block {
				t.Fatalf("%s %v: %v", c.kind, c.sites, consequence)
			}
			confirmed = append(confirmed, consequence.Code)
		}
		n := beijing().OpenInput("03EXAMPLE")
		n.At = &filing.AtFilingInput{Type: c.kind, Filing: f, Sites: c.sites, Cancellation: filing.CancellationInput{Reason: 1, Confirmed: confirmed}}
		w := &filingtest.Walk{T: t, App: beijing(), At: filingtest.October2023, Register: f}
		w.ContinueWith(filing.Open(n, filingtest.Applicant, w.At))
		w.AdvanceTo(filing.AwaitBureau)
		if w.Order.ConsoleOnly() != c.hand || w.Order.ByHand != c.hand {
			t.Errorf("%s %v: by hand %t", c.kind, c.sites, w.Order.ByHand)
		}
		if !c.hand {
			continue
		}
		w.Decide(operator, filing.RecordEntry{On: workday.DateOf(w.At)})
		after := w.Decide(operator, filing.RecordApproval{}).Register.After
		_, ours := after.Sites[len(after.Sites)-1].OurAccess()
		if len(after.Sites) != c.left || ours == (c.kind == filing.CancelAccess) || (after.Status == register.Cancelled) != (c.kind == filing.CancelSubject) {
			t.Errorf("%s %v: %s, %+v", c.kind, c.sites, after.Status, after.Sites)
		}
	}
}

// TestRunningNumberOfService: all services of a subject share one sequence of numbers.
func TestRunningNumberOfService(t *testing.T) {
	f := mixed(t)
	w := filingtest.Open(t, beijing().AsService(number.QuickApp), filingtest.October2023)
	w.Register = f
	w.Decide(filing.Beian, filing.DetermineType{Facts: w.Facts(filing.Facts{SubjectFiled: true, SubjectKnown: true}), DomainFacts: w.DomainFacts()})
	w.AdvanceTo(filing.Transmit)
	w.Decide(filing.Beian, filing.QueueUpload{ByHand: true})
	w.Decide(operator, filing.RecordEntry{On: workday.DateOf(w.At)})
	give := func(suffix string) filing.RecordApproval {
		return filing.RecordApproval{SubjectNumber: f.Number.String(), Sites: []filing.GivenSite{{Number: f.Number.String() + suffix}}}
	}
	o := w.Order
	o.Register = f
	for _, taken := range []string{"-1K", "-2K"} {
		if _, err := o.Apply(give(taken), operator, w.At); !fault.Of(err).Findings.Has(filing.CodeNumberOfSite) {
			t.Errorf("%s: %v", taken, err)
		}
	}
	if c := w.Decide(operator, give("-3K")); len(c.Register.After.Sites) != 3 || c.Register.After.Sites[2].Number.Service != number.QuickApp {
		t.Errorf("%+v", c.Register.After.Sites)
	}
}

// TestBureauHasNoApps: what the bureau sends by the interface has no apps. They stay in the register, and are no website with their domain.
func TestBureauHasNoApps(t *testing.T) {
	f := mixed(t)
	sent := f
	sent.Sites, sent.Private.Sites = slices.Clone(f.Sites[:1]), slices.Clone(f.Private.Sites[:1])
	sent.Sites[0].MinistryID, sent.Sites[0].Number = "77", number.Filing{Subject: f.Number, Running: 5}
	known := f
	known.Sites, known.Private.Sites = []register.FiledSite{f.Sites[1], f.Sites[0]}, []register.Site{f.Private.Sites[1], f.Private.Sites[0]}
	after := known.WithBureau(sent)
	if len(after.Sites) != 2 || after.Sites[0].Number.Running != 5 || after.Sites[0].MinistryID != "77" || after.Sites[1].Number != f.Sites[1].Number ||
		after.Private.Sites[0].App != nil || after.Private.Sites[1].App == nil {
		t.Errorf("%+v", after.Sites)
	}
}

// TestKindsOfServices: the type that is determined for an app is one with which apps are filed, whatever is filed.
func TestKindsOfServices(t *testing.T) {
	for bits := range 64 {
		is := func(bit int) bool { return bits&(1<<bit) != 0 }
		f := filing.Facts{SubjectFiled: is(0), SubjectKnown: is(0) && is(1), SubjectUnasked: is(2), DomainFiled: is(3), SameSubject: is(4), OurAccess: is(5), SubjectNumber: "京ICP备2019000001号"}
		w := filingtest.Open(t, beijing().AsService(number.App), filingtest.October2023)
		w.Decide(filing.Beian, filing.DetermineType{Facts: w.Facts(f), DomainFacts: w.DomainFacts()})
		if kind, ok := filing.KindOf(w.Order.Type); !ok || !slices.Contains(kind.Services(), number.App) {
			t.Errorf("%+v: %q, %v", f, w.Order.Type, w.Order.Private.Findings)
		}
	}
}

// TestServiceWords: slots, reasons and findings of an order use the words of its kind of service, and messages recognise them as the catalogue's.
func TestServiceWords(t *testing.T) {
	aWebsite := regexp.MustCompile(`网站|(?i)\b(web)?sites?\b`)
	for _, kind := range apps {
		at := func(step filing.Step, change func(*filingtest.Application)) *filingtest.Walk {
			a := beijing().AsService(kind)
			change(&a)
			return filingtest.OpenAt(t, a, filingtest.October2023, step)
		}
		none := func(*filingtest.Application) {}
		o := at(filing.CollectEvidence, none).Order
		var texts []finding.Words
		for _, r := range o.EvidenceRequirements(filingtest.October2023) {
			texts = append(texts, o.SlotWords(r.Slot), r.Reason)
		}
		found := o.MissingEvidence(filingtest.October2023)
		if len(found) == 0 {
			t.Errorf("%s: no paper is missing", kind.Name())
		}
		w := at(filing.CollectDetails, none)
		for _, wrong := range []func(*filingtest.Application){
			func(a *filingtest.Application) { a.Sites[0].Name = "木" },
			func(a *filingtest.Application) { a.Sites[0].Name = "" },
			func(a *filingtest.Application) { a.Sites[0].ServiceContent = nil },
			func(a *filingtest.Application) { a.Sites = nil },
			func(a *filingtest.Application) { a.Sites[0].Leader.Mobile = "1" },
			func(a *filingtest.Application) { a.Sites[0].Domains = nil },
		} {
			a := beijing().AsService(kind)
			wrong(&a)
			c, err := w.Order.Apply(filing.EnterDetails{Subject: a.Subject, Sites: a.Sites}, filingtest.Applicant, w.At)
			if err == nil {
				found = append(found, c.Order.Private.Findings...)
			}
			found = append(found, fault.Of(err).Findings...)
		}
		for _, f := range found {
			texts = append(texts, f.Message, f.Remedy)
			if _, ok := f.WithoutArguments(o.ServiceAt(f.Pointer).Fit); !ok {
				t.Errorf("%s: %s is not recognised: %s", kind.Name(), f.Code, f.Message.English)
			}
		}
		for _, w := range texts {
			if aWebsite.MatchString(w.Chinese) || aWebsite.MatchString(w.English) {
				t.Errorf("%s: %s / %s", kind.Name(), w.Chinese, w.English)
			}
		}
	}
}

// TestWordsOfShellsAndAccesses: what the register, the provinces and the bureau say about shells, accesses and numbers of sites names the kind of service, too.
func TestWordsOfShellsAndAccesses(t *testing.T) {
	aWebsite := regexp.MustCompile(`(?i)网站|\b(web)?sites?\b`)
	quoted := regexp.MustCompile(`“[^”]*”|网站建设方案书`)
	for _, kind := range apps {
		o := filingtest.Open(t, beijing().AsService(kind), filingtest.October2023).Order
		for _, code := range []finding.Code{filing.CodeChangeSiteShell, filing.CodeChangeNotOurs, filing.CodeChangeAccess, filing.CodeChangeSites, filing.CodeChangeDomain,
			filing.CodeCancelOnlyAccess, filing.CodeCancelOneSite, filing.CodeCancelWholeSubject, filing.CodeEndsAllSites, filing.CodeEndsLastSite, filing.CodeEndsOnlyAccess,
			filing.CodeEndsOtherAccess, filing.CodeOneSite, province.TooManySubjectSites, province.PlanRequired, "bureau-1025", "bureau-1029", "bureau-1030", "bureau-1032", "bureau-1035"} {
			for _, f := range o.FitWords(finding.List{finding.New(code, "")}) {
				for _, text := range []string{f.Message.Chinese, f.Message.English, f.Remedy.Chinese, f.Remedy.English} {
					if text = quoted.ReplaceAllString(text, ""); aWebsite.MatchString(text) {
						t.Errorf("%s: %s: %s", kind.Name(), code, text)
					}
				}
			}
		}
	}
}

// TestChangeOfShellApp: an order that begins at the filing of an app says what keeps it in the words of an app.
func TestChangeOfShellApp(t *testing.T) {
	f := mixed(t)
	f.Sites = f.Sites[1:]
	f.Private.Sites = f.Private.Sites[1:]
	f.Sites[0].Accesses = nil
	n := beijing().OpenInput("04EXAMPLE")
	n.At = &filing.AtFilingInput{Type: filing.ChangeFiling, Filing: f}
	_, err := filing.Open(n, filingtest.Applicant, filingtest.October2023)
	found := fault.Of(err).Findings
	if len(found) != 1 || found[0].Code != filing.CodeChangeSiteShell || strings.Contains(found[0].Message.Chinese+found[0].Remedy.Chinese, "网站") {
		t.Errorf("%v", err)
	}
}

// TestNamesOfApps: the fixed form of an individual's website in Jiangsu does not apply to an app.
func TestNamesOfApps(t *testing.T) {
	for _, kind := range number.Services {
		a := filingtest.IndividualZhejiang()
		if kind != number.Site {
			a = a.AsService(kind)
		}
		a.Opening.Province, a.Subject.Division, a.Sites[0].Name = "32", "320102", "小测的记事本"
		w := filingtest.OpenAt(t, a, filingtest.October2023, filing.CollectDetails)
		c, err := w.Order.Apply(filing.EnterDetails{Subject: a.Subject, Sites: a.Sites}, filingtest.Applicant, w.At)
		if found := findings(c, err); found.Has(sitename.JiangsuIndividual) != (kind == number.Site) {
			t.Errorf("%s: %v", kind.Name(), found)
		}
	}
}
