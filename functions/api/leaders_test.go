package api_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/rules/certificate"
	"beian/shared/rules/contact"
	"beian/shared/rules/finding"
	"beian/shared/rules/person"
	"beian/shared/rules/workday"
	"beian/shared/web"
)

// company returns the nth company, with two leaders that no other company has.
func company(n int) filingtest.Application {
	app := filingtest.NumberedEnterprise(n)
	for i, l := range []*filing.Leader{&app.Subject.Leader, &app.Sites[0].Leader} {
		serial := 10*n + i + 100
		l.Name = person.Name("示例" + string([]rune("甲乙丙丁戊己庚辛壬癸")[n]) + string([]rune("子丑")[i]))
		l.Certificate.Number = filingtest.ResidentID(fmt.Sprintf("1101011985%02d%02d000", i+1, n+1))
		l.Mobile, l.EmergencyPhone = contact.Mobile(fmt.Sprintf("199%08d", serial)), contact.Phone(fmt.Sprintf("010-%08d", serial))
		l.Email = contact.Email(fmt.Sprintf("leader%d@example.com", serial))
	}
	return app
}

// applicantOf is the nth company's applicant.
func (f *fixture) applicantOf(n int) client {
	return f.clientAs(fmt.Sprintf("account-%d", n), "applicant")
}

// orderAtDetails opens the order of the nth company, with the account of its applicant, and advances it to its details.
func (f *fixture) orderAtDetails(n int, app filingtest.Application) (order string) {
	f.t.Helper()
	id := f.applicantOf(n).do("POST /orders", openingBody(app)).wantStatus(201).id()
	f.determineType(id)
	server := fmt.Sprintf("server-%d", n)
	f.putServer(server, fmt.Sprintf("account-%d", n))
	f.applicantOf(n).do("PUT /orders/"+id+"/product", map[string]any{"server": server}).wantStatus(200)
	return "/orders/" + id
}

func (f *fixture) enterDetails(n int, order string, app filingtest.Application) answer {
	f.t.Helper()
	return f.applicantOf(n).do("PUT "+order+"/details", map[string]any{"subject": app.Subject, "sites": app.Sites}).wantStatus(200)
}

// detailed opens the order of the nth company and enters its details.
func (f *fixture) detailed(n int, app filingtest.Application) (order string, answer answer) {
	f.t.Helper()
	order = f.orderAtDetails(n, app)
	return order, f.enterDetails(n, order, app)
}

// elsewhere returns the warnings about leaders of other subjects, as "code pointer".
func (a answer) elsewhere() []string {
	var warnings []string
	for _, f := range a.findings() {
		if strings.HasSuffix(string(f.Code), "-of-other-subject") {
			if f.Severity != finding.Warn {
				a.t.Errorf("%s has severity %s", f.Code, f.Severity)
			}
			warnings = append(warnings, string(f.Code)+" "+f.Pointer)
		}
	}
	return warnings
}

