package exchange

import (
	"slices"

	"beian/shared/bureau/document"
	"beian/shared/filing"
	"beian/shared/filing/register"
)

// noPassword stands for the filing password, which the schema requires and the ministry abolished on 2020-08-17 (icp-filing 3.3): the MD5 of an
// empty text. A bureau that still has a password for the subject refuses it (1018).
const noPassword = "d41d8cd98f00b204e9800998ecf8427e"

// buildAddAccess builds the record that adds our access to a filed site (XZJR, MIIT-IF30 10.3). The bureau gets only number or id of the site.
func buildAddAccess(b *builder) document.Record {
	access, found := accessOf(b.order.Codes, b.order.Product, b.ids.sites[0])
	b.found = append(b.found, found...)
	record := document.AccessAddition{Site: siteRef(b.order), ID: access.ID, Locations: access.Locations, Modes: access.Modes, IPs: access.IPs,
		FilingPassword: noPassword}
	if password := b.filingPassword(); password != "" {
		record.FilingPassword = password
	}
	subject := subjectRef(b.order)
	for _, slot := range subjectSlots(b.copies) {
		record.Attachments = b.attach(record.Attachments, slot,
			document.EvidenceOwner{Kind: document.SubjectOwner, Record: document.OwnerRef{ID: subject.ID, Number: subject.Number}})
	}
	for _, slot := range siteSlots(0, b.copies) {
		record.Attachments = b.attach(record.Attachments, slot,
			document.EvidenceOwner{Kind: document.SiteOwner, Record: document.OwnerRef{ID: record.Site.ID, Number: record.Site.Number}})
	}
	return document.Record{AddAccess: &record}
}

// siteRef returns the filed site of the order's domains; see [refTo].
func siteRef(o filing.Order) document.SiteRef {
	if o.Filed == nil {
		return document.SiteRef{}
	}
	i := slices.IndexFunc(o.Filed.Sites, func(s register.FiledSite) bool {
		return slices.ContainsFunc(s.Domains, func(d register.FiledDomain) bool { return slices.Contains(o.Domains, d.Name) })
	})
	if i < 0 {
		return document.SiteRef{}
	}
	ref := refTo(o.Filed.Sites[i])
	return document.SiteRef{ID: ref.ID, Number: ref.Number}
}

// refTo returns how a record names a filed site: the ministry's id, or the number if the id is not known.
func refTo(s register.FiledSite) document.OwnerRef {
	if id := ministryID(s.MinistryID); id > 0 {
		return document.OwnerRef{ID: id}
	}
	return document.OwnerRef{Number: s.Number.String()}
}
