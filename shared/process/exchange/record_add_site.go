package exchange

import (
	"beian/shared/bureau/document"
	"beian/shared/filing"
	"beian/shared/rules/evidence"
	"beian/shared/rules/number"
)

// buildAddSite builds the record that adds sites to a filed subject (XZWZ, MIIT-IF30 10.2). The bureau gets only number or id of the subject.
func buildAddSite(b *builder) document.Record {
	record := document.SiteAddition{Subject: subjectRef(b.order), FilingPassword: b.filingPassword()}
	subject := document.EvidenceOwner{Kind: document.SubjectOwner, Record: document.OwnerRef{ID: record.Subject.ID, Number: record.Subject.Number}}
	for _, slot := range subjectSlots(b.copies) {
		record.Attachments = b.attach(record.Attachments, slot, subject)
	}
	record.Sites = b.newSites(func(site int, slot evidence.Slot) {
		owner := document.EvidenceOwner{Kind: document.SiteOwner, Record: document.OwnerRef{ID: b.ids.sites[site].id}}
		record.Attachments = b.attach(record.Attachments, slot, owner)
	})
	return document.Record{AddSite: &record}
}

// subjectRef returns the subject that an order's filing has: the ministry's id, or the number if the id is not known.
func subjectRef(o filing.Order) document.SubjectRef {
	ref := document.SubjectRef{Nature: int64(o.Entity)}
	if o.Filed == nil {
		return ref
	}
	if id := ministryID(o.Filed.MinistryID); id > 0 {
		ref.ID = id
	} else if o.Filed.Number != (number.Subject{}) {
		ref.Number = o.Filed.Number.String()
	}
	return ref
}

// attach appends the copy in a slot to the attachments of a record.
func (b *builder) attach(list []document.Attachment, slot evidence.Slot, owner document.EvidenceOwner) []document.Attachment {
	content := b.copies[slot]
	if content == nil {
		return list
	}
	a := attachment(slot, content, document.FilingOwner{Kind: owner.Kind})
	b.slots = append(b.slots, slot)
	return append(list, document.Attachment{Format: a.Format, Purpose: a.Purpose, Content: a.Content, Owner: owner, Remark: a.Remark})
}
