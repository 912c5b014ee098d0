package exchange_test

import (
	"bytes"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"beian/shared/bureau"
	"beian/shared/bureau/document"
	"beian/shared/bureau/schema"
	"beian/shared/bureau/simulator"
	"beian/shared/filing"
	"beian/shared/process/exchange"
	"beian/shared/rules/fault"
	"beian/shared/rules/number"
)

// silent: the order waits until the bureau decides.
func silent(w *system) {
	w.applyScenario(simulator.Scenario{Rules: []simulator.Rule{{Then: simulator.Action{Silent: true}}}})
	id := w.queueOrder(1, nil)
	w.runExchange()
	if o := w.checkStatus(id, filing.BureauReview); o.Bureau.Deadline.IsZero() {
		w.t.Error("no deadline is set for the bureau")
	}
	w.applyScenario(simulator.Scenario{Release: []simulator.Match{{}}})
	w.runExchange()
	w.checkStatus(id, filing.Approved)
}

// answeredTwice: a repeated answer has no effect.
func answeredTwice(w *system) {
	w.applyScenario(simulator.Scenario{Rules: []simulator.Rule{{Then: simulator.Action{Twice: true}}}})
	id := w.queueOrder(1, nil)
	if report := w.runExchange(); report.Approved != 1 || report.Downloads < 3 {
		w.t.Errorf("report %+v", report)
	}
	w.checkStatus(id, filing.Approved)
	if n := w.alarms(); n != 0 {
		w.t.Errorf("%d alarms: %s", n, w.logged.String())
	}
}

// queueUndecided stops the automatic decisions of the bureau and uploads one order.
func (w *system) queueUndecided() (filing.ID, filing.Order) {
	w.t.Helper()
	w.applyScenario(simulator.Scenario{Rules: []simulator.Rule{{Then: simulator.Action{Silent: true}}}})
	id := w.queueOrder(1, nil)
	w.runExchange()
	return id, w.checkStatus(id, filing.BureauReview)
}

// offerFile makes the bureau offer a file.
func (w *system) offerFile(d document.ICPDownload) {
	w.t.Helper()
	w.applyScenario(simulator.Scenario{Issue: []simulator.Issue{{Provider: w.provider, ICP: &d}}})
}

// wrongOrder: the numbers may come before the approval. A later refusal becomes an issue.
func wrongOrder(w *system) {
	id, o := w.queueUndecided()
	w.offerFile(document.ICPDownload{Filed: []document.FiledData{filedData(o, "浙ICP备2026000009号")}})
	w.offerFile(document.ICPDownload{Results: reviewerOpinion(o.Bureau.FirstID, document.Approved)})
	if report := w.runExchange(); report.Approved != 1 || report.Unmatched != 0 {
		w.t.Errorf("report %+v", report)
	}
	w.offerFile(document.ICPDownload{Results: reviewerOpinion(o.Bureau.FirstID, document.Refused)})
	if report := w.runExchange(); report.Unmatched != 1 || w.alarms() != 1 {
		w.t.Errorf("report %+v, %d alarms", report, w.alarms())
	}
	if o := w.checkStatus(id, filing.Approved); o.Bureau.SubjectNumber.String() != "浙ICP备2026000009号" {
		w.t.Errorf("number %s", o.Bureau.SubjectNumber)
	}
}

// licenceNumbers: the bureau gives holders of licences and apps numbers of other forms. They count as any number.
func licenceNumbers(w *system) {
	for i, subject := range []string{"浙ICP证030173号", "浙B2-20090059", "合字B2-20210001"} {
		w.applyScenario(simulator.Scenario{Rules: []simulator.Rule{{Then: simulator.Action{Silent: true}}}})
		id := w.queueOrder(i+1, nil)
		w.runExchange()
		filed := filedData(w.checkStatus(id, filing.BureauReview), subject)
		filed.Sites[0].Number = subject + "-5A"
		w.offerFile(document.ICPDownload{Filed: []document.FiledData{filed}})
		if report := w.runExchange(); report.Approved != 1 || report.Poisoned != 0 {
			w.t.Errorf("%s: report %+v", subject, report)
		}
		o := w.checkStatus(id, filing.Approved)
		if site := o.Bureau.Sites[0].Number; o.Bureau.SubjectNumber.String() != subject || site.String() != subject+"-5A" || site.Service != number.App {
			w.t.Errorf("%s: %+v", subject, o.Bureau)
		}
	}
}

