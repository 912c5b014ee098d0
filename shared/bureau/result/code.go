package result

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"beian/shared/rules/finding"
)

// An Actor is who has to do something about a result.
type Actor string

const (
	Applicant Actor = "applicant" // the data are the applicant's to mend
	Reviewer  Actor = "reviewer"  // the provider's reviewer decides what to do with the order
	Operator  Actor = "operator"  // the provider's own data or systems are wrong
)

// A Code is a result code (Jgdm).
type Code struct {
	Number int64 `json:"code"`
	// Text is what bureaus write with the code, before they append details.
	Text  string `json:"text"`
	Actor Actor  `json:"actor"`
	// Pointer is the JSON pointer into the application where the mistake is; {site} stands for the number of the site.
	Pointer string `json:"pointer"`
	// Success is set for codes that tell of no mistake.
	Success bool `json:"success"`
	// Internal is set for codes about the provider's own IP and domain filings, which no application can cause.
	Internal bool `json:"internal"`
}

// Codes that decide.
const (
	Approved        = 1001
	RefusedByBureau = 1002
	BrokenSchema    = 5001
)

//go:embed codes.json
var codesJSON []byte

var codes = sync.OnceValue(mustLoad)

// mustLoad reads the embedded list; that it loads is held by this package's test.
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

// Codes returns all result codes of V3.0, ordered.
func Codes() []Code {
	all := make([]Code, 0, len(codes()))
	for _, c := range codes() {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b Code) int { return int(a.Number - b.Number) })
	return all
}

// Lookup returns what is known of a result code. A code that V3.0 does not have is the reviewer's, without a place.
func Lookup(number int64) (Code, bool) {
	c, known := codes()[number]
	if !known {
		return Code{Number: number, Actor: Reviewer}, false
	}
	return c, true
}

// FindingCode is the catalogue's name of the code: bureau-1004.
func (c Code) FindingCode() finding.Code {
	return finding.Code("bureau-" + strconv.FormatInt(c.Number, 10))
}

// Finding makes the finding for an application with that many sites. A result does not say which site it is about,
// so its pointer leads to one only if there is just one, and to all of them otherwise.
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
