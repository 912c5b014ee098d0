package api_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"beian/shared/bureau/document"
	"beian/shared/bureau/simulator"
	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/filing/register"
)

// bureauTasks: reviewers verify filings, operators do the rest; an answer leaves with the next upload, and is refused or accepted.
func bureauTasks(t *testing.T, f *fixture) {
	sim, e := f.startBureau()
	admin, reviewer, app := f.admin(), f.reviewer(), filingtest.EnterpriseBeijing()
	id := f.orderInQueue(app)
	f.runExchange(e)
	order, err := f.store.OrderState(t.Context(), filing.ID(id))
	if err != nil || order.Bureau.SubjectID == "" {
		t.Fatalf("the order is not filed: %v", err)
	}
	filed, err := f.store.FilingByMinistryID(t.Context(), register.SubjectPart, order.Bureau.SubjectID)
	if err != nil {
		t.Fatal(err)
	}
	number := filed.Number.String()
	f.applyScenario(sim, simulator.Scenario{
		Verify: []simulator.Verify{{Provider: account.ProviderID, Number: number}},
		Issue: []simulator.Issue{{Provider: account.ProviderID, ICP: &document.ICPDownload{
			Unfiled: []document.UnfiledSite{{ID: 1, Domain: "unfiled-example.com", IP: 134744072, Carrier: 7, Province: 110000}},
			Notices: []document.Notice{{Number: number, Text: app.Subject.Leader.Name.Reveal()}},
		}}},
		Rules: []simulator.Rule{{Match: simulator.Match{Domain: "unfiled-example.com"}, Times: 1, Then: simulator.Action{Decision: simulator.Refuse, Codes: []int64{5007}}}},
	})
	f.runExchange(e)
	f.now = f.now.Add(time.Minute)
	list := admin.do("GET /bureau/tasks", nil).wantStatus(200)
	f.wantNoPersonalData(app, list)
	wantItems(list, 3)
	wantItems(reviewer.do("GET /bureau/tasks", nil).wantStatus(200), 1)
	wantItems(admin.do("GET /bureau/tasks?kind=XGTZ", nil).wantStatus(200), 1)
	wantItems(admin.do("GET /bureau/tasks?mine=true", nil).wantStatus(200), 0)
	wantItems(admin.do("GET /bureau/tasks?done=true", nil).wantStatus(200), 0)
	admin.do("GET /bureau/tasks?kind=BAJG", nil).wantStatus(422)
	admin.do("GET /bureau/tasks?cursor=none", nil).wantStatus(422)
	paths := map[string]string{}
	for _, item := range list.value("items").([]any) {
		task := item.(map[string]any)
		paths[task["kind"].(string)] = fmt.Sprintf("/bureau/tasks/%v", task["id"])
	}
	verify, unfiled, notice := paths["HSRW"], paths["WBAWZLB"], paths["XGTZ"]

	shown := reviewer.do("GET "+verify, nil).wantStatus(200).wantValue("open", "state").wantValue(number, "number").wantValue("reviewer", "owner").wantValue(true, "answerable")
	if !strings.Contains(shown.text, app.Opening.Name.Reveal()) || strings.Contains(f.log.String(), app.Opening.Name.Reveal()) {
		t.Error("the task does not show what the bureau wrote, or the log does")
	}
	day := f.now.Format(time.DateOnly)
	admin.do("GET /people/reviewer-1/reads?from="+day+"&to="+day, nil).wantStatus(200).wantValue("filing", "items", 0, "what").
		wantValue(shown.value("filing"), "items", 0, "filing")
	reviewer.do("GET "+notice, nil).wantStatus(404)
	f.staffAs("account-1", "admin").do("GET "+verify, nil).wantStatus(409, "bureau-task-own ")
	f.staffAs("account-1", "admin").do("POST "+verify+"/closing", map[string]any{"note": "已核实"}).wantStatus(409, "bureau-task-own ")
	reviewer.do("POST "+notice+"/closing", map[string]any{"note": "已更正"}).wantStatus(404)
	admin.do("GET "+notice, nil).wantStatus(200).wantValue(app.Subject.Leader.Name.Reveal(), "rows", 1, "bureau")
	admin.do("GET /bureau/tasks/none", nil).wantStatus(404)

	reviewer.do("PUT "+verify+"/assignee", map[string]any{"account": "nobody"}).wantStatus(422, "bureau-task-assignee /account")
	reviewer.do("PUT "+verify+"/assignee", map[string]any{"account": "reviewer-1"}).wantStatus(200).wantValue("reviewer-1", "assignee")
	wantItems(reviewer.do("GET /bureau/tasks?mine=true", nil).wantStatus(200), 1)

	reviewer.do("POST "+verify+"/answer", map[string]any{"opinion": "", "failed": true}).wantStatus(422,
		"bureau-task-text /verifier", "bureau-task-text /opinion", "bureau-task-text /errors")
	answer := map[string]any{"verifier": "示例核验员", "opinion": "信息属实"}
	for range 2 {
		reviewer.do("POST "+verify+"/answer", answer).wantStatus(200).wantValue("answered", "state").wantValue("信息属实", "answer", "opinion")
	}
	reviewer.do("POST "+verify+"/entry", nil).wantStatus(409, "bureau-task-state ")
	reviewer.do("POST "+verify+"/closing", map[string]any{"note": "不用了"}).wantStatus(409, "bureau-task-state ")
	admin.do("POST "+notice+"/answer", answer).wantStatus(409, "bureau-task-no-answer ")
	admin.do("POST "+unfiled+"/answer", map[string]any{"opinion": "已关闭", "handling": 0}).wantStatus(422, "bureau-task-handling /handling")
	admin.do("POST "+unfiled+"/answer", map[string]any{"opinion": "已关闭", "handling": 1}).wantStatus(200)
	admin.do("GET /bureau", nil).wantValue(float64(2), "waiting")
	f.now = f.now.Add(time.Minute)
	f.runExchange(e)
	admin.do("GET "+verify, nil).wantStatus(200).wantValue("accepted", "state").wantValue(float64(2), "sequence")
	admin.do("GET "+unfiled, nil).wantStatus(200).wantValue("open", "state").wantValue("bureau-5007", "refused", 0, "code")
	f.wantNoPersonalData(app, admin.do("GET /bureau/sent/2", nil).wantStatus(200).wantValue("[redacted]", "document", "ICP", "HSJG", "Hsjgxx", 0, "Baxx", "Zt_xx", "Dwmc"))
	admin.do("POST "+unfiled+"/answer", map[string]any{"opinion": "已关闭", "handling": 1}).wantStatus(200)
	f.runExchange(e)
	admin.do("GET "+unfiled, nil).wantValue("accepted", "state")

	admin.do("POST "+notice+"/closing", map[string]any{"note": " "}).wantStatus(422, "bureau-task-text /note")
	for range 2 {
		admin.do("POST "+notice+"/closing", map[string]any{"note": "已更正"}).wantStatus(200).wantValue("closed", "state").wantValue("已更正", "note")
	}
	admin.do("PUT "+notice+"/assignee", map[string]any{"account": ""}).wantStatus(200)
	wantItems(admin.do("GET /bureau/tasks", nil).wantStatus(200), 0)
	wantItems(admin.do("GET /bureau/tasks?done=true&limit=2", nil).wantStatus(200), 2)

	entered := map[string]any{"kind": "HCJG", "number": number, "text": "主体信息不实，请核对", "deadline": "2019-12-31"}
	reviewer.do("POST /bureau/tasks", entered).wantStatus(403)
	admin.do("POST /bureau/tasks", map[string]any{"kind": "HCJG", "text": "x", "deadline": "2019-01-01"}).wantStatus(422, "bureau-task-deadline /deadline")
	first := admin.do("POST /bureau/tasks", entered, "Idempotency-Key", "key-1").wantStatus(201).wantValue(true, "byHand").wantValue(number, "number").value("id")
	if again := admin.do("POST /bureau/tasks", entered, "Idempotency-Key", "key-1").value("id"); again != first {
		t.Errorf("entered twice: %v, %v", first, again)
	}
	// A deadline that has passed is late.
	f.now = f.now.AddDate(0, 3, 0)
	if late := admin.do("GET /late", nil).wantStatus(200); !strings.Contains(late.text, fmt.Sprintf(`"clock":"bureau-task","task":"%v"`, first)) {
		t.Errorf("the overdue task is not late: %s", late.text)
	}
	f.wantLogged("answer a task of the bureau", "close a task of the bureau", "enter a task of the bureau")
}