// licenceHolder: a domain and its subject are of one filing, whatever form its number has and however the bureau writes it.
func licenceHolder(w *system) {
	o := readyOrder(3)
	certificate := o.Private.Subject.Certificate
	w.applyScenario(simulator.Scenario{Filed: []simulator.Seed{{
		Name: "示例人", Nature: 5, Number: "浙B2-20090059", Division: 330106, CertificateKind: int64(certificate.Kind),
		CertificateNumber: certificate.Number.Reveal(), Sites: []simulator.SeedSite{{Name: "示例小站", Domains: []string{string(o.Domains[0])}}},
	}}})
	facts, _, err := w.newFinder().Find(w.t.Context(), o)
	if found := facts[o.Domains[0]]; err != nil || !found.DomainFiled || !found.SubjectFiled || !found.SameSubject {
		w.t.Errorf("facts %+v, %v", facts, err)
	}
}

// unmatched: an answer about a record that is not ours becomes an issue.
func unmatched(w *system) {
	id, o := w.queueUndecided()
	w.offerFile(document.ICPDownload{Results: &document.Results{Records: []document.RecordResult{
		{Items: []document.ResultItem{{Code: 1004}}, Operation: document.NewFilingOperation, Record: "987654321"},
		{Items: []document.ResultItem{{Code: 5001}}, Operation: document.NewFilingOperation},
		{Items: []document.ResultItem{{Code: 1018}}, Operation: document.AddAccessOperation, Record: "浙ICP备2026000009号-1"},
	}}})
	stranger := filedData(o, "浙ICP备2026000009号")
	stranger.Subject.ID, stranger.Sites[0].ID = 0, 0
	w.offerFile(document.ICPDownload{Filed: []document.FiledData{stranger}})
	if report := w.runExchange(); report.Unmatched != 4 || report.Downloads != 2 {
		w.t.Errorf("report %+v", report)
	}
	w.checkStatus(id, filing.BureauReview)
	if s := w.status(); len(s.Issues) != 2 {
		w.t.Errorf("issues %+v", s.Issues)
	}
}

// damaged: a file that does not verify is stored and not acknowledged, with an alarm. The downloads continue when it verifies.
func damaged(w *system) {
	w.applyScenario(simulator.Scenario{Corrupt: 2})
	id := w.queueOrder(1, nil)
	for round := range 2 { // the bureau offers the same file again
		if report := w.runExchange(); report.Poisoned != 1 || report.Downloads != 0 || w.alarms() != round+1 || !w.status().Stopped {
			w.t.Errorf("report %+v, %d alarms, status %+v", report, w.alarms(), w.status())
		}
	}
	w.checkStatus(id, filing.BureauReview)
	aside := w.status().Poison
	if len(aside) != 1 || aside[0].Acked || aside[0].Undecoded == nil || aside[0].Cause == "" {
		w.t.Fatalf("the damaged file: %+v", aside)
	}
	if content, err := w.reliableExchange().Objects.ReadShared(w.t.Context(), aside[0].Object, 1<<20); err != nil || len(content) == 0 {
		w.t.Error("the file is not stored:", err)
	}
	if _, _, err := w.newOperator().Replay(w.t.Context(), aside[0].ID); fault.KindOf(err) != fault.Conflict {
		w.t.Error("replayed:", err)
	}
	w.runExchange()
	w.checkStatus(id, filing.Approved)
	if w.status().Stopped {
		w.t.Error("the status of the link is still stopped")
	}
}

