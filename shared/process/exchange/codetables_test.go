package exchange_test

import (
	"fmt"
	"slices"
	"time"

	"beian/shared/aws/dynamo"
	"beian/shared/bureau/document"
	"beian/shared/bureau/simulator"
	"beian/shared/filing"
	"beian/shared/process/exchange"
	"beian/shared/rules/codes"
	"beian/shared/rules/fault"
)

func (w *system) publishCodes(changes ...simulator.TableChange) {
	w.t.Helper()
	w.applyScenario(simulator.Scenario{Codes: changes})
}

// codeTables returns the tables in force and what the files did, newest first.
func (w *system) codeTables() (codes.Tables, []exchange.CodesFile) {
	w.t.Helper()
	tables, files, err := w.newOperator().CodeTables(w.t.Context(), 10)
	if err != nil {
		w.t.Fatal(err)
	}
	return tables, files
}

// wantIssues checks the issues as "kind count".
func (w *system) wantIssues(want ...string) {
	w.t.Helper()
	var got []string
	for _, issue := range w.status().Issues {
		got = append(got, fmt.Sprintf("%s %d", issue.Kind, issue.Count))
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		w.t.Errorf("issues %q, want %q", got, want)
	}
}

func withService(id int) func(*filing.Order) {
	return func(o *filing.Order) { o.Private.Sites[0].ServiceContent = []int{id} }
}

// changedCodes: a published table counts from its download on. A record with a new code is sent and filed; one with a code that was withdrawn since
// its review is not sent, and its applicant gets a finding at the field.
func changedCodes(w *system) {
	if unknown := w.queueOrder(1, withService(23)); w.runExchange().Files != 1 {
		w.t.Errorf("before the change, a record was not sent: %s", w.readOrder(unknown).Status)
	}
	w.publishCodes(simulator.TableChange{Table: "Wzfwlx_dms",
		Set: []simulator.Code{{ID: 22, Name: "建站服务"}, {ID: 23, Name: "WAP", Void: true}, {ID: 34, Name: "网络直播"}}, Drop: []int64{28, 29, 30, 31, 32, 33}})
	if report := w.runExchange(); report.Downloads != 1 || report.Poisoned != 0 {
		w.t.Errorf("report %+v", report)
	}
	tables, files := w.codeTables()
	if len(files) != 1 || len(files[0].Results) != 1 || tables.Version != 1 {
		w.t.Fatalf("version %d, files %+v", tables.Version, files)
	}
	want := []codes.Change{{ID: 22, Kind: codes.Meaning, Before: "网站建设", After: "建站服务"}, {ID: 23, Kind: codes.Removed, Before: "WAP"}, {ID: 34, Kind: codes.Added, After: "网络直播"}}
	if result := files[0].Results[0]; result.Outcome != codes.Replaced || !slices.Equal(result.Changes, want) {
		w.t.Errorf("result %+v", result)
	}
	if table := tables.Downloaded[codes.Services]; table.File != files[0].File || table.Since.IsZero() {
		w.t.Errorf("the table is from %q since %s", table.File, table.Since)
	}
	w.wantIssues("JCDM 3")
	if w.alarms() != 0 {
		w.t.Error("a plausible table raised an alarm")
	}

	added, withdrawn := w.queueOrder(2, withService(34)), w.queueOrder(3, withService(23))
	if report := w.runExchange(); report.Records != 1 || report.Unsendable != 1 {
		w.t.Errorf("report %+v", report)
	}
	w.checkStatus(added, filing.Approved)
	found := w.checkStatus(withdrawn, filing.BureauRejected).Private.Findings
	if len(found) != 1 || found[0].Code != codes.CodeWithdrawn || found[0].Pointer != "/sites/0/serviceContent/0" {
		w.t.Errorf("findings %+v", found)
	}

	// The file again changes nothing, and its result stays.
	if _, report, err := w.newOperator().Replay(w.t.Context(), files[0].File); err != nil || report != (exchange.Report{}) {
		w.t.Errorf("replay: %+v, %v", report, err)
	}
	if again, repeated := w.codeTables(); again.Version != 1 || len(repeated) != 1 || len(repeated[0].Results[0].Changes) != 3 {
		w.t.Errorf("after a replay: version %d, %+v", again.Version, repeated)
	}
	w.wantIssues("JCDM 3")
}

