package dynamo_test

import (
	"fmt"
	"slices"
	"testing"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/rules/domainname"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/rules/person"
)

// newFiling returns the n-th filing of an account, with one site on the domains. It is not stored.
func (d *fixture) newFiling(n int, account register.Account, domains ...domainname.Domain) register.Filing {
	d.t.Helper()
	running, err := number.ParseFiling(fmt.Sprintf("京ICP备%d号-1", 30000000+n))
	if err != nil {
		d.t.Fatal(err)
	}
	site := register.FiledSite{MinistryID: fmt.Sprint(5000 + n), Number: running}
	for _, name := range domains {
		site.Domains = append(site.Domains, register.FiledDomain{Name: name})
	}
	f := register.Filing{ID: register.ID(fmt.Sprintf("01FILED%04d", n)), Account: account, SubjectKey: fmt.Sprintf("subject-%d", n), Province: "11",
		MinistryID: fmt.Sprint(4000 + n), Number: running.Subject, Sites: []register.FiledSite{site}}
	f.Private.Subject.Name = person.Name(fmt.Sprintf("示例公司%d", n))
	f.Private.Sites = []register.Site{{Name: "示例网站", Domains: domains}}
	return f
}

// replace stores the next version of a filing.
func (d *fixture) replace(before, after register.Filing) (register.Filing, error) {
	d.t.Helper()
	change, changed := before.Replace(after, register.Source{Kind: register.FromImport, ID: "import-1"}, d.now())
	if !changed {
		d.t.Fatal("the filing does not change")
	}
	return change.After, d.CommitFiling(d.t.Context(), change)
}

// storeFiling stores a filing or its next version, which must succeed.
func (d *fixture) storeFiling(before, after register.Filing) register.Filing {
	d.t.Helper()
	stored, err := d.replace(before, after)
	if err != nil {
		d.t.Fatal(err)
	}
	return stored
}

// rowsOfOthers: a filing neither overwrites nor deletes what finds another filing.
func rowsOfOthers(t *testing.T, d *fixture) {
	a := d.storeFiling(register.Filing{}, d.newFiling(1, "account-1", "a.example.cn", "b.example.cn"))
	owner := func(domain filing.Domain) string {
		t.Helper()
		found, err := d.DomainRegistration(t.Context(), domain)
		if err != nil {
			t.Fatal(err)
		}
		return found.SubjectKey
	}
	for name, c := range map[string]struct {
		change func(f *register.Filing)
		code   finding.Code
	}{
		"domain":         {func(f *register.Filing) { f.Sites[0].Domains[0].Name = "a.example.cn" }, register.CodeDomainTaken},
		"number":         {func(f *register.Filing) { f.Number = a.Number }, register.CodeNumberTaken},
		"subject":        {func(f *register.Filing) { f.SubjectKey = a.SubjectKey }, register.CodeSubjectTaken},
		"ministry's ids": {func(f *register.Filing) { f.MinistryID = a.MinistryID }, register.CodeMinistryIDTaken},
	} {
		t.Run(name, func(t *testing.T) {
			f := d.newFiling(2, "account-2", "other.example.cn")
			c.change(&f)
			_, err := d.replace(register.Filing{}, f)
			d.wantFault(err, fault.Conflict, c.code)
		})
	}
	if found, err := d.FilingByNumber(t.Context(), a.Number); err != nil || found.ID != a.ID || owner("a.example.cn") != a.SubjectKey {
		t.Errorf("%v, %v; the domain is filed for %s", found.ID, err, owner("a.example.cn"))
	}
	// A site moves: the first filing loses a domain, the second files it, and then the first is cancelled.
	moved := a
	moved.Sites = slices.Clone(a.Sites)
	moved.Sites[0].Domains = a.Sites[0].Domains[:1]
	before := a
	a = d.storeFiling(a, moved)
	b := d.storeFiling(register.Filing{}, d.newFiling(2, "account-2", "b.example.cn"))
	cancelled := a
	cancelled.Status = register.Cancelled
	a = d.storeFiling(a, cancelled)
	if got := owner("b.example.cn"); got != b.SubjectKey || owner("a.example.cn") != "" {
		t.Errorf("the domain is filed for %q", got)
	}
	// A change that is decided on an outdated version deletes nothing.
	outdated := before
	outdated.Sites = nil
	_, err := d.replace(before, outdated)
	if d.wantFault(err, fault.Stale, ""); owner("b.example.cn") != b.SubjectKey {
		t.Error("an outdated change deleted a row of another filing")
	}
	if found, err := d.FilingByNumber(t.Context(), a.Number); err != nil || found.Status != register.Cancelled {
		t.Errorf("%+v, %v", found.Status, err)
	}
}