// withoutEncryption: where a key is agreed, a file without encryption is stored, and neither processed nor acknowledged, with an alarm. The
// operator cannot replay it, unless the settings say that the bureau sends such files.
func withoutEncryption(w *system) {
	id := w.queueOrder(1, nil)
	w.applyScenario(simulator.Scenario{Plain: 1})
	if report := w.runExchange(); report.Poisoned != 1 || report.Downloads != 0 || w.alarms() != 1 || !w.status().Stopped {
		w.t.Errorf("report %+v, %d alarms, status %+v", report, w.alarms(), w.status())
	}
	w.checkStatus(id, filing.BureauReview)
	aside := w.status().Poison
	if len(aside) != 1 || aside[0].Acked || aside[0].Undecoded == nil || aside[0].Cause != bureau.ErrPlain.Error() {
		w.t.Fatalf("the file: %+v", aside)
	}
	operator := w.newOperator()
	_, _, err := operator.Replay(w.t.Context(), aside[0].ID)
	if f, ok := errors.AsType[*fault.Fault](err); !ok || f.Kind != fault.Conflict || !f.Findings.Has(exchange.CodePlain) {
		w.t.Error("replayed:", err)
	}
	operator.Codec.AcceptPlain = true
	if file, _, err := operator.Replay(w.t.Context(), aside[0].ID); err != nil || file.State != exchange.Processed {
		w.t.Errorf("replayed with the setting: %+v, %v", file, err)
	}
	w.runExchange() // the bureau offers the file again, encrypted
	w.checkStatus(id, filing.Approved)
	if w.status().Stopped {
		w.t.Error("the status of the link is still stopped")
	}
}

// unreadableFile: a file that verifies but has no document is stored as poison, and does not block the files after it.
func unreadableFile(w *system) {
	id, o := w.queueUndecided()
	w.applyScenario(simulator.Scenario{Issue: []simulator.Issue{{Provider: w.provider, Text: "<html>busy</html>"}}})
	w.offerFile(document.ICPDownload{Filed: []document.FiledData{filedData(o, "浙ICP备2026000009号")}})
	if report := w.runExchange(); report.Poisoned != 1 || report.Downloads != 2 || report.Approved != 1 || w.alarms() != 1 {
		w.t.Errorf("report %+v, %d alarms", report, w.alarms())
	}
	w.checkStatus(id, filing.Approved)
	aside := w.status().Poison
	if len(aside) != 1 || !aside[0].Acked || w.status().Stopped {
		w.t.Fatalf("status %+v", w.status())
	}
	if _, view, _, err := w.newOperator().Received(w.t.Context(), aside[0].Name); err != nil || view != nil {
		w.t.Error("the view of a file without a document:", view, err)
	}
}

// undecodableText: a file in which a text cannot be decoded is applied. The operator learns which text, and the bytes are kept.
func undecodableText(w *system) {
	id, o := w.queueUndecided()
	opinion := reviewerOpinion(o.Bureau.FirstID, document.Refused)
	opinion.Opinions[0].Text = "请更正示例"
	d := document.NewDownload()
	d.ICP.Results = opinion
	content, err := d.Marshal()
	if err != nil {
		w.t.Fatal(err)
	}
	damaged := bytes.Replace(content, []byte("\xca\xbe\xc0\xfd"), []byte("\xff\xaa\xa1\xca"), 1) // no GBK, for private use, half a character
	if bytes.Equal(content, damaged) {
		w.t.Fatal("the text is not in the file")
	}
	w.applyScenario(simulator.Scenario{Issue: []simulator.Issue{{Provider: w.provider, Content: damaged}}})
	if report := w.runExchange(); report.Refused != 1 || report.Poisoned != 0 || report.Downloads != 1 {
		w.t.Errorf("report %+v", report)
	}
	if o := w.checkStatus(id, filing.BureauRejected); o.Private.Opinion != "请更正\ufffd\ufffd\ufffd" {
		w.t.Errorf("opinion %q", o.Private.Opinion)
	}
	issues := w.status().Issues
	if len(issues) != 1 || issues[0].Kind != exchange.UnreadableTexts || issues[0].Count != 1 {
		w.t.Fatalf("issues %+v", issues)
	}
	file, _, problems, err := w.newOperator().Received(w.t.Context(), issues[0].File)
	if err != nil || !slices.ContainsFunc(problems, func(p schema.Problem) bool {
		return p.Rule == schema.Character && strings.HasPrefix(p.Path, "DownloadData/ICP/BAJG/")
	}) {
		w.t.Errorf("%+v, %v, %v", file, problems, err)
	}
	if kept, err := w.reliableExchange().Objects.ReadShared(w.t.Context(), file.Object, 1<<20); err != nil || !bytes.Equal(kept, damaged) {
		w.t.Error("the bytes are not kept:", err)
	}
}