// oldCodes: a file that is older than the one in force does not bring its codes back, whenever it is processed.
func oldCodes(w *system) {
	w.publishCodes(simulator.TableChange{Table: "Yylb_dms", Set: []simulator.Code{{ID: 18, Name: "德语"}}})
	w.runExchange()
	_, first := w.codeTables()
	w.publishCodes(simulator.TableChange{Table: "Yylb_dms", Drop: []int64{18}})
	w.runExchange()
	if _, _, err := w.newOperator().Replay(w.t.Context(), first[0].File); err != nil {
		w.t.Fatal(err)
	}
	tables, files := w.codeTables()
	if !tables.Withdrawn(codes.Languages, 18) || len(files) != 2 || files[1].Results[0].Count != 1 {
		w.t.Errorf("the older file rolled back: %+v", files)
	}
}

// implausibleCodes: a table that would withdraw most codes is kept out of force until the operator accepts it.
func implausibleCodes(w *system) {
	w.applyScenario(simulator.Scenario{Issue: []simulator.Issue{{Provider: w.provider, Codes: &document.CodeTables{
		Units:  []document.Unit{{ID: 1, Name: "示例接入商", Valid: 1}},
		Tables: &document.Tables{Languages: []document.Code{{ID: 1, Name: "中文简体", Valid: 1}}},
	}}}})
	if report := w.runExchange(); report.Downloads != 1 || report.Poisoned != 0 || w.alarms() != 1 {
		w.t.Errorf("report %+v, %d alarms", report, w.alarms())
	}
	tables, files := w.codeTables()
	if result := files[0].Results[0]; tables.Version != 0 || tables.Withdrawn(codes.Languages, 12) || result.Outcome != codes.Held || result.Reason != codes.Shrunk || result.Count != 16 {
		w.t.Errorf("version %d, %+v", tables.Version, result)
	}
	w.wantIssues("Bbdwlb 1", "JCDM-held 1")
	if err := w.newOperator().AcceptCodes(w.t.Context(), files[0].File); err != nil {
		w.t.Fatal(err)
	}
	tables, files = w.codeTables()
	if result := files[0].Results[0]; !tables.Withdrawn(codes.Languages, 12) || result.Outcome != codes.Replaced || result.Reason != codes.Shrunk {
		w.t.Errorf("accepted: %+v", result)
	}
	w.wantIssues("Bbdwlb 1", "JCDM 16")
	if err := w.newOperator().AcceptCodes(w.t.Context(), files[0].File); fault.KindOf(err) != fault.Conflict {
		w.t.Errorf("accepted again: %v", err)
	}
	if err := w.newOperator().AcceptCodes(w.t.Context(), "nothing"); fault.KindOf(err) != fault.NotFound {
		w.t.Errorf("accepted an unknown file: %v", err)
	}
}

const tableFile = `<?xml version="1.0" encoding="GBK"?><DownloadData version="V.3.0"><JCDM><Jcdm_xx>%s</Jcdm_xx></JCDM></DownloadData>`

