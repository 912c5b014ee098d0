package siteprobe_test

import (
	"context"
	"crypto/x509"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"beian/infra/local/inventedweb"
	"beian/shared/partners/siteprobe"
	"beian/shared/rules/observation"
)

const (
	site    = "example.cn"
	address = "8.130.1.1"
	number  = "京ICP备12345678号-1"
)

var now = time.Date(2026, 11, 28, 4, 0, 0, 0, time.UTC)

func clock() time.Time { return now }

// A fixture is a prober on an invented web.
type fixture struct {
	t      *testing.T
	web    *inventedweb.Web
	prober siteprobe.Prober
	waited time.Duration // to be polite
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	web, err := inventedweb.Start(clock)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(web.Close)
	f := &fixture{t: t, web: web}
	pace := &siteprobe.Pace{Now: func() time.Time { return now.Add(f.waited) }, Sleep: func(ctx context.Context, d time.Duration) error { f.waited += d; return ctx.Err() }}
	f.prober = siteprobe.Prober{Resolver: web, Dial: web.Dial, Roots: web.Roots(), Contact: "https://provider.example/watch", Now: clock, Pace: pace}
	return f
}

// visit probes the site and returns the visit of the host itself.
func (f *fixture) visit(prior *observation.Observation) observation.Visit {
	f.t.Helper()
	seen, err := f.prober.Probe(f.t.Context(), site, prior)
	if err != nil {
		f.t.Fatal(err)
	}
	v, ok := seen.Of(site)
	if !ok || seen.Host != site || !seen.At.Equal(now) {
		f.t.Fatalf("%+v", seen)
	}
	return v
}

// page serves HTML at every path but robots.txt.
func page(html string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, html)
	}
}

// TestProbe: the host and its www are visited, with what they show.
func TestProbe(t *testing.T) {
	f := newFixture(t)
	f.web.Add(site, address, page("<title>示例</title><p>"+number))
	f.web.Add("www."+site, "8.130.1.2", http.RedirectHandler("https://"+site+"/a?token=secret#x", http.StatusMovedPermanently))
	seen, err := f.prober.Probe(t.Context(), site, nil)
	if err != nil || len(seen.Visits) != 2 {
		t.Fatalf("%+v, %v", seen, err)
	}
	bare, www := seen.Visits[0], seen.Visits[1]
	if bare.Resolution != observation.Resolved || bare.Addresses[0].String() != address || bare.Outcome != observation.Answered || bare.Status != 200 || !bare.Opened() ||
		bare.TLS == nil || bare.TLS.Problem != "" || !bare.TLS.Expires.Equal(now.AddDate(0, 3, 0)) || bare.Home() != "https://example.cn/" || bare.SHA256 == "" ||
		bare.Page == nil || bare.Page.Title != "示例" || bare.Page.Numbers[0].Filing.String() != number {
		t.Errorf("%+v", bare)
	}
	if want := []string{"https://www.example.cn/", "https://example.cn/a"}; !slices.Equal(www.Hops, want) || www.HomeHost() != site || !www.Opened() {
		t.Errorf("%+v", www)
	}
}

