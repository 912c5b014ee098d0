package api_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"beian/functions/reviewer"
	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/process/decide"
	"beian/shared/rules/workday"
)

// applyVerdicts lets the verdicts take effect that wait, as the sweeper does.
func (f *fixture) applyVerdicts() {
	f.t.Helper()
	entries, err := f.store.Outbox(f.t.Context(), decide.ApplyVerdict, 10)
	if err != nil {
		f.t.Fatal(err)
	}
	for _, e := range entries {
		if e.NotBefore.Sub(e.At) > filing.MaxUndo || !e.NotBefore.After(e.At) {
			f.t.Errorf("the verdict of %s takes effect %s later", e.At, e.NotBefore.Sub(e.At))
		}
		f.decide(string(e.Order), filing.ApplyVerdict{Seq: e.Verdict})
	}
}

// verdictsTakenBack: a verdict can wait for ten seconds, in which its reviewer alone takes it back. The applicant sees nothing of it.
func verdictsTakenBack(t *testing.T, f *fixture) {
	id := f.orderAt(filingtest.NumberedEnterprise(10000), filing.InitialReview)
	order, one, two, me := "/orders/"+id, f.reviewer(), f.staffAs("reviewer-2", "reviewer"), f.applicant()
	one.do("DELETE "+order+"/review", nil).wantStatus(409, "not-claimed ")
	one.do("POST "+order+"/claim", nil).wantStatus(200)
	one.do("DELETE "+order+"/review", nil).wantStatus(409, "verdict-not-waiting ")
	reject := map[string]any{"verdict": "reject", "undoSeconds": 10, "findings": []any{map[string]any{"pointer": "/subject/address", "code": "address-without-number"}}}
	for _, seconds := range []any{-1, 11, 1.5, "10"} {
		one.do("POST "+order+"/review", map[string]any{"verdict": "pass", "undoSeconds": seconds}).wantStatus(422)
	}
	one.do("POST "+order+"/review", map[string]any{"verdict": "return", "undoSeconds": 10}).wantStatus(422, "reason-missing /findings")
	one.do("POST "+order+"/review", reject, "Idempotency-Key", "1").wantStatus(200).wantValue("SUBMITTED", "status").wantValue("2019-12-26T01:00:10Z", "undoUntil")
	one.do("POST "+order+"/review", reject, "Idempotency-Key", "1").wantStatus(200)
	one.do("POST "+order+"/review", map[string]any{"verdict": "pass"}).wantStatus(409, "verdict-waits ")
	two.do("DELETE "+order+"/review", nil).wantStatus(409, "not-claimed ")
	two.do("POST "+order+"/claim", nil).wantStatus(409, "verdict-of-another ")
	for _, reader := range []client{me, two} {
		if seen := reader.do("GET "+order, nil).wantStatus(200).wantValue("SUBMITTED", "status"); strings.Contains(seen.text, "undoUntil") || strings.Contains(seen.text, "address-without-number") {
			t.Errorf("another sees the verdict that waits: %s", seen.text)
		}
	}
	one.do("GET "+order, nil).wantStatus(200).wantValue("2019-12-26T01:00:10Z", "undoUntil")
	one.do("DELETE "+order+"/review", nil, "Idempotency-Key", "2").wantStatus(200)
	one.do("DELETE "+order+"/review", nil, "Idempotency-Key", "2").wantStatus(200)
	f.now = f.now.Add(11 * time.Second)
	f.applyVerdicts()
	me.do("GET "+order, nil).wantStatus(200).wantValue("SUBMITTED", "status")
	one.do("POST "+order+"/review", map[string]any{"verdict": "pass", "undoSeconds": 10}).wantStatus(200)
	f.now = f.now.Add(11 * time.Second)
	for range 2 { // the entry of the verdict that was taken back is still there, and each is delivered twice
		f.applyVerdicts()
	}
	me.do("GET "+order, nil).wantStatus(200).wantValue("Transmit", "step")
	one.do("DELETE "+order+"/review", nil).wantStatus(409)
	ledger := one.do("GET "+order+"/ledger", nil).wantStatus(200).wantValue(true, "verified")
	var decisions []string
	for _, e := range ledger.value("entries").([]any) {
		decisions = append(decisions, e.(map[string]any)["decision"].(string))
	}
	if got := strings.Join(decisions[len(decisions)-4:], " "); got != "record-verdict undo-verdict record-verdict pass" {
		t.Errorf("the ledger ends with %s", got)
	}
}

