package httpserver

import (
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// A listener registers its connections with a server.
type listener struct {
	net.Listener
	server *Server
}

func (l listener) Accept() (net.Conn, error) {
	accepted, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := &conn{Conn: accepted, server: l.server, waiting: wait{since: time.Now()}}
	l.server.add(c)
	return c, nil
}

// A conn is an open connection.
type conn struct {
	net.Conn
	server *Server

	mu      sync.Mutex
	waiting wait
}

// A wait is what the server waits for: a client that sends a request, or one that is idle after a request. The zero value is nothing: the
// server handles a request.
type wait struct {
	since time.Time
	idle  bool
}

func (w wait) isSlowerThan(other wait) bool {
	switch {
	case w.since.IsZero():
		return false
	case w.idle != other.idle:
		return other.idle
	}
	return w.since.Before(other.since)
}

func (c *conn) setWait(w wait) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting = w
}

func (c *conn) wait() wait {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.waiting
}

// partOfResponse is the number of bytes that a client has to accept within [Limits.Grace].
const partOfResponse = 16 << 10

// Write writes p in parts.
func (c *conn) Write(p []byte) (written int, err error) {
	for written < len(p) && err == nil {
		part := p[written:min(len(p), written+partOfResponse)]
		if err = c.SetWriteDeadline(time.Now().Add(c.server.limits.Grace)); err != nil {
			return written, err
		}
		var n int
		n, err = c.Conn.Write(part)
		written += n
	}
	return written, err
}

func (c *conn) Close() error {
	c.server.remove(c)
	return c.Conn.Close()
}

// A body is the body of a request that has to keep the minimum speed.
type body struct {
	io.ReadCloser
	conn    *conn
	control *http.ResponseController
	limits  Limits
	started time.Time
	read    int64
	ended   atomic.Bool
}

// Read returns an error once the bytes so far took longer than they may.
func (b *body) Read(p []byte) (int, error) {
	if b.ended.Load() {
		return 0, io.EOF
	}
	allowed := b.limits.Grace + time.Duration(b.read)*time.Second/time.Duration(b.limits.BytesPerSecond)
	if err := b.control.SetReadDeadline(b.started.Add(allowed)); err != nil {
		return 0, err
	}
	b.conn.setWait(wait{since: time.Now()})
	n, err := b.ReadCloser.Read(p)
	b.conn.setWait(wait{})
	b.read += int64(n)
	if err != nil {
		b.ended.Store(true)
	}
	if err == io.EOF {
		// The deadline must not end the request while the handler works: net/http reads ahead to notice a closed connection.
		_ = b.control.SetReadDeadline(time.Time{})
	}
	return n, err
}

// finish limits the time for the rest of the body, which net/http reads when the handler has returned. It reports whether there is a rest.
func (b *body) finish() bool {
	rest := b.ended.CompareAndSwap(false, true)
	if rest {
		_ = b.control.SetReadDeadline(time.Now().Add(b.limits.Grace)) // fails if the connection is closed
	}
	return rest
}
