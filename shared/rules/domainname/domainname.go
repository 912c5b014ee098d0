// Package domainname parses the domains of a site. Use [Parse] for what a person typed, and [Normalize] for the bureau's files.
//
//	d, found := domainname.Parse("例子.中国") // "xn--fsqu00a.xn--fiqs8s"
//	d.Display()                           // "例子.中国"
//
// A filing contains registrable domains only: example.com.cn, not www.example.com.cn and not *.example.com.cn. The ICANN section of
// the public suffix list determines the registrable part, so the domain of a blog at a hosting company's address is the company's
// domain. A domain is stored in its ASCII form and displayed in its own script.
package domainname

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"sync"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"

	"beian/shared/rules/finding"
	"beian/shared/rules/text"
	"beian/shared/rules/workday"
)

// A Domain is a domain in ASCII form, in lower case, without a final dot.
type Domain string

// Codes of the findings of [Parse].
const (
	Missing         finding.Code = "domain-missing"
	IsURL           finding.Code = "domain-is-url"
	IsWWW           finding.Code = "domain-with-www"
	IsWildcard      finding.Code = "domain-wildcard"
	IsIP            finding.Code = "domain-is-ip"
	IsSuffix        finding.Code = "domain-is-suffix"
	Malformed       finding.Code = "domain-malformed"
	Length          finding.Code = "domain-length"
	SuffixUnknown   finding.Code = "domain-suffix-unknown"
	NotRegistrable  finding.Code = "domain-not-registrable"
	BelowGovernment finding.Code = "domain-below-government"
	OfPlatform      finding.Code = "domain-of-platform"
	SuffixUnlisted  finding.Code = "domain-suffix-unlisted"

	// Minimum and maximum length of the ASCII form (MIIT-IF30 10.1, Ym).
	minLength, maxLength = 4, 128
)

var profile = idna.New(
	idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(true), idna.ValidateLabels(true),
	idna.VerifyDNSLength(true), idna.CheckHyphens(true), idna.Transitional(false),
)

// Parse parses a domain that a person typed. Without blocking findings the result is the registrable domain, which can be filed.
// With blocking findings it is the part that could be parsed, "" if none. The remedy names the domain to enter if there is one.
func Parse(typed string) (Domain, finding.List) {
	typed = text.NormalizeASCII(typed)
	if typed == "" {
		return "", finding.List{finding.New(Missing, "")}
	}
	host, isURL := hostOf(typed)
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return "", finding.List{finding.New(IsIP, "")}
	}
	rest, wildcard := strings.CutPrefix(host, "*.")
	ascii, ok := toASCII(strings.TrimRight(rest, ".。"))
	if !ok || !strings.Contains(ascii, ".") {
		return "", finding.List{finding.New(Malformed, "")}
	}
	return checkForm(Domain(ascii), isURL, wildcard)
}

// Normalize returns a domain in the form in which domains are stored and compared. It does not check that the domain can be filed.
// It returns false for text that is no domain.
func Normalize(typed string) (Domain, bool) {
	ascii, ok := toASCII(strings.TrimRight(text.NormalizeASCII(typed), "."))
	return Domain(ascii), ok
}

// toASCII converts a domain to its ASCII form. It returns false if the conversion fails or is not idempotent.
func toASCII(text string) (string, bool) {
	ascii, err := profile.ToASCII(text)
	if err != nil {
		return "", false
	}
	again, err := profile.ToASCII(ascii)
	return ascii, err == nil && again == ascii
}

// checkForm returns the findings about a well-formed domain.
func checkForm(d Domain, isURL, wildcard bool) (Domain, finding.List) {
	suffix, known := d.suffix()
	registrable := d.Registrable()
	newFinding := func(code finding.Code) finding.List {
		return finding.List{finding.New(code, "", "domain", registrable.Display(), "suffix", suffix)}
	}
	_, www := strings.CutPrefix(string(d), "www.")
	government := strings.HasSuffix(string(d), ".gov.cn") || strings.HasSuffix(string(d), ".xn--zfr164b")
	switch {
	case !known:
		return d, newFinding(SuffixUnknown)
	case registrable == "":
		return d, newFinding(IsSuffix)
	case len(d) < minLength || len(d) > maxLength:
		return d, newFinding(Length)
	case isURL:
		return d, newFinding(IsURL)
	case wildcard:
		return d, newFinding(IsWildcard)
	case www && d == "www."+registrable:
		return d, newFinding(IsWWW)
	case d.platform() != "":
		return d, finding.List{finding.New(OfPlatform, "", "suffix", d.platform())}
	case d != registrable && government:
		return d, newFinding(BelowGovernment)
	case d != registrable:
		return d, newFinding(NotRegistrable)
	case !approved()[d.topLevel()]:
		return d, finding.List{finding.New(SuffixUnlisted, "", "suffix", d.topLevel())}
	}
	return d, nil
}

