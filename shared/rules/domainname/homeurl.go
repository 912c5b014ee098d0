package domainname

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"beian/shared/rules/finding"
)

// Codes of the findings of [CheckHomeURL].
const (
	HomeURLMalformed finding.Code = "home-url-malformed"
	HomeURLLength    finding.Code = "home-url-length"
	HomeURLElsewhere finding.Code = "home-url-other-domain"

	// Minimum and maximum length in characters (MIIT-IF30 10.1, Syurl).
	minURL, maxURL = 4, 255
)

// CheckHomeURL returns the findings about the URL of a site's home page. Its host must be one of the site's domains or a subdomain
// (the bureau's result 1041). "http://" may be missing. The URL is optional: "" has no findings.
func CheckHomeURL(text string, domains []Domain) finding.List {
	if text == "" {
		return nil
	}
	if n := utf8.RuneCountInString(text); n < minURL || n > maxURL {
		return finding.List{finding.New(HomeURLLength, "")}
	}
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || !validPort(u.Port()) {
		return finding.List{finding.New(HomeURLMalformed, "")}
	}
	if !slices.ContainsFunc(domains, func(d Domain) bool { return d.Covers(u.Hostname()) }) {
		return finding.List{finding.New(HomeURLElsewhere, "")}
	}
	return nil
}

// validPort reports whether a port is absent or a number that a port can have.
func validPort(text string) bool {
	_, err := strconv.ParseUint(text, 10, 16)
	return text == "" || err == nil
}
