package browser_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"beian/infra/local/browser"
	"beian/infra/local/dynamodb"
)

// TestQuality: the checks find what is wrong with a page.
func TestQuality(t *testing.T) {
	modules, err := dynamodb.FindModules(".")
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Write([]byte(`<!doctype html><title>x</title><img src="data:,"><div style="width:2000px">wide</div>`))
	}))
	defer server.Close()
	b, err := browser.Start()
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	p, err := b.NewPage(browser.Phone)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Visit(server.URL); err != nil {
		t.Fatal(err)
	}
	found, err := p.Violations(string(modules))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"image-alt", "html-has-lang"} {
		if !strings.Contains(strings.Join(found, "\n"), want) {
			t.Errorf("axe does not find %s: %q", want, found)
		}
	}
	if err := p.Overflow(); err == nil || !strings.Contains(err.Error(), "wide") {
		t.Errorf("overflow: %v", err)
	}
	if err := p.Press("nothing"); err == nil || !strings.Contains(err.Error(), `the page has no "nothing"`) {
		t.Errorf("a button that is not there: %v", err)
	}
}
