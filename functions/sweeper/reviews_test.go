package sweeper_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"beian/functions/sweeper"
	"beian/infra/local/steptest"
	"beian/shared/filing/register"
	"beian/shared/process/duties"
	"beian/shared/process/limits"
	"beian/shared/process/notify"
	"beian/shared/rules/annualreview"
	"beian/shared/rules/contact"
	"beian/shared/rules/fault"
	"beian/shared/rules/number"
	"beian/shared/rules/workday"
)

// A phone keeps the last SMS. It fails as often as broken says.
type phone struct {
	carrier
	to     contact.Mobile
	text   string
	count  int
	broken int
}

func (p *phone) SendSMS(_ context.Context, to contact.Mobile, text, _ string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.broken > 0 {
		p.broken--
		return fault.New(fault.Unavailable, "忙。", "Busy.")
	}
	p.to, p.text, p.count = to, text, p.count+1
	return nil
}

// TestAnnualReviews: an answer by SMS is recorded if a review is open and the sender leads the site, or its subject. Each sender gets an answer, and wrong ones have
// no effect. After ten answers a day, a mobile gets no more.
func TestAnnualReviews(t *testing.T) {
	w := steptest.New(t)
	site, err := number.ParseFiling("鄂ICP备2019000001号-1")
	if err != nil {
		t.Fatal(err)
	}
	private := register.Private{Subject: register.Subject{Leader: register.Leader{Mobile: "13800000001"}}, Sites: []register.Site{{Leader: register.Leader{Mobile: "+86 138-0000-0002"}}}}
	change, _ := register.Filing{ID: "01JCZK3V7M8N9P0Q1R2S3T4V6A"}.Replace(register.Filing{ID: "01JCZK3V7M8N9P0Q1R2S3T4V6A", SubjectKey: "subject", Province: "42", Status: register.Filed, Number: site.Subject,
		Sites: []register.FiledSite{{Number: site, Accesses: []register.Access{{Ours: true}}}}, Private: private}, register.Source{Kind: register.FromImport, ID: "import"}, w.Clock.Now())
	if err := w.Store.CommitFiling(t.Context(), change); err != nil {
		t.Fatal(err)
	}
	p := &phone{}
	h := handler(w, &carrier{})
	h.Messenger, h.Register = notify.Messenger{SMS: p, Mail: p}, w.Store
	h.Limits = &limits.Limiter{Store: w.Store, Now: w.Clock.Now}
	h.Duties = &duties.Service{Store: w.Store, Now: w.Clock.Now, NewID: func() string { return "id" }, Log: slog.New(slog.DiscardHandler)}
	recorded := func() string {
		u, err := w.Store.Upkeep(t.Context(), change.After.ID)
		if err != nil {
			t.Fatal(err)
		}
		return u.Sites[site.String()].Reviewed["2020-01-15"].Status
	}
	w.Clock.Set(time.Date(2020, 1, 14, 10, 0, 0, 0, workday.Shanghai))
	for i, test := range []struct {
		name, from, text string
		says, recorded   string
	}{
		{"before the review", "13800000002", "#002#鄂ICP备2019000001号-1#无变化#", "现在没有年度审核", ""},
		{"somebody else's site", "13800000009", "#002#鄂ICP备2019000001号-1#已注销#", "不是该网站负责人登记的手机号", ""},
		{"a number that nobody has", "13800000002", "#002#鄂ICP备2019000001号-2#无变化#", "不是该网站负责人登记的手机号", ""},
		{"a subject's number", "13800000002", "#002#鄂ICP备2019000001号#无变化#", "网站备案号不对", ""},
		{"another word", "13800000002", "#002#鄂ICP备2019000001号-1#没事#", "状态要写", ""},
		{"another form", "13800000002", "#鄂ICP备2019000001号-1#无变化#", "格式不对", ""},
		{"the site leader", "13800000002", "＃002＃鄂icp備2019000001號-1＃無變化＃", "已记录：鄂ICP备2019000001号-1 年度审核“无变化”", "unchanged"},
		{"the same again", "13800000002", "#002#鄂ICP备2019000001号-1#无变化#", "已记录", "unchanged"},
		{"a correction by the subject leader", "13800000001", "#002#鄂ICP备2019000001号-1#已更新#", "已记录：鄂ICP备2019000001号-1 年度审核“已更新”", "updated"},
		{"in the last minute", "13800000002", "#002#鄂ICP备2019000001号-1#无变化#", "已记录：鄂ICP备2019000001号-1 年度审核“无变化”", "unchanged"},
		{"an earlier answer that comes later", "13800000002", "#002#鄂ICP备2019000001号-1#已更新#", "已记录", "unchanged"},
		{"after the review", "13800000002", "#002#鄂ICP备2019000001号-1#无变化#", "现在没有年度审核", "unchanged"},
	} {
		switch test.name {
		case "somebody else's site":
			w.Clock.Set(time.Date(2020, 1, 15, 10, 0, 0, 0, workday.Shanghai))
		case "after the review":
			w.Clock.Set(time.Date(2020, 4, 16, 10, 0, 0, 0, workday.Shanghai))
		}
		received := w.Clock.Now()
		switch test.name {
		case "in the last minute": // the sweeper comes after the end of the review
			received = time.Date(2020, 4, 15, 23, 59, 0, 0, workday.Shanghai)
			w.Clock.Set(time.Date(2020, 4, 16, 0, 5, 0, 0, workday.Shanghai))
		case "an earlier answer that comes later":
			received = time.Date(2020, 4, 15, 12, 0, 0, 0, workday.Shanghai)
		}
		answer, problem, is := annualreview.Parse(test.text)
		if !is {
			t.Fatalf("%s: not meant as an answer", test.name)
		}
		r := register.ReviewReply{ID: "m-" + test.name, From: contact.Mobile(test.from), ReceivedAt: received, Problem: problem}
		if problem == "" {
			r.Site, r.Status = answer.Site.String(), answer.Status
		}
		for range 2 { // the carrier sends it twice
			if err := w.Store.AddReviewReply(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
		if p.broken = i % 2; p.broken > 0 { // the first try fails
			if _, err := h.Handle(t.Context(), sweeper.Input{}); fault.KindOf(err) != fault.Unavailable {
				t.Errorf("%s: %v", test.name, err)
			}
			w.Clock.Advance(2 * time.Minute)
		}
		for range 2 {
			if _, err := h.Handle(t.Context(), sweeper.Input{}); err != nil {
				t.Errorf("%s: %v", test.name, err)
			}
		}
		if p.count != i+1 || p.to != contact.Mobile(test.from) || !strings.Contains(p.text, test.says) || recorded() != test.recorded {
			t.Errorf("%s: %d SMS, %q, recorded %q", test.name, p.count, p.text, recorded())
		}
		if _, known, err := w.Store.ReviewReply(t.Context(), r.ID); err != nil || known {
			t.Errorf("%s: the mobile is still stored: %v", test.name, err)
		}
	}
	before := p.count
	for i := range 12 {
		r := register.ReviewReply{ID: "flood-" + string(rune('a'+i)), From: "13800000003", ReceivedAt: w.Clock.Now(), Problem: annualreview.BadForm}
		if err := w.Store.AddReviewReply(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := h.Handle(t.Context(), sweeper.Input{}); err != nil {
		t.Error(err)
	}
	if sent := p.count - before; sent != 10 {
		t.Errorf("a mobile that sent 12 wrong answers got %d SMS", sent)
	}
}
