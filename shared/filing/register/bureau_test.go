package register_test

import (
	"slices"
	"strconv"
	"testing"

	"beian/shared/filing/register"
	"beian/shared/rules/app"
	"beian/shared/rules/domainname"
	"beian/shared/rules/evidence"
	"beian/shared/rules/number"
)

// subject is the number of the invented filings.
var subject = func() number.Subject {
	n, err := number.ParseSubject("浙ICP备2024000001号")
	if err != nil {
		panic(err)
	}
	return n
}()

// filed returns a filing with sites of the running numbers, each with one domain and our access.
func filed(running ...int) register.Filing {
	f := register.Filing{ID: "f", Version: 3, Account: "a", SubjectKey: "key", Province: "33", Entity: 5, Status: register.Filed, MinistryID: "1", Number: subject,
		Papers: []register.Paper{{Order: "o", Slot: evidence.Slot(evidence.OtherDocument)}}}
	f.Private.Subject = register.Subject{Name: "示例人", Certificate: register.IdentityDocument{Kind: 2, Number: "330108198001010016"}, Leader: leader()}
	f.Private.Subject.Certificate.Validity.To = "2030-01-31"
	f.Private.FilingPassword = "0123456789abcdef0123456789abcdef"
	for _, n := range running {
		text := strconv.Itoa(n)
		f.Sites = append(f.Sites, register.FiledSite{MinistryID: "1" + text, Number: subject.Filing(n),
			Domains:  []register.FiledDomain{{MinistryID: "2" + text, Name: domainname.Domain("d" + text + "-example.com")}},
			Accesses: []register.Access{{MinistryID: "3" + text, Provider: 9, Ours: true, Server: "ecs-" + text, Placement: "33", IPs: []register.IPRange{{First: "8.130.1.1", Last: "8.130.1.1"}}}}})
		f.Private.Sites = append(f.Private.Sites, register.Site{Name: "示例" + text, Domains: []domainname.Domain{domainname.Domain("d" + text + "-example.com")}, HomeURL: "https://d" + text + "-example.com",
			PreApprovals: []register.PreApproval{{Trade: "news", Number: "A" + text, ValidUntil: "2031-01-31"}}, Leader: leader()})
	}
	return f
}

func leader() register.Leader {
	l := register.Leader{Name: "示例人", Certificate: register.IdentityDocument{Kind: 2, Number: "330108198001010016"}, Mobile: "13800000000", EmergencyPhone: "13900000000", LegalRepresentative: true}
	l.Certificate.Validity.To = "2030-01-31"
	return l
}

// atBureau returns what the ministry's interface has of a filing.
func atBureau(f register.Filing) register.Filing {
	b := register.Filing{MinistryID: f.MinistryID, Number: f.Number, Province: f.Province, Entity: f.Entity}
	strip := func(l register.Leader) register.Leader {
		l.EmergencyPhone, l.LegalRepresentative, l.Certificate.Validity.To = "", false, ""
		return l
	}
	b.Private.Subject = f.Private.Subject
	b.Private.Subject.Certificate.Validity.To, b.Private.Subject.Leader = "", strip(f.Private.Subject.Leader)
	for i, s := range f.Sites {
		s.Accesses = slices.Clone(s.Accesses)
		for k := range s.Accesses {
			s.Accesses[k].Server, s.Accesses[k].Placement = "", ""
		}
		details := f.Private.Sites[i]
		details.Leader, details.HomeURL = strip(details.Leader), register.WithoutScheme(details.HomeURL)
		details.PreApprovals = slices.Clone(details.PreApprovals)
		for k := range details.PreApprovals {
			details.PreApprovals[k].ValidUntil = ""
		}
		b.Sites, b.Private.Sites = append(b.Sites, s), append(b.Private.Sites, details)
	}
	return b
}

// changed returns the places in which two versions differ.
func changed(before, after register.Filing) []string {
	change, _ := before.Replace(after, register.Source{Kind: register.FromDownload, ID: "file"}, noon)
	return change.Entry.Changed
}

