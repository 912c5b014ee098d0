package filing_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/rules/evidence"
	"beian/shared/rules/form"
	"beian/shared/rules/number"
)

func formFor(t *testing.T, o filing.Order, slot evidence.Slot, w *filingtest.Walk) filing.Form {
	t.Helper()
	forms := o.Forms(w.At)
	i := slices.IndexFunc(forms, func(f filing.Form) bool { return f.Slot == slot })
	if i < 0 {
		t.Fatalf("there is no form for %s", slot)
	}
	return forms[i]
}

const orderID = "01JCZK3V7M8N9P0Q1R2S3T4V50"

// TestForms: an order has a form for each paper that is signed, filled in with its data. Its code names the order, and nothing personal.
func TestForms(t *testing.T) {
	for name, c := range map[string]struct {
		app   filingtest.Application
		slots []evidence.Slot
		sign  []string // of the verification form
	}{
		"an enterprise": {filingtest.EnterpriseBeijing(), []evidence.Slot{"subject-authorization-letter", "sites/0/authorization-letter", "sites/0/verification-form"},
			[]string{"网站负责人签字", "主办单位盖章", "接入服务单位核验人签字", "接入服务单位盖章"}},
		"a person": {filingtest.IndividualZhejiang(), []evidence.Slot{"sites/0/verification-form"}, []string{"网站负责人签字", "接入服务单位核验人签字", "接入服务单位盖章"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := filingtest.OpenAt(t, c.app, filingtest.December2019, filing.CollectEvidence)
			w.Order.ID = orderID
			w.Order.Private.Subject.Leader.LegalRepresentative = false
			for i := range w.Order.Private.Sites {
				w.Order.Private.Sites[i].Leader.LegalRepresentative = false
			}
			forms := w.Order.Forms(w.At)
			var slots []evidence.Slot
			for _, f := range forms {
				slots = append(slots, f.Slot)
			}
			if !slices.Equal(slots, c.slots) {
				t.Errorf("forms for %v, want %v", slots, c.slots)
			}
			f := formFor(t, w.Order, "sites/0/verification-form", w)
			var sign []string
			for _, s := range f.Sign {
				sign = append(sign, s.Label)
			}
			if !slices.Equal(sign, c.sign) || f.Basis != form.Model || f.Title.Chinese != "网站备案信息真实性核验单" {
				t.Errorf("%s, %s, signed by %v", f.Title.Chinese, f.Basis, sign)
			}
			var values, labels []string
			for _, p := range f.Parts {
				for _, row := range p.Rows {
					values, labels = append(values, row.Value), append(labels, row.Label)
				}
			}
			s, site := w.Order.Private.Subject, w.Order.Private.Sites[0]
			for _, want := range []string{s.Name.Reveal(), s.Certificate.Number.Reveal(), site.Name, string(site.Domains[0]), site.Leader.Mobile.Reveal(), w.Order.Product.IPs[0]} {
				if !slices.Contains(values, want) {
					t.Errorf("a value is missing among the rows %v", labels)
				}
				if strings.Contains(strings.ToUpper(f.Code), strings.ToUpper(want)) {
					t.Error("the code has personal data")
				}
			}
			if code, ok := form.ParseCode(f.Code); !ok || code.Order != string(w.Order.ID) || code.Slot != f.Slot || code.Template != f.Template {
				t.Errorf("the code is %s", f.Code)
			}
			if printed := fmt.Sprint(f, f.Parts[0], f.Parts[0].Rows[0]); strings.Contains(printed, s.Name.Reveal()) {
				t.Error("a form is printed to a log with personal data")
			}
			if text := strings.Join(f.Text, ""); strings.Contains(text, "{") {
				t.Errorf("the text has placeholders: %s", text)
			}
		})
	}
}

// TestFormsBeforeDetails: without complete details there is nothing to print.
func TestFormsBeforeDetails(t *testing.T) {
	w := filingtest.OpenAt(t, filingtest.EnterpriseBeijing(), filingtest.December2019, filing.CollectDetails)
	if forms := w.Order.Forms(w.At); len(forms) > 0 {
		t.Errorf("%d forms", len(forms))
	}
}

// TestFormsOfApp: the form of an app speaks of an app.
func TestFormsOfApp(t *testing.T) {
	w := filingtest.OpenAt(t, filingtest.EnterpriseBeijing().AsService(number.App), filingtest.October2023, filing.CollectEvidence)
	f := formFor(t, w.Order, "sites/0/verification-form", w)
	if f.Title.Chinese != "备案信息真实性核验单" {
		t.Errorf("the title is %s", f.Title.Chinese)
	}
	for _, s := range f.Sign {
		if strings.Contains(s.Label, "网站") {
			t.Errorf("signed by %s", s.Label)
		}
	}
}

// TestFormFindings: the code in a picture is compared with the order as it is now.
func TestFormFindings(t *testing.T) {
	const slot = evidence.Slot("sites/0/verification-form")
	w := filingtest.OpenAt(t, filingtest.EnterpriseJiangsu(), filingtest.December2019, filing.CollectEvidence)
	w.Order.ID = orderID
	printed, _ := form.ParseCode(formFor(t, w.Order, slot, w).Code)
	with := func(change func(*form.Code)) string {
		c := printed
		change(&c)
		return c.String()
	}
	for name, c := range map[string]struct {
		read, code string
		blocks     bool
	}{
		"the same":          {printed.String(), "", false},
		"no code":           {"", "form-code-not-found", false},
		"another code":      {"https://example.cn/", "form-code-not-found", false},
		"another order":     {with(func(c *form.Code) { c.Order = "01JCZK3V7M8N9P0Q1R2S3T4V5W" }), "form-of-another-order", true},
		"another paper":     {with(func(c *form.Code) { c.Slot = "commitment-letter" }), "form-of-another-paper", true},
		"an older template": {with(func(c *form.Code) { c.Template = "verification-form.0" }), "form-of-older-template", false},
		"other data":        {with(func(c *form.Code) { c.Digest = "AAAAAAAAAAAAAAAA" }), "form-details-changed", false},
	} {
		found := w.Order.FormFindings(slot, c.read, w.At)
		if c.code == "" && len(found) == 0 {
			continue
		}
		if len(found) != 1 || string(found[0].Code) != c.code || found.Blocking() != c.blocks || found[0].Pointer != "" || strings.Contains(found[0].Message.Chinese, "{") {
			t.Errorf("%s: %v", name, codesIn(found))
		}
	}
	changed := w.Order
	changed.Private.Sites = slices.Clone(changed.Private.Sites)
	changed.Private.Sites[0].Name = "另一个名称"
	if found := changed.FormFindings(slot, printed.String(), w.At); !found.Has(filing.CodeFormDetailsChanged) {
		t.Errorf("after a change: %v", codesIn(found))
	}
	if found := w.Order.FormFindings("subject-certificate-front", "", w.At); len(found) > 0 {
		t.Errorf("a certificate: %v", codesIn(found))
	}
}