// wantMatches fails the test unless an administrator sees these matches: "kind pointer[ pointer…] -> path[ path…]".
func (f *fixture) wantMatches(order string, want ...string) answer {
	f.t.Helper()
	seen := f.admin().do("GET "+order, nil).wantStatus(200)
	var got []string
	matches, _ := seen.body["matches"].([]any)
	for i := range matches {
		line := seen.value("matches", i, "kind").(string)
		for k := range seen.value("matches", i, "pointers").([]any) {
			line += " " + seen.value("matches", i, "pointers", k).(string)
		}
		line += " ->"
		for k := range seen.value("matches", i, "orders").([]any) {
			path := seen.value("matches", i, "orders", k, "href").(string)
			if !strings.HasSuffix(path, "/"+seen.value("matches", i, "orders", k, "id").(string)) {
				f.t.Errorf("the link %s is not that of the id", path)
			}
			line += " " + strings.TrimPrefix(path, web.Prefix)
		}
		got = append(got, line)
	}
	if !slices.Equal(got, want) {
		f.t.Errorf("the administrator who reads %s sees\n%s\nwant\n%s", order, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	return seen
}

// leaderOfTwoSubjects: two applicants name the same site leader. The second is warned without learning of whom, the reviewers of both
// orders see the other one, and nothing is left when the first order is withdrawn.
func leaderOfTwoSubjects(t *testing.T, f *fixture) {
	one, two := company(1), company(2)
	two.Sites[0].Leader = one.Sites[0].Leader
	first, answer := f.detailed(1, one)
	if warnings := answer.elsewhere(); warnings != nil {
		t.Errorf("the first applicant is warned: %q", warnings)
	}
	second, answer := f.detailed(2, two)
	warnings := []string{"leader-of-other-subject /sites/0/leader/certificate/number", "phone-of-other-subject /sites/0/leader/mobile",
		"phone-of-other-subject /sites/0/leader/emergencyPhone", "email-of-other-subject /sites/0/leader/email"}
	me := f.applicantOf(2)
	read := me.do("GET "+second, nil).wantStatus(200)
	for _, seen := range []struct{ text, of string }{{answer.text, "PUT details"}, {read.text, "GET"}} {
		for _, secret := range []string{strings.TrimPrefix(first, "/orders/"), "matches", one.Opening.Domains[0], one.Opening.Certificate.Number.Reveal(), "account-1",
			one.Subject.Leader.Name.Reveal()} {
			if strings.Contains(seen.text, secret) {
				t.Errorf("the answer to %s names %s", seen.of, secret)
			}
		}
	}
	if got := answer.elsewhere(); !slices.Equal(got, warnings) || !slices.Equal(read.elsewhere(), warnings) {
		t.Errorf("the second applicant reads %q", got)
	}
	matchesWith := func(order string) []string {
		return []string{"certificate /sites/0/leader/certificate/number -> " + order, "phone /sites/0/leader/mobile -> " + order,
			"phone /sites/0/leader/emergencyPhone -> " + order, "email /sites/0/leader/email -> " + order}
	}
	tag := f.wantMatches(first, matchesWith(second)...).headers["Etag"]
	f.wantMatches(second, matchesWith(first)...)
	f.wantNotStored(one.Sites[0].Leader.Certificate.Number.Reveal(), one.Sites[0].Leader.Mobile.Reveal(), one.Sites[0].Leader.Email.Reveal(), one.Sites[0].Leader.EmergencyPhone.Reveal())

	// The first applicant has not been warned, because the second came later. The confirmation looks again.
	f.uploadRequired(f.applicantOf(1), first)
	f.passLiveness(f.applicantOf(1), strings.TrimPrefix(first, "/orders/"), 0).wantStatus(200)
	digest := f.applicantOf(1).do("GET "+first+"/summary", nil).wantStatus(200).value("digest")
	confirmed := f.applicantOf(1).do("POST "+first+"/confirmation", map[string]any{"digest": digest}).wantStatus(200).wantValue("SUBMITTED", "status")
	if got := confirmed.elsewhere(); !slices.Equal(got, warnings) || strings.Contains(confirmed.text, strings.TrimPrefix(second, "/orders/")) {
		t.Errorf("the first applicant reads %q at the confirmation", got)
	}

	// After a withdrawal nothing matches, and the reviewer does not see the earlier warnings.
	f.applicantOf(1).do("POST "+first+"/withdrawal", nil).wantStatus(202)
	f.decide(strings.TrimPrefix(first, "/orders/"), filing.Close{})
	for range 2 {
		if left := f.wantMatches(second).elsewhere(); left != nil {
			t.Errorf("the reviewer reads %q", left)
		}
	}
	f.wantMatches(first)
	if got := f.enterDetails(2, second, two).elsewhere(); got != nil {
		t.Errorf("after the withdrawal the second applicant reads %q", got)
	}
	// The version of the order has not changed, but the matches have.
	f.admin().do("GET "+first, nil, "if-none-match", tag).wantStatus(200)
}

// matchesByKind: each kind of value is found in the fields in which it is an indication, and only there.
func matchesByKind(t *testing.T, f *fixture) {
	one := company(1)
	first, _ := f.detailed(1, one)
	for i, c := range []struct {
		name          string
		change        func(*filingtest.Application)
		warning, want string // of the second order
	}{
		{"nothing in common", func(*filingtest.Application) {}, "", ""},
		{"a leader's mobile in an emergency", func(a *filingtest.Application) {
			a.Subject.Leader.EmergencyPhone = contact.Phone("+86 " + one.Sites[0].Leader.Mobile.Reveal())
		}, "phone-of-other-subject /subject/leader/emergencyPhone", "phone /subject/leader/emergencyPhone"},
		{"an emergency phone that two leaders share", func(a *filingtest.Application) {
			a.Subject.Leader.EmergencyPhone, a.Sites[0].Leader.EmergencyPhone = one.Subject.Leader.EmergencyPhone, one.Subject.Leader.EmergencyPhone
		}, "phone-of-other-subject /subject/leader/emergencyPhone", "phone /subject/leader/emergencyPhone /sites/0/leader/emergencyPhone"},
		{"an email in capitals", func(a *filingtest.Application) { a.Sites[0].Leader.Email = "LEADER110@example.com" },
			"email-of-other-subject /sites/0/leader/email", "email /sites/0/leader/email"},
		// A typing error in another order must not block this applicant, who could not correct it. Both reviewers see the two names.
		{"a certificate number under another name", func(a *filingtest.Application) { a.Sites[0].Leader.Certificate = one.Subject.Leader.Certificate },
			"leader-of-other-subject /sites/0/leader/certificate/number", "certificate-under-another-name /sites/0/leader/certificate/number"},
		{"an office phone", func(a *filingtest.Application) { a.Subject.Leader.OfficePhone = one.Subject.Leader.OfficePhone }, "", ""},
		{"a namesake", func(a *filingtest.Application) { a.Subject.Leader.Name = one.Subject.Leader.Name }, "", ""},
	} {
		two := company(i + 2)
		c.change(&two)
		second, answer := f.detailed(i+2, two)
		if got := strings.Join(answer.elsewhere(), ", "); got != c.warning {
			t.Errorf("%s: the applicant reads %q, want %q", c.name, got, c.warning)
		}
		if c.want == "" {
			f.wantMatches(second)
		} else {
			f.wantMatches(second, c.want+" -> "+first)
		}
		f.applicantOf(i+2).do("POST "+second+"/abandonment", nil).wantStatus(202)
		f.decide(strings.TrimPrefix(second, "/orders/"), filing.Close{})
	}
	f.wantMatches(first)
}

// correctedLeader: correcting the details changes the matches, repeating them changes nothing, and details that are refused
// do not tell whether a value is used elsewhere.
func correctedLeader(t *testing.T, f *fixture) {
	one, two := company(1), company(2)
	first, _ := f.detailed(1, one)
	mistyped := company(2)
	mistyped.Sites[0].Leader.Certificate = one.Subject.Leader.Certificate
	second := f.orderAtDetails(2, two)

	refused := mistyped
	refused.Subject.Address = ""
	answer := f.applicantOf(2).do("PUT "+second+"/details", map[string]any{"subject": refused.Subject, "sites": refused.Sites}).wantStatus(422, "address-missing /subject/address")
	if got := answer.elsewhere(); got != nil {
		t.Errorf("refused details are answered with %q", got)
	}
	f.enterDetails(2, second, mistyped)
	f.wantMatches(second, "certificate-under-another-name /sites/0/leader/certificate/number -> "+first)
	mistyped.Sites[0].Leader.Name = one.Subject.Leader.Name
	f.enterDetails(2, second, mistyped)
	f.wantMatches(second, "certificate /sites/0/leader/certificate/number -> "+first)
	f.wantMatches(first, "certificate /subject/leader/certificate/number -> "+second)
	before := f.leaderRows()
	f.enterDetails(2, second, mistyped)
	if after := f.leaderRows(); !slices.Equal(after, before) {
		t.Errorf("repeating the details changes the index: %d rows, before %d", len(after), len(before))
	}
	if got := f.enterDetails(2, second, two).elsewhere(); got != nil {
		t.Errorf("after the correction the applicant reads %q", got)
	}
	f.wantMatches(second)
	f.wantMatches(first)
}

// erasedLeader: a filed order matches until it is erased. An order whose key is missing is erased from the index, too, without its
// personal data.
func erasedLeader(t *testing.T, f *fixture) {
	filed := filingtest.EnterpriseBeijing() // orderAt uses account-1
	id := f.orderAt(filed, filing.Transmit)
	two := company(2)
	two.Sites[0].Leader.Mobile = filed.Subject.Leader.Mobile
	second, _ := f.detailed(2, two)
	walk := filingtest.Walk{T: t, Order: f.readOrder(id)}
	walk.Order.Bureau = &filing.BureauState{Record: id + "-1"}
	approval := walk.Approval()
	f.decide(id, filing.QueueUpload{FirstID: 1})
	f.decide(id, approval)
	f.decide(id, filing.AnnounceResult{})
	f.decide(id, filing.SetDuties{})
	f.wantMatches(second, "phone /sites/0/leader/mobile -> /orders/"+id)

	f.now = f.now.AddDate(0, 0, 30)
	ended := map[string]any{"filingEnded": string(workday.DateOf(f.now))}
	f.now = f.now.AddDate(0, 0, 93)
	f.admin().do("POST /orders/"+id+"/erasure", ended).wantStatus(202).wantValue(true, "erased")
	f.wantMatches(second)
	f.wantMatches("/orders/" + id)

	third := company(3)
	third.Subject.Leader.Mobile = two.Sites[0].Leader.Mobile
	lost, _ := f.detailed(3, third)
	f.wantMatches(second, "phone /sites/0/leader/mobile -> "+lost)
	if err := f.store.Encrypter.DeleteKey(t.Context(), strings.TrimPrefix(lost, "/orders/")); err != nil {
		t.Fatal(err)
	}
	f.admin().do("POST "+lost+"/erasure", map[string]any{}).wantStatus(202).wantValue("EXPIRED", "status")
	f.wantMatches(second)
	for _, row := range f.leaderRows() {
		if !strings.HasSuffix(row, strings.TrimPrefix(second, "/orders/")) {
			t.Errorf("the index has a row of an erased order: %s", row)
		}
	}
}

// replacedLeaders replaces the leaders of ten sites, which is the largest change of the index. It must fit into one transaction.
func replacedLeaders(t *testing.T, f *fixture) {
	app := company(1)
	app.Opening.Domains, app.Sites = nil, nil
	fill := func(shift int) {
		app.Sites = nil
		for i := range filing.DomainLimit {
			site := company(1).Sites[0]
			domain := fmt.Sprintf("replaced-%d.cn", i)
			if shift == 0 {
				app.Opening.Domains = append(app.Opening.Domains, domain)
			}
			site.Name, site.HomeURL, site.Domains = "样例"+string([]rune("甲乙丙丁戊己庚辛壬癸")[i])+"科技", "", []filing.Domain{filing.Domain(domain)}
			serial := shift + i
			site.Leader.Name = person.Name("示例" + string([]rune("子丑寅卯辰巳午未申酉戌亥角亢氐房心尾箕斗牛女虚")[serial]))
			site.Leader.Certificate.Number = filingtest.ResidentID(fmt.Sprintf("110101198003%02d000", serial+1))
			site.Leader.Mobile, site.Leader.EmergencyPhone = contact.Mobile(fmt.Sprintf("198%08d", serial)), contact.Phone(fmt.Sprintf("010-5%07d", serial))
			site.Leader.Email = contact.Email(fmt.Sprintf("site%d@example.com", serial))
			app.Sites = append(app.Sites, site)
		}
		app.Subject.Leader.Certificate = filing.IdentityDocument{Kind: certificate.ResidentID, Validity: app.Subject.Leader.Certificate.Validity,
			Number: filingtest.ResidentID(fmt.Sprintf("110101197003%02d000", shift+1))}
		app.Subject.Leader.Mobile, app.Subject.Leader.EmergencyPhone = contact.Mobile(fmt.Sprintf("197%08d", shift)), contact.Phone(fmt.Sprintf("010-6%07d", shift))
		app.Subject.Leader.Email = contact.Email(fmt.Sprintf("head%d@example.com", shift))
	}
	fill(0)
	order, _ := f.detailed(1, app)
	before := f.leaderRows()
	fill(filing.DomainLimit)
	f.applicantOf(1).do("PUT "+order+"/details", map[string]any{"subject": app.Subject, "sites": app.Sites}, "idempotency-key", "replace").wantStatus(200)
	after := f.leaderRows()
	if len(before) != 44 || len(after) != 44 || slices.ContainsFunc(after, func(row string) bool { return slices.Contains(before, row) }) {
		t.Errorf("%d rows before, %d after; want 44 other ones", len(before), len(after))
	}
}

// leaderRows returns the keys of the index of leaders.
func (f *fixture) leaderRows() []string {
	f.t.Helper()
	var rows []string
	for _, row := range f.backupTable() {
		if pk := textOf(row["pk"]); strings.HasPrefix(pk, "LEADER#") {
			rows = append(rows, pk+" "+textOf(row["sk"]))
		}
	}
	slices.Sort(rows)
	return rows
}

func textOf(value types.AttributeValue) string { return value.(*types.AttributeValueMemberS).Value }
