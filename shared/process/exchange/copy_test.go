package exchange_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"beian/shared/aws/dynamo"
	"beian/shared/bureau/document"
	"beian/shared/bureau/simulator"
	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/envelope"
	"beian/shared/process/exchange"
	"beian/shared/rules/certificate"
	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
)

// offerCopy makes the bureau offer a full copy of filings.
func (w *system) offerCopy(filings ...document.FiledData) {
	w.t.Helper()
	sync := &document.Sync{}
	for _, f := range filings {
		copied := document.SyncedFiling{Subject: f.Subject}
		for _, s := range f.Sites {
			copied.Sites = append(copied.Sites, document.SyncedSite(s))
		}
		sync.Filed = append(sync.Filed, copied)
	}
	w.applyScenario(simulator.Scenario{Issue: []simulator.Issue{{Provider: w.provider, Sync: sync}}})
}

// filedElsewhere returns the filing of an invented person that we host and that did not come through us.
func (w *system) filedElsewhere(n int) document.FiledData {
	o := readyOrder(n)
	o.Bureau = &filing.BureauState{FirstID: int64(n)}
	f := filedData(o, fmt.Sprintf("浙ICP备2024%06d号", n))
	f.Subject.ID, f.Sites[0].ID = 0, 0
	f.Sites[0].Accesses[0].Provider = w.provider
	return f
}

// fileByCopy adds filings to the register with a copy.
func (w *system) fileByCopy(filings ...document.FiledData) {
	w.t.Helper()
	w.offerCopy(filings...)
	w.runExchange()
	w.advanceClock(25 * time.Hour) // the next file is another copy
}

// registered returns the filing of an invented person; the zero Filing if none stands.
func (w *system) registered(n int) register.Filing {
	w.t.Helper()
	f, err := w.store.FilingOf(w.t.Context(), w.subjectKey(n))
	if err != nil {
		w.t.Fatal(err)
	}
	return f
}

// subjectKey returns the look-up key of an invented person.
func (w *system) subjectKey(n int) string {
	w.t.Helper()
	key, err := w.reliableExchange().Store.SubjectKey(w.t.Context(), certificate.ResidentID, residentID(n).Reveal())
	if err != nil {
		w.t.Fatal(err)
	}
	return key
}

// differences lists the differences as texts: kind, number, places.
func (w *system) differences(settled bool) []string {
	w.t.Helper()
	texts := []string{}
	for cursor := ""; ; {
		page, err := w.newOperator().Reconciliation(w.t.Context(), settled, cursor, 2)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, d := range page.Differences {
			text := string(d.Kind) + " " + d.Number
			if d.Site != "" {
				text = string(d.Kind) + " " + d.Site
			}
			for _, place := range d.Places {
				text += " " + place
			}
			texts = append(texts, text)
		}
		if cursor = page.Next; cursor == "" {
			return texts
		}
	}
}

func (w *system) checkDifferences(settled bool, want ...string) {
	w.t.Helper()
	if got := w.differences(settled); !slices.Equal(got, want) {
		w.t.Errorf("differences (settled %t): %q, want %q", settled, got, want)
	}
}

