// Package httpserver serves HTTP to clients that may be slow on purpose. Call [New]:
//
//	server := httpserver.New(handler, httpserver.Defaults)
//	err := server.Serve(listener)
//
// A client has to keep a minimum speed instead of a time for the whole request, so that an upload over a slow phone connection passes.
// When too many connections are open, the one that has kept the server waiting longest is closed, so that others are served.
package httpserver

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"
)

// Limits are the limits of a server. All must be positive.
type Limits struct {
	Connections int           // open at the same time
	Header      time.Duration // to send the request line and the headers
	HeaderBytes int           // of request line and headers; net/http adds 4 KB
	Idle        time.Duration // between two requests
	// Grace is how far a body may be behind BytesPerSecond, and the time in which a client has to accept each part of a response.
	Grace          time.Duration
	BytesPerSecond int
}

// Defaults are the limits of a laptop's listeners. A phone on a slow 2G network sends 3 KB and more in a second.
var Defaults = Limits{
	Connections: 1024, // the functions keep up to 256 to the AWS endpoints
	Header:      10 * time.Second,
	HeaderBytes: 32 << 10, // three times what API Gateway accepts, so that its own answer is given
	Idle:        2 * time.Minute,
	Grace:       20 * time.Second, BytesPerSecond: 2 << 10,
}

// A Server is an [http.Server] with limits. Use its Serve with one listener.
type Server struct {
	http.Server
	limits Limits

	mu    sync.Mutex
	conns map[*conn]bool
}

// New returns a server.
func New(handler http.Handler, l Limits) *Server {
	s := &Server{limits: l, conns: map[*conn]bool{}}
	s.Server = http.Server{
		Handler:           http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.serveRequest(handler, w, r) }),
		ReadHeaderTimeout: l.Header, IdleTimeout: l.Idle, MaxHeaderBytes: l.HeaderBytes,
		ConnContext: func(ctx context.Context, c net.Conn) context.Context { return context.WithValue(ctx, connKey{}, c) },
	}
	return s
}

// Serve serves the connections of a listener, see [http.Server.Serve].
func (s *Server) Serve(l net.Listener) error { return s.Server.Serve(listener{l, s}) }

// connKey is the key of a request's *conn in its context.
type connKey struct{}

// serveRequest serves a request whose body has to keep the minimum speed.
func (s *Server) serveRequest(handler http.Handler, w http.ResponseWriter, r *http.Request) {
	c := r.Context().Value(connKey{}).(*conn)
	c.setWait(wait{})
	rest := false
	defer func() { c.setWait(wait{since: time.Now(), idle: !rest}) }()
	if r.Body != nil && r.Body != http.NoBody {
		b := &body{ReadCloser: r.Body, conn: c, control: http.NewResponseController(w), limits: s.limits, started: time.Now()}
		defer func() { rest = b.finish() }()
		r.Body = b
	}
	handler.ServeHTTP(w, r)
}

// add adds a connection. If there are too many, it closes the one that has waited longest for its client to send a request; idle
// connections of clients that have sent requests before come last.
func (s *Server) add(c *conn) {
	s.mu.Lock()
	s.conns[c] = true
	var slowest *conn
	if len(s.conns) > s.limits.Connections {
		slowest = c
		for other := range s.conns {
			if other != c && (slowest == c && !other.wait().since.IsZero() || other.wait().isSlowerThan(slowest.wait())) {
				slowest = other
			}
		}
	}
	s.mu.Unlock()
	if slowest != nil {
		_ = slowest.Close() // the client may have closed it
	}
}

func (s *Server) remove(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
}
