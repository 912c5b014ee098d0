package api_test

import (
	"strings"
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/rules/certificate"
)

// explain is an explanation or an override in a request.
func explain(code, pointer, field, text string) map[string]any {
	return map[string]any{"code": code, "pointer": pointer, field: text}
}

// overrides: an applicant who cannot correct a field explains it, a reviewer overrides the rule with a reason, and both stay with the
// order: some names are right although a rule refuses them.
func overrides(t *testing.T, f *fixture) {
	app := filingtest.IndividualZhejiang()
	app.Sites[0].Name = "2046"
	id := f.orderAt(filingtest.IndividualZhejiang(), filing.CollectDetails)
	me, staff, order := f.applicant(), f.reviewer(), "/orders/"+id
	// Both texts stay with the provider, so they may have a character that the bureau cannot read.
	const code, pointer, text, reason = "site-name-only-digits", "/sites/0/name", "书名《2046》，示例𬭎著", "示例𬭎的书已出版"
	body := func(explanations ...any) map[string]any {
		return map[string]any{"subject": app.Subject, "sites": app.Sites, "explanations": explanations}
	}
	refused := me.do("PUT "+order+"/details", body()).wantStatus(422, code+" "+pointer).wantValue(true, "findings", 0, "overridable")
	if remedy := refused.value("findings", 0, "remedy", "zh-CN").(string); !strings.HasSuffix(remedy, "写一句原因，再提交一次，由审核人员判断。") {
		t.Errorf("remedy %s", remedy)
	}
	me.do("PUT "+order+"/details", body(explain(code, pointer, "text", " "), explain("mobile-format", "/subject/leader/mobile", "text", "无"))).
		wantStatus(422, code+" "+pointer, "explanation-text /explanations/0/text", "explanation-rule /explanations/1/code")
	me.do("PUT "+order+"/details", body(explain(code, pointer, "text", "书名\ufffd"))).wantStatus(422, "field-characters /explanations/0/text")
	me.do("PUT "+order+"/details", body(map[string]any{"code": code})).
		wantStatus(422, "field-missing /explanations/0/pointer", "field-missing /explanations/0/text")
	me.do("PUT "+order+"/details", body(explain(code, pointer, "text", text+"\u200b"))).wantStatus(200, code+" "+pointer).
		wantValue("warn", "findings", 0, "severity").wantValue(text, "explanations", 0, "text").wantValue(nil, "explanations", 0, "override")
	f.confirm(me, id)
	me.do("GET "+order+"/summary", nil).wantStatus(200).wantValue(text, "explanations", 0, "text")

	staff.do("POST "+order+"/claim", nil).wantStatus(200).wantValue(true, "withheld")
	staff.do("GET "+order, nil).wantStatus(200).wantValue(text, "explanations", 0, "text").wantValue(code, "findings", 0, "code")
	pass := func(overrides ...any) map[string]any {
		return map[string]any{"verdict": "pass", "overrides": overrides}
	}
	staff.do("POST "+order+"/review", pass()).wantStatus(422, "override-missing /overrides")
	staff.do("POST "+order+"/review", pass(explain(code, "/sites/1/name", "reason", reason), explain("subject-changed", "/subject/name", "reason", ""))).
		wantStatus(422, "override-unknown /overrides/0/pointer", "override-rule /overrides/1/code", "override-reason /overrides/1/reason", "override-missing /overrides")
	staff.do("POST "+order+"/review", map[string]any{"verdict": "return", "overrides": []any{explain(code, pointer, "reason", reason)},
		"findings": []any{map[string]any{"pointer": "", "code": "address-missing"}}}).wantStatus(422, "verdict-with-wrong-parts /overrides")
	given := staff.do("POST "+order+"/review", pass(explain(code, pointer, "reason", reason)), "idempotency-key", "pass-1").wantStatus(200).wantValue("VerifySMS", "step")
	if again := staff.do("POST "+order+"/review", pass(explain(code, pointer, "reason", reason)), "idempotency-key", "pass-1").wantStatus(200); again.headers["Etag"] != given.headers["Etag"] {
		t.Error("a repeated request passed the order twice")
	}
	read := me.do("GET "+order, nil).wantStatus(200).wantValue(reason, "explanations", 0, "override", "reason").wantValue(true, "explanations", 0, "applies")
	if strings.Contains(read.text, "reviewer-1") {
		t.Error("the applicant sees who the reviewer is")
	}
	f.wantOverride(id, code, pointer, reason)
	f.wantNotStored(text, reason)
}