// TestOutcomes: how a visit ends, and what is known of it.
func TestOutcomes(t *testing.T) {
	for name, c := range map[string]struct {
		set  func(*fixture)
		want func(observation.Visit) bool
	}{
		"no such name": {func(*fixture) {}, func(v observation.Visit) bool {
			return v.Resolution == observation.NotResolved && v.Outcome == observation.NotAsked && !v.Unsure()
		}},
		"the resolver fails": {func(f *fixture) { f.web.Fail(site) }, func(v observation.Visit) bool { return v.Unsure() }},
		"nothing listens":    {func(f *fixture) { f.web.AddName(site, address) }, func(v observation.Visit) bool { return v.Outcome == observation.NoConnection && v.TLS == nil }},
		"HTTP only": {func(f *fixture) {
			f.web.Add(site, address, page(number))
			f.web.Serve(address, inventedweb.PlainOnly)
		}, func(v observation.Visit) bool { return v.Opened() && v.TLS == nil && v.Home() == "http://example.cn/" }},
		"an expired certificate": {func(f *fixture) {
			f.web.Add(site, address, page(number))
			f.web.Certify(site, site, now.AddDate(-1, 0, 0), now.AddDate(0, 0, -1))
		}, func(v observation.Visit) bool {
			return v.Opened() && v.TLS.Problem == observation.Expired && v.TLS.Expires.Equal(now.AddDate(0, 0, -1))
		}},
		"a certificate of next year": {func(f *fixture) {
			f.web.Add(site, address, page(number))
			f.web.Certify(site, site, now.AddDate(1, 0, 0), now.AddDate(2, 0, 0))
		}, func(v observation.Visit) bool { return v.Opened() && v.TLS.Problem == observation.NotYetValid }},
		"the certificate of another host": {func(f *fixture) {
			f.web.Add(site, address, page(number))
			f.web.Certify(site, "other-example.cn", now, now.AddDate(1, 0, 0))
		}, func(v observation.Visit) bool { return v.Opened() && v.TLS.Problem == observation.OtherHost }},
		"an authority that nobody knows": {func(f *fixture) {
			f.web.Add(site, address, page(number))
			f.prober.Roots = x509.NewCertPool()
		}, func(v observation.Visit) bool { return v.Opened() && v.TLS.Problem == observation.Untrusted }},
		"a handshake that fails": {func(f *fixture) {
			f.web.Add(site, address, page(number))
			f.web.RefuseTLS(site)
		}, func(v observation.Visit) bool {
			return v.Opened() && v.TLS.Problem == observation.HandshakeFailed && v.Home() == "http://example.cn/"
		}},
		"robots.txt forbids it": {func(f *fixture) {
			f.web.Add(site, address, robots(200, "User-agent: *\nDisallow: /\n"))
		}, func(v observation.Visit) bool {
			return v.Outcome == observation.RobotsForbid && v.Unsure() && v.Page == nil
		}},
		"robots.txt forbids us": {func(f *fixture) {
			f.web.Add(site, address, robots(200, "User-agent: BeianSiteWatch\nDisallow: /\n\nUser-agent: *\nAllow: /\n"))
		}, func(v observation.Visit) bool { return v.Outcome == observation.RobotsForbid }},
		"robots.txt forbids others": {func(f *fixture) {
			f.web.Add(site, address, robots(200, "User-agent: *\nDisallow: /private\n\nUser-agent: Other\nDisallow: /\n"))
		}, observation.Visit.Opened},
		"robots.txt that cannot be read": {func(f *fixture) { f.web.Add(site, address, robots(200, "Disallow: /\n<html>")) }, observation.Visit.Opened},
		"robots.txt that fails": {func(f *fixture) { f.web.Add(site, address, robots(500, "")) }, func(v observation.Visit) bool {
			return v.Outcome == observation.Answered && v.Status == 500 && v.Page == nil
		}},
		"an error": {func(f *fixture) {
			f.web.Add(site, address, http.NotFoundHandler())
		}, func(v observation.Visit) bool {
			return v.Outcome == observation.Answered && v.Status == 404 && !v.Opened() && v.Page == nil
		}},
		"no HTML": {func(f *fixture) {
			f.web.Add(site, address, answer("application/json", "{}"))
		}, func(v observation.Visit) bool { return v.Opened() && v.Page == nil }},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			c.set(f)
			if v := f.visit(nil); !c.want(v) {
				t.Errorf("%+v, TLS %+v", v, v.TLS)
			}
		})
	}
}

// TestRedirectedNames: a redirect to a name in Chinese, in capitals, or with the dot of the root is followed to the name that DNS has.
func TestRedirectedNames(t *testing.T) {
	for to, want := range map[string]string{"https://例子.cn/": "xn--fsqu00a.cn", "https://OTHER-Example.cn/": "other-example.cn", "https://other-example.cn./": "other-example.cn", "//例子.cn:443/": "xn--fsqu00a.cn"} {
		f := newFixture(t)
		f.web.Add(site, address, redirect(to))
		f.web.Add(want, "8.130.1.3", page(number))
		if v := f.visit(nil); !v.Opened() || v.HomeHost() != want || v.TLS == nil || v.TLS.Problem != "" {
			t.Errorf("%s: %+v, TLS %+v", to, v, v.TLS)
		}
	}
	f := newFixture(t)
	f.web.Add(site, address, redirect("https://例\u202e.cn/"))
	if v := f.visit(nil); v.Outcome != observation.BadRedirect {
		t.Errorf("%+v", v)
	}
}