// undecodableDecision: a decision whose code cannot be read is none. A refusal would send the applicant back because of a transmission error.
func undecodableDecision(w *system) {
	id, o := w.queueUndecided()
	for _, c := range []struct {
		results      *document.Results
		element, bad string
	}{
		{reviewerOpinion(o.Bureau.FirstID, document.Approved), "<Shjg>1</Shjg>", "<Shjg>\xff</Shjg>"},
		{reviewerOpinion(o.Bureau.FirstID, document.Approved), "<Shjg>1</Shjg>", ""},
		{codeResult(o.Bureau.FirstID, 1001), "<Jgdm>1001</Jgdm>", "<Jgdm>1\xff01</Jgdm>"},
		{codeResult(o.Bureau.FirstID, 1001), "<Jgdm>1001</Jgdm>", ""},
	} {
		d := document.NewDownload()
		d.ICP.Results = c.results
		content, err := d.Marshal()
		if err != nil {
			w.t.Fatal(err)
		}
		damaged := strings.Replace(string(content), c.element, c.bad, 1)
		if damaged == string(content) {
			w.t.Fatal("the element is not in the file")
		}
		w.applyScenario(simulator.Scenario{Issue: []simulator.Issue{{Provider: w.provider, Content: []byte(damaged)}}})
		alarms := w.alarms()
		if report := w.runExchange(); report.Refused != 0 || report.Unmatched != 1 || report.Downloads != 1 || w.alarms() != alarms+1 {
			w.t.Errorf("%q: report %+v, %d alarms", c.bad, report, w.alarms()-alarms)
		}
		w.checkStatus(id, filing.BureauReview)
	}
}

func codeResult(record, code int64) *document.Results {
	return &document.Results{Records: []document.RecordResult{{
		Items: []document.ResultItem{{Code: code}}, Operation: document.NewFilingOperation, Record: strconv.FormatInt(record, 10),
	}}}
}

// severalParts: the schema allows one part in a document. If there are more, each is applied.
func severalParts(w *system) {
	id, o := w.queueUndecided()
	d := document.NewDownload()
	d.ICP.Results = reviewerOpinion(o.Bureau.FirstID, document.Refused)
	content, err := d.Marshal()
	if err != nil {
		w.t.Fatal(err)
	}
	more := "<IP><BAJG/></IP><JCDM><Jcdm_xx><Yylb_dms><Yylb><Id>1</Id><Mc>x</Mc><Sfyx>1</Sfyx></Yylb></Yylb_dms></Jcdm_xx></JCDM><SJTB/></DownloadData>"
	w.applyScenario(simulator.Scenario{Issue: []simulator.Issue{{
		Provider: w.provider, Content: []byte(strings.Replace(string(content), "</DownloadData>", more, 1)),
	}}})
	if report := w.runExchange(); report.Refused != 1 || report.Poisoned != 0 || report.Downloads != 1 {
		w.t.Errorf("report %+v", report)
	}
	w.checkStatus(id, filing.BureauRejected)
	var kinds []string
	for _, issue := range w.status().Issues {
		kinds = append(kinds, issue.Kind)
	}
	slices.Sort(kinds)
	if !slices.Equal(kinds, []string{"IP", exchange.HeldCodeTables, "SJTB"}) {
		w.t.Errorf("issues %v", kinds)
	}
}

