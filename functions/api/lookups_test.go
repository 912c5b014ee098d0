package api_test

import (
	"net/http"
	"strings"
	"testing"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/filing/register"
	"beian/shared/rules/number"
)

// TestNeeds: what is needed is read without an account, and wrong questions name their parameter.
func TestNeeds(t *testing.T) {
	a := newWithoutEngine(t, silent)
	for route, has := range map[string]string{
		"GET /provinces/32/needs":                                  `"subject-certificate-front"`,
		"GET /provinces/32/needs?entityKind=5&type=ADD_SITE_OWN":   `verification-form"`,
		"GET /provinces/32/needs?serviceKind=app&on=2026-11-30":    `app-icon"`,
		"GET /provinces/32/needs?trade=news&on=2026-11-30":         `"trade":{"trade":"news"`,
		"GET /provinces/32/needs?type=CANCEL_SITE&on=2019-12-25":   `"documents":[]`,
		"GET /provinces/32/needs?type=CANCEL_SITE&on=2024-12-25":   `"codes":"site-leaders"`,
		"GET /provinces/13/needs?on=2019-12-25":                    `"codes":"none"`,
		"GET /provinces/44/needs?entityKind=5&on=2026-11-30":       `"possibleDocuments":[{`,
		"GET /provinces/63/needs?type=CHANGE&on=2026-11-30":        `leader-photo"`,
		"GET /provinces/33/needs?type=SUBMIT_EVIDENCE":             `"days":{"least":0,"most":0}`,
		"GET /provinces/33/needs?type=FIRST&serviceKind=quick-app": `"requirements":[{`,
	} {
		out := sendEvent(t, a, route, "", nil)
		if out.StatusCode != http.StatusOK || !strings.Contains(out.Body, has) {
			t.Errorf("%s: %d %.300s", route, out.StatusCode, out.Body)
		}
	}
	for route, code := range map[string]string{
		"GET /provinces/99/needs":                                         "",
		"GET /provinces/32/needs?entityKind=7":                            "entity-kind-unknown",
		"GET /provinces/32/needs?type=RENEW":                              "field-value",
		"GET /provinces/32/needs?serviceKind=game":                        "service-kind-unknown",
		"GET /provinces/32/needs?serviceKind=app&type=ADD_ACCESS_FOREIGN": "service-not-of-kind",
		"GET /provinces/32/needs?trade=fishing":                           "trade-not-in-force",
		"GET /provinces/32/needs?on=tomorrow":                             "parameter-invalid",
	} {
		out := sendEvent(t, a, route, "", nil)
		if problemIn(t, out); out.StatusCode < 404 || out.StatusCode > 422 || !strings.Contains(out.Body, code) {
			t.Errorf("%s: %d %s", route, out.StatusCode, out.Body)
		}
	}
}

// TestNumberChecks: the form of a number says what it is for and whose it is.
func TestNumberChecks(t *testing.T) {
	a := newWithoutEngine(t, silent)
	for text, has := range map[string]string{
		"京icp备12345678-1":      `{"number":"京ICP备12345678号-1","subject":"京ICP备12345678号","kind":"site","words":{"zh-CN":"网站","en":"site"},"licence":false,"province":{"code":"11"`,
		"备案号：苏ICP备2020123456号": `"number":"苏ICP备2020123456号","subject":"苏ICP备2020123456号","kind":"subject"`,
		"粤B2-20090059-5A":      `"kind":"app","words":{"zh-CN":"APP","en":"app"},"licence":true,"province":{"code":"44"`,
		"合字B2-20210001":        `"kind":"subject","words":{"zh-CN":"主体","en":"subject"},"licence":true}`,
	} {
		if out := sendEvent(t, a, "POST /number-checks", `{"number":"`+text+`"}`, nil); out.StatusCode != http.StatusOK || !strings.Contains(out.Body, has) {
			t.Errorf("%s: %d %s", text, out.StatusCode, out.Body)
		}
	}
	for _, text := range []string{"", "京公网安备11010502030123号", "川ICP备12345678号", strings.Repeat("京", 256)} {
		out := sendEvent(t, a, "POST /number-checks", `{"number":"`+text+`"}`, nil)
		if out.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(out.Body, `"pointer":"/number","code":"number-check-form"`) {
			t.Errorf("%s: %d %s", text, out.StatusCode, out.Body)
		}
	}
}

// domainChecks: form and suffix are checked; of what is filed, the answer has only the number. A domain of an order that is not filed is unknown.
func domainChecks(t *testing.T, f *fixture) {
	stranger := client{fixture: f}
	app := filingtest.NumberedEnterprise(1)
	f.orderAt(app, filing.CollectDetails)
	open := string(app.Opening.Domains[0])
	check := func(domain string, more ...any) answer {
		body := map[string]any{"domain": domain}
		for i := 0; i < len(more); i += 2 {
			body[more[i].(string)] = more[i+1]
		}
		return stranger.do("POST /domain-checks", body).wantStatus(200)
	}
	check(open).wantValue(true, "fit").wantValue(false, "filed")
	check("http://www."+open+"/x").wantValue(false, "fit").wantValue("/domain", "findings", 0, "pointer").wantValue(false, "filed")
	check("example.invalid").wantValue(false, "fit")
	check("someone@example.cn").wantValue("domain-is-email", "findings", 0, "code")
	check("例子.中国").wantValue("例子.中国", "display").wantValue("xn--fsqu00a.xn--fiqs8s", "domain").wantValue("中国", "suffix")
	stranger.do("POST /domain-checks", map[string]any{"domain": open, "province": "99", "entityKind": 77}).wantStatus(422, "entity-kind-unknown /entityKind", "province-unknown /province")
	filed := register.Filing{ID: "01KJZ2Y0M0QK8W3V5T7R9Q0001", Account: "account-2", SubjectKey: "looked-up", Province: "11"}
	filed.Number, _ = number.ParseSubject("京ICP备61000009号")
	filed.Sites = []register.FiledSite{{Number: filed.Number.Filing(1), Domains: []register.FiledDomain{{Name: "filed-example.cn"}}}}
	change, _ := register.Filing{}.Replace(filed, register.Source{Kind: register.FromImport, ID: "import-1"}, f.now)
	if err := f.store.CommitFiling(t.Context(), change); err != nil {
		t.Fatal(err)
	}
	found := check("www.filed-example.cn").wantValue(true, "filed").wantValue("京ICP备61000009号-1", "number")
	if strings.Contains(found.text, "account") || strings.Contains(found.text, "looked-up") {
		t.Errorf("the answer is %s", found.text)
	}
}