// overwrittenRows: rows that lead to another filing than the one that changes stay, whatever wrote them.
func overwrittenRows(t *testing.T, d *fixture) {
	a := d.storeFiling(register.Filing{}, d.newFiling(1, "account-1", "a.example.cn"))
	b := d.storeFiling(register.Filing{}, d.newFiling(2, "account-2", "b.example.cn"))
	lost := a
	lost.Sites = slices.Clone(a.Sites)
	lost.Sites[0].Domains = b.Sites[0].Domains // what an earlier version of Beian could store
	without := lost
	without.Sites = nil
	if _, err := d.replace(lost, without); err != nil {
		t.Fatal(err)
	}
	if found, err := d.DomainRegistration(t.Context(), "b.example.cn"); err != nil || found.SubjectKey != b.SubjectKey {
		t.Errorf("%+v, %v", found, err)
	}
}

// filingsOfAccount: an account that has several filings has each of them, until it is cancelled.
func filingsOfAccount(t *testing.T, d *fixture) {
	subjects := func(want ...string) {
		t.Helper()
		found, err := d.Registration(t.Context(), "subject-9", "account-1")
		if slices.Sort(found.SubjectKeys); err != nil || !slices.Equal(found.SubjectKeys, want) {
			t.Errorf("%q, %v, want %q", found.SubjectKeys, err, want)
		}
	}
	a := d.storeFiling(register.Filing{}, d.newFiling(1, "account-1", "a.example.cn"))
	b := d.storeFiling(register.Filing{}, d.newFiling(2, "account-1", "b.example.cn"))
	subjects(a.SubjectKey, b.SubjectKey)
	if named, err := d.FilingsByName(t.Context(), a.Private.Subject.Name, 5); err != nil || len(named) != 1 || named[0].ID != a.ID {
		t.Errorf("%d filings by name, %v", len(named), err)
	}
	cancelled := b
	cancelled.Status = register.Cancelled
	d.storeFiling(b, cancelled)
	subjects(a.SubjectKey)
}

// domainsOfApps: a domain leads to the filing of its website first, then to those of apps that use it. Only the website's has the domain, so that another
// subject's app can be filed with it.
func domainsOfApps(t *testing.T, d *fixture) {
	found := func(limit int, want ...register.ID) {
		t.Helper()
		filings, err := d.FilingsByDomain(t.Context(), "a.example.cn", limit)
		var got []register.ID
		for _, f := range filings {
			got = append(got, f.ID)
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%q, %v, want %q", got, err, want)
		}
	}
	app := d.newFiling(1, "account-1", "a.example.cn")
	app.Sites[0].Number.Service = number.App
	a := d.storeFiling(register.Filing{}, app)
	found(10, a.ID)
	if domain, err := d.DomainRegistration(t.Context(), "a.example.cn"); err != nil || domain.SubjectKey != "" {
		t.Errorf("the domain is filed for %q, %v", domain.SubjectKey, err)
	}
	b := d.storeFiling(register.Filing{}, d.newFiling(2, "account-2", "a.example.cn"))
	both := b
	both.Sites = append(slices.Clone(b.Sites), register.FiledSite{Number: number.Filing{Subject: b.Number, Running: 9, Service: number.App}, Domains: b.Sites[0].Domains})
	both.Private.Sites = append(slices.Clone(b.Private.Sites), register.Site{Name: "示例应用"})
	both = d.storeFiling(b, both)
	found(10, b.ID, a.ID)
	found(1, b.ID)
	if named, err := d.FilingsByName(t.Context(), b.Private.Subject.Name, 10); err != nil || !slices.ContainsFunc(named, func(f register.Filing) bool { return f.ID == b.ID }) {
		t.Errorf("%d filings with the name, %v", len(named), err)
	}
	cancelled := a
	cancelled.Status = register.Cancelled
	d.storeFiling(a, cancelled)
	found(10, b.ID)
}

// largeFilings: a filing with more parts than one transaction of the database can write is stored and found by each.
func largeFilings(t *testing.T, d *fixture) {
	f := d.newFiling(1, "account-1")
	f.Sites, f.Private.Sites = nil, nil
	for i := range 120 {
		site := register.FiledSite{MinistryID: fmt.Sprint(7000 + i), Number: number.Filing{Subject: f.Number, Running: i + 1},
			Domains: []register.FiledDomain{{Name: domainname.Domain(fmt.Sprintf("large-%d.example.cn", i))}}}
		f.Sites, f.Private.Sites = append(f.Sites, site), append(f.Private.Sites, register.Site{})
	}
	f = d.storeFiling(register.Filing{}, f)
	for _, i := range []int{0, 119} {
		found, err := d.FilingByMinistryID(t.Context(), register.SitePart, fmt.Sprint(7000+i))
		if err != nil || found.ID != f.ID {
			t.Errorf("%s, %v", found.ID, err)
		}
		domain, err := d.DomainRegistration(t.Context(), f.Sites[i].Domains[0].Name)
		if err != nil || domain.SubjectKey != f.SubjectKey {
			t.Errorf("%+v, %v", domain, err)
		}
	}
	cancelled := f
	cancelled.Status = register.Cancelled
	f = d.storeFiling(f, cancelled)
	if found, err := d.DomainRegistration(t.Context(), f.Sites[119].Domains[0].Name); err != nil || found.SubjectKey != "" {
		t.Errorf("%+v, %v", found, err)
	}
}
