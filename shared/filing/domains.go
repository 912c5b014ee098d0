package filing

import (
	"fmt"
	"slices"
	"time"

	"beian/shared/rules/domainfacts"
	"beian/shared/rules/finding"
	"beian/shared/rules/person"
)

// CheckDomains stores what is known about the registration of the order's domains, before the review and before transmission: a domain can
// expire or change its holder while the order waits. If a finding blocks, the order goes back to the applicant.
type CheckDomains struct {
	Facts map[Domain]domainfacts.Facts
}

func (CheckDomains) Name() string { return "check-domains" }

func (d CheckDomains) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	if err := o.checkOpenAt(InitialReview, Transmit); err != nil {
		return err
	}
	o.updateDomainFacts(d.Facts)
	found := o.checkSiteDomains(o.Private.Subject.Name, o.Private.Sites, at)
	if found.Blocking() {
		blocking := slices.DeleteFunc(found, func(f finding.Finding) bool { return f.Severity != finding.Block })
		c.setFact("blocked", codesOf(blocking))
		c.returnToApplicant(blocking, at)
		o.Review = nil // it was about other facts
		c.notifyOnce(NoticeReturned, at)
		return nil
	}
	if o.Step == InitialReview {
		o.Private.Findings = append(withoutDomainFindings(o.Private.Findings), found...)
	}
	return nil
}

// updateDomainFacts stores facts about the order's domains.
func (o *Order) updateDomainFacts(next map[Domain]domainfacts.Facts) {
	facts := map[Domain]domainfacts.Facts{}
	for _, d := range o.Domains {
		facts[d] = o.Private.DomainFacts[d].Update(next[d])
	}
	o.Private.DomainFacts = facts
}

// DomainFactsOutdated reports whether the sources have to be asked about the domains again: what is known is old, or blocks the order. They are
// never asked for a kind that files no domains.
func (o Order) DomainFactsOutdated(at time.Time) bool {
	return o.Kind().FilesDomains() && slices.ContainsFunc(o.Domains, func(d Domain) bool {
		return o.Private.DomainFacts[d].Outdated(at) || o.checkDomain(d, o.Private.Subject.Name, at).Blocking()
	})
}

// checkDomain returns the findings about the registration of a domain of a subject.
func (o Order) checkDomain(d Domain, subject person.Name, at time.Time) finding.List {
	found := o.Private.DomainFacts[d].Check(domainfacts.Expectation{
		Domain: d, Subject: subject, Entity: o.Entity, Province: o.province(),
	}, at)
	if o.Website() != Closed { // the site is open, as it is filed
		found = slices.DeleteFunc(found, func(f finding.Finding) bool { return f.Code == domainfacts.CodeHasPage })
	}
	return found
}

// checkOpeningDomains returns the findings about the registration of the domains. Pointers are into the opening.
func (o Order) checkOpeningDomains(at time.Time) finding.List {
	var found finding.List
	for i, d := range o.Domains {
		found = append(found, o.checkDomain(d, o.Private.Subject.Name, at).Under(fmt.Sprintf("%s/%d", pointerDomains, i))...)
	}
	return found
}

// checkSiteDomains returns the findings about the registration of the sites' domains. Pointers are into the details.
func (o Order) checkSiteDomains(subject person.Name, sites []Site, at time.Time) finding.List {
	var found finding.List
	for i, s := range sites {
		for k, d := range s.Domains {
			if slices.Contains(o.Domains, d) {
				found = append(found, o.checkDomain(d, subject, at).Under(fmt.Sprintf("/sites/%d/domains/%d", i, k))...)
			}
		}
	}
	return blockingFirst(found)
}

// warnOfDomains returns the findings of checkSiteDomains as warnings. They do not block the details, because the facts may be old: the
// sources are asked again before the review.
func (o Order) warnOfDomains(subject person.Name, sites []Site, at time.Time) finding.List {
	if len(o.Private.DomainFacts) == 0 { // asked for the first time before the review
		return nil
	}
	found := o.checkSiteDomains(subject, sites, at)
	for i := range found {
		found[i].Severity = finding.Warn
	}
	return found
}

// blockingFirst sorts findings: messages to the applicant quote the first.
func blockingFirst(found finding.List) finding.List {
	slices.SortStableFunc(found, func(a, b finding.Finding) int { return rank(a) - rank(b) })
	return found
}

func rank(f finding.Finding) int {
	if f.Severity == finding.Block {
		return 0
	}
	return 1
}

func withoutDomainFindings(found finding.List) finding.List {
	return slices.DeleteFunc(slices.Clone(found), func(f finding.Finding) bool { return slices.Contains(domainfacts.Codes, f.Code) })
}

// needsDomainCertificate reports whether a reviewer needs the certificate of a domain of a site, because no source shows that the subject
// holds it. It does not help where the holder is another for certain.
func (o Order) needsDomainCertificate(s Site, at time.Time) bool {
	return slices.ContainsFunc(s.Domains, func(d Domain) bool {
		found := o.checkDomain(d, o.Private.Subject.Name, at)
		return found.Has(domainfacts.CodeUnknown) || found.Has(domainfacts.CodeHolderHidden) || found.Has(domainfacts.CodeHolderRare) ||
			found.Has(domainfacts.CodeHolderIsPerson)
	})
}
