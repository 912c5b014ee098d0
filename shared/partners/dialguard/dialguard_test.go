package dialguard_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"testing"

	"beian/shared/partners/dialguard"
)

func refused(err error) bool {
	_, is := errors.AsType[*dialguard.RefusedError](err)
	return is
}

func TestOnlyPublicAddressesAreAllowed(t *testing.T) {
	for address, allowed := range map[string]bool{
		"1.1.1.1": true, "39.96.0.1": true, "172.32.0.1": true, "2400:3200::1": true, "64:ff9b::101:101": true, "::ffff:1.1.1.1": true,
		"0.0.0.0": false, "10.1.2.3": false, "127.0.0.1": false, "127.255.255.254": false, "169.254.169.254": false, "172.16.0.1": false,
		"172.31.255.255": false, "192.168.1.1": false, "100.100.100.200": false, "198.18.0.1": false, "203.0.113.9": false, "224.0.0.1": false,
		"255.255.255.255": false, "168.63.129.16": false, "::": false, "::1": false, "fe80::1": false, "fe80::1%eth0": false, "fc00::1": false, "fd00:ec2::254": false,
		"ff02::1": false, "fec0::1": false, "::ffff:127.0.0.1": false, "::ffff:169.254.169.254": false, "::127.0.0.1": false,
		"64:ff9b::7f00:1": false, "64:ff9b::a9fe:a9fe": false, "64:ff9b:1::1": false, "2002:7f00:1::": false, "2001:0:1::": false,
		"2001:db8::1": false, "100::1": false,
	} {
		if err := (dialguard.Guard{}).Check(netip.MustParseAddr(address)); refused(err) == allowed {
			t.Errorf("%s: %v", address, err)
		}
	}
	if err := (dialguard.Guard{}).Check(netip.Addr{}); !refused(err) {
		t.Errorf("no address: %v", err)
	}
}

func TestListsChangeWhatIsAllowed(t *testing.T) {
	g := dialguard.Guard{Allow: dialguard.Loopback, Deny: []netip.Prefix{netip.MustParsePrefix("39.96.0.0/16"), netip.MustParsePrefix("127.0.0.9/32"), netip.MustParsePrefix("64:ff9b::900:0/112")}}
	for address, allowed := range map[string]bool{
		"127.0.0.1": true, "::1": true, "::ffff:127.0.0.1": true, "39.97.0.1": true,
		"127.0.0.9": false, "39.96.0.1": false, "::ffff:39.96.0.1": false, "64:ff9b::2760:1": false, "64:ff9b::900:1": false, "10.0.0.1": false,
	} {
		if err := g.Check(netip.MustParseAddr(address)); refused(err) == allowed {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestHostsAreJudgedWithoutALookup(t *testing.T) {
	for host, allowed := range map[string]bool{
		"example.com": true, "example.com.": true, "xn--fiq228c.cn": true, "1.1.1.1": true, "2400:3200::1": true, "127.0.0.1.example.com": true,
		"": false, ".": false, "localhost": false, "LOCALHOST.": false, "a.localhost": false, "printer.local": false, "intranet": false,
		"metadata.google.internal": false, "127.0.0.1": false, "::1": false, "127.1": false, "2130706433": false, "0x7f000001": false,
		"0177.0.0.1": false, "127.0.0.1.": false, "fe80::1%25eth0": false,
	} {
		if err := (dialguard.Guard{}).CheckHost(host); refused(err) == allowed {
			t.Errorf("%q: %v", host, err)
		}
	}
	if err := (dialguard.Guard{Allow: dialguard.Loopback}).CheckHost("localhost"); err != nil {
		t.Errorf("localhost where the loopback is allowed: %v", err)
	}
}

func TestTheAddressThatIsDialledIsJudged(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]"} {
		target := "http://" + host + ":" + u.Port()
		transport := dialguard.Guard{}.Transport()
		if _, err := (&http.Client{Transport: transport}).Get(target); !refused(err) {
			t.Errorf("%s: %v", target, err)
		}
		allowing := dialguard.Guard{Allow: dialguard.Loopback}.Transport()
		response, err := (&http.Client{Transport: allowing}).Get(target)
		if err != nil {
			t.Errorf("%s where the loopback is allowed: %v", target, err)
			continue
		}
		response.Body.Close()
		allowing.CloseIdleConnections()
	}
}

func TestOtherNetworksAreRefused(t *testing.T) {
	for _, address := range [][2]string{{"udp", "1.1.1.1:443"}, {"unix", "/run/socket"}, {"tcp", "example.com:443"}} {
		if err := (dialguard.Guard{}).Control(address[0], address[1], nil); !refused(err) {
			t.Errorf("%v: %v", address, err)
		}
	}
}

func FuzzCheckHost(f *testing.F) {
	for _, host := range []string{"example.com", "127.1", "::ffff:127.0.0.1", "fe80::1%25eth0", ".", "0x7f.1"} {
		f.Add(host)
	}
	f.Fuzz(func(t *testing.T, host string) {
		allowed := dialguard.Guard{}.CheckHost(host) == nil
		if a, err := netip.ParseAddr(host); err == nil && allowed != (dialguard.Guard{}.Check(a) == nil) {
			t.Errorf("%q is judged in two ways", host)
		}
	})
}
