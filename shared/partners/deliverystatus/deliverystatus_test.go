package deliverystatus_test

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"beian/shared/partners/deliverystatus"
	"beian/shared/rules/finding"
)

// id is the Message-ID of the email that bounced.
const id = "<notice_01DX2QTM8000000000000000NT.0123456789abcdef@provider.example>"

const original = "Received: from a.example by b.example; Sat, 28 Nov 2026 08:00:00 +0000\nFrom: Beian <beian@provider.example>\nTo: <applicant@example.cn>\nMessage-ID: " + id + "\nSubject: =?utf-8?b?5aSH5qGI?=\n"

// report returns a notification with a delivery status and other parts, whose lines end as those of a program's input.
func report(status string, parts ...string) string {
	all := append([]string{"Content-Type: text/plain\n\nThe email to applicant@example.cn could not be delivered.\n", "Content-Type: message/delivery-status\n\n" + status}, parts...)
	return "From: MAILER-DAEMON@mail.example\nTo: beian@provider.example\nAuto-Submitted: auto-replied\nContent-Type: multipart/report; report-type=delivery-status;\n\tboundary=\"b/1\"\nMIME-Version: 1.0\n\n" + join("b/1", all...)
}

func join(boundary string, parts ...string) string {
	text := "This is a MIME message.\n"
	for _, p := range parts {
		text += "\n--" + boundary + "\n" + p
	}
	return text + "\n--" + boundary + "--\n"
}

// status returns a delivery status about one recipient.
func status(action, code string) string {
	return fmt.Sprintf("Reporting-MTA: dns; mail.example\nArrival-Date: Sat, 28 Nov 2026 08:00:00 +0000\n\nFinal-Recipient: rfc822; applicant@example.cn\nAction: %s\nStatus: %s\nDiagnostic-Code: smtp; 550 5.1.1\n   <applicant@example.cn>: no such user\n", action, code)
}

const quoted = "Content-Type: message/rfc822\n\n" + original + "\nHello.\n"

const other = "Content-Type: message/rfc822\n\nMessage-ID: <another@provider.example>\n\nHello.\n"

