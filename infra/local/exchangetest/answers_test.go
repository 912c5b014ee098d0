package exchangetest_test

import (
	"beian/shared/certificate"
	"beian/shared/filing"
	"beian/shared/regulator/bureausim"
	"beian/shared/regulator/document"
)

// silent: the order waits at the bureau until that decides.
func silent(w *world) {
	w.steer(bureausim.Scenario{Rules: []bureausim.Rule{{Then: bureausim.Action{Silent: true}}}})
	id := w.handOver(1, nil)
	w.run()
	if o := w.expect(id, filing.BureauReview); o.Bureau.Deadline.IsZero() {
		w.t.Error("no deadline is set for the bureau")
	}
	w.steer(bureausim.Scenario{Release: []bureausim.Match{{}}})
	w.run()
	w.expect(id, filing.Approved)
}

// answeredTwice: the second answer has no effect.
func answeredTwice(w *world) {
	w.steer(bureausim.Scenario{Rules: []bureausim.Rule{{Then: bureausim.Action{Twice: true}}}})
	id := w.handOver(1, nil)
	if report := w.run(); report.Approved != 1 || report.Downloads < 3 {
		w.t.Errorf("report %+v", report)
	}
	w.expect(id, filing.Approved)
	if n := w.alarms(); n != 0 {
		w.t.Errorf("%d alarms: %s", n, w.said.String())
	}
}

// hold makes the bureau decide nothing by itself, and hands over one order.
func (w *world) hold() (filing.ID, filing.Order) {
	w.t.Helper()
	w.steer(bureausim.Scenario{Rules: []bureausim.Rule{{Then: bureausim.Action{Silent: true}}}})
	id := w.handOver(1, nil)
	w.run()
	return id, w.expect(id, filing.BureauReview)
}

// issue makes the bureau hand out a file.
func (w *world) issue(d document.ICPDownload) {
	w.t.Helper()
	w.steer(bureausim.Scenario{Issue: []bureausim.Issue{{Provider: w.provider, ICP: &d}}})
}

// wrongOrder: the numbers may come before the approval. A refusal after them is for the operator.
func wrongOrder(w *world) {
	id, o := w.hold()
	w.issue(document.ICPDownload{Filed: []document.FiledData{filedData(o, "浙ICP备2026000009号")}})
	w.issue(document.ICPDownload{Results: opinion(o.Bureau.FirstID, document.Approved)})
	if report := w.run(); report.Approved != 1 || report.Unmatched != 0 {
		w.t.Errorf("report %+v", report)
	}
	w.issue(document.ICPDownload{Results: opinion(o.Bureau.FirstID, document.Refused)})
	if report := w.run(); report.Unmatched != 1 || w.alarms() != 1 {
		w.t.Errorf("report %+v, %d alarms", report, w.alarms())
	}
	if o := w.expect(id, filing.Approved); o.Bureau.SubjectNumber.String() != "浙ICP备2026000009号" {
		w.t.Errorf("number %s", o.Bureau.SubjectNumber)
	}
}

// aboutNothing: what is said of records that are not ours is kept for the operator.
func aboutNothing(w *world) {
	id, o := w.hold()
	w.issue(document.ICPDownload{Results: &document.Results{Records: []document.RecordResult{
		{Items: []document.ResultItem{{Code: 1004}}, Operation: document.NewFilingOperation, Record: "987654321"},
		{Items: []document.ResultItem{{Code: 5001}}, Operation: document.NewFilingOperation},
		{Items: []document.ResultItem{{Code: 1018}}, Operation: document.AddAccessOperation, Record: "浙ICP备2026000009号-1"},
	}}})
	stranger := filedData(o, "浙ICP备2026000009号")
	stranger.Subject.ID, stranger.Sites[0].ID = 0, 0
	w.issue(document.ICPDownload{Filed: []document.FiledData{stranger}})
	if report := w.run(); report.Unmatched != 3 || report.Downloads != 2 {
		w.t.Errorf("report %+v", report)
	}
	w.expect(id, filing.BureauReview)
	if s := w.status(); len(s.Issues) != 2 {
		w.t.Errorf("issues %+v", s.Issues)
	}
}

