package siteprobe_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"beian/shared/partners/dialguard"
	"beian/shared/rules/observation"
)

// TestHostile: servers that are slow, endless, circular or malformed end a visit within its limits.
func TestHostile(t *testing.T) {
	const mib = 1 << 20
	var bomb bytes.Buffer
	packer := gzip.NewWriter(&bomb)
	fmt.Fprint(packer, "<p>"+number)
	for range 64 {
		if _, err := packer.Write(make([]byte, mib)); err != nil {
			t.Fatal(err)
		}
	}
	if err := packer.Close(); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		serve http.HandlerFunc
		want  func(observation.Visit) bool
	}{
		"never answers": {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, outcome(observation.TooSlow)},
		"a body that never ends, slowly": {func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, "<p>")
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		}, outcome(observation.TooSlow)},
		"a body that never ends": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			for _, err := fmt.Fprint(w, "<p>"+number); err == nil; {
				_, err = w.Write(bytes.Repeat([]byte("<br>"), 1000))
			}
		}, func(v observation.Visit) bool {
			return v.Outcome == observation.Answered && v.Bytes == mib && v.Page.Incomplete && len(v.Page.Numbers) == 1
		}},
		"a gzip bomb": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(bomb.Bytes())
		}, func(v observation.Visit) bool { return v.Bytes == mib && v.Page.Incomplete && len(v.Page.Numbers) == 1 }},
		"gzip that is none": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			fmt.Fprint(w, number)
		}, func(v observation.Visit) bool {
			return v.Outcome == observation.Answered && (v.Page == nil || v.Page.Incomplete)
		}},
		"an encoding that nobody asked for": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.Header().Set("Content-Encoding", "br")
			fmt.Fprint(w, number)
		}, func(v observation.Visit) bool { return v.Page != nil && v.Page.Incomplete }},
		"huge headers": {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X", strings.Repeat("x", mib)) }, outcome(observation.BadAnswer)},
		"many headers": {func(w http.ResponseWriter, _ *http.Request) {
			for i := range 10_000 {
				w.Header().Set(fmt.Sprint("X-", i), "x")
			}
		}, outcome(observation.BadAnswer)},
		"a redirect to itself": {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) }, func(v observation.Visit) bool {
			return v.Outcome == observation.TooManyRedirects && len(v.Hops) == 6
		}},
		"redirects without end":            {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path+"x", http.StatusFound) }, outcome(observation.TooManyRedirects)},
		"a redirect to a file":             {redirect("file:///etc/passwd"), outcome(observation.BadRedirect)},
		"a redirect to another protocol":   {redirect("gopher://example.cn/"), outcome(observation.BadRedirect)},
		"a redirect to another port":       {redirect("http://example.cn:6379/"), outcome(observation.BadRedirect)},
		"a redirect with a password":       {redirect("http://a:b@example.cn/"), outcome(observation.BadRedirect)},
		"a redirect to nowhere":            {redirect(""), outcome(observation.BadRedirect)},
		"a redirect that is no address":    {redirect("http://[::1"), outcome(observation.BadRedirect)},
		"a redirect to a name without one": {redirect("http://unknown-example.cn/"), outcome(observation.BadRedirect)},
		"a very long redirect":             {redirect("/" + strings.Repeat("x", 10_000)), outcome(observation.BadRedirect)},
		"a 304 that nobody asked for":      {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) }, func(v observation.Visit) bool { return v.Outcome == observation.Answered && !v.Opened() }},
		"cut off": {func(w http.ResponseWriter, _ *http.Request) {
			connection, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				connection.Close()
			}
		}, outcome(observation.BadAnswer)},
		"100,000 links": {page(strings.Repeat(`<a href="/x">x</a>`, 50_000) + number), func(v observation.Visit) bool { return v.Opened() && len(v.Page.Numbers) == 1 }},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.prober.Timeout = 2 * time.Second
			if strings.Contains(name, "never answers") || strings.Contains(name, "slowly") {
				f.prober.Timeout = 200 * time.Millisecond
			}
			f.web.Add(site, address, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/robots.txt" {
					http.NotFound(w, r)
					return
				}
				c.serve(w, r)
			}))
			if v := f.visit(nil); !c.want(v) {
				v.Hops = v.Hops[:min(len(v.Hops), 1)]
				t.Errorf("%+v", v)
			}
		})
	}
}

func outcome(want observation.Outcome) func(observation.Visit) bool {
	return func(v observation.Visit) bool { return v.Outcome == want && v.Page == nil }
}

func redirect(to string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if to != "" {
			w.Header()["Location"] = []string{to}
		}
		w.WriteHeader(http.StatusFound)
	}
}

// TestNeverDialled: addresses that are not public, and those of the provider, are not dialled, in whichever form and by whichever way.
func TestNeverDialled(t *testing.T) {
	private := []string{"127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "100.100.100.200", "0.0.0.0", "224.0.0.1", "255.255.255.255",
		"::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1",
		"64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b::0882:101", "64:ff9b:1::1", "2002:7f00:1::", "2001::1", "8.130.9.9", "::ffff:8.130.9.9"}
	for _, target := range private {
		for way, set := range map[string]func(*fixture){
			"the site's address": func(f *fixture) { f.web.AddName(site, target) },
			"a redirect":         func(f *fixture) { f.web.Add(site, address, redirect("http://"+bracket(target)+"/")) },
			"a redirect to a name": func(f *fixture) {
				f.web.Add(site, address, redirect("http://inside-example.cn/"))
				f.web.AddName("inside-example.cn", target)
			},
			"a name that changes": func(f *fixture) {
				f.web.Add(site, address, redirect("http://www.example.cn/"))
				f.web.AddName("www."+site, target, address, target)
			},
		} {
			f := newFixture(t)
			f.prober.Guard = dialguard.Guard{Deny: []netip.Prefix{netip.MustParsePrefix("8.130.9.0/24")}}
			set(f)
			v := f.visit(nil)
			if v.Outcome != observation.AddressRefused && v.Outcome != observation.BadRedirect || v.Page != nil {
				t.Errorf("%s by %s: %+v", target, way, v)
			}
			for _, dialled := range f.web.Dialled() {
				if host := netip.MustParseAddrPort(dialled).Addr().String(); host != address {
					t.Errorf("%s by %s: dialled %s", target, way, dialled)
				}
			}
		}
	}
}

func bracket(address string) string {
	if strings.Contains(address, ":") {
		return "[" + address + "]"
	}
	return address
}

// TestLoopbackAllowed: without a web, the prober dials by itself; the guard refuses the loopback unless it is allowed.
func TestLoopbackAllowed(t *testing.T) {
	f := newFixture(t)
	f.web.AddName(site, "127.0.0.1")
	f.prober.Dial = nil
	if v := f.visit(nil); v.Outcome != observation.AddressRefused {
		t.Errorf("%+v", v)
	}
	f.prober.Guard.Allow = dialguard.Loopback
	if v := f.visit(nil); v.Outcome == observation.AddressRefused { // nothing listens on port 80, or something does
		t.Errorf("%+v", v)
	}
}
