package certificate_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"beian/shared/rules/certificate"
	"beian/shared/rules/finding"
	"beian/shared/rules/workday"
)

var (
	in2019 = workday.Date("2019-12-25").Time()
	in2026 = workday.Date("2026-03-01").Time()
)

// The resident numbers here are the example of GB 11643 and numbers made up for these tests.
func TestCheck(t *testing.T) {
	for _, c := range []struct {
		name   string
		kind   certificate.Kind
		number certificate.Number
		want   []finding.Code
	}{
		{"the standard's example", certificate.ResidentID, "11010519491231002X", nil},
		{"a digit is wrong", certificate.ResidentID, "11010519491231003X", codeList(certificate.ResidentIDCheckDigit)},
		{"17 characters", certificate.ResidentID, "1101051949123100X", codeList(certificate.ResidentIDLength)},
		{"the first generation", certificate.ResidentID, "110105491231002", codeList(certificate.ResidentIDOld)},
		{"a letter inside", certificate.ResidentID, "1101051949123100XX", codeList(certificate.ResidentIDCharacters)},
		{"no such region and no such day", certificate.ResidentID, "000105194913310020",
			codeList(certificate.ResidentIDRegion, certificate.ResidentIDBirthDate, certificate.ResidentIDCheckDigit)},
		{"not born yet", certificate.ResidentID, residentNumber("110105209912310"), codeList(certificate.ResidentIDBirthFuture)},
		{"a county abolished long ago", certificate.ResidentID, residentNumber("110103199003070"), nil},
		{"a residence permit entered as resident ID", certificate.ResidentID, residentNumber("810000199408230"), codeList(certificate.ResidentIDIsResidence)},
		{"a foreigner's card entered as resident ID", certificate.ResidentID, residentNumber("911124198108030"), codeList(certificate.ResidentIDIsPermanent)},
		{"Hong Kong residence permit", certificate.HKMacauResidence, residentNumber("810000199408230"), nil},
		{"Macau residence permit", certificate.HKMacauResidence, residentNumber("820000199408230"), nil},
		{"Taiwan residence permit", certificate.TaiwanResidence, residentNumber("830000199201300"), nil},
		{"Taiwan permit, Hong Kong number", certificate.TaiwanResidence, residentNumber("810000199408230"), codeList(certificate.ResidencePermitRegion)},
		{"unified code, the notes' example", certificate.BusinessLicence, "91350100M000100Y43", nil},
		{"unified code, a digit is wrong", certificate.BusinessLicence, "91350100M000100Y44", codeList(certificate.UnifiedCheckDigit)},
		{"unified code with an O", certificate.BusinessLicence, "913501OOM000100Y43", codeList(certificate.UnifiedCharacters)},
		{"unified code, too short", certificate.OrganUnifiedCode, "91350100M000100Y4", codeList(certificate.UnifiedLength)},
		{"licence of 13 digits", certificate.BusinessLicence, "1101051234567", codeList(certificate.LicenceLegacy)},
		{"licence of 15 digits", certificate.BusinessLicence, "110108000000016", codeList(certificate.LicenceLegacy)},
		{"licence of 15 digits, a digit is wrong", certificate.BusinessLicence, "110108000000017",
			codeList(certificate.LicenceLegacy, certificate.LicenceCheckDigit)},
		{"organisation code", 12, "D2143569-X", nil},
		{"organisation code, a digit is wrong", 12, "D2143569-1", codeList(certificate.OrganisationCheckDigit)},
		{"organisation code, too long", 12, "D21435691-1", codeList(certificate.OrganisationFormat)},
		{"institution, old number", certificate.InstitutionLegal, "事证第111000000001号", nil},
		{"institution, doubtful code", certificate.InstitutionLegal, "12350100M000100Y43", codeList(certificate.UnifiedDoubtful)},
		{"licence with foreign investment, before 2007", certificate.BusinessLicence, "企合京总字第000123号", codeList(certificate.LicenceLegacy)},
		{"Hong Kong travel permit", certificate.HKMacauPermit, "H1234567801", nil},
		{"Macau travel permit", certificate.HKMacauPermit, "M12345678", nil},
		{"neither", certificate.HKMacauPermit, "T12345678", codeList(certificate.HKMacauPermitFormat)},
		{"Taiwan travel permit", certificate.TaiwanPermit, "12345678", nil},
		{"old Taiwan travel permit", certificate.TaiwanPermit, "0123456789B", nil},
		{"not a Taiwan travel permit", certificate.TaiwanPermit, "1234567", codeList(certificate.TaiwanPermitFormat)},
		{"passport", certificate.Passport, "E12345678", nil},
		{"not a passport", certificate.Passport, "E-1", codeList(certificate.PassportFormat)},
		{"foreign permanent resident, old card", certificate.PermanentResidentID, "CAN110078123101", nil},
		{"foreign permanent resident, new card", certificate.PermanentResidentID, residentNumber("911124198108030"), nil},
		{"foreign permanent resident, doubtful", certificate.PermanentResidentID, "911124198108030000", codeList(certificate.PermanentResidentCheck)},
		{"foreign permanent resident, neither", certificate.PermanentResidentID, "1234", codeList(certificate.PermanentResidentFormat)},
		{"nothing", certificate.ResidentID, "", codeList(certificate.NumberMissing)},
		{"unit code at the limit", 5, certificate.Number(strings.Repeat("号", 255)), nil},
		{"unit code above the limit", 5, certificate.Number(strings.Repeat("号", 256)), codeList(certificate.NumberTooLong)},
		{"personal number above the limit", certificate.Passport, certificate.Number(strings.Repeat("A", 129)), codeList(certificate.NumberTooLong)},
		{"unknown kind", 26, "whatever", nil},
	} {
		got := certificate.Check(c.kind, c.number, in2026)
		if fmt.Sprint(codesOf(got)) != fmt.Sprint(c.want) {
			t.Errorf("%s: %v, want %v", c.name, codesOf(got), c.want)
		}
	}
}

