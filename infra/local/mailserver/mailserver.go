// Package mailserver is the SMTP server of a mail provider, for tests: call [Start], then read [Server.Received].
//
// It listens on 127.0.0.1, with TLS if asked, and keeps every email in memory. [Server.Refuse] and [Server.Hang] inject faults.
package mailserver

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http/httptest"
	"net/url"
	"slices"
	"sync"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// A Config configures a server.
type Config struct {
	TLS      bool // offers STARTTLS
	Implicit bool // with TLS: from the first byte
	// User and Password, if not empty, are asked from each client.
	User, Password string
	OnlyLogin      bool // offers the mechanism LOGIN instead of PLAIN
}

// An Email is one email that was received.
type Email struct {
	From      string
	To        []string
	Data      string
	User      string // who logged in
	Encrypted bool
}

// A Stage is a part of the conversation.
type Stage string

// Stages.
const (
	Greeting   Stage = "greeting"
	Login      Stage = "log-in"
	Sender     Stage = "sender"
	Recipient  Stage = "recipient"
	Submission Stage = "submission"
)

// A Server is a running server.
type Server struct {
	config Config
	smtp   *smtp.Server
	tls    *httptest.Server // has the certificate
	socket net.Listener
	ended  chan struct{} // closed by Close

	mu       sync.Mutex
	received []Email
	logins   int
	refused  Stage
	answer   *smtp.SMTPError
	hangs    Stage
	conns    []net.Conn
}

// Start starts a server.
func Start(c Config) (*Server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Server{config: c, socket: l, ended: make(chan struct{})}
	s.smtp = smtp.NewServer(smtp.BackendFunc(s.newSession))
	s.smtp.Domain, s.smtp.AllowInsecureAuth = "mail.example", !c.TLS
	s.smtp.ErrorLog = silent{}
	if c.TLS {
		s.tls = httptest.NewUnstartedServer(nil)
		s.tls.StartTLS()
		config := &tls.Config{Certificates: s.tls.TLS.Certificates}
		if s.smtp.TLSConfig = config; c.Implicit {
			l = tls.NewListener(l, config)
		}
	}
	go s.smtp.Serve(l) // ends with Close
	return s, nil
}

// silent is a log that drops everything: connections that tests break are no news.
type silent struct{}

func (silent) Printf(string, ...any) {}
func (silent) Println(...any)        {}

// URL returns the server's URL, with user and password.
func (s *Server) URL() string {
	u := url.URL{Scheme: "smtp", Host: s.socket.Addr().String()}
	if s.config.Implicit {
		u.Scheme = "smtps"
	}
	if s.config.User != "" {
		u.User = url.UserPassword(s.config.User, s.config.Password)
	}
	return u.String()
}

// Roots verify the server's certificate.
func (s *Server) Roots() *x509.CertPool {
	roots := x509.NewCertPool()
	roots.AddCert(s.tls.Certificate())
	return roots
}

// NoRoots verify no certificate.
func NoRoots() *x509.CertPool { return x509.NewCertPool() }

// Received returns the emails, in the order in which they were received.
func (s *Server) Received() []Email {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.received)
}

// Logins returns how many clients have logged in.
func (s *Server) Logins() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.logins
}

// Refuse answers at a stage with an error, until it is called with "".
func (s *Server) Refuse(at Stage, answer *smtp.SMTPError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused, s.answer = at, answer
}

// Hang gives no answer at a stage, until the server is closed.
func (s *Server) Hang(at Stage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hangs = at
}

// CloseConnections closes all connections, as a relay does with those that were not used for long.
func (s *Server) CloseConnections() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.conns {
		c.Close()
	}
	s.conns = nil
}

// Close ends the server.
func (s *Server) Close() {
	select {
	case <-s.ended:
		return
	default:
		close(s.ended)
	}
	if s.tls != nil {
		s.tls.Close()
	}
	_ = s.socket.Close() // the library closes it only if it serves already
	_ = s.smtp.Close()
}

// reach returns what the server answers at a stage, nil if it goes on.
func (s *Server) reach(at Stage) error {
	s.mu.Lock()
	hangs, refused, answer := s.hangs == at, s.refused == at, s.answer
	s.mu.Unlock()
	if hangs {
		<-s.ended
	}
	if refused {
		return answer
	}
	return nil
}

func (s *Server) newSession(c *smtp.Conn) (smtp.Session, error) {
	if err := s.reach(Greeting); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conns = append(s.conns, c.Conn())
	return &session{server: s, conn: c}, nil
}

// A session is one connection. It implements smtp.AuthSession.
type session struct {
	server *Server
	conn   *smtp.Conn
	email  Email
}

func (c *session) AuthMechanisms() []string {
	switch {
	case c.server.config.User == "":
		return nil
	case c.server.config.OnlyLogin:
		return []string{sasl.Login}
	}
	return []string{sasl.Plain}
}

func (c *session) Auth(mechanism string) (sasl.Server, error) {
	if mechanism == sasl.Login {
		return &login{accept: c.accept}, nil
	}
	return sasl.NewPlainServer(func(_, user, password string) error { return c.accept(user, password) }), nil
}

func (c *session) accept(user, password string) error {
	c.server.mu.Lock()
	c.server.logins++
	c.server.mu.Unlock()
	if err := c.server.reach(Login); err != nil {
		return err
	}
	if user != c.server.config.User || password != c.server.config.Password {
		return smtp.ErrAuthFailed
	}
	c.email.User = user
	return nil
}

func (c *session) Mail(from string, _ *smtp.MailOptions) error {
	if c.server.config.User != "" && c.email.User == "" {
		return smtp.ErrAuthRequired
	}
	c.email.From = from
	return c.server.reach(Sender)
}

func (c *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	c.email.To = append(c.email.To, to)
	return c.server.reach(Recipient)
}

func (c *session) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if err := c.server.reach(Submission); err != nil {
		return err
	}
	_, c.email.Encrypted = c.conn.TLSConnectionState()
	c.email.Data = string(text)
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	c.server.received = append(c.server.received, c.email)
	return nil
}

func (c *session) Reset() { c.email.From, c.email.To = "", nil }

func (*session) Logout() error { return nil }

// login is the server's side of the mechanism LOGIN, of which the library has the client's side only.
type login struct {
	accept func(user, password string) error
	user   string
	asked  int
}

func (l *login) Next(response []byte) (challenge []byte, done bool, err error) {
	l.asked++
	switch {
	case l.asked == 1 && response == nil:
		return []byte("Username:"), false, nil
	case l.asked == 1 || l.asked == 2 && l.user == "":
		l.user, l.asked = string(response), 2
		return []byte("Password:"), false, nil
	case l.asked == 3:
		return nil, true, l.accept(l.user, string(response))
	}
	return nil, false, errors.New("unexpected response")
}
