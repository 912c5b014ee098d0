// Package browser drives Chromium as a person uses a page: it visits addresses, fills in fields by their labels, and presses buttons by
// their words. Tests of the portal and its screenshots use it.
//
//	b, err := browser.Start()
//	p, err := b.NewPage(ctx, browser.Phone)
//	err = p.Visit(url); err = p.Fill("手机号码", "13900000000"); err = p.Press("继续")
//
// Each page has its own cookies. Chromium comes from the Debian package chromium; Start fails where it is missing.
package browser

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/chromedp/cdproto/input"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// A Browser is a running Chromium.
type Browser struct {
	ctx  context.Context
	stop func()
}

// A Size is a window in CSS pixels.
type Size struct {
	Name          string
	Width, Height int64
	Mobile        bool
}

// Sizes of windows.
var (
	Phone   = Size{"phone", 360, 740, true}
	Tablet  = Size{"tablet", 768, 1024, false}
	Desktop = Size{"desktop", 1280, 900, false}
	Wide    = Size{"wide", 1920, 1080, false}
)

// Start starts Chromium without a window. Options are added to its command line, such as chromedp.Flag("use-fake-device-for-media-stream", true).
func Start(options ...chromedp.ExecAllocatorOption) (*Browser, error) {
	path, err := exec.LookPath("chromium")
	if err != nil {
		return nil, fmt.Errorf("the pages need Chromium: apt-get install chromium fonts-noto-cjk: %w", err)
	}
	all := append(append([]chromedp.ExecAllocatorOption{}, chromedp.DefaultExecAllocatorOptions[:]...),
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.Flag("accept-lang", "zh-CN"), chromedp.Flag("force-color-profile", "srgb"))
	allocator, stopAllocator := chromedp.NewExecAllocator(context.Background(), append(all, options...)...)
	ctx, stop := chromedp.NewContext(allocator)
	if err := chromedp.Do(ctx); err != nil {
		stop()
		stopAllocator()
		return nil, fmt.Errorf("starting Chromium: %w", err)
	}
	return &Browser{ctx: ctx, stop: func() { stop(); stopAllocator() }}, nil
}

// Close stops Chromium.
func (b *Browser) Close() { b.stop() }

// A Page is a tab. It shares no cookies with other pages.
type Page struct {
	ctx   context.Context
	Close func()
}

// NewPage opens a tab.
func (b *Browser) NewPage(size Size) (*Page, error) {
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	p := &Page{ctx: ctx, Close: cancel}
	var touch []chromedp.EmulateViewportOption
	if size.Mobile {
		touch = append(touch, chromedp.EmulateMobile, chromedp.EmulateTouch)
	}
	steps := []chromedp.Action[chromedp.Void]{chromedp.EmulateViewport(size.Width, size.Height, touch...)}
	if size.Mobile {
		steps = append(steps, asPhone())
	}
	if err := chromedp.Do(ctx, steps...); err != nil { // without a limit of time: it starts the tab
		cancel()
		return nil, err
	}
	return p, nil
}

// timeout is how long an action may take. A page of the laptop answers in milliseconds, also on a busy machine.
const timeout = 30 * time.Second

// run runs an action of chromedp.
func run[T any](p *Page, action chromedp.Action[T]) (T, error) {
	ctx, cancel := context.WithTimeout(p.ctx, timeout)
	defer cancel()
	return chromedp.Run(ctx, action)
}

// Visit opens an address.
func (p *Page) Visit(url string) error {
	if _, err := run(p, chromedp.Navigate(url)); err != nil {
		return fmt.Errorf("visiting %s: %w", url, err)
	}
	return nil
}

// Address returns the path of the page with its query.
func (p *Page) Address() (string, error) {
	return Evaluate[string](p, "location.pathname + location.search")
}

// Text returns what a person reads on the page.
func (p *Page) Text() (string, error) { return Evaluate[string](p, "document.body.innerText") }

