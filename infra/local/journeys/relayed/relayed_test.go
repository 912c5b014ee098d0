// Package relayed_test reports bounces to a whole system that sends email through a mail relay, as in a Region of China.
package relayed_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"beian/infra/local/clock"
	"beian/infra/local/mailserver"
	"beian/infra/local/outbox"
	"beian/infra/local/privilege"
	"beian/infra/local/scenario"
	"beian/infra/local/system"
	"beian/infra/local/systemtest"
	"beian/shared/filing"
	"beian/shared/filing/upkeep"
	"beian/shared/partners/webhook"
	"beian/shared/process/decide"
	"beian/shared/rules/workday"
	"beian/shared/web"
)

// The system of all tests, and its mail relay.
var (
	sys             *system.System
	client          *scenario.Client
	reviewer, admin *scenario.User
	relay           *mailserver.Server
)

// deployGuide is read before the system starts, which changes the working directory.
var deployGuide, errDeployGuide = os.ReadFile("../../../../.github/docs/deploy.md")

func TestMain(m *testing.M) {
	var err error
	if relay, err = mailserver.Start(mailserver.Config{User: "beian@provider.example", Password: "p@ss word"}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	config := system.Config{Programs: os.Getenv("PROGRAMS"), Clock: clock.StandingAt(time.Date(2026, 3, 2, 1, 30, 0, 0, time.UTC)), Limits: system.Unlimited, Relay: relay.URL(), Carrier: true}
	systemtest.Main(m, config, "../../../stack/testdata/golden", func(s *systemtest.Suite) {
		sys, client, reviewer, admin = s.System, s.Client, s.Reviewer, s.Admin
		client.Sent = sent
	}, unusedPermissions)
}

// dueReminder begins the line about a permission that no test needs: a reminder that is due while a bounce of its filing is counted is sent at once, and its recipient's SMS of the day are looked up
// by a keyed hash. Here the schedule sends it first.
const dueReminder = "mailbounce may kms:GenerateMac "

// unusedPermissions reports what the role of the webhook allows and no test needed, if all tests ran; the other roles are proved by the other journeys.
func unusedPermissions(s *systemtest.Suite, proof *privilege.Proof) error {
	if flag.Lookup("test.run").Value.String() != "" {
		return nil
	}
	var unused []string
	for _, line := range proof.Unused(s.Calls(proof)) {
		if strings.HasPrefix(line, "mailbounce ") && !strings.HasPrefix(line, dueReminder) {
			unused = append(unused, line)
		}
	}
	if len(unused) > 0 {
		return errors.New(strings.Join(unused, "\n"))
	}
	return nil
}

// sent returns what was sent to a phone or a mailbox: email is at the relay.
func sent(to string) []outbox.Message {
	all := sys.Outbox.Sent(to)
	for _, e := range relay.Received() {
		if slices.Contains(e.To, to) {
			all = append(all, outbox.Message{To: e.To, Text: textOf(e.Data)})
		}
	}
	return all
}

// textOf returns the text of an email.
func textOf(data string) string {
	m, err := mail.ReadMessage(strings.NewReader(data))
	if err != nil {
		panic(err) // the relay got no email
	}
	_, boundary, _ := strings.Cut(m.Header.Get("Content-Type"), "boundary=")
	part, err := multipart.NewReader(m.Body, boundary).NextPart()
	if err != nil {
		panic(err)
	}
	text, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, part))
	if err != nil {
		panic(err)
	}
	return string(text)
}

// awaitEmail waits for an email with some words, and returns it as the relay got it.
func awaitEmail(t *testing.T, to, words string) (data string) {
	t.Helper()
	if err := scenario.Poll(t.Context(), func() (bool, error) {
		for _, e := range relay.Received() {
			if slices.Contains(e.To, to) && strings.Contains(textOf(e.Data), words) {
				data = e.Data
			}
		}
		return data != "", nil
	}); err != nil {
		t.Fatalf("no email has %s: %v", words, err)
	}
	return data
}

// bounceOf returns the notification with which a mail server reports that it could not deliver an email.
func bounceOf(email string) string {
	header, _, _ := strings.Cut(strings.ReplaceAll(email, "\r\n", "\n"), "\n\n")
	return "From MAILER-DAEMON Mon Mar  2 09:30:00 2026\nFrom: MAILER-DAEMON@mail.example\nTo: beian@provider.example\nSubject: Undelivered Mail Returned to Sender\nMIME-Version: 1.0\n" +
		"Content-Type: multipart/report; report-type=delivery-status;\n\tboundary=\"4F2A.1/mail.example\"\n\n" +
		"--4F2A.1/mail.example\nContent-Type: text/plain; charset=us-ascii\n\nI could not deliver your message.\n\n" +
		"--4F2A.1/mail.example\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mail.example\n\nFinal-Recipient: rfc822; person@example.cn\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no such user\n\n" +
		"--4F2A.1/mail.example\nContent-Type: text/rfc822-headers\n\n" + header + "\n\n--4F2A.1/mail.example--\n"
}

