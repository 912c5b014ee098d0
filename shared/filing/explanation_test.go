package filing_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/rules/certificate"
	"beian/shared/rules/contact"
	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/province"
	"beian/shared/rules/sitename"
)

const pointerName = "/sites/0/name"

// digitsOnly is an individual's application whose site has a name of digits, which the bureau usually refuses.
func digitsOnly() filingtest.Application {
	a := zhejiang()
	a.Sites[0].Name = "2046"
	return a
}

func entered(a app, given ...filing.Explanation) filing.EnterDetails {
	return filing.EnterDetails{Subject: a.Subject, Sites: a.Sites, Explanations: given}
}

var nameExplained = filing.Explanation{Code: sitename.OnlyDigits, Pointer: pointerName, Text: " 作品名\u200b就是 2046 "}

var overrideName = filing.OverrideRequest{Code: sitename.OnlyDigits, Pointer: pointerName, Reason: "作品已出版，名称属实"}

// explainedOrder returns an order with an explained site name, claimed by the reviewer.
func explainedOrder(t *testing.T) *filingtest.Walk {
	t.Helper()
	w := filingtest.OpenAt(t, digitsOnly(), filingtest.December2019, filing.CollectDetails)
	w.Decide(filingtest.Applicant, entered(digitsOnly(), nameExplained))
	w.AdvanceTo(filing.InitialReview)
	w.Decide(filingtest.Reviewer, filing.ClaimOrder{})
	return w
}

// wantExplained fails the test unless the order has these explanations: "code pointer", with "+" if overridden and "-" if it no longer applies.
func wantExplained(t *testing.T, o filing.Order, want ...string) {
	t.Helper()
	var got []string
	for _, e := range o.Private.Explained {
		one := string(e.Code) + " " + e.Pointer
		if e.Override != nil {
			one = "+" + one
		}
		if !e.Applies {
			one = "-" + one
		}
		got = append(got, one)
	}
	if !slices.Equal(got, want) {
		t.Errorf("explained %q, want %q", got, want)
	}
}

// TestExplanation: a blocking finding of an overridable rule says that it can be explained. With an explanation it is a warning.
func TestExplanation(t *testing.T) {
	w := filingtest.OpenAt(t, digitsOnly(), filingtest.December2019, filing.CollectDetails)
	_, err := w.Order.Apply(entered(digitsOnly()), filingtest.Applicant, w.At)
	f := fault.Of(err).Findings[0]
	if f.Code != sitename.OnlyDigits || !f.Overridable || !strings.Contains(f.Remedy.Chinese, "写一句原因") || !strings.Contains(f.Remedy.English, "write in a sentence why") {
		t.Errorf("%+v", f)
	}
	c := w.Decide(filingtest.Applicant, entered(digitsOnly(), nameExplained))
	found := w.Order.Private.Findings
	if len(found) != 1 || found[0].Severity != finding.Warn || found[0].Overridable || !strings.Contains(found[0].Remedy.Chinese, "审核人员") {
		t.Errorf("%+v", found)
	}
	wantExplained(t, w.Order, "site-name-only-digits /sites/0/name")
	if e := w.Order.Private.Explained[0]; e.Text != "作品名就是 2046" || c.Entry.Facts["explained"] != "[site-name-only-digits]" {
		t.Errorf("facts %v", c.Entry.Facts)
	}
	if len(w.Order.Summary().Explanations) != 1 {
		t.Error("the applicant does not confirm the explanation")
	}
	// A correction needs no explanation, and none is left.
	w.Decide(filingtest.Applicant, entered(zhejiang(), nameExplained))
	wantExplained(t, w.Order)
}

