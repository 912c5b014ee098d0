package exchange_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"beian/shared/bureau"

	"beian/shared/bureau/simulator"
	"beian/shared/filing"
	"beian/shared/process/exchange"
	"beian/shared/rules/evidence"
)

func TestExchange(t *testing.T) {
	l := startLaptop(t)
	for _, test := range []struct {
		name string
		play func(*system)
	}{
		{"filed", filed},
		{"refused with codes", refused},
		{"silent", silent},
		{"answered twice", answeredTwice},
		{"lost response to an upload", lostResponse},
		{"maintenance", maintenance},
		{"answers in the wrong order", wrongOrder},
		{"numbers of holders of licences and of apps", licenceNumbers},
		{"a domain of a holder of a licence", licenceHolder},
		{"answers about other records", unmatched},
		{"a domain of another filing", domainOfAnother},
		{"a download that does not verify", damaged},
		{"a download without encryption", withoutEncryption},
		{"an unusable download", poison},
		{"a download without a document", unreadableFile},
		{"a text that cannot be decoded", undecodableText},
		{"a decision that cannot be decoded", undecodableDecision},
		{"several parts in a document", severalParts},
		{"a replayed download", replayed},
		{"a resent file", resent},
		{"lists for the operator", lists},
		{"a verification task", verified},
		{"an unfiled site", unfiledHandled},
		{"answers among applications", answersLeaveWithOrders},
		{"notices, audits and the like", otherTasks},
		{"a task by hand", taskByHand},
		{"a crash around an answer", crashedAnswer},
		{"a task about an erased filing", erasedTask},
		{"IP and domain results and full copies", otherBusiness},
		{"a full copy", fullCopy},
		{"a full copy that answers an order", copyApproves},
		{"a full copy of filed orders", copyOfFiledOrders},
		{"a full copy with conflicts", copyConflicts},
		{"a full copy with a filing twice", contradictoryCopy},
		{"a full copy that replaces another", replacedCopy},
		{"a full copy in pages and files", copyInPages},
		{"what a full copy does not carry", keptOfCopy},
		{"filed data of a subject that the register lacks", importOfFiledData},
		{"an import that crashes", crashedImport},
		{"a change at the bureau", changedAtBureau},
		{"a cancellation at the bureau", cancelledAtBureau},
		{"on the bureau's blacklist", blacklisted},
		{"an unreachable bureau", unreachable},
		{"a record that cannot be sent", unsendable},
		{"an order that cannot be read", unreadableFault},
		{"an account unknown to the bureau", stopped},
		{"a table restored from a backup", restored},
		{"an upload missing from a restored table", forgottenUpload},
		{"a bureau that lost files", lostFiles},
		{"concurrent runs", concurrentRuns},
		{"a bureau that does not answer in time", slowBureau},
		{"allocated ids", allocatedIDs},
		{"a round refused, the next approved", secondRound},
		{"a round refused before a crash, the next approved", secondRoundAfterCrash},
		{"a file too large for the bureau", oneByOne},
		{"a code table with changes", changedCodes},
		{"code tables in the wrong order", oldCodes},
		{"an implausible code table", implausibleCodes},
		{"a malformed code table", malformedCodes},
		{"code tables in a full copy", fullCopyOfCodes},
		{"new codes that need a new version", codesWithRules},
		{"a crash while code tables are replaced", crashWithCodes},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := l.newSystem(t, limitTo64KB)
			test.play(w)
			w.checkLog()
		})
	}
}

// checkLog checks that the log has no personal data.
func (w *system) checkLog() {
	w.t.Helper()
	for _, secret := range []string{"示例人", "13800000000", "person@example.com", "示例路", residentID(1).Reveal()} {
		if strings.Contains(w.logged.String(), secret) {
			w.t.Errorf("the log contains %q", secret)
		}
	}
}

func (w *system) alarms() int { return strings.Count(w.logged.String(), `"alarm":"operator"`) }

