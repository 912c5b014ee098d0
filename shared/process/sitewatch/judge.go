// Package sitewatch watches the websites that are filed: it compares what a visit saw (package observation) with what is filed. Start with
// [Judge].
//
//	for _, f := range sitewatch.Judge(filed, seen) { … } // watch-number-missing: add this to the footer: <a href=…
//
// Judging is pure: the time is that of the observation, and the rules are those of that day. What is certain blocks, which means that the site
// has to be put right; what may be otherwise warns; hints and what could not be seen inform.
package sitewatch

import (
	"html"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"beian/shared/filing"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/rules/observation"
	"beian/shared/rules/province"
	"beian/shared/rules/publicsecurity"
)

// Codes of the findings of [Judge] about the name and the server.
const (
	NotResolved        finding.Code = "watch-not-resolved"
	ResolvesElsewhere  finding.Code = "watch-resolves-elsewhere"
	Unreachable        finding.Code = "watch-unreachable"
	StatusError        finding.Code = "watch-status"
	RedirectBroken     finding.Code = "watch-redirect-broken"
	RedirectsElsewhere finding.Code = "watch-redirects-elsewhere"
	Certificate        finding.Code = "watch-certificate"
	NotSeen            finding.Code = "watch-not-seen"
	OpenBeforeApproval finding.Code = "watch-open-before-approval"
)

// Filed is what is filed of a site, as far as a visitor can see it.
type Filed struct {
	Host string // one of its domains, in ASCII form
	// Also are the other domains of the site, to which the host may redirect.
	Also     []string
	SiteName string
	Province province.Code
	Number   number.Filing // of the site
	// Addresses are those to which the host may lead: our own, and those that are filed. Empty means that they are not known.
	Addresses []Range
	// OtherProviders says that other providers have filed accesses of the site, so that it may lead elsewhere.
	OtherProviders bool
	// Content are the ministry's numbers of the filed service contents.
	Content []int
	// OpenedOn is when the site opened; zero if that is not known.
	OpenedOn time.Time
	// PublicSecurity is the number of the public-security filing; "" if it is not known.
	PublicSecurity publicsecurity.Number
	// BeforeApproval says that the site is not approved, and must be closed.
	BeforeApproval bool
}

// A Range is a range of addresses, both ends included.
type Range struct{ First, Last netip.Addr }

func (r Range) contains(a netip.Addr) bool {
	return r.First.BitLen() == a.BitLen() && r.First.Compare(a) <= 0 && a.Compare(r.Last) <= 0
}

// number returns the number that the site has to show on a day, and the HTML that shows it.
func (f Filed) number(at time.Time) (shown, snippet string) {
	shown = f.Number.String()
	if f.Province.Province().FooterNumber(at) == province.FooterSubject {
		shown = f.Number.Subject.String()
	}
	return shown, filing.FooterLink(shown)
}

// Page returns a page as short as the site's home page may be, with everything that it has to show on a day but the number of the public-security
// filing, if that is not known.
func (f Filed) Page(at time.Time) string {
	_, snippet := f.number(at)
	if f.PublicSecurity != "" {
		snippet += " " + publicsecurity.FooterLink(f.PublicSecurity)
	}
	return "<!doctype html><title>" + html.EscapeString(f.SiteName) + "</title><footer>版权所有 " + snippet + "</footer>"
}

// has reports whether a host is of the site.
func (f Filed) has(host string) bool {
	return slices.ContainsFunc(append([]string{f.Host}, f.Also...), func(domain string) bool { return host == domain || strings.HasSuffix(host, "."+domain) })
}

// Judge compares an observation with what is filed. The pointers of the findings are those of the visits in the observation.
func Judge(f Filed, seen observation.Observation) finding.List {
	if f.BeforeApproval {
		return f.judgeClosed(seen)
	}
	var found finding.List
	resolved := slices.ContainsFunc(seen.Visits, func(v observation.Visit) bool { return v.Resolution != observation.NotResolved })
	opened := slices.ContainsFunc(seen.Visits, observation.Visit.Opened)
	homes := map[string]bool{}
	for i, v := range seen.Visits {
		if v.Resolution == observation.NotResolved && (resolved || i > 0) {
			continue // the other name is enough
		}
		one := f.judgeName(v, seen.At)
		if v.Opened() && f.has(v.HomeHost()) && !homes[v.Home()] {
			homes[v.Home()] = true
			one = append(one, f.judgePage(v, seen.At)...)
		}
		for _, problem := range one {
			if opened && !v.Opened() && problem.Severity == finding.Block {
				problem.Severity = finding.Warn // the site opens under its other name
			}
			problem.Pointer = "/visits/" + strconv.Itoa(i)
			found = append(found, problem)
		}
	}
	return found
}

