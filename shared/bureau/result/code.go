package result

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"beian/shared/rules/finding"
)

// An Actor is the one who must act on a result.
type Actor string

const (
	Applicant Actor = "applicant" // the applicant must correct the data
	Reviewer  Actor = "reviewer"  // the provider's reviewer decides about the order
	Operator  Actor = "operator"  // the provider's data or systems are wrong
)

// A Code is a result code (Jgdm).
type Code struct {
	Number int64 `json:"code"`
	// Text is the bureau's text for the code, without appended details.
	Text  string `json:"text"`
	Actor Actor  `json:"actor"`
	// Pointer is the JSON pointer of the field in the application; {site} is the index of the site.
	Pointer string `json:"pointer"`
	// Success marks codes that report no error.
	Success bool `json:"success"`
	// Internal marks codes about the provider's own IP and domain filings.
	Internal bool `json:"internal"`
}

// Codes with special meaning.
const (
	Approved        = 1001
	RefusedByBureau = 1002
	EvidenceStored  = 1060 // for evidence on its own, this is the decision
	BrokenSchema    = 5001
)

//go:embed codes.json
var codesJSON []byte

var codes = sync.OnceValue(mustLoad)

// mustLoad reads the embedded list. It panics if the list is invalid, which this package's test excludes.
func mustLoad() map[int64]Code {
	d := json.NewDecoder(bytes.NewReader(codesJSON))
	d.DisallowUnknownFields()
	var list []Code
	if err := d.Decode(&list); err != nil {
		panic(fmt.Errorf("codes.json: %w", err))
	}
	all := make(map[int64]Code, len(list))
	for _, c := range list {
		all[c.Number] = c
	}
	return all
}

// Lookup returns a result code. A code that is not in V3.0 is for the reviewer and has no pointer.
func Lookup(number int64) (Code, bool) {
	c, known := codes()[number]
	if !known {
		return Code{Number: number, Actor: Reviewer}, false
	}
	return c, true
}

// FindingCode returns the finding's code in the catalogue: bureau-1004.
func (c Code) FindingCode() finding.Code {
	return finding.Code("bureau-" + strconv.FormatInt(c.Number, 10))
}

// Finding returns the finding for an application with that many sites. A result does not name its site, so the pointer is that of
// the site if there is only one, and of all sites otherwise.
func (c Code) Finding(sites int) finding.Finding {
	if _, known := codes()[c.Number]; !known {
		c.Number = 1999
	}
	pointer := strings.Replace(c.Pointer, "{site}", "0", 1)
	if strings.Contains(c.Pointer, "{site}") && sites != 1 {
		pointer = "/sites"
	}
	return finding.New(c.FindingCode(), pointer)
}
