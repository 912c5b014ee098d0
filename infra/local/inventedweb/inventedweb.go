// Package inventedweb is a small web of invented sites for tests and measurements. Names and public addresses are invented; everything is served
// on the loopback.
//
//	web, err := inventedweb.Start(clock.Now)
//	defer web.Close()
//	web.Add("example.cn", "8.130.1.1", handler)
//	p := siteprobe.Prober{Resolver: web, Dial: web.Dial, Roots: web.Roots(), …}
//
// Addresses that no site has refuse connections. A site is served on port 80 and, with a certificate of the web's own authority, on port 443.
package inventedweb

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"syscall"
	"time"
)

// A Web is a set of sites. It is safe for concurrent use.
type Web struct {
	now         func() time.Time
	authority   *x509.Certificate
	key         *ecdsa.PrivateKey
	plain, tls  net.Listener
	server      *http.Server
	mu          sync.Mutex
	names       map[string]*name
	addresses   map[string]Ports // by address
	certificate map[string]*tls.Certificate
	lookups     map[string]int
	dialled     []string
}

type name struct {
	answers  [][]netip.Addr // one for each look-up; the last one stays
	failure  error
	handler  http.Handler
	validity [2]time.Time
	of       string // the name that the certificate has; "" if there is none
}

// Ports are the ports on which a site is served.
type Ports int

// HTTP alone, or HTTP and HTTPS.
const (
	Both Ports = iota
	PlainOnly
)

// Start starts a web without sites. now is the clock of its certificates.
func Start(now func() time.Time) (*Web, error) {
	w := &Web{now: now, names: map[string]*name{}, addresses: map[string]Ports{}, certificate: map[string]*tls.Certificate{}, lookups: map[string]int{}}
	var err error
	if w.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return nil, err
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Invented authority"}, NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<33, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, w.key.Public(), w.key)
	if err != nil {
		return nil, err
	}
	if w.authority, err = x509.ParseCertificate(der); err != nil {
		return nil, err
	}
	if w.plain, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return nil, err
	}
	secure, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		_ = w.plain.Close()
		return nil, err
	}
	w.tls = tls.NewListener(secure, &tls.Config{GetCertificate: w.certificateOf})
	w.server = &http.Server{Handler: w, ErrorLog: log.New(io.Discard, "", 0), ReadHeaderTimeout: time.Minute}
	go func() { _ = w.server.Serve(w.plain) }()
	go func() { _ = w.server.Serve(w.tls) }()
	return w, nil
}

// Close stops the web.
func (w *Web) Close() { _ = w.server.Close() }

// Roots are the web's certificate authority.
func (w *Web) Roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(w.authority)
	return pool
}

// Add adds a site at an address.
func (w *Web) Add(host, address string, handler http.Handler) {
	w.AddName(host, address)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.names[host].handler = handler
	if _, known := w.addresses[address]; !known {
		w.addresses[address] = Both
	}
}

// AddName adds a name without a site. With several addresses, each look-up gets the next one, and the last one stays.
func (w *Web) AddName(host string, addresses ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := &name{of: host}
	for _, a := range addresses {
		n.answers = append(n.answers, []netip.Addr{netip.MustParseAddr(a)})
	}
	w.names[host] = n
}

// Fail makes look-ups of a name fail.
func (w *Web) Fail(host string) {
	w.AddName(host)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.names[host].failure = &net.DNSError{Err: "server misbehaving", Name: host, IsTemporary: true}
}

// Serve says on which ports the sites of an address are served.
func (w *Web) Serve(address string, ports Ports) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.addresses[address] = ports
}

// Certify sets what the certificate of a site has: a name, and its first and last time.
func (w *Web) Certify(host, of string, from, to time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.names[host].of, w.names[host].validity = of, [2]time.Time{from, to}
}

// RefuseTLS makes the handshakes of a site fail.
func (w *Web) RefuseTLS(host string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.names[host].of = ""
}

// Dialled returns the addresses that were dialled, in order.
func (w *Web) Dialled() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string(nil), w.dialled...)
}

// LookupNetIP implements siteprobe.Resolver.
func (w *Web) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := w.names[host]
	if n == nil {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	if n.failure != nil {
		return nil, n.failure
	}
	i := min(w.lookups[host], len(n.answers)-1)
	w.lookups[host]++
	return append([]netip.Addr(nil), n.answers[i]...), nil
}

// Dial connects to the web's server for an address that a site has.
func (w *Web) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	w.mu.Lock()
	w.dialled = append(w.dialled, address)
	host, port, _ := net.SplitHostPort(address)
	ports, known := w.addresses[host]
	w.mu.Unlock()
	to := w.plain.Addr()
	switch {
	case !known || port == "443" && ports == PlainOnly:
		return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
	case port == "443":
		to = w.tls.Addr()
	case port != "80":
		return nil, fmt.Errorf("port %s of an invented site", port)
	}
	return (&net.Dialer{}).DialContext(ctx, network, to.String())
}

// ServeHTTP serves the site that the request names.
func (w *Web) ServeHTTP(response http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	n := w.names[r.Host]
	w.mu.Unlock()
	if n == nil || n.handler == nil {
		http.NotFound(response, r)
		return
	}
	n.handler.ServeHTTP(response, r)
}

// certificateOf makes the certificate of a site when it is asked for first. They share the authority's key.
func (w *Web) certificateOf(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := w.names[hello.ServerName]
	if n == nil || n.of == "" {
		return nil, fmt.Errorf("no certificate for %q", hello.ServerName)
	}
	if known := w.certificate[hello.ServerName]; known != nil {
		return known, nil
	}
	from, to := w.now().AddDate(0, 0, -1), w.now().AddDate(0, 3, 0)
	if !n.validity[0].IsZero() {
		from, to = n.validity[0], n.validity[1]
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(int64(len(w.certificate)) + 2), DNSNames: []string{n.of}, NotBefore: from, NotAfter: to,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, w.authority, w.key.Public(), w.key)
	if err != nil {
		return nil, err
	}
	made := &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: w.key}
	w.certificate[hello.ServerName] = made
	return made, nil
}
