package exchange

import (
	"beian/shared/bureau/document"
	"beian/shared/rules/evidence"
)

// buildFirst builds the record of a first filing (XZBA, MIIT-IF30 10.1).
func buildFirst(b *builder) document.Record {
	record := document.NewFiling{Subject: subjectOf(b.order, b.ids.subject)}
	attach := func(slot evidence.Slot, owner document.FilingOwner) {
		if content := b.copies[slot]; content != nil {
			record.Attachments = append(record.Attachments, attachment(slot, content, owner))
			b.slots = append(b.slots, slot)
		}
	}
	for _, slot := range subjectSlots(b.copies) {
		attach(slot, document.FilingOwner{Kind: document.SubjectOwner, ID: b.ids.subject})
	}
	record.Sites = b.newSites(func(site int, slot evidence.Slot) {
		attach(slot, document.FilingOwner{Kind: document.SiteOwner, ID: b.ids.sites[site].id})
	})
	return document.Record{New: &record}
}