// secondReadings: the second reviewer sees nothing of the first verdict, in any response. Both verdicts are shown to the third reviewer.
func secondReadings(t *testing.T, f *fixture) {
	f.reviews.SecondReadings = filing.SecondReadings{Percent: 100}
	f.apis[0] = reviewer.New(f.reviews)
	id := f.orderAt(filingtest.NumberedEnterprise(10001), filing.InitialReview)
	order, one, two, three, me := "/orders/"+id, f.reviewer(), f.staffAs("reviewer-2", "reviewer admin"), f.staffAs("reviewer-3", "reviewer"), f.applicant()
	before := me.do("GET "+order, nil).wantStatus(200)
	one.do("POST "+order+"/claim", nil).wantStatus(200)
	one.do("POST "+order+"/calls", map[string]any{"person": "contact", "outcome": "reached", "note": "初审笔记"}).wantStatus(200)
	one.do("POST "+order+"/calls", map[string]any{"person": "contact", "outcome": "reached", "note": "初审笔记", "at": f.now.Add(-time.Hour).Format(time.RFC3339)}).wantStatus(200) // entered later
	reject := map[string]any{"verdict": "reject", "findings": []any{map[string]any{"pointer": "/subject/address", "code": "address-without-number"}}}
	one.do("POST "+order+"/review", reject).wantStatus(200).wantValue("SUBMITTED", "status")
	if after := me.do("GET "+order, nil).wantStatus(200); after.value("movedAt") != before.value("movedAt") || after.body["review"] != nil {
		t.Errorf("the applicant sees the first verdict: %s", after.text)
	}
	one.do("POST "+order+"/claim", nil).wantStatus(403, "second-reading-own ")
	if list := one.do("GET /review/orders", nil).wantStatus(200); strings.Contains(list.text, id) {
		t.Error("the first reader has the order in the queue")
	}
	if list := two.do("GET /review/orders", nil).wantStatus(200); !strings.Contains(list.text, id) || strings.Contains(list.text, "readingsDiffer") {
		t.Errorf("the queue of the second reader: %s", list.text)
	}
	for range 2 { // before the claim, and with it
		for _, read := range []string{order, order + "/summary", order + "/ledger", order + "/timeline", order + "/evidence", "/review/orders"} {
			if a := two.do("GET "+read, nil).wantStatus(200); containsAny(a.text, "address-without-number", "reject", "reviewer-1", "keep-reading", "初审笔记", "differing") {
				t.Errorf("GET %s shows the second reader: %s", read, a.text)
			}
		}
		two.do("POST "+order+"/claim", nil).wantStatus(200)
	}
	if a := two.do("GET "+order+"/calls", nil).wantStatus(200); len(a.value("items").([]any)) != 0 {
		t.Errorf("calls: %s", a.text)
	}
	two.do("GET "+order+"/ledger", nil).wantStatus(200).wantValue(true, "verified")
	two.do("POST "+order+"/review", map[string]any{"verdict": "pass"}).wantStatus(200).wantValue("SUBMITTED", "status")
	two.do("POST "+order+"/claim", nil).wantStatus(403, "second-reading-own ")
	three.do("GET /review/orders", nil).wantStatus(200).wantValue(true, "items", 0, "readingsDiffer")
	if a := three.do("GET "+order, nil).wantStatus(200); a.body["differing"] != nil {
		t.Error("a reviewer without a claim sees the verdicts")
	}
	three.do("POST "+order+"/claim", nil).wantStatus(200)
	seen := three.do("GET "+order, nil).wantStatus(200).wantValue("reject", "differing", 0, "verdict").wantValue("address-without-number", "differing", 0, "findings", 0, "code").wantValue("pass", "differing", 1, "verdict")
	if strings.Contains(seen.text, "reviewer-1") || strings.Contains(seen.text, "reviewer-2") {
		t.Error("the third reader sees who read the order")
	}
	three.do("POST "+order+"/review", reject).wantStatus(200).wantValue("Reject", "closing")
	ledger := three.do("GET "+order+"/ledger", nil).wantStatus(200).text
	if !strings.Contains(ledger, "reviewer-1:reject reviewer-2:pass reviewer-3:reject") || !strings.Contains(ledger, "keep-reading") {
		t.Errorf("the ledger afterwards: %s", ledger)
	}
	months := "?from=2019-12&to=2019-12"
	agreement := f.admin().do("GET /review-agreement"+months, nil).wantStatus(200).wantValue(1.0, "orders").wantValue("reviewer-1", "readers", 0, "first").wantValue(0.0, "readers", 0, "kappa").
		wantValue("address-without-number", "reasons", 0, "code").wantValue(1.0, "reasons", 0, "oneOnly")
	if strings.Contains(agreement.text, "NaN") {
		t.Error(agreement.text)
	}
	one.do("GET /review-agreement"+months, nil).wantStatus(403)
	f.admin().do("GET /review-agreement?from=2019-12&to=2019-11", nil).wantStatus(422, "coaching-period ")
}

