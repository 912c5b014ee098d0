package reviewer

import (
	"slices"
	"strings"
	"testing"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/process/notify"
	"beian/shared/rules/finding"
)

// TestWords: a reviewer's own words are warned about if they have somebody else's number or address, HTML, or one language; what the application has is no warning.
func TestWords(t *testing.T) {
	app := filingtest.EnterpriseBeijing()
	o := filing.Order{Language: "en", Private: filing.Private{Contact: app.Contact, Subject: app.Subject, Sites: app.Sites}}
	sender := notify.Sender{SupportPhone: "010-88888888"}
	own := app.Subject.Leader
	for words, want := range map[string][]finding.Code{
		"请把地址写到门牌号。":                                                                                            nil,
		"请在 2026-12-01 前补齐，第 3 项、第 10000 项。":                                                                    nil,
		"您填的号码 " + own.Mobile.Reveal() + " 打不通":                                                                 nil,
		"您填的号码 +86 " + own.Mobile.Reveal()[:3] + " " + own.Mobile.Reveal()[3:7] + "-" + own.Mobile.Reveal()[7:]: nil,
		"邮箱 " + own.Email.Reveal() + "、证件 " + own.Certificate.Number.Reveal() + "、客服 010 88888888":              nil,
		"请打 13900001234":                     {CodeWordsPhone},
		"请打１３９ ００００ １２３４":                    {CodeWordsPhone},
		"请打 021-62345678 找我":                 {CodeWordsPhone},
		"发到 someone@example.org":             {CodeWordsEmail},
		"证件号应为 11010519491231002X":           {CodeWordsCertificate},
		"护照 E12345678，代码 91110105MA00000000": {CodeWordsCertificate},
		"<script>alert(1)</script>":          {CodeWordsHTML},
		"a &lt; b":                           {CodeWordsHTML},
		"1 < 2，且 3 > 2":                      nil,
		"<b>13900001234</b> a@b.example":     {CodeWordsHTML, CodeWordsEmail, CodeWordsPhone},
	} {
		v := Verdict{Findings: []Reason{{Message: &OwnWords{Chinese: words, English: "Correct it."}}}}
		var got []finding.Code
		for _, f := range v.warnings(o, sender) {
			got = append(got, f.Code)
			if f.Pointer != "/findings/0/message/zh-CN" || f.Severity != finding.Warn || strings.Contains(f.Message.English, "139") {
				t.Errorf("%q: %+v", words, f)
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", words, got, want)
		}
	}
	one := Verdict{Findings: []Reason{{Message: &OwnWords{Chinese: "请修改"}}, {Code: "address-missing"}}}
	if found := one.warnings(o, sender); len(found) != 1 || found[0].Code != CodeWordsLanguage {
		t.Errorf("words in one language: %v", found)
	}
}

// TestReasonsOfFields: every reason of a field is one of the catalogue that a verdict accepts, and each field's own reasons are found by its pointer.
func TestReasonsOfFields(t *testing.T) {
	for _, f := range reasonsOfFields {
		for _, code := range f.codes {
			if !slices.ContainsFunc(usableEntries(), func(e finding.Entry) bool { return fits(code, e.Code) }) {
				t.Errorf("%s: the catalogue has no usable reason %s", f.pattern, code)
			}
		}
		place := strings.ReplaceAll(f.pattern, "*", "0")
		if r := (Reason{Pointer: place, Code: reasonsAt(place)[0].Code}); len(r.check()) > 0 {
			t.Errorf("%s: a verdict refuses the reason: %v", f.pattern, r.check())
		}
	}
	for pointer, want := range map[string]finding.Code{"/sites/3/name": "site-name-only-digits", "/subject/leader/mobile": "mobile-format", "/evidence/sites~10~1verification-form": "form-of-another-order",
		"/sites/0": "site-name-only-digits", "/subject/certificate/number": "unified-code-length", "": "address-missing"} {
		found := reasonsAt(pointer)
		if !slices.ContainsFunc(found, func(r BoundReason) bool { return r.Code == want }) {
			t.Errorf("%q has no %s", pointer, want)
		}
	}
	if found := reasonsAt("/nothing"); len(found) != 0 {
		t.Errorf("reasons for no field: %v", found)
	}
	if name := reasonsAt("/sites/0/name"); slices.ContainsFunc(name, func(r BoundReason) bool { return r.Code == "mobile-format" }) {
		t.Error("the name of a site has the reasons of a mobile")
	}
}
