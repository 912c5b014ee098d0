package mailrelay

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"mime"
	"mime/multipart"
	"net/mail"
	"net/textproto"
	"strings"
	"time"

	"beian/shared/partners/messageid"
	"beian/shared/rules/contact"
)

// An Email is what a recipient gets.
type Email struct {
	From    string // "Name <address>", or an address
	Subject string
	Text    string
	HTML    string // optional: an alternative to the text
	// Unsubscribe is optional: the URL to which a mail program posts when the recipient wants no more (RFC 8058).
	Unsubscribe string
	// Time is that of the email; zero means now.
	Time time.Time
}

// wrapAt is the longest line of base64 (RFC 2045, 6.8).
const wrapAt = 76

// encode returns the email as RFC 5322 and RFC 2046 want it, in ASCII, with the better alternative last.
func (e Email) encode(from *mail.Address, to contact.Email, key string) ([]byte, error) {
	if strings.ContainsAny(to.Wire()+from.Address+e.Unsubscribe+key, "\r\n<> ") {
		return nil, errors.New("mail relay: an address, the key or the link has a character that no header may have")
	}
	at := e.Time
	if at.IsZero() {
		at = time.Now()
	}
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	for _, alternative := range [][2]string{{"text/plain", e.Text}, {"text/html", e.HTML}} {
		if alternative[1] == "" {
			continue
		}
		part, err := parts.CreatePart(textproto.MIMEHeader{
			"Content-Type": {alternative[0] + "; charset=utf-8"}, "Content-Transfer-Encoding": {"base64"},
		})
		if err != nil {
			return nil, err
		}
		code := base64.StdEncoding.EncodeToString([]byte(alternative[1]))
		for ; len(code) > wrapAt; code = code[wrapAt:] {
			fmt.Fprintf(part, "%s\r\n", code[:wrapAt])
		}
		fmt.Fprintf(part, "%s\r\n", code)
	}
	if err := parts.Close(); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	header := func(name, value string) { fmt.Fprintf(&out, "%s: %s\r\n", name, value) }
	header("From", from.String())
	header("To", "<"+to.Wire()+">")
	// The encoder ends a word after 75 characters and begins the next after a space, where a line may break (RFC 2047).
	header("Subject", strings.ReplaceAll(mime.BEncoding.Encode("utf-8", e.Subject), "?= =?", "?=\r\n =?"))
	header("Date", at.Format(time.RFC1123Z))
	header("Message-ID", messageid.New(domainOf(from.Address), to, key))
	if e.Unsubscribe != "" {
		header("List-Unsubscribe", "<"+e.Unsubscribe+">")
		header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
	}
	header("Auto-Submitted", "auto-generated") // RFC 3834: no answers of absent people
	header("MIME-Version", "1.0")
	header("Content-Type", "multipart/alternative; boundary="+parts.Boundary())
	out.WriteString("\r\n")
	out.Write(body.Bytes())
	return out.Bytes(), nil
}
