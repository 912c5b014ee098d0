package sitewatch

import (
	"cmp"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"beian/shared/filing/register"
	"beian/shared/rules/domainname"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/rules/observation"
)

const (
	// Period is the time between two checks of a host.
	Period = 24 * time.Hour
	// Recheck is the time to the next check if a server did not answer: it may have been a moment.
	Recheck = time.Hour
)

// A Key names a watch.
type Key struct {
	Filing register.ID
	Host   string
}

// A Watch is the state of one host of a filing.
type Watch struct {
	Key     `json:"-"`
	Version int       `json:"-"` // 0 before the first check
	Since   time.Time `json:"-"` // when the host was filed with us
	// Due is when the host is checked next.
	Due time.Time `json:"-"`
	// Last is the newest observation; nil before the first.
	Last *observation.Observation `json:"last,omitempty"`
	// Open are the findings that stand.
	Open []OpenFinding `json:"open,omitempty"`
	// Suspected are findings that the next check has to confirm.
	Suspected []finding.Finding `json:"suspected,omitempty"`
	// Entries counts the statements of the history, and Head is the hash of the last one.
	Entries int    `json:"entries"`
	Head    string `json:"head,omitempty"`
}

// An OpenFinding is a finding that stands, with the time at which it was found first.
type OpenFinding struct {
	finding.Finding
	Since time.Time `json:"since"`
}

// FirstCheck returns when a host is checked first that is filed at a time: within a day, at a time of day that spreads the hosts evenly.
func FirstCheck(host string, filedAt time.Time) time.Time { return filedAt.Add(spread(host, Period)) }

// spread returns a duration below a limit that follows from a host.
func spread(host string, limit time.Duration) time.Duration {
	sum := sha256.Sum256([]byte(host))
	return time.Duration(binary.BigEndian.Uint64(sum[:]) % uint64(limit)).Truncate(time.Second)
}

// FiledOf returns what is filed of a host of a filing. It returns false if nothing is to be watched: the host is not one of its websites any more, or we
// no longer give it access.
func FiledOf(f register.Filing, host string, ours []Range) (Filed, bool) {
	if f.Status != register.Filed {
		return Filed{}, false
	}
	for i, s := range f.Sites {
		names := s.DomainNames()
		at := slices.IndexFunc(names, func(d domainname.Domain) bool { return string(d) == host })
		if _, has := s.OurAccess(); at < 0 || !has || s.Number.Service != number.Site {
			continue
		}
		filed := Filed{Host: host, Province: f.Province, Number: s.Number, Addresses: slices.Clone(ours)}
		for k, name := range names {
			if k != at {
				filed.Also = append(filed.Also, string(name))
			}
		}
		for _, a := range s.Accesses {
			filed.OtherProviders = filed.OtherProviders || !a.Ours
			for _, ip := range a.IPs {
				first, err := netip.ParseAddr(ip.First)
				last, err2 := netip.ParseAddr(ip.Last)
				if err == nil && err2 == nil {
					filed.Addresses = append(filed.Addresses, Range{first, last})
				}
			}
		}
		if i < len(f.Private.Sites) {
			filed.SiteName, filed.Content = f.Private.Sites[i].Name, f.Private.Sites[i].ServiceContent
		}
		return filed, true
	}
	return Filed{}, false
}

// momentary are the findings that may be of a moment. They count if two checks in a row have them.
var momentary = []finding.Code{NotResolved, Unreachable, StatusError, RedirectBroken}

// ofPage are the findings that only a page which was seen can end.
var ofPage = []finding.Code{NumberMissing, NumberOther, NumberInvalid, NumberImitated, NumberWithoutSuffix, NumberWithSuffix, NumberHidden, LinkMissing, LinkOutdated,
	LinkImitated, TitleDiffers, CopyrightMissing, PublicSecurityMissing, PublicSecurityOther, ContentDiffers}

// After returns the watch after an observation with some findings, and whether the findings that stand are others than before.
func (w Watch) After(seen observation.Observation, found finding.List) (after Watch, changed bool) {
	after = w
	after.Version++
	after.Last, after.Open, after.Suspected = &seen, nil, nil
	for _, f := range found {
		standing, stands := w.standing(f)
		switch {
		case stands:
			after.Open = append(after.Open, OpenFinding{f, standing.Since})
		case slices.Contains(momentary, f.Code) && !slices.ContainsFunc(w.Suspected, func(s finding.Finding) bool { return same(s, f) }):
			after.Suspected = append(after.Suspected, f)
		default:
			after.Open = append(after.Open, OpenFinding{f, seen.At})
		}
	}
	for _, open := range w.Open { // that nobody could see this time
		i, err := strconv.Atoi(strings.TrimPrefix(open.Pointer, "/visits/"))
		if err != nil || i >= len(seen.Visits) || slices.ContainsFunc(found, func(f finding.Finding) bool { return same(f, open.Finding) }) {
			continue
		}
		v := seen.Visits[i]
		unseen := v.Unsure() || !v.Opened() || v.Page == nil || slices.ContainsFunc(found, func(f finding.Finding) bool { return f.Code == NotSeen && f.Pointer == open.Pointer })
		if v.Unsure() && open.Code != NotSeen || unseen && slices.Contains(ofPage, open.Code) {
			after.Open = append(after.Open, open)
		}
	}
	slices.SortStableFunc(after.Open, func(a, b OpenFinding) int {
		return cmp.Or(cmp.Compare(a.Pointer, b.Pointer), cmp.Compare(a.Code, b.Code))
	})
	after.Due = seen.At.Add(Period)
	if len(after.Suspected) > 0 {
		after.Due = seen.At.Add(Recheck)
	}
	changed = !slices.EqualFunc(w.Open, after.Open, func(a, b OpenFinding) bool {
		return same(a.Finding, b.Finding) && a.Severity == b.Severity
	})
	return after, changed || w.Version == 0
}

// standing returns the finding that stands already.
func (w Watch) standing(f finding.Finding) (OpenFinding, bool) {
	i := slices.IndexFunc(w.Open, func(o OpenFinding) bool { return same(o.Finding, f) })
	if i < 0 {
		return OpenFinding{}, false
	}
	return w.Open[i], true
}

// same reports whether two findings are about the same thing.
func same(a, b finding.Finding) bool { return a.Code == b.Code && a.Pointer == b.Pointer }

// Findings returns the findings that stand.
func (w Watch) Findings() finding.List {
	var all finding.List
	for _, o := range w.Open {
		all = append(all, o.Finding)
	}
	return all
}

// Sign adds the entry of the newest observation to the history of a host, which has the site's number.
func (w Watch) Sign(site string, key ed25519.PrivateKey) (Watch, Entry, error) {
	e, err := sign(w.statement(site), key)
	if err != nil {
		return w, e, err
	}
	w.Entries, w.Head = w.Entries+1, e.Hash()
	return w, e, nil
}

// statement returns the next statement of the host's history.
func (w Watch) statement(site string) Statement {
	s := Statement{Filing: w.Filing, Host: w.Host, Number: site, Sequence: w.Entries + 1, At: w.Last.At, Previous: w.Head, Findings: []Stated{}, Observation: *w.Last}
	for _, o := range w.Open {
		host := w.Host
		if i, err := strconv.Atoi(strings.TrimPrefix(o.Pointer, "/visits/")); err == nil && i < len(w.Last.Visits) {
			host = w.Last.Visits[i].Host
		}
		s.Findings = append(s.Findings, Stated{o.Code, o.Severity, host})
	}
	return s
}
