package exchange

import (
	"cmp"
	"maps"
	"slices"

	"beian/shared/bureau/document"
	"beian/shared/rules/evidence"
)

// purposeCodes are the interface's codes for kinds of evidence (Fjyt, MIIT-IF30 13.8). There are only five. Evidence of another kind
// gets the nearest code of its owner. The remark has the name of the kind.
var purposeCodes = map[evidence.Kind]int64{
	evidence.SubjectCertificateFront:       document.SubjectDocument,
	evidence.SubjectCertificateBack:        document.SubjectDocument,
	evidence.SubjectLeaderCertificateFront: document.SubjectLeaderDocument,
	evidence.SubjectLeaderCertificateBack:  document.SubjectLeaderDocument,
	evidence.SubjectAuthorizationLetter:    document.SubjectLeaderDocument,
	evidence.SubjectEmploymentProof:        document.SubjectLeaderDocument,
	evidence.LeaderCertificateFront:        document.SiteLeaderDocument,
	evidence.LeaderCertificateBack:         document.SiteLeaderDocument,
	evidence.LeaderEmploymentProof:         document.SiteLeaderDocument,
	evidence.SiteAuthorizationLetter:       document.SiteLeaderDocument,
	evidence.LeaderPhoto:                   document.SiteLeaderPhotograph,
	evidence.VerificationForm:              document.VerificationForm,
}

func attachment(slot evidence.Slot, content []byte, owner document.FilingOwner) document.FilingAttachment {
	a := document.FilingAttachment{Format: document.JPEG, Content: content, Owner: owner, Remark: slot.Words().Chinese}
	purpose, named := purposeCodes[slot.Kind()]
	switch {
	case named:
		a.Purpose = purpose
	case owner.Kind == document.SubjectOwner:
		a.Purpose = document.SubjectDocument
	default:
		a.Purpose = document.VerificationForm
	}
	return a
}

// subjectSlots returns the slots of the subject's evidence. Slots whose kind has a code come first.
func subjectSlots(copies map[evidence.Slot][]byte) []evidence.Slot {
	return orderedSlots(copies, func(slot evidence.Slot) bool {
		_, ofSite := slot.Site()
		return !ofSite
	})
}

// siteSlots returns the slots of one site's evidence, in the same order.
func siteSlots(index int, copies map[evidence.Slot][]byte) []evidence.Slot {
	return orderedSlots(copies, func(slot evidence.Slot) bool {
		site, ofSite := slot.Site()
		return ofSite && site == index
	})
}

func orderedSlots(copies map[evidence.Slot][]byte, wanted func(evidence.Slot) bool) []evidence.Slot {
	slots := slices.DeleteFunc(slices.Collect(maps.Keys(copies)), func(slot evidence.Slot) bool { return !wanted(slot) })
	rank := func(slot evidence.Slot) int64 {
		if purpose, named := purposeCodes[slot.Kind()]; named {
			return purpose
		}
		return 99
	}
	slices.SortFunc(slots, func(a, b evidence.Slot) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b))
	})
	return slots
}
