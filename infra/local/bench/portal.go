package bench

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"beian/infra/local/browser"
	"beian/infra/local/scenario"
	"beian/shared/filing"
)

// Aims of the portal's pages: bytes of the first visit without photos, the server's time, and what a person sees on a slow phone.
const (
	pageBytesAim  = 60_000
	pageServerAim = 30 * time.Millisecond // p95
	pagePaintAim  = 1500 * time.Millisecond
	pageShiftAim  = 0.02
)

// pageRequests is the number of requests for each page by which the server's time is measured.
const pageRequests = 100

// measurePortal prints weight and speed of the portal's pages: in Chromium, throttled like a phone on a slow connection, each with empty caches; and the
// server's time, without network.
func (b *Bench) measurePortal(ctx context.Context) error {
	chromium, err := browser.Start()
	if err != nil {
		return err
	}
	defer chromium.Close()
	app := scenario.Invented(b.next)
	b.next++
	applicant, err := b.client.LoginApplicant(ctx, b.admin, app, b.system.Clock.Now())
	if err != nil {
		return err
	}
	id, err := app.AdvanceTo(ctx, applicant, b.reviewer, filing.CollectEvidence)
	if err != nil {
		return err
	}
	order := "/orders/" + string(id)
	fmt.Fprintf(b.out, "\nPages of the portal            bytes   LCP, ms     shift   server p50, p95, ms\n")
	for _, path := range []string{"/", "/begin", "/filings", order, order + "/subject", order + "/sites/0", order + "/papers"} {
		load, cookie, err := b.loadPage(chromium, app.Login, path)
		if err != nil {
			return fmt.Errorf("page %s: %w", path, err)
		}
		p50, p95, err := timePage(b.system.PortalURL+path, &http.Cookie{Name: "__Host-session", Value: cookie})
		if err != nil {
			return fmt.Errorf("page %s: %w", path, err)
		}
		met := load.Bytes < pageBytesAim && load.LargestText < pagePaintAim && load.Shift < pageShiftAim && p95 < pageServerAim
		fmt.Fprintf(b.out, "  %-24s %9d %9d %9.3f %9.1f %6.1f   %s\n", strings.Replace(path, string(id), "…", 1), load.Bytes, load.LargestText.Milliseconds(), load.Shift,
			milliseconds(p50), milliseconds(p95), compareWithAim(met, "aim: under 60 KB, 1,500 ms, 0.02, p95 30 ms"))
	}
	return nil
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// loadPage logs in, then loads a page on a throttled phone with empty caches. It returns the cookie of the session, too.
func (b *Bench) loadPage(chromium *browser.Browser, login, path string) (load browser.Load, cookie string, err error) {
	p, err := chromium.NewPage(browser.Phone)
	if err != nil {
		return load, "", err
	}
	defer p.Close()
	mobile := strings.TrimPrefix(login, "+86")
	for _, do := range []func() error{
		func() error { return p.Visit(b.system.PortalURL + "/login") },
		func() error { return p.Fill("手机号码或邮箱", mobile) },
		func() error { return p.Press("获取验证码") },
		func() error {
			sent := b.client.Sent(login)
			return p.Fill("6 位验证码", sent[len(sent)-1].Code())
		},
		func() error { return p.Press("登录") },
		func() error { return p.ClearCache() },
		func() error { return p.Throttle() },
		func() error { return p.Visit(b.system.PortalURL + path) },
	} {
		if err := do(); err != nil {
			return load, "", err
		}
	}
	if load, err = p.Load(); err != nil {
		return load, "", err
	}
	cookie, err = p.Cookie("__Host-session")
	return load, cookie, err
}

// timePage returns how long the server takes for a page.
func timePage(address string, session *http.Cookie) (p50, p95 time.Duration, err error) {
	var took []time.Duration
	for range pageRequests {
		q, err := http.NewRequest(http.MethodGet, address, nil)
		if err != nil {
			return 0, 0, err
		}
		q.AddCookie(session)
		started := time.Now()
		response, err := http.DefaultClient.Do(q)
		if err != nil {
			return 0, 0, err
		}
		_, err = io.Copy(io.Discard, response.Body)
		response.Body.Close()
		if err != nil || response.StatusCode != http.StatusOK {
			return 0, 0, fmt.Errorf("status %d: %v", response.StatusCode, err)
		}
		took = append(took, time.Since(started))
	}
	slices.Sort(took)
	return took[len(took)/2], took[len(took)*95/100], nil
}
