package exchange

import (
	"net/netip"
	"strconv"

	"beian/shared/bureau/document"
	"beian/shared/bureau/wire"
	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/rules/codes"
	"beian/shared/rules/evidence"
	"beian/shared/rules/finding"
	"beian/shared/rules/gbk"
)

// validationProvider is the reporting unit of a document that is only validated. It is not part of the record.
const validationProvider = 1

// A builder builds the record of an order.
type builder struct {
	order  filing.Order
	ids    ids
	copies map[evidence.Slot][]byte // the bureau's copies of the evidence, by slot
	slots  []evidence.Slot          // of the attachments, in their order
	found  finding.List
}

// recordBuilders build the records, by type of the filing.
var recordBuilders = map[filing.Type]func(*builder) document.Record{
	filing.First:            buildFirst,
	filing.AddSiteForeign:   buildAddSite,
	filing.AddSiteOwn:       buildAddSite,
	filing.AddAccess:        buildAddAccess,
	filing.AddAccessForeign: buildAddAccess,
	filing.ChangeFiling:     buildChange,
	filing.CancelAccess:     buildCancellation,
	filing.CancelSubject:    buildCancellation,
	filing.CancelSite:       buildCancellation,
	filing.SubmitEvidence:   buildSubmitEvidence,
}

// BuildRecord builds the record of an order whose upload is queued, by the order's kind. copies are the bureau's copies of the evidence, by
// slot.
//
// It returns a blocking finding for each value that the interface cannot carry: a character that the bureau cannot read, a text that is too
// long, a picture that is too large, and for each code that the ministry has withdrawn since the review (o.Codes). A record with such a finding must not be sent, because the bureau would reject the whole file.
//
// V3.0 has no record for an app, a mini program or a quick app: such an order is not sent. It has no element for the emergency phone, the validity of certificates, and IPv6.
func BuildRecord(o filing.Order, copies map[evidence.Slot][]byte, readable gbk.Repertoire) (document.Record, finding.List) {
	build, ok := recordBuilders[o.Type]
	if !ok {
		return document.Record{}, finding.List{finding.New(CodeField, "/type")}
	}
	if o.ConsoleOnly() {
		return document.Record{}, finding.List{finding.New(filing.CodeConsoleOnly, "/sites")}
	}
	b := &builder{order: o, ids: idsOf(o, o.Bureau.FirstID), copies: copies, found: o.CheckCodes(o.Private.Subject, o.Private.Sites)}
	record := build(b)
	upload := document.NewUpload(validationProvider)
	upload.Characters = readable
	record.AddTo(upload.ICP)
	return record, withoutRepeats(append(b.found, findingsOf(upload.Validate(), b.slots)...))
}

// filingPassword returns the hash of the filing password: that which the bureau confirmed or the register has, else that of the one that the applicant
// entered while the bureau did not answer; "" if none is known.
func (b *builder) filingPassword() string {
	known, entered := b.order.Private.Filed.FilingPassword, b.order.Private.FilingPassword.Reveal()
	if entered == "" {
		return known
	}
	hash, err := wire.FilingPasswordHash(entered)
	if err != nil {
		return known // the password was checked for such characters when it was entered
	}
	return hash
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

// newSites builds the sites of the order with their accesses. attach gets the slots of each site that are not in it as scans of pre-approvals.
func (b *builder) newSites(attach func(site int, slot evidence.Slot)) []document.Site {
	var sites []document.Site
	for i, s := range b.order.Private.Sites {
		n := b.ids.sites[i]
		site, scanned := siteOf(i, s, n, b.copies)
		access, found := accessOf(b.order.Codes, b.order.Product, n)
		if i == 0 {
			b.found = append(b.found, found...)
		}
		site.Accesses = []document.Access{access}
		sites = append(sites, site)
		for _, slot := range siteSlots(i, b.copies) {
			if !scanned[slot] {
				attach(i, slot)
			}
		}
	}
	return sites
}

// siteOf builds a site without its accesses. It also returns the slots that the site contains as scans of pre-approvals.
func siteOf(index int, s filing.Site, n siteIDs, copies map[evidence.Slot][]byte) (document.Site, map[evidence.Slot]bool) {
	site := document.Site{
		ID: n.id, Name: s.Name, Services: toInt64(s.ServiceContent), Languages: toInt64(s.Languages),
		HomeURL: register.WithoutScheme(s.HomeURL), Remark: s.Remark,
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

func toInt64(ids []int) []int64 {
	converted := make([]int64, len(ids))
	for i, id := range ids {
		converted[i] = int64(id)
	}
	return converted
}
