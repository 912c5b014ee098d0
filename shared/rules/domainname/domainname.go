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
	"fmt"
	"net/netip"
	"strings"
	"sync"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"

	"beian/shared/rules/finding"
	"beian/shared/rules/pattern"
	"beian/shared/rules/strictjson"
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
	IsEmail         finding.Code = "domain-is-email"
	Several         finding.Code = "domain-several"
	MixedScripts    finding.Code = "domain-mixed-scripts"

	// Minimum and maximum length of the ASCII form (MIIT-IF30 10.1, Ym).
	minLength, maxLength = 4, 128
)

var profile = idna.New(
	idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(true), idna.ValidateLabels(true),
	idna.VerifyDNSLength(true), idna.CheckHyphens(true), idna.Transitional(false),
)

// Parse parses a domain that a person typed. Without blocking findings the result is the registrable domain, which can be filed.
// With blocking findings it is the part that could be parsed, "" if none. The remedy names the domain to enter if there is one.
// Parse ignores a label before the domain ("域名："), quotation marks, brackets and punctuation around it, and spaces beside its dots.
func Parse(typed string) (Domain, finding.List) {
	typed = strings.NewReplacer(" .", ".", ". ", ".").Replace(text.NormalizeASCII(typed))
	typed = strings.TrimRight(strings.TrimLeft(label().ReplaceAllString(typed, ""), around), around+".")
	host, isURL := hostOf(typed)
	switch {
	case typed == "":
		return "", finding.List{finding.New(Missing, "")}
	case strings.Contains(typed, "@") && !strings.Contains(typed, "://"):
		return "", finding.List{finding.New(IsEmail, "")}
	case isIP(host):
		return "", finding.List{finding.New(IsIP, "")}
	case countDomains(typed) > 1:
		return "", finding.List{finding.New(Several, "")}
	}
	rest, wildcard := strings.CutPrefix(host, "*.")
	ascii, ok := toASCII(strings.TrimRight(rest, "."))
	if !ok || !strings.Contains(ascii, ".") {
		return "", finding.List{finding.New(Malformed, "")}
	}
	return checkForm(Domain(ascii), isURL, wildcard)
}

// label is a word in Chinese with a colon.
var label = pattern.New(`^\p{Han}{1,8} ?: ?`)

// around are signs that people paste with a domain.
const around = " \"'“”‘’《》〈〉<>(),;、，"

// countDomains returns the number of texts with a dot between the signs that people write between two domains.
func countDomains(typed string) int {
	n := 0
	for part := range strings.FieldsFuncSeq(typed, func(r rune) bool { return strings.ContainsRune(" ,;、|", r) }) {
		if strings.Contains(part, ".") {
			n++
		}
	}
	return n
}

// isIP reports whether a host is an IP address, or only digits and dots like one.
func isIP(host string) bool {
	_, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil || strings.Contains(host, ".") && strings.Trim(host, "0123456789.") == ""
}

// Normalize returns a domain in the form in which domains are stored and compared. It does not check that the domain can be filed.
// It returns false for text that is no domain.
func Normalize(typed string) (Domain, bool) {
	ascii, ok := toASCII(strings.TrimRight(text.NormalizeASCII(typed), "."))
	return Domain(ascii), ok
}

// maxTyped is more than the bytes of any domain: DNS allows 253 characters, which have up to four bytes each. The work of punycode grows
// with the square of the length, so longer texts are not converted.
const maxTyped = 1024

// toASCII converts a domain to its ASCII form. It returns false if the conversion fails or is not idempotent.
func toASCII(text string) (string, bool) {
	if len(text) > maxTyped {
		return "", false
	}
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
	case d.platform() != "" && d != "www."+registrable:
		return d, finding.List{finding.New(OfPlatform, "", "suffix", d.platform())}
	case isURL:
		return d, newFinding(IsURL)
	case wildcard:
		return d, newFinding(IsWildcard)
	case www && d == "www."+registrable:
		return d, newFinding(IsWWW)
	case d != registrable && government:
		return d, newFinding(BelowGovernment)
	case d != registrable:
		return d, newFinding(NotRegistrable)
	}
	var found finding.List
	if !approved()[d.topLevel()] {
		found = append(found, finding.New(SuffixUnlisted, "", "suffix", d.topLevel()))
	}
	if l, is := d.lookAlike(); is {
		found = append(found, finding.New(MixedScripts, "", append(l.Placeholders(), "ascii", string(d))...))
	}
	return d, found
}

// lookAlike returns a letter of a label that looks like a Latin letter or a Chinese character: the Cyrillic "а" of "exаmple", or the first letter
// of a word that has only such letters, unless the top-level domain is of the same script, as in "сон.рф".
func (d Domain) lookAlike() (text.LookAlike, bool) {
	latinTop := strings.Trim(d.topLevel(), "abcdefghijklmnopqrstuvwxyz") == ""
	for label := range strings.SplitSeq(d.Display(), ".") {
		if l, is := text.FindLookAlike(label); is && (latinTop || len(l.Scripts) > 1) {
			return l, true
		}
	}
	return text.LookAlike{}, false
}

// platform returns the domain of a platform whose users get the domains below it, "github.io" for "a.github.io"; "" for other
// domains, and for the platform's own. The private section of the public suffix list names platforms, and platforms.json others.
func (d Domain) platform() string {
	_, parent, _ := strings.Cut(string(d), ".")
	for ; parent != ""; _, parent, _ = strings.Cut(parent, ".") {
		if platforms()[parent] {
			return display(parent)
		}
	}
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

// A list is a dated list of domains.
type list struct {
	Source    string       `json:"source"`
	AsOf      workday.Date `json:"asOf"`
	Suffixes  []string     `json:"suffixes"`
	Platforms []string     `json:"platforms"`
}

var (
	//go:embed approved.json
	approvedFile []byte
	//go:embed platforms.json
	platformsFile []byte
)

// approved returns the top-level domains that the ministry has approved (互联网域名管理办法, 2017, article 9), in display form.
var approved = sync.OnceValue(func() map[string]bool { return setOf(mustDecode(approvedFile).Suffixes) })

// platforms returns the domains of shops, blogs, storage and dynamic DNS whose users get the domains below them.
var platforms = sync.OnceValue(func() map[string]bool { return setOf(mustDecode(platformsFile).Platforms) })

func mustDecode(file []byte) list {
	var l list
	if err := strictjson.UnmarshalEmbedded(file, &l); err != nil {
		panic(fmt.Errorf("domainname: %w", err))
	}
	return l
}

func setOf(names []string) map[string]bool {
	set := map[string]bool{}
	for _, name := range names {
		set[name] = true
	}
	return set
}

// hostOf returns the host of a pasted URL, and whether the text contained more than the host.
func hostOf(text string) (string, bool) {
	host := urlScheme().ReplaceAllString(text, "")
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

// urlScheme matches the beginning of a URL, also without its colon or slashes.
var urlScheme = pattern.New(`(?i)^(?:[a-z]+(?:[:;]//*|//)|https?:|//)`)

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
