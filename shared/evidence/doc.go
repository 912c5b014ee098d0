// Package evidence knows the papers of an application: which are owed, whether an image can count as one, and how the
// bureau's small copy is made from it.
//
// A [Slot] is the place of one paper. [Owed] says which slots a [Case] has to fill. [Inspect] looks at the bytes that
// were uploaded. [Image.Copy] makes the JPEG that goes to the bureau; the original is kept as it came. Nothing here reads
// what is written on a paper: that is for people, and for recognition on the phone.
package evidence

import (
	"strings"

	"beian/shared/finding"
)

// Codes of what can be wrong with evidence.
const (
	CodeMissing       finding.Code = "evidence-missing"
	CodeEmpty         finding.Code = "evidence-empty"
	CodeTooLarge      finding.Code = "evidence-too-large"
	CodePDF           finding.Code = "evidence-is-pdf"
	CodeHEIC          finding.Code = "evidence-is-heic"
	CodeNotAnImage    finding.Code = "evidence-not-jpg-or-png"
	CodeOtherType     finding.Code = "evidence-other-type-than-declared"
	CodeUnreadable    finding.Code = "evidence-unreadable"
	CodeTooManyPixels finding.Code = "evidence-too-many-pixels"
	CodeSmall         finding.Code = "evidence-small"
	CodeGrey          finding.Code = "evidence-not-in-colour"
)

// Pointer is the JSON pointer of a slot in an order's evidence, which is an object keyed by slot.
func Pointer(slot Slot) string {
	return "/evidence/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(string(slot))
}