// residentNumber makes an 18-character number from 15 digits by trying the check characters.
func residentNumber(digits string) certificate.Number {
	for _, last := range "0123456789X" {
		n := certificate.Number(digits + "02" + string(last))
		if !certificate.Check(certificate.ResidentID, n, in2026).Has(certificate.ResidentIDCheckDigit) {
			return n
		}
	}
	panic("no check character fits")
}

func codeList(list ...finding.Code) []finding.Code { return list }

func codesOf(l finding.List) []finding.Code {
	var all []finding.Code
	for _, f := range l {
		all = append(all, f.Code)
	}
	return all
}

func TestEveryCodeHasWords(t *testing.T) {
	for _, c := range []finding.Code{
		certificate.KindUnknown, certificate.KindNotForEntity, certificate.KindLegacy, certificate.KindNotYet,
		certificate.KindNotPersonal, certificate.EntityUnknown, certificate.NumberMissing, certificate.NumberTooLong,
		certificate.ResidentIDLength, certificate.ResidentIDOld, certificate.ResidentIDCharacters,
		certificate.ResidentIDRegion, certificate.ResidentIDIsResidence, certificate.ResidentIDIsPermanent,
		certificate.ResidentIDBirthDate, certificate.ResidentIDBirthFuture, certificate.ResidentIDCheckDigit,
		certificate.ResidencePermitRegion, certificate.PermanentResidentFormat, certificate.PermanentResidentCheck,
		certificate.UnifiedLength, certificate.UnifiedCharacters, certificate.UnifiedCheckDigit,
		certificate.UnifiedDoubtful, certificate.UnifiedEntityMismatch, certificate.OrganisationFormat,
		certificate.OrganisationCheckDigit, certificate.LicenceLegacy, certificate.LicenceCheckDigit,
		certificate.HKMacauPermitFormat, certificate.TaiwanPermitFormat, certificate.PassportFormat,
		certificate.ValidityDate, certificate.ValidityMissing, certificate.ValidityOrder, certificate.ValidityBoth,
		certificate.ValidityFuture, certificate.ValidityExpired, certificate.ValidityExpiring,
	} {
		if f := finding.New(c, ""); f.Message == finding.New("no-such-code", "").Message {
			t.Errorf("the catalogue has no words for %s", c)
		}
	}
}