func (w *system) status() exchange.Status {
	w.t.Helper()
	whole := w.reliableExchange()
	s, err := (&exchange.Operator{Store: whole.Store, Link: whole.Link}).Status(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// checkStatus checks the status of an order.
func (w *system) checkStatus(id filing.ID, status filing.Status) filing.Order {
	w.t.Helper()
	o := w.readOrder(id)
	if o.Status != status {
		w.t.Errorf("the order is %s, want %s", o.Status, status)
	}
	return o
}

// filed: one run uploads the record and receives its numbers.
func filed(w *system) {
	id := w.queueOrder(1, nil)
	if report := w.runExchange(); report != (exchange.Report{Files: 1, Records: 1, Approved: 1, Downloads: 2}) {
		w.t.Errorf("report %+v", report)
	}
	o, sent := w.checkStatus(id, filing.Approved), w.uploadedRecords()
	if len(sent) != 1 || sent[0].Attachments != 1 {
		w.t.Fatalf("uploaded %+v", sent)
	}
	if o.Bureau.Sequence != 1 || len(o.Bureau.Sites) != 1 || o.Bureau.SubjectID == "" ||
		o.Bureau.Sites[0].Number.String() != sent[0].Numbers[0] || o.Bureau.Sites[0].ID == "" {
		w.t.Errorf("bureau %+v", o.Bureau)
	}
	if report := w.runExchange(); report != (exchange.Report{}) {
		w.t.Errorf("report of a second run: %+v", report)
	}
}

// refused: the codes become findings with pointers to their fields.
func refused(w *system) {
	w.applyScenario(simulator.Scenario{Rules: []simulator.Rule{{
		Then: simulator.Action{Decision: simulator.Refuse, Codes: []int64{1041, 1009}, Opinion: "资料不全"},
	}}})
	id := w.queueOrder(1, nil)
	if report := w.runExchange(); report.Refused != 1 {
		w.t.Errorf("report %+v", report)
	}
	o := w.checkStatus(id, filing.BureauRejected)
	if !slices.Equal(o.Bureau.Codes, []int{1041, 1009}) || o.Private.Opinion != "资料不全" ||
		!o.Private.Findings.Has("bureau-1041") || !o.Private.Findings.Has("bureau-1009") || o.Private.Findings[0].Pointer != "/sites/0/homeUrl" {
		w.t.Errorf("codes %v, findings %v", o.Bureau.Codes, o.Private.Findings)
	}
}

// lostResponse: the same run asks whether the upload arrived.
func lostResponse(w *system) {
	w.applyScenario(simulator.Scenario{LostAnswers: 1})
	first := w.queueOrder(1, nil)
	w.runExchange()
	second := w.queueOrder(2, nil)
	w.runExchange()
	w.checkStatus(first, filing.Approved)
	w.checkStatus(second, filing.Approved)
	if sent := w.uploadedRecords(); len(sent) != 2 || sent[1].Sequence != 2 {
		w.t.Errorf("uploaded %+v", sent)
	}
}

// maintenance: all records wait, and none is lost.
func maintenance(w *system) {
	on, off := true, false
	w.applyScenario(simulator.Scenario{Maintenance: &on})
	id := w.queueOrder(1, nil)
	if report := w.runExchange(); report.UploadCode != 902 || report.DownloadCode != 902 {
		w.t.Errorf("report %+v", report)
	}
	if s := w.status(); s.Waiting != 1 || s.Stopped || s.Upload.Code != 902 {
		w.t.Errorf("status %+v", s)
	}
	w.applyScenario(simulator.Scenario{Maintenance: &off})
	w.runExchange()
	w.applyScenario(simulator.Scenario{Maintenance: &on})
	other := w.queueOrder(2, nil)
	if report := w.runExchange(); report.UploadCode != 901 {
		w.t.Errorf("report %+v", report)
	}
	if s := w.status(); s.Flight == nil || s.Flight.Sequence != 2 || s.LastSequence != 1 {
		w.t.Errorf("status %+v", s)
	}
	w.applyScenario(simulator.Scenario{Maintenance: &off})
	w.runExchange()
	w.checkStatus(id, filing.Approved)
	w.checkStatus(other, filing.Approved)
}

// unsendable: an order that the interface cannot carry, or whose papers were lost or exchanged in the bucket, is refused with findings;
// the others are sent.
func unsendable(w *system) {
	unwritable := w.queueOrder(1, outsideGBK)
	lost := w.queueOrder(2, nil)
	good, rewritten, moved := w.queueOrder(3, nil), w.queueOrder(4, nil), w.queueOrder(5, nil)
	copyOf := func(id filing.ID) string {
		return string(w.readOrder(id).Evidence[evidence.Slot(evidence.SubjectCertificateFront)].Copy())
	}
	objects := w.reliableExchange().Objects
	if err := objects.Write(w.t.Context(), string(rewritten), copyOf(rewritten), []byte("another picture")); err != nil {
		w.t.Fatal(err)
	}
	content, err := objects.Bucket.ReadObject(w.t.Context(), copyOf(good), 1<<20)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := objects.Bucket.WriteObject(w.t.Context(), copyOf(moved), content); err != nil {
		w.t.Fatal(err)
	}
	o := w.readOrder(lost)
	for slot, e := range o.Evidence {
		e.Key = "orders/nobody/has/this"
		o.Evidence[slot] = e
	}
	w.putOrder(o)
	if report := w.runExchange(); report.Unsendable != 4 || report.Records != 1 || report.Approved != 1 {
		w.t.Errorf("report %+v", report)
	}
	if o := w.checkStatus(unwritable, filing.BureauRejected); o.Private.Findings[0].Code != filing.CodeCharacter || o.Private.Findings[0].Pointer != "/subject/leader/name" {
		w.t.Errorf("findings %+v", o.Private.Findings)
	}
	for _, id := range []filing.ID{lost, rewritten, moved} {
		if o := w.checkStatus(id, filing.BureauRejected); o.Private.Findings[0].Code != exchange.CodePaperLost {
			w.t.Errorf("findings %+v", o.Private.Findings)
		}
	}
	if w.alarms() < 3 {
		w.t.Errorf("%d alarms", w.alarms())
	}
	w.checkStatus(good, filing.Approved)
}

// unreadable: an order with damaged encrypted data does not block others, neither before its upload nor after it.
func unreadableFault(w *system) {
	broken := w.queueOrder(1, nil)
	w.damageOrder(broken)
	good := w.queueOrder(2, nil)
	if report := w.runExchange(); report.Records != 1 || report.Approved != 1 || w.alarms() == 0 {
		w.t.Errorf("report %+v", report)
	}
	w.checkStatus(good, filing.Approved)
	if w.status().Waiting != 1 {
		w.t.Error("the order no longer waits")
	}
	w.applyScenario(simulator.Scenario{Rules: []simulator.Rule{{Times: 1, Then: simulator.Action{Silent: true}}}})
	late := w.queueOrder(3, nil)
	w.runExchange()
	w.damageOrder(late)
	w.applyScenario(simulator.Scenario{Release: []simulator.Match{{}}})
	good = w.queueOrder(4, nil)
	if report := w.runExchange(); report.Approved != 1 || report.Unmatched == 0 {
		w.t.Errorf("report %+v", report)
	}
	w.checkStatus(good, filing.Approved)
}

// restored: after a restore of the table, the bureau's sequence number is used.
func restored(w *system) {
	w.queueOrder(1, nil)
	w.runExchange()
	w.queueOrder(2, nil)
	w.runExchange()
	w.setNextSequence(0)
	id := w.queueOrder(3, nil)
	w.runExchange()
	if o := w.checkStatus(id, filing.Approved); o.Bureau.Sequence != 3 {
		w.t.Errorf("number %d", o.Bureau.Sequence)
	}
	w.setNextSequence(3) // an older copy: the next number is used up already
	id = w.queueOrder(4, nil)
	w.runExchange()
	w.runExchange()
	if o := w.checkStatus(id, filing.Approved); o.Bureau.Sequence != 4 || w.status().LastSequence != 4 {
		w.t.Errorf("number %d, status %+v", o.Bureau.Sequence, w.status())
	}
}

// forgottenUpload: an order is not sent twice if a restored table lacks its upload. If the content of the last upload is unknown, the
// operator has to act.
func forgottenUpload(w *system) {
	w.applyScenario(simulator.Scenario{Rules: []simulator.Rule{{Then: simulator.Action{Silent: true}}}})
	id := w.queueOrder(1, nil)
	w.runExchange()
	w.forgetOrder(id)
	w.setNextSequence(1)
	w.runExchange()
	if o := w.checkStatus(id, filing.BureauReview); o.Bureau.Sequence != 1 || len(w.uploadedRecords()) != 1 || w.alarms() != 0 {
		w.t.Errorf("number %d, uploaded %+v", o.Bureau.Sequence, w.uploadedRecords())
	}
	w.forgetOrder(id)
	w.setNextSequence(1)
	w.queueOrder(2, nil)
	w.runExchange()
	if len(w.uploadedRecords()) != 1 || !w.status().Stopped || w.alarms() == 0 {
		w.t.Errorf("status %+v", w.status())
	}
}

// lostFiles: files that the bureau has lost are resent.
func lostFiles(w *system) {
	w.applyScenario(simulator.Scenario{Rules: []simulator.Rule{{Then: simulator.Action{Silent: true}}}})
	w.max = 1
	for n := range 3 {
		w.queueOrder(n, nil)
	}
	w.runExchange()
	w.replaceBureau()
	w.queueOrder(3, nil)
	w.runExchange()
	if sent := w.uploadedRecords(); len(sent) != 4 || sent[0].Sequence != 1 || sent[3].Sequence != 4 {
		w.t.Errorf("the new bureau has %+v", sent)
	}
}

// concurrentRuns: one of two runs holds the link; the other does nothing.
func concurrentRuns(w *system) {
	for n := range 4 {
		w.queueOrder(n, nil)
	}
	reports := make(chan exchange.Report)
	for range 2 {
		e := w.newExchange(&crash{callsBefore: -1})
		go func() {
			report, err := e.Run(w.t.Context())
			if err != nil {
				w.t.Error(err)
			}
			reports <- report
		}()
	}
	first, second := <-reports, <-reports
	if first.Records+second.Records != 4 || len(w.uploadedRecords()) != 4 {
		w.t.Errorf("reports %+v and %+v", first, second)
	}
}

// A slowTransport makes each call to the bureau fail after a minute, and counts those during which the lease of the link ended.
type slowTransport struct {
	w       *system
	expired int
}

func (s *slowTransport) RoundTrip(*http.Request) (*http.Response, error) {
	s.w.advanceClock(bureau.DefaultTimeout + time.Second)
	if _, err := s.w.store.AcquireLink(s.w.t.Context(), s.w.reliableExchange().Link, "another"); err == nil {
		s.expired++
	}
	return nil, errCrashed
}

// slowBureau: no other process can acquire the link while the bureau lets two calls time out.
func slowBureau(w *system) {
	slow := &slowTransport{w: w}
	e := w.newExchange(&crash{callsBefore: -1})
	e.Client = w.newClient("Passw0rd!", slow)
	if _, err := e.Run(w.t.Context()); err != nil || slow.expired != 0 {
		w.t.Errorf("the lease ended during %d calls, %v", slow.expired, err)
	}
}

// oneByOne: the records of a rejected file are resent one per file to isolate the bad one.
func oneByOne(w *system) {
	w.queueOrder(1, nil)
	w.runExchange()
	var good []filing.ID
	for n := range 3 {
		good = append(good, w.queueOrder(10+n, nil))
	}
	culprit := w.queueOrder(20, tooLarge)
	for n := range 2 {
		good = append(good, w.queueOrder(30+n, nil))
	}
	w.runExchange()
	for _, id := range good {
		w.checkStatus(id, filing.Approved)
	}
	if o := w.checkStatus(culprit, filing.BureauRejected); o.Private.Findings[0].Code != exchange.CodeRejected {
		w.t.Errorf("findings %+v", o.Private.Findings)
	}
	w.checkNumbers(w.uploadedRecords())
	if last := w.status().LastSequence; last != 6 {
		w.t.Errorf("the last file has the number %d", last)
	}
}

// stopped: an error that only the operator can resolve raises an alarm; the exchange continues when it is resolved.
func stopped(w *system) {
	w.queueOrder(1, nil)
	w.runExchange()
	id := w.queueOrder(2, nil)
	e := w.newExchange(&crash{callsBefore: -1})
	e.Client = w.newClient("wrong", w.laptop.base)
	if _, err := e.Run(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	s := w.status()
	if !s.Stopped || s.Upload.Code != 5 || s.Download.Code != 5 || s.Upload.Since.IsZero() || w.alarms() != 2 {
		w.t.Errorf("status %+v, %d alarms", s, w.alarms())
	}
	w.runExchange()
	w.checkStatus(id, filing.Approved)
	if w.status().Stopped {
		w.t.Error("the status of the link is still stopped")
	}
}

// allocatedIDs: concurrent calls get different ids.
func allocatedIDs(w *system) {
	w.reliableExchange()
	store, given := w.store, make(chan int64)
	for range 8 {
		go func() {
			for range 5 {
				first, err := store.AllocateIDs(w.t.Context(), 3)
				if err != nil {
					w.t.Error(err)
				}
				given <- first
			}
		}()
	}
	var all []int64
	for range 40 {
		all = append(all, <-given)
	}
	slices.Sort(all)
	for i, first := range all {
		if first != int64(3*i+1) {
			w.t.Fatalf("allocated ids: %v", all)
		}
	}
}
