package api_test

import (
	"slices"
	"strings"
	"testing"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/rules/qrcode/qrcodetest"
)

// printedForms: the forms of an application have its data. A photograph of a signed form is compared with the application: what belongs elsewhere is
// refused, what is out of date has a warning, and a form of the bureau is accepted.
func printedForms(t *testing.T, f *fixture) {
	early := f.orderAt(filingtest.EnterpriseBeijing(), filing.CollectDetails)
	me := f.applicant()
	if forms := me.do("GET /orders/"+early+"/forms", nil).wantStatus(200).value("items").([]any); len(forms) != 0 {
		t.Errorf("%d forms before the details", len(forms))
	}
	app := filingtest.EnterpriseJiangsu()
	id := f.orderOf("account-2", app, filing.CollectEvidence)
	me = f.clientAs("account-2", "applicant")
	order := "/orders/" + id
	me.do("GET /orders/"+early+"/forms", nil).wantStatus(404)

	const slot = "sites/0/verification-form"
	codes := map[string]string{}
	list := me.do("GET "+order+"/forms", nil).wantStatus(200)
	for i, one := range list.value("items").([]any) {
		codes[one.(map[string]any)["slot"].(string)] = one.(map[string]any)["code"].(string)
		list.wantValue("model", "items", i, "basis")
	}
	if !strings.Contains(list.text, app.Sites[0].Name) {
		t.Error("a form lacks the site's name")
	}
	for code, want := range map[string]string{
		strings.Replace(codes[slot], id, "01JCZK3V7M8N9P0Q1R2S3T4V5W", 1):                 "form-of-another-order /evidence/sites~10~1verification-form",
		strings.Replace(codes[slot], "SITES/0/VERIFICATION-FORM", "COMMITMENT-LETTER", 1): "form-of-another-paper /evidence/sites~10~1verification-form",
	} {
		me.do("PUT "+order+"/evidence", map[string]any{"papers": f.uploadPapers(me, order, map[string][]byte{slot: signed(t, code)})}).wantStatus(422, want)
	}
	accept := func(file []byte, template any, warning string) {
		t.Helper()
		me.do("PUT "+order+"/evidence", map[string]any{"papers": f.uploadPapers(me, order, map[string][]byte{slot: file})}).wantStatus(200)
		f.wantForm(me, order, slot, template, warning)
	}
	accept(picture, nil, "form-code-not-found")
	accept(signed(t, "https://example.cn/form"), nil, "form-code-not-found")
	accept(signed(t, strings.Replace(codes[slot], "VERIFICATION-FORM.1", "VERIFICATION-FORM.0", 1)), "verification-form.0", "form-of-older-template")
	said := map[string]any{"papers": f.uploadPapers(me, order, map[string][]byte{slot: signed(t, codes[slot])})}
	for range 2 { // the request may be repeated
		me.do("PUT "+order+"/evidence", said, "idempotency-key", "signed").wantStatus(200)
		f.wantForm(me, order, slot, "verification-form.1", "")
	}

	// What is changed after the form was printed is not on it; changed back, it is.
	for _, c := range [][2]string{{"金陵科技园地", "form-details-changed"}, {app.Sites[0].Name, ""}} {
		sites := slices.Clone(app.Sites)
		sites[0].Name = c[0]
		me.do("PUT "+order+"/details", map[string]any{"subject": app.Subject, "sites": sites}).wantStatus(200)
		f.wantForm(me, order, slot, "verification-form.1", c[1])
	}

	reviewed := "/orders/" + f.orderOf("account-3", filingtest.IndividualZhejiang(), filing.InitialReview)
	f.reviewer().do("POST "+reviewed+"/claim", nil).wantStatus(200)
	f.wantForm(f.reviewer(), reviewed, slot, nil, "form-code-not-found")
	f.reviewer().do("GET "+reviewed+"/forms", nil).wantStatus(403)
}

// signed returns a photograph of a page with a code.
func signed(t *testing.T, code string) []byte {
	t.Helper()
	return qrcodetest.Photograph(t, qrcodetest.Page(t, code), 2, 1, 1, 60)
}

// wantForm checks what a caller reads of the printed form in the picture of a paper: its template, nil if there is none, and the code of the only
// warning about it, "" if there is none.
func (f *fixture) wantForm(c client, order, slot string, template any, warning string) {
	f.t.Helper()
	given := c.do("GET "+order, nil).wantStatus(200).value("evidence", slot).(map[string]any)
	var found []string
	for _, w := range given["warnings"].([]any) {
		if code := w.(map[string]any)["code"].(string); strings.HasPrefix(code, "form-") {
			found = append(found, code)
		}
	}
	if got := strings.Join(found, " "); given["form"] != template || got != warning {
		f.t.Errorf("the form is %v with %q, want %v with %q", given["form"], got, template, warning)
	}
}
