// Package evidence knows the papers of an application, and which of them are owed.
//
// A [Slot] is the place of one paper. [Owed] says which slots a [Case] has to fill. What an uploaded file has to be like
// is package picture's.
package evidence

import (
	"strings"

	"beian/shared/rules/finding"
)

// CodeMissing is the code of a paper that is owed and not given.
const CodeMissing finding.Code = "evidence-missing"

// MaxBytes is how large a file an applicant may upload, in bytes: what providers accept ([MAT-GG], [HW-KB]). A file of
// exactly 4 MiB is allowed.
const MaxBytes = 4 << 20

// Pointer is the JSON pointer of a slot in an order's evidence, which is an object keyed by slot.
func Pointer(slot Slot) string {
	return "/evidence/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(string(slot))
}
