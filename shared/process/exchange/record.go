package exchange

import (
	"net/netip"
	"strconv"
	"strings"

	"beian/shared/bureau/document"
	"beian/shared/filing"
	"beian/shared/rules/codes"
	"beian/shared/rules/evidence"
	"beian/shared/rules/finding"
	"beian/shared/rules/gbk"
)

// validationProvider is the reporting unit of a document that is only validated. It is not part of the record.
const validationProvider = 1

// BuildRecord builds the record of a first filing (XZBA, MIIT-IF30 10.1) from an order whose upload is queued. copies are the
// bureau's copies of the evidence, by slot.
//
// It returns a blocking finding for each value that the interface cannot carry: a character that the bureau cannot read, a text that is too
// long, a picture that is too large, and for each code that the ministry has withdrawn since the review (o.Codes). A record with such a finding must not be sent, because the bureau would reject the whole file.
//
// V3.0 has no element for the emergency phone, the validity of certificates, and IPv6.
func BuildRecord(o filing.Order, copies map[evidence.Slot][]byte, readable gbk.Repertoire) (document.NewFiling, finding.List) {
	n := idsOf(o, o.Bureau.FirstID)
	record := document.NewFiling{Subject: subjectOf(o, n.subject)}
	var slots []evidence.Slot // of the attachments
	attach := func(slot evidence.Slot, owner document.FilingOwner) {
		if content := copies[slot]; content != nil {
			record.Attachments = append(record.Attachments, attachment(slot, content, owner))
			slots = append(slots, slot)
		}
	}
	for _, slot := range subjectSlots(copies) {
		attach(slot, document.FilingOwner{Kind: document.SubjectOwner, ID: n.subject})
	}
	found := o.CheckCodes(o.Private.Subject, o.Private.Sites)
	for i, s := range o.Private.Sites {
		site, scanned := siteOf(i, s, n.sites[i], copies)
		access, serverFindings := accessOf(o.Codes, o.Product, n.sites[i])
		if i == 0 {
			found = append(found, serverFindings...)
		}
		site.Accesses = []document.Access{access}
		record.Sites = append(record.Sites, site)
		for _, slot := range siteSlots(i, copies) {
			if !scanned[slot] {
				attach(slot, document.FilingOwner{Kind: document.SiteOwner, ID: n.sites[i].id})
			}
		}
	}
	upload := document.NewUpload(validationProvider)
	upload.Characters = readable
	upload.ICP.New = []document.NewFiling{record}
	return record, withoutRepeats(append(found, findingsOf(upload.Validate(), slots)...))
}

func subjectOf(o filing.Order, id int64) document.Subject {
	s := o.Private.Subject
	return document.Subject{
		ID: id, Name: s.Name.Reveal(), Nature: int64(o.Entity), Investor: s.Investor, Address: addressOf(s),
		Certificate: document.Certificate{
			Kind: int64(s.Certificate.Kind), Number: s.Certificate.Number.Reveal(), Address: s.CertificateAddress,
		},
		Leader: document.Leader{
			Name: s.Leader.Name.Reveal(), OfficePhone: s.Leader.OfficePhone.Reveal(), Mobile: s.Leader.Mobile.Reveal(),
			Email: s.Leader.Email.Reveal(), CertificateKind: int64(s.Leader.Certificate.Kind),
			CertificateNumber: s.Leader.Certificate.Number.Reveal(),
		},
		ReportMode: document.ReportedByProvider, Remark: s.Remark,
	}
}

// addressOf splits the division: 330108 is in the city 330100 and the province 330000. The counties of municipalities are in a
// placeholder for a city (110100), as in MIIT-IF30 13.9.
func addressOf(s filing.Subject) document.Address {
	a := document.Address{Detail: s.Address}
	code, err := strconv.ParseInt(s.Division, 10, 64)
	if err != nil {
		return a
	}
	a.Province, a.City = code/10000*10000, code/100*100
	if code%100 != 0 {
		a.County = code
	}
	return a
}

// siteOf builds a site without its accesses. It also returns the slots that the site contains as scans of pre-approvals.
func siteOf(index int, s filing.Site, n siteIDs, copies map[evidence.Slot][]byte) (document.Site, map[evidence.Slot]bool) {
	site := document.Site{
		ID: n.id, Name: s.Name, Services: toInt64(s.ServiceContent), Languages: toInt64(s.Languages),
		HomeURL: withoutScheme(s.HomeURL), Remark: s.Remark,
		Leader: document.SiteLeader{
			Name: s.Leader.Name.Reveal(), OfficePhone: s.Leader.OfficePhone.Reveal(), Mobile: s.Leader.Mobile.Reveal(),
			Email: s.Leader.Email.Reveal(), CertificateKind: int64(s.Leader.Certificate.Kind),
			CertificateNumber: s.Leader.Certificate.Number.Reveal(),
		},
	}
	for i, d := range s.Domains {
		site.Domains = append(site.Domains, document.Domain{ID: n.domains[i], Name: string(d)})
	}
	scanned := map[evidence.Slot]bool{}
	for i, p := range s.PreApprovals {
		kind, _ := p.Trade.Number()
		if kind == 0 {
			continue // V3.0 has no number for the trade; its evidence is attached
		}
		approval := document.PreApproval{Kind: int64(kind), Number: p.Number}
		for scan := 1; scan <= evidence.MaxPreApprovalScans; scan++ {
			slot := evidence.PreApprovalSlot(index, i, scan)
			if content := copies[slot]; content != nil {
				approval.Scans, scanned[slot] = append(approval.Scans, content), true
			}
		}
		site.PreApprovals = append(site.PreApprovals, approval)
	}
	return site, scanned
}

// accessOf builds the access of a site: place of the server, access mode, addresses.
func accessOf(tables codes.Tables, p *filing.Product, n siteIDs) (document.Access, finding.List) {
	a := document.Access{ID: n.access}
	if p == nil {
		return a, finding.List{finding.New(CodeServer, "/product")}
	}
	location, ok := tables.Location(p.Placement)
	if !ok {
		return a, finding.List{finding.New(CodeServer, "/product")}
	}
	a.Locations, a.Modes = []int64{location}, []int64{int64(p.Mode)}
	for i, text := range p.IPs {
		addr, err := netip.ParseAddr(text)
		four, is4 := document.IPv4From(addr)
		if err != nil || !is4 {
			return a, finding.List{finding.New(CodeServer, "/product")}
		}
		a.IPs = append(a.IPs, document.IPRange{ID: n.ips[i], First: four, Last: four})
	}
	return a, nil
}

func withoutScheme(url string) string {
	url = strings.TrimSpace(url)
	if _, after, found := strings.Cut(url, "://"); found {
		return after
	}
	return url
}

func toInt64(ids []int) []int64 {
	converted := make([]int64, len(ids))
	for i, id := range ids {
		converted[i] = int64(id)
	}
	return converted
}
