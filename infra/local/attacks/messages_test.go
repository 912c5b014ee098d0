package attacks_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"beian/infra/local/outbox"
	"beian/infra/local/scenario"
	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/process/limits"
)

var sixDigits = regexp.MustCompile(`\b\d{6}\b`)

// words are what an attacker wants to send under the provider's signature.
const words = "您的账户已冻结速点此处解冻"

// deliver waits until all messages are sent.
func deliver(t *testing.T) {
	t.Helper()
	err := scenario.Poll(t.Context(), func() (bool, error) {
		n, err := sys.Parts.Store().OutboxLength(t.Context(), decide.SendNotice, 1)
		return n == 0, err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// call sends a request with a JSON body for an order.
func call(t *testing.T, u *scenario.User, id filing.ID, operation string, body any, status int, want ...string) scenario.Answer {
	t.Helper()
	method, path, _ := strings.Cut(operation, " ")
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return send(t, u, scenario.Request{Method: method, Path: "/orders/" + string(id) + path, Body: text}, status, want...)
}

// openWith logs an applicant in and opens an order for another domain, with another contact.
func openWith(t *testing.T, n int, domain string, contact map[string]any) (*scenario.User, scenario.Application, filing.ID) {
	t.Helper()
	app := scenario.Invented(n)
	if domain != "" {
		app.Open["domains"] = []string{domain}
	}
	if contact != nil {
		app.Contact = contact
	}
	u, err := client.Login(t.Context(), app.Login)
	if err != nil {
		t.Fatal(err)
	}
	o, err := u.OpenOrder(t.Context(), app)
	if err != nil {
		t.Fatal(err)
	}
	return u, app, o.ID
}

// abandon abandons an order and waits until it is closed.
func abandon(t *testing.T, u *scenario.User, id filing.ID) {
	t.Helper()
	if err := u.Abandon(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if _, err := u.AwaitStep(t.Context(), id, filing.Done); err != nil {
		t.Fatal(err)
	}
	deliver(t)
}

// TestStrangersContact: orders with a stranger's contact send the stranger nothing, whatever happens to them, but a few codes that the
// attacker requests: without any word of the attacker's.
func TestStrangersContact(t *testing.T) {
	stranger := map[string]any{"mobile": "18877700001", "email": "stranger@invented-example.com"}
	sent := func() []outbox.Message {
		deliver(t)
		all := append(client.Sent("+8618877700001"), client.Sent("stranger@invented-example.com")...)
		return append(all, client.Sent("stran.ger+1@invented-example.com")...)
	}
	most, codes := limits.Defaults[limits.ContactCode].Max[limits.Recipient], 0
	for i := range most + 1 {
		attacker, _, id := openWith(t, 280+i, fmt.Sprintf("%s%d.com", words, i), stranger)
		if _, err := attacker.AwaitStep(t.Context(), id, filing.VerifyProduct); err != nil {
			t.Fatal(err)
		}
		call(t, attacker, id, "PUT /contact", map[string]any{"language": "en"}, 200)
		if i%2 == 1 { // the same mailbox
			call(t, attacker, id, "PUT /contact", map[string]any{"email": "stran.ger+1@invented-example.com"}, 200)
		}
		if all := sent(); len(all) != codes {
			t.Fatalf("the stranger received %d messages before the attacker requested a code: %s", len(all)-codes, all[len(all)-1].Text)
		}
		for _, channel := range []string{"mobile", "email"} {
			if i == most {
				call(t, attacker, id, "POST /contact-codes", map[string]any{"channel": channel}, 429)
				continue
			}
			call(t, attacker, id, "POST /contact-codes", map[string]any{"channel": channel}, 202)
			call(t, attacker, id, "POST /contact-codes", map[string]any{"channel": channel}, 429, "contact-code-too-soon ")
			codes++
		}
		abandon(t, attacker, id)
	}
	all := sent()
	if len(all) != codes {
		t.Errorf("the stranger received %d messages, want %d codes", len(all), codes)
	}
	for _, m := range all {
		if text := m.Text + m.Subject + m.HTML; !sixDigits.MatchString(m.Text) || strings.Contains(text, words) || strings.Contains(text, "xn--") || strings.Contains(text, "http") {
			t.Errorf("the stranger received: %s", text)
		}
	}
}

// TestManyStrangers: an account sends codes to few contacts a day, and an order to fewer.
func TestManyStrangers(t *testing.T) {
	attacker, _, id := openWith(t, 285, "", map[string]any{"mobile": "18877700109", "email": "stranger285@invented-example.com"})
	for i := range filing.MaxContactAddresses + 1 {
		call(t, attacker, id, "PUT /contact", map[string]any{"mobile": fmt.Sprintf("1887770010%d", i)}, 200)
		if i < filing.MaxContactAddresses {
			call(t, attacker, id, "POST /contact-codes", map[string]any{"channel": "mobile"}, 202)
		} else {
			call(t, attacker, id, "POST /contact-codes", map[string]any{"channel": "mobile"}, 429, "contact-addresses-limit ")
		}
	}
	deliver(t)
	for i := range filing.MaxContactAddresses + 1 {
		if got := len(client.Sent(fmt.Sprintf("+861887770010%d", i))); got > 1 {
			t.Errorf("stranger %d received %d messages", i, got)
		}
	}
}

// TestAgencyVerifiesOnce: an agency opens many orders with its own number and verifies it for the first; the others need no code, which would
// soon exceed what a number receives in a day.
func TestAgencyVerifiesOnce(t *testing.T) {
	orders := limits.Defaults[limits.ContactCode].Max[limits.Recipient] + 2
	contact := map[string]any{"mobile": "18877700320", "email": "agency320@invented-example.com"}
	agency, first, id := openWith(t, 320, "", contact)
	ids := []filing.ID{id}
	for i := range orders {
		app := scenario.Invented(321 + i)
		app.Login, app.Contact = first.Login, contact
		o, err := agency.OpenOrder(t.Context(), app)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, o.ID)
	}
	call(t, agency, id, "POST /contact-codes", map[string]any{"channel": "mobile"}, 202)
	deliver(t)
	sent := client.Sent("+8618877700320")
	call(t, agency, id, "POST /contact-answers", map[string]any{"channel": "mobile", "code": sixDigits.FindString(sent[0].Text)}, 200)
	for _, id := range ids[1:] {
		answer := call(t, agency, id, "POST /contact-codes", map[string]any{"channel": "mobile"}, 202)
		if text := string(answer.Body); !strings.Contains(text, `"inUse":"188****0320"`) {
			t.Errorf("order %s: %s", id, text)
		}
	}
	deliver(t)
	if n := len(client.Sent("+8618877700320")); n != 1 {
		t.Errorf("the agency received %d messages, want one code", n)
	}
}

// TestGuessedContactCode: a code is void after a few wrong tries, and the applicant cannot submit without it.
func TestGuessedContactCode(t *testing.T) {
	app := scenario.Invented(286)
	app.Contact = map[string]any{"mobile": app.Contact["mobile"], "email": "victim@invented-example.com"}
	attacker, err := client.LoginApplicant(t.Context(), admin, app, sys.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	id, err := app.AdvanceTo(t.Context(), attacker, reviewer, filing.CollectDetails)
	if err != nil {
		t.Fatal(err)
	}
	call(t, attacker, id, "PUT /contact", map[string]any{"email": "another-victim@invented-example.com"}, 200)
	call(t, attacker, id, "POST /contact-codes", map[string]any{"channel": "email"}, 202)
	deliver(t)
	code := sixDigits.FindString(client.Sent("another-victim@invented-example.com")[0].Text)
	wrong := "000000"
	if code == wrong {
		wrong = "000001"
	}
	for i := range filing.MaxWrongCodes + 1 {
		want := "contact-code-wrong /code"
		if i == filing.MaxWrongCodes {
			want = "contact-code-expired /code"
		}
		call(t, attacker, id, "POST /contact-answers", map[string]any{"channel": "email", "code": wrong}, 422, want)
	}
	call(t, attacker, id, "POST /contact-answers", map[string]any{"channel": "email", "code": code}, 409, "contact-code-expired /code")
}

// TestWordsInMessages: until a reviewer has passed an application, messages about it have no word of the applicant's: not the domain, in
// none of its forms, nor a name.
func TestWordsInMessages(t *testing.T) {
	domain := words + "290.com"
	attacker, app, id := openWith(t, 290, domain, nil)
	if _, err := attacker.AwaitStep(t.Context(), id, filing.VerifyProduct); err != nil {
		t.Fatal(err)
	}
	if err := attacker.VerifyContact(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	abandon(t, attacker, id)
	mobile, email := client.Sent("+86"+fmt.Sprint(app.Contact["mobile"])), client.Sent(fmt.Sprint(app.Contact["email"]))
	found := 0
	for _, m := range append(mobile, email...) {
		if strings.Contains(m.Text, string(id)) {
			found++
		}
		for _, word := range []string{words, "xn--", "290.com", "示例人"} {
			if strings.Contains(m.Text+m.Subject+m.HTML, word) {
				t.Errorf("a message contains %q: %s", word, m.Text)
			}
		}
	}
	if found != 1 {
		t.Errorf("%d messages say that the order was abandoned, want an email", found)
	}
}

// TestCorrectedAgain: correcting a blocked order again and again sends one message.
func TestCorrectedAgain(t *testing.T) {
	attacker, app, id := openWith(t, 291, "blacklisted-291-first.com", nil)
	blocked := func() {
		t.Helper()
		if err := scenario.Poll(t.Context(), func() (bool, error) {
			o, err := attacker.Order(t.Context(), id)
			return o.Next.Who == "applicant", err
		}); err != nil {
			t.Fatal(err)
		}
	}
	blocked()
	deliver(t)
	for i := range 5 {
		app.Open["domains"] = []string{[]string{"blacklisted-291-second.com", "blacklisted-291-first.com"}[i%2]}
		call(t, attacker, id, "PUT /type", app.Open, 200)
		blocked()
	}
	deliver(t)
	n := 0
	for _, m := range client.Sent("+86" + fmt.Sprint(app.Contact["mobile"])) {
		if strings.Contains(m.Text, "/o/"+id.Link()) {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d SMS about a blocked order, want 1", n)
	}
}

// TestResentCodes: the code of a leader is sent again five times, with growing pauses.
func TestResentCodes(t *testing.T) {
	applicant, app, id := applicantAt(t, 292, filing.VerifySMS)
	mobile := fmt.Sprint(app.Contact["mobile"])
	if _, err := client.AwaitOrderCode(t.Context(), mobile, id); err != nil {
		t.Fatal(err)
	}
	sent := 0
	for range 90 {
		sys.Clock.Advance(time.Minute)
		answer, err := client.Send(t.Context(), applicant, scenario.Request{Method: "POST", Path: "/orders/" + string(id) + "/sms-codes", Body: []byte(`{"index":0}`)})
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case answer.Status == 202:
			sent++
		case answer.Status != 429 || answer.Header.Get("Retry-After") == "" || len(answer.Problem().Findings) != 1:
			t.Fatalf("status %d: %s", answer.Status, answer.Body)
		}
	}
	if sent != len(filing.ResendPauses) {
		t.Errorf("the code was sent again %d times, want %d", sent, len(filing.ResendPauses))
	}
	call(t, applicant, id, "POST /sms-codes", map[string]any{"index": 0}, 429, "sms-resend-limit ")
}

// TestLeadersBeforeReview: a leader who is not the applicant receives nothing before a reviewer has passed the application.
func TestLeadersBeforeReview(t *testing.T) {
	app := scenario.Invented(293)
	leader := map[string]any{"legalRepresentative": true, "mobile": "18877700293", "emergencyPhone": "18877700294", "email": "leader293@invented-example.com"}
	app.Details.Subject["leader"], app.Details.Sites[0]["leader"] = leader, leader
	applicant, err := client.LoginApplicant(t.Context(), admin, app, sys.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	id, err := app.AdvanceTo(t.Context(), applicant, reviewer, filing.InitialReview)
	if err != nil {
		t.Fatal(err)
	}
	deliver(t)
	for _, to := range []string{"+8618877700293", "+8618877700294", "leader293@invented-example.com"} {
		if n := len(client.Sent(to)); n != 0 {
			t.Errorf("%d messages before the review", n)
		}
	}
	if err := reviewer.Approve(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if _, err := client.AwaitOrderCode(t.Context(), "18877700293", id); err != nil {
		t.Fatal(err)
	}
}

// TestChangedContact: whoever takes over an account cannot turn the messages away unnoticed. The former contact is informed, and messages go
// to it until the new one is verified.
func TestChangedContact(t *testing.T) {
	thief, app, id := applicantAt(t, 294, filing.CollectDetails)
	owner := fmt.Sprint(app.Contact["email"])
	deliver(t)
	before := len(client.Sent(owner))
	call(t, thief, id, "PUT /contact", map[string]any{"mobile": "18877700295", "email": "thief294@invented-example.com"}, 200)
	abandon(t, thief, id)
	var got []string
	for _, m := range client.Sent(owner)[before:] {
		got = append(got, m.Subject)
	}
	if len(got) != 2 || !strings.Contains(got[0], "联系方式已修改") || !strings.Contains(got[1], "已放弃") {
		t.Errorf("the owner received %q", got)
	}
	if n := len(client.Sent("thief294@invented-example.com")) + len(client.Sent("+8618877700295")); n != 0 {
		t.Errorf("the thief received %d messages", n)
	}
}
