package upkeep_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"beian/shared/filing/register"
	"beian/shared/filing/upkeep"
	"beian/shared/rules/certificate"
	"beian/shared/rules/domainfacts"
	"beian/shared/rules/domainname"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/rules/person"
	"beian/shared/rules/workday"
)

const site = "京ICP备2021000001号-1"

// opened is the day on which the site opened, a working day.
const opened workday.Date = "2021-01-04"

// filed returns a filing of a company with one site on our server.
func filed(t *testing.T) register.Filing {
	t.Helper()
	n, err := number.ParseFiling(site)
	if err != nil {
		t.Fatal(err)
	}
	f := register.Filing{ID: "01FILING", Version: 1, Province: "11", Entity: certificate.Enterprise, Status: register.Filed, Number: n.Subject, Sites: []register.FiledSite{
		{Number: n, Domains: []register.FiledDomain{{Name: "owing.example.cn"}}, Accesses: []register.Access{{Ours: true, Server: "server-1", IPs: []register.IPRange{{First: "8.130.1.1", Last: "8.130.1.1"}}}}},
	}, Papers: []register.Paper{{Order: "01ORDER", Slot: "commitment-letter"}}}
	f.Private.Subject.Name = "示例公司"
	f.Private.Sites = []register.Site{{Domains: []domainname.Domain{"owing.example.cn"}}}
	return f
}

func at(day workday.Date, hour int) time.Time { return day.Time().Add(time.Duration(hour) * time.Hour) }

// follow returns the upkeep of the filing after its approval.
func follow(t *testing.T, f register.Filing) upkeep.Upkeep {
	t.Helper()
	return apply(t, upkeep.Upkeep{Filing: f.ID}, f, upkeep.Follow{Opened: map[string]workday.Date{site: opened}}, at(opened, 9))
}

func apply(t *testing.T, u upkeep.Upkeep, f register.Filing, d upkeep.Decision, now time.Time) upkeep.Upkeep {
	t.Helper()
	after, err := u.Apply(d, f, now)
	if err != nil {
		t.Fatalf("%s: %v", d.Name(), err)
	}
	return after
}

// kinds returns the kinds of the duties that are reminded of now.
func kinds(u upkeep.Upkeep, f register.Filing, now time.Time) []upkeep.Key {
	reminders, _ := u.Due(u.Duties(f, now), now)
	var all []upkeep.Key
	for _, r := range reminders {
		all = append(all, r.Duty.Key)
	}
	return all
}

