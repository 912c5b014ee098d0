// Package domainname parses the domains of a site: [Parse] for input of people, [Normal] for the bureau's files.
//
//	d, found := domainname.Parse("例子.中国") // "xn--fsqu00a.xn--fiqs8s"
//	d.Display()                           // "例子.中国"
//
// A filing contains registrable domains only: example.com.cn, not www.example.com.cn and not *.example.com.cn. The
// registrable part follows the ICANN section of the public suffix list: a blog at a hosting company's address is that
// company's domain. A domain is stored in its ASCII form and displayed in its own script.
package domainname

import (
	"net/netip"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"

	"beian/shared/rules/finding"
)

// A Domain is a domain in ASCII form, in small letters, without a final dot.
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

	// Least and greatest length of the ASCII form (MIIT-IF30 10.1, Ym).
	minLength, maxLength = 4, 128
)

var profile = idna.New(
	idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(true), idna.ValidateLabels(true),
	idna.VerifyDNSLength(true), idna.CheckHyphens(true), idna.Transitional(false),
)

// Parse parses a domain as people enter it. Without blocking findings the result is the registrable domain, which can be filed.
// With them it is the part that could be parsed, "" if none; the remedy names the domain to enter if there is one.
func Parse(text string) (Domain, finding.List) {
	text = strings.TrimSpace(text)
	if text == "" {
		return "", finding.List{finding.New(Missing, "")}
	}
	host, isURL := hostOf(text)
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

// Normal returns the form in which domains are stored and compared, without checking that the domain can be filed. It is false
// for text that cannot be a domain.
func Normal(text string) (Domain, bool) {
	ascii, ok := toASCII(strings.TrimRight(strings.TrimSpace(text), ".。"))
	return Domain(ascii), ok
}

// toASCII converts a domain. It is false if the conversion fails or is not idempotent, as for broken text.
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
	at := func(code finding.Code) finding.List {
		return finding.List{finding.New(code, "", "domain", registrable.Display(), "suffix", suffix)}
	}
	_, www := strings.CutPrefix(string(d), "www.")
	government := strings.HasSuffix(string(d), ".gov.cn") || strings.HasSuffix(string(d), ".xn--zfr164b")
	switch {
	case !known:
		return d, at(SuffixUnknown)
	case registrable == "":
		return d, at(IsSuffix)
	case len(d) < minLength || len(d) > maxLength:
		return d, at(Length)
	case isURL:
		return d, at(IsURL)
	case wildcard:
		return d, at(IsWildcard)
	case www && d == "www."+registrable:
		return d, at(IsWWW)
	case d != registrable && government:
		return d, at(BelowGovernment)
	case d != registrable:
		return d, at(NotRegistrable)
	}
	return d, nil
}

// hostOf cuts a pasted URL down to its host, and reports whether there was more than the host.
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

// suffix returns the registry's part of the domain in display form ("com.cn"), and whether there is such a registry.
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

// Suffix returns the registry's part of the domain in display form: "com.cn", "中国"; "" where no registry is known.
func (d Domain) Suffix() string {
	s, known := d.suffix()
	if !known {
		return ""
	}
	return s
}

// Registrable returns the part that is registered, "example.com.cn" of "a.b.example.com.cn"; "" for a suffix itself and
// for unknown suffixes.
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

// Covers reports whether a host is the domain or lies below it.
func (d Domain) Covers(host string) bool {
	ascii, ok := toASCII(strings.TrimSuffix(host, "."))
	return ok && (ascii == string(d) || strings.HasSuffix(ascii, "."+string(d)))
}
