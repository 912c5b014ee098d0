package api_test

import (
	"strings"
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
)

// calls: a reviewer records calls under a claim; their notes are read only under a claim, or by an administrator, and the order and its ledger have none.
func calls(t *testing.T, f *fixture) {
	order := "/orders/" + f.orderAt(filingtest.NumberedEnterprise(10202), filing.InitialReview)
	reviewer, colleague := f.reviewer(), f.staffAs("reviewer-2", "reviewer")
	call := map[string]any{"person": "contact", "outcome": "no-answer-twice", "note": "示例甲下周一回来"}
	reviewer.do("POST "+order+"/calls", call).wantStatus(409, "not-claimed ")
	reviewer.do("POST "+order+"/claim", nil).wantStatus(200)
	reviewer.do("POST "+order+"/calls", call).wantStatus(200)
	version := reviewer.do("POST "+order+"/calls", call).wantStatus(200).value("version") // the same second: once
	reviewer.do("POST "+order+"/calls", map[string]any{"person": "nobody", "outcome": "reached"}).wantStatus(422, "field-value /person")
	reviewer.do("POST "+order+"/calls", map[string]any{"person": "contact", "outcome": "reached", "note": strings.Repeat("长", 501)}).wantStatus(422, "call-note /note")
	reviewer.do("POST "+order+"/calls", map[string]any{"person": "contact", "outcome": "reached", "at": f.now.Add(time.Hour)}).wantStatus(422, "call-time /at")
	reviewer.do("POST "+order+"/calls", map[string]any{"person": "site-leader", "site": 9, "outcome": "reached"}).wantStatus(422, "call-person /site")

	list := reviewer.do("GET "+order+"/calls", nil).wantStatus(200).wantValue("no-answer-twice", "items", 0, "outcome").wantValue(call["note"], "items", 0, "note").wantValue("2019-12-26", "items", 0, "notifiedOn")
	if n := len(list.value("items").([]any)); n != 1 {
		t.Errorf("%d calls, want 1", n)
	}
	colleague.do("GET "+order+"/calls", nil).wantStatus(409, "not-claimed ")
	f.admin().do("GET "+order+"/calls", nil).wantStatus(200)
	me := f.applicant()
	me.do("GET "+order+"/calls", nil).wantStatus(403)
	for _, place := range []string{"", "/timeline", "/staff-reads"} {
		if answer := me.do("GET "+order+place, nil).wantStatus(200); strings.Contains(answer.text, "下周一") {
			t.Errorf("the applicant reads the note at %q", place)
		}
	}
	if ledger := reviewer.do("GET "+order+"/ledger", nil).wantStatus(200); strings.Contains(ledger.text, "下周一") || !strings.Contains(ledger.text, "record-call") {
		t.Errorf("the ledger: %.400s", ledger.text)
	}
	me.do("GET "+order, nil).wantStatus(200).wantValue(version, "version")
}

// earlierOrders: a reviewer sees the other orders of the subject and what became of them, without personal data, and none of other subjects.
func earlierOrders(t *testing.T, f *fixture) {
	app := filingtest.NumberedEnterprise(10203)
	me, reviewer := f.applicant(), f.reviewer()
	first := f.orderAt(app, filing.InitialReview)
	me.do("POST /orders/"+first+"/withdrawal", nil).wantStatus(202)
	f.decide(first, filing.Close{})
	f.now = f.now.Add(time.Hour)
	f.orderOf("account-1", filingtest.NumberedEnterprise(10204), filing.VerifyProduct) // of another subject
	second := "/orders/" + f.orderAt(app, filing.InitialReview)
	reviewer.do("GET "+second+"/earlier", nil).wantStatus(409, "not-claimed ")
	reviewer.do("POST "+second+"/claim", nil).wantStatus(200)
	found := reviewer.do("GET "+second+"/earlier", nil).wantStatus(200).wantValue(first, "items", 0, "id").wantValue("WITHDRAWN", "items", 0, "status").wantValue("FIRST", "items", 0, "type")
	if n := len(found.value("items").([]any)); n != 1 || strings.Contains(found.text, string(app.Opening.Name)) {
		t.Errorf("%d orders: %s", n, found.text)
	}
}
