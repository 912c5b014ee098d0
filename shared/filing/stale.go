package filing

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"beian/shared/filing/register"
	"beian/shared/rules/evidence"
	"beian/shared/rules/finding"
)

// CodeFilingChanged says that the filing has changed since the order began at it.
const CodeFilingChanged finding.Code = "filing-changed-since"

// filingChanged reports whether an order that edits a filing began at another version than the register has now. The caller sets o.Register.
func (o Order) filingChanged() bool {
	return o.Kind().Edits() && o.Filed != nil &&
		(o.Register.ID != o.Filed.ID || o.Register.Version != o.Filed.Version || !o.actsOn(o.Register))
}

// staleFindings returns why the order cannot go on after its filing changed.
func (o Order) staleFindings() finding.List {
	switch {
	case o.Register.ID != o.Filed.ID:
		return finding.List{finding.New(CodeFilingNotStanding, "")}
	case !o.actsOn(o.Register):
		return finding.List{finding.New(CodeFilingForeign, "")}
	}
	return finding.List{finding.New(CodeFilingChanged, "/subject")}
}

// rebase makes the order one about the filing as it is now. What the applicant changed stays changed; everything else is as filed now. Sites
// are matched by their numbers, and keep papers and liveness checks.
func (c *Change) rebase() {
	o := &c.Order
	if o.Register.ID != o.Filed.ID || !o.actsOn(o.Register) {
		return
	}
	was, wasFiled, details := *o.Filed, o.Private.Filed, o.Private
	now := o.Register
	moved := make([]int, len(was.Sites)) // the new index of each site, or -1
	for i, s := range was.Sites {
		moved[i] = slices.IndexFunc(now.Sites, func(n register.FiledSite) bool { return n.Number == s.Number })
	}
	o.referTo(now)
	o.Private.Subject = register.Merge(wasFiled.Subject, details.Subject, now.Private.Subject)
	for i, to := range moved {
		if to >= 0 && i < len(details.Sites) {
			o.Private.Sites[to] = register.Merge(wasFiled.Sites[i], details.Sites[i], now.Private.Sites[to])
		}
	}
	o.moveSites(moved)
	if len(o.NewAccess) == 0 && o.Product != nil {
		c.ReleaseSlot, o.Product = o.reserved(), nil
	}
}

// moveSites gives everything that names a site by its index the new index, and drops what names a site that is gone.
func (o *Order) moveSites(moved []int) {
	to := func(site int) int {
		if site < len(moved) {
			return moved[site]
		}
		return -1
	}
	papers := map[evidence.Slot]Evidence{}
	for slot, e := range o.Evidence {
		if site, ofSite := slot.Site(); !ofSite {
			papers[slot] = e
		} else if n := to(site); n >= 0 {
			rest := strings.TrimPrefix(string(slot), "sites/"+strconv.Itoa(site))
			papers[evidence.Slot("sites/"+strconv.Itoa(n)+rest)] = e
		}
	}
	o.Evidence = papers
	var passed []LivenessPass
	for _, p := range o.LivenessPassed {
		if p.Site = to(p.Site); p.Site >= 0 {
			passed = append(passed, p)
		}
	}
	var sites []int
	for _, site := range o.NewAccess {
		if n := to(site); n >= 0 {
			sites = append(sites, n)
		}
	}
	o.LivenessPassed, o.Challenges, o.NewAccess = passed, nil, sites
}

// lookAgain sends an order whose filing changed back to the applicant, with the filing as it is now.
func (c *Change) lookAgain(at time.Time) finding.List {
	found := c.Order.staleFindings()
	c.setFact("filingVersion", strconv.Itoa(c.Order.Register.Version))
	c.returnToApplicant(found, at)
	c.rebase()
	c.Order.Review = nil // it was about another filing
	return found
}
