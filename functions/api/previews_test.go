package api_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/process/decide"
)

// previews: a preview shows what the applicant would read, checks like the verdict, and changes nothing; the verdict then says the same.
func previews(t *testing.T, f *fixture) {
	id := f.orderAt(filingtest.NumberedEnterprise(10205), filing.InitialReview)
	order, reviewer := "/orders/"+id, f.reviewer()
	verdict := map[string]any{"verdict": "return", "findings": []any{
		map[string]any{"pointer": "/subject/address", "code": "address-without-number"},
		map[string]any{"pointer": "/sites/0/name", "message": map[string]any{"zh-CN": "请找 13900001234 <b>核实</b>", "en": "Correct the name."}},
	}}
	preview := "POST " + order + "/review/preview"
	reviewer.do(preview, verdict).wantStatus(409, "not-claimed ")
	reviewer.do("POST "+order+"/claim", nil).wantStatus(200)
	if mail := reviewer.do(preview, verdict).wantStatus(200).wantValue("en", "language").value("messages", 0, "text").(string); !strings.Contains(mail, "Correct the name.") {
		t.Errorf("the mail in English:\n%s", mail)
	}
	version := f.applicant().do("PUT "+order+"/contact", map[string]any{"language": "zh-CN"}).wantStatus(200).value("version")
	shown := reviewer.do(preview, verdict).wantStatus(200).wantValue("RETURNED", "status").wantValue("CollectDetails", "step").wantValue("returned", "messages", 0, "kind").
		wantValue("zh-CN", "language").wantValue("words-html", "warnings", 0, "code").wantValue("words-foreign-phone", "warnings", 1, "code").wantValue("address-without-number", "findings", 0, "code")
	if mail := shown.value("messages", 0, "text").(string); !strings.Contains(mail, "核实") || !strings.Contains(mail, "需要您修改") {
		t.Errorf("the mail:\n%s", mail)
	}
	reject := map[string]any{"verdict": "reject", "findings": verdict["findings"]}
	reviewer.do(preview, reject).wantStatus(200).wantValue("INITIAL_REJECTED", "status").wantValue("initial-rejected", "messages", 0, "kind")
	reviewer.do(preview, map[string]any{"verdict": "pass"}).wantStatus(200).wantValue("passed", "messages", 0, "kind").wantValue("Transmit", "step")
	reviewer.do(preview, map[string]any{"verdict": "return"}).wantStatus(422, "reason-missing /findings")
	reviewer.do(preview, map[string]any{"verdict": "return", "findings": []any{map[string]any{"pointer": "/sites/7", "code": "address-missing"}}}).wantStatus(422, "reason-pointer /findings/0/pointer")
	for _, length := range []int{501, 10_000} {
		long := map[string]any{"pointer": "", "message": map[string]any{"zh-CN": strings.Repeat("长", length)}}
		for _, route := range []string{preview, "POST " + order + "/review"} {
			reviewer.do(route, map[string]any{"verdict": "return", "findings": []any{long}}).wantStatus(422, "reason-words /findings/0/message/zh-CN")
		}
	}
	reviewer.do(preview, verdict, "If-Match", `"1"`).wantStatus(412)
	reviewer.do("GET "+order, nil).wantStatus(200).wantValue(version, "version")
	f.staffAs("reviewer-2", "reviewer").do(preview, verdict).wantStatus(409, "not-claimed ")
	f.admin().do(preview, verdict).wantStatus(403)
	reviewer.do("POST "+order+"/review", verdict).wantStatus(200)
	f.applicant().do("GET "+order, nil).wantStatus(200).wantValue("address-without-number", "findings", 0, "code")
}

