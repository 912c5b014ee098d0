package browser

import (
	"context"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// phoneAgent is what Chrome on Android says of itself.
const phoneAgent = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Mobile Safari/537.36"

// command returns the action that sends a command to the tab.
func command[P, R any](c cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, c, params)
		return err
	})
}

// asPhone makes the tab say that it is a phone, in User-Agent and in Sec-CH-UA-Mobile.
func asPhone() chromedp.Action[chromedp.Void] {
	return command(emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{UserAgent: phoneAgent, AcceptLanguage: "zh-CN",
		UserAgentMetadata: &emulation.UserAgentMetadata{Platform: "Android", PlatformVersion: "10", Model: "K", Mobile: true}})
}

// DisableScript switches off JavaScript for the next pages of the tab.
func (p *Page) DisableScript() error {
	_, err := run(p, command(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}))
	return err
}

// Connect sets the connection of the tab: offline, or online with a maximum of bytes a second for uploads; 0 is no maximum.
func (p *Page) Connect(online bool, upload float64) error {
	if upload == 0 {
		upload = -1
	}
	_, err := run(p, chromedp.Steps(
		command(network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
			MatchedNetworkConditions: []*network.Conditions{{Offline: !online, DownloadThroughput: -1, UploadThroughput: upload}}}),
		command(network.OverrideNetworkState, network.OverrideNetworkStateParams{Offline: !online, DownloadThroughput: -1, UploadThroughput: upload}),
	))
	return err
}

// Cookies returns the values of the tab's cookies with a name.
func (p *Page) Cookies(name string) ([]string, error) {
	return run(p, func(ctx context.Context, t *chromedp.Target) ([]string, error) {
		got, err := cdp.Call(ctx, t, network.GetCookies, network.GetCookiesParams{})
		if err != nil {
			return nil, err
		}
		var values []string
		for _, c := range got.Cookies {
			if c.Name == name {
				values = append(values, c.Value)
			}
		}
		return values, nil
	})
}

// SetCookie sets a cookie for a site, as who has the device in hand can.
func (p *Page) SetCookie(site, name, value string) error {
	_, err := run(p, command(network.SetCookie, network.SetCookieParams{URL: site, Name: name, Value: value, Path: "/", Secure: new(true), HTTPOnly: new(true)}))
	return err
}
