// Package watching builds the watch over filed websites from environment variables. It is separate from package setup, so that only the function
// that visits sites links what reads them.
package watching

import (
	"context"
	"fmt"
	"net"
	"net/netip"

	"beian/shared/partners/dialguard"
	"beian/shared/partners/siteprobe"
	"beian/shared/process/decide"
	"beian/shared/process/sitewatch"
	"beian/shared/rules/domainname"
	"beian/shared/setup"
	"beian/shared/setup/environ"
)

// NewService returns the watch. Where sites are not visited, it has no prober.
func NewService(p *setup.Parts) (*sitewatch.Service, error) {
	settings, err := sitewatch.ParseSettings(p.Env[environ.SiteWatch])
	if err != nil {
		return nil, fmt.Errorf("environment: %s: %w", environ.SiteWatch, err)
	}
	store := p.Store()
	decisions := &decide.Service{Store: store, Now: p.Now, Log: p.Log} // that move no order, and need no state machine
	s := &sitewatch.Service{Store: store, Filings: store, Upkeeps: store, Orders: decisions, Duties: p.Duties(), Keys: store.Encrypter, Ours: settings.OurRanges(), Now: p.Now, Log: p.Log}
	switch settings.Visits {
	case sitewatch.Simulated:
		s.Prober = siteprobe.Simulator{Now: p.Now, Site: func(ctx context.Context, host string) (string, netip.Addr, error) {
			return pageOf(ctx, p, host)
		}}
	case sitewatch.Public:
		s.Prober = &siteprobe.Prober{Resolver: net.DefaultResolver, Guard: dialguard.Guard{Deny: settings.Never}, Contact: p.Env[environ.PortalURL], Now: p.Now, Pace: siteprobe.NewPace()}
	}
	return s, nil
}

// pageOf returns the home page that a site should have, and an address to which it may lead; none if it is not filed.
func pageOf(ctx context.Context, p *setup.Parts, host string) (string, netip.Addr, error) {
	filings, err := p.Store().FilingsByDomain(ctx, domainname.Domain(host), 1)
	if err != nil {
		return "", netip.Addr{}, err
	}
	address := netip.MustParseAddr("192.0.2.2")
	for _, f := range filings {
		filed, ok := sitewatch.FiledOf(f, host, nil)
		if !ok {
			continue
		}
		if len(filed.Addresses) > 0 {
			address = filed.Addresses[0].First
		}
		return filed.Page(p.Now()), address, nil
	}
	return "", netip.Addr{}, nil
}