// robots serves a robots.txt, and a page elsewhere.
func robots(status int, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/robots.txt" {
			page(number)(w, r)
			return
		}
		w.WriteHeader(status)
		fmt.Fprint(w, text)
	}
}

func answer(contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		fmt.Fprint(w, body)
	}
}

// TestIdentified: the site learns who visits it, and gets no request twice within a second.
func TestIdentified(t *testing.T) {
	f := newFixture(t)
	requests := 0
	count := func(w http.ResponseWriter, r *http.Request) {
		requests++
		if agent := r.UserAgent(); !strings.Contains(agent, "BeianSiteWatch/1.0") || !strings.Contains(agent, "+https://provider.example/watch") {
			t.Errorf("the agent is %q", agent)
		}
		page(number)(w, r)
	}
	f.web.Add(site, address, http.HandlerFunc(count))
	f.web.Add("www."+site, address, http.HandlerFunc(count)) // of the same address
	f.visit(nil)
	if requests != 4 || f.waited != 3*siteprobe.Interval {
		t.Errorf("%d requests, %s waited", requests, f.waited)
	}
}

// TestConditional: a page that has not changed is not read again.
func TestConditional(t *testing.T) {
	for name, header := range map[string][2]string{"ETag": {"ETag", "If-None-Match"}, "Last-Modified": {"Last-Modified", "If-Modified-Since"}} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			version, pages := "Sat, 28 Nov 2026 04:00:00 GMT", 0
			f.web.Add(site, address, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set(header[0], version)
				if r.URL.Path == "/" && r.Header.Get(header[1]) == version {
					w.WriteHeader(http.StatusNotModified)
					return
				}
				if r.URL.Path == "/" {
					pages++
				}
				page(number)(w, r)
			}))
			first, err := f.prober.Probe(t.Context(), site, nil)
			if err != nil {
				t.Fatal(err)
			}
			second := f.visit(&first)
			if pages != 1 || second.Outcome != observation.NotModified || !second.Opened() || second.Page == nil || second.SHA256 != first.Visits[0].SHA256 {
				t.Errorf("%d pages, %+v", pages, second)
			}
			seen := observation.Observation{Host: site, Visits: []observation.Visit{second}}
			if third := f.visit(&seen); third.Outcome != observation.NotModified {
				t.Errorf("the third time: %+v", third)
			}
			version += " "
			version = strings.Replace(version, "28 ", "29 ", 1)
			if changed := f.visit(&first); pages != 2 || changed.Outcome != observation.Answered {
				t.Errorf("%d pages, %+v", pages, changed)
			}
		})
	}
}

// TestPace: requests to one host, and to one address, are a second apart; others do not wait.
func TestPace(t *testing.T) {
	at := now
	var waited []time.Duration
	p := siteprobe.Pace{Now: func() time.Time { return at }, Sleep: func(_ context.Context, d time.Duration) error { waited = append(waited, d); return nil }}
	for _, keys := range [][]string{{"a", "1"}, {"b", "2"}, {"c", "1"}, {"a", "3"}, {"a", "1"}} {
		if err := p.Wait(t.Context(), keys...); err != nil {
			t.Fatal(err)
		}
	}
	if want := []time.Duration{time.Second, time.Second, 2 * time.Second}; !slices.Equal(waited, want) {
		t.Errorf("waited %v, want %v", waited, want)
	}
	at = at.Add(10 * time.Second)
	if err := p.Wait(t.Context(), "a", "1"); err != nil || len(waited) != 3 {
		t.Errorf("waited %v, %v", waited, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if siteprobe.NewPace().Wait(ctx, "a") == nil {
		t.Error("a request after the end")
	}
}

// TestEnded: a probe that the caller ends has no result.
func TestEnded(t *testing.T) {
	f := newFixture(t)
	ctx, cancel := context.WithCancel(t.Context())
	f.web.Add(site, address, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { cancel(); <-r.Context().Done() }))
	if seen, err := f.prober.Probe(ctx, site, nil); err == nil {
		t.Errorf("%+v", seen)
	}
}
