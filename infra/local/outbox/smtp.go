package outbox

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"mime"
	"mime/multipart"
	"net"
	"net/mail"
	"net/smtp"
	"net/textproto"
	"net/url"
	"slices"
	"time"
)

const smtpTimeout = 30 * time.Second

// An smtpServer is where emails are forwarded to.
type smtpServer struct {
	address string
	auth    smtp.Auth
}

// parseSMTP parses an SMTP_URL; "" is nil.
func parseSMTP(text string) (*smtpServer, error) {
	if text == "" {
		return nil, nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "smtp" || u.Hostname() == "" {
		return nil, errors.New("SMTP_URL must look like smtp://user:password@host:port") // the value may contain a password
	}
	port := u.Port()
	if port == "" {
		port = "25"
	}
	s := &smtpServer{address: net.JoinHostPort(u.Hostname(), port)}
	if u.User != nil {
		password, _ := u.User.Password()
		s.auth = smtp.PlainAuth("", u.User.Username(), password, u.Hostname())
	}
	return s, nil
}

// send forwards one email, with STARTTLS if the server supports it. Its errors contain the server's code, never an address.
func (s *smtpServer) send(m Message) error {
	to := make([]string, len(m.To))
	for i, address := range m.To {
		to[i] = withoutName(address)
	}
	ended := make(chan error, 1)
	go func() { ended <- smtp.SendMail(s.address, s.auth, withoutName(m.From), to, rfc5322(m)) }()
	select {
	case err := <-ended:
		if refused := (*textproto.Error)(nil); errors.As(err, &refused) {
			return fmt.Errorf("the SMTP server responded with code %d", refused.Code)
		}
		return err
	case <-time.After(smtpTimeout):
		return fmt.Errorf("the SMTP server did not respond within %s", smtpTimeout)
	}
}

// withoutName returns an address without its display name.
func withoutName(address string) string {
	parsed, err := mail.ParseAddress(address)
	if err != nil {
		return address
	}
	return parsed.Address
}

// rfc5322 formats a message with both bodies as alternatives, plain text first (RFC 2046).
func rfc5322(m Message) []byte {
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	for _, alternative := range [][2]string{{"text/plain", m.Text}, {"text/html", m.HTML}} {
		if alternative[1] == "" {
			continue
		}
		part, _ := parts.CreatePart(textproto.MIMEHeader{ // a buffer does not fail
			"Content-Type": {alternative[0] + "; charset=utf-8"}, "Content-Transfer-Encoding": {"base64"},
		})
		code := base64.StdEncoding.EncodeToString([]byte(alternative[1]))
		for ; len(code) > 76; code = code[76:] { // RFC 2045
			fmt.Fprintf(part, "%s\r\n", code[:76])
		}
		fmt.Fprintf(part, "%s\r\n", code)
	}
	parts.Close()
	var out bytes.Buffer
	for _, to := range m.To {
		fmt.Fprintf(&out, "To: %s\r\n", to)
	}
	for _, name := range slices.Sorted(maps.Keys(m.Headers)) {
		fmt.Fprintf(&out, "%s: %s\r\n", name, m.Headers[name])
	}
	fmt.Fprintf(&out, "From: %s\r\nSubject: %s\r\nDate: %s\r\nMessage-ID: <%s@local>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=%s\r\n\r\n%s",
		m.From, mime.BEncoding.Encode("utf-8", m.Subject), m.Time.Format(time.RFC1123Z), m.ID, parts.Boundary(), &body)
	return out.Bytes()
}
