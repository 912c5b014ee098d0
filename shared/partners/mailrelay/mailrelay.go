// Package mailrelay sends email over SMTP, through the relay of a mail provider: [New], then [Client.Send].
//
//	relay, err := mailrelay.ParseURL("smtps://beian%40provider.example@smtp.example:465")
//	relay.Password = password
//	client, err := mailrelay.New(relay)
//	err = client.Send(ctx, to, mailrelay.Email{From: "Beian <beian@provider.example>", Subject: "…", Text: "…"}, key)
//
// Connections are encrypted: by TLS from the first byte (smtps, port 465), or by STARTTLS before anything else is said (smtp, port 587). A relay that
// offers no TLS gets no email and no password, unless it is on this machine. A connection is used again for 20 seconds; at most four are open.
//
// The Message-ID begins with the key. A bounce quotes it, which is how a bounce is matched to its message: see package messageid.
package mailrelay

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"beian/shared/rules/contact"
	"beian/shared/rules/fault"
)

const (
	// sendTimeout limits one attempt, with its connection.
	sendTimeout = 20 * time.Second
	// replyTimeout limits the answer to a command, submissionTimeout that to an email.
	replyTimeout      = 10 * time.Second
	submissionTimeout = 15 * time.Second
)

// A Relay is an SMTP server that accepts email for any recipient from those who log in.
type Relay struct {
	Host string
	Port int
	// Implicit starts TLS with the first byte; without it, STARTTLS does.
	Implicit bool
	// User and Password are those of the log-in; without User there is none.
	User, Password string
	// Roots verify the relay's certificate; nil means those of the system. With roots, a relay on this machine has to offer TLS, too.
	Roots *x509.CertPool
}

// ParseURL reads smtps://user@host:465 or smtp://user@host:587; these ports are the defaults. A password after the user is permitted. Errors do not quote the URL, which may
// contain it.
func ParseURL(text string) (Relay, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "smtp" && u.Scheme != "smtps" || u.Hostname() == "" || u.Path != "" || u.RawQuery != "" || u.Fragment != "" {
		return Relay{}, errors.New("the mail relay must look like smtps://user@host:465 or smtp://user@host:587")
	}
	r := Relay{Host: u.Hostname(), Port: 587, Implicit: u.Scheme == "smtps"}
	if r.Implicit {
		r.Port = 465
	}
	if text := u.Port(); text != "" {
		if r.Port, err = strconv.Atoi(text); err != nil || r.Port < 1 || r.Port > 65535 {
			return Relay{}, errors.New("the port of the mail relay must be a number from 1 to 65535")
		}
	}
	if u.User != nil {
		r.User = u.User.Username()
		r.Password, _ = u.User.Password()
	}
	return r, nil
}

// URL returns the relay as [ParseURL] reads it, without the password.
func (r Relay) URL() string {
	u := url.URL{Scheme: "smtp", Host: r.address()}
	if r.Implicit {
		u.Scheme = "smtps"
	}
	if r.User != "" {
		u.User = url.User(r.User)
	}
	return u.String()
}

func (r Relay) address() string { return net.JoinHostPort(r.Host, strconv.Itoa(r.Port)) }

// isLocal reports whether the relay is on this machine, where others cannot read what is sent to it.
func (r Relay) isLocal() bool { return r.Host == "localhost" || net.ParseIP(r.Host).IsLoopback() }

// A Client sends through one relay. It is safe for concurrent use.
type Client struct {
	relay Relay
	pool  *pool
}

// New returns a client of a relay. It does not connect.
func New(r Relay) (*Client, error) {
	switch {
	case r.Host == "" || r.Port <= 0:
		return nil, errors.New("mail relay: host or port is missing")
	case r.User == "" && r.Password != "":
		return nil, errors.New("mail relay: the user of the password is missing")
	case r.User != "" && r.Password == "":
		return nil, errors.New("mail relay: the password of the user is missing")
	}
	return &Client{relay: r, pool: newPool()}, nil
}

