package exchangetest_test

import (
	"slices"
	"strings"
	"testing"

	"beian/shared/certificate"
	"beian/shared/exchange"
	"beian/shared/filing"
	"beian/shared/regulator/bureausim"
	"beian/shared/regulator/document"
)

func TestExchange(t *testing.T) {
	l := startLaptop(t)
	for _, test := range []struct {
		name string
		play func(*world)
	}{
		{"filed", filed},
		{"refused with codes", refused},
		{"silent", silent},
		{"answered twice", answeredTwice},
		{"upload answered by nobody", lostAnswer},
		{"maintenance", maintenance},
		{"answers in the wrong order", wrongOrder},
		{"answers about nothing", aboutNothing},
		{"a download that does not verify", damaged},
		{"a download of which nothing can be made", poison},
		{"lists for the operator", lists},
		{"a record that can never go", unsendable},
		{"an account that the bureau does not know", stopped},
		{"a table that was restored from a copy", restored},
		{"a bureau that lost files", lostFiles},
		{"two at once", twoAtOnce},
		{"a round refused, the next approved", secondRound},
		{"a file too large for the bureau", oneByOne},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := l.world(t, narrow)
			test.play(w)
			w.checkLog()
		})
	}
}

// checkLog holds that nothing personal is in the log.
func (w *world) checkLog() {
	w.t.Helper()
	for _, secret := range []string{"示例人", "13800000000", "person@example.com", "示例路", residentID(1).Reveal()} {
		if strings.Contains(w.said.String(), secret) {
			w.t.Errorf("the log says %q", secret)
		}
	}
}

func (w *world) alarms() int { return strings.Count(w.said.String(), `"alarm":"operator"`) }

