package plan

import (
	"cmp"
	"slices"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/rules/certificate"
	"beian/shared/rules/domainfacts"
	"beian/shared/rules/evidence"
	"beian/shared/rules/finding"
)

// The provider's review takes one or two working days, the bureau's at least one (icp-filing 9.2 #18).
const (
	reviewLeast = 1
	reviewMost  = 2
	bureauLeast = 1
)

// days returns the working days of an order.
func (b *builder) days() Days {
	return Days{Least: reviewLeast + bureauLeast, Most: reviewMost + b.province.BureauDays(b.at)}
}

// documents returns the documents of a planned order: those of an order with its sites, whose domains the subject holds, and whose
// leader is one adult, the legal representative of an organisation.
func (b *builder) documents(planned Order) []Document {
	subject := b.in.Filing.Private.Subject
	if b.in.Filing.ID == "" {
		subject.Name = cmp.Or(b.opening.Name, "-") // an unknown name is compared with the holder of the domains
		subject.Certificate.Kind, subject.Certificate.Number = b.opening.Certificate.Kind, b.opening.Certificate.Number
		subject.Leader = filing.Leader{Certificate: filing.IdentityDocument{Kind: certificate.ResidentID}, LegalRepresentative: true}
		if b.opening.EntityKind == certificate.Individual {
			subject.Certificate.Kind = cmp.Or(subject.Certificate.Kind, certificate.ResidentID)
			subject.Leader.Certificate = subject.Certificate
		}
	}
	o := filing.Order{Province: b.opening.Province, Entity: b.opening.EntityKind, Type: planned.Type,
		Filed:   &register.Filing{Sites: make([]register.FiledSite, b.sitesFiled)},
		Private: filing.Private{Subject: subject, DomainFacts: map[filing.Domain]domainfacts.Facts{}}}
	for _, s := range planned.Sites {
		o.Private.Sites = append(o.Private.Sites, filing.Site{Domains: s.Domains, Leader: subject.Leader})
		for _, d := range s.Domains {
			o.Domains = append(o.Domains, d)
			o.Private.DomainFacts[d] = domainfacts.Facts{Source: domainfacts.Registrar, AskedAt: b.at, Registered: domainfacts.Yes, Holder: subject.Name,
				SameCertificate: domainfacts.Yes, Verified: domainfacts.Yes, Page: domainfacts.No}
		}
	}
	list := []Document{}
	for _, r := range o.EvidenceRequirements(b.at) {
		list = append(list, Document{Requirement: r, Words: r.Slot.Words()})
	}
	return list
}

// totalDocuments counts the documents of all orders by their kind. A document of the subject serves every order.
func totalDocuments(orders []Order) []TotalDocument {
	total := []TotalDocument{}
	for i, o := range orders {
		for _, d := range o.Documents {
			kind := d.Slot.Kind()
			at := slices.IndexFunc(total, func(t TotalDocument) bool { return t.Kind == kind })
			if at < 0 {
				at = len(total)
				total = append(total, TotalDocument{Kind: kind, Words: kind.Words(), Level: evidence.Optional, Orders: []int{}})
			}
			t := &total[at]
			if _, ofSite := d.Slot.Site(); ofSite || t.Count == 0 {
				t.Count++
			}
			if d.Level == evidence.Required {
				t.Level = evidence.Required
			}
			if !slices.Contains(t.Orders, i+1) {
				t.Orders = append(t.Orders, i+1)
			}
		}
	}
	return total
}

// reasons say why an order of a type is needed.
var reasons = map[filing.Type]finding.Words{
	filing.ChangeFiling: {Chinese: "主体信息与备案的不一样，或备案的证件已经过期。先变更，再新增。",
		English: "The subject's data differ from what is filed, or a certificate on file has expired. The change comes before anything is added."},
	filing.First: {Chinese: "主体和这些域名都还没有备案。主体先有备案号，才能办理其他事项。",
		English: "Neither the subject nor these domains are filed. The subject needs its number before anything else."},
	filing.AddAccess: {Chinese: "这些网站在我处备案过，现在在别处接入，要增加我们的接入。网站正在开通，所以排在新增网站前面。",
		English: "These sites are in your filing here, and another provider hosts them. They are open, so they come before new sites."},
	filing.AddAccessForeign: {Chinese: "这些域名已经在别处备案，现在由我们提供服务，要增加接入。网站正在开通，所以排在新增网站前面。",
		English: "These domains are filed at another provider, and we host them now. Their sites are open, so they come before new sites."},
	filing.AddSiteForeign: {Chinese: "主体已经在别处备案，这些域名还没有备案。",
		English: "The subject is filed at another provider, and these domains are not filed."},
	filing.AddSiteOwn: {Chinese: "主体已经在我处备案，这些域名还没有备案。",
		English: "The subject is filed through us, and these domains are not filed."},
}

// afterwards follows the reason of every order but the first.
var afterwards = finding.Words{
	Chinese: "同一主体同时只能办理一个订单，所以等前一个订单备案成功后再开始。",
	English: " A subject has one order at a time, so it begins when the one before is filed.",
}

// reasonOf returns the reason of the next order.
func (b *builder) reasonOf(t filing.Type) finding.Words {
	w := reasons[t]
	if n := len(b.orders); n > 0 {
		if t == filing.AddSiteOwn && b.in.Filing.ID == "" {
			w = finding.Words{Chinese: "前面的订单备案成功后，主体就在我处有备案；这些域名是新增的网站。",
				English: "Once the orders before are filed, the subject is filed through us, and these domains are new sites."}
		}
		w = finding.Words{Chinese: w.Chinese + afterwards.Chinese, English: w.English + afterwards.English}
	}
	return w
}
