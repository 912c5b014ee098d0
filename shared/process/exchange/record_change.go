package exchange

import (
	"net/netip"
	"slices"
	"strconv"

	"beian/shared/bureau/document"
	"beian/shared/filing/register"
	"beian/shared/rules/evidence"
	"beian/shared/rules/finding"
)

// buildChange builds the record of a change (BGBA, MIIT-IF30 10.4): the subject with all its sites and accesses, as they will be.
func buildChange(b *builder) document.Record {
	f := b.order.Changed()
	record := document.Change{Subject: b.changedSubject(f), FilingPassword: b.filingPassword()}
	attach := func(slot evidence.Slot, kind, id int64) {
		record.Attachments = b.attach(record.Attachments, slot, document.EvidenceOwner{Kind: kind, Record: document.OwnerRef{ID: id}})
	}
	for _, slot := range subjectSlots(b.copies) {
		attach(slot, document.SubjectOwner, record.Subject.ID)
	}
	for i := range f.Sites {
		site, scanned := b.changedSite(f, i)
		record.Sites = append(record.Sites, site)
		for _, slot := range siteSlots(i, b.copies) {
			if !scanned[slot] {
				attach(slot, document.SiteOwner, site.ID)
			}
		}
	}
	return document.Record{Change: &record}
}

func (b *builder) changedSubject(f register.Filing) document.ChangedSubject {
	s := subjectOf(b.order, ministryID(f.MinistryID))
	return document.ChangedSubject{ID: s.ID, Name: s.Name, Number: f.Number.String(), Nature: s.Nature, Investor: s.Investor, Address: s.Address,
		Certificate: document.ChangedCertificate(s.Certificate), Leader: s.Leader, Remark: s.Remark}
}

// changedSite builds a site with its accesses. It also returns the slots that the site contains as scans of pre-approvals.
func (b *builder) changedSite(f register.Filing, index int) (document.ChangedSite, map[evidence.Slot]bool) {
	filed, ids := f.Sites[index], b.ids.sites[index]
	s, scanned := siteOf(index, f.Private.Sites[index], ids, b.copies)
	site := document.ChangedSite{ID: ministryID(filed.MinistryID), Name: s.Name, PreApprovals: s.PreApprovals, Services: s.Services, Languages: s.Languages,
		Leader: s.Leader, Number: filed.Number.String(), HomeURL: s.HomeURL, Remark: s.Remark}
	for i, d := range s.Domains {
		changed := document.ChangedDomain{ID: ids.domains[i], Name: d.Name}
		if k := slices.IndexFunc(filed.Domains, func(known register.FiledDomain) bool { return string(known.Name) == d.Name }); k >= 0 {
			changed.BureauID = ministryID(filed.Domains[k].MinistryID)
		}
		site.Domains = append(site.Domains, changed)
	}
	known := b.order.Filed.Sites[index].Accesses
	next := 0 // of our ids of the site's addresses
	for _, a := range filed.Accesses {
		changed := document.ChangedAccess{ID: ministryID(a.MinistryID), Locations: a.Locations, Modes: a.Modes}
		if location, ok := b.order.Codes.Location(a.Placement); len(changed.Locations) == 0 && ok {
			changed.Locations = []int64{location}
		}
		for _, r := range a.IPs {
			first, last, ok := addressesOf(r)
			if !ok || next >= len(ids.ips) {
				b.found = append(b.found, finding.New(CodeServer, "/product"))
				continue
			}
			changed.IPs = append(changed.IPs, document.ChangedIPRange{ID: ids.ips[next], BureauID: knownRange(known, a.MinistryID, r), First: first, Last: last})
			next++
		}
		site.Accesses = append(site.Accesses, changed)
	}
	return site, scanned
}

// knownRange returns the bureau's id of an address range of an access; 0 if the range is new.
func knownRange(known []register.Access, access string, r register.IPRange) int64 {
	for _, a := range known {
		for _, k := range a.IPs {
			if a.MinistryID == access && k.First == r.First && k.Last == r.Last {
				return ministryID(k.MinistryID)
			}
		}
	}
	return 0
}

// addressesOf returns the ends of a range. It returns false if they are not IPv4.
func addressesOf(r register.IPRange) (first, last document.IPv4, ok bool) {
	a, err := netip.ParseAddr(r.First)
	z, otherErr := netip.ParseAddr(r.Last)
	if err != nil || otherErr != nil {
		return 0, 0, false
	}
	first, firstOK := document.IPv4From(a)
	last, lastOK := document.IPv4From(z)
	return first, last, firstOK && lastOK
}

// ministryID returns an id of the ministry as the interface writes it; 0 if it is not known.
func ministryID(id string) int64 {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return 0
	}
	return n
}
