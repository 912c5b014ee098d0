package ticker_test

import (
	"testing"
	"time"

	"beian/infra/local/ticker"
)

func TestParse(t *testing.T) {
	at := time.Date(2026, 3, 1, 0, 59, 0, 0, time.UTC)
	for expression, want := range map[string]time.Duration{
		"rate(1 minute)": time.Minute, "rate(5 minutes)": 5 * time.Minute, "rate(2 days)": 48 * time.Hour,
		"cron(0 9 * * ? *)": time.Minute, "cron(59 8 * * ? *)": 24 * time.Hour,
	} {
		next, err := ticker.Parse(expression, "Asia/Shanghai")
		if err != nil {
			t.Errorf("%s: %v", expression, err)
			continue
		}
		if got := next(at).Sub(at); got != want {
			t.Errorf("%s: the next turn is after %s, want %s", expression, got, want)
		}
	}
	for _, expression := range []string{"", "rate(0 minutes)", "rate(1 week)", "rate(1 minute", "cron(0 9 * * 1 *)", "cron(60 9 * * ? *)", "cron(0 24 * * ? *)", "at(2026-01-01T00:00:00)"} {
		if _, err := ticker.Parse(expression, "UTC"); err == nil {
			t.Errorf("%q is taken", expression)
		}
	}
	if _, err := ticker.Parse("cron(0 9 * * ? *)", "Moon/Sea"); err == nil {
		t.Error("the moon has a time zone")
	}
}

func FuzzParse(f *testing.F) {
	f.Add("rate(5 minutes)")
	f.Add("cron(30 9 * * ? *)")
	f.Fuzz(func(t *testing.T, expression string) {
		now := time.Now()
		if next, err := ticker.Parse(expression, "UTC"); err == nil && !next(now).After(now) {
			t.Errorf("%q has a turn that is over", expression)
		}
	})
}
