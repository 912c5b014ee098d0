package outbox_test

import (
	"context"
	"net/mail"
	"strings"
	"testing"
	"time"

	"beian/infra/local/demo"
	"beian/infra/local/mailserver"
	"beian/infra/local/scenario"
	"beian/infra/local/system"
	"beian/shared/filing"
	"beian/shared/partners/messageid"
)

// TestFilingThroughARelay opens an application in a system that sends email through a mail relay instead of SES, until the code that verifies the contact's address
// is at the relay.
func TestFilingThroughARelay(t *testing.T) {
	post, err := mailserver.Start(mailserver.Config{User: "beian@provider.example", Password: "p@ss word"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(post.Close)
	s := startSystem(t, system.Config{Relay: post.URL()})
	client := scenario.NewClient(s)
	operator, reviewer, err := demo.LogInStaff(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	app := scenario.Invented(10930)
	applicant, err := client.LoginApplicant(t.Context(), operator, app, s.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	before := s.Traffic.Counts()["ses:SendEmail"]
	ctx, cancel := context.WithTimeout(t.Context(), 45*time.Second)
	defer cancel()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = app.AdvanceTo(ctx, applicant, reviewer, filing.VerifyAuthenticity) // waits for the code in the outbox, where it does not arrive
	}()
	for len(post.Received()) == 0 && ctx.Err() == nil {
		time.Sleep(20 * time.Millisecond)
	}
	cancel()
	<-ended
	received := post.Received()
	if len(received) == 0 {
		t.Fatal("no email is at the relay")
	}
	m, err := mail.ReadMessage(strings.NewReader(received[0].Data))
	if err != nil {
		t.Fatal(err)
	}
	if key, _ := messageid.Parse(m.Header.Get("Message-ID")); key == "" || received[0].From != "beian@provider.example" || received[0].User != "beian@provider.example" {
		t.Errorf("%s from %s", m.Header.Get("Message-ID"), received[0].From)
	}
	if got := s.Traffic.Counts()["ses:SendEmail"]; got != before {
		t.Errorf("%d emails went through SES", got-before)
	}
}