// TestBureauCarriesLess: what the interface does not carry survives: a filing as the bureau repeats it is no change.
func TestBureauCarriesLess(t *testing.T) {
	f := filed(1, 2)
	if got := changed(f, f.WithBureau(atBureau(f))); len(got) > 0 {
		t.Errorf("changed: %q", got)
	}
	if merged, missing := f.WithCopy(atBureau(f)); len(missing) > 0 || len(changed(f, merged)) > 0 {
		t.Errorf("changed: %q, missing %+v", changed(f, merged), missing)
	}
}

// TestBureauLeavesOut: a value of an optional element that the bureau leaves out stays.
func TestBureauLeavesOut(t *testing.T) {
	f := filed(1)
	f.Private.Subject.Investor, f.Private.Subject.Remark = "示例人", "备注"
	site := &f.Private.Sites[0]
	site.Remark, site.ServiceContent, site.Languages = "备注", []int{6}, []int{1}
	b := atBureau(f)
	b.Private.Subject.Investor, b.Private.Subject.Remark, b.Entity = "", "", 0
	b.Private.Sites[0] = register.Site{Name: site.Name, Domains: site.Domains, Leader: register.Leader{Name: site.Leader.Name}}
	if got := changed(f, f.WithBureau(b)); len(got) > 0 {
		t.Errorf("changed: %q", got)
	}
}

