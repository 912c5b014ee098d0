package exchange_test

import (
	"slices"
	"strconv"
	"time"

	"beian/shared/bureau/document"
	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/exchange"
	"beian/shared/rules/number"
)

func cancelledAtBureau(w *system) {
	w.fileByCopy(w.filedElsewhere(1), w.filedElsewhere(2), w.filedElsewhere(3))
	first, second, third := w.registered(1), w.registered(2), w.registered(3)
	cancel := func(what int64, ids ...string) exchange.Report {
		w.t.Helper()
		var d document.ICPDownload
		for _, text := range ids {
			id, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				w.t.Fatal(err)
			}
			d.Cancelled = append(d.Cancelled, document.Cancelled{What: what, ID: id})
		}
		w.offerFile(d)
		return w.runExchange()
	}
	if report := cancel(document.CancelSubject, first.MinistryID, "123456789"); report.Unmatched != 1 { // the second id is of another provider
		w.t.Errorf("report %+v", report)
	}
	cancel(document.CancelSite, second.Sites[0].MinistryID)
	cancel(document.CancelAccess, third.Sites[0].Accesses[0].MinistryID)
	check := func() {
		w.t.Helper()
		ended, err := w.store.Filing(w.t.Context(), first.ID)
		if err != nil || ended.Status != register.Cancelled || ended.CancelledOn == "" || ended.Version != 2 || w.registered(1).Version != 0 {
			w.t.Errorf("%+v, %v", ended, err)
		}
		if f := w.registered(2); f.Status != register.Shell || len(f.Sites) != 0 || f.Version != 2 {
			w.t.Errorf("%+v", f)
		}
		if f := w.registered(3); f.Status != register.Filed || len(f.Sites[0].Accesses) != 0 || f.Version != 2 {
			w.t.Errorf("%+v", f)
		}
	}
	check()
	w.advanceClock(time.Second)
	for what, id := range map[int64]string{ // what has ended already; a site and an access ended with their subject
		document.CancelSubject: first.MinistryID, document.CancelSite: second.Sites[0].MinistryID, document.CancelAccess: third.Sites[0].Accesses[0].MinistryID,
	} {
		if report := cancel(what, id); report.Unmatched != 0 {
			w.t.Errorf("kind %d, said twice: report %+v", what, report)
		}
	}
	if report := cancel(document.CancelSite, first.Sites[0].MinistryID); report.Unmatched != 0 {
		w.t.Errorf("a site of a cancelled subject: report %+v", report)
	}
	if report := cancel(document.CancelAccess, second.Sites[0].Accesses[0].MinistryID); report.Unmatched != 0 {
		w.t.Errorf("an access of a cancelled site: report %+v", report)
	}
	check()
	facts, _, err := w.newFinder().Find(w.t.Context(), readyOrder(1))
	if kind, _ := filing.Determine(facts[inventedDomain(1)], ""); err != nil || kind != filing.First {
		w.t.Errorf("%s, %v", kind, err)
	}
	w.offerCopy(w.filedElsewhere(1), w.filedElsewhere(3)) // the bureau takes the cancellation back
	w.runExchange()
	if f := w.registered(1); f.ID == first.ID || f.Number != first.Number || f.Status != register.Filed {
		w.t.Errorf("filed again under its number: %+v", f)
	}
	again := w.registered(1)
	if found, err := w.store.FilingByNumber(w.t.Context(), first.Number); err != nil || found.ID != again.ID {
		w.t.Errorf("the number leads to %s, want %s; %v", found.ID, again.ID, err)
	}
	w.advanceClock(time.Second)
	cancel(document.CancelSubject, again.MinistryID)
	anew := w.filedElsewhere(1)
	anew.Subject.BureauID, anew.Subject.Number = 5001, "浙ICP备2026000777号"
	anew.Sites[0].BureauID, anew.Sites[0].Number = 5002, "浙ICP备2026000777号-1"
	w.advanceClock(25 * time.Hour)
	w.offerCopy(anew)
	w.runExchange()
	if f := w.registered(1); f.ID == first.ID || f.Status != register.Filed || f.Number.String() != "浙ICP备2026000777号" || f.Sites[0].Number.Service != number.Site {
		w.t.Errorf("%+v", f)
	}
}

func (w *system) offerCancellation(f register.Filing) {
	w.t.Helper()
	id, err := strconv.ParseInt(f.MinistryID, 10, 64)
	if err != nil {
		w.t.Fatal(err)
	}
	w.offerFile(document.ICPDownload{Cancelled: []document.Cancelled{{What: document.CancelSubject, ID: id}}})
}

func changedAtBureau(w *system) {
	w.fileByCopy(w.filedElsewhere(1))
	current := w.registered(1)
	known := current
	known.MinistryID = ""
	change, _ := current.Replace(known, register.Source{Kind: register.FromImport, ID: "import"}, w.clock())
	if err := w.store.CommitFiling(w.t.Context(), change); err != nil {
		w.t.Fatal(err)
	}
	w.advanceClock(time.Second)
	changed := w.filedElsewhere(1)
	changed.Subject.Name = "示例人二"
	for range 2 {
		w.offerFile(document.ICPDownload{Filed: []document.FiledData{changed}})
		w.runExchange()
		if f := w.registered(1); f.Version != 3 || f.MinistryID != current.MinistryID || f.Private.Subject.Name.Reveal() != "示例人二" {
			w.t.Errorf("version %d, id %q", f.Version, f.MinistryID)
		}
	}
	if kinds := issueKinds(w.status()); !slices.Equal(kinds, []string{exchange.IssueFilingChanged}) {
		w.t.Errorf("issues %v", kinds)
	}
}