// wantOverride fails the test unless the last pass in an order's ledger has this override and nothing else of it in clear.
func (f *fixture) wantOverride(id, code, pointer, reason string) {
	f.t.Helper()
	if seen := f.reviewer().do("GET /orders/"+id+"/ledger", nil).wantStatus(200); reason != "" && strings.Contains(seen.text, reason) {
		f.t.Error("a reviewer without a claim reads the reason of an override")
	}
	ledger := f.admin().do("GET /orders/"+id+"/ledger", nil).wantStatus(200).wantValue(true, "verified")
	entries := ledger.value("entries").([]any)
	for i := len(entries) - 1; i >= 0; i-- {
		if ledger.value("entries", i, "decision") != "pass" {
			continue
		}
		ledger.wantValue(code, "entries", i, "overrides", 0, "code").wantValue(pointer, "entries", i, "overrides", 0, "pointer")
		if reason == "" {
			ledger.wantValue(nil, "entries", i, "overrides", 0, "reason")
		} else {
			ledger.wantValue(reason, "entries", i, "overrides", 0, "reason")
		}
		return
	}
	f.t.Error("the ledger has no pass")
}

// overrideSurvives: an override counts after a return and after the bureau's refusal, until the field changes.
func overrideSurvives(t *testing.T, f *fixture) {
	app := filingtest.EnterpriseBeijing()
	app.Subject.CertificateAddress = "北京市朝阳区"
	const code, pointer = "address-incomplete", "/subject/certificateAddress"
	id := f.orderAt(filingtest.EnterpriseBeijing(), filing.CollectDetails)
	me, staff, order := f.applicant(), f.reviewer(), "/orders/"+id
	details := func(explanations ...any) map[string]any {
		return map[string]any{"subject": app.Subject, "sites": app.Sites, "explanations": explanations}
	}
	review := func(verdict map[string]any) answer {
		staff.do("POST "+order+"/claim", nil).wantStatus(200)
		return staff.do("POST "+order+"/review", verdict)
	}
	back := map[string]any{"verdict": "return", "findings": []any{map[string]any{"pointer": "/subject/remark", "message": map[string]any{"zh-CN": "请补充备注"}}}}
	override := explain(code, pointer, "reason", "执照住所只写到区")
	me.do("PUT "+order+"/details", details(explain(code, pointer, "text", "执照上就是这样写的"))).wantStatus(200)
	f.confirm(me, id)
	review(map[string]any{"verdict": "pass", "documents": []string{"sites/0/verification-form"}, "overrides": []any{override}}).wantStatus(200)
	review(back).wantStatus(200)
	app.Subject.Remark = "备注"
	me.do("PUT "+order+"/details", details()).wantStatus(200, code+" "+pointer)
	f.confirm(me, id)
	review(map[string]any{"verdict": "pass"}).wantStatus(200).wantValue("Transmit", "step")
	f.decide(id, filing.QueueUpload{FirstID: 1})
	f.decide(id, filing.Receive{Sequence: 1})
	f.decide(id, filing.Refuse{Record: id + "-1", Codes: []int{1002}})
	f.decide(id, filing.AnnounceResult{})
	me.do("POST "+order+"/resubmission", nil).wantStatus(200)
	f.confirm(me, id)
	review(map[string]any{"verdict": "pass", "documents": []string{"sites/0/verification-form"}}).wantStatus(200)
	// A reviewer who names the field takes the override back, and the applicant does not read that it is agreed.
	review(map[string]any{"verdict": "return", "findings": []any{map[string]any{"pointer": pointer, "message": map[string]any{"zh-CN": "请写到门牌号"}}}}).wantStatus(200)
	me.do("PUT "+order+"/details", details()).wantStatus(422, code+" "+pointer).wantValue("block", "findings", 0, "severity")
	// Another address is another case.
	app.Subject.CertificateAddress = "北京市海淀区"
	me.do("PUT "+order+"/details", details()).wantStatus(422, code+" "+pointer)
	me.do("PUT "+order+"/details", details(explain(code, pointer, "text", "新执照上就是这样写的"))).wantStatus(200).
		wantValue("新执照上就是这样写的", "explanations", 0, "text").wantValue(false, "explanations", 1, "applies").wantValue("执照住所只写到区", "explanations", 1, "override", "reason")
	f.confirm(me, id)
	review(map[string]any{"verdict": "pass"}).wantStatus(422, "override-missing /overrides")
	review(map[string]any{"verdict": "pass", "overrides": []any{explain(code, pointer, "reason", "与新执照一致")}}).wantStatus(200)
}

