package web

import (
	"net/netip"
	"strings"
	"time"

	"beian/shared/process/sitewatch"
	"beian/shared/rules/number"
	"beian/shared/rules/observation"
)

// A WatchedSite is what the watch knows of one host of a filing.
type WatchedSite struct {
	Host      string           `json:"host"`
	Since     time.Time        `json:"since" doc:"when it was filed with us"`
	CheckedAt time.Time        `json:"checkedAt,omitzero" doc:"of the newest visit"`
	Next      time.Time        `json:"next" doc:"when it is visited next"`
	Visits    []WatchedVisit   `json:"visits" nullable:"false" doc:"what the newest visit saw, under each name of the host"`
	Findings  []WatchedFinding `json:"findings" nullable:"false" doc:"what stands: what is wrong, since when, and how to correct it"`
	Changes   int              `json:"changes" doc:"how many statements its history has"`
}

// A WatchedVisit is what a visit saw under one name.
type WatchedVisit struct {
	Host      string              `json:"host"`
	Addresses []netip.Addr        `json:"addresses" nullable:"false" doc:"to which the name leads"`
	Outcome   observation.Outcome `json:"outcome" enum:"answered,not-modified,no-connection,too-slow,bad-answer,address-refused,too-many-redirects,bad-redirect,robots,not-asked"`
	Status    int                 `json:"status,omitempty" doc:"HTTP status of the answer"`
	Numbers   []string            `json:"numbers" nullable:"false" doc:"the filing numbers on the page"`
}

// A WatchedFinding is a finding that stands.
type WatchedFinding struct {
	sitewatch.OpenFinding
	Snippet string `json:"snippet,omitempty" doc:"the HTML of the remedy, to copy"`
}

// WatchedSitesOf returns the JSON of watches.
func WatchedSitesOf(watches []sitewatch.Watch) []WatchedSite {
	all := []WatchedSite{}
	for _, w := range watches {
		site := WatchedSite{Host: w.Host, Since: w.Since, Next: w.Due, Visits: []WatchedVisit{}, Findings: []WatchedFinding{}, Changes: w.Entries}
		if w.Last != nil {
			site.CheckedAt = w.Last.At
			for _, v := range w.Last.Visits {
				site.Visits = append(site.Visits, watchedVisitOf(v))
			}
		}
		for _, f := range w.Open {
			site.Findings = append(site.Findings, WatchedFinding{f, snippetOf(f.Remedy.English)})
		}
		all = append(all, site)
	}
	return all
}

func watchedVisitOf(v observation.Visit) WatchedVisit {
	out := WatchedVisit{Host: v.Host, Addresses: append([]netip.Addr{}, v.Addresses...), Outcome: v.Outcome, Status: v.Status, Numbers: []string{}}
	if v.Page == nil {
		return out
	}
	for _, n := range v.Page.Numbers {
		switch {
		case n.Filing != (number.Filing{}):
			out.Numbers = append(out.Numbers, n.Filing.String())
		case n.Subject != (number.Subject{}):
			out.Numbers = append(out.Numbers, n.Subject.String())
		}
	}
	return out
}

// snippetOf returns the HTML in a remedy; "" if it has none.
func snippetOf(remedy string) string {
	from, to := strings.Index(remedy, "<a "), strings.LastIndex(remedy, "</a>")
	if from < 0 || to < from {
		return ""
	}
	return remedy[from : to+len("</a>")]
}
