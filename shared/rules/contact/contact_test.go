package contact_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"beian/shared/rules/contact"
	"beian/shared/rules/finding"
)

func TestMobile(t *testing.T) {
	for _, c := range []struct {
		in, normal string
		want       finding.Code
	}{
		{"13800000000", "13800000000", ""},
		{" +86 138-0000-0000 ", "13800000000", ""},
		{"008613800000000", "13800000000", ""},
		{"8613800000000", "13800000000", ""},
		{"86-138-0000-0000", "13800000000", ""},
		{"\u202d138 0000 0000\u202c", "13800000000", ""},
		{"１９９ ００００ ００００", "19900000000", ""},
		{"手机：+86 199-0000-0000（微信同号）", "19900000000", ""},
		{"tel:+8619900000000", "19900000000", ""},
		{"(+86) (0)199 0000 0000", "19900000000", ""},
		{"019900000000", "19900000000", ""},
		{"199.0000/0000、", "19900000000", ""},
		{"①⑨⑨00000000", "19900000000", ""},
		{"+852 6123 4567", "+852 6123 4567", contact.MobileFormat},
		{"+1 990 000 0000", "+1 990 000 0000", contact.MobileFormat},
		{"19900000000/19900000001", "19900000000/19900000001", contact.MobileFormat},
		{"199OOOOOOOO", "199OOOOOOOO", contact.MobileFormat},
		{"", "", contact.MobileMissing},
		{"12800000000", "12800000000", contact.MobileFormat},
		{"1380000000", "1380000000", contact.MobileFormat},
		{"010-12345678", "010-12345678", contact.MobileFormat},
		{"13800000000;13900000000", "13800000000;13900000000", contact.MobileFormat},
	} {
		m := contact.NormalizeMobile(c.in)
		if m.Reveal() != c.normal {
			t.Errorf("%q: %q, want %q", c.in, m.Reveal(), c.normal)
		}
		checkFinding(t, c.in, m.Check(), c.want)
	}
}

func TestPhone(t *testing.T) {
	for _, c := range []struct {
		in, normal string
		want       finding.Code
	}{
		{"010-12345678", "010-12345678", ""},
		{"(0755) 1234 5678", "0755-12345678", ""},
		{"075512345678", "0755-12345678", ""},
		{"+86 21 1234 5678", "021-12345678", ""},
		{"+86-010-12345678", "010-12345678", ""},
		{"0571—12345678—801", "0571-12345678-801", ""},
		{"0891-1234567", "0891-1234567", ""},
		{"13800000000", "13800000000", ""},
		{"", "", contact.PhoneMissing},
		{"12345678", "12345678", contact.PhoneAreaCode},
		{"010-1234", "010-1234", contact.PhoneLength},
		{"010-123456789", "010-123456789", contact.PhoneFormat},
		{"010-12345678转8001", "010-12345678-8001", ""},
		{"010-12345678 #8001", "010-12345678-8001", ""},
		{"01012345678分机8001", "010-12345678-8001", ""},
		{"(010) 12345678 ext. 8001", "010-12345678-8001", ""},
		{"010-12345678x8001", "010-12345678-8001", ""},
		{"\u202d010-12345678\u202c", "010-12345678", ""},
		{"8613800000000", "13800000000", ""},
		{"010-12345678转销售部", "010-12345678转销售部", contact.PhoneFormat},
		{"400-000-0000", "400-000-0000", contact.PhoneIsService},
		{"010 1234 5678 8001", "010-12345678-8001", ""},
		{"010-1234-5678", "010-12345678", ""},
		{"86-10-12345678", "010-12345678", ""},
		{"861012345678", "010-12345678", ""},
		{"tel:+86-10-12345678;ext=8001", "010-12345678-8001", ""},
		{"010-12345678(8001)", "010-12345678-8001", ""},
		{"010-12345678，按8001", "010-12345678-8001", ""},
		{"010-12345678内线8001", "010-12345678-8001", ""},
		{"电话：010――12345678（办公室）", "010-12345678", ""},
		{"010/12345678", "010-12345678", ""},
		{"010-12345678/79", "010-12345678/79", contact.PhoneFormat},
		{"010-12345678、010-12345679", "010-12345678、010-12345679", contact.PhoneFormat},
		{"+852-2123-4567", "+852-2123-4567", contact.PhoneFormat},
		{"57188888888", "57188888888", contact.PhoneAreaCode},
		{"13800000000转8", "13800000000转8", contact.PhoneFormat},
	} {
		p := contact.NormalizePhone(c.in)
		if p.Reveal() != c.normal {
			t.Errorf("%q: %q, want %q", c.in, p.Reveal(), c.normal)
		}
		checkFinding(t, c.in, p.Check(), c.want)
	}
}

