package exchange_test

import (
	"slices"
	"strings"
	"testing"

	"beian/shared/bureau/simulator"
	"beian/shared/filing"
	"beian/shared/process/exchange"
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
		{"a download that is no document", unreadableFile},
		{"a download acted upon again", replayed},
		{"a file sent again at the operator's word", sentAnew},
		{"lists for the operator", lists},
		{"on the bureau's blacklist", blacklisted},
		{"a bureau that cannot be asked", unreachable},
		{"a record that can never go", unsendable},
		{"an order that cannot be read", unreadable},
		{"an account that the bureau does not know", stopped},
		{"a table that was restored from a copy", restored},
		{"a restored table that would send again", sentAgain},
		{"a bureau that lost files", lostFiles},
		{"two at once", twoAtOnce},
		{"numbers", numbers},
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
	whole := w.whole()
	s, err := (&exchange.Operator{Store: whole.Store, Link: whole.Link}).Status(w.t.Context())
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
	w.steer(simulator.Scenario{Rules: []simulator.Rule{{
		Then: simulator.Action{Decision: simulator.Refuse, Codes: []int64{1041, 1009}, Opinion: "资料不全"},
	}}})
	id := w.handOver(1, nil)
	if report := w.run(); report.Refused != 1 {
		w.t.Errorf("report %+v", report)
	}
	o := w.expect(id, filing.BureauRejected)
	if !slices.Equal(o.Bureau.Codes, []int{1041, 1009}) || o.Private.Opinion != "资料不全" ||
		!o.Findings.Has("bureau-1041") || !o.Findings.Has("bureau-1009") || o.Findings[0].Pointer != "/sites/0/homeUrl" {
		w.t.Errorf("codes %v, findings %v", o.Bureau.Codes, o.Findings)
	}
}

// lostAnswer: whether the upload arrived is asked, in the same round.
func lostAnswer(w *world) {
	w.steer(simulator.Scenario{LostAnswers: 1})
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
	w.steer(simulator.Scenario{Maintenance: &on})
	id := w.handOver(1, nil)
	if report := w.run(); report.UploadCode != 902 || report.DownloadCode != 902 {
		w.t.Errorf("report %+v", report)
	}
	if s := w.status(); s.Waiting != 1 || s.Stopped || s.Upload.Code != 902 {
		w.t.Errorf("status %+v", s)
	}
	w.steer(simulator.Scenario{Maintenance: &off})
	w.run()
	w.steer(simulator.Scenario{Maintenance: &on})
	other := w.handOver(2, nil)
	if report := w.run(); report.UploadCode != 901 {
		w.t.Errorf("report %+v", report)
	}
	if s := w.status(); s.Flight == nil || s.Flight.Sequence != 2 || s.LastSequence != 1 {
		w.t.Errorf("status %+v", s)
	}
	w.steer(simulator.Scenario{Maintenance: &off})
	w.run()
	w.expect(id, filing.Approved)
	w.expect(other, filing.Approved)
}

// unsendable: an order that the interface cannot carry is refused with findings, and the others go.
func unsendable(w *world) {
	unwritable := w.handOver(1, rare)
	lost := w.handOver(2, nil)
	good := w.handOver(3, nil)
	o := w.order(lost)
	for slot, e := range o.Evidence {
		e.Key = "orders/nobody/has/this"
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

// unreadable: an order whose sealed data were damaged holds nobody up, neither before its upload nor after.
func unreadable(w *world) {
	broken := w.handOver(1, nil)
	w.damage(broken)
	good := w.handOver(2, nil)
	if report := w.run(); report.Records != 1 || report.Approved != 1 || w.alarms() == 0 {
		w.t.Errorf("report %+v", report)
	}
	w.expect(good, filing.Approved)
	if w.status().Waiting != 1 {
		w.t.Error("the order does not wait any more")
	}
	w.steer(simulator.Scenario{Rules: []simulator.Rule{{Times: 1, Then: simulator.Action{Silent: true}}}})
	late := w.handOver(3, nil)
	w.run()
	w.damage(late)
	w.steer(simulator.Scenario{Release: []simulator.Match{{}}})
	good = w.handOver(4, nil)
	if report := w.run(); report.Approved != 1 || report.Unmatched == 0 {
		w.t.Errorf("report %+v", report)
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

// sentAgain: an order that the bureau has is not sent to it again because the table has forgotten. Where it cannot be
// told what is there, the operator has to look.
func sentAgain(w *world) {
	w.steer(simulator.Scenario{Rules: []simulator.Rule{{Then: simulator.Action{Silent: true}}}})
	id := w.handOver(1, nil)
	w.run()
	w.forgetOrder(id)
	w.forget(1)
	w.run()
	if o := w.expect(id, filing.BureauReview); o.Bureau.Sequence != 1 || len(w.uploaded()) != 1 || w.alarms() != 0 {
		w.t.Errorf("number %d, uploaded %+v", o.Bureau.Sequence, w.uploaded())
	}
	w.forgetOrder(id)
	w.forget(1)
	w.handOver(2, nil)
	w.run()
	if len(w.uploaded()) != 1 || !w.status().Stopped || w.alarms() == 0 {
		w.t.Errorf("status %+v", w.status())
	}
}

// lostFiles: files that the bureau has lost are sent again, from what is kept.
func lostFiles(w *world) {
	w.steer(simulator.Scenario{Rules: []simulator.Rule{{Then: simulator.Action{Silent: true}}}})
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
		e := w.exchange(&fuse{left: -1})
		go func() {
			report, err := e.Run(w.t.Context())
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
	w.run()
	for _, id := range good {
		w.expect(id, filing.Approved)
	}
	if o := w.expect(culprit, filing.BureauRejected); o.Findings[0].Code != exchange.CodeRejected {
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
	e := w.exchange(&fuse{left: -1})
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

// numbers: none is given twice, whoever asks at once.
func numbers(w *world) {
	w.whole()
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
			w.t.Fatalf("given %v", all)
		}
	}
}