// samples are messages that come to the mailbox of a sender, with the reason why they do not count, "" for those that do.
var samples = map[string]struct {
	message string
	reason  finding.Code
}{
	"the email follows":                 {report(status("failed", "5.1.1"), quoted), ""},
	"its header follows":                {report(status("failed", "5.1.1"), "Content-Type: text/rfc822-headers; charset=us-ascii\n\n"+original), ""},
	"lines end with CR and LF":          {strings.ReplaceAll(report(status("failed", "5.1.1"), quoted), "\n", "\r\n"), ""},
	"piped by a mail server":            {"From MAILER-DAEMON Sat Nov 28 08:00:00 2026\n" + report(status("failed", "5.1.1"), quoted), ""},
	"in capitals, with comments":        {report(status("Failed (user unknown)", "5.1.1 (bad mailbox)"), strings.Replace(quoted, "Message-ID", "MESSAGE-ID", 1)), ""},
	"one of two recipients":             {report(status("delayed", "4.4.7")+"\nFinal-Recipient: rfc822; b@example.cn\nAction: failed\nStatus: 5.2.2\n", quoted), ""},
	"all fields in one block":           {report("Reporting-MTA: dns; mail.example\nAction: failed\nStatus: 5.0.0\n", quoted), ""},
	"a line that is no field":           {report("Reporting-MTA: dns; mail.example\nwithout a colon\n\n"+status("failed", "5.1.1"), "Content-Type: message/rfc822\n\n>From a Sat Nov 28\n"+original), ""},
	"in UTF-8, base64":                  {"Content-Type: multipart/report; boundary=b\n\n" + join("b", base64Of("message/global-delivery-status", status("failed", "5.1.1")), base64Of("message/global-headers", original)), ""},
	"quoted-printable":                  {report(status("failed", "5.1.1"), "Content-Type: message/rfc822\nContent-Transfer-Encoding: quoted-printable\n\n"+strings.ReplaceAll(original, "@provider", "=40pro=\nvider")+"\n"), ""},
	"in another multipart":              {"Content-Type: multipart/mixed; boundary=outer\n\n" + join("outer", "Content-Type: text/plain\n\nchecked by a gateway\n", report(status("failed", "5.1.1"), quoted)), ""},
	"another email before it":           {"Content-Type: multipart/mixed; boundary=outer\n\n" + join("outer", other, report(status("failed", "5.1.1"), quoted)), ""},
	"a delay of another email before":   {"Content-Type: multipart/mixed; boundary=outer\n\n" + join("outer", report(status("delayed", "4.4.1"), other), report(status("failed", "5.1.1"), quoted)), ""},
	"a delay, and another email failed": {"Content-Type: multipart/mixed; boundary=outer\n\n" + join("outer", report(status("failed", "5.1.1")), report(status("delayed", "4.4.1"), quoted)), deliverystatus.CodeNoOriginal},
	"an email beside the notification":  {"Content-Type: multipart/mixed; boundary=outer\n\n" + join("outer", report(status("failed", "5.1.1")), quoted), deliverystatus.CodeNoOriginal},
	"cut off in the email":              {before(report(status("failed", "5.1.1"), quoted), "Subject: =?"), ""},
	"cut off in the status":             {before(report(status("failed", "5.1.1"), quoted), "Diagnostic-Code"), deliverystatus.CodeNoOriginal},
	"delayed":                           {report(status("delayed", "4.4.1"), quoted), deliverystatus.CodeNotPermanent},
	"delivered":                         {report(status("delivered", "2.0.0"), quoted), deliverystatus.CodeNotPermanent},
	"relayed":                           {report(status("relayed", "2.0.0"), quoted), deliverystatus.CodeNotPermanent},
	"given up, but it may pass":         {report(status("failed", "4.4.7"), quoted), deliverystatus.CodeNotPermanent},
	"delivered in spite of the code":    {report(status("delivered", "5.1.1"), quoted), deliverystatus.CodeNotPermanent},
	"a code of another form":            {report(status("failed", "550"), quoted), deliverystatus.CodeNotPermanent},
	"without the email":                 {report(status("failed", "5.1.1")), deliverystatus.CodeNoOriginal},
	"the email has no Message-ID":       {report(status("failed", "5.1.1"), "Content-Type: message/rfc822\n\nSubject: Beian\n\n"), deliverystatus.CodeNoOriginal},
	"the Message-ID is in the text":     {report(status("failed", "5.1.1"), "Content-Type: message/rfc822\n\nSubject: Beian\n\nMessage-ID: "+id+"\n"), deliverystatus.CodeNoOriginal},
	"out of office":                     {"From: applicant@example.cn\nAuto-Submitted: auto-replied\nIn-Reply-To: " + id + "\nContent-Type: text/plain\n\nI am away. Action: failed\nStatus: 5.1.1\n", deliverystatus.CodeOther},
	"a person's answer with the email":  {"From: applicant@example.cn\nContent-Type: multipart/mixed; boundary=b\n\n" + join("b", "Content-Type: text/plain\n\nWhat is this?\n", quoted), deliverystatus.CodeOther},
	"a notification of another form":    {"From: MAILER-DAEMON@mail.example\n\nHi. This is the program at mail.example. I'm afraid I wasn't able to deliver your message.\n\n" + original, deliverystatus.CodeOther},
	"it was read":                       {"Content-Type: multipart/report; report-type=disposition-notification; boundary=b\n\n" + join("b", "Content-Type: message/disposition-notification\n\nDisposition: automatic-action; displayed\nAction: failed\nStatus: 5.1.1\n", quoted), deliverystatus.CodeOther},
	"no type":                           {"From: a@example.cn\n\n", deliverystatus.CodeOther},
	"no boundary":                       {"Content-Type: multipart/report\n\n", deliverystatus.CodeOther},
	"a type that is none":               {"Content-Type: /;;=\n\n", deliverystatus.CodeOther},
	"too deep":                          {nested(6, report(status("failed", "5.1.1"), quoted)), deliverystatus.CodeOther},
	"too many parts":                    {"Content-Type: multipart/report; boundary=b\n\n" + strings.Repeat("\n--b\nContent-Type: text/plain\n\n", 60) + "\n--b\nContent-Type: message/delivery-status\n\n" + status("failed", "5.1.1"), deliverystatus.CodeOther},
	"empty":                             {"", deliverystatus.CodeUnreadable},
	"one line":                          {"From ", deliverystatus.CodeUnreadable},
	"JSON":                              {`{"messageId": 1}`, deliverystatus.CodeUnreadable},
	"bytes":                             {"\x00\xff\x89PNG\r\n\r\n", deliverystatus.CodeUnreadable},
	"only lines that are no fields":     {strings.Repeat("no field\n", 200), deliverystatus.CodeUnreadable},
	"a status of very many empty lines": {report(strings.Repeat("\n", 200_000)+status("failed", "5.1.1"), quoted), deliverystatus.CodeNotPermanent},
	"a status of very many blocks":      {report(strings.Repeat("a: b\n\n", 40_000)+status("failed", "5.1.1"), quoted), deliverystatus.CodeNotPermanent},
	"a header of very many lines":       {strings.Repeat("a\n", 120_000), deliverystatus.CodeUnreadable},
	"a very long line":                  {"Content-Type: multipart/report; boundary=" + strings.Repeat("b", 250_000) + "\n\n", deliverystatus.CodeOther},
	"very many boundaries":              {"Content-Type: multipart/report; boundary=b\n\n" + strings.Repeat("\n--b", 60_000), deliverystatus.CodeOther},
}

