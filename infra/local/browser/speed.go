package browser

import (
	"context"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// Throttle makes network and processor as slow as a mid-range phone on a slow 4G connection: 1.6 Mbit/s down, 0.75 up, 150 ms, a quarter of the speed.
// Lighthouse measures with the same figures.
func (p *Page) Throttle() error {
	_, err := run(p, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		if _, err := cdp.Call(ctx, t, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: []*network.Conditions{
			{Latency: 150, DownloadThroughput: 1.6e6 / 8, UploadThroughput: 0.75e6 / 8}}}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, t, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: 4})
		return err
	}))
	return err
}

// ClearCache empties the caches of the browser.
func (p *Page) ClearCache() error {
	_, err := run(p, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, network.ClearBrowserCache, cdp.Empty{})
		return err
	}))
	return err
}

// Cookie returns the value of a cookie of the page.
func (p *Page) Cookie(name string) (string, error) {
	found, err := run(p, func(ctx context.Context, t *chromedp.Target) (network.GetCookiesResult, error) {
		return cdp.Call(ctx, t, network.GetCookies, network.GetCookiesParams{})
	})
	for _, c := range found.Cookies {
		if c.Name == name {
			return c.Value, err
		}
	}
	return "", err
}

// A Load is what showing a page took: bytes over the network with headers, time to the Largest Contentful Paint, and the Cumulative Layout Shift.
type Load struct {
	Bytes       int
	LargestText time.Duration
	Shift       float64
}

// Load returns what showing the present page took.
func (p *Page) Load() (Load, error) {
	figures, err := Evaluate[[]float64](p, `new Promise(done => {
		let largest = 0, shift = 0;
		new PerformanceObserver(l => { for (const e of l.getEntries()) largest = e.startTime; }).observe({type: "largest-contentful-paint", buffered: true});
		new PerformanceObserver(l => { for (const e of l.getEntries()) if (!e.hadRecentInput) shift += e.value; }).observe({type: "layout-shift", buffered: true});
		const bytes = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")].reduce((n, e) => n + e.transferSize, 0);
		setTimeout(() => done([bytes, largest, shift]), 200);
	})`)
	if err != nil {
		return Load{}, err
	}
	return Load{Bytes: int(figures[0]), LargestText: time.Duration(figures[1] * float64(time.Millisecond)), Shift: figures[2]}, nil
}