// coachingFigures: each verdict is counted once for its reviewer. A reviewer sees their own figures, an administrator the sums of several; the reasons that were
// given lead the list.
func coachingFigures(t *testing.T, f *fixture) {
	reviewer, admin := f.reviewer(), f.admin()
	month := "2019-12"
	months := "?from=" + month + "&to=" + month
	reviewer.do("GET /review/coaching"+months, nil).wantStatus(200).wantValue(0.0, "cases")
	id := f.orderAt(filingtest.NumberedEnterprise(10206), filing.InitialReview)
	reviewer.do("POST /orders/"+id+"/claim", nil).wantStatus(200)
	f.now = f.now.Add(20 * time.Minute)
	reviewer.do("POST /orders/"+id+"/claim", nil).wantStatus(200) // renews: the time runs on
	f.now = f.now.Add(5 * time.Minute)
	reasons := []any{map[string]any{"pointer": "/subject/address", "code": "address-without-number"}, map[string]any{"pointer": "", "message": map[string]any{"zh-CN": "请补齐"}}}
	body := map[string]any{"verdict": "return", "findings": reasons}
	reviewer.do("POST /orders/"+id+"/review", body, "Idempotency-Key", "1").wantStatus(200)
	reviewer.do("POST /orders/"+id+"/review", body, "Idempotency-Key", "1").wantStatus(200)
	own := reviewer.do("GET /review/coaching"+months, nil).wantStatus(200)
	own.wantValue(1.0, "cases").wantValue(1.0, "verdicts", "return").wantValue(1.0, "first").wantValue(0.0, "firstPass").wantValue(1.0, "medianOf").wantValue(1.0, "reasons", 0, "count")
	if own.body["firstPassRate"] != nil || own.body["medianMinutes"] != nil || len(own.value("reasons").([]any)) != 2 {
		t.Errorf("the figures of one case: %s", own.text)
	}
	f.staffAs("reviewer-2", "reviewer").do("GET /review/coaching"+months, nil).wantStatus(200).wantValue(0.0, "cases")
	admin.do("GET /review/coaching"+months, nil).wantStatus(403)
	reviewer.do("GET /coaching"+months, nil).wantStatus(403)
	if alone := admin.do("GET /coaching"+months, nil).wantStatus(200).wantValue(1.0, "reviewers").wantValue(1.0, "cases"); len(alone.value("reasons").([]any)) != 0 {
		t.Errorf("the sums of one reviewer are shown: %s", alone.text)
	}
	f.countVerdicts("reviewer-2", 10)
	team := admin.do("GET /coaching"+months, nil).wantStatus(200).wantValue(2.0, "reviewers").wantValue(11.0, "cases").wantValue(7.0, "medianMinutes")
	if rate := team.value("firstPassRate").(float64); rate < 0.9 || rate > 0.91 {
		t.Errorf("first-pass rate %v", rate)
	}
	reviewer.do("GET /review/coaching?from=2019-12&to=2019-11", nil).wantStatus(422, "coaching-period ")
	listed := reviewer.do("GET /review/reasons?pointer=/subject/address", nil).wantStatus(200).wantValue("address-without-number", "items", 0, "code").wantValue(1.0, "items", 0, "used")
	if strings.Contains(listed.text, "mobile-format") {
		t.Error("the address has the reasons of a mobile")
	}
}

// countVerdicts counts first verdicts of an account that passed, after seven minutes each.
func (f *fixture) countVerdicts(account filing.Account, n int) {
	f.t.Helper()
	for i := range n {
		o := filing.Order{ID: filing.ID(fmt.Sprintf("01KJZ2Y0M0QK8W3V5T7R9Q9%03d", i)), Version: 1, Account: "account-9", CreatedAt: f.now, MovedAt: f.now, Step: filing.VerifySMS}
		c := filing.Change{Order: o, Entry: filing.Entry{Order: o.ID, Seq: 1, At: f.now}, Verdict: &filing.VerdictFigures{Reviewer: account, At: f.now, Verdict: filing.VerdictPass, First: true, Took: 7*time.Minute + 30*time.Second}}
		if _, err := f.store.Commit(f.t.Context(), c, decide.Request{}); err != nil {
			f.t.Fatal(err)
		}
	}
}