// post reports a message, and returns the status and the result.
func post(t *testing.T, secret webhook.Secret, message string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, client.Portal+"/webhooks/bounces", strings.NewReader(message))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "message/rfc822")
	for name, value := range webhook.Sign("bounce", []byte(message), time.Now(), secret).Map() {
		r.Header.Set(name, value)
	}
	response, err := client.HTTP.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var answer struct{ Result string }
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, answer.Result
}

// report reports a bounce as a mail server does, again while it is too early, and requires that it is counted.
func report(t *testing.T, message string) {
	t.Helper()
	var status int
	var result string
	if err := scenario.Poll(t.Context(), func() (bool, error) {
		status, result = post(t, system.BounceSecret, message)
		return status != http.StatusServiceUnavailable, nil
	}); err != nil || status != http.StatusOK || result != "counted" {
		t.Errorf("%d %s, %v", status, result, err)
	}
}

// bounced returns how many bounces the figures of the staff show.
func bounced(t *testing.T) (n int) {
	t.Helper()
	got, err := scenario.Figures(t.Context(), sys, admin)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range got.Messages {
		n += m.Bounced
	}
	return n
}

// TestBounces: an applicant's emails bounce, and so does a reminder after the approval. The figures count each once, and the filing says that its contact gets no messages.
func TestBounces(t *testing.T) {
	ctx, app := t.Context(), scenario.Invented(10970)
	applicant, err := client.LoginApplicant(ctx, admin, app, sys.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	id, err := app.AdvanceTo(ctx, applicant, reviewer, filing.VerifySMS)
	if err != nil {
		t.Fatal(err)
	}
	to, mobile := fmt.Sprint(app.Contact["email"]), scenario.LeaderMobiles(app.Details)[0]
	before := bounced(t)
	message := bounceOf(awaitEmail(t, to, "提交"))
	if status, _ := post(t, webhook.NewSecret(), message); status != http.StatusUnauthorized || bounced(t) != before {
		t.Errorf("with another secret: %d", status)
	}
	for range 2 {
		report(t, message)
		if got := bounced(t) - before; got != 1 {
			t.Errorf("%d bounces are counted, want 1", got)
		}
	}

	code, err := client.AwaitOrderCode(ctx, mobile, id)
	if err != nil {
		t.Fatal(err)
	}
	if err := client.ReplySMS(ctx, "in-10970", mobile, code); err != nil {
		t.Fatal(err)
	}
	if _, err := applicant.AwaitStep(ctx, id, filing.Done); err != nil {
		t.Fatal(err)
	}
	awaitDuty(t, applicant, func(d web.UpkeepDuty) bool { return d.Kind == upkeep.PublicSecurity })
	sys.Clock.Set(workday.DateOf(sys.Clock.Now()).AddDays(4).Time().Add(10 * time.Hour)) // the first reminder of the public-security filing
	if _, err := sys.Functions.Invoke(ctx, "reminders", []byte("{}")); err != nil {
		t.Fatal(err)
	}
	reminder := bounceOf(awaitEmail(t, to, "不会再提醒"))
	for range 2 {
		report(t, reminder)
	}
	awaitDuty(t, applicant, func(d web.UpkeepDuty) bool { return d.Code == upkeep.CodeContactDead })
	if got := bounced(t) - before; got != 2 {
		t.Errorf("%d bounces are counted, want 2", got)
	}
}

// awaitDuty waits until the applicant's filing owes something.
func awaitDuty(t *testing.T, applicant *scenario.User, is func(web.UpkeepDuty) bool) {
	t.Helper()
	var owed web.Upkeep
	err := scenario.Poll(t.Context(), func() (bool, error) {
		if _, err := sys.Functions.Invoke(t.Context(), "reminders", []byte("{}")); err != nil {
			return false, err
		}
		all, err := applicant.Filings(t.Context())
		if err != nil || len(all) == 0 {
			return false, err
		}
		err = applicant.Call(t.Context(), http.MethodGet, "/filings/"+string(all[0].ID)+"/upkeep", nil, &owed)
		return slices.ContainsFunc(owed.Duties, is), err
	})
	if err != nil {
		t.Fatalf("it owes %+v: %v", owed.Duties, err)
	}
}

// TestScript runs the script of deploy.md, as a mail server does.
func TestScript(t *testing.T) {
	block := regexp.MustCompile("(?s)```sh\n(#!/bin/sh\n# beian-bounce .*?)```").FindSubmatch(deployGuide)
	if block == nil {
		t.Fatalf("deploy.md has no script: %v", errDeployGuide)
	}
	folder := t.TempDir()
	file := func(name string) string { return filepath.Join(folder, name) }
	script, right, wrong, two := file("beian-bounce"), file("right"), file("wrong"), file("two")
	for _, err := range []error{os.WriteFile(script, block[1], 0o700),
		os.WriteFile(right, []byte(strings.TrimPrefix(system.BounceSecret.Reveal(), "whsec_")+"\n"), 0o400), os.WriteFile(wrong, []byte(webhook.NewSecret().Reveal()), 0o400),
		os.WriteFile(two, []byte(system.BounceSecret.Reveal()+","+webhook.NewSecret().Reveal()), 0o400)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	run := func(secret, message string, exit int, want string) {
		t.Helper()
		c := exec.CommandContext(t.Context(), script, client.Portal+"/webhooks/bounces", secret)
		c.Env, c.Stdin = append(os.Environ(), "TMPDIR="+folder), strings.NewReader(message)
		out, err := c.Output()
		if exited, failed := errors.AsType[*exec.ExitError](err); c.ProcessState.ExitCode() != exit || !strings.Contains(string(out), want) {
			if failed {
				out = append(out, exited.Stderr...)
			}
			t.Errorf("exit code %d, want %d: %s, want %s", c.ProcessState.ExitCode(), exit, out, want)
		}
	}
	app := scenario.Invented(10971)
	applicant, err := client.LoginApplicant(t.Context(), admin, app, sys.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := app.AdvanceTo(t.Context(), applicant, reviewer, filing.VerifyAuthenticity); err != nil {
		t.Fatal(err)
	}
	before, message := bounced(t), bounceOf(awaitEmail(t, fmt.Sprint(app.Contact["email"]), "验证码"))
	if err := scenario.Poll(t.Context(), func() (bool, error) { // the script is not early
		sending, err := sys.Parts.Store().Outbox(t.Context(), decide.SendNotice, 1)
		return len(sending) == 0, err
	}); err != nil {
		t.Fatal(err)
	}
	run(right, message, 0, `"counted"`)
	run(right, message, 0, `"counted"`)
	if got := bounced(t) - before; got != 1 {
		t.Errorf("%d bounces are counted, want 1", got)
	}
	run(two, message, 0, `"counted"`)
	run(right, "", 0, `"bounce-unreadable"`)
	run(right, "From: person@example.cn\nAuto-Submitted: auto-replied\n\nI am away.\n", 0, `"bounce-other-message"`)
	run(right, "From: person@example.cn\n\n"+strings.Repeat("\x00\xff long", 1<<20), 0, `"bounce-other-message"`)
	run(wrong, "From: person@example.cn\n\n", 75, `"error"`)
	run(file("missing"), message, 75, `"error"`)
	if left, err := filepath.Glob(file("tmp*")); err != nil || len(left) > 0 {
		t.Errorf("it leaves %q, %v", left, err)
	}
	t.Run("a full disk", func(t *testing.T) { fillDisk(t, script, right) })
	t.Run("ended by the mail server", func(t *testing.T) { endScript(t, script, right) })
}

// fillDisk runs the script where it cannot write the whole message: it must not report a part of it, which could count as something else.
func fillDisk(t *testing.T, script, secret string) {
	c := exec.CommandContext(t.Context(), "sh", "-c", `ulimit -f 16; exec "$0" "$@"`, script, client.Portal+"/webhooks/bounces", secret)
	c.Env, c.Stdin = append(os.Environ(), "TMPDIR="+t.TempDir()), strings.NewReader(strings.Repeat("x", 100<<10))
	if out, _ := c.Output(); c.ProcessState.ExitCode() != 75 || len(out) > 0 {
		t.Errorf("exit code %d: %s", c.ProcessState.ExitCode(), out)
	}
}

// endScript ends the script while the portal does not answer: it leaves no message behind.
func endScript(t *testing.T, script, secret string) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	folder := t.TempDir()
	c := exec.CommandContext(t.Context(), script, "http://"+silent.Addr().String(), secret)
	c.Env, c.Stdin, c.SysProcAttr = append(os.Environ(), "TMPDIR="+folder), strings.NewReader("From: person@example.cn\n\n"), &syscall.SysProcAttr{Setpgid: true}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	connection, err := silent.Accept()
	if err == nil {
		defer connection.Close()
		err = syscall.Kill(-c.Process.Pid, syscall.SIGTERM)
	}
	c.Wait() // the exit code says more
	left, readErr := os.ReadDir(folder)
	if err := errors.Join(err, readErr); err != nil || len(left) > 0 || c.ProcessState.ExitCode() != 75 {
		t.Errorf("exit code %d, it leaves %v, %v", c.ProcessState.ExitCode(), left, err)
	}
}