func TestLandlineAndEmergency(t *testing.T) {
	checkFinding(t, "mobile for Jiangsu", contact.Phone("13800000000").CheckLandline(), contact.LandlineWanted)
	checkFinding(t, "landline for Jiangsu", contact.Phone("025-12345678").CheckLandline(), "")
	checkFinding(t, "own number in an emergency", contact.Phone("13800000000").CheckEmergency("13800000000"), contact.EmergencySame)
	checkFinding(t, "another number", contact.Phone("13900000000").CheckEmergency("13800000000"), "")
	checkFinding(t, "no number", contact.Phone("").CheckEmergency("13800000000"), contact.PhoneMissing)
}

func TestEmail(t *testing.T) {
	for _, c := range []struct {
		in, normal string
		want       finding.Code
	}{
		{"Ceshi.Jia@Example.CN", "Ceshi.Jia@example.cn", ""},
		{" ceshi＠example。cn ", "ceshi@example.cn", ""},
		{"ceshi+beian@例子.中国", "ceshi+beian@例子.中国", ""},
		{"mailto:ceshi@example.cn", "ceshi@example.cn", ""},
		{"邮箱：ceshi@example.cn；", "ceshi@example.cn", ""},
		{"《ceshi@example.cn》", "ceshi@example.cn", ""},
		{"<ceshi@example.cn>", "ceshi@example.cn", ""},
		{"“ceshi@example.cn。”", "ceshi@example.cn", ""},
		{"ceshi@example.cn.", "ceshi@example.cn", ""},
		{"ceshi@example,cn", "ceshi@example,cn", contact.EmailFormat},
		{"", "", contact.EmailMissing},
		{"a@b.c", "a@b.c", contact.EmailLength},
		{strings.Repeat("a", 125) + "@b.cn", strings.Repeat("a", 125) + "@b.cn", contact.EmailLength},
		{"ceshi.example.cn", "ceshi.example.cn", contact.EmailFormat},
		{"ceshi@localhost", "ceshi@localhost", contact.EmailFormat},
		{"ceshi@exаmple.cn", "ceshi@exаmple.cn", contact.EmailMixed}, // а is Cyrillic
		{"ceshi@пример.рф", "ceshi@пример.рф", ""},
		{"ceshi@example..cn", "ceshi@example..cn", contact.EmailFormat},
		{"ceshi@-example.cn", "ceshi@-example.cn", contact.EmailFormat},
		{"ceshi@[127.0.0.1]", "ceshi@[127.0.0.1]", contact.EmailFormat},
		{`"a b"@example.cn`, `"ab"@example.cn`, contact.EmailFormat},
		{"Jia<ceshi@example.cn>", "Jia<ceshi@example.cn>", contact.EmailFormat},
		{"a@example.cn,b@example.cn", "a@example.cn,b@example.cn", contact.EmailFormat},
	} {
		e := contact.NormalizeEmail(c.in)
		if e.Reveal() != c.normal {
			t.Errorf("%q: %q, want %q", c.in, e.Reveal(), c.normal)
		}
		checkFinding(t, c.in, e.Check(), c.want)
	}
}

