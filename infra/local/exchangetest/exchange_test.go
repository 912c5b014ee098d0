package exchangetest_test

import (
	"testing"

	"beian/shared/filing"
	"beian/shared/regulator/bureausim"
)

func TestExchange(t *testing.T) {
	l := startLaptop(t)
	for name, test := range map[string]func(*world){
		"filed": filed, "refused": refused,
	} {
		t.Run(name, func(t *testing.T) {
			w := l.world(t)
			test(w)
		})
	}
}

// filed: the record goes out, and the numbers come back, in one round.
func filed(w *world) {
	id := w.handOver(1, nil)
	if report := w.run(); report.Files != 1 || report.Records != 1 || report.Approved != 1 || report.Downloads != 2 {
		w.t.Errorf("report %+v", report)
	}
	o, sent := w.order(id), w.uploaded()
	if len(sent) != 1 || sent[0].Decision != "approve" || sent[0].Attachments != 1 {
		w.t.Fatalf("uploaded %+v", sent)
	}
	if o.Status != filing.Approved || o.Bureau.Sequence != 1 || len(o.Bureau.Sites) != 1 ||
		o.Bureau.Sites[0].Number.String() != sent[0].Numbers[0] || o.Bureau.SubjectID == "" {
		w.t.Errorf("order %s, bureau %+v", o.Status, o.Bureau)
	}
	if report := w.run(); report.Files+report.Downloads != 0 {
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
	o := w.order(id)
	if o.Status != filing.BureauRejected || len(o.Bureau.Codes) != 2 || o.Bureau.Opinion != "资料不全" ||
		!o.Findings.Has("bureau-1041") || !o.Findings.Has("bureau-1009") {
		w.t.Errorf("order %s, codes %v, findings %v", o.Status, o.Bureau.Codes, o.Findings)
	}
}
