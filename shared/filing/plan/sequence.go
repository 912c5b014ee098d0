package plan

import (
	"slices"
	"strconv"

	"beian/shared/filing"
	"beian/shared/rules/domainname"
	"beian/shared/rules/finding"
	"beian/shared/rules/province"
	"beian/shared/rules/strictjson"
)

// A unit is a site of the plan, or a domain that may join another in a site.
type unit struct {
	lines []*line
	label string
	filed string // the number of a filed site
	own   bool   // a site of our register
	joins bool   // further domains may join
}

// planOrders adds the orders in the legal order: the change of the subject, the first filing or the accesses, then the new sites.
func (b *builder) planOrders() {
	accesses, sites := b.units()
	if b.change && len(accesses)+len(sites) > 0 {
		b.addOrder(filing.ChangeFiling, nil)
	}
	foreign := func(u unit) bool { return !u.own }
	own := slices.DeleteFunc(slices.Clone(accesses), foreign)
	b.addOrders(own, filing.AddAccess)
	b.addOrders(slices.DeleteFunc(accesses, func(u unit) bool { return u.own }), filing.AddAccessForeign)
	b.addOrders(sites, "")
}

// units groups the domains that can be filed: those of filed sites, which get an access, and those of new sites.
func (b *builder) units() (accesses, sites []unit) {
	byLabel := map[string]bool{} // whether a label was used for filed domains
	for i := range b.lines {
		l := &b.lines[i]
		if l.blocked() {
			continue
		}
		list, u := &sites, unit{lines: []*line{l}, label: l.siteLabel()}
		if l.facts.DomainFiled {
			list, u.filed, u.own = &accesses, l.filed, l.own
		}
		if u.label != "" {
			if filed, used := byLabel[u.label]; used && filed != l.facts.DomainFiled {
				l.add(finding.New(CodeSiteSplit, l.pointer+"/site"))
			} else {
				byLabel[u.label] = l.facts.DomainFiled
			}
		}
		u.joins = u.label == "" && !l.facts.DomainFiled
		same := slices.IndexFunc(*list, func(o unit) bool {
			return u.filed != "" && o.filed == u.filed || u.filed == "" && o.filed == "" && u.label != "" && o.label == u.label
		})
		if same >= 0 {
			(*list)[same].lines = append((*list)[same].lines, l)
			continue
		}
		*list = append(*list, u)
	}
	return accesses, sites
}

// addOrders adds orders of a type until every unit is in one. Units that no order can take are blocked. If the type is "", they are new sites, whose
// type depends on what is filed then.
func (b *builder) addOrders(rest []unit, access filing.Type) {
	for len(rest) > 0 {
		if len(b.orders) == MaxOrders {
			for _, u := range rest {
				u.add("/domain", finding.New(CodeTooManyOrders, "", "max", strconv.Itoa(MaxOrders)))
			}
			return
		}
		if access != "" { // an order for an access is about one site
			b.addOrder(access, rest[:1])
			rest = rest[1:]
			continue
		}
		t, _ := filing.Determine(b.subject, b.province.Shell(b.at))
		var taken []unit
		taken, rest = b.fill(t, rest)
		if len(taken) > 0 {
			b.addOrder(t, taken)
		}
	}
}

// isAccess reports whether an order of a type adds an access to filed sites.
func isAccess(t filing.Type) bool { return t == filing.AddAccess || t == filing.AddAccessForeign }

// fill returns the units that the next order takes, in their order, and the rest. It blocks a unit that exceeds a cap alone.
func (b *builder) fill(t filing.Type, units []unit) (taken, rest []unit) {
	for i, u := range units {
		joined := b.join(taken, u)
		if joined != nil && len(b.exceeded(t, joined)) == 0 {
			taken = joined
			continue
		}
		next := append(slices.Clone(taken), u)
		found := b.exceeded(t, next)
		switch {
		case len(found) == 0:
			taken = next
		case len(taken) > 0:
			return taken, units[i:]
		default:
			u.add("/site", found...)
			if !found.Blocking() {
				taken = next
			}
		}
	}
	return taken, nil
}

// join returns the units with u in the last site that it may join; nil if there is none.
func (b *builder) join(taken []unit, u unit) []unit {
	for i := len(taken) - 1; i >= 0 && u.joins; i-- {
		if taken[i].joins {
			joined := slices.Clone(taken)
			joined[i].lines = slices.Concat(taken[i].lines, u.lines)
			return joined
		}
	}
	return nil
}

// add adds findings about a unit to its domains.
func (u unit) add(field string, found ...finding.Finding) {
	for _, l := range u.lines {
		for _, f := range found {
			f.Pointer = l.pointer + field
			l.add(f)
		}
	}
}

// exceeded returns the findings about caps that an order of these units exceeds. Caps above which only another document is needed do not count.
func (b *builder) exceeded(t filing.Type, units []unit) finding.List {
	c := b.counts(t, units)
	found := slices.DeleteFunc(b.province.CheckCounts(b.opening.EntityKind, c, b.at), onlyAsks)
	if c.DomainsInOrder > filing.DomainLimit {
		found = append(found, finding.New(filing.CodeDomainLimit, "", "max", strconv.Itoa(filing.DomainLimit)))
	}
	return found
}

// onlyAsks reports whether a cap is no reason for another order: above it, the bureau asks for a document, or looks closer at the subject.
func onlyAsks(f finding.Finding) bool {
	return f.Code == province.PlanRequired || f.Code == province.StatementRequired || f.Code == province.TooManySubjectSites && f.Severity != finding.Block
}

// counts returns the numbers of sites and domains of an order, which the provinces limit.
func (b *builder) counts(t filing.Type, units []unit) province.Counts {
	c := province.Counts{SitesInOrder: len(units), SitesFiled: b.sitesFiled, Kind: string(t)}
	for _, u := range units {
		c.DomainsInOrder += len(u.lines)
		c.DomainsInSite = max(c.DomainsInSite, len(u.lines))
	}
	if isAccess(t) { // the sites are among those filed
		c.SitesFiled = max(0, c.SitesFiled-len(units))
	}
	return c
}

// addOrder adds an order of units, and sets what is filed after it.
func (b *builder) addOrder(t filing.Type, units []unit) {
	kind, _ := filing.KindOf(t)
	o := Order{Type: t, Words: kind.Words, Website: kind.Website, Sites: []Site{}, Findings: finding.List{}}
	for _, u := range units {
		site := Site{Label: u.label, Number: u.filed, Domains: []domainname.Domain{}}
		if site.Label != "" {
			site.Label = strictjson.Shorten(site.Label)
		}
		for _, l := range u.lines {
			site.Domains = append(site.Domains, l.verdict.Domain)
			l.verdict.Order, l.verdict.Type = len(b.orders)+1, t
		}
		o.Sites = append(o.Sites, site)
	}
	o.Reason, o.Days = b.reasonOf(t), b.days()
	for _, f := range b.province.CheckCounts(b.opening.EntityKind, b.counts(t, units), b.at) {
		if onlyAsks(f) && len(units) > 0 {
			o.Findings = append(o.Findings, f)
		}
	}
	o.Documents = b.documents(o)
	b.orders = append(b.orders, o)
	if len(units) > 0 {
		b.subject.SubjectFiled, b.subject.SubjectKnown, b.subject.SubjectShell = true, true, false
		if !isAccess(t) {
			b.sitesFiled += len(units)
		}
	}
}
