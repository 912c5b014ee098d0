package domainname

import (
	"net"
	"strconv"
	"strings"
	"unicode/utf8"

	"beian/shared/rules/finding"
)

// Codes of the findings of [ParseHost].
const (
	HostMalformed     finding.Code = "host-malformed"
	HostIsIP          finding.Code = "host-is-ip"
	HostNoRegistrable finding.Code = "host-not-registrable"
)

// ParseHost returns the registrable domain of the host of a request, as servers get it: in ASCII or in its own script, in any case, with a port, a final
// dot, or an asterisk for all hosts below a domain. Unlike [Parse] it refuses everything else around the host, such as a path. Labels below the
// registrable domain may have underscores. Without such a domain it returns one finding.
func ParseHost(host string) (d Domain, wrong finding.List) {
	refuse := func(code finding.Code) (Domain, finding.List) { return "", finding.List{finding.New(code, "")} }
	if len(host) > maxTyped || utf8.RuneCountInString(host) > maxHost+len("*.")+len(".:65535") { // the ASCII form is not shorter
		return refuse(HostMalformed)
	}
	if name, port, err := net.SplitHostPort(host); err == nil {
		if _, err := strconv.ParseUint(port, 10, 16); err != nil {
			return refuse(HostMalformed)
		}
		host = name
	}
	host = strings.TrimPrefix(strings.TrimSuffix(host, "."), "*.")
	if isIP(host) {
		return refuse(HostIsIP)
	}
	last, below := host, ""
	if i := strings.LastIndexByte(host, '_'); i >= 0 { // DNS has such names, but no registry has
		if below, last, _ = strings.Cut(host[i:], "."); strings.Trim(host[:i]+below, allowedBelow) != "" {
			return refuse(HostMalformed)
		}
	}
	ascii, ok := toASCII(last)
	if !ok || !strings.Contains(ascii, ".") || len(ascii)+len(host)-len(last) > maxHost {
		return refuse(HostMalformed)
	}
	if d = Domain(ascii).Registrable(); d == "" {
		return refuse(HostNoRegistrable)
	}
	return d, nil
}

const (
	// maxHost is the length of the longest host of DNS, without its final dot.
	maxHost      = 253
	allowedBelow = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
)

// LooksAlike reports whether the domain has a letter that looks like a Latin letter or a Chinese character, such as the Cyrillic "а" of "exаmple.cn".
func (d Domain) LooksAlike() bool {
	_, is := d.lookAlike()
	return is
}
