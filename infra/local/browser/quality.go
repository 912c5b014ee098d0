package browser

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// SetDark shows pages as to a person who prefers dark colours, or light ones.
func (p *Page) SetDark(dark bool) error {
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	_, err := run(p, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
		return err
	}))
	return err
}

// Resize changes the size of the window.
func (p *Page) Resize(width, height int64) error {
	_, err := run(p, chromedp.EmulateViewport(width, height))
	return err
}

// EnlargeText shows text at a multiple of its size, as a person can set it in the browser.
func (p *Page) EnlargeText(factor float64) error {
	_, err := Evaluate[bool](p, fmt.Sprintf("(document.documentElement.style.fontSize = %v * 100 + '%%', true)", factor))
	return err
}

// Violations returns what axe, the accessibility checker, finds wrong on the page by WCAG 2.2 AA and its best practices. Modules is the folder of the npm
// packages.
func (p *Page) Violations(modules string) ([]string, error) {
	script, err := os.ReadFile(filepath.Join(modules, "axe-core", "axe.min.js"))
	if err != nil {
		return nil, fmt.Errorf("axe is not installed; run npm ci in infra: %w", err)
	}
	text, err := Evaluate[string](p, string(script)+`; axe.run(document).then(r => JSON.stringify(r.violations.map(v => v.id + ": " + v.help + " " + v.nodes.map(n => n.html).join(" ")).concat(r.passes.length ? [] : ["axe checked nothing"])))`)
	if err != nil {
		return nil, err
	}
	var found []string
	return found, json.Unmarshal([]byte(text), &found)
}

// Overflow returns an error if the page is wider than the window, so that a person has to scroll sideways to read it.
func (p *Page) Overflow() error {
	wide, err := Evaluate[string](p, `(() => { const w = document.documentElement.clientWidth;
		if (document.documentElement.scrollWidth <= w) return "";
		return [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > w + 1).slice(0, 3).map(e => e.outerHTML.slice(0, 120)).join(" | ") || "unknown"; })()`)
	if err == nil && wide != "" {
		err = errors.New("the page is wider than the window: " + wide)
	}
	return err
}
