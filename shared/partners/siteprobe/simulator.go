package siteprobe

import (
	"context"
	"encoding/json"
	"net/netip"
	"strings"
	"time"

	"beian/shared/rules/observation"
	"beian/shared/rules/webpage"
)

// A Simulator invents what a visit sees, on the laptop and in tests: every site is as it should be, unless words in its host say otherwise:
//
//	site-gone         the name does not resolve
//	site-elsewhere    it leads to another address
//	site-down         its server does not answer
//	site-expired      its certificate has expired
//	no-number         the page has no number
//	other-number      it has the number of another site
//	hidden-number     its number is white on white
//	unlinked-number   its number leads nowhere
//	script-number     only a script shows the number
//	other-title       its title is another
//	has-page          it is open although it is not filed; every other site that is not filed is closed
type Simulator struct {
	Now func() time.Time
	// Site returns the home page of a site as it should be, and the address of its server; no address if it is not filed.
	Site func(ctx context.Context, host string) (html string, address netip.Addr, err error)
}

// elsewhere is the address of a site that has moved, which is of documentation.
var elsewhere = netip.MustParseAddr("192.0.2.1")

// Probe invents an observation. The www does not resolve.
func (s Simulator) Probe(ctx context.Context, host string, _ *observation.Observation) (observation.Observation, error) {
	html, address, err := s.Page(ctx, host)
	if err != nil {
		return observation.Observation{}, err
	}
	is := func(words string) bool { return strings.Contains(host, words) }
	now := s.Now().UTC()
	v := observation.Visit{Host: host, Resolution: observation.Resolved, Outcome: observation.Answered, Status: 200,
		TLS: &observation.TLS{Expires: now.AddDate(0, 2, 0)}, Hops: []string{"https://" + host + "/"}}
	if address.IsValid() {
		v.Addresses = []netip.Addr{address}
	}
	switch {
	case is("site-elsewhere"):
		v.Addresses = []netip.Addr{elsewhere}
	case is("site-expired"):
		v.TLS = &observation.TLS{Problem: observation.Expired, Expires: now.AddDate(0, 0, -1)}
	}
	page := webpage.Read(html)
	v.Page, v.Bytes = &page, len(html)
	switch {
	case is("site-gone"):
		v = observation.Visit{Host: host, Resolution: observation.NotResolved, Outcome: observation.NotAsked}
	case is("site-down"), html == "":
		v = observation.Visit{Host: host, Resolution: observation.Resolved, Addresses: v.Addresses, Outcome: observation.NoConnection, Hops: v.Hops}
	}
	return observation.Observation{Host: host, At: now, Visits: []observation.Visit{v,
		{Host: "www." + host, Resolution: observation.NotResolved, Outcome: observation.NotAsked}}}, nil
}

// Page invents the home page of a host, "" if it is closed, and the address of its server, none if it is not filed.
func (s Simulator) Page(ctx context.Context, host string) (string, netip.Addr, error) {
	html, address, err := s.Site(ctx, host)
	if err != nil {
		return "", netip.Addr{}, err
	}
	is := func(words string) bool { return strings.Contains(host, words) }
	switch {
	case !address.IsValid() && is("has-page"), address.IsValid() && is("no-number"):
		html = "<title>示例</title>"
	case !address.IsValid():
		html = ""
	case is("other-number"):
		html = `<a href="https://beian.miit.gov.cn/">京ICP备00000000号-1</a>`
	case is("hidden-number"):
		html = `<div style="color:#fff">` + strings.ReplaceAll(html, "<a ", `<a style="color:inherit" `) + "</div>"
	case is("unlinked-number"):
		html = strings.ReplaceAll(html, "href=", "data-href=")
	case is("script-number"):
		text, err := json.Marshal(html) // without < and >
		if err != nil {
			return "", netip.Addr{}, err
		}
		html = "<!doctype html><div id=app></div><script>document.getElementById('app').innerHTML = " + string(text) + "</script>"
	case is("other-title"):
		html = strings.ReplaceAll(html, "<title>", "<title>其他 </title><title>")
	}
	return html, address, nil
}
