package system

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"os/exec"
	"sync"
	"time"

	"beian/infra/local/inventedweb"
	"beian/infra/local/render"
	"beian/shared/partners/siteprobe"
	"beian/shared/process/sitewatch"
)

// A renderer shows the invented sites of the laptop in Chromium. Each page is shown in another browser, one at a time, whose web has this site alone: a page and
// its scripts reach nothing else (see package render).
type renderer struct {
	simulator siteprobe.Simulator
	mu        sync.Mutex
}

// newRenderer returns the renderer of a prober of invented sites; nil if the sites are not invented or Chromium is not installed, so that what only scripts
// show could not be seen.
func newRenderer(p sitewatch.Prober) sitewatch.Renderer {
	simulator, invented := p.(siteprobe.Simulator)
	if _, err := exec.LookPath("chromium"); err != nil || !invented {
		return nil
	}
	return &renderer{simulator: simulator}
}

// inventedAddress is where the site is in its own web.
var inventedAddress = netip.MustParseAddr("8.130.1.1")

// Render implements sitewatch.Renderer.
func (r *renderer) Render(ctx context.Context, address string) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	home, err := url.Parse(address)
	if err != nil {
		return "", err
	}
	html, _, err := r.simulator.Page(ctx, home.Hostname())
	if err != nil {
		return "", err
	}
	web, err := inventedweb.Start(time.Now)
	if err != nil {
		return "", err
	}
	defer web.Close()
	web.Add(home.Hostname(), inventedAddress.String(), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, html)
	}))
	prober := &siteprobe.Prober{Resolver: web, Dial: web.Dial, Now: time.Now}
	chromium, err := render.Start(render.Config{Dial: prober.DialHost})
	if err != nil {
		return "", err
	}
	defer chromium.Close()
	return chromium.Render(ctx, address)
}
