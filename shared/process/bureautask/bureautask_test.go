package bureautask_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"beian/shared/bureau/document"
	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/bureautask"
	"beian/shared/rules/codes"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/gbk"
	"beian/shared/rules/workday"
)

// friday is a Friday without a holiday near.
var friday = time.Date(2026, 3, 6, 15, 0, 0, 0, workday.Shanghai)

var from = bureautask.Source{Link: "99001", File: "file-1", ReceivedAt: friday}

func TestDeadlines(t *testing.T) {
	for _, test := range []struct {
		name string
		text string
		kind bureautask.Kind
		want string
	}{
		{"the default", "", bureautask.Illegal, "2026-03-10"},
		{"a setting", `{"FFJRHMD": 2}`, bureautask.Illegal, "2026-03-11"},
		{"a setting for another kind", `{"HSRW": 2}`, bureautask.Illegal, "2026-03-10"},
	} {
		t.Run(test.name, func(t *testing.T) {
			d, err := bureautask.ParseDeadlines(test.text)
			if got := d.Of(test.kind, friday).Format(time.DateOnly); err != nil || got != test.want {
				t.Errorf("the deadline ends on %s, want %s; %v", got, test.want, err)
			}
			if again, err := bureautask.ParseDeadlines(d.JSON()); err != nil || again.JSON() != d.JSON() {
				t.Errorf("%q, %v", again.JSON(), err)
			}
		})
	}
	for _, text := range []string{`{"HSRW": 0}`, `{"HSRW": 61}`, `{"HSJG": 1}`, `{`, `{"HSRW": 1, "HSRW": 2}`, `[]`} {
		if _, err := bureautask.ParseDeadlines(text); err == nil {
			t.Errorf("%s is accepted", text)
		}
	}
}

// TestNextAlert: on the morning of the last day, and each morning until the task is done.
func TestNextAlert(t *testing.T) {
	task := bureautask.NewTask(bureautask.Illegal, bureautask.About{}, friday, nil)
	at := friday
	for _, want := range []string{"2026-03-09 09:00", "2026-03-10 09:00", "2026-03-11 09:00"} {
		at = task.NextAlert(at)
		if got := at.Format("2006-01-02 15:04"); got != want {
			t.Errorf("alerted at %s, want %s", got, want)
		}
	}
	if task.Overdue(task.Deadline) || !task.Overdue(task.Deadline.Add(time.Second)) {
		t.Error("overdue at another time than its deadline")
	}
	closed, err := task.Close("已处理", "operator", at)
	if err != nil || !closed.NextAlert(at).IsZero() || closed.Overdue(at.AddDate(1, 0, 0)) {
		t.Errorf("a closed task is alerted at %v, %v", closed.NextAlert(at), err)
	}
}

// TestStates: what each state allows.
func TestStates(t *testing.T) {
	answer := bureautask.Answer{Handling: 1, Opinion: "已关闭"}
	steps := map[string]func(bureautask.Task) (bureautask.Task, error){
		"assign": func(task bureautask.Task) (bureautask.Task, error) { return task.Assign("a", "b", friday) },
		"answer": func(task bureautask.Task) (bureautask.Task, error) {
			return task.AnswerWith(answer, codes.Tables{}, "a", friday)
		},
		"send":   changed(func(task bureautask.Task) (bureautask.Task, bool) { return task.MarkSent(7, friday) }),
		"accept": func(task bureautask.Task) (bureautask.Task, error) { return task.Accept(7, "", friday) },
		"refuse": changed(func(task bureautask.Task) (bureautask.Task, bool) {
			return task.Refuse([]finding.Code{"bureau-5007"}, friday)
		}),
		"close": func(task bureautask.Task) (bureautask.Task, error) { return task.Close("已处理", "a", friday) },
	}
	for _, test := range []struct {
		path    string // steps to the state
		state   bureautask.State
		allowed string
	}{
		{"", bureautask.Open, "answer assign close"},
		{"answer", bureautask.Answered, "accept assign refuse send"},
		{"answer send", bureautask.Sent, "accept assign refuse"},
		{"answer send accept", bureautask.Accepted, "close refuse"},
		{"answer accept refuse", bureautask.Open, "answer assign close"},
		{"answer refuse answer accept close", bureautask.Closed, ""},
		{"close", bureautask.Closed, ""},
	} {
		task := bureautask.NewTask(bureautask.Unfiled, bureautask.About{}, friday, nil)
		for step := range strings.FieldsSeq(test.path) {
			after, err := steps[step](task)
			if err != nil || after.Version != task.Version+1 {
				t.Fatalf("%s: %s: %v", test.path, step, err)
			}
			task = after
		}
		var allowed []string
		for name, step := range steps {
			if _, err := step(task); err == nil {
				allowed = append(allowed, name)
			}
		}
		slices.Sort(allowed)
		if got := strings.Join(allowed, " "); task.State != test.state || got != test.allowed {
			t.Errorf("after %q: %s allows %q, want %s and %q", test.path, task.State, got, test.state, test.allowed)
		}
	}
}

