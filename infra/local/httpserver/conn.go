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
	c := &conn{Conn: accepted, server: l.server, since: time.Now()}
	l.server.add(c)
	return c, nil
}

// A conn is an open connection.
type conn struct {
	net.Conn
	server *Server

	mu    sync.Mutex
	since time.Time // the server waits for the client since then; zero while it handles a request
}

func (c *conn) setWaiting(is bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.since = time.Time{}
	if is {
		c.since = time.Now()
	}
}

func (c *conn) waitingSince() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.since
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
	b.conn.setWaiting(true)
	n, err := b.ReadCloser.Read(p)
	b.conn.setWaiting(false)
	b.read += int64(n)
	if err == io.EOF {
		b.ended.Store(true)
		// The deadline must not end the request while the handler works: net/http reads ahead to notice a closed connection.
		_ = b.control.SetReadDeadline(time.Time{})
	}
	return n, err
}

// finish limits the time for the rest of the body, which net/http reads when the handler has returned.
func (b *body) finish() {
	if b.ended.CompareAndSwap(false, true) {
		_ = b.control.SetReadDeadline(time.Now().Add(b.limits.Grace)) // fails if the connection is closed
	}
}