// TestNumbersThatAreNeverRightOnPaper: certificates whose numbers break the rule for ever, or for which no rule is published, are warned of,
// and a reviewer compares them. "91350203M0001FTK16" is one of many registrations in Xiamen of before 2016.
func TestNumbersThatAreNeverRightOnPaper(t *testing.T) {
	for _, c := range []struct {
		name   string
		kind   certificate.Kind
		number certificate.Number
		want   finding.Code
	}{
		{"an enterprise in Xiamen", certificate.BusinessLicence, "91350203M0001FTK16", certificate.UnifiedDoubtful},
		{"a sole trader in another district of Xiamen", certificate.BusinessLicence, "92350206M0001AAA10", certificate.UnifiedDoubtful},
		{"a public body in Xiamen", certificate.OrganUnifiedCode, "11350200M0001FTK16", certificate.UnifiedDoubtful},
		{"a social organisation anywhere", 6, "51110000M0001FTK16", certificate.UnifiedDoubtful},
		{"the organisation code in a code of Xiamen", 12, "M0001FTK-1", certificate.OrganisationCheckDigit},
		{"a registration number", certificate.BusinessLicence, "110108000000017", certificate.LicenceCheckDigit},
		{"words and number of a licence", certificate.BusinessLicence, "企独粤深总字第301234号", certificate.LicenceLegacy},
		{"a travel permit of another series", certificate.HKMacauPermit, "T12345678", certificate.HKMacauPermitFormat},
		{"a travel permit for one journey", certificate.TaiwanPermit, "T123456789", certificate.TaiwanPermitFormat},
		{"a short passport number", certificate.Passport, "A123", certificate.PassportFormat},
		{"a passport number with a sign", certificate.Passport, "C-1234567", certificate.PassportFormat},
		{"a permanent resident's card of another series", certificate.PermanentResidentID, "CAN1100781231", certificate.PermanentResidentFormat},
		{"a permanent resident's check digit", certificate.PermanentResidentID, "911124198108030000", certificate.PermanentResidentCheck},
	} {
		if got := certificate.Check(c.kind, c.number, in2026); !got.Has(c.want) || got.Blocking() {
			t.Errorf("%s: %v, want a warning %s", c.name, codesOf(got), c.want)
		}
	}
	// Nothing is known to be wrong in other places and in the numbers of military units, which have no published form.
	if got := certificate.Check(certificate.BusinessLicence, "91350100M0001FTK16", in2026); !got.Blocking() {
		t.Error("a wrong check digit in Fuzhou does not block")
	}
	for _, kind := range []certificate.Kind{5, 8, 23} {
		if got := certificate.Check(kind, "军字第0012号", in2026); len(got) > 0 {
			t.Errorf("kind %d: %v", kind, codesOf(got))
		}
	}
}

func TestNormalize(t *testing.T) {
	for _, c := range []struct {
		kind     certificate.Kind
		in, want string
	}{
		{certificate.ResidentID, " １１０１０５ 19491231 002ｘ\u3000", "11010519491231002X"},
		{certificate.BusinessLicence, "91350100 m000100y43\n", "91350100M000100Y43"},
		{certificate.BusinessLicence, "91350100M000100Y43(1-1)", "91350100M000100Y43"},
		{certificate.BusinessLicence, "110108000000016（1/2）", "110108000000016"},
		{certificate.OrganUnifiedCode, "91350100M000100Y43 ( 10－12 )", "91350100M000100Y43"},
		{12, "d2143569x", "D2143569-X"},
		{12, "D2143569－X", "D2143569-X"},
		{certificate.HKMacauPermit, "h12345678", "H12345678"},
		{certificate.InstitutionLegal, " 事证第 １ 号 ", "事证第 1 号"},
		{certificate.InstitutionLegal, "91350100m000100y43", "91350100M000100Y43"},
		{5, " 第 ２号 ", "第 2号"},
		{certificate.ResidentID, "\u202d110105194912310021\u202c", "110105194912310021"},
		{certificate.TaiwanPermit, "0123456789(B)", "0123456789B"},
		{certificate.TaiwanPermit, "0123456789（b）", "0123456789B"},
		{certificate.TaiwanPermit, "0123456789【B】", "0123456789B"},
		{certificate.HKMacauPermit, "H12345678（00）", "H1234567800"},
		{certificate.ResidentID, "11010519491231002Ⅹ", "11010519491231002X"},
		{certificate.ResidentID, "11010519491231002×", "11010519491231002X"},
		{certificate.ResidentID, "11010519491231002Х", "11010519491231002X"}, // Cyrillic
		{certificate.ResidentID, "110105-19491231-002x", "11010519491231002X"},
		{certificate.ResidentID, "身份证号：'11010519491231002X；", "11010519491231002X"},
		{certificate.BusinessLicence, "统一社会信用代码：91350100-M000100Y43（1-1）", "91350100M000100Y43"},
		{certificate.BusinessLicence, "NO. 91350100M000100Y43", "91350100M000100Y43"},
		{certificate.Passport, "护照 E-12345678 (CHN)", "E12345678"},
	} {
		if got := certificate.Normalize(c.kind, c.in).Reveal(); got != c.want {
			t.Errorf("%d %q: %q, want %q", c.kind, c.in, got, c.want)
		}
	}
}

