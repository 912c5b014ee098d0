// Package render shows pages in Chromium for the watch over filed sites, where scripts make what a page shows. Start with [Start].
//
//	r, err := render.Start(render.Config{Dial: prober.DialHost})
//	defer r.Close()
//	html, err := r.Render(ctx, "https://example.cn/")
//
// Chromium reaches nothing by itself: all its requests go through a proxy of this package on the loopback, which connects by the function of the
// configuration. Give it one that judges addresses as the prober does.
package render

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/chromedp/chromedp"

	"beian/infra/local/browser"
)

// A Config says how sites are reached.
type Config struct {
	// Dial connects to a host and port.
	Dial func(ctx context.Context, host, port string) (net.Conn, error)
	// Timeout limits one page, by default 20 seconds.
	Timeout time.Duration
}

const (
	maxHTML   = 2 << 20  // bytes of the HTML that is returned
	maxAnswer = 16 << 20 // bytes that a connection to a site carries in each direction
)

// A Renderer renders one page at a time. It implements sitewatch.Renderer.
type Renderer struct {
	config  Config
	browser *browser.Browser
	proxy   *http.Server
	mu      sync.Mutex
}

// Start starts Chromium and its proxy.
func Start(c Config) (*Renderer, error) {
	if c.Timeout == 0 {
		c.Timeout = 20 * time.Second
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &Renderer{config: c}
	r.proxy = &http.Server{Handler: http.HandlerFunc(r.serveProxy), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = r.proxy.Serve(listener) }()
	r.browser, err = browser.Start(
		// Without a bypass, the loopback goes through the proxy as well, which refuses it. QUIC and WebRTC would go past it.
		chromedp.Flag("proxy-server", "http://"+listener.Addr().String()), chromedp.Flag("proxy-bypass-list", "<-loopback>"),
		// Names are looked up by the proxy alone.
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"), chromedp.Flag("dns-prefetch-disable", true),
		chromedp.Flag("disable-quic", true), chromedp.Flag("force-webrtc-ip-handling-policy", "disable_non_proxied_udp"),
		chromedp.Flag("ignore-certificate-errors", true)) // the prober reports them
	if err != nil {
		_ = r.proxy.Close()
		return nil, err
	}
	return r, nil
}

// Close stops Chromium and its proxy.
func (r *Renderer) Close() {
	r.browser.Close()
	_ = r.proxy.Close()
}

// Render returns the HTML of a page once it has loaded and its scripts have run.
func (r *Renderer) Render(ctx context.Context, url string) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	page, err := r.browser.NewPage(browser.Desktop)
	if err != nil {
		return "", err
	}
	defer page.Close()
	type result struct {
		html string
		err  error
	}
	done := make(chan result, 1)
	go func() {
		if err := page.Visit(url); err != nil {
			done <- result{err: err}
			return
		}
		html, err := browser.Evaluate[string](page, settled)
		done <- result{html, err}
	}()
	limit := time.NewTimer(r.config.Timeout)
	defer limit.Stop()
	select {
	case d := <-done:
		return d.html, d.err
	case <-limit.C:
		return "", fmt.Errorf("%s was not rendered within %s", url, r.config.Timeout)
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// settled waits until nothing of the page has changed for half a second, at most five, and returns what it shows. Hidden elements stay, and so do the
// styles that hide them: each element with text gets its computed style.
var settled = fmt.Sprintf(`new Promise(resolve => {
	const done = () => {
		observer.disconnect();
		for (const e of document.querySelectorAll('body *')) {
			if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
			const s = getComputedStyle(e);
			for (const p of ['color', 'font-size', 'visibility']) e.style.setProperty(p, s.getPropertyValue(p), 'important');
			for (let up = e; up && up !== document.documentElement; up = up.parentElement) {
				const t = getComputedStyle(up);
				for (const p of ['display', 'opacity', 'background-color', 'background-image'])
					if (!up.style.getPropertyValue(p)) up.style.setProperty(p, t.getPropertyValue(p));
			}
		}
		resolve(document.documentElement.outerHTML.slice(0, %d));
	};
	let quiet = setTimeout(done, 500);
	const observer = new MutationObserver(() => { clearTimeout(quiet); quiet = setTimeout(done, 500); });
	observer.observe(document, {childList: true, subtree: true, characterData: true});
	setTimeout(done, 5000);
})`, maxHTML)

// serveProxy connects Chromium to sites.
func (r *Renderer) serveProxy(w http.ResponseWriter, request *http.Request) {
	host, port, err := net.SplitHostPort(request.Host)
	if err != nil {
		host, port = request.Host, "80"
	}
	if request.Method != http.MethodConnect {
		r.forward(w, request)
		return
	}
	site, err := r.config.Dial(request.Context(), host, port)
	if err != nil {
		http.Error(w, "the site may not be reached", http.StatusBadGateway)
		return
	}
	defer site.Close()
	browser, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer browser.Close()
	if _, err := io.WriteString(browser, "HTTP/1.1 200 OK\r\n\r\n"); err != nil {
		return
	}
	ended := make(chan struct{}, 2)
	for _, pair := range [][2]net.Conn{{browser, site}, {site, browser}} {
		go func() {
			_, _ = io.CopyN(pair[0], pair[1], maxAnswer)
			ended <- struct{}{}
		}()
	}
	<-ended
}

// forward sends a request without TLS to its site.
func (r *Renderer) forward(w http.ResponseWriter, request *http.Request) {
	if request.URL.Scheme != "http" {
		http.Error(w, "not a request to a site", http.StatusBadRequest)
		return
	}
	transport := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, address string) (net.Conn, error) {
		host, port, err := net.SplitHostPort(address)
		if err != nil {
			return nil, errors.New("no port")
		}
		return r.config.Dial(ctx, host, port)
	}}
	out := request.Clone(request.Context())
	out.RequestURI = ""
	response, err := transport.RoundTrip(out)
	if err != nil {
		http.Error(w, "the site may not be reached", http.StatusBadGateway)
		return
	}
	defer response.Body.Close()
	for name, values := range response.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(response.StatusCode)
	_, _ = io.Copy(w, io.LimitReader(response.Body, maxAnswer))
}