// TestWithBureau: what the bureau has otherwise is taken over, for each part of a filing.
func TestWithBureau(t *testing.T) {
	site := "/sites/浙ICP备2024000001号-1"
	for name, c := range map[string]struct {
		change func(*register.Filing)
		want   []string
	}{
		"a name":            {func(b *register.Filing) { b.Private.Subject.Name = "示例人二" }, []string{"/subject/name"}},
		"a certificate":     {func(b *register.Filing) { b.Private.Subject.Certificate.Number = "330108198001010024" }, []string{"/subject/certificate/number", "/subject/certificate/validity"}},
		"a leader's mobile": {func(b *register.Filing) { b.Private.Subject.Leader.Mobile = "13700000000" }, []string{"/subject/leader/mobile"}},
		"a site's name":     {func(b *register.Filing) { b.Private.Sites[0].Name = "示例新" }, []string{site + "/details/name"}},
		"a new licence": {func(b *register.Filing) {
			b.Private.Sites[0].PreApprovals = []register.PreApproval{{Trade: "news", Number: "B1"}}
		}, []string{site + "/details/preApprovals/0/number", site + "/details/preApprovals/0/validUntil"}},
		"an address": {func(b *register.Filing) {
			b.Sites[0].Accesses[0].IPs = []register.IPRange{{First: "8.130.1.9", Last: "8.130.1.9"}}
		}, []string{site + "/filed/accesses/0/ips/0/first", site + "/filed/accesses/0/ips/0/last"}},
		"another provider too": {func(b *register.Filing) {
			b.Sites[0].Accesses = append(b.Sites[0].Accesses, register.Access{MinistryID: "77", Provider: 8})
		}, []string{site + "/filed/accesses/1"}},
		"ids": {func(b *register.Filing) { b.MinistryID, b.Sites[0].MinistryID = "5", "6" }, []string{"/ministryId", site + "/filed/ministryId"}},
		"a new site": {func(b *register.Filing) {
			more := filed(3)
			b.Sites, b.Private.Sites = append(b.Sites, more.Sites...), append(b.Private.Sites, more.Private.Sites...)
		}, []string{"/sites/浙ICP备2024000001号-3"}},
	} {
		f := filed(1)
		b := atBureau(f)
		c.change(&b)
		if got := changed(f, f.WithBureau(b)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// TestSitesThatTheBureauLacks: filed data end a site that they lack, and a full copy does not. Neither knows apps.
func TestSitesThatTheBureauLacks(t *testing.T) {
	f := filed(1, 2, 3)
	f.Sites[2].Number.Service, f.Private.Sites[2].App = number.App, &app.Details{}
	b := atBureau(filed(1))
	if got := f.WithBureau(b); len(got.Sites) != 2 || got.Sites[1].Number.Service != number.App || len(got.Private.Sites) != 2 {
		t.Errorf("filed data: %+v", got.Sites)
	}
	got, missing := f.WithCopy(b)
	if len(got.Sites) != 3 || len(got.Private.Sites) != 3 || len(missing) != 1 || missing[0].Number.Running != 2 {
		t.Errorf("a copy: %+v, missing %+v", got.Sites, missing)
	}
}

// TestMatchedSites: a site is the same by the ministry's id, else by its number, else by a domain.
func TestMatchedSites(t *testing.T) {
	for name, change := range map[string]func(*register.FiledSite){
		"id":     func(s *register.FiledSite) { s.Number, s.Domains = subject.Filing(9), nil },
		"number": func(s *register.FiledSite) { s.MinistryID, s.Domains = "", nil },
		"domain": func(s *register.FiledSite) { s.MinistryID, s.Number = "999", subject.Filing(9) },
	} {
		f := filed(1, 2)
		b := atBureau(f)
		change(&b.Sites[1])
		got := f.WithBureau(b)
		if len(got.Sites) != 2 || got.Private.Sites[1].Leader.EmergencyPhone == "" {
			t.Errorf("%s: %+v", name, got.Sites)
		}
	}
}

// TestWithout: what the bureau cancelled is gone, and another provider's ids and a second cancellation are no difference.
func TestWithout(t *testing.T) {
	for name, c := range map[string]struct {
		after  func(register.Filing) register.Filing
		status register.Status // "" is no change
		sites  int
	}{
		"the subject":     {func(f register.Filing) register.Filing { return f.Without(register.SubjectPart, "1") }, register.Cancelled, 2},
		"another subject": {func(f register.Filing) register.Filing { return f.Without(register.SubjectPart, "2") }, "", 0},
		"a site":          {func(f register.Filing) register.Filing { return f.Without(register.SitePart, "11") }, register.Filed, 1},
		"a site twice":    {func(f register.Filing) register.Filing { return f.Without(register.SitePart, "19") }, "", 0},
		"an access":       {func(f register.Filing) register.Filing { return f.Without(register.AccessPart, "31") }, register.Filed, 2},
		"another access":  {func(f register.Filing) register.Filing { return f.Without(register.AccessPart, "11") }, "", 0},
		"the subject by number": {func(f register.Filing) register.Filing {
			return f.WithoutNumbered(register.SubjectPart, subject.String())
		}, register.Cancelled, 2},
		"a site by number": {func(f register.Filing) register.Filing {
			return f.WithoutNumbered(register.SitePart, subject.String()+"-2")
		}, register.Filed, 1},
		"our access by number": {func(f register.Filing) register.Filing {
			return f.WithoutNumbered(register.AccessPart, subject.String()+"-2")
		}, register.Filed, 2},
		"another site by number": {func(f register.Filing) register.Filing {
			return f.WithoutNumbered(register.SitePart, subject.String()+"-9")
		}, "", 0},
		"all sites, a shell then": {func(f register.Filing) register.Filing {
			return f.Without(register.SitePart, "11").Without(register.SitePart, "12")
		}, register.Shell, 0},
	} {
		f := filed(1, 2)
		change, changed := f.Replace(c.after(f), register.Source{Kind: register.FromDownload, ID: "file"}, noon)
		if changed != (c.status != "") || changed && (change.After.Status != c.status || len(change.After.Sites) != c.sites || len(change.After.Private.Sites) != c.sites) {
			t.Errorf("%s: %t, %s, %d sites", name, changed, change.After.Status, len(change.After.Sites))
		}
		if (change.After.CancelledOn != "") != (c.status == register.Cancelled) {
			t.Errorf("%s: cancelled on %q", name, change.After.CancelledOn)
		}
		if len(f.Sites) != 2 || len(f.Sites[0].Accesses) != 1 {
			t.Errorf("%s changed the version before", name)
		}
	}
}
