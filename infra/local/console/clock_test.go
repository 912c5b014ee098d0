package console_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"beian/infra/local/scenario"
	"beian/shared/filing"
)

// openAt opens the order of invented person n, brings it and its execution to a step, and returns its id and the applicant's mobile.
func openAt(t *testing.T, n int, step filing.Step) (filing.ID, string) {
	t.Helper()
	app := scenario.Invented(n)
	applicant, err := suite.Client.LoginApplicant(t.Context(), suite.Admin, app, sys.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	id, err := app.AdvanceTo(t.Context(), applicant, suite.Reviewer, step)
	if err != nil {
		t.Fatal(err)
	}
	if err := scenario.Poll(t.Context(), func() (bool, error) { return sys.InState(t.Context(), id, 1, string(step)) }); err != nil { // the execution follows the order
		t.Fatal(err)
	}
	return id, app.Login
}

// jump sends the form of the clock and waits until the clock has arrived.
func (b *browser) jump(form url.Values) string {
	b.Helper()
	response, text := b.open("/local/clock", form)
	if response.StatusCode != 200 {
		b.Fatalf("%v: %d", form, response.StatusCode)
	}
	<-sys.Timetable.Arrived()
	if err := sys.Timetable.State().Err; err != nil {
		b.Fatal(err)
	}
	return text
}

// TestJumpRunsWhatBecomesDue: in a month that passes at once, reminders go out on their days, one after the other, and the order ends when its step times out.
func TestJumpRunsWhatBecomesDue(t *testing.T) {
	b := newBrowser(t)
	id, _ := openAt(t, 10502, filing.CollectDetails)
	mailbox := fmt.Sprint(scenario.Invented(10502).Contact["email"])
	began, before := sys.Clock.Now(), len(sys.Outbox.Sent(mailbox))
	if _, text := b.open("/local/clock", nil); !strings.Contains(text, string(id)+"-1") || !strings.Contains(text, "Reminders, deadlines and codes") {
		t.Error("the page does not show what is due")
	}
	b.jump(url.Values{"by": {"month"}})
	if passed := sys.Clock.Now().Sub(began); passed < 28*24*time.Hour || passed > 32*24*time.Hour {
		t.Errorf("the clock moved by %v", passed)
	}
	sent := sys.Outbox.Sent(mailbox)[before:]
	days := map[string]bool{}
	for _, m := range sent {
		days[m.Time.Format(time.DateOnly)] = true
	}
	if len(days) < 2 {
		t.Fatalf("%d messages were sent on %d days", len(sent), len(days))
	}
	if early := sent[0].Time; early.Before(began) || sys.Clock.Now().Sub(early) < 14*24*time.Hour { // the reminder after 7 days; that after 30 can be due at the end
		t.Errorf("the first message was sent at %v, not on its day", early)
	}
}

// TestJumpToWhatIsNext: the clock stops exactly when the next thing is due, and that happens.
func TestJumpToWhatIsNext(t *testing.T) {
	b := newBrowser(t)
	openAt(t, 10503, filing.CollectDetails)
	next, err := sys.Timetable.Next()
	if err != nil || next.IsZero() {
		t.Fatal("nothing is due", err)
	}
	b.jump(url.Values{"by": {"next"}})
	if late := sys.Clock.Now().Sub(next); late < 0 || late > time.Minute {
		t.Errorf("the clock stopped %v after what was due", late)
	}
	if again, err := sys.Timetable.Next(); err != nil || !again.After(next) {
		t.Errorf("what was due at %v is due again at %v: %v", next, again, err)
	}
}

// TestWrongJumps: the clock moves only forward, at most a year, and by what the page offers.
func TestWrongJumps(t *testing.T) {
	b := newBrowser(t)
	now := sys.Clock.Now()
	for want, form := range map[string]url.Values{
		"does not go back":    {"to": {now.Add(-time.Hour).Format(time.RFC3339)}},
		"at most a year":      {"to": {now.AddDate(2, 0, 0).Format(time.RFC3339)}},
		"one of the buttons":  {"by": {"century"}},
		"one of the buttons.": {"to": {"tomorrow"}},
	} {
		if response, text := b.open("/local/clock", form); response.StatusCode != 422 || !strings.Contains(text, want) {
			t.Errorf("%v: %d, without %q", form, response.StatusCode, want)
		}
	}
	if moved := sys.Clock.Now().Sub(now); moved > time.Minute {
		t.Errorf("the clock moved by %v", moved)
	}
}
