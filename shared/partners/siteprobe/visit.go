package siteprobe

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/temoto/robotstxt"
	"golang.org/x/net/idna"

	"beian/shared/partners/dialguard"
	"beian/shared/rules/charset"
	"beian/shared/rules/observation"
	"beian/shared/rules/webpage"
)

// A visit visits one name.
type visit struct {
	prober    *Prober
	prior     observation.Visit
	seen      observation.Visit
	transport *http.Transport
	spent     time.Duration // of visitTimeout
	// addresses are those of the hosts that were looked up. They stay for the visit, so that a name cannot lead elsewhere in its course.
	addresses map[string][]netip.Addr
	robots    map[string]*robotstxt.RobotsData // by scheme and host

	mu      sync.Mutex // of tls and secured, which the transport sets
	tls     *observation.TLS
	secured map[string]bool // hosts to which there was a connection over TLS
}

func newVisit(p *Prober, host string, prior observation.Visit) *visit {
	v := &visit{prober: p, prior: prior, seen: observation.Visit{Host: host}, addresses: map[string][]netip.Addr{}, robots: map[string]*robotstxt.RobotsData{},
		secured: map[string]bool{}}
	v.transport = &http.Transport{
		DialContext: v.dial, MaxResponseHeaderBytes: maxHeader, DisableCompression: true, MaxIdleConnsPerHost: 1, TLSHandshakeTimeout: dialTimeout,
		// The certificate is judged by recordTLS: a visitor's browser refuses a bad one, and we read the page nevertheless. Nothing secret is sent.
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true, VerifyConnection: v.recordTLS},
	}
	return v
}

func (v *visit) close() {
	v.transport.CloseIdleConnections()
	v.mu.Lock()
	defer v.mu.Unlock()
	v.seen.TLS = v.tls
}

// run visits the name over HTTPS, and over HTTP if no server answers there.
func (v *visit) run(ctx context.Context) {
	v.seen.Addresses, v.seen.Resolution = v.prober.lookUp(ctx, v.seen.Host)
	v.addresses[v.seen.Host] = v.seen.Addresses
	if v.seen.Resolution != observation.Resolved {
		v.seen.Outcome = observation.NotAsked
		return
	}
	for _, scheme := range []string{"https", "http"} {
		v.seen.Hops = nil
		v.seen.Outcome = v.follow(ctx, &url.URL{Scheme: scheme, Host: v.seen.Host, Path: "/"})
		if v.seen.Outcome != observation.NoConnection {
			return
		}
	}
}

// errRobots is returned if robots.txt forbids a request.
var errRobots = errors.New("robots.txt forbids the visit")