// poison: a file with an unusable part is stored and acknowledged, and does not block the files after it.
func poison(w *system) {
	id, o := w.queueUndecided()
	w.offerFile(document.ICPDownload{Filed: []document.FiledData{filedData(o, "no number")}})
	w.offerFile(document.ICPDownload{Filed: []document.FiledData{filedData(o, "浙ICP备2026000009号")}})
	if report := w.runExchange(); report.Poisoned != 1 || report.Downloads != 2 || report.Approved != 1 {
		w.t.Errorf("report %+v", report)
	}
	w.checkStatus(id, filing.Approved)
	s := w.status()
	if len(s.Poison) != 1 || s.Poison[0].Cause == "" || w.alarms() != 1 {
		w.t.Fatalf("poison %+v", s.Poison)
	}
	if content, err := w.reliableExchange().Objects.ReadShared(w.t.Context(), s.Poison[0].Object, 1<<20); err != nil || len(content) == 0 {
		w.t.Error("the file is not stored:", err)
	}
	if file, report, err := w.newOperator().Replay(w.t.Context(), s.Poison[0].Name); err != nil || file.State != exchange.Poison || report.Poisoned != 1 {
		w.t.Errorf("replayed: %+v, %+v, %v", file, report, err)
	}
}

// replayed: a replay carries out the missing effects of a file, once.
func replayed(w *system) {
	id, o := w.queueUndecided()
	w.damageOrder(id)
	w.offerFile(document.ICPDownload{Filed: []document.FiledData{filedData(o, "浙ICP备2026000009号")}})
	if report := w.runExchange(); report.Unmatched != 1 || report.Approved != 0 {
		w.t.Errorf("report %+v", report)
	}
	w.putOrder(o) // repaired
	issues := w.status().Issues
	if len(issues) != 1 {
		w.t.Fatalf("issues %+v", issues)
	}
	for round := range 2 {
		file, report, err := w.newOperator().Replay(w.t.Context(), issues[0].File)
		if err != nil || file.State != exchange.Acknowledged || report.Approved != 1-round {
			w.t.Errorf("replayed: %+v, %+v, %v", file, report, err)
		}
	}
	w.checkStatus(id, filing.Approved)
	if _, _, err := w.newOperator().Replay(w.t.Context(), "20260302100000_zj_99.xml"); fault.KindOf(err) != fault.NotFound {
		w.t.Error("a file that was never downloaded:", err)
	}
}

// resent: Resend accepts only the file in flight and files that the bureau misses.
func resent(w *system) {
	w.queueOrder(1, nil)
	w.runExchange()
	if err := w.newOperator().Resend(w.t.Context(), 1); fault.KindOf(err) != fault.Conflict || !fault.Of(err).Findings.Has(exchange.CodeNotMissing) {
		w.t.Error("a file that the bureau has:", err)
	}
	if err := w.newOperator().Resend(w.t.Context(), 7); fault.KindOf(err) != fault.NotFound {
		w.t.Error("a file that was never sent:", err)
	}
	on, off := true, false
	w.applyScenario(simulator.Scenario{Maintenance: &on})
	id := w.queueOrder(2, nil)
	w.runExchange()
	w.applyScenario(simulator.Scenario{Maintenance: &off})
	if err := w.newOperator().Resend(w.t.Context(), 2); err != nil {
		w.t.Error("the file in flight:", err)
	}
	if _, view, err := w.newOperator().Sent(w.t.Context(), 2); err != nil || view == nil {
		w.t.Error("the file in flight cannot be viewed:", err)
	}
	w.runExchange()
	w.checkStatus(id, filing.Approved)
	if sent := w.uploadedRecords(); len(sent) != 2 {
		w.t.Errorf("uploaded %+v", sent)
	}
}

