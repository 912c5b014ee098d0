package duties

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"beian/shared/filing/register"
	"beian/shared/filing/upkeep"
	"beian/shared/process/event"
	"beian/shared/rules/domainname"
	"beian/shared/rules/number"
)

// addEvents adds the events of a change: duties that are near or over, and findings that were opened or closed.
func (c *Change) addEvents(f register.Filing, reminders []upkeep.Reminder, over []upkeep.Duty) {
	of := func(d upkeep.Duty) event.Duty {
		return event.Duty{Key: digest(d.ID()), Kind: string(d.Key), Filing: f.ID, Site: siteOf(f, d.Site), Due: d.Deadline, At: c.At}
	}
	for _, r := range reminders {
		c.Events = append(c.Events, of(r.Duty).Near())
	}
	for _, d := range over {
		c.Events = append(c.Events, of(d).Over())
	}
	before, after := findings(c.Before), findings(c.After)
	for _, found := range after {
		if !slices.ContainsFunc(before, found.same) {
			c.Events = append(c.Events, found.event(f, c).Opened())
		}
	}
	for _, found := range before {
		if !slices.ContainsFunc(after, found.same) {
			c.Events = append(c.Events, found.event(f, c).Closed())
		}
	}
}

// An openFinding is a finding with its site.
type openFinding struct {
	upkeep.Finding
	site string
}

func (o openFinding) same(other openFinding) bool {
	return o.site == other.site && o.Code == other.Code && o.Host == other.Host && o.Since.Equal(other.Since)
}

func (o openFinding) event(f register.Filing, c *Change) event.Finding {
	id := strings.Join([]string{string(f.ID), o.site, string(o.Code), o.Host, o.Since.UTC().String()}, "|")
	return event.Finding{ID: digest(id), Filing: f.ID, Code: o.Code, Site: siteOf(f, o.site), Host: domainname.Domain(o.Host), At: c.At}
}

// findings returns the open findings of all sites.
func findings(u upkeep.Upkeep) []openFinding {
	var all []openFinding
	for site, s := range u.Sites {
		for _, found := range s.Findings {
			all = append(all, openFinding{found, site})
		}
	}
	slices.SortFunc(all, func(a, b openFinding) int {
		return strings.Compare(a.site+string(a.Code)+a.Host, b.site+string(b.Code)+b.Host)
	})
	return all
}

// siteOf returns the number of a site of a filing; the zero number for "".
func siteOf(f register.Filing, site string) number.Filing {
	for _, s := range f.Sites {
		if s.Number.String() == site {
			return s.Number
		}
	}
	return number.Filing{}
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}
