package filing

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"beian/shared/rules/domainfacts"
	"beian/shared/rules/finding"
)

// WatchesPages reports whether the order's sites are visited to see that they are closed: from its submission until the bureau's result, or until the
// applicant has to act.
func (o Order) WatchesPages() bool {
	return o.Website() == Closed && !o.Unsubmitted && o.Closing == "" && !o.Status.Final()
}

// RecordPage records that a site of a submitted order was seen open, or closed again. The applicant gets one message for the sites that open within
// [pageNoticeInterval]. There is nothing to do if that is known already, or if the order does not have to keep its sites closed any more.
type RecordPage struct {
	Domain Domain
	Open   bool
}

// pageNoticeInterval is the minimum interval between two messages about open sites of an order. Each site is visited once in it.
const pageNoticeInterval = 24 * time.Hour

func (RecordPage) Name() string { return "record-page" }

func (d RecordPage) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	if _, known := o.OpenSites[d.Domain]; known == d.Open || !o.WatchesPages() || !slices.Contains(o.Domains, d.Domain) {
		return ErrNothingToDo
	}
	sites := maps.Clone(o.OpenSites)
	if !d.Open {
		delete(sites, d.Domain)
		o.OpenSites = sites
		c.setFact("open", "false")
		return nil
	}
	if sites == nil {
		sites = map[Domain]time.Time{}
	}
	recent := slices.ContainsFunc(slices.Collect(maps.Values(sites)), func(seen time.Time) bool { return at.Sub(seen) < pageNoticeInterval })
	sites[d.Domain] = at
	o.OpenSites = sites
	c.setFact("open", "true")
	if !recent {
		c.addNotices(NoticeSiteOpen)
	}
	return nil
}

// PageFindings returns a warning for each site that was seen open while the order is submitted, unless the order has it already. Pointers are into the
// details.
func (o Order) PageFindings() finding.List {
	if !o.WatchesPages() {
		return nil
	}
	var found finding.List
	for i, s := range o.Private.Sites {
		for k, d := range s.Domains {
			one := finding.New(domainfacts.CodeHasPage, fmt.Sprintf("/sites/%d/domains/%d", i, k), "domain", d.Display())
			if _, open := o.OpenSites[d]; open && !slices.ContainsFunc(o.Private.Findings, func(f finding.Finding) bool { return f.Code == one.Code && f.Pointer == one.Pointer }) {
				found = append(found, one)
			}
		}
	}
	return found
}
