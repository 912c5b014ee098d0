// Package review_test lives through an annual review that an operator entered: from before its opening until after its end.
package review_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"beian/functions/operator"
	"beian/infra/local/clock"
	"beian/infra/local/scenario"
	"beian/infra/local/system"
	"beian/infra/local/systemtest"
	"beian/shared/filing"
	"beian/shared/partners/webhook"
	"beian/shared/rules/workday"
	"beian/shared/web"
)

// The system of all tests.
var (
	sys             *system.System
	client          *scenario.Client
	reviewer, admin *scenario.User
)

func TestMain(m *testing.M) {
	config := system.Config{Programs: os.Getenv("PROGRAMS"), Clock: clock.StandingAt(morning("2027-01-04")), Limits: system.Unlimited}
	systemtest.Main(m, config, "../../../stack/testdata/golden", func(s *systemtest.Suite) {
		sys, client, reviewer, admin = s.System, s.Client, s.Reviewer, s.Admin
	})
}

// morning returns half past nine of a day in Shanghai.
func morning(day workday.Date) time.Time { return day.Time().Add(9*time.Hour + 30*time.Minute) }

// A holder has a filing with one site.
type holder struct {
	t            *testing.T
	user         *scenario.User
	filing       web.Filing
	site, mobile string
	email        string // of the site leader
}

// newHolder files a site.
func newHolder(t *testing.T, n int) *holder {
	t.Helper()
	ctx, app := t.Context(), scenario.Invented(n)
	user, err := client.LoginApplicant(ctx, admin, app, sys.Clock.Now())
	h := &holder{t: t, user: user, mobile: scenario.LeaderMobiles(app.Details)[0]}
	h.must(err)
	leader, _ := app.Details.Sites[0]["leader"].(map[string]any)
	h.email = fmt.Sprint(leader["email"])
	id, err := app.AdvanceTo(ctx, user, reviewer, filing.VerifySMS)
	h.must(err)
	code, err := client.AwaitOrderCode(ctx, h.mobile, id)
	h.must(err)
	h.must(client.ReplySMS(ctx, "reply-"+string(id), h.mobile, code))
	var o scenario.Order
	h.must(scenario.Poll(ctx, func() (bool, error) {
		o, err = user.Order(ctx, id)
		return o.Status == filing.Approved && o.Step == filing.Done, err
	}))
	h.filing, err = user.FilingNumbered(ctx, o.Bureau.SubjectNumber)
	h.must(err)
	h.site = h.filing.Sites[0].Number.String()
	return h
}

func (h *holder) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// isAnswer reports whether a message is the answer to an SMS about a review.
func isAnswer(text string) bool {
	return strings.Contains(text, "已记录：") || strings.Contains(text, "没有记录")
}

// answers are the answers to the holder's SMS.
func (h *holder) answers() (texts []string) {
	for _, m := range client.Sent("+86" + h.mobile) {
		if isAnswer(m.Text) {
			texts = append(texts, m.Text)
		}
	}
	return texts
}

// reminders counts the messages to the site leader that name the annual review.
func (h *holder) reminders() (n int) {
	for _, to := range []string{"+86" + h.mobile, h.email} {
		for _, m := range client.Sent(to) {
			if strings.Contains(m.Text, "年度审核") && !isAnswer(m.Text) {
				n++
			}
		}
	}
	return n
}

// at sets the clock to the morning of a day, and lets the system do what is due.
func at(t *testing.T, day workday.Date) {
	t.Helper()
	sys.Clock.Set(morning(day))
	for range 3 {
		if _, err := sys.Functions.Invoke(t.Context(), "reminders", []byte("{}")); err != nil {
			t.Fatal(err)
		}
		if _, err := sys.Functions.Invoke(t.Context(), "sweeper", []byte("{}")); err != nil {
			t.Fatal(err)
		}
	}
}

// send sends an SMS from the holder's mobile under an id, and returns the answer, "" if there is none within a moment.
func (h *holder) send(id, text string, answered bool) (answer string) {
	h.t.Helper()
	ctx := h.t.Context()
	before := len(h.answers())
	body := fmt.Appendf(nil, `{"from":%q,"text":%q,"receivedAt":%q}`, h.mobile, text, time.Now().UTC().Format(time.RFC3339))
	response, err := client.SendWebhook(ctx, body, webhook.Sign(id, body, time.Now(), system.SMSSecret).Map())
	h.must(err)
	if response.Status != http.StatusOK {
		h.t.Fatalf("%q: status %d %s", text, response.Status, response.Body)
	}
	if !answered {
		_, err := sys.Functions.Invoke(ctx, "sweeper", []byte("{}"))
		h.must(err)
		if now := h.answers(); len(now) != before {
			h.t.Errorf("%q has another answer: %s", text, now[len(now)-1])
		}
		return ""
	}
	h.must(scenario.Poll(ctx, func() (bool, error) {
		now := h.answers()
		if len(now) > before {
			answer = now[len(now)-1]
		}
		return len(now) > before, nil
	}))
	return answer
}

