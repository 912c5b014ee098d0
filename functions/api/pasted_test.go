package api_test

import (
	"testing"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
)

// pastedTexts: an application whose texts were typed on a phone or pasted from contacts, PDF files and web pages is the same as one whose
// texts were typed well.
func pastedTexts(t *testing.T, f *fixture) {
	const before, after = "\ufeff\u202d ", "\u200b\u00ad\u202c\r\n"
	me, app := f.applicant(), filingtest.EnterpriseBeijing()
	number := app.Opening.Certificate.Number.Reveal()
	opened := me.do("POST /orders", map[string]any{
		"province": before + "１１" + after, "entityKind": app.Opening.EntityKind, "name": before + app.Opening.Name.Reveal() + after,
		"certificate": map[string]any{"kind": app.Opening.Certificate.Kind, "number": before + "统一社会信用代码：" + number[:8] + " " + number[8:] + "（1-1）" + after},
		"domains":     []string{before + "《" + app.Opening.Domains[0] + "》。" + after}, "language": "zh-CN",
		"contact": map[string]any{"mobile": before + "手机：+86 199-0000-0001（微信同号）" + after, "email": before + "邮箱：ceshi＠example。cn；" + after},
	}).wantStatus(201).wantValue("11", "province").wantValue(app.Opening.Domains[0], "domains", 0).wantValue(app.Opening.Name.Reveal(), "subject", "name").
		wantValue(number, "subject", "certificate", "number").wantValue("19900000001", "contact", "mobile").wantValue("ceshi@example.cn", "contact", "email")
	id, order := opened.id(), "/orders/"+opened.id()
	f.determineType(id)
	f.putServer("server-1", "account-1")
	me.do("PUT "+order+"/product", map[string]any{"server": before + "ｓerver-1" + after}).wantStatus(200).wantValue("server-1", "product", "server")

	leader := func(of filing.Leader) map[string]any {
		card := of.Certificate.Number.Reveal()
		return map[string]any{
			"name": before + "买买提｡艾力" + after, "legalRepresentative": of.LegalRepresentative,
			"certificate": map[string]any{"kind": of.Certificate.Kind, "number": before + card[:6] + "-" + card[6:14] + "-" + card[14:] + after,
				"validity": map[string]any{"from": before + "２０１６年５月１日", "to": "2016.05.01—长期" + after}},
			"mobile": before + "86 " + of.Mobile.Reveal() + after, "emergencyPhone": before + "电话 " + of.EmergencyPhone.Reveal() + after,
			"officePhone": before + "（010）1234 5678 转 8001" + after, "email": before + "<" + of.Email.Reveal() + ">" + after,
		}
	}
	subject, site := app.Subject, app.Sites[0]
	stored := me.do("PUT "+order+"/details", map[string]any{
		"subject": map[string]any{
			"certificate": map[string]any{"validity": map[string]any{"to": "无固定期限"}}, "certificateAddress": before + subject.CertificateAddress + after,
			"division": before + "1101 05" + after, "address": before + "⽰例通信路2号\n3层" + after, "investor": before + "样例 • 投资人" + after,
			"remark": before + "样例\u200b备注〜" + after, "leader": leader(subject.Leader)},
		"sites": []any{map[string]any{
			"name": before + "样例科技（北京）" + after, "domains": []string{before + string(site.Domains[0]) + after}, "homeUrl": before + "https：／／www." + string(site.Domains[0]) + after,
			"serviceContent": site.ServiceContent, "languages": site.Languages, "remark": before + after, "leader": leader(site.Leader)}},
	}).wantStatus(200).wantValue("CollectEvidence", "step")
	for _, leader := range [][]any{{"subject", "leader"}, {"sites", 0, "leader"}} {
		at := func(names ...any) []any { return append(append([]any{}, leader...), names...) }
		of := subject.Leader
		if leader[0] == "sites" {
			of = site.Leader
		}
		stored.wantValue("买买提·艾力", at("name")...).wantValue(of.Certificate.Number.Reveal(), at("certificate", "number")...).
			wantValue("2016-05-01", at("certificate", "validity", "from")...).wantValue(true, at("certificate", "validity", "longTerm")...).
			wantValue(of.Mobile.Reveal(), at("mobile")...).wantValue(of.EmergencyPhone.Reveal(), at("emergencyPhone")...).
			wantValue("010-12345678-8001", at("officePhone")...).wantValue(of.Email.Reveal(), at("email")...)
	}
	stored.wantValue(true, "subject", "certificate", "validity", "longTerm").wantValue("110105", "subject", "division").
		wantValue("示例通信路2号 3层", "subject", "address").wantValue("样例·投资人", "subject", "investor").wantValue("样例备注～", "subject", "remark").
		wantValue("样例科技(北京)", "sites", 0, "name").wantValue(string(site.Domains[0]), "sites", 0, "domains", 0).
		wantValue("https://www."+string(site.Domains[0]), "sites", 0, "homeUrl")
}
