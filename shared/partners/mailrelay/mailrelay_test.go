package mailrelay_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"beian/infra/local/mailserver"
	"beian/shared/partners/mailrelay"
	"beian/shared/partners/messageid"
	"beian/shared/rules/contact"
	"beian/shared/rules/fault"
)

const (
	from    = "备案 Beian <beian@provider.example>"
	address = contact.Email("applicant@example.cn")
	text    = "您好：\n\n好消息。\n"
	key     = "notice_01DX2QTM8000000000000000NT"
)

var email = mailrelay.Email{From: from, Subject: "【示例云】您的备案已通过：京ICP备12345678号-1，请把备案号放到网站底部并链接到工信部网站", Text: text, HTML: "<p>您好：</p>",
	Unsubscribe: "https://portal.example.cn/mute/token"}

// start returns a server and a client of it.
func start(t *testing.T, c mailserver.Config, change func(*mailrelay.Relay)) (*mailserver.Server, *mailrelay.Client) {
	t.Helper()
	server, err := mailserver.Start(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	relay, err := mailrelay.ParseURL(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	if c.TLS {
		relay.Roots = server.Roots()
	}
	if change != nil {
		change(&relay)
	}
	client, err := mailrelay.New(relay)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return server, client
}

// TestSend sends an email over each kind of connection, and reads what came as a mail program does.
func TestSend(t *testing.T) {
	for name, c := range map[string]mailserver.Config{
		"this machine": {}, "with a password": {User: "beian@provider.example", Password: "p@ss word"},
		"STARTTLS": {TLS: true, User: "beian", Password: "secret"}, "TLS": {TLS: true, Implicit: true, User: "beian", Password: "secret"},
		"LOGIN": {TLS: true, User: "beian", Password: "secret", OnlyLogin: true},
	} {
		t.Run(name, func(t *testing.T) {
			server, client := start(t, c, nil)
			if err := client.Send(t.Context(), address, email, key); err != nil {
				t.Fatal(err)
			}
			got := server.Received()
			if len(got) != 1 || got[0].From != "beian@provider.example" || len(got[0].To) != 1 || got[0].To[0] != address.Reveal() || got[0].Encrypted != c.TLS || got[0].User != c.User {
				t.Fatalf("received %+v", got)
			}
			checkEmail(t, got[0].Data)
		})
	}
}

func checkEmail(t *testing.T, data string) {
	t.Helper()
	for line := range strings.Lines(data) {
		if len(line) > 200 || strings.ContainsFunc(line, func(r rune) bool { return r > 126 }) {
			t.Errorf("a line is too long or not ASCII: %q", line)
		}
	}
	m, err := mail.ReadMessage(strings.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	decoder := mime.WordDecoder{}
	for name, want := range map[string]string{
		"Subject": email.Subject, "List-Unsubscribe": "<" + email.Unsubscribe + ">", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click", "Auto-Submitted": "auto-generated",
	} {
		if got, err := decoder.DecodeHeader(m.Header.Get(name)); got != want || err != nil {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if sender, err := m.Header.AddressList("From"); err != nil || sender[0].Name != "备案 Beian" || sender[0].Address != "beian@provider.example" {
		t.Errorf("from %v, %v", sender, err)
	}
	id := m.Header.Get("Message-ID")
	if got, _ := messageid.Parse(id); got != key || !strings.HasSuffix(id, "@provider.example>") {
		t.Errorf("Message-ID %s", id)
	}
	if at, err := m.Header.Date(); err != nil || time.Since(at) > time.Minute {
		t.Errorf("date %s, %v", at, err)
	}
	_, parameters, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	parts := multipart.NewReader(m.Body, parameters["boundary"])
	for _, want := range [][2]string{{"text/plain; charset=utf-8", email.Text}, {"text/html; charset=utf-8", email.HTML}} {
		part, err := parts.NextPart()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, part))
		if err != nil || part.Header.Get("Content-Type") != want[0] || string(body) != want[1] {
			t.Errorf("%s: %q, %v", part.Header.Get("Content-Type"), body, err)
		}
	}
}

// TestChineseDomain: the domain of an address is sent in ASCII, for most relays refuse others.
func TestChineseDomain(t *testing.T) {
	server, client := start(t, mailserver.Config{}, nil)
	if err := client.Send(t.Context(), "applicant@例子.中国", email, key); err != nil {
		t.Fatal(err)
	}
	got := server.Received()
	if len(got) != 1 || got[0].To[0] != "applicant@xn--fsqu00a.xn--fiqs8s" {
		t.Fatalf("received %+v", got)
	}
	checkEmail(t, got[0].Data)
}

// TestMessageID: an attempt that is repeated has the same id, another recipient another.
func TestMessageID(t *testing.T) {
	server, client := start(t, mailserver.Config{}, nil)
	for _, to := range []contact.Email{address, address, "other@example.cn"} {
		if err := client.Send(t.Context(), to, email, key); err != nil {
			t.Fatal(err)
		}
	}
	var ids []string
	for _, one := range server.Received() {
		m, err := mail.ReadMessage(strings.NewReader(one.Data))
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, m.Header.Get("Message-ID"))
	}
	if ids[0] != ids[1] || ids[1] == ids[2] {
		t.Errorf("ids %q", ids)
	}
}

func TestErrorsAreClassifiedWithoutPersonalData(t *testing.T) {
	const words = "applicant@example.cn is not wanted"
	none := smtp.NoEnhancedCode
	for _, c := range []struct {
		at       mailserver.Stage
		code     int
		enhanced smtp.EnhancedCode
		want     fault.Kind
		says     string
	}{
		{mailserver.Login, 535, smtp.EnhancedCode{5, 7, 8}, fault.Unavailable, "535 5.7.8"},
		{mailserver.Login, 454, smtp.EnhancedCode{4, 7, 0}, fault.Unavailable, "454 4.7.0"},
		{mailserver.Sender, 550, smtp.EnhancedCode{5, 1, 0}, fault.Unavailable, "550 5.1.0"}, // it is not verified
		{mailserver.Sender, 421, none, fault.Unavailable, "421"},
		{mailserver.Recipient, 550, smtp.EnhancedCode{5, 1, 1}, fault.Invalid, "550 5.1.1"},
		{mailserver.Recipient, 550, none, fault.Invalid, "550"},
		{mailserver.Recipient, 554, smtp.EnhancedCode{5, 1, 2}, fault.Invalid, "554 5.1.2"},
		{mailserver.Recipient, 554, none, fault.Unavailable, "554"},
		{mailserver.Recipient, 550, smtp.EnhancedCode{5, 7, 1}, fault.Unavailable, "550 5.7.1"}, // no right to relay
		{mailserver.Recipient, 530, none, fault.Unavailable, "530"},
		{mailserver.Recipient, 450, smtp.EnhancedCode{4, 2, 1}, fault.Unavailable, "450 4.2.1"},
		{mailserver.Submission, 552, smtp.EnhancedCode{5, 3, 4}, fault.Invalid, "552 5.3.4"},
		{mailserver.Submission, 554, none, fault.Invalid, "554"},
		{mailserver.Submission, 554, smtp.EnhancedCode{5, 6, 0}, fault.Invalid, "554 5.6.0"},
		{mailserver.Submission, 550, smtp.EnhancedCode{5, 7, 1}, fault.Unavailable, "550 5.7.1"}, // a limit of the account
		{mailserver.Submission, 451, smtp.EnhancedCode{4, 3, 0}, fault.Unavailable, "451 4.3.0"},
	} {
		t.Run(fmt.Sprint(c.at, " ", c.code, c.enhanced), func(t *testing.T) {
			server, client := start(t, mailserver.Config{User: "beian", Password: "secret"}, nil)
			server.Refuse(c.at, &smtp.SMTPError{Code: c.code, EnhancedCode: c.enhanced, Message: words})
			err := client.Send(t.Context(), address, email, key)
			if got := fault.KindOf(err); got != c.want {
				t.Errorf("%v is %s, want %s", err, got, c.want)
			}
			var coded interface{ ErrorCode() string }
			if !errors.As(err, &coded) || coded.ErrorCode() != c.says {
				t.Errorf("%v has not the code %s", err, c.says)
			}
			checkNoPersonalData(t, err)
			server.Refuse("", nil)
			if err := client.Send(t.Context(), address, email, key); err != nil {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}

func checkNoPersonalData(t *testing.T, err error) {
	t.Helper()
	for _, secret := range []string{"applicant", text, "not wanted", "secret", "mute"} {
		if strings.Contains(fmt.Sprint(err), secret) {
			t.Errorf("%v has %q", err, secret)
		}
	}
}

// TestNothingInClearText: elsewhere than on this machine, neither password nor email leave without TLS that is verified.
func TestNothingInClearText(t *testing.T) {
	for name, c := range map[string]struct {
		config mailserver.Config
		change func(*mailrelay.Relay)
	}{
		// With roots, a relay on this machine is treated as one elsewhere.
		"no TLS":           {mailserver.Config{User: "beian", Password: "secret"}, func(r *mailrelay.Relay) { r.Roots = mailserver.NoRoots() }},
		"a strange issuer": {mailserver.Config{TLS: true, User: "beian", Password: "secret"}, func(r *mailrelay.Relay) { r.Roots = mailserver.NoRoots() }},
		"the same, smtps":  {mailserver.Config{TLS: true, Implicit: true, User: "beian", Password: "secret"}, func(r *mailrelay.Relay) { r.Roots = mailserver.NoRoots() }},
		"another host":     {mailserver.Config{TLS: true, User: "beian", Password: "secret"}, func(r *mailrelay.Relay) { r.Host = "localhost" }},
	} {
		t.Run(name, func(t *testing.T) {
			server, client := start(t, c.config, c.change)
			err := client.Send(t.Context(), address, email, key)
			if fault.KindOf(err) != fault.Unavailable || len(server.Received()) != 0 || server.Logins() != 0 {
				t.Errorf("%v; %d emails, %d log-ins", err, len(server.Received()), server.Logins())
			}
			checkNoPersonalData(t, err)
		})
	}
}

// TestConnectionsAreUsedAgain: one connection suffices for emails that follow each other, four for many at once; one that the relay closed is replaced.
func TestConnectionsAreUsedAgain(t *testing.T) {
	server, client := start(t, mailserver.Config{TLS: true, User: "beian", Password: "secret"}, nil)
	send := func() {
		if err := client.Send(t.Context(), address, email, key); err != nil {
			t.Error(err)
		}
	}
	for range 5 {
		send()
	}
	if got := server.Logins(); got != 1 {
		t.Errorf("%d connections for five emails", got)
	}
	server.CloseConnections()
	send()
	if got := server.Logins(); got != 2 {
		t.Errorf("%d connections after the relay closed the first", got)
	}
	var all sync.WaitGroup
	for range 32 {
		all.Go(send)
	}
	all.Wait()
	if got := server.Logins(); got > 5 {
		t.Errorf("%d connections for 32 emails at once", got)
	}
	if got := len(server.Received()); got != 38 {
		t.Errorf("%d emails", got)
	}
}

// TestASilentRelayIsLeft: an attempt ends with its context, and the email is tried again later.
func TestASilentRelayIsLeft(t *testing.T) {
	for _, at := range []mailserver.Stage{mailserver.Greeting, mailserver.Login, mailserver.Recipient, mailserver.Submission} {
		t.Run(string(at), func(t *testing.T) {
			server, client := start(t, mailserver.Config{User: "beian", Password: "secret"}, nil)
			server.Hang(at)
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			began := time.Now()
			err := client.Send(ctx, address, email, key)
			if fault.KindOf(err) != fault.Unavailable || time.Since(began) > 5*time.Second {
				t.Errorf("%v after %s", err, time.Since(began))
			}
			checkNoPersonalData(t, err)
		})
	}
}

func TestUnreachable(t *testing.T) {
	server, client := start(t, mailserver.Config{}, nil)
	server.Close()
	err := client.Send(t.Context(), address, email, key)
	if got := fault.KindOf(err); got != fault.Unavailable {
		t.Errorf("kind %s", got)
	}
	checkNoPersonalData(t, err)
}

// TestInjection: no value begins another header or command.
func TestInjection(t *testing.T) {
	server, client := start(t, mailserver.Config{}, nil)
	for name, c := range map[string]struct {
		to    contact.Email
		email mailrelay.Email
		key   string
	}{
		"recipient":   {"a@example.cn>\r\nDATA", email, key},
		"link":        {address, mailrelay.Email{From: from, Subject: "x", Text: "x", Unsubscribe: "https://x/\r\nBcc: b@example.cn"}, key},
		"key":         {address, email, "k\r\nBcc: b@example.cn"},
		"sender":      {address, mailrelay.Email{From: "Beian\r\nBcc: b@example.cn", Subject: "x", Text: "x"}, key},
		"sender name": {address, mailrelay.Email{From: "nothing", Subject: "x", Text: "x"}, key},
	} {
		if err := client.Send(t.Context(), c.to, c.email, c.key); fault.KindOf(err) != fault.Internal {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := client.Send(t.Context(), address, mailrelay.Email{From: from, Subject: "x\r\nBcc: b@example.cn", Text: "x\r\n.\r\nRSET"}, key); err != nil {
		t.Fatal(err)
	}
	got := server.Received()
	if len(got) != 1 || strings.Contains(got[0].Data, "\nBcc") {
		t.Errorf("received %+v", got)
	}
}

func TestParseURL(t *testing.T) {
	for text, want := range map[string]mailrelay.Relay{
		"smtps://beian%40provider.example@smtp.example": {Host: "smtp.example", Port: 465, Implicit: true, User: "beian@provider.example"},
		"smtp://user:p%40ss@smtp.example:2525":          {Host: "smtp.example", Port: 2525, User: "user", Password: "p@ss"},
		"smtp://[::1]":                                  {Host: "::1", Port: 587},
	} {
		if got, err := mailrelay.ParseURL(text); got != want || err != nil {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
		again, err := mailrelay.ParseURL(want.URL())
		if want.Password = ""; again != want || err != nil {
			t.Errorf("%s is written %s", text, want.URL())
		}
	}
	for _, text := range []string{"", "example.com:25", "http://example.com", "smtp://", "smtps://h:0", "smtps://h:99999", "smtp://h/path", "smtp://u:se%zzcret@h"} {
		_, err := mailrelay.ParseURL(text)
		if err == nil || strings.Contains(err.Error(), "cret") {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, r := range []mailrelay.Relay{{Port: 465}, {Host: "h"}, {Host: "h", Port: 465, User: "u"}, {Host: "h", Port: 465, Password: "p"}} {
		if _, err := mailrelay.New(r); err == nil {
			t.Errorf("%+v is accepted", r)
		}
	}
	if u, err := url.Parse((mailrelay.Relay{Host: "h", Port: 1, User: "a@b"}).URL()); err != nil || u.User.Username() != "a@b" {
		t.Errorf("%v, %v", u, err)
	}
}
