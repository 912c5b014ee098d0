package domainfacts_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"beian/shared/rules/certificate"
	"beian/shared/rules/domainfacts"
	"beian/shared/rules/finding"
	"beian/shared/rules/person"
	"beian/shared/rules/province"
	"beian/shared/rules/workday"
)

// now is Friday, 20 November 2026, noon in Shanghai.
var now = time.Date(2026, 11, 20, 12, 0, 0, 0, workday.Shanghai)

const day = 24 * time.Hour

// good returns facts without findings about a domain of a subject.
func good(subject person.Name) domainfacts.Facts {
	return domainfacts.Facts{
		Source: domainfacts.Registrar, AskedAt: now, Registered: domainfacts.Yes, Registrar: "阿里云计算有限公司（万网）",
		RegisteredAt: now.AddDate(-1, 0, 0), ExpiresAt: now.AddDate(1, 0, 0), Holder: subject, SameCertificate: domainfacts.Yes,
		Verified: domainfacts.Yes, VerifiedAt: now.AddDate(-1, 0, 0), Page: domainfacts.No,
	}
}

func expectation(entity certificate.EntityKind, subject person.Name, code province.Code) domainfacts.Expectation {
	return domainfacts.Expectation{Domain: "example.cn", Subject: subject, Entity: entity, Province: code.Province()}
}

// severities returns the findings as "code severity".
func severities(found finding.List) []string {
	var all []string
	for _, f := range found {
		all = append(all, string(f.Code)+" "+string(f.Severity))
	}
	return all
}