// Send sends an email to one address. The key is the idempotency key of the message. Errors are faults: Unavailable if the same email may be accepted later, Invalid if the
// relay never accepts this recipient or email. They have the relay's codes, but neither its words, which may quote the address, nor the email.
func (c *Client) Send(ctx context.Context, to contact.Email, e Email, key string) error {
	from, err := mail.ParseAddress(e.From)
	if err != nil {
		return fault.Wrap(fault.Internal, errors.New("mail relay: the sender is not an address"))
	}
	text, err := e.encode(from, to, key)
	if err != nil {
		return fault.Wrap(fault.Internal, err)
	}
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	if err := c.pool.enter(ctx); err != nil {
		return fault.Wrap(fault.Unavailable, fmt.Errorf("mail relay: all connections are in use: %w", err))
	}
	defer c.pool.leave()
	session, err := c.session(ctx, domainOf(from.Address))
	if err != nil {
		return classify(connecting, err)
	}
	end := session.closeWith(ctx)
	stage, err := session.send(from.Address, to.Wire(), text)
	if end() && (err == nil || codeOf(err) != 0 && session.Reset() == nil) {
		c.pool.put(session)
	} else {
		session.Close()
	}
	return classify(stage, err)
}

// session returns a connection that is logged in: one that was used before, if it still answers, or a new one.
func (c *Client) session(ctx context.Context, name string) (*session, error) {
	for {
		s := c.pool.take()
		if s == nil {
			return c.connect(ctx, name)
		}
		end := s.closeWith(ctx)
		err := s.Noop()
		if end() && err == nil {
			return s, nil
		}
		s.Close()
	}
}

// connect opens a connection, encrypts it and logs in. name is who says hello.
func (c *Client) connect(ctx context.Context, name string) (_ *session, err error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", c.relay.address())
	if err != nil {
		return nil, err
	}
	end := context.AfterFunc(ctx, func() { conn.Close() })
	defer end()
	defer func() {
		if err != nil {
			conn.Close()
		}
	}()
	config := &tls.Config{ServerName: c.relay.Host, MinVersion: tls.VersionTLS12, RootCAs: c.relay.Roots}
	client, err := c.secure(ctx, conn, config)
	if err != nil {
		return nil, err
	}
	client.CommandTimeout, client.SubmissionTimeout = replyTimeout, submissionTimeout
	if err := client.Hello(name); err != nil {
		return nil, err
	}
	if c.relay.User != "" {
		if err := c.logIn(client); err != nil {
			return nil, err
		}
	}
	return &session{Client: client, conn: conn}, nil
}

// errNoTLS is the error of a relay elsewhere to which everything would be sent in clear text.
var errNoTLS = errors.New("the relay does not offer STARTTLS")

// secure begins TLS on a connection, if the relay is not on this machine.
func (c *Client) secure(ctx context.Context, conn net.Conn, config *tls.Config) (*smtp.Client, error) {
	switch {
	case c.relay.Implicit:
		secured := tls.Client(conn, config)
		if err := secured.HandshakeContext(ctx); err != nil {
			return nil, err
		}
		return smtp.NewClient(secured), nil
	case c.relay.isLocal() && c.relay.Roots == nil:
		return smtp.NewClient(conn), nil
	}
	client, err := smtp.NewClientStartTLS(conn, config)
	if err != nil && strings.HasSuffix(err.Error(), "support STARTTLS") { // the library has no type for it
		return nil, errNoTLS
	}
	return client, err // the next command makes the handshake
}

// logIn logs in by PLAIN, or by LOGIN, which some relays offer instead.
func (c *Client) logIn(client *smtp.Client) error {
	if !client.SupportsAuth(sasl.Plain) && client.SupportsAuth(sasl.Login) {
		return client.Auth(sasl.NewLoginClient(c.relay.User, c.relay.Password))
	}
	return client.Auth(sasl.NewPlainClient("", c.relay.User, c.relay.Password))
}

// Close closes the connections that are not in use.
func (c *Client) Close() { c.pool.close() }

// domainOf returns the part of an address after its last @.
func domainOf(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }
