package mailrelay

import (
	"context"
	"net"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

const (
	// maxConnections is how many connections a client has at a time. Relays limit them for each account.
	maxConnections = 4
	// idleTime is how long a connection that is not in use is kept. Relays close them after half a minute or later; a function that is frozen in between does not notice.
	idleTime = 20 * time.Second
)

// A session is a connection that is logged in.
type session struct {
	*smtp.Client
	conn net.Conn
	used time.Time // last
}

// closeWith closes the connection when the context ends. The returned function ends that; it reports whether the connection was not closed.
func (s *session) closeWith(ctx context.Context) func() bool {
	return context.AfterFunc(ctx, func() { s.conn.Close() })
}

// send sends one email. It returns the stage that it reached.
func (s *session) send(from, to string, text []byte) (stage, error) {
	if err := s.Mail(from, nil); err != nil {
		return sending, err
	}
	if err := s.Rcpt(to, nil); err != nil {
		return addressing, err
	}
	body, err := s.Data()
	if err != nil {
		return submitting, err
	}
	if _, err := body.Write(text); err != nil {
		return submitting, err
	}
	return submitting, body.Close()
}

// A pool keeps the connections that are not in use, and limits how many are.
type pool struct {
	places chan struct{}
	mu     sync.Mutex
	idle   []*session // the last used at the end
}

func newPool() *pool { return &pool{places: make(chan struct{}, maxConnections)} }

// enter waits until another connection is permitted.
func (p *pool) enter(ctx context.Context) error {
	select {
	case p.places <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *pool) leave() { <-p.places }

// take returns the connection that was used last, or nil. It closes those that were not used for long.
func (p *pool) take() *session {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.idle) > 0 {
		end := len(p.idle) - 1
		s := p.idle[end]
		p.idle = p.idle[:end]
		if time.Since(s.used) < idleTime {
			return s
		}
		s.Close()
	}
	return nil
}

func (p *pool) put(s *session) {
	s.used = time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = append(p.idle, s)
}

func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.idle {
		_ = s.Quit() // the relay may have closed it already
	}
	p.idle = nil
}