// TestDomainItself: "域名本身" is the commonest refusal of all. What is certain blocks; what is unknown or not certain warns.
func TestDomainItself(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*domainfacts.Facts)
		want   string // "code severity", several separated by commas
	}{
		"nothing wrong":                     {func(*domainfacts.Facts) {}, ""},
		"no source answered":                {func(f *domainfacts.Facts) { *f = domainfacts.Facts{Page: domainfacts.No} }, "domain-facts-unknown warn"},
		"nothing is known":                  {func(f *domainfacts.Facts) { *f = domainfacts.Facts{} }, "domain-facts-unknown warn"},
		"not registered":                    {func(f *domainfacts.Facts) { f.Registered = domainfacts.No }, "domain-not-registered block"},
		"not in the public directory":       {func(f *domainfacts.Facts) { f.Source, f.Registered = domainfacts.RDAP, domainfacts.No }, "domain-not-registered warn"},
		"another person":                    {func(f *domainfacts.Facts) { f.Holder = "另一示例" }, "domain-holder-differs block"},
		"another company":                   {func(f *domainfacts.Facts) { f.Holder = "另一家示例有限公司" }, "domain-holder-differs block"},
		"holder hidden":                     {func(f *domainfacts.Facts) { f.Holder = "" }, "domain-holder-hidden warn"},
		"holder masked":                     {func(f *domainfacts.Facts) { f.Holder = "示*" }, "domain-holder-hidden warn"},
		"holder redacted":                   {func(f *domainfacts.Facts) { f.Holder = "REDACTED FOR PRIVACY" }, "domain-holder-hidden warn"},
		"holder unreadable":                 {func(f *domainfacts.Facts) { f.Holder = "示\ufffd\ufffd" }, "domain-holder-hidden warn"},
		"holder not readable by the source": {func(f *domainfacts.Facts) { f.Holder = "示?人" }, "domain-holder-hidden warn"},
		"no holder in words":                {func(f *domainfacts.Facts) { f.Holder = "未公开" }, "domain-holder-hidden warn"},
		"holder in English":                 {func(f *domainfacts.Facts) { f.Holder = "Shili Ren" }, "domain-holder-hidden warn"},
		"holder masked in the middle":       {func(f *domainfacts.Facts) { f.Holder = person.NormalizeName("示*人") }, "domain-holder-hidden warn"},
		"RDAP names another": {func(f *domainfacts.Facts) {
			f.Source, f.Holder, f.Verified = domainfacts.RDAP, "另一家示例有限公司", domainfacts.Unknown
		}, "domain-holder-hidden warn"},
		"other certificate": {func(f *domainfacts.Facts) { f.SameCertificate = domainfacts.No }, "domain-holder-other-certificate warn"},
		"not verified":      {func(f *domainfacts.Facts) { f.Verified, f.VerifiedAt = domainfacts.No, time.Time{} }, "domain-not-verified block"},
		"verified at an unknown time": {func(f *domainfacts.Facts) { f.VerifiedAt = time.Time{} },
			"domain-facts-incomplete warn"},
		"verification unknown":    {func(f *domainfacts.Facts) { f.Verified = domainfacts.Unknown }, "domain-facts-incomplete warn"},
		"verified yesterday":      {func(f *domainfacts.Facts) { f.VerifiedAt = now.Add(-day) }, "domain-verified-recently block"},
		"a minute before 3 days":  {func(f *domainfacts.Facts) { f.VerifiedAt = now.Add(-3*day + time.Minute) }, "domain-verified-recently block"},
		"3 days ago":              {func(f *domainfacts.Facts) { f.VerifiedAt = now.Add(-3 * day) }, "domain-verification-syncing warn"},
		"5 working days ago":      {func(f *domainfacts.Facts) { f.VerifiedAt = now.Add(-7 * day) }, ""},
		"expired":                 {func(f *domainfacts.Facts) { f.ExpiresAt = now }, "domain-expired block"},
		"expires in 30 days":      {func(f *domainfacts.Facts) { f.ExpiresAt = now.Add(30 * day) }, "domain-expires-soon block"},
		"a day before 3 months":   {func(f *domainfacts.Facts) { f.ExpiresAt = now.AddDate(0, 3, -1) }, "domain-expires-soon block"},
		"in 3 months":             {func(f *domainfacts.Facts) { f.ExpiresAt = now.AddDate(0, 3, 0) }, ""},
		"expiry unknown":          {func(f *domainfacts.Facts) { f.ExpiresAt = time.Time{} }, "domain-facts-incomplete warn"},
		"registrar unknown":       {func(f *domainfacts.Facts) { f.Registrar = "" }, "domain-facts-incomplete warn"},
		"registrar abroad":        {func(f *domainfacts.Facts) { f.Registrar = "Example Domains, Inc." }, "domain-registrar-unlisted warn"},
		"registrar by its number": {func(f *domainfacts.Facts) { f.Registrar, f.RegistrarID = "HiChina (www.net.cn)", 1599 }, ""},
		"registrar in English":    {func(f *domainfacts.Facts) { f.Registrar = "Alibaba Cloud Computing (Beijing) Co., Ltd." }, ""},
		"registrar of the same name abroad": {func(f *domainfacts.Facts) { f.Registrar = "Alibaba Cloud US LLC" },
			"domain-registrar-unlisted warn"},
		"on hold":      {func(f *domainfacts.Facts) { f.OnHold = true }, "domain-on-hold warn"},
		"blacklisted":  {func(f *domainfacts.Facts) { f.Blacklisted = true }, "domain-blacklisted block"},
		"has a page":   {func(f *domainfacts.Facts) { f.Page = domainfacts.Yes }, "domain-has-page warn"},
		"page unknown": {func(f *domainfacts.Facts) { f.Page = domainfacts.Unknown }, "domain-facts-incomplete warn"},
		"several": {func(f *domainfacts.Facts) { f.Holder, f.ExpiresAt, f.Page = "另一示例", now, domainfacts.Yes },
			"domain-holder-differs block,domain-expired block,domain-has-page warn"},
	} {
		t.Run(name, func(t *testing.T) {
			f := good("示例人")
			c.change(&f)
			found := f.Check(expectation(certificate.Individual, "示例人", "11"), now)
			if got := strings.Join(severities(found), ","); got != c.want {
				t.Errorf("findings %q, want %q", got, c.want)
			}
			for _, one := range found {
				text := one.Message.Chinese + one.Message.English + one.Remedy.Chinese + one.Remedy.English
				if strings.ContainsAny(text, "{}") || strings.Contains(text, "另一") || !slices.Contains(domainfacts.Codes, one.Code) {
					t.Errorf("%s: a placeholder is left, the holder is named, or the code is not listed: %s", one.Code, text)
				}
			}
		})
	}
}

// TestDatesInFindings: the applicant reads when the domain can be filed, and until when it must be renewed.
func TestDatesInFindings(t *testing.T) {
	f := good("示例人")
	f.VerifiedAt, f.ExpiresAt = now.Add(-day), now.Add(30*day)
	found := f.Check(expectation(certificate.Individual, "示例人", "11"), now)
	if len(found) != 2 || !strings.Contains(found[0].Message.Chinese, "2026-11-22 12:00") || !strings.Contains(found[1].Message.Chinese, "2026-12-20") ||
		!strings.Contains(found[1].Remedy.Chinese, "2027-02-20") || !strings.Contains(found[1].Remedy.English, "3 months") {
		t.Errorf("%+v", found)
	}
}

// TestHolderOfUnit: in law a shareholder, a principal or an executive may hold the domain of a unit, but some bureaus accept only the unit.
func TestHolderOfUnit(t *testing.T) {
	for _, c := range []struct {
		holder   person.Name
		province province.Code
		want     string
	}{
		{"示例（北京）科技有限公司", "11", ""},
		{"示例(北京)科技 有限公司", "11", ""}, // width and spaces do not matter
		{"示例人", "11", "domain-holder-is-person warn"},
		{"阿卜杜热依木·买买提", "11", "domain-holder-is-person warn"},
		{"另一家示例有限公司", "11", "domain-holder-differs block"},
		{"示例人", "31", "domain-holder-differs block"},
		{"示例人", "54", "domain-holder-differs block"},
		{"", "31", "domain-holder-hidden warn"},
	} {
		f := good(c.holder)
		found := f.Check(expectation(certificate.Enterprise, "示例（北京）科技有限公司", c.province), now)
		if got := strings.Join(severities(found), ","); got != c.want {
			t.Errorf("holder %d characters in %s: %q, want %q", len([]rune(c.holder.Reveal())), c.province, got, c.want)
		}
	}
}

// TestHolderWithRareCharacter: the bureau cannot read 𬭎, so the applicant files with a substitute; the registrar has the character, or one for
// private use. The names cannot be compared there, which is no reason to refuse the domain.
func TestHolderWithRareCharacter(t *testing.T) {
	for _, c := range []struct {
		subject, holder person.Name
		same            domainfacts.Answer
		want            string
	}{
		{"示例〇", "示例𬭎", domainfacts.Unknown, "domain-holder-rare-character warn"},
		{"示例〇", "示例\ue000", domainfacts.Unknown, "domain-holder-rare-character warn"},
		{"示例宏", "示例𬭎", domainfacts.Unknown, "domain-holder-rare-character warn"},
		{"示例〇", "示例宏", domainfacts.Unknown, "domain-holder-rare-character warn"},
		{"示例宏", "示例〇", domainfacts.Unknown, "domain-holder-rare-character warn"},
		{"示例〇", "示例𬭎", domainfacts.Yes, ""},
		{"示例〇", "示例𬭎", domainfacts.No, "domain-holder-rare-character warn"},
		{"示例𬭎", "示例𬭎", domainfacts.Unknown, ""}, // of a bureau that reads GB18030
		{"示例〇", "另一𬭎", domainfacts.Yes, "domain-holder-differs block"},
		{"示例〇", "示例一𬭎", domainfacts.Yes, "domain-holder-differs block"},
		{"示例宏", "示例弘", domainfacts.Yes, "domain-holder-differs block"},
	} {
		f := good(c.holder)
		f.SameCertificate = c.same
		if got := strings.Join(severities(f.Check(expectation(certificate.Individual, c.subject, "11"), now)), ","); got != c.want {
			t.Errorf("%+q held by %+q: %q, want %q", c.subject.Reveal(), c.holder.Reveal(), got, c.want)
		}
	}
}

// TestHolderWithLatinName: systems write given and family name in either order.
func TestHolderWithLatinName(t *testing.T) {
	for holder, want := range map[person.Name]string{
		"SAMPLE JANE": "", "Jane Sample": "", "Sample, Jane": "", "JANE-SAMPLE": "", "John Sample": "domain-holder-differs block", "Jane": "domain-holder-differs block",
	} {
		if got := strings.Join(severities(good(holder).Check(expectation(certificate.Individual, "JANE SAMPLE", "11"), now)), ","); got != want {
			t.Errorf("%s: %q, want %q", holder.Reveal(), got, want)
		}
	}
}

// TestHolderOfSoleTrader: a sole trader without a name files under the operator's name, in some provinces with a mark.
func TestHolderOfSoleTrader(t *testing.T) {
	if found := good("示例人").Check(expectation(certificate.Enterprise, "示例人（个体工商户）", "31"), now); len(found) > 0 {
		t.Errorf("%v", severities(found))
	}
}

// TestValidityByProvince: Shandong asks for 45 days, one source of Shanghai for 6 months, all others for 3 months.
func TestValidityByProvince(t *testing.T) {
	for _, c := range []struct {
		province province.Code
		days     int
		want     string
	}{
		{"37", 44, "domain-expires-soon block"}, {"37", 45, ""}, {"37", 60, ""},
		{"31", 60, "domain-expires-soon block"}, {"31", 120, "domain-expires-soon warn"}, {"31", 190, ""},
		{"44", 60, "domain-expires-soon block"}, {"44", 120, ""},
	} {
		f := good("示例人")
		f.ExpiresAt = now.AddDate(0, 0, c.days)
		if got := strings.Join(severities(f.Check(expectation(certificate.Individual, "示例人", c.province), now)), ","); got != c.want {
			t.Errorf("%d days in %s: %q, want %q", c.days, c.province, got, c.want)
		}
	}
}

// TestBefore2018: the ministry did not compare filings with registrations before 2018.
func TestBefore2018(t *testing.T) {
	if found := (domainfacts.Facts{}).Check(expectation(certificate.Individual, "示例人", "11"), time.Date(2017, 12, 31, 0, 0, 0, 0, workday.Shanghai)); len(found) > 0 {
		t.Errorf("%v", found)
	}
}

// TestUnconfirmed: the applicant has renewed the domain, or changed its holder, and the source is down. What it said before does not refuse the
// domain again; a reviewer decides. The blacklist is our own.
func TestUnconfirmed(t *testing.T) {
	down := domainfacts.Facts{AskedAt: now, Page: domainfacts.No}
	for name, c := range map[string]struct {
		change func(*domainfacts.Facts)
		want   string
	}{
		"nothing wrong":  {func(*domainfacts.Facts) {}, ""},
		"expired":        {func(f *domainfacts.Facts) { f.ExpiresAt = now }, "domain-facts-unknown warn,domain-expired warn"},
		"another holder": {func(f *domainfacts.Facts) { f.Holder = "另一示例" }, "domain-facts-unknown warn,domain-holder-differs warn"},
		"a warning":      {func(f *domainfacts.Facts) { f.OnHold = true }, "domain-on-hold warn"},
		"blacklisted":    {func(f *domainfacts.Facts) { f.Blacklisted = true }, "domain-blacklisted block"},
	} {
		f := good("示例人")
		c.change(&f)
		f = f.Update(down)
		if got := strings.Join(severities(f.Check(expectation(certificate.Individual, "示例人", "11"), now)), ","); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		if !f.Outdated(now.Add(11 * time.Minute)) {
			t.Errorf("%s: the source is not asked again soon", name)
		}
		if again := f.Update(good("示例人")); again.Unconfirmed {
			t.Errorf("%s: an answer does not confirm", name)
		}
	}
}

func TestOutdatedAndUpdate(t *testing.T) {
	known := good("示例人")
	unknown := domainfacts.Facts{AskedAt: now, Page: domainfacts.Yes}
	if known.Outdated(now.Add(day)) || !known.Outdated(now.Add(day+1)) || unknown.Outdated(now.Add(10*time.Minute)) || !unknown.Outdated(now.Add(11*time.Minute)) ||
		!(domainfacts.Facts{}).Outdated(now) {
		t.Error("outdated")
	}
	unknown.AskedAt = now.Add(day)
	kept := known.Update(unknown)
	if kept.Holder != known.Holder || kept.Page != domainfacts.Yes || !kept.AskedAt.Equal(known.AskedAt) {
		t.Errorf("a source that is down erased what was known: %+v", kept)
	}
	if next := known.Update(good("另一示例")); next.Holder != "另一示例" {
		t.Error("new facts do not replace the old ones")
	}
}