func TestBirthDateAgeAndRegion(t *testing.T) {
	const n = certificate.Number("11010519491231002X")
	if born, ok := certificate.BirthDate(certificate.ResidentID, n); !ok || born != "1949-12-31" {
		t.Errorf("born %s, %t", born, ok)
	}
	if age, ok := certificate.Age(certificate.ResidentID, n, in2019); !ok || age != 69 {
		t.Errorf("age %d, %t: the birthday is six days later", age, ok)
	}
	if region, ok := certificate.Region(certificate.ResidentID, n); !ok || region != "110105" {
		t.Errorf("region %s, %t", region, ok)
	}
	if region, ok := certificate.Region(certificate.BusinessLicence, "91350100M000100Y43"); !ok || region != "350100" {
		t.Errorf("region %s, %t", region, ok)
	}
	if _, ok := certificate.Age(certificate.Passport, "E12345678", in2019); ok {
		t.Error("a passport number has no age")
	}
	if _, ok := certificate.BirthDate(certificate.ResidentID, "110105194913310020"); ok {
		t.Error("there is no 33rd day of the 13th month")
	}
}

func TestNumbersAreRedacted(t *testing.T) {
	const secret = "11010519491231002X"
	holder := struct{ Number certificate.Number }{secret}
	for _, verb := range []string{"%v", "%s", "%+v", "%#v", "%q"} {
		for _, value := range []any{certificate.Number(secret), holder, &holder} {
			if got := fmt.Sprintf(verb, value); strings.Contains(got, secret) {
				t.Errorf("%s shows the number", verb)
			}
		}
	}
	if got := certificate.Number(secret).Masked(); got != "110*************2X" {
		t.Errorf("masked: %s", got)
	}
	if got := certificate.Number("1234567").Masked(); got != "*******" {
		t.Errorf("masked short: %s", got)
	}
}

func TestValidityIsNormalized(t *testing.T) {
	for typed, want := range map[workday.Date]workday.Date{
		"2016.05.01": "2016-05-01", "2016/5/1": "2016-05-01", "20160501": "2016-05-01", "2016年5月1日": "2016-05-01", "２０１６．０５．０１": "2016-05-01",
		" 2016-05-01\u200b": "2016-05-01", "2016 年 5 月 1 日": "2016-05-01", "2016-02-30": "2016-02-30", "1.5.2016": "1.5.2016", "": "",
		"二〇一六年五月一日": "2016-05-01", "二○二〇年十二月三十一日": "2020-12-31", "二〇二〇年十月二十日": "2020-10-20", "2016-05-01T00:00:00+08:00": "2016-05-01",
		"2016-04-30T16:00:00.000Z": "2016-05-01", "2016-05-01 00:00:00": "2016-05-01", "2016，5，1": "2016-05-01", "2016·05·01": "2016-05-01", "2016.5.1.": "2016-05-01", "2016年5月1日起": "2016-05-01",
		"自2016年05月01日": "2016-05-01", "至2016-05-01": "2016-05-01", "2016 05 01": "2016-05-01", "2016年 5月 1日止": "2016-05-01",
	} {
		got := certificate.Validity{From: typed, To: typed}.Normalize()
		if got.From != want || got.To != want || got.LongTerm || got.Normalize() != got {
			t.Errorf("%q became %+v", typed, got)
		}
	}
	for _, typed := range []workday.Date{"长期", " 长期 ", "長期", "长期有效", "长 期", "（长期）", "长期。", "至长期", "永久有效", "无固定期限", "不约定期限", "Long-term", "9999-12-31",
		"2016.05.01-长期", "2016年05月01日至长期"} {
		if got := (certificate.Validity{From: "2016.05.01", To: typed}).Normalize(); got != (certificate.Validity{From: "2016-05-01", LongTerm: true}) {
			t.Errorf("%q became %+v", typed, got)
		}
	}
}

