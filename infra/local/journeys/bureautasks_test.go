package journeys_test

import (
	"net/http"
	"slices"
	"strconv"
	"testing"

	"beian/functions/operator"
	"beian/infra/local/scenario"
	"beian/infra/local/system"
	"beian/shared/bureau/document"
	"beian/shared/bureau/simulator"
	"beian/shared/process/bureautask"
	"beian/shared/web"
)

// awaitTask waits for an open task of a kind about a filing number or a host, and returns it.
func (j *journey) awaitTask(kind bureautask.Kind, about string) (found operator.BureauTask) {
	j.t.Helper()
	j.must(scenario.Poll(j.t.Context(), func() (bool, error) {
		var list web.Page[operator.BureauTask]
		err := admin.Call(j.t.Context(), http.MethodGet, "/bureau/tasks?limit=100&kind="+string(kind), nil, &list)
		i := slices.IndexFunc(list.Items, func(t operator.BureauTask) bool { return t.Number == about || t.Host == about })
		if i >= 0 {
			found = list.Items[i]
		}
		return i >= 0, err
	}))
	return found
}

// awaitTaskState waits until a task has a state.
func (j *journey) awaitTaskState(id string, want bureautask.State) (task operator.BureauTaskDetail) {
	j.t.Helper()
	j.must(scenario.Poll(j.t.Context(), func() (bool, error) {
		err := admin.Call(j.t.Context(), http.MethodGet, "/bureau/tasks/"+id, nil, &task)
		return task.State == want, err
	}))
	return task
}

func closeTask(j *journey, id string) {
	j.t.Helper()
	j.must(admin.Call(j.t.Context(), http.MethodPost, "/bureau/tasks/"+id+"/closing", map[string]string{"note": "已处理"}, nil))
	j.awaitTaskState(id, bureautask.Closed)
}

// TestBureauTasks: each kind of task, from the bureau to its end: a reviewer verifies a filing, an operator closes an unfiled site and answers again after the bureau
// refused the answer, and the others are closed with a note, the last one because the bureau cancelled the filing.
func TestBureauTasks(t *testing.T) {
	j, f := filedJourney(t, 11010)
	const unfiled = "unfiled-11010-example.com"
	number, ip := f.Number.String(), document.IPv4(134744072)
	issue := func(d document.ICPDownload) {
		t.Helper()
		j.must(sys.Bureau.Apply(simulator.Scenario{Issue: []simulator.Issue{{Provider: system.BureauProvider, ICP: &d}}}))
	}
	j.must(sys.Bureau.Apply(simulator.Scenario{
		Verify: []simulator.Verify{{Provider: system.BureauProvider, Number: number}},
		Rules:  []simulator.Rule{{Match: simulator.Match{Domain: unfiled}, Times: 1, Then: simulator.Action{Decision: simulator.Refuse, Codes: []int64{5007}}}},
	}))
	verify := j.awaitTask(bureautask.Verify, number)
	var shown operator.BureauTaskDetail
	j.must(reviewer.Call(t.Context(), http.MethodGet, "/bureau/tasks/"+verify.ID, nil, &shown))
	if len(shown.Rows) == 0 || slices.ContainsFunc(shown.Rows, func(r operator.BureauTaskRow) bool { return r.Differs }) {
		t.Errorf("the bureau's record differs from the register: %d rows", len(shown.Rows))
	}
	j.must(reviewer.Call(t.Context(), http.MethodPost, "/bureau/tasks/"+verify.ID+"/answer", operator.BureauTaskAnswer{Verifier: "示例核验员", Opinion: "信息属实"}, nil))
	if done := j.awaitTaskState(verify.ID, bureautask.Accepted); done.Sequence == 0 {
		t.Error("the answer has no upload")
	}

	issue(document.ICPDownload{
		Unfiled:       []document.UnfiledSite{{ID: 1, Domain: unfiled, IP: ip, Carrier: 1, Province: 330000}},
		Notices:       []document.Notice{{Number: number, Text: "请更正"}},
		IllegalAccess: []document.IllegalAccess{{ID: 1, Domain: "illegal-11010-example.com", IP: ip, Provider: system.BureauProvider, Province: 330000, Detected: "2021-03-01"}},
		Audit:         &document.Audit{Sites: []document.SiteAudit{{SiteID: 1, Number: f.Sites[0].Number.String(), Checked: "2021-03-01"}}},
		Blacklist: &document.Blacklist{Sites: []document.BlacklistedSite{{Entry: document.AddEntry, Site: document.BlacklistSite{
			Name: "示例", Domains: []document.BlacklistDomain{{Name: j.app.Open["domains"].([]string)[0]}}}}}},
	})
	task := j.awaitTask(bureautask.Unfiled, unfiled)
	for _, want := range []bureautask.State{bureautask.Open, bureautask.Accepted} {
		j.must(admin.Call(t.Context(), http.MethodPost, "/bureau/tasks/"+task.ID+"/answer", operator.BureauTaskAnswer{Handling: 1, Opinion: "已关闭"}, nil))
		if answered := j.awaitTaskState(task.ID, want); want == bureautask.Open && (len(answered.Refused) != 1 || answered.Refused[0].Code != "bureau-5007") {
			t.Errorf("refused for %+v", answered.Refused)
		}
	}
	closeTask(j, j.awaitTask(bureautask.Correct, number).ID)
	closeTask(j, j.awaitTask(bureautask.Illegal, "illegal-11010-example.com").ID)
	closeTask(j, j.awaitTask(bureautask.Audit, f.Sites[0].Number.String()).ID)
	closeTask(j, j.awaitTask(bureautask.Blacklisted, number).ID)
	filed, err := sys.Parts.Store().Filing(t.Context(), f.ID)
	j.must(err)
	id, err := strconv.ParseInt(filed.MinistryID, 10, 64)
	j.must(err)
	issue(document.ICPDownload{Cancelled: []document.Cancelled{{What: document.CancelSubject, ID: id}}})
	closeTask(j, j.awaitTask(bureautask.Cancellation, number).ID)
}