// follow asks for an address, and for those to which it redirects.
func (v *visit) follow(ctx context.Context, u *url.URL) observation.Outcome {
	for range maxRedirects + 1 {
		if !isWeb(u) {
			return observation.BadRedirect
		}
		v.seen.Hops = append(v.seen.Hops, (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String())
		response, err := v.get(ctx, u)
		if err != nil {
			return v.outcomeOf(err)
		}
		v.seen.Status = response.status
		location := response.header.Get("Location")
		switch response.status {
		case http.StatusNotModified:
			if response.conditional {
				v.keepPrior()
				return observation.NotModified
			}
		case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
			next, err := u.Parse(location)
			if location == "" || err != nil || !inASCII(next) {
				return observation.BadRedirect
			}
			u = next
			continue
		}
		v.readPage(response)
		return observation.Answered
	}
	return observation.TooManyRedirects
}

var defaultPorts = map[string]string{"http": "80", "https": "443"}

// inASCII brings the host of an address into the form that names have in DNS: in ASCII and lower case, without the dot of the root and the port of the scheme. It
// returns false if the host is no name.
func inASCII(u *url.URL) bool {
	host := u.Hostname()
	if _, err := netip.ParseAddr(host); err == nil || host == "" {
		return true // isWeb and the guard judge it
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if strings.ContainsFunc(host, func(r rune) bool { return r > unicode.MaxASCII }) {
		var err error
		if host, err = idna.Lookup.ToASCII(host); err != nil {
			return false
		}
	}
	if port := u.Port(); port != "" && port != defaultPorts[u.Scheme] {
		host = net.JoinHostPort(host, port)
	}
	u.Host = host
	return true
}

// isWeb reports whether an address is one of the web on its usual ports.
func isWeb(u *url.URL) bool {
	port := u.Port()
	return (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && u.User == nil && (port == "" || port == "80" || port == "443") && len(u.String()) <= 2000
}

// get asks for an address, if robots.txt permits it.
func (v *visit) get(ctx context.Context, u *url.URL) (answer, error) {
	key := u.Scheme + "://" + u.Host
	robots, known := v.robots[key]
	if !known {
		response, err := v.request(ctx, &url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/robots.txt"}, maxRobots, observation.Visit{})
		if err != nil {
			return answer{}, err
		}
		if response.status >= 500 { // nothing may be asked of a server that fails (RFC 9309, 2.3.1.4); that it fails is what we saw
			return response, nil
		}
		robots = parseRobots(response)
		v.robots[key] = robots
	}
	if robots != nil && !robots.TestAgent(u.EscapedPath(), product) {
		return answer{}, errRobots
	}
	return v.request(ctx, u, maxBody, v.prior)
}

const (
	maxRobotsLines = 500
	maxRobotsLine  = 500 // bytes
	maxWildcards   = 5   // of a line; each becomes a part of a regular expression
)

// parseRobots returns the rules of a robots.txt (RFC 9309); nil if there are none. A file that redirects, or that cannot be read, has no rules. Lines that would
// take long to match, and those after maxRobotsLines, are left out.
func parseRobots(a answer) *robotstxt.RobotsData {
	var kept bytes.Buffer
	lines := 0
	for line := range bytes.Lines(a.body) {
		if lines++; lines > maxRobotsLines {
			break
		}
		if len(line) <= maxRobotsLine && bytes.Count(line, []byte("*")) <= maxWildcards {
			kept.Write(line)
		}
	}
	robots, err := robotstxt.FromStatusAndBytes(a.status, kept.Bytes())
	if err != nil {
		return nil
	}
	return robots
}

// An answer is a response that was read.
type answer struct {
	status     int
	header     http.Header
	body       []byte
	incomplete bool // the body is larger, or its encoding is not known
	// conditional says that the request was for a page that has changed since the observation before.
	conditional bool
}

// request sends one request, and reads the answer up to a limit.
func (v *visit) request(ctx context.Context, u *url.URL, limit int, prior observation.Visit) (a answer, err error) {
	if err := v.await(ctx, u.Hostname()); err != nil {
		return answer{}, err
	}
	start := time.Now()
	defer func() { v.spent += time.Since(start) }()
	ctx, cancel := context.WithTimeout(ctx, min(v.prober.timeout(), visitTimeout-v.spent))
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return answer{}, err
	}
	request.Header.Set("User-Agent", "Mozilla/5.0 (compatible; "+product+"/1.0; +"+v.prober.Contact+")")
	request.Header.Set("Accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1")
	request.Header.Set("Accept-Language", "zh-CN,zh;q=0.9,en;q=0.1")
	request.Header.Set("Accept-Encoding", "gzip")
	if prior.Page != nil && prior.Opened() && !prior.Page.Incomplete && prior.Home() == u.String() {
		if prior.ETag != "" {
			request.Header.Set("If-None-Match", prior.ETag)
			a.conditional = true
		} else if prior.LastModified != "" {
			request.Header.Set("If-Modified-Since", prior.LastModified)
			a.conditional = true
		}
	}
	response, err := v.transport.RoundTrip(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	a.status, a.header = response.StatusCode, response.Header
	a.body, a.incomplete, err = readBody(response, limit)
	return a, cmp.Or(ctx.Err(), err) // a server may end the body when it sees that we leave
}

// await looks up a host once, and waits for the turn of a request to it and to its first address that may be dialled.
func (v *visit) await(ctx context.Context, host string) error {
	addresses, known := v.addresses[host]
	if !known {
		var resolution observation.Resolution
		if addresses, resolution = v.prober.lookUp(ctx, host); resolution != observation.Resolved {
			return &net.DNSError{Name: host, Err: string(resolution), IsNotFound: true}
		}
		v.addresses[host] = addresses
	}
	keys := []string{host}
	for _, a := range addresses {
		if v.prober.guard().Check(a) == nil {
			keys = append(keys, a.String())
			break
		}
	}
	return v.prober.Pace.Wait(ctx, keys...)
}

// dial connects to a host that was looked up.
func (v *visit) dial(ctx context.Context, _, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	number, ok := webPort(port)
	if !ok {
		return nil, &dialguard.RefusedError{Target: address}
	}
	return v.prober.dial(ctx, v.addresses[host], number)
}

// readBody reads a body up to a limit, also of what it is unpacked to.
func readBody(response *http.Response, limit int) (body []byte, incomplete bool, err error) {
	var source io.Reader = io.LimitReader(response.Body, int64(limit)+1)
	switch strings.ToLower(response.Header.Get("Content-Encoding")) {
	case "", "identity":
	case "gzip", "x-gzip":
		unpacked, err := gzip.NewReader(source)
		if errors.Is(err, io.EOF) {
			return nil, false, nil
		}
		if err != nil {
			return nil, true, timeoutOnly(err)
		}
		source = io.LimitReader(unpacked, int64(limit)+1)
	default:
		return nil, true, nil
	}
	var read bytes.Buffer
	_, err = read.ReadFrom(source)
	if read.Len() > limit {
		return read.Bytes()[:limit], true, nil
	}
	return read.Bytes(), err != nil, timeoutOnly(err)
}

// timeoutOnly returns an error that says that the time was over. What is wrong with a body otherwise leaves it incomplete.
func timeoutOnly(err error) error {
	if isTimeout(err) {
		return err
	}
	return nil
}

// readPage keeps what is needed of a page.
func (v *visit) readPage(a answer) {
	v.seen.Bytes = len(a.body)
	sum := sha256.Sum256(a.body)
	v.seen.SHA256 = hex.EncodeToString(sum[:])
	kind, _, _ := strings.Cut(strings.ToLower(a.header.Get("Content-Type")), ";")
	kind = strings.TrimSpace(kind)
	if a.status < 200 || a.status > 299 || kind != "" && kind != "text/html" && kind != "application/xhtml+xml" {
		return
	}
	page := webpage.Read(charset.Decode(a.body, a.header.Get("Content-Type")))
	page.Incomplete = page.Incomplete || a.incomplete
	v.seen.Page = &page
	v.seen.ETag, v.seen.LastModified = short(a.header.Get("ETag")), short(a.header.Get("Last-Modified"))
}

// short returns a value of a header, "" if it is too long to be kept.
func short(value string) string {
	if len(value) > 200 {
		return ""
	}
	return value
}

// keepPrior takes over the page of the observation before.
func (v *visit) keepPrior() {
	v.seen.Page, v.seen.Status, v.seen.SHA256, v.seen.Rendered = v.prior.Page, v.prior.Status, v.prior.SHA256, v.prior.Rendered
	v.seen.Bytes, v.seen.ETag, v.seen.LastModified = v.prior.Bytes, v.prior.ETag, v.prior.LastModified
}

// outcomeOf returns how a visit ended with an error.
func (v *visit) outcomeOf(err error) observation.Outcome {
	if _, ok := errors.AsType[*dialguard.RefusedError](err); ok {
		return observation.AddressRefused
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok { // of a redirect
		return observation.BadRedirect
	}
	dial, isDial := errors.AsType[*net.OpError](err)
	switch {
	case errors.Is(err, errRobots):
		return observation.RobotsForbid
	case isDial && dial.Op == "dial":
		return observation.NoConnection
	case isTimeout(err):
		return observation.TooSlow
	case v.handshakeFailed():
		return observation.NoConnection
	}
	return observation.BadAnswer
}

func isTimeout(err error) bool {
	failed, ok := errors.AsType[net.Error](err)
	return errors.Is(err, context.DeadlineExceeded) || ok && failed.Timeout()
}
