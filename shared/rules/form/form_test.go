package form_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"beian/shared/rules/evidence"
	"beian/shared/rules/form"
	"beian/shared/rules/province"
)

var today = time.Date(2026, 11, 28, 4, 0, 0, 0, time.UTC)

// TestTemplates: each document that a person signs and that the provider does not get from elsewhere has a form in each province, and no other has.
func TestTemplates(t *testing.T) {
	forms := map[evidence.Kind]bool{evidence.VerificationForm: true, evidence.SubjectAuthorizationLetter: true, evidence.SiteAuthorizationLetter: true,
		evidence.CommitmentLetter: true, evidence.ResponsibilityNotice: true, evidence.PreApprovalStatement: true,
		evidence.ConstructionPlan: false, evidence.DomainCertificate: false, evidence.PartyBuildingConfirmation: false, evidence.SubjectCertificateFront: false}
	for kind, want := range forms {
		if form.IsFormKind(kind) != want {
			t.Errorf("%s is a form: %v", kind, !want)
		}
		for _, p := range province.All() {
			template, has := form.Of(kind, p.Code, today)
			if has != want || has && template.Kind != kind {
				t.Errorf("%s, %s: %v", kind, p.Code, has)
			}
		}
	}
	if _, has := form.Of(evidence.CommitmentLetter, "44", time.Date(2021, 5, 31, 4, 0, 0, 0, time.UTC)); has {
		t.Error("a commitment letter before 2021-06-01")
	}
}

// TestSignatures: units seal, and fingerprints are set where a province asks for them.
func TestSignatures(t *testing.T) {
	template, _ := form.Of(evidence.VerificationForm, "65", today)
	for _, c := range []struct {
		province    province.Code
		audience    province.Audience
		fingerprint bool
		seals       int
	}{{"65", province.Units, true, 2}, {"65", province.Individuals, true, 1}, {"36", province.Individuals, true, 1}, {"36", province.Units, false, 2}, {"33", province.Individuals, false, 1}} {
		seals, fingerprint := 0, false
		for _, s := range template.Signatures {
			if s.Fits(c.audience) && s.Seal {
				seals++
			}
			fingerprint = fingerprint || s.NeedsFingerprint(c.province, c.audience)
		}
		if seals != c.seals || fingerprint != c.fingerprint {
			t.Errorf("%s, %s: %d seals, fingerprint %v", c.province, c.audience, seals, fingerprint)
		}
	}
}

// TestJiangsuCommitmentLetter: in Jiangsu the site leader signs the commitment letter in person, not only the legal representative.
func TestJiangsuCommitmentLetter(t *testing.T) {
	for province, want := range map[province.Code]bool{"32": true, "44": false} {
		template, _ := form.Of(evidence.CommitmentLetter, province, today)
		if signs := slices.ContainsFunc(template.Signatures, func(s form.Signature) bool { return strings.HasPrefix(s.Label, "网站负责人签字") }); signs != want {
			t.Errorf("%s: the site leader signs: %v", province, signs)
		}
	}
}

const order = "01JCZK3V7M8N9P0Q1R2S3T4V5W"

// TestCode: the text of a code is parsed, and has only the characters that a QR code stores in the least space.
func TestCode(t *testing.T) {
	for _, slot := range []evidence.Slot{"commitment-letter", "sites/63/verification-form"} {
		code := form.Code{Order: order, Slot: slot, Template: "verification-form.1", Digest: form.NewDigest("00112233445566778899aabb")}
		text := code.String()
		if parsed, ok := form.ParseCode(text); !ok || parsed != code {
			t.Errorf("%s: %+v, %v", text, parsed, ok)
		}
		if strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/.-") != "" || len(text) > 122 { // version 5, level M
			t.Errorf("%s has other characters, or %d", text, len(text))
		}
	}
	good := form.Code{Order: order, Slot: "commitment-letter", Template: "commitment-letter.1", Digest: "ABCDEFGHIJKLMNOP"}.String()
	for _, bad := range []string{"", "BEIAN/FORM/1/", good + "/", good + " ", strings.ToLower(good), strings.Replace(good, "/1/", "/2/", 1), strings.Replace(good, order, "X", 1),
		strings.Replace(good, "ABCD", "AB1D", 1), strings.Replace(good, "COMMITMENT-LETTER.1", "", 1), strings.TrimSuffix(good, "COMMITMENT-LETTER") + "SITES/0", "https://example.cn/"} {
		if code, ok := form.ParseCode(bad); ok {
			t.Errorf("%q was parsed: %+v", bad, code)
		}
	}
}

// FuzzParseCode: whatever is parsed has the text that was parsed.
func FuzzParseCode(f *testing.F) {
	f.Add(form.Code{Order: order, Slot: "sites/0/verification-form", Template: "verification-form.1", Digest: "ABCDEFGHIJKLMNOP"}.String())
	f.Add("BEIAN/FORM/1////")
	f.Fuzz(func(t *testing.T, text string) {
		if code, ok := form.ParseCode(text); ok && code.String() != text {
			t.Errorf("%q became %q", text, code.String())
		}
	})
}