// judgeClosed checks that a site before its approval shows no page.
func (f Filed) judgeClosed(seen observation.Observation) finding.List {
	for i, v := range seen.Visits {
		if v.Opened() && v.Page != nil && f.has(v.HomeHost()) {
			return finding.List{finding.New(OpenBeforeApproval, "/visits/"+strconv.Itoa(i), "host", v.Host)}
		}
	}
	return nil
}

// reasons are the words for what happened.
var reasons = map[string]finding.Words{
	string(observation.NoConnection):   {Chinese: "服务器没有响应", English: "the server does not answer"},
	string(observation.TooSlow):        {Chinese: "服务器响应太慢", English: "the server is too slow"},
	string(observation.BadAnswer):      {Chinese: "服务器的回应不正确", English: "the server's answer is not valid"},
	string(observation.AddressRefused): {Chinese: "它指向内部网络的地址", English: "it leads to an address that is not public"},

	string(observation.Expired):         {Chinese: "已过期", English: "it has expired"},
	string(observation.NotYetValid):     {Chinese: "尚未生效", English: "it is not valid yet"},
	string(observation.OtherHost):       {Chinese: "不是这个域名的证书", English: "it is of another host"},
	string(observation.Untrusted):       {Chinese: "签发机构不受信任", English: "its authority is not trusted"},
	string(observation.HandshakeFailed): {Chinese: "无法建立安全连接", English: "a secure connection is not possible"},

	string(observation.RobotsForbid):      {Chinese: "网站不允许程序访问", English: "the site does not permit visits by machines"},
	string(observation.ResolutionUnknown): {Chinese: "域名解析暂时失败", English: "the name could not be looked up this time"},
	"script":                              {Chinese: "内容由脚本生成", English: "scripts make its content"},
	"large":                               {Chinese: "页面太大或结构太复杂", English: "the page is too large or too complex"},
	"no-page":                             {Chinese: "首页不是网页", English: "it is no page"},
}

// withReason returns a finding with a reason in both languages.
func withReason(code finding.Code, reason string, args ...string) finding.Finding {
	return finding.New(code, "", append(args, "reason", reasons[reason].Chinese, "reason-en", reasons[reason].English)...)
}

// judgeName checks where a name leads and how its server answers.
func (f Filed) judgeName(v observation.Visit, at time.Time) finding.List {
	var found finding.List
	switch {
	case v.Resolution == observation.ResolutionUnknown:
		return finding.List{f.notSeen(v, at, string(v.Resolution))}
	case v.Resolution == observation.NotResolved:
		return finding.List{finding.New(NotResolved, "", "host", v.Host)}
	}
	if strange := f.strange(v.Addresses); len(strange) > 0 {
		found = append(found, finding.New(ResolvesElsewhere, "", "host", v.Host, "addresses", strings.Join(strange, ", ")))
		if v.Outcome == observation.AddressRefused {
			return found
		}
	}
	if v.TLS != nil && v.TLS.Problem != "" {
		found = append(found, withReason(Certificate, string(v.TLS.Problem), "host", v.Host))
	}
	switch v.Outcome {
	case observation.NoConnection, observation.TooSlow, observation.BadAnswer, observation.AddressRefused:
		return append(found, withReason(Unreachable, string(v.Outcome), "host", v.Host))
	case observation.TooManyRedirects, observation.BadRedirect:
		return append(found, finding.New(RedirectBroken, "", "host", v.Host))
	case observation.RobotsForbid:
		return append(found, f.notSeen(v, at, string(v.Outcome)))
	}
	switch {
	case !v.Opened():
		found = append(found, finding.New(StatusError, "", "host", v.Host, "status", strconv.Itoa(v.Status)))
	case !f.has(v.HomeHost()):
		found = append(found, finding.New(RedirectsElsewhere, "", "host", v.Host, "target", v.HomeHost()))
	}
	return found
}

// strange returns the addresses to which the host may not lead, at most three.
func (f Filed) strange(addresses []netip.Addr) []string {
	if len(f.Addresses) == 0 || f.OtherProviders {
		return nil
	}
	var found []string
	for _, a := range addresses {
		if len(found) < 3 && !slices.ContainsFunc(f.Addresses, func(r Range) bool { return r.contains(a) }) {
			found = append(found, a.String())
		}
	}
	return found
}

func (f Filed) notSeen(v observation.Visit, at time.Time, reason string) finding.Finding {
	_, snippet := f.number(at)
	return withReason(NotSeen, reason, "host", v.Host, "snippet", snippet)
}

// NeedsRendering returns the visits whose page shows what is asked for only after its scripts ran, if at all.
func NeedsRendering(f Filed, seen observation.Observation) []int {
	var visits []int
	for i, v := range seen.Visits {
		if v.Opened() && v.Page != nil && v.Page.Dynamic && !v.Rendered && !f.BeforeApproval && f.has(v.HomeHost()) && f.judgePage(v, seen.At).Has(NotSeen) {
			visits = append(visits, i)
		}
	}
	return visits
}
