package exchange

import "beian/shared/bureau/document"

// buildSubmitEvidence builds the record of documents on their own (XZHYD, MIIT-IF30 10.6). All are of one owner: the subject, or the order's site.
func buildSubmitEvidence(b *builder) document.Record {
	subject := subjectRef(b.order)
	owner := document.EvidenceOwner{Kind: document.SubjectOwner, Record: document.OwnerRef{ID: subject.ID, Number: subject.Number}}
	slots := subjectSlots(b.copies)
	if len(b.order.Chosen) > 0 {
		owner = document.EvidenceOwner{Kind: document.SiteOwner, Record: refTo(b.order.Filed.Sites[b.order.Chosen[0]])}
		slots = siteSlots(0, b.copies)
	}
	record := document.Record{}
	for _, slot := range slots {
		record.Evidence = b.attach(record.Evidence, slot, owner)
	}
	return record
}
