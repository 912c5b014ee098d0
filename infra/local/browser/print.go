package browser

import (
	"bytes"
	"context"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// SetPrint shows pages as they are printed, for a person who prefers dark colours on the screen; or again as on a light screen.
func (p *Page) SetPrint(printed bool) error {
	params := emulation.SetEmulatedMediaParams{}
	if printed {
		params = emulation.SetEmulatedMediaParams{Media: "print", Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}}
	}
	_, err := run(p, command(emulation.SetEmulatedMedia, params))
	return err
}

// PrintedPages prints the page, on the paper that its style names, and returns the number of sheets.
func (p *Page) PrintedPages() (int, error) {
	styled := true
	return run(p, func(ctx context.Context, t *chromedp.Target) (int, error) {
		printed, err := cdp.Call(ctx, t, page.PrintToPDF, page.PrintToPDFParams{PreferCSSPageSize: &styled})
		return bytes.Count(printed.Data, []byte("/Type /Page\n")), err
	})
}