// otherBusiness: results of the provider's IP and domain filings and full copies of them are valid files. They are kept, acknowledged and listed
// for the operator, raise no alarm, and change no order. The provider's other systems send such filings under the same sequence.
func otherBusiness(w *system) {
	id, _ := w.queueUndecided()
	w.applyScenario(simulator.Scenario{Issue: []simulator.Issue{
		{Provider: w.provider, IP: &document.IPDownload{
			Results: &document.IPResults{Sources: []document.IPResult{
				{Operation: document.RecordAdded, ID: 5, BureauID: 6, Items: []document.IPResultItem{{Code: 2998, Text: "IP备案操作成功"}}},
				{Operation: document.RecordDeleted, Items: []document.IPResultItem{{Code: 2055, Text: "不存在"}}},
			}},
			Audit: &document.IPAudit{Unfiled: []document.IPUnfiled{{First: 1, Last: 2}}},
		}},
		{Provider: w.provider, Domains: &document.DomainDownload{Results: []document.DomainResult{
			{Operation: document.RecordAdded, ID: 7, Items: []document.DomainResultItem{{Code: 3998}}},
		}}},
		{Provider: w.provider, Sync: &document.Sync{}},
	}})
	if report := w.runExchange(); report != (exchange.Report{Downloads: 3}) || w.alarms() != 0 {
		w.t.Errorf("report %+v, %d alarms", report, w.alarms())
	}
	if strings.Contains(w.logged.String(), "violates the schema") {
		w.t.Error("a valid file is called a departure from the schema")
	}
	counts := map[string]int{}
	for _, issue := range w.status().Issues {
		counts[issue.Kind] += issue.Count
		file, view, problems, err := w.newOperator().Received(w.t.Context(), issue.File)
		if err != nil || file.State != exchange.Acknowledged || view[issue.Kind] == nil || len(problems) > 0 {
			w.t.Errorf("%s: %+v, %v, %v", issue.Kind, file, problems, err)
		}
	}
	if !maps.Equal(counts, map[string]int{"IP": 3, "YM": 1, "SJTB": 0}) {
		w.t.Errorf("issues %v", counts)
	}
	w.checkStatus(id, filing.BureauReview)
	if report := w.runExchange(); report != (exchange.Report{}) {
		w.t.Errorf("the second run: %+v", report)
	}
}

// unreachable: the facts come from our own records until the bureau answers.
func unreachable(w *system) {
	o, on, off := readyOrder(3), true, false
	for _, down := range []simulator.Scenario{{Unavailable: 2}, {Maintenance: &on}} {
		w.applyScenario(down)
		facts, provisional, err := w.newFinder().Find(w.t.Context(), o)
		if err != nil || !provisional {
			w.t.Errorf("down: provisional %t, %v", provisional, err)
		}
		if kind, found := filing.Determine(facts[inventedDomain(3)], ""); kind != filing.First || len(found) != 0 {
			w.t.Errorf("down: %s, %v", kind, found)
		}
		w.applyScenario(simulator.Scenario{Maintenance: &off})
		if _, provisional, err = w.newFinder().Find(w.t.Context(), o); err != nil || provisional {
			w.t.Errorf("up again: provisional %t, %v", provisional, err)
		}
	}
}

// secondRound: a late answer to the first round does not change the second.
func secondRound(w *system) {
	w.applyScenario(simulator.Scenario{Rules: []simulator.Rule{{Times: 1, Then: simulator.Action{Decision: simulator.Refuse}}}})
	id := w.queueOrder(1, nil)
	w.runExchange()
	before := w.checkStatus(id, filing.BureauRejected)
	o := before
	o.Status, o.Step, o.Round, o.Bureau = filing.InitialPassed, filing.Transmit, 2, nil
	w.putOrder(o)
	w.offerFile(document.ICPDownload{Results: reviewerOpinion(before.Bureau.FirstID, document.Refused)})
	w.queueUpload(id)
	if report := w.runExchange(); report.Unmatched != 1 || report.Approved != 1 {
		w.t.Errorf("report %+v", report)
	}
	if o := w.checkStatus(id, filing.Approved); o.Bureau.Sequence != 2 || o.Bureau.FirstID == before.Bureau.FirstID {
		w.t.Errorf("bureau %+v", o.Bureau)
	}
}
