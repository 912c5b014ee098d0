// Package accesscheck decides whether a host may be served on an address, by the register: no filing, no access (ORDER33). A provider's CDN,
// load balancers and firewalls ask it.
//
//	questions := []accesscheck.Question{{Host: "www.example.cn", Address: "8.130.1.1"}}
//	answers, err := checker.Check(ctx, questions)
//
// The rule is [Facts.Decide]: pure, over what the register has of the host's registrable domain. [Checker] reads these facts for several questions at once,
// and keeps them for [MaxAge]. Nothing here has personal data.
package accesscheck

import (
	"net/netip"
	"slices"

	"beian/shared/filing/register"
	"beian/shared/rules/domainname"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/rules/province"
)

// Reasons of answers. Their severity in the catalogue decides: block is no; inform and warn are yes, and with warn the register was not sure.
const (
	Filed          finding.Code = "access-filed"
	FiledElsewhere finding.Code = "access-address-of-server" // the address is the server's, but not in the filing
	IPv6           finding.Code = "access-ipv6"              // the filing has IPv4 only
	NoAddresses    finding.Code = "access-addresses-unknown" // our access has no addresses
	OtherAddress   finding.Code = "access-other-address"
	NotOurs        finding.Code = "access-not-ours" // filed, without an access through us
	NotFiled       finding.Code = "access-not-filed"
	LooksAlike     finding.Code = "access-looks-alike" // not filed, and looks like another domain
	OrderOpen      finding.Code = "access-order-open"  // submitted, not approved yet
	FilingEnded    finding.Code = "access-filing-cancelled"
	FilingShell    finding.Code = "access-filing-shell"
	DomainEnded    finding.Code = "access-domain-ended" // the filing stands without the domain
	BlackDomain    finding.Code = "access-domain-blacklisted"
	BlackSubject   finding.Code = "access-subject-blacklisted"
	AddressForm    finding.Code = "access-address-malformed"
	AddressPrivate finding.Code = "access-address-private"
)

// Facts are what the register has of a registrable domain.
type Facts struct {
	// Sites are those that are filed with the domain: a website first, then apps.
	Sites []Site
	// Former is the status of the filing that had the domain last, if none has it; "" if none had.
	Former register.Status
	// OrderOpen says that a submitted order is to file the domain.
	OrderOpen                             bool
	DomainBlacklisted, SubjectBlacklisted bool
}

// A Site is a filed site with the domain.
type Site struct {
	Number   number.Filing
	Province province.Code
	// Hosted says that the site has an access through us. Ranges are the addresses of that access.
	Hosted bool
	Ranges []Range
	// Server are the addresses that its server has in the inventory; none if the server is not known.
	Server []netip.Addr
}

// A Range is a range of IPv4 addresses, ends included.
type Range struct {
	First netip.Addr `json:"first" example:"8.130.1.1"`
	Last  netip.Addr `json:"last" example:"8.130.1.1"`
}

func (r Range) has(a netip.Addr) bool { return r.First.Compare(a) <= 0 && a.Compare(r.Last) <= 0 }

// SiteOf returns a filed site. server are the addresses of its server in the inventory. A range that is malformed counts as missing.
func SiteOf(f register.Filing, s register.FiledSite, server []string) Site {
	access, hosted := s.OurAccess()
	out := Site{Number: s.Number, Province: f.Province, Hosted: hosted}
	for _, ip := range access.IPs {
		first, err := netip.ParseAddr(ip.First)
		last, errLast := netip.ParseAddr(ip.Last)
		if err == nil && errLast == nil {
			out.Ranges = append(out.Ranges, Range{first.Unmap(), last.Unmap()})
		}
	}
	for _, text := range server {
		if a, err := netip.ParseAddr(text); err == nil {
			out.Server = append(out.Server, a.Unmap())
		}
	}
	return out
}

// Decide returns the reason of the answer for a host of the domain on an address, and the site that it is about. Without a valid address, it decides for the
// host alone.
func (f Facts) Decide(d domainname.Domain, address netip.Addr) (finding.Code, Site) {
	var first Site
	if len(f.Sites) > 0 {
		first = f.Sites[0]
	}
	hosted := slices.DeleteFunc(slices.Clone(f.Sites), func(s Site) bool { return !s.Hosted })
	switch {
	case f.DomainBlacklisted:
		return BlackDomain, first
	case f.SubjectBlacklisted:
		return BlackSubject, first
	case len(f.Sites) == 0:
		return f.unfiled(d), first
	case len(hosted) == 0:
		return NotOurs, first
	case !address.IsValid():
		return Filed, hosted[0]
	}
	for _, s := range hosted {
		if slices.ContainsFunc(s.Ranges, func(r Range) bool { return r.has(address) }) {
			return Filed, s
		}
	}
	unknown := true
	for _, s := range hosted {
		if slices.Contains(s.Server, address) && address.Is4() {
			return FiledElsewhere, s
		}
		unknown = unknown && len(s.Ranges) == 0 && len(s.Server) == 0
	}
	switch {
	case address.Is6():
		return IPv6, hosted[0]
	case unknown:
		return NoAddresses, hosted[0]
	}
	return OtherAddress, hosted[0]
}

// unfiled returns why a domain is not filed.
func (f Facts) unfiled(d domainname.Domain) finding.Code {
	switch {
	case f.OrderOpen:
		return OrderOpen
	case f.Former == register.Cancelled:
		return FilingEnded
	case f.Former == register.Shell:
		return FilingShell
	case f.Former != "":
		return DomainEnded
	case d.LooksAlike():
		return LooksAlike
	}
	return NotFiled
}

// ParseAddress parses the public address of a question. An IPv4 address in the form of IPv6 is IPv4. The code is the reason of the answer for other text,
// and for addresses that the internet does not route; "" if there is none.
func ParseAddress(text string) (netip.Addr, finding.Code) {
	a, err := netip.ParseAddr(text)
	if err != nil || a.Zone() != "" {
		return netip.Addr{}, AddressForm
	}
	a = a.Unmap()
	if !a.IsGlobalUnicast() || a.IsPrivate() || slices.ContainsFunc(unrouted, func(p netip.Prefix) bool { return p.Contains(a) }) {
		return netip.Addr{}, AddressPrivate
	}
	return a, ""
}

var unrouted = []netip.Prefix{
	netip.MustParsePrefix("100.64.0.0/10"), // carrier-grade NAT, RFC 6598
	netip.MustParsePrefix("240.0.0.0/4"),   // reserved, RFC 1112
}