// platform returns the domain of a platform whose users get the domains below it, "github.io" for "a.github.io"; "" for other
// domains, and for the platform's own. The private section of the public suffix list names platforms.
func (d Domain) platform() string {
	suffix, icann := publicsuffix.PublicSuffix(string(d))
	if icann || !strings.Contains(suffix, ".") || suffix == string(d) {
		return ""
	}
	return display(suffix)
}

// topLevel returns the last label in display form.
func (d Domain) topLevel() string {
	return display(string(d[strings.LastIndexByte(string(d), '.')+1:]))
}

//go:embed approved.json
var approvedFile []byte

// approved returns the top-level domains that the ministry has approved (互联网域名管理办法, 2017, article 9), in display form.
var approved = sync.OnceValue(func() map[string]bool {
	var list struct {
		Source   string       `json:"source"`
		AsOf     workday.Date `json:"asOf"`
		Suffixes []string     `json:"suffixes"`
	}
	if err := json.Unmarshal(approvedFile, &list); err != nil {
		panic(fmt.Errorf("approved.json: %w", err))
	}
	suffixes := map[string]bool{}
	for _, suffix := range list.Suffixes {
		suffixes[suffix] = true
	}
	return suffixes
})

// hostOf returns the host of a pasted URL, and whether the text contained more than the host.
func hostOf(text string) (string, bool) {
	host := text
	if _, after, found := strings.Cut(host, "://"); found {
		host = after
	}
	if i := strings.IndexAny(host, "/?#\\"); i >= 0 {
		host = host[:i]
	}
	if i := strings.LastIndexByte(host, '@'); i >= 0 {
		host = host[i+1:]
	}
	if _, err := netip.ParseAddr(host); err != nil && !strings.HasSuffix(host, "]") {
		if i := strings.LastIndexByte(host, ':'); i >= 0 {
			host = host[:i]
		}
	}
	return host, host != text
}

// suffix returns the registry's part of the domain in display form ("com.cn"), and whether the public suffix list has it.
func (d Domain) suffix() (string, bool) {
	suffix, icann := publicsuffix.PublicSuffix(string(d))
	for !icann {
		_, after, found := strings.Cut(suffix, ".")
		if !found {
			return display(suffix), false
		}
		suffix, icann = publicsuffix.PublicSuffix(after)
	}
	return display(suffix), true
}

// Suffix returns the registry's part of the domain in display form, such as "com.cn" or "中国"; "" if it is not in the public suffix list.
func (d Domain) Suffix() string {
	s, known := d.suffix()
	if !known {
		return ""
	}
	return s
}

// Registrable returns the registrable part: "example.com.cn" of "a.b.example.com.cn". It returns "" for a suffix and for domains with
// an unknown suffix.
func (d Domain) Registrable() Domain {
	s, known := d.suffix()
	ascii, ok := toASCII(s)
	if !known || !ok || len(d) <= len(ascii)+1 {
		return ""
	}
	labels := strings.TrimSuffix(string(d), "."+ascii)
	return Domain(labels[strings.LastIndexByte(labels, '.')+1:] + "." + ascii)
}

// Display returns the domain in its own script.
func (d Domain) Display() string { return display(string(d)) }

func display(ascii string) string {
	text, err := idna.Display.ToUnicode(ascii)
	if err != nil {
		return ascii
	}
	return text
}

// Covers reports whether a host is the domain or a subdomain of it.
func (d Domain) Covers(host string) bool {
	ascii, ok := toASCII(strings.TrimSuffix(host, "."))
	return ok && (ascii == string(d) || strings.HasSuffix(ascii, "."+string(d)))
}