func changed(step func(bureautask.Task) (bureautask.Task, bool)) func(bureautask.Task) (bureautask.Task, error) {
	return func(task bureautask.Task) (bureautask.Task, error) {
		after, ok := step(task)
		if !ok {
			return task, fault.New(fault.Conflict, "", "")
		}
		return after, nil
	}
}

// TestEventsAreLimited: the first one and the newest stay.
func TestEventsAreLimited(t *testing.T) {
	task := bureautask.NewTask(bureautask.Audit, bureautask.About{}, friday, nil)
	for range 200 {
		task, _ = task.Assign("a", "b", friday)
	}
	if len(task.Events) != 50 || task.Events[0].What != bureautask.StepReceived || task.Version != 201 {
		t.Errorf("%d events, version %d", len(task.Events), task.Version)
	}
}

// TestPrivateIsNotPrinted.
func TestPrivateIsNotPrinted(t *testing.T) {
	task, err := bureautask.EnterTask(bureautask.Verify, bureautask.NewAbout(" 浙ICP备12345678号 ", "WWW.Example.com", " 8.8.8.8 "), "  请核查示例人  ", time.Time{}, friday, nil)
	if err != nil || task.Private.Text != "请核查示例人" || task.About != (bureautask.About{Number: "浙ICP备12345678号", Host: "www.example.com", IP: "8.8.8.8"}) {
		t.Errorf("%+v, %v", task.About, err)
	}
	if text := strings.Join([]string{fmt.Sprint(task), fmt.Sprint(&task), fmt.Sprint(task.Private)}, " "); strings.Contains(text, "示例人") {
		t.Error(text)
	}
}

// TestBuildNeedsWhatTheInterfaceRequires: elements that the bureau's record lacks come from the register; without it, there is a finding for each.
func TestBuildNeedsWhatTheInterfaceRequires(t *testing.T) {
	d := document.Download{ICP: &document.ICPDownload{Tasks: []document.Task{{
		Subject: document.TaskSubject{ID: 11, Name: "示例公司", Nature: 4, Address: document.FiledAddress{Province: 330000, Detail: "示例路1号"},
			Certificate: document.Certificate{Kind: 1, Number: "1", Address: "1"}, Leader: document.TaskLeader{Name: "示例人", Email: "a@example.com"}},
		Sites: []document.TaskSite{{ID: 12, Name: "示例", Domains: []document.BureauDomain{{ID: 1, Name: "example.com"}},
			Accesses: []document.TaskAccess{{ID: 1, Locations: []int64{1}, Modes: []int64{1}, IPs: []document.BureauIPRange{{ID: 1, First: 1, Last: 1}}}},
			Leader:   document.FiledSiteLeader{Name: "示例人"}}},
	}}}}
	task := bureautask.In(d.ICP, from, nil)[0]
	if _, found := task.Build(&d, register.Filing{}, 99001, gbk.GBK); !found.Has(bureautask.CodeFile) {
		t.Errorf("without an answer: %v", found)
	}
	task, err := task.AnswerWith(bureautask.Answer{Verifier: "核验员", Opinion: "信息属实"}, codes.Tables{}, "a", friday)
	if err != nil {
		t.Fatal(err)
	}
	_, found := task.Build(&d, register.Filing{}, 99001, gbk.GBK)
	if len(found) != 6 || !found.Blocking() {
		t.Errorf("%d findings: %v", len(found), found)
	}
	filed := register.Filing{Sites: []register.FiledSite{{MinistryID: "12"}}, Private: register.Private{
		Subject: register.Subject{Division: "330108", Leader: register.Leader{Mobile: "13800000000", OfficePhone: "0571-00000000"}},
		Sites:   []register.Site{{ServiceContent: []int{6}, Leader: register.Leader{OfficePhone: "0571-00000000", Email: "b@example.com"}}},
	}}
	record, found := task.Build(&d, filed, 99001, gbk.GBK)
	if len(found) > 0 || record.Verified.Filing.Subject.Address.City != 330100 || record.Verified.Filing.Sites[0].Leader.Email != "b@example.com" || record.Verified.Unit != 99001 {
		t.Errorf("%v", found)
	}
	task.Private.Answer.Opinion = "信息属实😀"
	if _, found := task.Build(&d, filed, 99001, gbk.GBK); len(found) != 1 || found[0].Pointer != "/opinion" {
		t.Errorf("a character that the bureau cannot read: %v", found)
	}
	if rows := task.Rows(&d, filed); !slices.ContainsFunc(rows, func(r bureautask.Row) bool { return r.Register == "13800000000" && r.Differs() }) {
		t.Error("the rows do not show that the register has a mobile that the bureau lacks")
	}
	task.Record = 2
	if rows := task.Rows(&d, filed); rows != nil {
		t.Errorf("rows of a record that the file lacks: %v", rows)
	}
}

