// Package siteprobe visits filed websites, and returns what it saw. Start with a [Prober]:
//
//	p := siteprobe.Prober{Resolver: net.DefaultResolver, Contact: "https://provider.example/site-watch", Now: time.Now, Pace: siteprobe.NewPace()}
//	seen, err := p.Probe(ctx, "example.cn", nil)
//
// It visits the host and its www. Each is asked for its home page over HTTPS, else over HTTP, and redirects are followed.
//
// It is polite: it says who it is and where to complain, obeys robots.txt, asks a host and an address at most once in [Interval], and asks for a
// page that has not changed by a conditional request.
//
// It does not trust what it visits. Whoever has a domain decides where its name and its redirects lead, so each address is judged by a guard
// when it is dialled (package dialguard), only ports 80 and 443 are dialled, and no proxy is used. Redirects, headers, bodies, what bodies are
// unpacked to, and time are limited. Nothing of a page is loaded and no script runs.
package siteprobe

import (
	"context"
	"crypto/x509"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"beian/shared/partners/dialguard"
	"beian/shared/rules/observation"
)

// Limits of a visit.
const (
	maxRedirects   = 5
	maxHeader      = 32 << 10 // bytes
	maxBody        = 1 << 20  // bytes, packed and unpacked
	maxRobots      = 64 << 10 // bytes
	maxAddresses   = 16       // that are kept of a name
	maxDials       = 2        // addresses that are dialled for a connection
	requestTimeout = 10 * time.Second
	visitTimeout   = 30 * time.Second // of all requests of a visit, without the time waited to be polite
	dialTimeout    = 4 * time.Second
)

// product is our name in robots.txt.
const product = "BeianSiteWatch"

// A Prober visits sites. It is safe for concurrent use.
type Prober struct {
	Resolver Resolver
	// Dial connects to an address; nil dials it. Whatever it is, the guard has judged the address before.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Guard says which addresses may be dialled. Addresses that are translated to IPv4 are refused in any case.
	Guard dialguard.Guard
	// Contact is the address of a page that says what the visits are for.
	Contact string
	// Roots are the certificate authorities; nil are those of the system.
	Roots *x509.CertPool
	// Now is the time of the observation, and for the validity of certificates.
	Now  func() time.Time
	Pace *Pace
	// Timeout limits one request, if it is shorter than ten seconds.
	Timeout time.Duration
}

// A Resolver looks up the addresses of a name. net.Resolver implements it.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// translated are networks that lead to IPv4 addresses through a translator (RFC 6052).
var translated = []netip.Prefix{netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48")}

// Probe visits a host and its www. prior is the observation before, for conditional requests; nil to read every page again. The error is that of
// ctx: what the site does is in the observation.
func (p *Prober) Probe(ctx context.Context, host string, prior *observation.Observation) (observation.Observation, error) {
	seen := observation.Observation{Host: host, At: p.Now().UTC()}
	names := []string{host}
	if !strings.HasPrefix(host, "www.") {
		names = append(names, "www."+host)
	}
	for _, name := range names {
		var before observation.Visit
		if prior != nil {
			before, _ = prior.Of(name)
		}
		v := newVisit(p, name, before)
		v.run(ctx)
		v.close()
		if err := ctx.Err(); err != nil {
			return observation.Observation{}, err
		}
		seen.Visits = append(seen.Visits, v.seen)
	}
	return seen, nil
}

// lookUp returns the addresses of a name, in order. An address is its own.
func (p *Prober) lookUp(ctx context.Context, host string) ([]netip.Addr, observation.Resolution) {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a}, observation.Resolved
	}
	ctx, cancel := context.WithTimeout(ctx, p.timeout())
	defer cancel()
	found, err := p.Resolver.LookupNetIP(ctx, "ip", host)
	if failed, ok := errors.AsType[*net.DNSError](err); ok && failed.IsNotFound {
		return nil, observation.NotResolved
	}
	if err != nil {
		return nil, observation.ResolutionUnknown
	}
	for i, a := range found {
		found[i] = a.Unmap().WithZone("")
	}
	slices.SortFunc(found, netip.Addr.Compare)
	if found = slices.Compact(found); len(found) == 0 {
		return nil, observation.NotResolved
	}
	return found[:min(len(found), maxAddresses)], observation.Resolved
}

func (p *Prober) timeout() time.Duration {
	if p.Timeout > 0 && p.Timeout < requestTimeout {
		return p.Timeout
	}
	return requestTimeout
}

// guard is the guard with the networks that are refused in any case.
func (p *Prober) guard() dialguard.Guard {
	g := p.Guard
	g.Deny = slices.Concat(g.Deny, translated)
	return g
}

// dial connects to the first of some addresses that may be dialled and answers.
func (p *Prober) dial(ctx context.Context, addresses []netip.Addr, port uint16) (net.Conn, error) {
	guard, dial := p.guard(), p.Dial
	if dial == nil {
		dial = (&net.Dialer{Timeout: dialTimeout, Control: guard.Control}).DialContext
	}
	var failed, refused error
	dials := 0
	for _, a := range addresses {
		if err := guard.Check(a); err != nil {
			refused = err
			continue
		}
		if dials++; dials > maxDials {
			break
		}
		one, cancel := context.WithTimeout(ctx, dialTimeout)
		connection, err := dial(one, "tcp", netip.AddrPortFrom(a, port).String())
		cancel()
		if err == nil {
			return connection, nil
		}
		failed = err
	}
	if failed == nil {
		failed = refused
	}
	return nil, failed
}
