package exchange_test

import (
	"errors"
	"slices"
	"strings"
	"time"

	"beian/shared/bureau/document"
	"beian/shared/bureau/simulator"
	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/bureautask"
	"beian/shared/process/exchange"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// bureauTasks returns the bureau's tasks that are done or not.
func (w *system) bureauTasks(done bool) []bureautask.Task {
	w.t.Helper()
	tasks, _, err := w.newOperator().Tasks(w.t.Context(), done, "", 100)
	if err != nil {
		w.t.Fatal(err)
	}
	return tasks
}

// onlyTask returns the only task that is not done.
func (w *system) onlyTask() bureautask.Task {
	w.t.Helper()
	tasks := w.bureauTasks(false)
	if len(tasks) != 1 {
		w.t.Fatalf("%d tasks: %+v", len(tasks), tasks)
	}
	return tasks[0]
}

func (w *system) readTask(id string) exchange.TaskView {
	w.t.Helper()
	v, err := w.newOperator().Task(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return v
}

// wantState checks the state of a task.
func (w *system) wantState(id string, want bureautask.State) bureautask.Task {
	w.t.Helper()
	t := w.readTask(id).Task
	if t.State != want {
		w.t.Errorf("task %s is %s, want %s", id, t.State, want)
	}
	return t
}

// wantFindings checks the codes and pointers of a fault.
func (w *system) wantFindings(err error, kind fault.Kind, want ...string) {
	w.t.Helper()
	var got []string
	if f, ok := errors.AsType[*fault.Fault](err); ok {
		for _, found := range f.Findings {
			got = append(got, strings.TrimSpace(string(found.Code)+" "+found.Pointer))
		}
	}
	if fault.KindOf(err) != kind || !slices.Equal(got, want) {
		w.t.Errorf("%v with %v, want %s with %v", err, got, kind, want)
	}
}

// filedByBureau files an order and returns the filing.
func (w *system) filedByBureau(n int) register.Filing {
	w.t.Helper()
	id := w.queueOrder(n, nil)
	w.runExchange()
	o := w.checkStatus(id, filing.Approved)
	f, err := w.store.FilingByMinistryID(w.t.Context(), register.SubjectPart, o.Bureau.SubjectID)
	if err != nil || f.Version == 0 {
		w.t.Fatalf("the filing is not in the register: %v", err)
	}
	return f
}

var passed = bureautask.Answer{Verifier: "示例核验员", Opinion: "信息属实"}

// verified: a verification task is answered with the next upload, once; the bureau refuses the answer, and accepts the second one.
func verified(w *system) {
	f := w.filedByBureau(1)
	w.applyScenario(simulator.Scenario{Verify: []simulator.Verify{{Provider: w.provider, Number: f.Number.String()}},
		Rules: []simulator.Rule{{Match: simulator.Match{Subject: "示例人"}, Times: 1, Then: simulator.Action{Decision: simulator.Refuse, Codes: []int64{1015}}}}})
	if report := w.runExchange(); report != (exchange.Report{Downloads: 1, Tasks: 1}) {
		w.t.Errorf("report %+v", report)
	}
	task := w.onlyTask()
	if task.Kind != bureautask.Verify || task.Owner != filing.Reviewer || task.About.Filing != f.ID || task.About.Number != f.Number.String() ||
		task.About.Host != string(inventedDomain(1)) || !task.Deadline.After(w.clock()) || task.Overdue(w.clock()) {
		w.t.Errorf("%+v", task)
	}
	view := w.readTask(task.ID)
	if len(view.Rows) < 10 || slices.ContainsFunc(view.Rows, bureautask.Row.Differs) || view.Filing.ID != f.ID {
		w.t.Errorf("%d rows of a filing that is as in the register, %q", len(view.Rows), view.Filing.ID)
	}
	o := w.newOperator()
	_, err := o.AnswerTask(w.t.Context(), task.ID, bureautask.Answer{Failed: true, Verifier: strings.Repeat("甲", 129)}, "reviewer")
	w.wantFindings(err, fault.Invalid, "bureau-task-text /verifier", "bureau-task-text /opinion", "bureau-task-text /errors")
	for range 2 {
		v, err := o.AnswerTask(w.t.Context(), task.ID, passed, "reviewer")
		if err != nil || v.State != bureautask.Answered || v.Record == nil || v.Version != 2 {
			w.t.Errorf("%+v, %v", v.Task, err)
		}
	}
	if owed := w.owedTasks(f.ID); !slices.Equal(owed, []string{task.ID}) {
		w.t.Errorf("the customer is reminded of %v", owed)
	}
	other := passed
	other.Opinion = "信息不属实"
	_, err = o.AnswerTask(w.t.Context(), task.ID, other, "reviewer")
	w.wantFindings(err, fault.Conflict, "bureau-task-state")
	w.advanceClock(time.Second)
	if report := w.runExchange(); report.Files != 1 || report.Records != 1 || report.Refused != 1 || report.Unmatched != 0 {
		w.t.Errorf("report %+v", report)
	}
	if after := w.wantState(task.ID, bureautask.Open); !slices.Equal(after.Refused, []finding.Code{"bureau-1015"}) {
		w.t.Errorf("refused %v", after.Refused)
	}
	if _, err := o.AnswerTask(w.t.Context(), task.ID, other, "reviewer"); err != nil {
		w.t.Fatal(err)
	}
	w.runExchange()
	after := w.wantState(task.ID, bureautask.Accepted)
	for _, file := range w.receivedFiles() {
		if _, report, err := o.Replay(w.t.Context(), file.ID); err != nil || report.Tasks != 0 || report.Refused != 0 {
			w.t.Errorf("%s again: %+v, %v", file.Name, report, err)
		}
	}
	if again := w.wantState(task.ID, bureautask.Accepted); again.Version != after.Version || again.Sequence != 3 {
		w.t.Errorf("changed by a replay: %+v", again)
	}
	if sent := w.uploadedRecords(); len(sent) != 3 {
		w.t.Errorf("uploaded %+v", sent)
	}
	if owed := w.owedTasks(f.ID); len(owed) != 0 {
		w.t.Errorf("after it is done, the customer is reminded of %v", owed)
	}
	if _, err := o.CloseTask(w.t.Context(), task.ID, "管局已受理", "reviewer"); err != nil {
		w.t.Error(err)
	}
	w.wantState(task.ID, bureautask.Closed)
}

// owedTasks returns the tasks of the bureau of which a customer is reminded.
func (w *system) owedTasks(id register.ID) (ids []string) {
	w.t.Helper()
	u, err := w.store.Upkeep(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, t := range u.Tasks {
		ids = append(ids, t.ID)
	}
	return ids
}

// receivedFiles returns all downloaded files.
func (w *system) receivedFiles() []exchange.Received {
	w.t.Helper()
	files, _, err := w.newOperator().ListReceived(w.t.Context(), "", 100)
	if err != nil {
		w.t.Fatal(err)
	}
	return files
}

// unfiledHandled: an unfiled site is answered with how it was handled; the record has no province, so the answer must.
func unfiledHandled(w *system) {
	w.offerFile(document.ICPDownload{Unfiled: []document.UnfiledSite{{ID: 1, Domain: "Unfiled-Example.com", IP: 134744072, Carrier: 7}}})
	w.runExchange()
	task := w.onlyTask()
	if task.Owner != filing.Admin || task.About.Host != "unfiled-example.com" || task.About.IP != "8.8.8.8" || task.About.Filing != "" {
		w.t.Errorf("%+v", task)
	}
	o, closed := w.newOperator(), bureautask.Answer{Handling: 1, Opinion: "已关闭"}
	_, err := o.AnswerTask(w.t.Context(), task.ID, closed, "operator")
	w.wantFindings(err, fault.Conflict, "bureau-task-province /province")
	closed.Province = 330000
	closed.Handling = 0
	_, err = o.AnswerTask(w.t.Context(), task.ID, closed, "operator")
	w.wantFindings(err, fault.Invalid, "bureau-task-handling /handling")
	closed.Handling = 77 // V3.0 prints no table, so that only the bureau knows
	for _, want := range []bureautask.State{bureautask.Open, bureautask.Accepted} {
		if _, err := o.AnswerTask(w.t.Context(), task.ID, closed, "operator"); err != nil {
			w.t.Fatal(err)
		}
		w.advanceClock(time.Second)
		w.runExchange()
		after := w.wantState(task.ID, want)
		if want == bureautask.Open && !slices.Equal(after.Refused, []finding.Code{"bureau-5007"}) {
			w.t.Errorf("refused %v", after.Refused)
		}
		closed.Handling = 1
	}
	if sent := w.uploadedRecords(); len(sent) != 2 || sent[1].Decision != "stored" {
		w.t.Errorf("%+v", sent)
	}
}

// answersLeaveWithOrders: answers and applications have one sequence, each operation in its own file; a lost response does not send an answer twice.
func answersLeaveWithOrders(w *system) {
	f := w.filedByBureau(1)
	w.applyScenario(simulator.Scenario{Verify: []simulator.Verify{{Provider: w.provider, Number: f.Number.String()}}, LostAnswers: 1})
	w.offerFile(document.ICPDownload{Unfiled: []document.UnfiledSite{{ID: 1, Domain: "unfiled-example.com", IP: 134744072, Carrier: 7, Province: 330000}}})
	w.runExchange()
	for _, task := range w.bureauTasks(false) {
		answer := passed
		if task.Kind == bureautask.Unfiled {
			answer = bureautask.Answer{Handling: 1, Opinion: "已关闭"}
		}
		if _, err := w.newOperator().AnswerTask(w.t.Context(), task.ID, answer, "staff"); err != nil {
			w.t.Fatal(err)
		}
	}
	w.queueOrder(2, nil)
	w.runExchange()
	w.runExchange()
	if len(w.bureauTasks(false)) != 0 || len(w.bureauTasks(true)) != 2 {
		w.t.Errorf("%+v", w.bureauTasks(false))
	}
	sent := w.uploadedRecords()
	if len(sent) != 4 || w.status().Waiting != 0 {
		w.t.Errorf("%d records, %d waiting: %+v", len(sent), w.status().Waiting, sent)
	}
	for i, r := range sent {
		if r.Sequence != int64(i+1) {
			w.t.Errorf("record %d has number %d", i+1, r.Sequence)
		}
	}
}

// otherTasks: each record of the other kinds is a task, that is closed with a note; those that are not about us make none.
func otherTasks(w *system) {
	f := w.filedByBureau(1)
	site := f.Sites[0]
	ids := func(text string) int64 { return idOf(w, text) }
	ip := document.IPv4(134744072)
	w.offerFile(document.ICPDownload{
		Notices: []document.Notice{{About: document.SiteNotice, Number: site.Number.String(), Text: "请更正"}, {Text: "请更正"}},
		IllegalAccess: []document.IllegalAccess{
			{ID: 1, Domain: string(inventedDomain(1)), IP: 1, Provider: 5, Province: 330000, Detected: "2026-03-01"},
			{ID: 2, Domain: "illegal-example.com", IP: 1, Provider: w.provider, Province: 330000, Detected: "2026-03-01"},
			{ID: 3, Domain: "elsewhere-example.com", IP: 1, Provider: 5, Province: 330000, Detected: "2026-03-01"},
		},
		Audit: &document.Audit{
			Subjects: []document.SubjectAudit{{ID: ids(f.MinistryID), Name: "示例人", CertificateKind: 2, CertificateNumber: residentID(1).Reveal(), Cause: "查无此人"}},
			Accesses: []document.AccessAudit{{SiteID: ids(site.MinistryID), Number: site.Number.String(), Domain: string(inventedDomain(1)), Resolved: &ip, Finding: document.FoundNotReported, Checked: "2026-03-01"}},
			Shells:   []document.ShellAudit{{SiteID: 12, Number: "浙ICP备12345678号-1", Finding: document.Dead, Checked: "2026-03-01"}},
			Sites:    []document.SiteAudit{{SiteID: ids(site.MinistryID), Number: site.Number.String(), Checked: "2026-03-01"}},
		},
		Blacklist: &document.Blacklist{
			Subjects: []document.BlacklistedSubject{
				{Entry: document.AddEntry, Subject: &document.BlacklistSubject{Name: "示例人", Certificate: document.BlacklistCertificate{Kind: 2, Number: residentID(7).Reveal()}}},
			},
			Sites: []document.BlacklistedSite{
				{Entry: document.DeleteEntry, Site: document.BlacklistSite{Name: "示例", Domains: []document.BlacklistDomain{{Name: string(inventedDomain(1))}}}},
				{Entry: document.AddEntry, Site: document.BlacklistSite{Name: "示例", Domains: []document.BlacklistDomain{{Name: "black-example.com"}, {Name: "WWW." + string(inventedDomain(1))}}}},
			},
		},
	})
	if report := w.runExchange(); report.Tasks != 9 || report.Poisoned != 0 {
		w.t.Errorf("report %+v", report)
	}
	var got []string
	for _, task := range w.bureauTasks(false) {
		got = append(got, strings.Join([]string{string(task.Kind), task.About.Number, string(task.About.Finding)}, " "))
		view := w.readTask(task.ID)
		if len(view.Rows) == 0 {
			w.t.Errorf("%s has no rows", task.ID)
		}
		if _, err := w.newOperator().AnswerTask(w.t.Context(), task.ID, passed, "operator"); err == nil {
			w.t.Errorf("%s has an answer", task.Kind)
		}
		for range 2 {
			if _, err := w.newOperator().CloseTask(w.t.Context(), task.ID, "已处理", "operator"); err != nil {
				w.t.Error(err)
			}
		}
		_, err := w.newOperator().CloseTask(w.t.Context(), task.ID, "又处理", "operator")
		w.wantFindings(err, fault.Conflict, "bureau-task-state")
	}
	slices.Sort(got)
	number, of := f.Number.String(), site.Number.String()
	if want := []string{"FFJRHMD  ", "FFJRHMD " + number + " ", "HCJG 浙ICP备12345678号-1 shell-dead", "HCJG " + number + " subject-false",
		"HCJG " + of + " access-unreported", "HCJG " + of + " site-dead", "HMDLB " + number + " ", "XGTZ  ", "XGTZ " + of + " "}; !slices.Equal(got, want) {
		w.t.Errorf("got  %q\nwant %q", got, want)
	}
	if kinds := issueKinds(w.status()); !slices.Equal(kinds, []string{"FFJRHMD"}) {
		w.t.Errorf("issues %v", kinds)
	}
	w.offerCancellation(f)
	w.runExchange()
	task := w.onlyTask()
	if task.Kind != bureautask.Cancellation || task.About.Filing != f.ID {
		w.t.Errorf("%+v", task)
	}
	for _, file := range w.receivedFiles() {
		if _, report, err := w.newOperator().Replay(w.t.Context(), file.ID); err != nil || report.Tasks != 0 {
			w.t.Errorf("%s again: %+v, %v", file.Name, report, err)
		}
	}
}

func idOf(w *system, text string) int64 {
	w.t.Helper()
	var n int64
	for _, digit := range text {
		n = 10*n + int64(digit-'0')
	}
	return n
}

// taskByHand: an operator enters a task of the bureau's console, answers it there, and records that.
func taskByHand(w *system) {
	f := w.filedByBureau(1)
	o := w.newOperator()
	o.ByHand = true
	_, err := o.AddTask(w.t.Context(), "hand-1", bureautask.Verify, bureautask.About{Number: f.Number.String()}, " ", w.clock().Add(-time.Hour))
	w.wantFindings(err, fault.Invalid, "bureau-task-text /text", "bureau-task-deadline /deadline")
	for range 2 {
		v, err := o.AddTask(w.t.Context(), "hand-1", bureautask.Verify, bureautask.About{Number: f.Number.String()}, "请核查主体信息", w.clock().Add(24*time.Hour))
		if err != nil || v.About.Filing != f.ID || v.Private.Text != "请核查主体信息" || v.Version != 1 {
			w.t.Errorf("%+v, %v", v.Task, err)
		}
	}
	if _, err := o.EnterAnswer(w.t.Context(), "hand-1", "operator"); fault.KindOf(err) != fault.Conflict {
		w.t.Error("an entry without an answer:", err)
	}
	if _, err := o.AssignTask(w.t.Context(), "hand-1", "reviewer", "operator"); err != nil {
		w.t.Error(err)
	}
	if _, err := o.AnswerTask(w.t.Context(), "hand-1", passed, "reviewer"); err != nil {
		w.t.Error(err)
	}
	if w.status().Waiting != 0 {
		w.t.Error("an answer by hand waits for an upload")
	}
	for range 2 {
		if _, err := o.EnterAnswer(w.t.Context(), "hand-1", "reviewer"); err != nil {
			w.t.Error(err)
		}
	}
	task := w.wantState("hand-1", bureautask.Accepted)
	var steps []bureautask.Step
	for _, e := range task.Events {
		steps = append(steps, e.What)
	}
	if !slices.Equal(steps, []bureautask.Step{"received", "assigned", "answered", "accepted"}) || task.Assignee != "reviewer" {
		w.t.Errorf("%v, %q", steps, task.Assignee)
	}
}

// erasedTask: once the filing is erased, the bureau's record cannot be read, and an answer that waits is not sent.
func erasedTask(w *system) {
	f := w.filedByBureau(1)
	w.applyScenario(simulator.Scenario{Verify: []simulator.Verify{{Provider: w.provider, Number: f.Number.String()}}})
	w.runExchange()
	task := w.onlyTask()
	if _, err := w.newOperator().AnswerTask(w.t.Context(), task.ID, passed, "reviewer"); err != nil {
		w.t.Fatal(err)
	}
	if err := w.store.EraseFiling(w.t.Context(), f); err != nil {
		w.t.Fatal(err)
	}
	if v := w.readTask(task.ID); len(v.Rows) != 0 || v.Record != nil {
		w.t.Errorf("%d rows of an erased filing", len(v.Rows))
	}
	if report := w.runExchange(); report.Files != 0 || report.Unsendable != 1 {
		w.t.Errorf("report %+v", report)
	}
	if after := w.wantState(task.ID, bureautask.Open); !slices.Equal(after.Refused, []finding.Code{bureautask.CodeFile}) {
		w.t.Errorf("refused %v", after.Refused)
	}
}

// crashedAnswer: a process that ends at any call, before or after the call arrived, neither loses an answer nor sends it twice, and makes no task twice.
func crashedAnswer(w *system) {
	for n := range 200 {
		host := string(inventedDomain(n))
		w.offerFile(document.ICPDownload{Unfiled: []document.UnfiledSite{{ID: int64(n + 1), Domain: host, IP: 134744072, Carrier: 7, Province: 330000}}})
		arrival := crash{callsBefore: n, after: true}
		w.runProcess(&arrival)
		w.runExchange()
		task := w.onlyTask()
		if _, err := w.newOperator().AnswerTask(w.t.Context(), task.ID, bureautask.Answer{Handling: 1, Opinion: "已关闭"}, "operator"); err != nil {
			w.t.Fatal(err)
		}
		upload := crash{callsBefore: n, after: true}
		w.runProcess(&upload)
		w.runExchange()
		w.wantState(task.ID, bureautask.Accepted)
		sent := w.uploadedRecords()
		if len(sent) != n+1 || sent[n].Mark != host || sent[n].Sequence != int64(n+1) || sent[n].Decision != "stored" {
			w.t.Fatalf("crash after call %d: %+v", n, sent[min(n, len(sent)-1):])
		}
		if !arrival.crashed && !upload.crashed {
			return
		}
	}
	w.t.Error("no run ended without a crash")
}
