package messages

import (
	"bytes"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"mime"
	"mime/multipart"
	"net"
	"net/mail"
	"net/smtp"
	"net/textproto"
	"net/url"
	"time"
)

const relayTimeout = 30 * time.Second

// A relay is the SMTP server that emails go on to.
type relay struct {
	host, address string
	auth          smtp.Auth
}

func parseRelay(text string) (*relay, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "smtp" || u.Hostname() == "" {
		return nil, errors.New("SMTP_URL must look like smtp://user:password@host:port") // it holds a password: not quoted
	}
	port := u.Port()
	if port == "" {
		port = "25"
	}
	r := &relay{host: u.Hostname(), address: net.JoinHostPort(u.Hostname(), port)}
	if u.User != nil {
		password, _ := u.User.Password()
		r.auth = smtp.PlainAuth("", u.User.Username(), password, r.host)
	}
	return r, nil
}

// send passes one email on. Its errors name the stage and the server's code, never an address.
func (r *relay) send(m Message) error {
	conn, err := net.DialTimeout("tcp", r.address, relayTimeout)
	if err != nil {
		return err
	}
	conn.SetDeadline(time.Now().Add(relayTimeout))
	c, err := smtp.NewClient(conn, r.host)
	if err != nil {
		conn.Close()
		return stage("greeting", err)
	}
	defer c.Close()
	if offered, _ := c.Extension("STARTTLS"); offered {
		if err := c.StartTLS(&tls.Config{ServerName: r.host, MinVersion: tls.VersionTLS12}); err != nil {
			return stage("encryption", err)
		}
	}
	if r.auth != nil {
		if err := c.Auth(r.auth); err != nil {
			return stage("login", err)
		}
	}
	if err := c.Mail(bare(m.From)); err != nil {
		return stage("sender", err)
	}
	for _, to := range m.To {
		if err := c.Rcpt(bare(to)); err != nil {
			return stage("recipient", err)
		}
	}
	w, err := c.Data()
	if err != nil {
		return stage("data", err)
	}
	if _, err := w.Write(letter(m)); err != nil {
		return stage("data", err)
	}
	if err := w.Close(); err != nil {
		return stage("data", err)
	}
	return c.Quit()
}

func stage(name string, err error) error {
	if refused := (*textproto.Error)(nil); errors.As(err, &refused) {
		return fmt.Errorf("%s refused with %d", name, refused.Code)
	}
	return fmt.Errorf("%s failed", name)
}

// bare is the address without a display name.
func bare(address string) string {
	parsed, err := mail.ParseAddress(address)
	if err != nil {
		return address
	}
	return parsed.Address
}

// letter writes the message as RFC 5322 text with both bodies as alternatives.
func letter(m Message) []byte {
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	for _, alternative := range [][2]string{{"text/plain", m.Text}, {"text/html", m.HTML}} { // plainest first: RFC 2046
		kind, text := alternative[0], alternative[1]
		if text == "" {
			continue
		}
		part, _ := parts.CreatePart(textproto.MIMEHeader{
			"Content-Type":              {kind + "; charset=utf-8"},
			"Content-Transfer-Encoding": {"base64"},
		})
		part.Write(wrapped(text))
	}
	parts.Close()

	var all bytes.Buffer
	for _, to := range m.To {
		fmt.Fprintf(&all, "To: %s\r\n", to)
	}
	fmt.Fprintf(&all, "From: %s\r\nSubject: %s\r\nDate: %s\r\nMessage-ID: <%s@local>\r\nMIME-Version: 1.0\r\n"+
		"Content-Type: multipart/alternative; boundary=%s\r\n\r\n",
		m.From, mime.BEncoding.Encode("utf-8", m.Subject), m.Time.Format(time.RFC1123Z), m.ID,
		parts.Boundary())
	all.Write(body.Bytes())
	return all.Bytes()
}

// wrapped is text in base64, in lines of 76 characters (RFC 2045).
func wrapped(text string) []byte {
	var lines []byte
	code := base64.StdEncoding.EncodeToString([]byte(text))
	for len(code) > 76 {
		lines = append(append(lines, code[:76]...), "\r\n"...)
		code = code[76:]
	}
	return append(append(lines, code...), "\r\n"...)
}