// owes reports whether the filing owes the answer to the review.
func (h *holder) owes(ctx context.Context) bool {
	h.t.Helper()
	var u web.Upkeep
	h.must(h.user.Call(ctx, http.MethodGet, "/filings/"+string(h.filing.ID)+"/upkeep", nil, &u))
	return slices.ContainsFunc(u.Duties, func(d web.UpkeepDuty) bool { return d.Kind == "annual-review" && d.Site == h.site })
}

// TestAnnualReview: an operator enters the review that the bureau announced. Its leaders are reminded at its opening, in the middle and a week before its end, until they have answered by SMS;
// each SMS is answered in words, whatever it says, also after the end.
func TestAnnualReview(t *testing.T) {
	ctx := t.Context()
	silent, prompt := newHolder(t, 10910), newHolder(t, 10911)
	if silent.owes(ctx) {
		t.Fatal("a review is known already")
	}
	const opening, middle, week, last, after = "2027-03-01", "2027-04-15", "2027-05-24", "2027-05-31", "2027-06-01"
	if answer := prompt.send("early", "#001#"+prompt.site+"#无变化#", true); !strings.Contains(answer, "现在没有年度审核") {
		t.Errorf("before the review: %s", answer)
	}
	path := "/annual-reviews/" + string(silent.filing.Province) + "/" + opening
	entry := operator.AnnualReviewEntry{Until: last, Numbers: []string{"10690661740694920"}, Source: "管局的通知"}
	silent.must(admin.Call(ctx, http.MethodPut, path, entry, nil))
	if err := reviewer.Call(ctx, http.MethodPut, path, entry, nil); err == nil {
		t.Error("a reviewer entered a review")
	}
	at(t, "2027-02-26")
	if silent.reminders()+prompt.reminders() != 0 {
		t.Error("a reminder before the opening")
	}
	wantMore := func(h *holder, day workday.Date, more bool) {
		t.Helper()
		before := h.reminders()
		at(t, day)
		if !more {
			if h.reminders() != before {
				t.Errorf("%s: a reminder after the answer", day)
			}
			return
		}
		if err := scenario.Poll(ctx, func() (bool, error) { return h.reminders() > before, nil }); err != nil {
			t.Errorf("%s: no reminder", day)
		}
	}
	wantMore(silent, opening, true)
	if prompt.reminders() == 0 || !prompt.owes(ctx) {
		t.Error("the other filing does not owe the review")
	}

	wide := strings.NewReplacer("#", "＃", "-", "－", "0", "０", "1", "１", "I", "Ｉ", "C", "Ｃ", "P", "Ｐ")
	for i, c := range []struct{ text, want string }{
		{wide.Replace("#001#" + prompt.site + "#无变化#"), "已记录：" + prompt.site + " 年度审核“无变化”。请同样发送到管局短信平台（10690661740694920）"},
		{" # 001 # " + strings.ToLower(prompt.site) + " # 已 更 新 # ", "已记录：" + prompt.site + " 年度审核“已更新”"},
		{"#001#" + prompt.site + "#已更新#", "已记录：" + prompt.site + " 年度审核“已更新”"}, // twice
		{"#001#" + prompt.filing.Number.String() + "#无变化#", "要写到“-1”这样的序号"},
		{"#001#京ICP备99999999号-1#无变化#", "网站备案号不对，或这个手机号不是"},
		{"#001#" + silent.site + "#已注销#", "网站备案号不对，或这个手机号不是"},
		{"#001#" + prompt.site + "#好的#", "状态要写无变化、已更新或已注销"},
		{"#001#" + prompt.site + "#", "格式不对"},
	} {
		if answer := prompt.send(fmt.Sprint("in-", i), c.text, true); !strings.Contains(answer, c.want) {
			t.Errorf("%q is answered %q, want %q", c.text, answer, c.want)
		}
	}
	prompt.send("in-0", wide.Replace("#001#"+prompt.site+"#无变化#"), false) // the carrier delivers it once more
	if prompt.owes(ctx) || !silent.owes(ctx) {
		t.Error("who answered still owes an answer, or another person's SMS was counted")
	}

	wantMore(silent, middle, true)
	wantMore(prompt, middle, false)
	wantMore(silent, week, true)
	wantMore(prompt, week, false)
	at(t, after)
	if silent.owes(ctx) {
		t.Error("the review is over and still owed")
	}
	if answer := silent.send("late", "#001#"+silent.site+"#无变化#", true); !strings.Contains(answer, silent.site+" 现在没有年度审核，您的短信没有记录") {
		t.Errorf("after the review: %s", answer)
	}
}