// malformedCodes: a table without its entries, or with an entry that lacks its validity, changes nothing and cannot be accepted. A field that does
// not count, such as an empty remark, is no reason to refuse a table.
func malformedCodes(w *system) {
	for i, c := range []struct {
		text   string
		table  codes.Name
		reason codes.Reason
	}{
		{`<Yylb_dms></Yylb_dms>`, codes.Languages, codes.Empty},
		{`<Xzjb_dms><Xzjb_xx><Id>1</Id><Mc>A</Mc></Xzjb_xx></Xzjb_dms>`, "Xzjb_dms", codes.Malformed},
		{`<Xzjb_dms><Xzjb_xx><Mc>A</Mc><Sfyx>1</Sfyx></Xzjb_xx></Xzjb_dms>`, "Xzjb_dms", codes.Malformed},
		{`<Xzjb_dms><Xzjb_xx><Id>1</Id><Mc>A</Mc><Sfyx>2</Sfyx></Xzjb_xx></Xzjb_dms>`, "Xzjb_dms", codes.Malformed},
		{`<Xzjb_dms><Xzjb_xx><Id>1</Id><Mc>A</Mc><Bz></Bz><Sfyx>1</Sfyx></Xzjb_xx></Xzjb_dms>`, "Xzjb_dms", ""},
	} {
		w.applyScenario(simulator.Scenario{Issue: []simulator.Issue{{Provider: w.provider, Text: fmt.Sprintf(tableFile, c.text)}}})
		if report := w.runExchange(); report.Downloads != 1 {
			w.t.Fatalf("%s: %+v", c.text, report)
		}
		tables, files := w.codeTables()
		if len(files) != i+1 {
			w.t.Fatalf("%s: %+v", c.text, files)
		}
		result := files[0].Results[0]
		_, replaced := tables.Downloaded[c.table]
		if result.Table != c.table || result.Reason != c.reason || replaced != (c.reason == "") {
			w.t.Errorf("%s: %+v", c.text, result)
		}
		if err := w.newOperator().AcceptCodes(w.t.Context(), files[0].File); fault.KindOf(err) != fault.Conflict {
			w.t.Errorf("%s was accepted: %v", c.text, err)
		}
	}
}

// codesWithRules: a new certificate of individuals is not offered, and the operator is told.
func codesWithRules(w *system) {
	w.publishCodes(simulator.TableChange{Table: "Zjlx_dms", Set: []simulator.Code{{ID: 60, Name: "电子居民证", Detail: 5}, {ID: 61, Name: "新型企业证", Detail: 4}}})
	w.runExchange()
	tables, _ := w.codeTables()
	if w.alarms() != 1 || slices.Contains(tables.PermittedKinds(5, w.clock()), 60) || !slices.Contains(tables.PermittedKinds(4, w.clock()), 61) {
		w.t.Errorf("%d alarms", w.alarms())
	}
}

// crashWithCodes: wherever a process ends while it replaces tables, the next one replaces them once, and the changes are reported once.
func crashWithCodes(w *system) {
	w.runExchange()
	for n := 1; ; n++ {
		if n == 100 {
			w.t.Fatal("every process crashed")
		}
		id := int64(100 + n)
		w.publishCodes(simulator.TableChange{Table: "Wzjrfs_dms", Set: []simulator.Code{{ID: id, Name: fmt.Sprintf("方式%d", n)}}})
		f := &crash{callsBefore: n, after: true}
		_, _ = w.newExchange(f).Run(w.t.Context())
		w.advanceClock(dynamo.LinkLease + time.Second)
		if _, err := w.newExchange(&crash{callsBefore: -1}).Run(w.t.Context()); err != nil {
			w.t.Fatal(err)
		}
		tables, files := w.codeTables()
		last := files[0].Results[0]
		if tables.Version != n || !tables.Knows(codes.AccessModes, id) || len(last.Changes) != 1 || last.Changes[0].ID != id {
			w.t.Fatalf("crash after call %d: version %d, %+v", n, tables.Version, files[0])
		}
		if issues := w.status().Issues; len(issues) != n || issues[n-1].Count != 1 {
			w.t.Fatalf("crash after call %d: %d issues", n, len(issues))
		}
		if !f.crashed {
			return
		}
	}
}

// fullCopyOfCodes: code tables in a full copy (SJTB) count like a file of their own.
func fullCopyOfCodes(w *system) {
	tables := &document.Tables{}
	for id := range int64(17) {
		tables.Languages = append(tables.Languages, document.Code{ID: id + 1, Name: fmt.Sprintf("语言%d", id+1), Valid: 1})
	}
	w.applyScenario(simulator.Scenario{Issue: []simulator.Issue{{Provider: w.provider, Sync: &document.Sync{Codes: &document.CodeTables{Tables: tables}}}}})
	w.runExchange()
	if after, files := w.codeTables(); after.Version != 1 || after.Words(codes.Languages, 12).Chinese != "语言12" || len(files) != 1 {
		w.t.Errorf("version %d, %+v", after.Version, files)
	}
	w.wantIssues("JCDM 17")
}
