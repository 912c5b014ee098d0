package filing

import (
	"maps"
	"slices"
	"time"

	"beian/shared/rules/evidence"
	"beian/shared/rules/finding"
)

// Findings after a correction of the subject's name.
const (
	CodePaperShowsOldName     finding.Code = "paper-shows-old-name"
	CodeCertificateShownOlder finding.Code = "certificate-uploaded-before-correction"
)

// documentsWithName are the documents that the applicant writes for the filing, in the subject's name (icp-filing 5.1).
var documentsWithName = []evidence.Kind{evidence.SubjectAuthorizationLetter, evidence.CommitmentLetter, evidence.ResponsibilityNotice,
	evidence.VerificationForm, evidence.SiteAuthorizationLetter, evidence.PreApprovalStatement}

// correctName deletes the documents that were written in the name before a correction, and returns a warning for each.
//
// Documents of an authority stay, such as licences and identity cards: they show the registered name, and the certificate is the same. If
// it was issued again, with a new name, the applicant uploads it again; see [Order.checkCertificateShown]. The type of the filing stays:
// it depends on the certificate and the domains, and the ministry's query has no name (MIIT-IF30 5.5).
func (o *Order) correctName(at time.Time) finding.List {
	o.NameCorrectedAt = at
	var found finding.List
	for _, slot := range slices.Sorted(maps.Keys(o.Evidence)) {
		if slices.Contains(documentsWithName, slot.Kind()) {
			delete(o.Evidence, slot)
			w := o.SlotWords(slot)
			found = append(found, finding.New(CodePaperShowsOldName, evidence.Pointer(slot), "paper-zh", w.Chinese, "paper-en", w.English))
		}
	}
	return found
}

// checkCertificateShown warns if the picture of the subject's certificate was uploaded before the last correction of the name.
func (o Order) checkCertificateShown() finding.List {
	slot := evidence.Slot(evidence.SubjectCertificateFront)
	if shown, ok := o.Evidence[slot]; ok && shown.AcceptedAt.Before(o.NameCorrectedAt) {
		return finding.List{finding.New(CodeCertificateShownOlder, evidence.Pointer(slot))}
	}
	return nil
}