func checkFinding(t *testing.T, name string, got finding.List, want finding.Code) {
	t.Helper()
	if want == "" && len(got) > 0 || want != "" && (len(got) != 1 || got[0].Code != want) {
		t.Errorf("%q: %v, want %q", name, got, want)
	}
	for _, f := range got {
		if strings.Contains(f.Message.Chinese, "{") || f.Message == finding.New("no-such-code", "").Message {
			t.Errorf("%q: the catalogue has no good words for %s", name, f.Code)
		}
	}
}

func TestContactsAreRedactedAndMarshalInClear(t *testing.T) {
	leader := struct {
		Mobile contact.Mobile `json:"mobile"`
		Phone  contact.Phone  `json:"phone"`
		Email  contact.Email  `json:"email"`
	}{"13800000000", "010-12345678", "ceshi@example.cn"}
	for _, verb := range []string{"%v", "%s", "%+v", "%#v", "%q"} {
		got := fmt.Sprintf(verb, leader)
		for _, secret := range []string{"138", "1234", "ceshi"} {
			if strings.Contains(got, secret) {
				t.Errorf("%s shows %s", verb, secret)
			}
		}
	}
	text, err := json.Marshal(leader)
	if err != nil || string(text) != `{"mobile":"13800000000","phone":"010-12345678","email":"ceshi@example.cn"}` {
		t.Errorf("%s, %v", text, err)
	}
	if leader.Mobile.Masked() != "138****0000" || leader.Email.Masked() != "c***@example.cn" {
		t.Errorf("masked %s, %s", leader.Mobile.Masked(), leader.Email.Masked())
	}
	if contact.Mobile("1").Masked() != "[redacted]" || contact.Email("@").Masked() != "[redacted]" {
		t.Error("Masked shows a part of text that is no number or address")
	}
}

func FuzzMobile(f *testing.F) {
	for _, seed := range []string{"13800000000", "+86 138 0000 0000", "0086", "\xff", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		once := contact.NormalizeMobile(text)
		if once.Check() == nil && (len(once) != 11 || contact.NormalizeMobile(once.Reveal()) != once) {
			t.Errorf("%q passes as a mobile", text)
		}
	})
}

func FuzzPhone(f *testing.F) {
	for _, seed := range []string{"010-12345678", "+862112345678", "0571-12345678-1", "400-000-0000", "-", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		once := contact.NormalizePhone(text)
		if once.Check() == nil && contact.NormalizePhone(once.Reveal()) != once {
			t.Errorf("normalising %q twice gives another phone", text)
		}
	})
}

func FuzzEmail(f *testing.F) {
	for _, seed := range []string{"ceshi@example.cn", "a@b.c", "＠", "a@例子.中国", "\"@\"@x.cn", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		once := contact.NormalizeEmail(text)
		if once.Check() == nil && (len(once) < 6 || len(once) > 128 || !strings.Contains(once.Reveal(), "@")) {
			t.Errorf("%q passes as an email address", text)
		}
		_ = once.Masked()
	})
}

func FuzzNormalize(f *testing.F) {
	for _, seed := range []string{"手机：+86 138-0000-0000", "010-12345678转8001", "“ceshi@example.cn。”", "a:<b@c>.", "", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		for name, normalize := range map[string]func(string) string{
			"mobile": func(s string) string { return contact.NormalizeMobile(s).Reveal() },
			"phone":  func(s string) string { return contact.NormalizePhone(s).Reveal() },
			"email":  func(s string) string { return contact.NormalizeEmail(s).Reveal() },
		} {
			if once := normalize(typed); normalize(once) != once {
				t.Errorf("%s: normalising %q twice gives another text", name, typed)
			}
		}
	})
}

// TestMailbox: other spellings of an address have the same key.
func TestMailbox(t *testing.T) {
	for typed, want := range map[contact.Email]string{
		"wang@example.cn": "wang@example.cn", "Wa.ng+2@example.cn": "wang@example.cn", "w@例子.cn": "w@xn--fsqu00a.cn", "": "",
	} {
		if got := typed.Mailbox(); got != want {
			t.Errorf("%q has the key %q, want %q", string(typed), got, want)
		}
	}
}