// TestPeriodInOneField: people copy the period as the certificate prints it into both fields.
func TestPeriodInOneField(t *testing.T) {
	for _, typed := range []workday.Date{"2016.05.01-2036.05.01", "20160501-20360501", "2016年05月01日至2036年04月30日", "2016-05-01 ~ 2036-05-01", "2016-05-01—2036-05-01", "自2016年05月01日至2036年04月30日"} {
		for _, typed := range []certificate.Validity{{From: typed, To: typed}, {From: typed}, {To: typed}} {
			got := typed.Normalize()
			if got.From != "2016-05-01" || !strings.HasPrefix(string(got.To), "2036") || !got.To.Valid() || got.LongTerm || got.Normalize() != got {
				t.Errorf("%+v became %+v", typed, got)
			}
		}
	}
	// A field that people filled themselves is not replaced.
	for typed, want := range map[certificate.Validity]certificate.Validity{
		{From: "2016.05.01-长期"}:                           {From: "2016-05-01", LongTerm: true},
		{From: "2016.05.01-长期", LongTerm: true}:           {From: "2016-05-01", LongTerm: true},
		{From: "2016.05.01-2036.05.01", LongTerm: true}:   {From: "2016-05-01", LongTerm: true},
		{From: "2016.05.01-2036.05.01", To: "2026.05.01"}: {From: "2016-05-01", To: "2026-05-01"},
		{From: "2017.05.01", To: "2016.05.01-2036.05.01"}: {From: "2017-05-01", To: "2036-05-01"},
		{From: "2016.05.01"}:                              {From: "2016-05-01"},
	} {
		if got := typed.Normalize(); got != want {
			t.Errorf("%+v became %+v", typed, got)
		}
	}
}

func TestValidity(t *testing.T) {
	for _, c := range []struct {
		name  string
		v     certificate.Validity
		want  finding.Code
		where string
	}{
		{"good", certificate.Validity{From: "2020-01-01", To: "2030-01-01"}, "", ""},
		{"long-term", certificate.Validity{From: "2020-01-01", LongTerm: true}, "", ""},
		{"exactly three months", certificate.Validity{To: "2026-06-01"}, "", ""},
		{"a day less", certificate.Validity{To: "2026-05-31"}, certificate.ValidityExpiring, "/to"},
		{"the last day", certificate.Validity{To: "2026-03-01"}, certificate.ValidityExpiring, "/to"},
		{"the day after", certificate.Validity{To: "2026-02-28"}, certificate.ValidityExpired, "/to"},
		{"nothing", certificate.Validity{}, certificate.ValidityMissing, "/to"},
		{"both", certificate.Validity{To: "2030-01-01", LongTerm: true}, certificate.ValidityBoth, "/to"},
		{"backwards", certificate.Validity{From: "2020-01-01", To: "2019-01-01"}, certificate.ValidityOrder, "/to"},
		{"tomorrow", certificate.Validity{From: "2026-03-02", LongTerm: true}, certificate.ValidityFuture, "/from"},
		{"no date", certificate.Validity{From: "2026/1/1", LongTerm: true}, certificate.ValidityDate, "/from"},
	} {
		got := c.v.Check(in2026)
		if c.want == "" && len(got) > 0 || c.want != "" && (len(got) != 1 || got[0].Code != c.want || got[0].Pointer != c.where) {
			t.Errorf("%s: %v, want %s at %q", c.name, got, c.want, c.where)
		}
	}
	if _, ok := (certificate.Validity{LongTerm: true}).ExpiresOn(); ok {
		t.Error("a long-term certificate does not expire")
	}
}

func FuzzCheck(f *testing.F) {
	for _, seed := range []string{"11010519491231002X", "91350100M000100Y43", "D2143569-X", "h12345678", "", "\xff", "事证第１号"} {
		f.Add(int(certificate.ResidentID), seed)
		f.Add(int(certificate.BusinessLicence), seed)
		f.Add(12, seed)
		f.Add(int(certificate.BusinessLicence), seed+"(1-1)(1/2)")
		f.Add(int(certificate.PermanentResidentID), seed)
	}
	f.Fuzz(func(t *testing.T, kind int, text string) {
		k := certificate.Kind(kind)
		once := certificate.Normalize(k, text)
		if twice := certificate.Normalize(k, once.Reveal()); twice != once {
			t.Errorf("kind %d: normalising %q twice gives another number", kind, text)
		}
		clean := !certificate.Check(k, once, in2026).Blocking()
		if age, ok := certificate.Age(k, once, in2026); clean && ok && (age < 0 || age > 180) {
			t.Errorf("kind %d: age %d", kind, age)
		}
		certificate.Region(k, once)
		_ = once.Masked()
	})
}

func TestAgeChangesOnBirthday(t *testing.T) {
	n := residentNumber("110101200803020")
	for on, want := range map[workday.Date]int{"2026-03-01": 17, "2026-03-02": 18} {
		if age, _ := certificate.Age(certificate.ResidentID, n, on.Time().Add(time.Hour)); age != want {
			t.Errorf("on %s: %d, want %d", on, age, want)
		}
	}
}
