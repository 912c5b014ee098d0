package filing_test

import (
	"slices"
	"testing"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/filing/register"
	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// clerk is a person who leads no site of the filed company.
func clerk(f register.Filing) filing.Leader {
	l := f.Private.Sites[0].Leader
	l.Name, l.Certificate.Number = "示例戊", filingtest.ResidentID("11010119880505000")
	l.Mobile, l.EmergencyPhone, l.Email = "19900000008", "010-00000088", "clerk@example.com"
	return l
}

// editable returns the details of a filing, for changes.
func editable(f register.Filing) (filing.Subject, []filing.Site) {
	sites := slices.Clone(f.Private.Sites)
	for i := range sites {
		sites[i].Domains = slices.Clone(sites[i].Domains)
	}
	return f.Private.Subject, sites
}

// TestChangeOfSiteLeader: a change of a site's leader asks for the new leader's papers and liveness only, and reaches the register.
func TestChangeOfSiteLeader(t *testing.T) {
	f := filingtest.Filed(t, filingtest.EnterpriseBeijing(), filingtest.December2019)
	w := filingtest.OpenChange(t, f, filingtest.December2019)
	if w.Order.Step != filing.CollectDetails || w.Order.Private.Subject.Name != f.Private.Subject.Name || len(w.Order.Private.Sites) != 1 {
		t.Fatalf("the order opens at %s with %d sites", w.Order.Step, len(w.Order.Private.Sites))
	}
	w.App.Sites[0].Leader = clerk(f)
	w.AdvanceTo(filing.CollectEvidence)
	want := []evidence.Slot{"sites/0/leader-certificate-back", "sites/0/leader-certificate-front", "sites/0/verification-form"}
	var required []evidence.Slot
	for slot := range w.RequiredEvidence() {
		required = append(required, slot)
	}
	slices.Sort(required)
	if !slices.Equal(required, want) {
		t.Errorf("papers %v, want %v", required, want)
	}
	w.AdvanceTo(filing.AwaitConfirmation)
	var changed []string
	for _, d := range w.Order.Summary().Changes {
		changed = append(changed, d.Pointer)
	}
	if !slices.Contains(changed, "/sites/0/leader/name") || slices.ContainsFunc(changed, func(p string) bool { return p == "/subject/name" }) {
		t.Errorf("changes %v", changed)
	}
	w.AdvanceTo(filing.AwaitBureau)
	w.Decide(filing.TheBureau, filing.Receive{Sequence: 1})
	c := w.Decide(filing.TheBureau, w.Approval())
	if c.Register == nil || c.Register.After.Private.Sites[0].Leader.Name != "示例戊" || c.Register.After.Version != f.Version+1 || c.Register.After.Sites[0].Accesses[0].MinistryID == "" {
		t.Errorf("register %+v", c.Register)
	}
}

// refusedChange returns the places of the findings that refuse a change.
func refusedChange(w *filingtest.Walk, subject filing.Subject, sites []filing.Site) []string {
	o := w.Order
	o.Register = w.Register
	_, err := o.Apply(filing.EnterDetails{Subject: subject, Sites: sites}, filingtest.Applicant, w.At)
	return blockingPlaces(fault.Of(err).Findings)
}

// blockingPlaces returns the blocking findings as "code pointer", sorted.
func blockingPlaces(found finding.List) []string {
	var all []string
	for _, f := range found {
		if f.Severity == finding.Block {
			all = append(all, string(f.Code)+" "+f.Pointer)
		}
	}
	slices.Sort(all)
	return all
}

// TestChangeNotOffered: a filing that cannot be changed through us is refused before anything is entered.
func TestChangeNotOffered(t *testing.T) {
	whole := filingtest.Filed(t, filingtest.EnterpriseJiangsu(), filingtest.December2019)
	for _, tc := range []struct {
		name   string
		spoil  func(*register.Filing)
		access []int
		want   []string
	}{
		{"as it is", func(*register.Filing) {}, []int{0}, nil},
		{"no site", func(f *register.Filing) { f.Sites, f.Private.Sites = nil, nil }, nil, []string{"change-of-shell "}},
		{"a site without access", func(f *register.Filing) { f.Sites[1].Accesses = nil }, nil, []string{"change-of-shell-site "}},
		{"no site with an access", func(f *register.Filing) { f.Sites[0].Accesses, f.Sites[1].Accesses = nil, nil }, nil, []string{"change-of-shell-site ", "change-of-shell-site "}},
		{"hosted elsewhere", func(f *register.Filing) { f.Sites[0].Accesses[0].Ours, f.Sites[1].Accesses[0].Ours = false, false }, nil, []string{"change-without-access "}},
		{"the access of another provider", func(f *register.Filing) { f.Sites[1].Accesses[0].Ours = false }, []int{0, 1}, []string{"change-access-not-ours /access/1"}},
		{"the access of sites that do not exist", func(*register.Filing) {}, []int{2, -1, 1, 1}, []string{"filing-site-unknown /access/0", "filing-site-unknown /access/1", "filing-site-unknown /access/3"}},
		{"several at once", func(f *register.Filing) { f.Sites[0].Accesses, f.Sites[1].Accesses[0].Ours = nil, false }, []int{1}, []string{"change-access-not-ours /access/0", "change-of-shell-site ", "change-without-access "}},
	} {
		f := whole
		f.Sites = slices.Clone(whole.Sites)
		for i := range f.Sites {
			f.Sites[i].Accesses = slices.Clone(f.Sites[i].Accesses)
		}
		tc.spoil(&f)
		n := filingtest.EnterpriseJiangsu().OpenInput("02EXAMPLE")
		n.At = &filing.AtFilingInput{Type: filing.ChangeFiling, Filing: f, NewAccess: tc.access}
		_, err := filing.Open(n, filingtest.Applicant, filingtest.December2019)
		var got []string
		if err != nil {
			got = blockingPlaces(fault.Of(err).Findings)
		}
		if !slices.Equal(got, tc.want) {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

// TestChangeByHand: without the ministry's ids, or with a kind of certificate that the interface does not have, a change goes by hand, also over a link.
func TestChangeByHand(t *testing.T) {
	for name, tc := range map[string]struct {
		spoil func(*register.Filing)
		hand  bool
	}{
		"complete":                    {func(*register.Filing) {}, false},
		"no id of the subject":        {func(f *register.Filing) { f.MinistryID = "" }, true},
		"no id of a site":             {func(f *register.Filing) { f.Sites[1].MinistryID = "" }, true},
		"no id of an access":          {func(f *register.Filing) { f.Sites[1].Accesses[0].MinistryID = "" }, true},
		"a certificate of a new kind": {func(f *register.Filing) { f.Private.Subject.Certificate.Kind = 13 }, true},
	} {
		f := filingtest.Filed(t, filingtest.EnterpriseJiangsu(), filingtest.December2019)
		tc.spoil(&f)
		n := filingtest.EnterpriseJiangsu().OpenInput("02EXAMPLE")
		n.At = &filing.AtFilingInput{Type: filing.ChangeFiling, Filing: f}
		c, err := filing.Open(n, filingtest.Applicant, filingtest.December2019)
		if err != nil || c.Order.ConsoleOnly() != tc.hand {
			t.Errorf("%s: by hand %t, %v", name, c.Order.ConsoleOnly(), err)
		}
	}
}

// TestChangeRefused: what a change cannot touch is refused, all at once, and a change that changes nothing too.
func TestChangeRefused(t *testing.T) {
	f := filingtest.Filed(t, filingtest.EnterpriseJiangsu(), filingtest.December2019)
	for _, tc := range []struct {
		name   string
		change func(*filing.Subject, *[]filing.Site)
		want   []string
	}{
		{"nothing", func(*filing.Subject, *[]filing.Site) {}, []string{"change-nothing "}},
		{"nothing that the bureau has", func(s *filing.Subject, _ *[]filing.Site) { s.Leader.EmergencyPhone = "025-00000059" }, []string{"change-not-at-bureau /subject/leader/emergencyPhone"}},
		{"another province", func(s *filing.Subject, _ *[]filing.Site) { s.Division = "330106" }, []string{"change-province /subject/division"}},
		{"another certificate", func(s *filing.Subject, _ *[]filing.Site) { s.Certificate.Number = filingtest.BeijingFirm }, []string{"change-certificate /certificate"}},
		{"a new domain, and one of the other site", func(_ *filing.Subject, sites *[]filing.Site) {
			(*sites)[0].Domains = append((*sites)[0].Domains, "new-example.com", "jiangsu-example.cn", "jiangsu-example.com")
		}, []string{"change-domain /sites/0/domains/1", "change-domain /sites/0/domains/2", "change-domain /sites/0/domains/3"}},
		{"a site less", func(_ *filing.Subject, sites *[]filing.Site) { *sites = (*sites)[:1] }, []string{"change-sites /sites"}},
		{"a site without domains", func(_ *filing.Subject, sites *[]filing.Site) { (*sites)[0].Domains = nil }, []string{"site-domain-missing /sites/0/domains"}},
		{"one person with two names", func(s *filing.Subject, _ *[]filing.Site) { s.Leader.Name = "示例庚" }, []string{"certificate-number-of-two-names /sites/0/leader/certificate/number"}},
		{"several at once", func(s *filing.Subject, sites *[]filing.Site) {
			s.Division = "330106"
			(*sites)[1].Domains = []filing.Domain{"new-example.com"}
		}, []string{"change-domain /sites/1/domains/0", "change-province /subject/division"}},
	} {
		w := filingtest.OpenChange(t, f, filingtest.December2019)
		subject, sites := editable(f)
		tc.change(&subject, &sites)
		got := refusedChange(w, subject, sites)
		for _, want := range tc.want {
			if !slices.ContainsFunc(got, func(g string) bool {
				return g == want || want == "change-certificate /certificate" && g == "change-certificate /subject/certificate/number"
			}) {
				t.Errorf("%s: %q, want %q", tc.name, got, want)
			}
		}
		if len(tc.want) == 1 && tc.want[0] == "change-nothing " && len(got) != 1 {
			t.Errorf("%s: %q", tc.name, got)
		}
	}
}

// TestChangeLeavesOldNames: a name that the bureau filed and that stays is no obstacle, although a rule of today refuses it.
func TestChangeLeavesOldNames(t *testing.T) {
	f := filingtest.Filed(t, filingtest.EnterpriseBeijing(), filingtest.December2019)
	f.Private.Sites[0].Name = "2046"
	w := filingtest.OpenChange(t, f, filingtest.December2019)
	subject, sites := editable(f)
	sites[0].Leader = clerk(f)
	if got := refusedChange(w, subject, sites); len(got) > 0 {
		t.Errorf("an old name: %q", got)
	}
	sites[0].Name = "2047"
	if got := refusedChange(w, subject, sites); len(got) != 1 {
		t.Errorf("a new name: %q", got)
	}
}

// TestChangeOfAccess: a change asks for a server only if it was opened for that, and the register then has the new one with the ministry's id.
func TestChangeOfAccess(t *testing.T) {
	f := filingtest.Filed(t, filingtest.EnterpriseJiangsu(), filingtest.December2019)
	still := filingtest.OpenChange(t, f, filingtest.December2019)
	if _, err := still.Order.Apply(filing.ChooseProduct{Product: filingtest.Product()}, filingtest.Applicant, still.At); !fault.Of(err).Findings.Has(filing.CodeProductNotAsked) {
		t.Errorf("a change that leaves the hosting takes a server: %v", err)
	}
	w := filingtest.OpenChange(t, f, filingtest.December2019, 1)
	if w.Order.Step != filing.VerifyProduct {
		t.Fatalf("the change of an access begins at %s", w.Order.Step)
	}
	moved := filingtest.Product()
	moved.Server, moved.IPs = "server-2", []string{"8.130.2.2"}
	w.Decide(filingtest.Applicant, filing.ChooseProduct{Product: moved})
	w.AdvanceTo(filing.AwaitConfirmation)
	var changed []string
	for _, d := range w.Order.Summary().Changes {
		changed = append(changed, d.Pointer)
	}
	if want := []string{"/accesses/1/ips/0/first", "/accesses/1/ips/0/last", "/accesses/1/server"}; !slices.Equal(changed, want) {
		t.Errorf("changes %q, want %q", changed, want)
	}
	w.AdvanceTo(filing.AwaitBureau)
	w.Decide(filing.TheBureau, filing.Receive{Sequence: 1})
	sites := w.Decide(filing.TheBureau, w.Approval()).Register.After.Sites
	first, second := sites[0].Accesses[0], sites[1].Accesses[0]
	if first.Server != filingtest.Product().Server || second.Server != "server-2" || second.MinistryID != f.Sites[1].Accesses[0].MinistryID || second.IPs[0].First != "8.130.2.2" {
		t.Errorf("accesses %+v, %+v", first, second)
	}
}

// TestChangeCodes: the leaders whose data change answer a code; none does if only remarks change.
func TestChangeCodes(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(*filing.Subject, []filing.Site)
		access []int
		want   []string
	}{
		{"address of the subject", func(s *filing.Subject, _ []filing.Site) { s.Address = "示例通信路40号" }, nil, []string{"/subject/leader"}},
		{"remarks", func(s *filing.Subject, sites []filing.Site) {
			s.Remark, sites[0].Remark = "示例备注", "记录手工木作"
		}, nil, nil},
		{"name of the site", func(_ *filing.Subject, sites []filing.Site) { sites[0].Name = "木作札记" }, nil, []string{"/sites/0/leader"}},
		{"the mobile everywhere", func(s *filing.Subject, sites []filing.Site) {
			s.Leader.Mobile, sites[0].Leader.Mobile = "19900000033", "19900000033"
		}, nil, []string{"/subject/leader", "/sites/0/leader"}},
		{"the server", func(*filing.Subject, []filing.Site) {}, []int{0}, []string{"/sites/0/leader"}},
	} {
		f := filingtest.Filed(t, filingtest.IndividualZhejiang(), filingtest.December2019)
		w := filingtest.OpenChange(t, f, filingtest.December2019, tc.access...)
		if len(tc.access) > 0 {
			moved := filingtest.Product()
			moved.Server = "server-2"
			w.Decide(filingtest.Applicant, filing.ChooseProduct{Product: moved})
		}
		tc.change(&w.App.Subject, w.App.Sites)
		w.AdvanceTo(filing.InitialReview)
		w.Decide(filingtest.Reviewer, filing.ClaimOrder{})
		w.Decide(filingtest.Reviewer, filing.Pass{})
		var got []string
		if w.Order.Step == filing.VerifySMS {
			w.Decide(filing.Beian, filing.IssueCodes{NewCode: filingtest.SequentialCodes()})
			for _, code := range w.Order.SMS.Codes {
				got = append(got, code.Roles...)
			}
		}
		if !slices.Equal(got, tc.want) {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

// TestStaleChange: a filing that changes after the order began is looked at again, at the confirmation and before the transmission. What the
// applicant changed stays.
func TestStaleChange(t *testing.T) {
	f := filingtest.Filed(t, filingtest.EnterpriseJiangsu(), filingtest.December2019)
	now := f
	now.Version++
	now.Sites, now.Private.Sites = []register.FiledSite{f.Sites[1], f.Sites[0]}, []filing.Site{f.Private.Sites[1], f.Private.Sites[0]}
	now.Private.Subject.Address, now.Private.Sites[1].Remark = "示例通信路60号", "管局改过的备注"
	for _, step := range []filing.Step{filing.AwaitConfirmation, filing.Transmit} {
		w := filingtest.OpenChange(t, f, filingtest.December2019)
		w.App.Sites[0].Leader = clerk(f)
		w.AdvanceTo(step)
		papers := len(w.Order.Evidence)
		w.Register = now
		var c filing.Change
		if step == filing.AwaitConfirmation {
			c = w.Decide(filingtest.Applicant, filing.Confirm{Digest: w.Order.Summary().Digest})
			if c.Failure == nil || !c.Failure.Findings.Has(filing.CodeFilingChanged) {
				t.Errorf("the confirmation of an old filing succeeds: %v", c.Failure)
			}
		} else if c = w.Decide(filing.Beian, filing.QueueUpload{FirstID: 1}); c.QueueUpload || len(c.Notices) != 1 || c.Notices[0].Kind != filing.NoticeReturned {
			t.Errorf("a change of an old filing is sent: %+v", c.Notices)
		}
		p := w.Order.Private
		if w.Order.Step != filing.CollectDetails || !p.Findings.Has(filing.CodeFilingChanged) || w.Order.Filed.Version != now.Version {
			t.Fatalf("at %s of version %d with %v", w.Order.Step, w.Order.Filed.Version, p.Findings)
		}
		if p.Subject.Address != "示例通信路60号" || p.Sites[1].Remark != "管局改过的备注" || p.Sites[1].Leader.Name != "示例戊" || p.Sites[0].Leader.Name != f.Private.Sites[1].Leader.Name {
			t.Error("the details are not the filing of today with the applicant's changes")
		}
		if len(w.Order.Evidence) != papers || w.Order.Evidence["sites/1/leader-certificate-front"].Key == "" || len(c.DropEvidence) > 0 {
			t.Errorf("papers %d, dropped %v", len(w.Order.Evidence), c.DropEvidence)
		}
		w.App.Subject, w.App.Sites = p.Subject, p.Sites
		w.AdvanceTo(filing.AwaitBureau)
	}
	for name, gone := range map[string]register.Filing{"cancelled": {Version: 9}, "of another account": {ID: f.ID, Version: f.Version, Account: "account-2"}} {
		w := filingtest.OpenChange(t, f, filingtest.December2019)
		w.App.Sites[0].Leader = clerk(f)
		w.AdvanceTo(filing.AwaitConfirmation)
		w.Register = gone
		if c := w.Decide(filingtest.Applicant, filing.Confirm{Digest: w.Order.Summary().Digest}); c.Failure == nil || c.Failure.Findings.Has(filing.CodeFilingChanged) {
			t.Errorf("%s: %v", name, c.Failure)
		}
	}
}

// TestAnswerToChange: filed data of another change do not approve the order, unless the bureau has said that it approved it.
func TestAnswerToChange(t *testing.T) {
	f := filingtest.Filed(t, filingtest.EnterpriseBeijing(), filingtest.December2019)
	w := filingtest.OpenChange(t, f, filingtest.December2019)
	w.App.Sites[0].Leader = clerk(f)
	w.AdvanceTo(filing.AwaitBureau)
	w.Decide(filing.TheBureau, filing.Receive{Sequence: 1})
	other, same := f, w.Order.Changed()
	other.Private.Subject.Address = "示例通信路70号"
	same.Private.Subject.Address = "示例通信路70号"
	if w.Order.AnsweredBy(other) || !w.Order.AnsweredBy(same) {
		t.Errorf("answered by another change: %t, by this one: %t", w.Order.AnsweredBy(other), w.Order.AnsweredBy(same))
	}
	w.Decide(filing.TheBureau, filing.Agree{Record: w.Order.Bureau.Record})
	if w.Order.Status != filing.BureauReview || !w.Order.AnsweredBy(other) {
		t.Errorf("after the result: %s, answered %t", w.Order.Status, w.Order.AnsweredBy(other))
	}
	late := filingtest.OpenChange(t, f, filingtest.December2019)
	late.App.Sites[0].Leader = clerk(f)
	late.AdvanceTo(filing.AwaitBureau)
	late.Register.Version++ // the filed data came first
	if c := late.Decide(filing.TheBureau, filing.Agree{Record: late.Order.Bureau.Record}); late.Order.Status != filing.Approved || c.Register == nil {
		t.Errorf("the result after the filed data: %s", late.Order.Status)
	}
}