// explainedOpenings: a number that breaks a rule for ever opens an order: in Xiamen with a warning, elsewhere with an explanation.
func explainedOpenings(t *testing.T, f *fixture) {
	me := f.applicant()
	open := func(app filingtest.Application, number certificate.Number, explanations ...any) map[string]any {
		app.Opening.Certificate.Number = number
		body := openingBody(app)
		body["explanations"] = explanations
		return body
	}
	xiamen := filingtest.NumberedEnterprise(1)
	xiamen.Opening.Province = "35"
	me.do("POST /orders", open(xiamen, "91350203M0001FTK16")).wantStatus(201, "unified-code-doubtful /certificate/number").wantValue("warn", "findings", 0, "severity")

	app := filingtest.NumberedEnterprise(2)
	const number, code, pointer, text = "91110105000000000W", "unified-code-check-digit", "/certificate/number", "执照上就是这个代码"
	me.do("POST /orders", open(app, number)).wantStatus(422, code+" "+pointer).wantValue(true, "findings", 0, "overridable")
	opened := me.do("POST /orders", open(app, number, explain(code, pointer, "text", text))).wantStatus(201, code+" "+pointer).
		wantValue("warn", "findings", 0, "severity").wantValue(text, "explanations", 0, "text")
	// The type cannot be determined, so the opening is corrected. The explanation counts as long as the number is the same.
	o, order := opened.id(), "/orders/"+opened.id()
	f.decide(o, filing.DetermineType{Facts: map[filing.Domain]filing.Facts{"example-2.cn": {DomainBlacklisted: true}}})
	app.Opening.Domains, app.Sites[0].Domains, app.Sites[0].HomeURL = []string{"other-example.cn"}, []filing.Domain{"other-example.cn"}, ""
	me.do("PUT "+order+"/type", open(app, "91110105000000000X")).wantStatus(422, code+" "+pointer)
	me.do("PUT "+order+"/type", open(app, number)).wantStatus(200).wantValue(text, "explanations", 0, "text")
	f.determineType(o)
	me.do("GET "+order, nil).wantStatus(200, code+" "+pointer)
	f.putServer("server-1", "account-1")
	me.do("PUT "+order+"/product", map[string]any{"server": "server-1"}).wantStatus(200)
	app.Subject.Certificate.Number = number
	const inDetails = "/subject/certificate/number"
	me.do("PUT "+order+"/details", map[string]any{"subject": app.Subject, "sites": app.Sites}).wantStatus(200, code+" "+inDetails)
	f.confirm(me, o)
	f.reviewer().do("POST "+order+"/claim", nil).wantStatus(200)
	f.reviewer().do("POST "+order+"/review", map[string]any{"verdict": "pass"}).wantStatus(422, "override-missing /overrides")
	f.reviewer().do("POST "+order+"/review", map[string]any{"verdict": "pass", "overrides": []any{explain(code, inDetails, "reason", "与执照原件一致")}}).wantStatus(200)
	f.wantOverride(o, code, inDetails, "与执照原件一致")
}

// explanationsErased: an erasure removes explanations and reasons. The ledger still says what was overridden.
func explanationsErased(t *testing.T, f *fixture) {
	app := filingtest.IndividualZhejiang()
	app.Sites[0].Name = "2046"
	const code, pointer = "site-name-only-digits", "/sites/0/name"
	id := f.orderAt(filingtest.IndividualZhejiang(), filing.CollectDetails)
	me, order := f.applicant(), "/orders/"+id
	me.do("PUT "+order+"/details", map[string]any{"subject": app.Subject, "sites": app.Sites,
		"explanations": []any{explain(code, pointer, "text", "书名")}}).wantStatus(200)
	f.confirm(me, id)
	f.reviewer().do("POST "+order+"/claim", nil).wantStatus(200)
	f.reviewer().do("POST "+order+"/review", map[string]any{"verdict": "pass", "overrides": []any{explain(code, pointer, "reason", "属实")}}).wantStatus(200)
	me.do("POST "+order+"/withdrawal", nil).wantStatus(202)
	f.decide(id, filing.Close{})
	f.now = f.now.Add(93 * 24 * time.Hour)
	f.admin().do("POST "+order+"/erasure", map[string]any{}).wantStatus(202)
	if read := me.do("GET "+order, nil).wantStatus(200); len(read.value("explanations").([]any)) > 0 {
		t.Errorf("explanations %v", read.value("explanations"))
	}
	f.wantOverride(id, code, pointer, "")
}