func issueKinds(s exchange.Status) []string {
	var kinds []string
	for _, issue := range s.Issues {
		kinds = append(kinds, issue.Kind)
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

// fullCopy: a filing that the register lacks is added, one that differs is taken over, and what the copy lacks stays and is a difference. The same
// copy again, and a newer equal one, change nothing.
func fullCopy(w *system) {
	second := w.filedElsewhere(1)
	site := second.Sites[0]
	site.BureauID, site.Number = 999, second.Subject.Number+"-2"
	site.Domains, site.Accesses = []document.FiledDomain{{BureauID: 998, Name: "second-example.com"}}, []document.FiledAccess{site.Accesses[0]}
	site.Accesses[0].BureauID = 997
	second.Sites = append(second.Sites, site)
	w.fileByCopy(second, w.filedElsewhere(2), w.filedElsewhere(3))
	w.checkDifferences(true, "missing-here 浙ICP备2024000001号", "missing-here 浙ICP备2024000002号", "missing-here 浙ICP备2024000003号")
	for n := 1; n <= 3; n++ {
		if f := w.registered(n); f.Version != 1 || f.Status != register.Filed || f.Account != "" || f.MinistryID == "" {
			w.t.Errorf("filing %d: %+v", n, f)
		}
	}
	changed := w.filedElsewhere(2)
	changed.Subject.Name, changed.Sites[0].Name = "示例人二", "木作新记"
	w.offerCopy(w.filedElsewhere(1), changed, w.filedElsewhere(4))
	if report := w.runExchange(); report != (exchange.Report{Downloads: 1, Copied: 3}) {
		w.t.Errorf("report %+v", report)
	}
	check := func(versions ...int) {
		w.t.Helper()
		w.checkDifferences(false, "missing-there 浙ICP备2024000001号-2", "missing-there 浙ICP备2024000003号")
		for i, version := range versions {
			if f := w.registered(i + 1); f.Version != version || f.Status != register.Filed {
				w.t.Errorf("filing %d has version %d, want %d", i+1, f.Version, version)
			}
		}
	}
	check(1, 2, 1, 1)
	w.checkDifferences(true, "differs 浙ICP备2024000002号 /sites/浙ICP备2024000002号-1/details/name /subject/name", "missing-here 浙ICP备2024000004号")
	if f := w.registered(1); len(f.Sites) != 2 {
		w.t.Errorf("the site that the copy lacks is gone: %+v", f.Sites)
	}
	entries, err := w.store.FilingVersions(w.t.Context(), w.registered(2).ID)
	if err != nil || entries[1].Source.Kind != register.FromDownload {
		w.t.Errorf("%+v, %v", entries, err)
	}
	if kinds := issueKinds(w.status()); !slices.Equal(kinds, []string{exchange.IssueFilingChanged, exchange.IssueReconciliation}) {
		w.t.Errorf("issues %v", kinds)
	}
	for _, issue := range w.status().Issues {
		if file, _, err := w.newOperator().Replay(w.t.Context(), issue.File); err != nil || file.State != exchange.Acknowledged {
			w.t.Errorf("replayed: %+v, %v", file, err)
		}
	}
	check(1, 2, 1, 1)
	w.advanceClock(25 * time.Hour)
	w.offerCopy(w.filedElsewhere(1), changed, w.filedElsewhere(4))
	w.runExchange()
	check(1, 2, 1, 1)
	w.checkDifferences(true)
}

// copyApproves: a copy answers an order that waits for its filed data, with the same result as filed data. Erasing the order makes the file unreadable.
func copyApproves(w *system) {
	id, o := w.queueUndecided()
	withoutLanguages := w.filedElsewhere(2)
	withoutLanguages.Sites[0].Languages = nil
	w.offerCopy(filedData(o, "浙ICP备2026000009号"), withoutLanguages)
	if report := w.runExchange(); report != (exchange.Report{Downloads: 1, Copied: 2, Approved: 1}) || w.alarms() != 0 {
		w.t.Errorf("report %+v, %d alarms", report, w.alarms())
	}
	if o := w.checkStatus(id, filing.Approved); o.Bureau.SubjectNumber.String() != "浙ICP备2026000009号" {
		w.t.Errorf("number %s", o.Bureau.SubjectNumber)
	}
	w.checkDifferences(false)
	w.checkDifferences(true, "missing-here 浙ICP备2024000002号")
	if strings.Contains(w.logged.String(), "violates the schema") {
		w.t.Error("a valid file is called a departure from the schema")
	}
	page, err := w.newOperator().Reconciliation(w.t.Context(), false, "", 1)
	if err != nil {
		w.t.Fatal(err)
	}
	file := page.Copy.Files[0].ID
	if _, view, _, err := w.newOperator().Received(w.t.Context(), file); err != nil || view == nil {
		w.t.Errorf("%v, %v", view, err)
	}
	if err := w.reliableExchange().Objects.Encrypter.DeleteKey(w.t.Context(), string(id)); err != nil {
		w.t.Fatal(err)
	}
	if _, _, _, err := w.newOperator().Received(w.t.Context(), file); !errors.Is(err, envelope.ErrErased) {
		w.t.Errorf("the file of an erased order: %v", err)
	}
}

// copyOfFiledOrders: a full copy of what was filed through us is no difference.
func copyOfFiledOrders(w *system) {
	for n := 1; n <= 2; n++ {
		w.queueOrder(n, func(o *filing.Order) { o.SubjectKey = w.subjectKey(n) })
	}
	w.runExchange()
	before := w.registered(1)
	w.advanceClock(time.Minute)
	w.applyScenario(simulator.Scenario{Copies: []int64{w.provider}})
	if report := w.runExchange(); report != (exchange.Report{Downloads: 1, Copied: 2}) || w.alarms() != 0 || len(w.status().Issues) != 0 {
		w.t.Errorf("report %+v, %d alarms, issues %+v", report, w.alarms(), w.status().Issues)
	}
	w.checkDifferences(false)
	w.checkDifferences(true)
	if f := w.registered(1); before.Version != 1 || f.Version != 1 {
		w.t.Errorf("version %d, before %d", f.Version, before.Version)
	}
}

// copyConflicts: a filing of a copy with the number, domain or id of another filing is not added. It stays open, and the operator imports it after
// the other filing is corrected.
func copyConflicts(w *system) {
	taken := w.filedElsewhere(1)
	w.fileByCopy(taken)
	stranger := w.filedElsewhere(2)
	stranger.Sites[0].Domains = taken.Sites[0].Domains
	w.offerCopy(taken, stranger)
	if report := w.runExchange(); report != (exchange.Report{Downloads: 1, Copied: 2}) || w.alarms() != 1 {
		w.t.Errorf("report %+v, %d alarms", report, w.alarms())
	}
	w.checkDifferences(false, "conflict 浙ICP备2024000002号")
	done, err := w.newOperator().Import(w.t.Context(), []string{"浙ICP备2024000002号"})
	if err != nil || len(done) != 1 || done[0].Filing != "" || !done[0].Conflicts.Has(register.CodeMinistryIDTaken) && !done[0].Conflicts.Has(register.CodeDomainTaken) {
		w.t.Errorf("%+v, %v", done, err)
	}
	holder := w.registered(1)
	moved := holder
	moved.Sites, moved.Private.Sites = nil, nil
	change, _ := holder.Replace(moved, register.Source{Kind: register.FromImport, ID: "import"}, w.clock())
	if err := w.store.CommitFiling(w.t.Context(), change); err != nil {
		w.t.Fatal(err)
	}
	if done, err := w.newOperator().Import(w.t.Context(), []string{"浙ICP备2024000009号"}); err != nil || len(done) != 0 {
		w.t.Errorf("another number: %+v, %v", done, err)
	}
	for range 2 { // the second call has nothing to do
		if done, err = w.newOperator().Import(w.t.Context(), []string{"浙ICP备2024000002号"}); err != nil {
			w.t.Fatal(err)
		}
	}
	if f := w.registered(2); len(done) != 0 || f.Version != 1 || f.Sites[0].Domains[0].Name != inventedDomain(1) {
		w.t.Errorf("%+v, %+v", done, f)
	}
	w.checkDifferences(false)
	w.checkDifferences(true, "missing-here 浙ICP备2024000002号")
	if slices.Contains(issueKinds(w.status()), exchange.IssueReconciliation) || w.differenceKeys() != 0 {
		w.t.Errorf("after the import: issues %q, %d data keys", issueKinds(w.status()), w.differenceKeys())
	}
}

// changedFirst is a store in which others are first with each new version of a filing.
type changedFirst struct{ exchange.Store }

func (changedFirst) CommitFiling(context.Context, register.Change) error {
	return &fault.Fault{Kind: fault.Stale}
}

// importOfFiledData: filed data of a subject that the register lacks are offered for import, also before the first copy came. They stay offered if the
// import fails because others change the register.
func importOfFiledData(w *system) {
	w.offerFile(document.ICPDownload{Filed: []document.FiledData{w.filedElsewhere(1)}})
	if report := w.runExchange(); report.Unmatched != 1 {
		w.t.Errorf("report %+v", report)
	}
	w.checkDifferences(false, "missing-here 浙ICP备2024000001号")
	busy := w.newOperator()
	busy.Store = changedFirst{busy.Store}
	if _, err := busy.Import(w.t.Context(), []string{"浙ICP备2024000001号"}); !errors.Is(err, fault.ErrContention) {
		w.t.Errorf("while others change the register: %v", err)
	}
	w.checkDifferences(false, "missing-here 浙ICP备2024000001号")
	done, err := w.newOperator().Import(w.t.Context(), []string{"浙ICP备2024000001号"})
	if err != nil || len(done) != 1 || done[0].Filing == "" || w.registered(1).ID != done[0].Filing {
		w.t.Errorf("%+v, %v", done, err)
	}
	w.checkDifferences(false)
	if _, err := w.newOperator().Reconciliation(w.t.Context(), false, "no cursor", 10); fault.KindOf(err) != fault.Invalid {
		w.t.Errorf("a cursor of another list: %v", err)
	}
}

// crashedImport: an import that ends at any call is repeated, and loses nothing of what the bureau has.
func crashedImport(w *system) {
	for n := 1; ; n++ {
		filed := w.filedElsewhere(n)
		w.offerFile(document.ICPDownload{Filed: []document.FiledData{filed}})
		w.runExchange()
		w.advanceClock(time.Second)
		fault := crash{callsBefore: n - 1, after: true}
		_, _ = w.operatorWith(w.newExchange(&fault)).Import(w.t.Context(), []string{filed.Subject.Number}) // only the stored state matters
		w.advanceClock(dynamo.LinkLease + time.Second)
		for range 2 {
			if _, err := w.newOperator().Import(w.t.Context(), []string{filed.Subject.Number}); err != nil {
				w.t.Fatal(err)
			}
		}
		if f := w.registered(n); f.Version != 1 || w.differenceKeys() != 0 {
			w.t.Errorf("crash at call %d: version %d, %d data keys", n, f.Version, w.differenceKeys())
		}
		w.checkDifferences(false)
		if !fault.crashed {
			return
		}
	}
}

// copyInPages: a large copy is compared over several runs, and acknowledged after the last. It is not kept. A copy of several files is one.
func copyInPages(w *system) {
	w.page = 2
	var all []document.FiledData
	for n := range 23 {
		all = append(all, w.filedElsewhere(n+1))
	}
	w.offerCopy(all...)
	w.offerFile(document.ICPDownload{Notices: []document.Notice{{Text: "请更正"}}})
	for i, want := range []exchange.Report{{Copied: 10}, {Copied: 10}, {Copied: 3, Downloads: 2, Tasks: 1}, {}} {
		if report := w.runExchange(); report != want {
			w.t.Errorf("run %d: %+v, want %+v", i+1, report, want)
		}
	}
	if got := len(w.differences(true)); got != 23 || w.registered(23).Version != 1 {
		w.t.Errorf("%d differences", got)
	}
	page, err := w.newOperator().Reconciliation(w.t.Context(), false, "", 1)
	if err != nil || len(page.Copy.Files) != 1 || page.Copy.Files[0].Compared != 23 || page.Copy.Files[0].FinishedAt.IsZero() {
		w.t.Errorf("%+v, %v", page, err)
	}
	w.checkDifferences(false)
	w.advanceClock(25 * time.Hour)
	w.offerCopy(all[:2]...) // the first file of a copy
	w.runExchange()
	if got := len(w.differences(false)); got != 21 {
		w.t.Errorf("%d filings are missing after the first file", got)
	}
	w.advanceClock(time.Hour)
	w.offerCopy(all[2:6]...) // a file that belongs to it
	w.runExchange()
	if got := len(w.differences(false)); got != 17 {
		w.t.Errorf("%d filings are missing after the second file", got)
	}
}

// keptOfCopy: what the interface does not carry survives a copy: validity, account, licences' last days, papers. The ministry's ids come with it.
func keptOfCopy(w *system) {
	w.fileByCopy(w.filedElsewhere(1))
	current := w.registered(1)
	known := current
	known.Account, known.Papers = "applicant", []register.Paper{{Order: "order", Slot: evidence.Slot(evidence.OtherDocument), SHA256: "00"}}
	known.Private.Subject.Certificate.Validity.To = "2030-01-31"
	known.Private.Subject.Leader.EmergencyPhone = "13900000000"
	known.MinistryID, known.Sites = "", slices.Clone(current.Sites) // imported without the ministry's ids
	known.Sites[0].MinistryID = ""
	known.Private.Sites = slices.Clone(current.Private.Sites)
	known.Private.Sites[0].PreApprovals = []register.PreApproval{{Trade: "news", Number: "A1", ValidUntil: "2031-01-31"}}
	change, _ := current.Replace(known, register.Source{Kind: register.FromImport, ID: "import"}, w.clock())
	if err := w.store.CommitFiling(w.t.Context(), change); err != nil {
		w.t.Fatal(err)
	}
	w.advanceClock(time.Minute)
	changed := w.filedElsewhere(1)
	changed.Sites[0].Name = "木作新记"
	if trade, _ := known.Private.Sites[0].PreApprovals[0].Trade.Number(); trade != 0 {
		changed.Sites[0].PreApprovals = []document.PreApproval{{Kind: int64(trade), Number: "A1", Scans: [][]byte{{1}}}}
	}
	w.offerCopy(changed)
	w.runExchange()
	f := w.registered(1)
	if f.MinistryID != current.MinistryID || f.Sites[0].MinistryID != current.Sites[0].MinistryID {
		w.t.Errorf("ids %q, %q", f.MinistryID, f.Sites[0].MinistryID)
	}
	if s := f.Private; f.Version != 3 || f.Account != "applicant" || len(f.Papers) != 1 || s.Subject.Certificate.Validity.To != "2030-01-31" ||
		s.Subject.Leader.EmergencyPhone != "13900000000" || len(s.Sites[0].PreApprovals) != 1 || s.Sites[0].PreApprovals[0].ValidUntil != "2031-01-31" {
		w.t.Errorf("version %d, %s, %d papers, %s", f.Version, f.Account, len(f.Papers), s.Subject.Certificate.Validity.To)
	}
}

// cancelledAtBureau: a cancellation that no order waits for ends the filing, the site or the access, once. The subject can file anew.
// offerCancellation makes the bureau offer the cancellation of a filing.
// changedAtBureau: filed data of a filing that the register has are taken over once, also by the certificate alone if the register has no id.
