package domainfacts

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// dialTimeout limits one connection.
const dialTimeout = 3 * time.Second

// errNotPublic refuses a connection to an address that is not public.
var errNotPublic = errors.New("the address is not public")

// reserved are the networks that are not public besides those that netip.Addr recognises (IANA special-purpose address registries). They
// include forms that embed an IPv4 address, and the metadata address of Alibaba Cloud, 100.100.100.200.
var reserved = parsePrefixes("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24",
	"203.0.113.0/24", "240.0.0.0/4", "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16",
	"3fff::/20", "5f00::/16", "fec0::/10")

func parsePrefixes(texts ...string) []netip.Prefix {
	var prefixes []netip.Prefix
	for _, text := range texts {
		prefixes = append(prefixes, netip.MustParsePrefix(text))
	}
	return prefixes
}

// isPublic reports whether an address is on the public Internet: not private, of this host or link, of a cloud's metadata service, or
// reserved.
func isPublic(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	for _, p := range reserved {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// publicDialer connects to public addresses only. It checks the address of each connection when it is made, so that a name cannot resolve
// to another address after a check.
func publicDialer() *net.Dialer {
	return &net.Dialer{Timeout: dialTimeout, ControlContext: func(_ context.Context, network, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil || network != "tcp4" && network != "tcp6" || !isPublic(to.Addr()) {
			return fmt.Errorf("connect: %w", errNotPublic)
		}
		return nil
	}}
}