// hiddenReadings: the ledger has the same gap for a second reviewer after a rejection that awaits them as after a claim that was released. The third does not
// learn who said what.
func hiddenReadings(t *testing.T, f *fixture) {
	f.reviews.SecondReadings = filing.SecondReadings{Rejections: true}
	f.apis[0] = reviewer.New(f.reviews)
	one, two, three := f.reviewer(), f.staffAs("reviewer-2", "reviewer"), f.staffAs("reviewer-3", "reviewer")
	var seen [2]string
	var order string
	for n := range seen {
		order = "/orders/" + f.orderOf(fmt.Sprint("account-", n+1), filingtest.NumberedEnterprise(10850+n), filing.InitialReview)
		f.now = f.now.Add(time.Minute)
		one.do("POST "+order+"/claim", nil).wantStatus(200)
		if n == 0 {
			one.do("DELETE "+order+"/claim", nil).wantStatus(200)
		} else {
			one.do("POST "+order+"/review", map[string]any{"verdict": "reject", "findings": []any{map[string]any{"pointer": "/subject/address", "code": "address-without-number"}}}).wantStatus(200)
		}
		two.do("POST "+order+"/claim", nil).wantStatus(200)
		for _, e := range two.do("GET "+order+"/ledger", nil).wantStatus(200).wantValue(true, "verified").value("entries").([]any) {
			entry := e.(map[string]any)
			seen[n] += fmt.Sprint(entry["seq"], " ", entry["decision"], "\n")
		}
		lines := two.do("GET "+order+"/timeline", nil).wantStatus(200).value("items").([]any)
		seen[n] += fmt.Sprint(len(lines))
	}
	if seen[0] != seen[1] {
		t.Errorf("after a claim:\n%s\nafter a rejection:\n%s", seen[0], seen[1])
	}
	two.do("POST "+order+"/review", map[string]any{"verdict": "pass"}).wantStatus(200)
	three.do("POST "+order+"/claim", nil).wantStatus(200)
	if a := three.do("GET "+order+"/ledger", nil).wantStatus(200); containsAny(a.text, "reviewer-1", "reviewer-2") {
		t.Errorf("the third reviewer sees who read the order: %s", a.text)
	}
}

func containsAny(text string, parts ...string) bool {
	for _, p := range parts {
		if strings.Contains(text, p) {
			return true
		}
	}
	return false
}

// singleReadings: after two working days the operator has a task, and lets one reviewer decide. Neither the task nor the sheet to enter is listed for an operator
// whose own order it is.
func singleReadings(t *testing.T, f *fixture) {
	f.reviews.SecondReadings = filing.SecondReadings{Percent: 100}
	f.apis[0] = reviewer.New(f.reviews)
	id := f.orderAt(filingtest.NumberedEnterprise(10002), filing.InitialReview)
	order, one, admin, note := "/orders/"+id, f.reviewer(), f.admin(), map[string]any{"note": "其他审核员都在休假"}
	admin.do("POST "+order+"/single-reading", note).wantStatus(409, "second-reading-none ")
	one.do("POST "+order+"/claim", nil).wantStatus(200)
	one.do("POST "+order+"/review", map[string]any{"verdict": "pass"}).wantStatus(200)
	admin.do("POST "+order+"/single-reading", note).wantStatus(409, "second-reading-in-time ")
	f.now = workday.Add(f.now, filing.SecondReadingDays+1)
	f.decide(id, filing.EscalateReading{})
	admin.do("GET /tasks", nil).wantStatus(200).wantValue("second-reading", "items", 0, "kind")
	if own := f.staffAs("account-1", "admin").do("GET /tasks", nil).wantStatus(200); len(own.value("items").([]any)) != 0 {
		t.Errorf("an operator has a task about an order of their own: %s", own.text)
	}
	admin.do("POST "+order+"/single-reading", map[string]any{"note": ""}).wantStatus(422, "second-reading-note /note")
	one.do("POST "+order+"/single-reading", note).wantStatus(403)
	admin.do("POST "+order+"/single-reading", note, "Idempotency-Key", "1").wantStatus(200).wantValue("Transmit", "step")
	admin.do("POST "+order+"/single-reading", note, "Idempotency-Key", "1").wantStatus(200)
	if open := admin.do("GET /tasks", nil).wantStatus(200); len(open.value("items").([]any)) != 0 {
		t.Errorf("tasks: %s", open.text)
	}

	f.decide(id, filing.QueueUpload{ByHand: true})
	admin.do("GET /sheets?state=waiting", nil).wantStatus(200).wantValue(id, "items", 0, "id")
	if own := f.staffAs("account-1", "admin").do("GET /sheets?state=waiting", nil).wantStatus(200); len(own.value("items").([]any)) != 0 {
		t.Errorf("an operator is to enter an order of their own: %s", own.text)
	}
}
