package sitewatch_test

import (
	"testing"

	"beian/infra/local/render"
	"beian/shared/partners/siteprobe"
)

// TestChromium: a number that appears only after a script ran is seen by Chromium, which reaches sites by the prober's rules; without Chromium, the page could
// not be seen.
func TestChromium(t *testing.T) {
	f := newFixture(t)
	f.file(0, "11", host, address)
	f.web.Add(host, address, page(`<!doctype html><div id=app></div><script>setTimeout(() => { document.getElementById('app').innerHTML = '`+footer+`' }, 50)
		fetch('http://169.254.169.254/', {mode: 'no-cors'}).catch(() => 0)</script>`))
	f.checkAll(1)
	if got := f.open(host); got != "watch-not-seen" {
		t.Errorf("without a renderer: %q", got)
	}
	r, err := render.Start(render.Config{Dial: f.service.Prober.(*siteprobe.Prober).DialHost})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	f.service.Renderer = r
	f.checkAll(1)
	if got := f.open(host); got != "" {
		t.Errorf("with Chromium: %q", got)
	}
	for _, dialled := range f.web.Dialled() {
		if dialled != address+":443" && dialled != address+":80" {
			t.Errorf("dialled %s", dialled)
		}
	}
}
