package filing

import (
	"slices"
	"strconv"
	"time"

	"beian/shared/filing/register"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// A Split is the offer to file the domains of one opening in several orders, because they need different types of filing or belong to several
// filed sites (icp-filing 2.2). The first keeps the order; the others follow as those of an accepted plan. The orders have no ids.
type Split []PlannedOrder

// Findings about the acceptance of a split.
const (
	CodeNoSplit      finding.Code = "split-not-offered"
	CodeSplitChanged finding.Code = "split-changed"
)

// Digest identifies the offer: SHA-256 over its types and domains, in hex.
func (s Split) Digest() string { return register.Sum(s) }

// split returns the orders that the domains need: new accesses first, because their sites are open, one for each filed site; then the new sites. It
// returns nil if one order can file all domains, or if a domain cannot be filed at all. After the first order the subject is filed here. The types are
// those of shown, the decision with what the applicant may learn.
func (d DetermineType) split(o Order, shown DetermineType) Split {
	type group struct {
		kind Type
		site string // the number of a filed site, "" if it is not known
	}
	var groups []group
	domains := map[group][]Domain{}
	for _, domain := range o.Domains {
		kind, found := Determine(shown.Facts[domain], shown.shell)
		if found.Blocking() {
			return nil
		}
		g := group{kind: kind}
		if kind == AddAccess {
			if sites := sitesWith(o.Register, []Domain{domain}); len(sites) > 0 {
				g.site = o.Register.Sites[sites[0]].Number.String()
			} else {
				g.kind = AddAccessForeign // the subject filed the site elsewhere since
			}
		}
		if g.kind == AddAccessForeign {
			g.site = d.Facts[domain].SiteNumber
		}
		if !slices.Contains(groups, g) {
			groups = append(groups, g)
		}
		domains[g] = append(domains[g], domain)
	}
	if len(groups) < 2 {
		return nil
	}
	order := []Type{AddAccess, AddAccessForeign}
	slices.SortStableFunc(groups, func(a, b group) int {
		place := func(t Type) int {
			if i := slices.Index(order, t); i >= 0 {
				return i
			}
			return len(order)
		}
		return place(a.kind) - place(b.kind)
	})
	var s Split
	for _, g := range groups {
		kind := g.kind
		if len(s) > 0 && (kind == First || kind == AddSiteForeign) {
			kind = AddSiteOwn
		}
		part := PlannedOrder{Type: kind, Domains: domains[g]}
		if kind == AddAccessForeign {
			part.SiteNumber = o.SiteNumber
		}
		s = append(s, part)
	}
	return s
}

// onlySplits reports whether the blocking findings are those that a split answers.
func onlySplits(found finding.List) bool {
	return found.Blocking() && !slices.ContainsFunc(found, func(f finding.Finding) bool {
		return f.Severity == finding.Block && f.Code != CodeTypesDiffer && f.Code != CodeOneSite
	})
}

// AcceptSplit accepts the split that the order offers: the order keeps the domains of the first part, and its type is determined again. The others
// become an accepted plan, so that each opens when the one before is filed.
type AcceptSplit struct {
	Digest string // of the split that the applicant has seen
	// NewIDs are ids for the orders that follow, at least as many as the split has.
	NewIDs []ID
}

func (AcceptSplit) Name() string { return "split" }

func (d AcceptSplit) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	if len(o.Split) == 0 {
		return fault.WithFindings(fault.Conflict, finding.List{finding.New(CodeNoSplit, "")})
	}
	if err := o.checkOpenAt(VerifyType); err != nil {
		return err
	}
	if o.Split.Digest() != d.Digest {
		return fault.WithFindings(fault.Conflict, finding.List{finding.New(CodeSplitChanged, "/digest")})
	}
	parts := slices.Clone(o.Split)
	parts[0].ID = o.ID
	for i := range parts[1:] {
		parts[i+1].ID = d.NewIDs[i]
	}
	plan := AcceptedPlan{ID: o.ID}
	if o.Plan != nil { // a part of an earlier plan is split
		_, more := o.NextPlanned()
		plan = *o.Plan
		rest := plan.Orders[plan.Place+1:]
		if !more {
			rest = nil
		}
		plan.Orders, plan.Ended = slices.Concat(plan.Orders[:plan.Place], rest), ""
	}
	plan.Orders = slices.Insert(plan.Orders, plan.Place, parts...)
	o.Plan = &plan
	c.setFact("orders", strconv.Itoa(len(parts)))
	c.setFact("plan", string(plan.ID))
	opening := o.opening()
	opening.Domains, opening.SiteNumber = nil, parts[0].SiteNumber
	for _, domain := range parts[0].Domains {
		opening.Domains = append(opening.Domains, string(domain))
	}
	o.Private.Findings = nil
	c.replaceOpening(opening, o.SubjectKey, at)
	return nil
}
