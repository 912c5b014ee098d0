// Package dialguard keeps requests to hosts that strangers name away from networks that are not public: a site to watch, or the
// endpoint of a webhook, must not reach this machine, a private network, or the metadata service of the cloud. [Guard.Transport]
// returns a transport for such requests.
//
//	client := http.Client{Transport: dialguard.Guard{}.Transport()}
//
// A guard judges the address that is dialled, after the name was resolved. A name that resolves differently the second time, a
// redirect and an IPv4 address in the clothes of IPv6 are therefore judged like any other address. Proxies are not used, because
// behind one the address cannot be seen.
package dialguard

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"time"
)

// A Guard decides which addresses may be dialled. The zero value allows the public internet.
type Guard struct {
	// Deny are networks that are refused in any case, for example those of the provider.
	Deny []netip.Prefix
	// Allow are networks that are allowed although they are not public: the loopback in tests and on the laptop.
	Allow []netip.Prefix
}

// A RefusedError is returned for an address, or the name of a host, that may not be dialled.
type RefusedError struct{ Target string }

func (e *RefusedError) Error() string {
	return fmt.Sprintf("%s is not on the public internet; nothing is sent there", e.Target)
}

// Loopback are the networks of the machine itself, for [Guard.Allow].
var Loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

// Networks that the IANA registries of special-purpose addresses name as not globally reachable, or that lead to another address.
var (
	special4 = prefixes("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32", // the agent of Azure's machines
		"169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
		"192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15",
		"198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4")
	// Of IPv6 only this network is given out; it excludes unique local, link-local, mapped, translated and multicast addresses.
	global6  = netip.MustParsePrefix("2000::/3")
	special6 = prefixes("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")
	// Addresses of these networks end with the IPv4 address to which they lead.
	translated = prefixes("64:ff9b::/96")
)

func prefixes(all ...string) []netip.Prefix {
	var list []netip.Prefix
	for _, p := range all {
		list = append(list, netip.MustParsePrefix(p))
	}
	return list
}

// Check returns a [*RefusedError] if the address may not be dialled. Deny is stronger than Allow.
func (g Guard) Check(a netip.Addr) error {
	bare := a.WithZone("")
	target := reached(bare)
	switch {
	case !a.IsValid(), within(g.Deny, bare), within(g.Deny, target), !within(g.Allow, target) && !public(target):
		return &RefusedError{a.String()}
	}
	return nil
}

// CheckHost returns a [*RefusedError] if the host of a URL names, without any look-up, something that is not public: an address in
// any notation that a resolver may know ("127.1", "0x7f000001"), or a name that is never public. Other names are judged when they
// are dialled.
func (g Guard) CheckHost(host string) error {
	if a, err := netip.ParseAddr(host); err == nil {
		return g.Check(a)
	}
	name := strings.ToLower(strings.TrimSuffix(host, "."))
	last := name[strings.LastIndexByte(name, '.')+1:]
	switch {
	case name == "localhost" && g.Check(netip.IPv6Loopback()) == nil:
		return nil
	// No public name has one label, or a last label that begins with a digit.
	case last == name, last == "", last[0] >= '0' && last[0] <= '9', slices.Contains(localNames, last):
		return &RefusedError{host}
	}
	return nil
}

// localNames are the last labels of names that are never public.
var localNames = []string{"localhost", "local", "internal", "intranet", "private", "corp", "home", "lan", "localdomain", "arpa", "onion", "invalid"}

func within(networks []netip.Prefix, a netip.Addr) bool {
	return slices.ContainsFunc(networks, func(p netip.Prefix) bool { return p.Contains(a) })
}

// reached returns the IPv4 address to which a mapped or translated address leads; other addresses as they are.
func reached(a netip.Addr) netip.Addr {
	if within(translated, a) {
		bytes := a.As16()
		return netip.AddrFrom4([4]byte(bytes[12:]))
	}
	return a.Unmap()
}

func public(a netip.Addr) bool {
	if a.Is4() {
		return !within(special4, a)
	}
	return global6.Contains(a) && !within(special6, a)
}

// Control is the function of the same name of [net.Dialer]: it refuses an address just before it is dialled.
func (g Guard) Control(network, address string, _ syscall.RawConn) error {
	target, err := netip.ParseAddrPort(address)
	if err != nil || !strings.HasPrefix(network, "tcp") {
		return &RefusedError{network + " " + address}
	}
	return g.Check(target.Addr())
}

// Transport returns a transport that dials only allowed addresses, and never through a proxy. Its header limit is 64 KiB.
func (g Guard) Transport() *http.Transport {
	dialer := net.Dialer{Timeout: 10 * time.Second, Control: g.Control}
	return &http.Transport{
		DialContext: dialer.DialContext, TLSHandshakeTimeout: 10 * time.Second, MaxResponseHeaderBytes: 64 << 10,
		MaxIdleConnsPerHost: 1, IdleConnTimeout: 30 * time.Second, ForceAttemptHTTP2: true,
	}
}