func (w *world) status() exchange.Status {
	w.t.Helper()
	s, err := w.whole().Status(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// expect fails unless an order has a status.
func (w *world) expect(id filing.ID, status filing.Status) filing.Order {
	w.t.Helper()
	o := w.order(id)
	if o.Status != status {
		w.t.Errorf("the order is %s, want %s", o.Status, status)
	}
	return o
}

// filed: the record goes out, and the numbers come back, in one round.
func filed(w *world) {
	id := w.handOver(1, nil)
	if report := w.run(); report != (exchange.Report{Files: 1, Records: 1, Approved: 1, Downloads: 2}) {
		w.t.Errorf("report %+v", report)
	}
	o, sent := w.expect(id, filing.Approved), w.uploaded()
	if len(sent) != 1 || sent[0].Attachments != 1 {
		w.t.Fatalf("uploaded %+v", sent)
	}
	if o.Bureau.Sequence != 1 || len(o.Bureau.Sites) != 1 || o.Bureau.SubjectID == "" ||
		o.Bureau.Sites[0].Number.String() != sent[0].Numbers[0] || o.Bureau.Sites[0].ID == "" {
		w.t.Errorf("bureau %+v", o.Bureau)
	}
	if report := w.run(); report != (exchange.Report{}) {
		w.t.Errorf("a second round did %+v", report)
	}
}

// refused: the codes become findings at the fields that they are about.
func refused(w *world) {
	w.steer(bureausim.Scenario{Rules: []bureausim.Rule{{
		Then: bureausim.Action{Decision: bureausim.Refuse, Codes: []int64{1041, 1009}, Opinion: "资料不全"},
	}}})
	id := w.handOver(1, nil)
	if report := w.run(); report.Refused != 1 {
		w.t.Errorf("report %+v", report)
	}
	o := w.expect(id, filing.BureauRejected)
	if !slices.Equal(o.Bureau.Codes, []int{1041, 1009}) || o.Bureau.Opinion != "资料不全" ||
		!o.Findings.Has("bureau-1041") || !o.Findings.Has("bureau-1009") || o.Findings[0].Pointer != "/sites/0/homeUrl" {
		w.t.Errorf("codes %v, findings %v", o.Bureau.Codes, o.Findings)
	}
}

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

// lostAnswer: whether the upload arrived is asked, in the same round.
func lostAnswer(w *world) {
	w.steer(bureausim.Scenario{LostAnswers: 1})
	first := w.handOver(1, nil)
	w.run()
	second := w.handOver(2, nil)
	w.run()
	w.expect(first, filing.Approved)
	w.expect(second, filing.Approved)
	if sent := w.uploaded(); len(sent) != 2 || sent[1].Sequence != 2 {
		w.t.Errorf("uploaded %+v", sent)
	}
}

// maintenance: everything waits, and nothing is lost.
func maintenance(w *world) {
	on, off := true, false
	w.steer(bureausim.Scenario{Maintenance: &on})
	id := w.handOver(1, nil)
	if report := w.run(); report.UploadCode != 902 || report.DownloadCode != 902 {
		w.t.Errorf("report %+v", report)
	}
	if s := w.status(); s.Waiting != 1 || s.Stopped || s.Upload.Code != 902 {
		w.t.Errorf("status %+v", s)
	}
	w.steer(bureausim.Scenario{Maintenance: &off})
	w.run()
	w.steer(bureausim.Scenario{Maintenance: &on})
	other := w.handOver(2, nil)
	if report := w.run(); report.UploadCode != 901 {
		w.t.Errorf("report %+v", report)
	}
	if s := w.status(); s.Flight == nil || s.Flight.Sequence != 2 || s.LastSequence != 1 {
		w.t.Errorf("status %+v", s)
	}
	w.steer(bureausim.Scenario{Maintenance: &off})
	w.run()
	w.expect(id, filing.Approved)
	w.expect(other, filing.Approved)
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

// unsendable: an order that the interface cannot carry is refused with findings, and the others go.
func unsendable(w *world) {
	unwritable := w.handOver(1, rare)
	lost := w.handOver(2, nil)
	good := w.handOver(3, nil)
	o := w.order(lost)
	for slot, e := range o.Evidence {
		e.CopyKey = "orders/nobody/has/this"
		o.Evidence[slot] = e
	}
	w.put(o)
	if report := w.run(); report.Unsendable != 2 || report.Records != 1 || report.Approved != 1 {
		w.t.Errorf("report %+v", report)
	}
	if o := w.expect(unwritable, filing.BureauRejected); o.Findings[0].Code != exchange.CodeCharacter || o.Findings[0].Pointer != "/subject/leader/name" {
		w.t.Errorf("findings %+v", o.Findings)
	}
	if o := w.expect(lost, filing.BureauRejected); o.Findings[0].Code != exchange.CodePaperLost {
		w.t.Errorf("findings %+v", o.Findings)
	}
	w.expect(good, filing.Approved)
}

// restored: the bureau's count leads over a table that has forgotten some.
func restored(w *world) {
	w.handOver(1, nil)
	w.run()
	w.handOver(2, nil)
	w.run()
	w.forget(0)
	id := w.handOver(3, nil)
	w.run()
	if o := w.expect(id, filing.Approved); o.Bureau.Sequence != 3 {
		w.t.Errorf("number %d", o.Bureau.Sequence)
	}
	w.forget(3) // an older copy: the next number is used up already
	id = w.handOver(4, nil)
	w.run()
	w.run()
	if o := w.expect(id, filing.Approved); o.Bureau.Sequence != 4 || w.status().LastSequence != 4 {
		w.t.Errorf("number %d, status %+v", o.Bureau.Sequence, w.status())
	}
}

// lostFiles: files that the bureau has lost are sent again, from what is kept.
func lostFiles(w *world) {
	w.steer(bureausim.Scenario{Rules: []bureausim.Rule{{Then: bureausim.Action{Silent: true}}}})
	w.max = 1
	for n := range 3 {
		w.handOver(n, nil)
	}
	w.run()
	w.replaceBureau()
	w.handOver(3, nil)
	w.run()
	if sent := w.uploaded(); len(sent) != 4 || sent[0].Sequence != 1 || sent[3].Sequence != 4 {
		w.t.Errorf("the new bureau has %+v", sent)
	}
}

// twoAtOnce: of two runs one does the work.
func twoAtOnce(w *world) {
	for n := range 4 {
		w.handOver(n, nil)
	}
	reports := make(chan exchange.Report)
	for range 2 {
		go func() {
			report, err := w.whole().Run(w.t.Context())
			if err != nil {
				w.t.Error(err)
			}
			reports <- report
		}()
	}
	first, second := <-reports, <-reports
	if first.Records+second.Records != 4 || len(w.uploaded()) != 4 {
		w.t.Errorf("reports %+v and %+v", first, second)
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

// oneByOne: the records of a file that the bureau does not accept go one by one, until the culprit is found.
func oneByOne(w *world) {
	w.handOver(1, nil)
	w.run()
	var good []filing.ID
	for n := range 3 {
		good = append(good, w.handOver(10+n, nil))
	}
	culprit := w.handOver(20, large)
	for n := range 2 {
		good = append(good, w.handOver(30+n, nil))
	}
	w.write(largeKey, make([]byte, 60<<10))
	w.run()
	for _, id := range good {
		w.expect(id, filing.Approved)
	}
	if o := w.expect(culprit, filing.BureauRejected); o.Findings[0].Code != exchange.CodeNotTaken {
		w.t.Errorf("findings %+v", o.Findings)
	}
	w.checkNumbers(w.uploaded())
	if last := w.status().LastSequence; last != 6 {
		w.t.Errorf("the last file has number %d", last)
	}
}

// stopped: what only the operator can mend is told to them, and goes on when it is mended.
func stopped(w *world) {
	w.handOver(1, nil)
	w.run()
	id := w.handOver(2, nil)
	e := w.whole()
	e.Client = w.client("wrong", w.laptop.base)
	if _, err := e.Run(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	s := w.status()
	if !s.Stopped || s.Upload.Code != 5 || s.Download.Code != 5 || s.Upload.Since.IsZero() || w.alarms() != 2 {
		w.t.Errorf("status %+v, %d alarms", s, w.alarms())
	}
	w.run()
	w.expect(id, filing.Approved)
	if w.status().Stopped {
		w.t.Error("the link still says that it has stopped")
	}
}
