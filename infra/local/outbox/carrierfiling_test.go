package outbox_test

import (
	"context"
	"log/slog"
	"net/http"
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

// TestFilingThroughTheCarrier: a whole system whose SMS go out through the carrier, and not through SNS, up to the codes
// of the SMS check.
func TestFilingThroughTheCarrier(t *testing.T) {
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(folder) // the evidence store changes it
	s, err := system.Start(t.Context(), system.Config{
		Folder: t.TempDir(), Clock: clock.StandingAt(time.Date(2021, 3, 1, 1, 30, 0, 0, time.UTC)), Staff: demo.Staff, Carrier: true,
		ReviewDelay: 10 * time.Millisecond, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	world := &scenario.Client{Portal: s.PortalURL, HTTP: &http.Client{Timeout: 30 * time.Second}, Sent: s.Outbox.Sent, SMSSecret: []byte(system.SMSSecret)}
	login := func(ctx context.Context, who string) *scenario.User {
		t.Helper()
		p, err := world.Login(ctx, who)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	app := scenario.Invented(1)
	me, reviewer, admin := login(t.Context(), app.Login), login(t.Context(), demo.ReviewerLogin), login(t.Context(), demo.AdminLogin)
	now := s.Clock.Now()
	if err := admin.ListServer(t.Context(), app.Server, me.Account(), now.AddDate(0, -1, 0), now.AddDate(1, 0, 0)); err != nil {
		t.Fatal(err)
	}
	id, err := app.AdvanceTo(t.Context(), me, reviewer, filing.VerifySMS)
	if err != nil {
		t.Fatal(err)
	}
	for _, mobile := range scenario.LeaderMobiles(app.Details) {
		if _, err := world.AwaitOrderCode(t.Context(), mobile, id); err != nil {
			t.Errorf("no code came: %v", err)
		}
	}
	if counts := s.Traffic.Counts(); counts["sns:Publish"] > 0 || counts["ses:SendEmail"] == 0 {
		t.Errorf("%d SMS went through SNS, %d emails through SES", counts["sns:Publish"], counts["ses:SendEmail"])
	}
	keys := map[string]bool{}
	for _, m := range s.Outbox.Sent("") {
		if key := m.Attributes["beian-key"]; m.Kind == outbox.SMS && key != "" {
			if keys[key] {
				t.Errorf("an SMS was taken twice: %s", key)
			}
			keys[key] = true
		}
	}
	if len(keys) < 2 {
		t.Errorf("the carrier has taken %d SMS", len(keys))
	}
}