// explainedPapers: a paper that a bureau usually requires, and that this applicant does not have, is explained, and a reviewer decides.
func explainedPapers(t *testing.T, f *fixture) {
	app := filingtest.IndividualZhejiang()
	app.Opening.Province, app.Subject.Division, app.Subject.CertificateAddress = "32", "320102", "江苏省南京市玄武区示例证件路1号"
	const code, pointer, text = "evidence-proof-missing", "/evidence/residence-permit", "户籍已迁入南京，身份证住址就在本省"
	id := f.orderAt(app, filing.CollectEvidence)
	me, staff, order := f.applicant(), f.reviewer(), "/orders/"+id
	missing := func() map[string]any {
		for _, owed := range me.do("GET "+order+"/evidence", nil).wantStatus(200).value("owed").([]any) {
			if owed := owed.(map[string]any); owed["slot"] == "residence-permit" {
				return owed["missing"].(map[string]any)
			}
		}
		return nil
	}
	if m := missing(); m["code"] != code || m["pointer"] != pointer || m["overridable"] != true || m["severity"] != "block" {
		t.Errorf("the list of papers says %v", m)
	}
	send := func(explanations ...any) answer {
		return me.do("POST "+order+"/evidence/explanations", map[string]any{"explanations": explanations})
	}
	send(explain(code, "/evidence/subject-certificate-front", "text", text), explain("evidence-missing", "/evidence/subject-certificate-front", "text", text)).
		wantStatus(422, "explanation-unknown /explanations/0/pointer", "explanation-rule /explanations/1/code")
	send().wantStatus(422, "field-type /explanations")
	me.do("PUT "+order+"/evidence", map[string]any{"papers": f.uploadPapers(me, order, map[string][]byte{"subject-certificate-front": picture,
		"subject-certificate-back": picture, "sites/0/verification-form": picture})}).wantStatus(200).wantValue("CollectEvidence", "step")
	send(explain(code, pointer, "text", text)).wantStatus(200).wantValue("VerifyAuthenticity", "step").wantValue(text, "explanations", 0, "text")
	if m := missing(); m["severity"] != "warn" || m["overridable"] != nil {
		t.Errorf("the list of papers says %v", m)
	}
	f.confirm(me, id)
	staff.do("POST "+order+"/claim", nil).wantStatus(200)
	staff.do("POST "+order+"/review", map[string]any{"verdict": "pass"}).wantStatus(422, "override-missing /overrides")
	staff.do("POST "+order+"/review", map[string]any{"verdict": "pass", "overrides": []any{explain(code, pointer, "reason", "身份证背面住址在南京")}}).wantStatus(200)
	f.wantOverride(id, code, pointer, "身份证背面住址在南京")
	f.wantNotStored(text, "身份证背面住址在南京")
	send(explain(code, pointer, "text", text)).wantStatus(409, "step-out-of-order ")
}

// overridableRules: GET /findings says which rules a reviewer may override.
func overridableRules(t *testing.T, f *fixture) {
	got := map[string]bool{}
	rules := f.applicant().do("GET /findings", nil).wantStatus(200)
	for i := range rules.value("items").([]any) {
		got[rules.value("items", i, "code").(string)] = rules.value("items", i, "overridable") == true
	}
	for code, want := range map[string]bool{"site-name-only-digits": true, "leader-too-young": true, "unified-code-check-digit": true,
		"resident-id-check-digit": false, "subject-changed": false, "character-unreadable": false, "text-too-long": false, "home-url-other-domain": false} {
		if got[code] != want {
			t.Errorf("%s: overridable is %t", code, got[code])
		}
	}
}
