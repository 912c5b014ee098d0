package api_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/filing/register"
	"beian/shared/rules/domainname"
	"beian/shared/rules/number"
)

func planned(domains ...string) []map[string]any {
	var list []map[string]any
	for _, d := range domains {
		list = append(list, map[string]any{"domain": d})
	}
	return list
}

// plans: a plan for a subject that the account has not filed, from a list and from a file. Nothing is stored.
func plans(t *testing.T, f *fixture) {
	me := f.applicant()
	subject := map[string]any{"province": "42", "entityKind": 4}
	me.do("POST /plans", map[string]any{"subject": subject, "domains": planned("a-example.cn", "b-example.cn", "a-example.cn"), "server": "server-9"}).wantStatus(200).
		wantValue("FIRST", "orders", 0, "type").wantValue("ADD_SITE_OWN", "orders", 1, "type").
		wantValue(float64(2), "domains", 1, "order").wantValue("domain-twice", "domains", 2, "findings", 0, "code").wantValue(false, "ready")
	f.putServer("server-1", "account-1")
	six := planned("a-example.cn", "b-example.cn", "c-example.cn", "d-example.cn", "e-example.cn", "f-example.cn")
	me.do("POST /plans", map[string]any{"subject": subject, "domains": six, "server": "server-1"}).
		wantStatus(200, "plan-assumes-subject /subject", "plan-asks-bureau ", "plan-assumes-not-filed /subject/filedElsewhere", "plan-assumes-leaders ", "plan-server-quota /server")
	table, err := simplifiedchinese.GBK.NewEncoder().String("域名,备案情况\n示例.cn,未备案\nbad domain,也许\n")
	if err != nil {
		t.Fatal(err)
	}
	file := base64.StdEncoding.EncodeToString([]byte(table))
	me.do("POST /plans", map[string]any{"subject": map[string]any{"province": "11", "entityKind": 4}, "file": file}).wantStatus(200).
		wantValue(float64(2), "domains", 0, "row").wantValue("xn--fsq092h.cn", "domains", 0, "domain").wantValue("/file/3/filed", "domains", 1, "findings", 1, "pointer")
	me.do("GET /orders", nil).wantStatus(200)
	if all := me.do("GET /orders", nil).value("items").([]any); len(all) > 0 {
		t.Errorf("a plan stored %v", all)
	}

	me.do("POST /plans", map[string]any{}).wantStatus(422, "domains-missing /domains", "plan-subject-missing /subject")
	me.do("POST /plans", map[string]any{"filing": "01JCZK3V7M8N9P0Q1R2S3T4V5W", "domains": six}).wantStatus(422, "plan-filing-unknown /filing")
	me.do("POST /plans", map[string]any{"subject": subject, "domains": six, "file": file}).wantStatus(422, "plan-domains-and-file ")
	me.do("POST /plans", map[string]any{"subject": subject, "file": "no base64"}).wantStatus(422, "field-type /file")
	many := planned(strings.Split(strings.Repeat("a-example.cn ", 1001), " ")[:1001]...)
	me.do("POST /plans", map[string]any{"subject": subject, "domains": many}).wantStatus(422, "field-too-many /domains")
	long := base64.StdEncoding.EncodeToString([]byte("domain\n" + strings.Repeat("a-example.cn\n", 1001)))
	me.do("POST /plans", map[string]any{"subject": subject, "file": long}).wantStatus(422, "plan-too-many-rows /file")
	f.reviewer().do("POST /plans", map[string]any{}).wantStatus(403)
}

// file stores a filing of an account in the register.
func (f *fixture) file(account register.Account, app filingtest.Application, domains ...string) register.Filing {
	f.t.Helper()
	c := app.Opening.Certificate
	key, err := f.store.SubjectKey(f.t.Context(), c.Kind, c.Number.Reveal())
	if err != nil {
		f.t.Fatal(err)
	}
	subject, err := number.ParseSubject("京ICP备12345678号")
	if err != nil {
		f.t.Fatal(err)
	}
	after := register.Filing{ID: "01JCZK3V7M8N9P0Q1R2S3T4V5W", Account: account, SubjectKey: key, Province: app.Opening.Province, Entity: app.Opening.EntityKind, Number: subject}
	after.Private.Subject = app.Subject
	for i, d := range domains {
		after.Sites = append(after.Sites, register.FiledSite{Number: subject.Filing(i + 1), Domains: []register.FiledDomain{{Name: domainname.Domain(d)}},
			Accesses: []register.Access{{Ours: true}}})
		after.Private.Sites = append(after.Private.Sites, filing.Site{Name: fmt.Sprintf("示例%d", i), Domains: []filing.Domain{filing.Domain(d)}})
	}
	change, _ := register.Filing{}.Replace(after, register.Source{Kind: register.FromImport, ID: "1"}, f.now)
	if err := f.store.CommitFiling(f.t.Context(), change); err != nil {
		f.t.Fatal(err)
	}
	return change.After
}

// plansAtFiling: a plan uses the account's own filing, named or recognised by its certificate, and no other account's.
func plansAtFiling(t *testing.T, f *fixture) {
	app := filingtest.EnterpriseBeijing()
	filed := f.file("account-1", app, "filed-example.cn")
	me, stranger := f.applicant(), f.clientAs("account-2", "applicant")
	two := planned("filed-example.cn", "new-example.cn")
	byCertificate := openingBody(app)
	delete(byCertificate, "domains")
	for name, body := range map[string]map[string]any{
		"by its id": {"filing": filed.ID, "domains": two}, "by its certificate": {"subject": byCertificate, "domains": two},
	} {
		a := me.do("POST /plans", body).wantStatus(200)
		if a.value("domains", 0, "findings", 0, "code") != "nothing-to-file" || a.value("domains", 0, "findings", 0, "filing") != string(filed.ID) || a.value("orders", 0, "type") != "ADD_SITE_OWN" {
			t.Errorf("%s: %.2000s", name, a.text)
		}
	}
	other := openingBody(filingtest.EnterpriseJiangsu())
	delete(other, "domains")
	bound := me.do("POST /plans", map[string]any{"subject": other, "domains": two}).wantStatus(200)
	if got := bound.findings(); !got.Has(filing.CodeAccountBound) || bound.value("ready") != false {
		t.Errorf("another subject: %v", got)
	}

	// A stranger learns nothing about the filing.
	stranger.do("POST /plans", map[string]any{"filing": filed.ID, "domains": two}).wantStatus(422, "plan-filing-unknown /filing")
	stranger.do("POST /plans", map[string]any{"subject": byCertificate, "domains": two}).wantStatus(200).
		wantValue("FIRST", "orders", 0, "type").wantValue(float64(1), "domains", 0, "order").wantValue(float64(1), "domains", 1, "order")

	me.do("POST /orders", openingBody(app)).wantStatus(201)
	if got := me.do("POST /plans", map[string]any{"filing": filed.ID, "domains": two}).wantStatus(200).findings(); !got.Has("plan-order-open") {
		t.Errorf("with an open order: %v", got)
	}
}
