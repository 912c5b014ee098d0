package api_test

import (
	"testing"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
)

// detailsDrafts: incomplete details are kept and checked, for their owner only, until details are entered; they change nothing of the order.
func detailsDrafts(t *testing.T, f *fixture) {
	me, other := f.applicant(), f.clientAs("account-2", "applicant")
	app := filingtest.NumberedEnterprise(1)
	order := "/orders/" + f.orderAt(app, filing.CollectDetails)
	draft := order + "/details-draft"
	before := me.do("GET "+draft, nil).wantStatus(200)
	if saved := before.value("savedAt"); saved != nil {
		t.Errorf("saved at %v before anything was saved", saved)
	}
	if len(before.findings()) == 0 {
		t.Error("nothing is missing")
	}
	version := me.do("GET "+order, nil).wantStatus(200).value("version")
	partly := map[string]any{"subject": map[string]any{"address": "示例街3号"}, "sites": []any{map[string]any{"name": "2046"}}}
	saved := me.do("PUT "+draft, partly).wantStatus(200).wantValue("示例街3号", "subject", "address")
	if saved.value("savedAt") == nil || len(saved.findings()) == 0 {
		t.Errorf("saved at %v with %d findings", saved.value("savedAt"), len(saved.findings()))
	}
	me.do("GET "+draft, nil).wantStatus(200).wantValue("2046", "sites", 0, "name")
	me.do("GET "+order, nil).wantStatus(200).wantValue(version, "version").wantValue(false, "detailed")
	for _, method := range []string{"GET ", "PUT "} {
		other.do(method+draft, partly).wantStatus(404)
		f.reviewer().do(method+draft, partly).wantStatus(403)
	}
	me.do("PUT "+draft, map[string]any{"subject": map[string]any{"shoeSize": 42}}).wantStatus(422, "field-unknown /subject/shoeSize")
	f.wantNotStored("示例街3号")
	whole := map[string]any{"subject": app.Subject, "sites": app.Sites}
	if found := me.do("PUT "+draft, whole).wantStatus(200).findings(); found.Blocking() {
		t.Errorf("complete details: %v", found)
	}
	whole["readings"] = []any{map[string]any{"pointer": "/subject/leader/name", "text": "陈示例", "confidence": .97}}
	me.do("PUT "+draft, whole).wantStatus(200).wantValue("陈示例", "readings", 0, "text")
	me.do("PUT "+order+"/details", whole).wantStatus(200).wantValue("陈示例", "readings", 0, "text")
	f.wantNotStored("陈示例")
	for pointer, text := range map[string]string{"/contact/email": "x", "/subject/name": ""} {
		whole["readings"] = []any{map[string]any{"pointer": pointer, "text": text, "confidence": 1}}
		me.do("PUT "+draft, whole).wantStatus(422)
	}
	if after := me.do("GET "+draft, nil).wantStatus(200); after.value("savedAt") != nil {
		t.Error("the draft is still there after the details were entered")
	}
	me.do("GET "+draft, nil).wantStatus(200).wantValue("陈示例", "readings", 0, "text")
	me.do("POST "+order+"/abandonment", nil).wantStatus(202)
	me.do("PUT "+draft, partly).wantStatus(409)
}