func base64Of(kind, text string) string {
	return "Content-Type: " + kind + "\nContent-Transfer-Encoding: BASE64\n\n" + base64.StdEncoding.EncodeToString([]byte(text)) + "\n"
}

func before(text, end string) string {
	text, _, _ = strings.Cut(text, end)
	return text
}

// nested returns a message in parts of parts.
func nested(depth int, message string) string {
	for i := range depth {
		boundary := fmt.Sprint("level", i)
		message = "Content-Type: multipart/mixed; boundary=" + boundary + "\n\n" + join(boundary, message)
	}
	return message
}

// maxAllocations is the most allocations of memory for a message of any size. Without limits, a message of 240 kB takes hundreds of thousands.
const maxAllocations = 2000

func TestFailedMessageID(t *testing.T) {
	for name, s := range samples {
		var got string
		var reason finding.Code
		message := []byte(s.message)
		allocations := testing.AllocsPerRun(1, func() { got, reason = deliverystatus.FailedMessageID(message) })
		if want := map[bool]string{true: id}[s.reason == ""]; got != want || reason != s.reason {
			t.Errorf("%s: %q %q, want %q", name, got, reason, s.reason)
		}
		if allocations > maxAllocations {
			t.Errorf("%s: %.0f allocations", name, allocations)
		}
	}
}

// TestLimits: a notification is read up to a number of lines, blocks, parts and levels. What follows costs no further work.
func TestLimits(t *testing.T) {
	const text = "Content-Type: text/plain\n\nchecked by a gateway\n"
	for name, c := range map[string]struct {
		message func(n int) string
		most    int
	}{
		"lines that are no fields": {func(n int) string { return strings.Repeat("no field\n", n) + report(status("failed", "5.1.1"), quoted) }, 99},
		"lines of a part": {func(n int) string {
			return report(status("failed", "5.1.1"), "Content-Type: message/rfc822\n\n"+strings.Repeat("no field\n", n)+original)
		}, 99},
		"blocks of a status":      {func(n int) string { return report(strings.Repeat("a: b\n\n", n)+status("failed", "5.1.1"), quoted) }, 48},
		"empty lines of a status": {func(n int) string { return report(strings.Repeat("\n", n)+status("failed", "5.1.1"), quoted) }, 48},
		"parts": {func(n int) string {
			return "Content-Type: multipart/report; boundary=b\n\n" + join("b", slices.Concat(slices.Repeat([]string{text}, n), []string{"Content-Type: message/delivery-status\n\n" + status("failed", "5.1.1"), quoted})...)
		}, 48},
		"parts of another multipart": {func(n int) string {
			return "Content-Type: multipart/mixed; boundary=outer\n\n" + join("outer", "Content-Type: multipart/mixed; boundary=inner\n\n"+join("inner", slices.Repeat([]string{text}, n)...), report(status("failed", "5.1.1"), quoted))
		}, 46},
		"levels": {func(n int) string { return nested(n, report(status("failed", "5.1.1"), quoted)) }, 3},
	} {
		for n := range 150 {
			if got, _ := deliverystatus.FailedMessageID([]byte(c.message(n))); (got == id) != (n <= c.most) {
				t.Errorf("%s: %q with %d, but %d are read", name, got, n, c.most)
				break
			}
		}
	}
}

// FuzzFailedMessageID: any input has an answer: an id, or a reason. What counts quotes a permanent status, and an id that is in the input.
func FuzzFailedMessageID(f *testing.F) {
	for _, s := range samples {
		if len(s.message) < 4000 {
			f.Add([]byte(s.message))
		}
	}
	f.Fuzz(func(t *testing.T, message []byte) {
		if len(message) > 256<<10 {
			return
		}
		got, reason := deliverystatus.FailedMessageID(message)
		if (got == "") != (reason != "") || strings.ContainsAny(got, "\r\n") {
			t.Errorf("%q %q", got, reason)
		}
	})
}
