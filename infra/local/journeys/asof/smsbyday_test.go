package asof_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"beian/infra/local/demo"
	"beian/infra/local/scenario"
	"beian/shared/filing"
	"beian/shared/rules/workday"
)

// TestSMSByDay (S18): an order that passes the review on the evening before the Labour Day gets its codes in the morning, its leader is reminded by day, and a check
// that is started again at night waits for the morning.
func TestSMSByDay(t *testing.T) {
	ctx := t.Context()
	at := func(day workday.Date, clock string) time.Time {
		d, err := time.ParseDuration(clock)
		must(t, err)
		return day.Time().Add(d)
	}
	sys.Clock.Set(at("2021-04-30", "10h"))
	app := scenario.Invented(9973)
	applicant := start(t, app)
	_, reviewer, err := demo.LogInStaff(ctx, client)
	must(t, err)
	id, err := app.AdvanceTo(ctx, applicant, reviewer, filing.InitialReview)
	must(t, err)
	// planned waits until the hour of the codes is planned.
	planned := func() (sendAt string) {
		t.Helper()
		must(t, scenario.Poll(ctx, func() (bool, error) {
			o, err := applicant.Order(ctx, id)
			if err == nil && o.SMSTime != nil && !o.SMSTime.SendAt.IsZero() {
				sendAt = o.SMSTime.SendAt.In(workday.Shanghai).Format("2006-01-02 15:04")
			}
			return sendAt != "", err
		}))
		return sendAt
	}
	// sent counts the SMS to the leader that begin like that.
	mobile := scenario.LeaderMobiles(app.Details)[0]
	sent := func(begin string) (n int) {
		for _, m := range client.Sent("+86" + mobile) {
			if strings.HasSuffix(m.Text, "/s/"+id.Link()) && strings.Contains(m.Text, begin) {
				n++
			}
		}
		return n
	}
	awaitSent := func(begin string, n int) {
		t.Helper()
		must(t, scenario.Poll(ctx, func() (bool, error) { return sent(begin) == n, nil }))
	}
	const code, reminder = "】备案验证码", "】提醒："

	sys.Clock.Set(at("2021-04-30", "18h30m"))
	must(t, reviewer.Approve(ctx, id))
	if got := planned(); got != "2021-05-01 09:00" {
		t.Errorf("before the day off, the codes are planned for %s", got)
	}
	sys.Clock.Set(at("2021-05-01", "9h1s"))
	awaitSent(code, 1)
	for i, clock := range []string{"13h1m", "20h1m", "32h1m"} {
		sys.Clock.Set(at("2021-05-01", clock))
		awaitSent(reminder, i+1)
	}
	sys.Clock.Set(at("2021-05-02", "9h1m"))
	must(t, scenario.Poll(ctx, func() (bool, error) {
		o, err := applicant.Order(ctx, id)
		return o.Step == filing.InitialReview, err
	}))
	sys.Clock.Set(at("2021-05-02", "23h"))
	must(t, applicant.Call(ctx, http.MethodPost, "/orders/"+string(id)+"/sms-repetition", nil, nil))
	if got := planned(); got != "2021-05-03 09:00" {
		t.Errorf("at night, the codes are planned for %s", got)
	}
	sys.Clock.Set(at("2021-05-03", "9h1s"))
	awaitSent(code, 2)
	if n := sent(reminder); n != 3 {
		t.Errorf("%d reminders", n)
	}
}