// Evaluate returns the value of an expression, which may be a promise.
func Evaluate[T any](p *Page, expression string) (T, error) {
	return run(p, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

// EvaluateFor is like Evaluate, for work that takes longer than an action.
func EvaluateFor[T any](p *Page, limit time.Duration, expression string) (T, error) {
	ctx, cancel := context.WithTimeout(p.ctx, limit)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

// Screenshot returns the whole page as a PNG.
func (p *Page) Screenshot() ([]byte, error) { return run(p, chromedp.FullScreenshot(100)) }

// find is a script that defines find(words): the field with a label, legend or placeholder, or the button or link with a text.
const find = `
const visible = e => e.getClientRects().length > 0 && getComputedStyle(e).visibility !== 'hidden';
const same = (a, b) => a.replace(/\s+/g, ' ').trim() === b;
const begins = (a, b) => a.replace(/\s+/g, ' ').trim().startsWith(b);
function field(words) {
	for (const match of [same, begins])
		for (const l of document.querySelectorAll('label'))
			if (visible(l) && match(l.innerText, words)) { const e = l.control; if (e) return e; }
	return null;
}
function button(words) {
	for (const match of [same, begins])
		for (const e of document.querySelectorAll('button, a[href], summary, input[type=submit]'))
			if (visible(e) && match(e.innerText || e.value || '', words)) return e;
	return null;
}
`

// Fill types a value into the field with a label, which may be the beginning of it.
func (p *Page) Fill(label, value string) error {
	return p.act(label, fmt.Sprintf(`const e = field(%s); if (!e) return false;
		e.focus();
		if (e.tagName === 'SELECT') {
			const o = [...e.options].find(o => o.value === %[2]s || o.text.trim() === %[2]s) || [...e.options].find(o => o.text.includes(%[2]s));
			if (!o) return false; e.value = o.value;
		} else e.value = %[2]s;
		e.dispatchEvent(new Event('input', {bubbles: true})); e.dispatchEvent(new Event('change', {bubbles: true})); return true`, quote(label), quote(value)))
}

// Choose chooses the radio button or the checkbox with a label.
func (p *Page) Choose(label string) error {
	return p.act(label, fmt.Sprintf(`const e = field(%s); if (!e) return false; if (!e.checked) e.click(); return true`, quote(label)))
}

// ChooseAll ticks every checkbox of the main part.
func (p *Page) ChooseAll() error {
	_, err := Evaluate[bool](p, "document.querySelectorAll('main input[type=checkbox]').forEach(e => e.checked || e.click()), true")
	return err
}

// Press presses the button or follows the link with a text, and waits until the page that it leads to has loaded.
func (p *Page) Press(words string) error {
	return p.follow(words, fmt.Sprintf(`const e = button(%s); if (!e) return false; e.click(); return true`, quote(words)))
}

// Act presses the button with a text that changes the page and leads to no other.
func (p *Page) Act(words string) error {
	return p.act(words, fmt.Sprintf(`const e = button(%s); if (!e) return false; e.click(); return true`, quote(words)))
}

// PressFirst presses the first element of a CSS selector, and waits until the page that it leads to has loaded.
func (p *Page) PressFirst(selector string) error {
	return p.follow(selector, fmt.Sprintf(`const e = document.querySelector(%s); if (!e) return false; e.click(); return true`, quote(selector)))
}

// follow acts and waits until another page has loaded.
func (p *Page) follow(words, script string) error {
	_, err := run(p, chromedp.WaitEvent(cdppage.LoadEventFired, nil, chromedp.Func(func(context.Context, *chromedp.Target) error { return p.act(words, script) })))
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%q led to no other page", words)
	}
	return err
}

// act runs a script with the functions of find. The script returns false if there is no such element.
func (p *Page) act(words, script string) error {
	found, err := Evaluate[bool](p, "(() => {"+find+script+"})()")
	if err != nil {
		return fmt.Errorf("%q: %w", words, err)
	}
	if !found {
		text, _ := p.Text()
		return fmt.Errorf("the page has no %q:\n%s", words, text)
	}
	return nil
}

// Await waits until the page shows a text. Meanwhile the page may lead to others.
func (p *Page) Await(words string) error { return p.AwaitFor(timeout, words) }

// AwaitFor is like Await, for work that takes longer than an action.
func (p *Page) AwaitFor(limit time.Duration, words string) error {
	ctx, cancel := context.WithTimeout(p.ctx, limit)
	defer cancel()
	script := "!!document.body && document.body.innerText.includes(" + quote(words) + ")"
	for {
		shown, err := chromedp.Run(ctx, chromedp.Evaluate[bool](script))
		if err == nil && shown {
			return nil
		}
		select { // an error may come from a page that is being left
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			text, _ := p.Text()
			return fmt.Errorf("waiting for %q: %w; the page says:\n%s", words, ctx.Err(), text)
		}
	}
}

// Value returns what is in the field with a label.
func (p *Page) Value(label string) (string, error) {
	return Evaluate[string](p, "(() => {"+find+"const e = field("+quote(label)+"); return e ? e.value : 'no such field'})()")
}

// A Focus is the element to which the keyboard goes.
type Focus struct {
	Words  string `json:"words"`  // its words or its label
	Value  string `json:"value"`  // what is typed, or the words of the option that is selected
	Marked bool   `json:"marked"` // whether a person sees that it has the focus
	Field  bool   `json:"field"`
	List   bool   `json:"list"` // of options
	Radio  bool   `json:"radio"`
	Chosen bool   `json:"chosen"` // of a radio button or a checkbox
}

// Focus returns the element with the focus.
func (p *Page) Focus() (Focus, error) {
	return Evaluate[Focus](p, `(() => { const e = document.activeElement, s = getComputedStyle(e), l = e.labels && e.labels[0];
		return {words: (l ? l.innerText : e.innerText || "").replace(/\s+/g, " ").trim(), marked: e === document.body || s.outlineStyle !== "none" || s.boxShadow !== "none",
			value: e.selectedOptions ? e.selectedOptions[0].text : e.value || "", field: e.matches("input, select, textarea"), list: e.tagName === "SELECT", radio: e.type === "radio", chosen: !!e.checked}; })()`)
}

// Tab moves the focus to the next element.
func (p *Page) Tab() error { return p.Key(kb.Tab) }

// Key types text, or presses the keys of package kb.
func (p *Page) Key(keys string) error {
	_, err := run(p, chromedp.KeyEvent(keys))
	return err
}

// Shortcut presses a key for a letter or another character, as a keyboard does: a page that handles the key keeps the character out of the field to which it moves the
// focus, unlike with [Page.Key].
func (p *Page) Shortcut(key string) error {
	for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeKeyDown, input.DispatchKeyEventTypeKeyUp} {
		params := input.DispatchKeyEventParams{Type: kind, Key: key}
		if kind == input.DispatchKeyEventTypeKeyDown {
			params.Text = key
		}
		if _, err := run(p, command(input.DispatchKeyEvent, params)); err != nil {
			return err
		}
	}
	return nil
}

// PressKey presses a key that leads to another page, and waits until it has loaded.
func (p *Page) PressKey(key string) error {
	_, err := run(p, chromedp.WaitEvent(cdppage.LoadEventFired, nil, chromedp.KeyEvent(key)))
	return err
}

// PressCtrlEnter presses Enter with Ctrl, which leads to another page, and waits until it has loaded.
func (p *Page) PressCtrlEnter() error {
	press := command(input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeRawKeyDown, Key: "Enter", Code: "Enter", WindowsVirtualKeyCode: 13, Modifiers: 2})
	_, err := run(p, chromedp.WaitEvent(cdppage.LoadEventFired, nil, press))
	return err
}

// UploadTo chooses a file for the field of a CSS selector, which may be hidden.
func (p *Page) UploadTo(selector, path string) error {
	_, err := run(p, chromedp.SetUploadFiles(chromedp.CSS(selector), []string{path}))
	return err
}

// Upload chooses a file for the field with a label.
func (p *Page) Upload(label, path string) error {
	id, err := Evaluate[string](p, "(() => {"+find+"const e = field("+quote(label)+"); return e ? e.id : ''})()")
	if err != nil {
		return err
	}
	if id == "" {
		return fmt.Errorf("the page has no field %q", label)
	}
	_, err = run(p, chromedp.SetUploadFiles(chromedp.CSS(`[id="`+id+`"]`), []string{path}))
	return err
}

func quote(text string) string {
	out, err := json.Marshal(text)
	if err != nil {
		panic(err) // text always marshals
	}
	return strings.ReplaceAll(string(out), "</", `<\/`)
}
