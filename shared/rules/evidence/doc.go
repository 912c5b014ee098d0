// Package evidence lists the documents that an application requires. Start with [Requirements], which returns them for the [Facts]
// about an application. [Missing] returns a finding for each required document without an upload.
//
//	requirements := evidence.Requirements(evidence.Facts{Individual: true, …})
//	found := evidence.Missing(requirements, hasUpload)
//
// A [Slot] is the place of one uploaded document, a [Kind] its kind. Package picture checks the uploaded files.
package evidence

import (
	"strings"

	"beian/shared/rules/finding"
)

// Codes of a required document without an upload. CodeProofMissing is that of documents which bureaus require by their practice. It is
// overridable, because such a document may not fit a case: a residence permit of somebody whose household has moved.
const (
	CodeMissing      finding.Code = "evidence-missing"
	CodeProofMissing finding.Code = "evidence-proof-missing"
)

// proofs are the kinds whose code is CodeProofMissing.
var proofs = []Kind{SubjectAuthorizationLetter, SubjectEmploymentProof, ResidencePermit, CommitmentLetter, ResponsibilityNotice, ConstructionPlan,
	PartyBuildingConfirmation, NameChangeCertificate, LeaderEmploymentProof, SiteAuthorizationLetter, DomainCertificate, PreApprovalStatement}

// Limits of files, in bytes. A phone's photo has 6 to 10 MB, so a larger upload is reduced to what is stored (MAT-GG, HW-KB).
//
// The store takes up to MaxStored, and empty files, because it answers in English XML. A file above MaxUpload is refused when it is
// submitted, with words for the applicant.
const (
	MaxStored   = 100 << 20
	MaxUpload   = 20 << 20
	MaxOriginal = 4 << 20
)

// Pointer returns the JSON pointer of a slot in an order's evidence, which is an object keyed by slot.
func Pointer(slot Slot) string {
	return "/evidence/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(string(slot))
}