// damaged: a file that does not verify is not acknowledged; the operator hears of it, and once it comes whole all goes on.
func damaged(w *world) {
	w.steer(bureausim.Scenario{Corrupt: 1})
	id := w.handOver(1, nil)
	if report := w.run(); report.Poisoned != 1 || report.Downloads != 0 || w.alarms() != 1 || !w.status().Stopped {
		w.t.Errorf("report %+v, %d alarms, status %+v", report, w.alarms(), w.status())
	}
	w.expect(id, filing.BureauReview)
	w.run()
	w.expect(id, filing.Approved)
	if w.status().Stopped {
		w.t.Error("the link still says that it has stopped")
	}
}

// poison: such a file is kept and acknowledged, and does not block those behind it.
func poison(w *world) {
	id, o := w.hold()
	w.issue(document.ICPDownload{Filed: []document.FiledData{filedData(o, "no number")}})
	w.issue(document.ICPDownload{Filed: []document.FiledData{filedData(o, "浙ICP备2026000009号")}})
	if report := w.run(); report.Poisoned != 1 || report.Downloads != 2 || report.Approved != 1 {
		w.t.Errorf("report %+v", report)
	}
	w.expect(id, filing.Approved)
	s := w.status()
	if len(s.Poison) != 1 || s.Poison[0].Cause == "" || w.alarms() != 1 {
		w.t.Fatalf("poison %+v", s.Poison)
	}
	if content, err := w.whole().Bucket.Read(w.t.Context(), keyOf(s.Poison[0])); err != nil || len(content) == 0 {
		w.t.Error("the file is not kept:", err)
	}
}

// lists: who may not file is known at once; tasks and notices wait for the operator.
func lists(w *world) {
	w.issue(document.ICPDownload{
		Blacklist: &document.Blacklist{
			Subjects: []document.BlacklistedSubject{{Entry: document.AddEntry, Subject: &document.BlacklistSubject{
				Name: "示例人", Certificate: document.BlacklistCertificate{Kind: 2, Number: residentID(7).Reveal()},
			}}},
			Sites: []document.BlacklistedSite{{Entry: document.AddEntry, Site: document.BlacklistSite{
				Name: "示例", Domains: []document.BlacklistDomain{{Name: "Black-Example.com"}},
			}}},
		},
		Unfiled: []document.UnfiledSite{{ID: 1, Domain: "unfiled-example.com", IP: 1, Carrier: 1}},
		Notices: []document.Notice{{Text: "请更正"}},
	})
	w.run()
	store := w.whole().Store
	key, err := store.SubjectKey(w.t.Context(), certificate.ResidentID, residentID(7).Reveal())
	if err != nil {
		w.t.Fatal(err)
	}
	subject, ofDomain, err := store.Blacklisted(w.t.Context(), key, "black-example.com")
	if err != nil || !subject || !ofDomain {
		w.t.Error("the listed ones are not known:", subject, ofDomain, err)
	}
	if s := w.status(); len(s.Issues) != 2 {
		w.t.Errorf("issues %+v", s.Issues)
	}
	w.issue(document.ICPDownload{Blacklist: &document.Blacklist{Sites: []document.BlacklistedSite{{
		Entry: document.DeleteEntry,
		Site:  document.BlacklistSite{Name: "示例", Domains: []document.BlacklistDomain{{Name: "black-example.com"}}},
	}}}})
	w.run()
	if _, ofDomain, err = store.Blacklisted(w.t.Context(), key, "black-example.com"); err != nil || ofDomain {
		w.t.Error("a deleted entry still holds:", err)
	}
}

// secondRound: a late answer to the first round does not touch the second.
func secondRound(w *world) {
	w.steer(bureausim.Scenario{Rules: []bureausim.Rule{{Times: 1, Then: bureausim.Action{Decision: bureausim.Refuse}}}})
	id := w.handOver(1, nil)
	w.run()
	before := w.expect(id, filing.BureauRejected)
	o := before
	o.Status, o.Step, o.Round, o.Bureau = filing.InitialPassed, filing.Transmit, 2, nil
	w.put(o)
	w.issue(document.ICPDownload{Results: opinion(before.Bureau.FirstID, document.Refused)})
	w.toBureau(id)
	if report := w.run(); report.Unmatched != 1 || report.Approved != 1 {
		w.t.Errorf("report %+v", report)
	}
	if o := w.expect(id, filing.Approved); o.Bureau.Sequence != 2 || o.Bureau.FirstID == before.Bureau.FirstID {
		w.t.Errorf("bureau %+v", o.Bureau)
	}
}