// FuzzIn: any download makes tasks with different ids, whose rows can be shown and whose answers have findings at worst.
func FuzzIn(f *testing.F) {
	for _, seed := range []string{
		`<HSRW><Baxx><Zt_xx><Ztid>1</Ztid></Zt_xx></Baxx></HSRW>`, `<HSRW><Baxx/></HSRW>`, `<WBAWZLB><Wbawz_xx><Id>1</Id><Wzym_mc>例.com</Wzym_mc><IP>1</IP></Wbawz_xx><Wbawz_xx/></WBAWZLB>`,
		`<XGTZ><Tzxx><Tzlb>1</Tzlb><Baxh>x</Baxh></Tzxx></XGTZ>`, `<HCJG><Jgxx><Jrhc><Hcjg>2</Hcjg></Jrhc><Kkwzhc/><Zthc/><Wzch/></Jgxx></HCJG>`, `<FFJRHMD><Ffjrxx><Ym>a..b</Ym></Ffjrxx></FFJRHMD>`,
		`<HMDLB><Zthmdxxs/><Wzhmdxxs><Wz_xx><Ym_xx><Ym>a</Ym></Ym_xx></Wz_xx></Wzhmdxxs></HMDLB>`, `<ZXSJ><Zxxx><Zxlb>9</Zxlb></Zxxx></ZXSJ>`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		d, _, err := document.ParseDownload([]byte(`<?xml version="1.0" encoding="GBK"?><DownloadData version="V.3.0"><ICP>` + body + `</ICP></DownloadData>`))
		if err != nil || d.ICP == nil {
			return
		}
		seen := map[string]bool{}
		for _, task := range bureautask.In(d.ICP, from, nil) {
			if seen[task.ID] || task.Record < 1 || task.State != bureautask.Open || task.Owner == "" {
				t.Errorf("%+v", task)
			}
			seen[task.ID] = true
			task.Rows(d, register.Filing{})
			if !task.Kind.Answered() {
				continue
			}
			task.Private.Answer = &bureautask.Answer{Verifier: "a", Opinion: "b", Handling: 1, Province: 330000, At: friday}
			if record, found := task.Build(d, register.Filing{}, 99001, gbk.GBK); !found.Blocking() && record.Operation() == 0 {
				t.Error("an answer of no operation")
			}
		}
	})
}

// TestOwners: reviewers verify, operators do the rest; only two kinds have an answer.
func TestOwners(t *testing.T) {
	for _, k := range bureautask.Kinds {
		owner := filing.Admin
		if k == bureautask.Verify {
			owner = filing.Reviewer
		}
		if k.Owner() != owner || k.Answered() != (k == bureautask.Verify || k == bureautask.Unfiled) {
			t.Errorf("%s is done by %s, answered %t", k, k.Owner(), k.Answered())
		}
	}
}

// TestHomeURL: the bureau writes a home page without its scheme, which is no difference.
func TestHomeURL(t *testing.T) {
	task := bureautask.Task{Kind: bureautask.Verify, Record: 1}
	for own, differs := range map[string]bool{"http://www.example.com": false, "https://www.example.com/": false, "www.example.com": false, "http://example.com": true} {
		d := document.Download{ICP: &document.ICPDownload{Tasks: []document.Task{{Sites: []document.TaskSite{{ID: 12, HomeURL: "www.example.com"}}}}}}
		filed := register.Filing{Sites: []register.FiledSite{{MinistryID: "12"}}, Private: register.Private{Sites: []register.Site{{HomeURL: own}}}}
		rows := task.Rows(&d, filed)
		if got := slices.ContainsFunc(rows, func(r bureautask.Row) bool { return r.Bureau == "www.example.com" && r.Differs() }); got != differs {
			t.Errorf("%s: differs is %v, want %v", own, got, differs)
		}
	}
}
