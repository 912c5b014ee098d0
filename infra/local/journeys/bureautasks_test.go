package journeys_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"testing"

	"beian/functions/operator"
	"beian/infra/local/scenario"
	"beian/shared/bureau/simulator"
	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/bureautask"
	"beian/shared/process/event"
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

// issueTask presses a button of the laptop's page of the bureau. fields are those of its form that are filled in.
func (j *journey) issueTask(kind bureautask.Kind, fields ...string) {
	j.t.Helper()
	form := url.Values{"kind": {string(kind)}}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	response, err := http.PostForm(sys.PortalURL+"/local/bureau", form)
	j.must(err)
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		j.t.Fatalf("%s: status %d", kind, response.StatusCode)
	}
}

// TestBureauTasks: each of the seven kinds of task is issued on the laptop's page of the bureau, has an owner and a deadline, is on the page of staff, and comes to its end: a reviewer verifies a
// filing, an operator closes an unfiled site and answers again after the bureau refused the answer, and the others are closed with a note.
func TestBureauTasks(t *testing.T) {
	j, f := filedJourney(t, 11010)
	const unfiled, illegal, ip = "unfiled-11010-example.com", "illegal-11010-example.com", "8.8.8.8"
	number, site, domain := f.Number.String(), f.Sites[0].Number.String(), j.app.Open["domains"].([]string)[0]
	j.must(sys.Bureau.Apply(simulator.Scenario{
		Rules: []simulator.Rule{{Match: simulator.Match{Domain: unfiled}, Times: 1, Then: simulator.Action{Decision: simulator.Refuse, Codes: []int64{5007}}}},
	}))
	room, bench, seen := deskOf(t, admin, "admin"), deskOf(t, reviewer, "reviewer"), map[bureautask.Kind]bool{}
	issue := func(kind bureautask.Kind, about string, fields ...string) operator.BureauTask {
		t.Helper()
		j.issueTask(kind, fields...)
		task, owner := j.awaitTask(kind, about), filing.Admin
		if seen[kind] = true; kind == bureautask.Verify {
			owner = filing.Reviewer
			bench.open("/staff/bureau-tasks/"+task.ID, nil, 200, about)
		}
		if task.Owner != owner || !task.Deadline.After(sys.Clock.Now()) || task.Overdue {
			t.Errorf("%s: owner %s, deadline %s", kind, task.Owner, task.Deadline)
		}
		room.open("/staff/bureau-tasks?kind="+string(kind), nil, 200, task.ID)
		return task
	}

	verify := issue(bureautask.Verify, number, "number", number)
	var shown operator.BureauTaskDetail
	j.must(reviewer.Call(t.Context(), http.MethodGet, "/bureau/tasks/"+verify.ID, nil, &shown))
	if len(shown.Rows) == 0 || slices.ContainsFunc(shown.Rows, func(r operator.BureauTaskRow) bool { return r.Differs }) {
		t.Errorf("the bureau's record differs from the register: %d rows", len(shown.Rows))
	}
	j.must(reviewer.Call(t.Context(), http.MethodPost, "/bureau/tasks/"+verify.ID+"/answer", operator.BureauTaskAnswer{Verifier: "示例核验员", Opinion: "信息属实"}, nil))
	if done := j.awaitTaskState(verify.ID, bureautask.Accepted); done.Sequence == 0 {
		t.Error("the answer has no upload")
	}
	task := issue(bureautask.Unfiled, unfiled, "host", unfiled, "ip", ip)
	for _, want := range []bureautask.State{bureautask.Open, bureautask.Accepted} {
		j.must(admin.Call(t.Context(), http.MethodPost, "/bureau/tasks/"+task.ID+"/answer", operator.BureauTaskAnswer{Handling: 1, Opinion: "已关闭"}, nil))
		if answered := j.awaitTaskState(task.ID, want); want == bureautask.Open && (len(answered.Refused) != 1 || answered.Refused[0].Code != "bureau-5007") {
			t.Errorf("refused for %+v", answered.Refused)
		}
	}
	closeTask(j, issue(bureautask.Correct, number, "number", number).ID)
	closeTask(j, issue(bureautask.Audit, site, "number", site).ID)
	closeTask(j, issue(bureautask.Illegal, illegal, "host", illegal, "ip", ip).ID)
	closeTask(j, issue(bureautask.Blacklisted, number, "host", domain, "ip", ip).ID)

	// The bureau cancels the filing: the register has it soon after the task, programs get the event, and the customer a message.
	p := &portal{t: t, got: map[string][]string{}, types: map[string]string{}}
	server := httptest.NewServer(p)
	defer server.Close()
	var added operator.Webhook
	p.mu.Lock()
	j.sendAs("POST", "/webhooks", map[string]any{"url": server.URL + "/cancelled", "types": []event.Type{event.RegisterChanged}}, &added)
	p.secret = added.Secret
	p.mu.Unlock()
	defer j.sendAs("DELETE", "/webhooks/"+added.ID, nil, nil)
	cancelled := issue(bureautask.Cancellation, number, "number", number)
	j.must(scenario.Poll(t.Context(), func() (bool, error) {
		after, err := sys.Parts.Store().Filing(t.Context(), f.ID)
		return after.Status == register.Cancelled && after.CancelledOn != "", err
	}))
	j.must(scenario.Poll(t.Context(), func() (bool, error) { return len(p.typesOf("/filings/"+string(f.ID))) > 0, nil }))
	deliverRegister(t)
	for _, to := range []string{"+86" + scenario.LeaderMobiles(j.app.Details)[0], j.app.Login} {
		if got := textsTo(to, "管局已注销备案 "+number); len(got) != 1 {
			t.Errorf("%s has %d messages of the cancellation, want 1", to, len(got))
		}
	}
	closeTask(j, cancelled.ID)
	for _, kind := range bureautask.Kinds {
		if !seen[kind] {
			t.Errorf("%s is not issued", kind)
		}
	}
}

// TestBureauCancelsSite: the bureau cancels one site: the filing has no site any more, and the customer reads that it was a part of it.
func TestBureauCancelsSite(t *testing.T) {
	j, f := filedJourney(t, 11013)
	site := f.Sites[0].Number.String()
	j.issueTask(bureautask.Cancellation, "number", site)
	j.must(scenario.Poll(t.Context(), func() (bool, error) {
		after, err := sys.Parts.Store().Filing(t.Context(), f.ID)
		return len(after.Sites) == 0, err
	}))
	deliverRegister(t)
	if got := textsTo("+86"+scenario.LeaderMobiles(j.app.Details)[0], "中的网站或接入，不能再开放访问"); len(got) == 0 {
		t.Errorf("the leader has %q", got)
	}
	closeTask(j, j.awaitTask(bureautask.Cancellation, site).ID)
}
