package filing

import (
	"cmp"
	"maps"
	"slices"

	"beian/shared/filing/register"
	"beian/shared/rules/evidence"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
)

// filedBy returns the filing before with the subject's number, and the order's papers: what every approval sets. If there is none before, the
// filing begins with the order, and with its account unless that is an agency. A filing that is there keeps its account, also if it has none:
// only a claim or a transfer gives a filing to an account.
func (o Order) filedBy(before register.Filing, a Approve) register.Filing {
	f := before
	f.ID, f.SubjectKey = cmp.Or(f.ID, register.ID(o.ID)), o.SubjectKey
	if before.Version == 0 && o.AgentFor == "" {
		f.Account = o.Account
	}
	f.Province, f.Entity = o.Province, o.Entity
	f.MinistryID, f.Number = cmp.Or(a.SubjectID, f.MinistryID), cmp.Or(a.SubjectNumber, f.Number)
	f.Sites, f.Private.Sites = slices.Clone(f.Sites), slices.Clone(f.Private.Sites)
	f.Private.FilingPassword = cmp.Or(o.Private.Filed.FilingPassword, f.Private.FilingPassword)
	f.Papers = append(slices.Clone(f.Papers), o.papers(a)...)
	return f
}

// compareRegister compares an approval with what the register has of the subject now. differs says what does not agree, "" if all does. fits says
// whether the approval still is one of that filing, so that it changes the register.
func (o Order) compareRegister(a Approve) (differs finding.Code, fits bool) {
	now := o.Register
	switch atFiling := o.Kind().Begins == AtFiling; {
	case atFiling && (now.Version == 0 || now.ID != o.Filed.ID):
		return CodeFilingNotStanding, false
	case now.Version == 0 || o.actsOn(now):
		return "", true
	case a.SubjectNumber != (number.Subject{}) && now.Number != (number.Subject{}) && now.Number != a.SubjectNumber:
		return CodeNumberKnown, false
	}
	return CodeFilingForeign, true
}

// papers returns the order's documents in the form of the register.
func (o Order) papers(a Approve) []register.Paper {
	var all []register.Paper
	for _, slot := range slices.Sorted(maps.Keys(o.Evidence)) {
		all = append(all, register.Paper{Order: string(o.ID), Slot: slot, Site: o.siteOf(slot, a), SHA256: o.Evidence[slot].SHA256})
	}
	return all
}

// siteOf returns the number of the filed site that a document of the order is of; "" for one of the subject.
func (o Order) siteOf(slot evidence.Slot, a Approve) string {
	site, ofSite := slot.Site()
	if !ofSite {
		return ""
	}
	if i := slices.IndexFunc(a.Sites, func(s FiledSite) bool { return s.Site == site }); i >= 0 {
		return a.Sites[i].Number.String()
	}
	if site < len(o.Chosen) {
		site = o.Chosen[site]
	}
	if o.Filed == nil || site >= len(o.Filed.Sites) {
		return ""
	}
	return o.Filed.Sites[site].Number.String()
}

// addSites adds the sites of the order that the bureau filed, with our access.
func (o Order) addSites(f *register.Filing, a Approve) {
	for _, filed := range a.Sites {
		if filed.Site < 0 || filed.Site >= len(o.Private.Sites) {
			continue
		}
		details := o.Private.Sites[filed.Site]
		site := register.FiledSite{MinistryID: filed.ID, Number: filed.Number, Accesses: []register.Access{o.access()}}
		for _, d := range details.Domains {
			site.Domains = append(site.Domains, register.FiledDomain{Name: d})
		}
		f.Sites, f.Private.Sites = append(f.Sites, site), append(f.Private.Sites, details)
	}
}

// access returns the access that the order's product gives.
func (o Order) access() register.Access {
	p := o.Product
	access := register.Access{Ours: true, Server: p.Server, Placement: p.Placement, Modes: []int64{int64(p.Mode)}}
	for _, ip := range p.IPs {
		access.IPs = append(access.IPs, register.IPRange{First: ip, Last: ip})
	}
	return access
}
