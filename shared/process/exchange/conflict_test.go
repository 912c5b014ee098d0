package exchange_test

import (
	"beian/shared/bureau/document"
	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/exchange"
)

// domainOfAnother: the bureau files a domain that another filing of the register still has. The order waits, the other answers are processed, and
// the operator gets an issue. After the other filing is corrected, the file is replayed.
func domainOfAnother(w *system) {
	id, o := w.queueUndecided()
	holder := register.Filing{ID: "01HOLDER", SubjectKey: "subject-of-holder", Province: "33",
		Sites: []register.FiledSite{{Domains: []register.FiledDomain{{Name: o.Domains[0]}}}}}
	holder.Private.Sites = []register.Site{{}}
	change, _ := register.Filing{}.Replace(holder, register.Source{Kind: register.FromImport, ID: "import-1"}, w.clock())
	if err := w.store.CommitFiling(w.t.Context(), change); err != nil {
		w.t.Fatal(err)
	}
	w.offerFile(document.ICPDownload{Filed: []document.FiledData{filedData(o, "浙ICP备2026000009号")}})
	if report := w.runExchange(); report.Approved != 0 || report.Poisoned != 0 || w.alarms() != 1 {
		w.t.Errorf("report %+v, %d alarms", report, w.alarms())
	}
	w.checkStatus(id, filing.BureauReview)
	issues := w.status().Issues
	if len(issues) != 1 || issues[0].Kind != exchange.IssueFilingConflict {
		w.t.Fatalf("issues %+v", issues)
	}
	moved := change.After
	moved.Sites, moved.Private.Sites = nil, nil
	correction, _ := change.After.Replace(moved, register.Source{Kind: register.FromImport, ID: "import-2"}, w.clock())
	if err := w.store.CommitFiling(w.t.Context(), correction); err != nil {
		w.t.Fatal(err)
	}
	if _, report, err := w.newOperator().Replay(w.t.Context(), issues[0].File); err != nil || report.Approved != 1 {
		w.t.Errorf("report %+v, %v", report, err)
	}
	w.checkStatus(id, filing.Approved)
}