func TestWrongExplanations(t *testing.T) {
	long := strings.Repeat("字", filing.ExplanationLimit+1)
	bad := digitsOnly()
	bad.Sites[0].Leader.Mobile = ""
	for name, c := range map[string]struct {
		app   app
		given []filing.Explanation
		want  []string
	}{
		"another field":      {digitsOnly(), []filing.Explanation{{sitename.OnlyDigits, "/sites/1/name", "是"}}, []string{"site-name-only-digits /sites/0/name"}},
		"no field":           {digitsOnly(), []filing.Explanation{{sitename.OnlyDigits, "x//~", "是"}}, []string{"site-name-only-digits /sites/0/name"}},
		"another rule":       {digitsOnly(), []filing.Explanation{{sitename.OnlyLatin, pointerName, "是"}}, []string{"site-name-only-digits /sites/0/name"}},
		"nothing said":       {digitsOnly(), []filing.Explanation{{sitename.OnlyDigits, pointerName, " \u200b"}}, []string{"explanation-text /explanations/0/text", "site-name-only-digits /sites/0/name"}},
		"too long":           {digitsOnly(), []filing.Explanation{{sitename.OnlyDigits, pointerName, long}}, []string{"explanation-text /explanations/0/text"}},
		"twice":              {digitsOnly(), []filing.Explanation{nameExplained, nameExplained}, []string{"explanation-twice /explanations/1"}},
		"a rule of the wire": {bad, []filing.Explanation{nameExplained, {"mobile-missing", "/sites/0/leader/mobile", "没有手机"}}, []string{"explanation-rule /explanations/1/code", "mobile-missing /sites/0/leader/mobile"}},
		"no rule":            {digitsOnly(), []filing.Explanation{nameExplained, {"x", "", "是"}}, []string{"explanation-rule /explanations/1/code"}},
	} {
		w := filingtest.OpenAt(t, zhejiang(), filingtest.December2019, filing.CollectDetails)
		_, err := w.Order.Apply(entered(c.app, c.given...), filingtest.Applicant, w.At)
		if got := blockingIn(err); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// TestTooManyExplanations: requests together cannot give an order more explanations than its item has room for.
func TestTooManyExplanations(t *testing.T) {
	a := zhejiang()
	var given []filing.Explanation
	for i := range filing.ExplanationsPerOrder + 1 {
		a.Sites[0].ServiceContent = append(a.Sites[0].ServiceContent, i+1)
		given = append(given, filing.Explanation{Code: filing.CodeContentNotForIndividuals, Pointer: fmt.Sprintf("/sites/0/serviceContent/%d", i), Text: "记录"})
	}
	a.Sites[0].ServiceContent = slices.DeleteFunc(a.Sites[0].ServiceContent, func(id int) bool { return id == 6 })
	w := filingtest.OpenAt(t, zhejiang(), filingtest.December2019, filing.CollectDetails)
	b := zhejiang()
	b.Sites[0].ServiceContent = slices.Clone(a.Sites[0].ServiceContent[:11])
	w.Decide(filingtest.Applicant, entered(b, given[:11]...))
	a.Sites[0].ServiceContent = append(a.Sites[0].ServiceContent, 22)
	_, err := w.Order.Apply(entered(a, given[11:]...), filingtest.Applicant, w.At)
	if got := blockingIn(err); !slices.Equal(got, []string{"explanations-above-limit /explanations"}) {
		t.Errorf("%q", got)
	}
}

// blockingIn lists the blocking findings of an error as "code pointer", sorted.
func blockingIn(err error) []string {
	var all []string
	if err == nil {
		return nil
	}
	for _, f := range fault.Of(err).Findings {
		if f.Severity == finding.Block {
			all = append(all, string(f.Code)+" "+f.Pointer)
		}
	}
	slices.Sort(all)
	return all
}

// TestExplanationFollowsItsSite: an explanation is about a site, not about its place in the list.
func TestExplanationFollowsItsSite(t *testing.T) {
	a := jiangsu()
	a.Sites[1].Name = "2046"
	w := filingtest.OpenAt(t, jiangsu(), filingtest.December2019, filing.CollectDetails)
	w.Decide(filingtest.Applicant, entered(a, filing.Explanation{Code: sitename.OnlyDigits, Pointer: "/sites/1/name", Text: "展厅名"}))
	slices.Reverse(a.Sites)
	w.Decide(filingtest.Applicant, entered(a))
	wantExplained(t, w.Order, "site-name-only-digits /sites/0/name")
	a.Sites[0].Name, a.Sites[1].Name = a.Sites[1].Name, a.Sites[0].Name
	if _, err := w.Order.Apply(entered(a), filingtest.Applicant, w.At); err == nil {
		t.Error("the explanation of one site counts for the other")
	}
}

// TestExplainedLeader: what was explained of a leader does not count for another person.
func TestExplainedLeader(t *testing.T) {
	a := beijing()
	a.Subject.Leader.OfficePhone = contact.Phone(a.Subject.Leader.Mobile)
	w := filingtest.OpenAt(t, beijing(), later, filing.CollectDetails)
	w.Decide(filingtest.Applicant, entered(a, filing.Explanation{Code: filing.CodeOfficeIsMobile, Pointer: "/subject/leader/officePhone", Text: "公司只有一部电话"}))
	w.Decide(filingtest.Applicant, entered(a))
	a.Subject.Leader.Certificate.Number = filingtest.ResidentID("11010119870303000")
	_, err := w.Order.Apply(entered(a), filingtest.Applicant, w.At)
	if got := blockingIn(err); !slices.Equal(got, []string{"office-phone-is-own-mobile /subject/leader/officePhone"}) {
		t.Errorf("another leader: %q", got)
	}
}

// TestExplainedOpening: a finding about the opening is explained there, and decided with those about the details.
func TestExplainedOpening(t *testing.T) {
	a := beijing()
	wrong := certificate.Number("91110105000000000W")
	a.Opening.Certificate.Number, a.Subject.Certificate.Number = wrong, wrong
	_, err := filing.Open(a.OpenInput("1"), filingtest.Applicant, filingtest.December2019)
	if f := fault.Of(err).Findings; len(f) != 1 || f[0].Code != certificate.UnifiedCheckDigit || !f[0].Overridable {
		t.Fatalf("%+v", f)
	}
	a.Opening.Explanations = []filing.Explanation{{Code: "address-missing", Pointer: "/name", Text: ""}}
	_, err = filing.Open(a.OpenInput("1"), filingtest.Applicant, filingtest.December2019)
	if got := blockingIn(err); !slices.Equal(got, []string{"explanation-rule /explanations/0/code", "explanation-text /explanations/0/text", "unified-code-check-digit /certificate/number"}) {
		t.Errorf("%q", got)
	}
	a.Opening.Explanations = []filing.Explanation{{Code: certificate.UnifiedCheckDigit, Pointer: "/certificate/number", Text: "执照上就是这个代码"}}
	w := filingtest.Open(t, a, filingtest.December2019)
	wantExplained(t, w.Order, "unified-code-check-digit /certificate/number")
	w.AdvanceTo(filing.VerifyProduct)
	if !w.Order.Private.Findings.Has(certificate.UnifiedCheckDigit) || w.Order.Private.Findings.Blocking() {
		t.Errorf("after the determination of the type: %v", codesIn(w.Order.Private.Findings))
	}
	w.AdvanceTo(filing.InitialReview)
	wantExplained(t, w.Order, "unified-code-check-digit /subject/certificate/number")
	w.Decide(filingtest.Reviewer, filing.ClaimOrder{})
	wantFault(t, w, filingtest.Reviewer, filing.Pass{}, fault.Invalid, filing.CodeOverrideMissing)
	w.Decide(filingtest.Reviewer, filing.Pass{Overrides: []filing.OverrideRequest{
		{Code: certificate.UnifiedCheckDigit, Pointer: "/subject/certificate/number", Reason: "与执照原件一致"}}})
}

// TestExplainedDomain: a suffix that the bureau refuses is explained at the opening, and decided at the site with the domain.
func TestExplainedDomain(t *testing.T) {
	a := beijing()
	a.Opening.Domains, a.Sites[0].Domains, a.Sites[0].HomeURL = []string{"shili.cn", "shili.hk"}, []filing.Domain{"shili.hk", "shili.cn"}, ""
	_, err := filing.Open(a.OpenInput("1"), filingtest.Applicant, later)
	if got := blockingIn(err); !slices.Equal(got, []string{"domain-suffix-refused /domains/1"}) {
		t.Fatalf("%q", got)
	}
	a.Opening.Explanations = []filing.Explanation{{Code: province.SuffixRefused, Pointer: "/domains/1", Text: "管局已书面同意"}}
	w := filingtest.Open(t, a, later)
	w.AdvanceTo(filing.InitialReview)
	wantExplained(t, w.Order, "domain-suffix-refused /sites/0/domains/0")
	w.Decide(filingtest.Reviewer, filing.ClaimOrder{})
	w.Decide(filingtest.Reviewer, filing.Pass{Overrides: []filing.OverrideRequest{{Code: province.SuffixRefused, Pointer: "/sites/0/domains/0", Reason: "已见管局复函"}}})
}

// TestExplainedNumberOfDomains: a cap of the province is explained once, where it is found: at the opening, or after the determination of
// the type if it is for first filings. The details have the same finding about the sites.
func TestExplainedNumberOfDomains(t *testing.T) {
	explained := filing.Explanation{Code: province.TooManyDomains, Pointer: "/domains", Text: "管局已同意一次备案"}
	const atSites = "too-many-domains-in-order /sites"

	inShanxi := beijing()
	inShanxi.Opening.Province, inShanxi.Subject.Division, inShanxi.Subject.CertificateAddress = "14", "140105", "山西省太原市小店区示例证件路1号"
	inShanxi.Opening.Domains, inShanxi.Sites[0].Domains = severalDomains(4), nil
	for _, d := range inShanxi.Opening.Domains {
		inShanxi.Sites[0].Domains = append(inShanxi.Sites[0].Domains, filing.Domain(d))
	}
	inShanxi.Sites[0].HomeURL = ""
	_, err := filing.Open(inShanxi.OpenInput("1"), filingtest.Applicant, later)
	if got := blockingIn(err); !slices.Equal(got, []string{"too-many-domains-in-order /domains"}) {
		t.Fatalf("%q", got)
	}
	inShanxi.Opening.Explanations = []filing.Explanation{explained}
	w := filingtest.Open(t, inShanxi, later)
	w.AdvanceTo(filing.InitialReview)
	wantExplained(t, w.Order, atSites)

	inHainan := zhejiang()
	inHainan.Opening.Province, inHainan.Subject.Division, inHainan.Subject.CertificateAddress = "46", "460105", "海南省海口市秀英区示例证件路1号"
	inHainan.Opening.Domains, inHainan.Sites[0].Domains = []string{"shili.cn", "shili.com"}, []filing.Domain{"shili.cn", "shili.com"}
	w = filingtest.Open(t, inHainan, later)
	determine := filing.DetermineType{Facts: w.Facts(filing.Facts{})}
	w.Decide(filing.Beian, determine)
	if found := w.Order.Private.Findings; w.Order.Step != filing.VerifyType || !found[0].Overridable || found[0].Code != province.TooManyDomains {
		t.Fatalf("at %s: %v", w.Order.Step, codesIn(found))
	}
	wantFault(t, w, filingtest.Applicant, filing.CorrectType{Opening: inHainan.Opening}, fault.Invalid, province.TooManyDomains)
	inHainan.Opening.Explanations = []filing.Explanation{explained}
	w.Decide(filingtest.Applicant, filing.CorrectType{Opening: inHainan.Opening})
	w.AdvanceTo(filing.InitialReview)
	wantExplained(t, w.Order, atSites)
}

// TestCorrectedOpening: an explanation of an opening counts for the corrected opening while the field keeps its value.
func TestCorrectedOpening(t *testing.T) {
	a := beijing()
	wrong := certificate.Number("91110105000000000W")
	a.Opening.Certificate.Number = wrong
	a.Opening.Explanations = []filing.Explanation{{Code: certificate.UnifiedCheckDigit, Pointer: "/certificate/number", Text: "执照上就是这个代码"}}
	w := filingtest.Open(t, a, filingtest.December2019)
	corrected := a.Opening
	corrected.Explanations, corrected.Domains = nil, []string{"other-example.com"}
	w.Decide(filingtest.Applicant, filing.CorrectType{Opening: corrected})
	wantExplained(t, w.Order, "unified-code-check-digit /certificate/number")
	corrected.Certificate.Number = "91110105000000000X"
	wantFault(t, w, filingtest.Applicant, filing.CorrectType{Opening: corrected}, fault.Invalid, certificate.UnifiedCheckDigit)
	corrected.Certificate.Number = filingtest.BeijingFirm
	w.Decide(filingtest.Applicant, filing.CorrectType{Opening: corrected})
	wantExplained(t, w.Order)
}

// TestOpeningsWarnings: what the opening is warned of reaches the reviewer, such as a code of Xiamen that breaks GB 32100 for ever.
func TestOpeningsWarnings(t *testing.T) {
	a := beijing()
	xiamen := certificate.Number("91350203M0001FTK16")
	a.Opening.Province, a.Subject.Division, a.Subject.CertificateAddress = "35", "350203", "福建省厦门市思明区示例证件路1号"
	a.Opening.Certificate.Number, a.Subject.Certificate.Number = xiamen, xiamen
	a.Opening.Domains, a.Sites[0].Domains = []string{"shili.dev"}, []filing.Domain{"shili.dev"}
	a.Sites[0].HomeURL = ""
	w := filingtest.Open(t, a, filingtest.December2019)
	for _, step := range []filing.Step{filing.VerifyType, filing.VerifyProduct, filing.CollectEvidence, filing.InitialReview} {
		w.AdvanceTo(step)
		found := w.Order.Private.Findings
		number, domain := "/subject/certificate/number", "/sites/0/domains/0"
		if step == filing.VerifyType || step == filing.VerifyProduct {
			number, domain = "/certificate/number", "/domains/0"
		}
		for code, pointer := range map[finding.Code]string{certificate.UnifiedDoubtful: number, "domain-suffix-unlisted": domain} {
			if !slices.ContainsFunc(found, func(f finding.Finding) bool {
				return f.Code == code && f.Pointer == pointer && f.Severity == finding.Warn
			}) {
				t.Errorf("at %s: no warning %s at %s", step, code, pointer)
			}
		}
	}
	w.Decide(filingtest.Reviewer, filing.ClaimOrder{})
	w.Decide(filingtest.Reviewer, filing.Pass{}) // a warning needs no override
}

// outOfProvince is an individual who files in Jiangsu with a certificate number from Hangzhou, so the bureau requires a residence permit.
func outOfProvince() app {
	a := zhejiang()
	a.Opening.Province, a.Subject.Division, a.Subject.CertificateAddress = "32", "320102", "江苏省南京市玄武区示例证件路1号"
	return a
}

// TestExplainedEvidence: a document that a bureau requires by its practice may be explained instead of uploaded: this household has
// moved, so there is no residence permit. Certificates and forms cannot be explained.
func TestExplainedEvidence(t *testing.T) {
	const permit = "/evidence/residence-permit"
	moved := filing.Explanation{Code: evidence.CodeProofMissing, Pointer: permit, Text: "户籍已迁入南京，身份证住址就在本省"}
	w := filingtest.OpenAt(t, outOfProvince(), filingtest.December2019, filing.CollectEvidence)
	missing := w.Order.MissingEvidence(w.At)
	if i := slices.IndexFunc(missing, func(f finding.Finding) bool { return f.Pointer == permit }); i < 0 || !missing[i].Overridable {
		t.Fatalf("%v", missing)
	}
	for name, c := range map[string]struct {
		given filing.Explanation
		want  []string
	}{
		"a certificate":          {filing.Explanation{Code: evidence.CodeMissing, Pointer: "/evidence/subject-certificate-front", Text: "没有"}, []string{"explanation-rule /explanations/0/code"}},
		"a certificate as proof": {filing.Explanation{Code: evidence.CodeProofMissing, Pointer: "/evidence/subject-certificate-front", Text: "没有"}, []string{"explanation-unknown /explanations/0/pointer"}},
		"nothing said":           {filing.Explanation{Code: evidence.CodeProofMissing, Pointer: permit}, []string{"explanation-text /explanations/0/text"}},
	} {
		_, err := w.Order.Apply(filing.ExplainEvidence{Explanations: []filing.Explanation{c.given}}, filingtest.Applicant, w.At)
		if got := blockingIn(err); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	w.Decide(filingtest.Applicant, filing.ExplainEvidence{Explanations: []filing.Explanation{moved}})
	if _, err := w.Order.Apply(filing.ExplainEvidence{Explanations: []filing.Explanation{moved}}, filingtest.Applicant, w.At); !errors.Is(err, filing.ErrNothingToDo) {
		t.Errorf("again: %v", err)
	}
	uploads := w.RequiredEvidence()
	delete(uploads, evidence.Slot(evidence.ResidencePermit))
	w.Decide(filingtest.Applicant, filing.AcceptEvidence{Accepted: uploads})
	if w.Order.Step != filing.VerifyAuthenticity {
		t.Fatalf("the order is at %s", w.Order.Step)
	}
	w.Decide(filingtest.Applicant, entered(outOfProvince()))
	wantExplained(t, w.Order, "evidence-proof-missing "+permit)
	w.AdvanceTo(filing.InitialReview)
	if found := w.Order.Private.Findings; !slices.ContainsFunc(found, func(f finding.Finding) bool { return f.Pointer == permit && f.Severity == finding.Warn }) {
		t.Errorf("the reviewer sees %v", codesIn(found))
	}
	w.Decide(filingtest.Reviewer, filing.ClaimOrder{})
	wantFault(t, w, filingtest.Reviewer, filing.Pass{}, fault.Invalid, filing.CodeOverrideMissing)
	// The reviewer may ask for the document all the same. Once it is there, nothing has to be explained.
	w.Decide(filingtest.Reviewer, filing.Return{Findings: finding.List{finding.New(filing.CodePaperUnknown, permit)}})
	w.Decide(filingtest.Applicant, filing.AcceptEvidence{Accepted: map[evidence.Slot]filing.Evidence{"residence-permit": filingtest.Evidence("residence-permit")}})
	wantExplained(t, w.Order, "-evidence-proof-missing "+permit) // the record of the refusal
	w.AdvanceTo(filing.InitialReview)
	w.Decide(filingtest.Reviewer, filing.ClaimOrder{})
	w.Decide(filingtest.Reviewer, filing.Pass{})
}

// TestExplainedEvidenceIsOverridden: with an override the order goes on without the document, and stays explained in later rounds, but not
// for another leader.
func TestExplainedEvidenceIsOverridden(t *testing.T) {
	const letter = "/evidence/sites~10~1authorization-letter"
	inTianjin := func() app {
		a := inTianjin()
		a.Subject.CertificateAddress = "天津市和平区示例证件路1号"
		return a
	}
	w := filingtest.OpenAt(t, inTianjin(), later, filing.CollectEvidence)
	w.Decide(filingtest.Applicant, filing.ExplainEvidence{Explanations: []filing.Explanation{{Code: evidence.CodeProofMissing, Pointer: letter, Text: "公章正在更换"}}})
	uploads := w.RequiredEvidence()
	delete(uploads, "sites/0/authorization-letter")
	w.Decide(filingtest.Applicant, filing.AcceptEvidence{Accepted: uploads})
	w.AdvanceTo(filing.InitialReview)
	w.Decide(filingtest.Reviewer, filing.ClaimOrder{})
	w.Decide(filingtest.Reviewer, filing.Pass{Documents: []evidence.Slot{"sites/0/verification-form"},
		Overrides: []filing.OverrideRequest{{Code: evidence.CodeProofMissing, Pointer: letter, Reason: "电话核实"}}})
	w.Decide(filingtest.Reviewer, filing.ClaimOrder{})
	w.Decide(filingtest.Reviewer, filing.Return{Findings: reviewFindings})
	w.Decide(filingtest.Applicant, entered(inTianjin()))
	wantExplained(t, w.Order, "+evidence-proof-missing "+letter)
	other := inTianjin()
	other.Sites[0].Leader.Certificate.Number = filingtest.ResidentID("11010119870303000")
	w.Decide(filingtest.Applicant, entered(other))
	wantExplained(t, w.Order, "-+evidence-proof-missing "+letter)
	if w.Order.Step != filing.CollectEvidence {
		t.Errorf("the order is at %s", w.Order.Step)
	}
}