// TestDecisions: what an account records is checked, and a repetition changes nothing. Individuals and elastic web hosting have no commercial site (S23).
func TestDecisions(t *testing.T) {
	f := filed(t)
	individual := filed(t)
	individual.Entity = certificate.Individual
	hosted := filed(t)
	hosted.Sites[0].Accesses[0].Modes = []int64{3}
	cancelled := filed(t)
	cancelled.Status = register.Cancelled
	now := at(opened, 12)
	for name, c := range map[string]struct {
		f    register.Filing
		d    upkeep.Decision
		want finding.Code // "" is accepted
	}{
		"a public-security number":        {f, upkeep.RecordPublicSecurity{Site: site, Number: " 京公网安备 11010502030123 号"}, ""},
		"words":                           {f, upkeep.RecordPublicSecurity{Site: site, Number: "已办理"}, upkeep.CodePolice},
		"a number of another kind":        {f, upkeep.RecordPublicSecurity{Site: site, Number: site}, upkeep.CodePolice},
		"an unknown site":                 {f, upkeep.RecordPublicSecurity{Site: "京ICP备2021000001号-2", Number: "京公网安备11010502030123号"}, upkeep.CodeSiteUnknown},
		"a cancelled filing":              {cancelled, upkeep.SayCommercial{Site: site}, upkeep.CodeNotStanding},
		"it charges":                      {f, upkeep.SayCommercial{Site: site, Commercial: true}, ""},
		"an individual charges":           {individual, upkeep.SayCommercial{Site: site, Commercial: true}, upkeep.CodeNotCommercial},
		"elastic web hosting charges":     {hosted, upkeep.SayCommercial{Site: site, Commercial: true}, upkeep.CodeNotCommercial},
		"an individual does not":          {individual, upkeep.SayCommercial{Site: site}, ""},
		"a licence":                       {f, upkeep.RecordLicence{Site: site, Number: "京B2-20210001", ValidUntil: "2026-01-04"}, ""},
		"a filing number as a licence":    {f, upkeep.RecordLicence{Site: site, Number: "京ICP备2021000001号", ValidUntil: "2026-01-04"}, upkeep.CodeLicenceNumber},
		"a licence that has ended":        {f, upkeep.RecordLicence{Site: site, Number: "京B2-20210001", ValidUntil: "2021-01-03"}, upkeep.CodeDay},
		"a licence for a century":         {f, upkeep.RecordLicence{Site: site, Number: "京B2-20210001", ValidUntil: "2121-01-03"}, upkeep.CodeDay},
		"no day":                          {f, upkeep.RecordLicence{Site: site, Number: "京B2-20210001", ValidUntil: "2021-02-30"}, upkeep.CodeDay},
		"a report without licence":        {f, upkeep.RecordReport{Site: site}, upkeep.CodeNoLicence},
		"a letter":                        {f, upkeep.RecordLetter{Letter: "commitment-letter", ValidUntil: "2022-01-04"}, ""},
		"an unknown letter":               {f, upkeep.RecordLetter{Letter: "other", ValidUntil: "2022-01-04"}, upkeep.CodeLetter},
		"no reminders of domains":         {f, upkeep.Mute{Key: upkeep.DomainExpires, Muted: true}, ""},
		"no reminders of public security": {f, upkeep.Mute{Key: upkeep.PublicSecurity, Muted: true}, upkeep.CodeNotMutable},
		"no reminders of nothing":         {f, upkeep.Mute{Key: "nothing", Muted: true}, upkeep.CodeNotMutable},
	} {
		u := follow(t, f)
		after, err := u.Apply(c.d, c.f, now)
		if c.want != "" {
			if !fault.Of(err).Findings.Has(c.want) {
				t.Errorf("%s: %v, want %s", name, err, c.want)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if _, err := after.Apply(c.d, c.f, now.Add(time.Hour)); !errors.Is(err, upkeep.ErrNothingToDo) {
			t.Errorf("%s, repeated: %v", name, err)
		}
	}
}

// TestJumpOfAYear: after a jump of the clock by a year, no reminder of what is over is sent, and of what was missed the last alone.
func TestJumpOfAYear(t *testing.T) {
	f := filed(t)
	u := apply(t, follow(t, f), f, upkeep.RecordLetter{Letter: "commitment-letter", ValidUntil: "2022-01-20"}, at(opened, 10))
	year := at("2022-01-04", 9)
	if got := kinds(u, f, year); !slices.Equal(got, []upkeep.Key{upkeep.LetterEnds}) {
		t.Errorf("reminders of %v", got)
	}
	owed := u.Duties(f, year)
	reminders, over := u.Due(owed, year)
	if len(over) != 2 { // the public-security filing, and whether the site charges
		t.Errorf("%d duties are over", len(over))
	}
	u = u.Settle(owed, reminders, over, year)
	if reminders, over := u.Due(owed, year); len(reminders)+len(over) > 0 {
		t.Errorf("again: %v, %v", reminders, over)
	}
	if next := u.NextDue(owed, year); !next.Equal(at("2022-01-13", 9).UTC()) {
		t.Errorf("next at %v", next)
	}
}

// TestLicence: a site that charges needs the licence (S23); with it, its end and its report in each year after the first are due.
func TestLicence(t *testing.T) {
	f := filed(t)
	u := apply(t, follow(t, f), f, upkeep.SayCommercial{Site: site, Commercial: true}, at(opened, 12))
	if got := kinds(u, f, at(opened, 12)); !slices.Equal(got, []upkeep.Key{upkeep.LicenceMissing}) {
		t.Errorf("%v", got)
	}
	u = apply(t, u, f, upkeep.RecordLicence{Site: site, Number: "京B2-20210001", ValidUntil: "2026-01-04"}, at(opened, 13))
	u = apply(t, u, f, upkeep.RecordPublicSecurity{Site: site, Number: "京公网安备11010502030123号"}, at(opened, 13))
	if got := kinds(u, f, at("2021-03-01", 9)); got != nil {
		t.Errorf("in the first year: %v", got)
	}
	if got := kinds(u, f, at("2022-03-01", 9)); !slices.Equal(got, []upkeep.Key{upkeep.LicenceReport}) {
		t.Errorf("in the next March: %v", got)
	}
	u = apply(t, u, f, upkeep.RecordReport{Site: site}, at("2022-03-02", 9))
	if got := kinds(u, f, at("2022-06-23", 9)); got != nil {
		t.Errorf("after the report: %v", got)
	}
}

// TestChanges: each thing that no longer matches the register is found, and its application.
func TestChanges(t *testing.T) {
	today := at("2021-06-01", 9)
	good := domainfacts.Facts{Registered: domainfacts.Yes, SameCertificate: domainfacts.Yes, Registrar: "a", ExpiresAt: today.AddDate(1, 0, 0)}
	server := upkeep.Server{ExpiresOn: "2022-01-01", IPs: []string{"8.130.1.1"}}
	for name, c := range map[string]struct {
		edit func(f *register.Filing, d *domainfacts.Facts, s *upkeep.Server)
		want []finding.Code
		act  upkeep.Act
	}{
		"nothing":        {func(*register.Filing, *domainfacts.Facts, *upkeep.Server) {}, nil, ""},
		"another holder": {func(_ *register.Filing, d *domainfacts.Facts, _ *upkeep.Server) { d.SameCertificate = domainfacts.No }, []finding.Code{upkeep.CodeDomainHolder}, upkeep.ActCancelAccess},
		"a holder's name": {func(_ *register.Filing, d *domainfacts.Facts, _ *upkeep.Server) {
			d.Holder = person.Name("另一家示例公司")
		}, []finding.Code{upkeep.CodeDomainHolder}, upkeep.ActCancelAccess},
		"an expired domain": {func(_ *register.Filing, d *domainfacts.Facts, _ *upkeep.Server) {
			d.ExpiresAt = today.AddDate(0, 0, -2)
		}, []finding.Code{upkeep.CodeDomainGone}, upkeep.ActCancelAccess},
		"another registrar": {func(_ *register.Filing, d *domainfacts.Facts, _ *upkeep.Server) { d.Registrar = "b" }, []finding.Code{upkeep.CodeDomainRegistrar}, ""},
		"no server":         {func(_ *register.Filing, _ *domainfacts.Facts, s *upkeep.Server) { *s = upkeep.Server{} }, []finding.Code{upkeep.CodeServerGone, upkeep.CodeShellRisk}, upkeep.ActCancelAccess},
		"another address":   {func(_ *register.Filing, _ *domainfacts.Facts, s *upkeep.Server) { s.IPs = []string{"8.130.9.9"} }, []finding.Code{upkeep.CodeServerAddress}, upkeep.ActChange},
		"another province":  {func(f *register.Filing, _ *domainfacts.Facts, _ *upkeep.Server) { f.Province = "33" }, []finding.Code{upkeep.CodeProvince}, upkeep.ActChange},
		"an ended certificate": {func(f *register.Filing, _ *domainfacts.Facts, _ *upkeep.Server) {
			f.Private.Subject.Certificate.Validity.To = "2021-05-31"
		}, []finding.Code{upkeep.CodeCertificateExpired}, upkeep.ActChange},
		"a leader's certificate": {func(f *register.Filing, _ *domainfacts.Facts, _ *upkeep.Server) {
			f.Private.Sites[0].Leader.Certificate.Validity.To = "2021-05-31"
		}, []finding.Code{upkeep.CodeLeaderExpired}, upkeep.ActChange},
	} {
		f, d, s := filed(t), good, server
		u := upkeep.Upkeep{Registrars: map[domainname.Domain]string{"owing.example.cn": "a"}}
		c.edit(&f, &d, &s)
		found := u.Changes(f, f.Sites[0], f.Private.Sites[0], upkeep.Facts{Domains: map[domainname.Domain]domainfacts.Facts{"owing.example.cn": d}, Servers: map[string]upkeep.Server{"server-1": s}}, today)
		var codes []finding.Code
		for _, one := range found {
			codes = append(codes, one.Code)
		}
		if !slices.Equal(codes, c.want) {
			t.Errorf("%s: %v, want %v", name, codes, c.want)
		}
		if len(codes) > 0 && upkeep.ActOf(codes[0]) != c.act {
			t.Errorf("%s: %q, want %q", name, upkeep.ActOf(codes[0]), c.act)
		}
	}
}

// TestSilentRegistrar: what was found about a domain stays open while its registrar does not answer, and a transfer to another registrar is found once.
func TestSilentRegistrar(t *testing.T) {
	f := filed(t)
	name, servers := domainname.Domain("owing.example.cn"), map[string]upkeep.Server{"server-1": {ExpiresOn: "2030-01-01", IPs: []string{"8.130.1.1"}}}
	ask := func(u upkeep.Upkeep, day workday.Date, answers map[domainname.Domain]domainfacts.Facts) upkeep.Upkeep {
		t.Helper()
		return apply(t, u, f, upkeep.Follow{Domains: map[domainname.Domain]workday.Date{name: ""}, Facts: upkeep.Facts{Domains: answers, Servers: servers}}, at(day, 9))
	}
	codes := func(u upkeep.Upkeep) (all []finding.Code) {
		for _, found := range u.Sites[site].Findings {
			all = append(all, found.Code)
		}
		return all
	}
	answer := func(registrar string, same domainfacts.Answer) map[domainname.Domain]domainfacts.Facts {
		return map[domainname.Domain]domainfacts.Facts{name: {Registered: domainfacts.Yes, Registrar: registrar, SameCertificate: same}}
	}
	u := ask(follow(t, f), "2021-02-01", answer("a", domainfacts.No))
	for _, c := range []struct {
		day     workday.Date
		answers map[domainname.Domain]domainfacts.Facts
		want    []finding.Code
	}{
		{"2021-03-01", nil, []finding.Code{upkeep.CodeDomainHolder}},
		{"2021-04-01", answer("a", domainfacts.Yes), nil},
		{"2021-05-01", answer("b", domainfacts.Yes), []finding.Code{upkeep.CodeDomainRegistrar}},
		{"2021-05-20", nil, []finding.Code{upkeep.CodeDomainRegistrar}},
		{"2021-06-01", answer("b", domainfacts.Yes), nil},
	} {
		if u = ask(u, c.day, c.answers); !slices.Equal(codes(u), c.want) {
			t.Errorf("on %s: %v, want %v", c.day, codes(u), c.want)
		}
	}
}

// TestLeaderLeft: a leader who left is a duty at once wherever they lead, until another person is filed or it was a mistake; a new mobile does not end it.
func TestLeaderLeft(t *testing.T) {
	f := filed(t)
	now := at(opened, 10)
	site := f.Sites[0].Number.String()
	u := follow(t, f)
	owes := func(u upkeep.Upkeep, f register.Filing, of string) bool {
		return slices.ContainsFunc(u.Duties(f, now), func(d upkeep.Duty) bool {
			return d.Key == upkeep.Changed && d.Found.Code == upkeep.CodeLeaderLeft && d.Site == of && !d.Reminders[0].After(now)
		})
	}
	f.Private.Sites[0].Leader.Name = "示例另一负责人"
	if _, err := u.Apply(upkeep.ReportLeaderLeft{Site: "京ICP备2021000001号-9", Left: true}, f, now); err == nil {
		t.Error("an unknown site has a leader")
	}
	if _, err := u.Apply(upkeep.ReportLeaderLeft{}, f, now); !errors.Is(err, upkeep.ErrNothingToDo) {
		t.Errorf("a leader who was not said to have left stays: %v", err)
	}
	left := apply(t, u, f, upkeep.ReportLeaderLeft{Site: site, Left: true}, now)
	if !owes(left, f, site) || owes(left, f, "") {
		t.Errorf("owed: %v", left.Duties(f, now))
	}
	if back := apply(t, left, f, upkeep.ReportLeaderLeft{Site: site}, now); owes(back, f, site) || len(back.Departed) != 0 {
		t.Error("a mistake is owed")
	}
	changed := f
	changed.Private.Sites = slices.Clone(f.Private.Sites)
	changed.Private.Sites[0].Leader.Mobile = "13800000007"
	if !owes(left, changed, site) {
		t.Error("a new mobile is taken for a new leader")
	}
	changed.Private.Sites[0].Leader.Name = "示例新负责人"
	changed.Version++
	if owes(left, changed, site) {
		t.Error("it is owed after the change")
	}
	if after := apply(t, left, changed, upkeep.Follow{}, now); len(after.Departed) != 0 {
		t.Errorf("kept: %v", after.Departed)
	}
	both := f
	both.Private.Sites = slices.Clone(f.Private.Sites)
	both.Private.Sites[0].Leader = f.Private.Subject.Leader
	if u := apply(t, u, both, upkeep.ReportLeaderLeft{Left: true}, now); !owes(u, both, "") || !owes(u, both, site) {
		t.Error("the same person leads the site")
	}
}

// TestNoEnd: what ends on the last day of the calendar does not end, and owes nothing.
func TestNoEnd(t *testing.T) {
	f, now := filed(t), at("2021-02-03", 9)
	owed := len(follow(t, f).Duties(f, now))
	f.Private.Subject.Certificate.Validity.To = "9999-12-31"
	u := apply(t, follow(t, f), f, upkeep.Follow{Domains: map[domainname.Domain]workday.Date{"owing.example.cn": "9999-12-31"}}, now)
	if _, over := u.Due(u.Duties(f, now), now); len(u.Duties(f, now)) != owed || len(over) != 0 {
		t.Errorf("owes %v, over are %v", u.Duties(f, now), over)
	}
}
