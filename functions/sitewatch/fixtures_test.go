package sitewatch_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"beian/infra/local/inventedweb"
	"beian/shared/rules/province"
)

// TestTenSites: ten invented sites on real servers have ten expected findings and no other.
func TestTenSites(t *testing.T) {
	f := newFixture(t)
	const link = `<a href="https://beian.miit.gov.cn/">%s</a>`
	for n, c := range []struct {
		province, number string // number is as the page shows it; # is the serial
		serve            func(host, address, shown string)
		want             string
	}{
		{"11", "京ICP备#号-1", func(host, address, shown string) { f.web.Add(host, address, page("<p>"+fmt.Sprintf(link, shown))) }, ""},
		{"11", "", func(host, address, _ string) { f.web.Add(host, address, page("<p>没有备案号")) }, "watch-number-missing"},
		{"11", "京ICP备87654321号-1", func(host, address, shown string) { f.web.Add(host, address, page(fmt.Sprintf(link, shown))) }, "watch-number-other"},
		{"44", "粤ICP备#号-1", func(host, address, shown string) { f.web.Add(host, address, page(fmt.Sprintf(link, shown))) }, "watch-number-with-suffix"},
		{"11", "京ICP备#号-1", func(host, address, shown string) {
			f.web.Add(host, address, page("<style>.f a{color:#fefefe}</style><div class=f>"+fmt.Sprintf(link, shown)))
		}, "watch-number-hidden"},
		{"11", "京ICP备#号-1", func(host, address, shown string) { f.web.Add(host, address, page(shown)) }, "watch-link-missing"},
		{"32", "苏ICP备#号-1", func(host, address, shown string) { f.web.Add(host, address, page(fmt.Sprintf(link, shown))) }, "watch-copyright-missing"},
		{"33", "浙ICP备#号-1", func(host, address, shown string) {
			f.web.Add(host, address, page("<title>欢迎光临</title>"+fmt.Sprintf(link, shown)))
		}, "watch-title-differs"},
		{"11", "京ICP备#号-1", func(host, _, shown string) { f.web.Add(host, "8.140.1.1", page(fmt.Sprintf(link, shown))) }, "watch-resolves-elsewhere"},
		{"11", "京ICP备#号-1", func(host, address, shown string) {
			f.web.Add(host, address, page(fmt.Sprintf(link, shown)))
			f.web.Certify(host, host, f.Clock.Now().AddDate(-1, 0, 0), f.Clock.Now().AddDate(0, 0, -1))
		}, "watch-certificate"},
	} {
		host := fmt.Sprintf("site-%d-example.cn", n)
		address := fmt.Sprintf("8.130.1.%d", n+1)
		serial := 30000000 + n
		f.file(n, province.Code(c.province), host, address)
		c.serve(host, address, strings.Replace(c.number, "#", fmt.Sprint(serial), 1))
		f.wanted[host] = c.want
	}
	f.checkAll(10)
	for host, want := range f.wanted {
		if got := f.open(host); got != want {
			t.Errorf("%s: %q, want %q", host, got, want)
		}
	}
}

// TestHostileSites: servers that attack the watch end their own check and no other.
func TestHostileSites(t *testing.T) {
	f := newFixture(t)
	serve := map[string]http.HandlerFunc{
		"loop": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) },
		"inside": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://169.254.169.254/", http.StatusFound)
		},
		"endless": endless,
		"headers": func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X", strings.Repeat("x", 1<<20)) },
		"deep":    page(strings.Repeat("<div>", 50_000)),
		"links":   page(strings.Repeat(`<a href="/x">x</a>`, 50_000)),
		"honest":  page(`<a href="https://beian.miit.gov.cn/">京ICP备30000006号-1</a>`),
	}
	wants := map[string]string{"loop": "watch-redirect-broken", "inside": "watch-unreachable", "endless": "watch-not-seen", "headers": "watch-unreachable", "deep": "watch-not-seen",
		"links": "watch-number-missing", "honest": ""}
	for n, name := range []string{"loop", "inside", "endless", "headers", "deep", "links", "honest"} {
		host, address := name+"-example.cn", fmt.Sprintf("8.130.2.%d", n+1)
		f.file(n, "11", host, address)
		f.web.Add(host, address, serve[name])
		f.wanted[host] = wants[name]
	}
	f.checkAll(7)
	f.checkAll(3) // what may be of a moment is checked again after an hour
	for host, want := range f.wanted {
		if got := f.open(host); got != want {
			t.Errorf("%s: %q, want %q", host, got, want)
		}
	}
	for _, dialled := range f.web.Dialled() {
		if !strings.HasPrefix(dialled, "8.130.2.") {
			t.Errorf("dialled %s", dialled)
		}
	}
}

func endless(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html")
	for _, err := fmt.Fprint(w, "<p>"); err == nil; {
		_, err = w.Write([]byte(strings.Repeat("<br>", 1000)))
	}
}

// TestRebinding: a name that leads to us when it is judged and inside when it is dialled is not dialled inside.
func TestRebinding(t *testing.T) {
	f := newFixture(t)
	f.file(0, "11", "rebinding-example.cn", "8.130.1.1")
	f.web.AddName("rebinding-example.cn", "8.130.1.1", "127.0.0.1")
	f.web.Serve("8.130.1.1", inventedweb.Both)
	f.checkAll(1)
	for _, dialled := range f.web.Dialled() {
		if !strings.HasPrefix(dialled, "8.130.1.1:") {
			t.Errorf("dialled %s", dialled)
		}
	}
}
