package outbox_test

import (
	"log/slog"
	"os"
	"testing"
	"time"

	"beian/infra/local/clock"
	"beian/infra/local/demo"
	"beian/infra/local/outbox"
	"beian/infra/local/scenario"
	"beian/infra/local/system"
	"beian/shared/filing"
)

// startSystem starts a system with these settings, on a day on which all provinces have the SMS check.
func startSystem(t *testing.T, c system.Config) *system.System {
	t.Helper()
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(folder) // the evidence store changes the working directory
	c.Folder, c.Clock, c.Staff = t.TempDir(), clock.StandingAt(time.Date(2021, 3, 1, 1, 30, 0, 0, time.UTC)), demo.Staff
	c.ReviewDelay, c.Log = 10*time.Millisecond, slog.New(slog.DiscardHandler)
	s, err := system.Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// TestFilingThroughTheCarrier files an application up to the codes of the SMS check, in a system that sends SMS through a
// carrier instead of SNS.
func TestFilingThroughTheCarrier(t *testing.T) {
	s := startSystem(t, system.Config{Carrier: true})
	client := scenario.NewClient(s)
	operator, reviewer, err := demo.LogInStaff(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	app := scenario.Invented(1)
	applicant, err := client.LoginApplicant(t.Context(), operator, app, s.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	id, err := app.AdvanceTo(t.Context(), applicant, reviewer, filing.VerifySMS)
	if err != nil {
		t.Fatal(err)
	}
	for _, mobile := range scenario.LeaderMobiles(app.Details) {
		if _, err := client.AwaitOrderCode(t.Context(), mobile, id); err != nil {
			t.Errorf("no code was sent: %v", err)
		}
	}
	if counts := s.Traffic.Counts(); counts["sns:Publish"] > 0 || counts["ses:SendEmail"] == 0 {
		t.Errorf("%d SMS went through SNS, %d emails through SES", counts["sns:Publish"], counts["ses:SendEmail"])
	}
	keys := map[string]bool{}
	for _, m := range s.Outbox.Sent("") {
		if key := m.Attributes["beian-key"]; m.Kind == outbox.SMS && key != "" {
			if keys[key] {
				t.Errorf("an SMS was accepted twice: %s", key)
			}
			keys[key] = true
		}
	}
	if len(keys) < 1 { // an email says what else happened
		t.Errorf("the carrier accepted %d SMS", len(keys))
	}
}
