// Package schema encodes ([Append]), decodes ([Decode]) and checks ([Check]) XML documents that are declared by Go struct tags in
// the notation of the ministry's schemas (MIIT-IF30 10):
//
//	Name     string    `wire:"Dwmc S[1..255]"`        exactly one, 1 to 255 characters
//	Nature   int64     `wire:"Dwxz? L[1..999]"`       none or one, an integer from 1 to 999; 0 means none
//	Services []int64   `wire:"Fwnr/Fwnr_id{1,64} L[1..64]"` 1 to 64 of them inside one Fwnr
//	Content  []byte    `wire:"Fjnr B"`                base64
//	Address  Address   `wire:"Txdz all"`              a struct, its children in any order (default: in the order of fields)
//	Owner    Owner     `wire:"Ssdxbs choice"`         exactly one of its children
//	Evidence []Item    `wire:"Fj*/Fjxx"`              each in a separate Fj
//	Version  string    `wire:"@version"`              an attribute
//
// The fields of an embedded struct are fields of the struct around it, at that place.
//
// The occurrence is empty (exactly one), ?, *, + or {least,most}. S may be followed by the form of the text: date, time, phones
// or mails. Elements are always written in the order of the fields, which satisfies every schema. An optional element without
// a value is omitted, because an empty one would break the schema.
package schema

import (
	"fmt"
	"strings"
)

// MaxItems is the maximum number of repeated structures in a document. A thousand typical filings have fifteen thousand; the limit
// keeps fifty megabytes of empty elements from becoming gigabytes of structs.
const MaxItems = 250_000

// MaxProblems is the maximum number of problems reported about one document.
const MaxProblems = 1000

// A Rule is a rule that a document breaks.
type Rule string

const (
	Missing   Rule = "missing"   // a required element is missing
	Unknown   Rule = "unknown"   // the schema has no such element or attribute at this place
	Order     Rule = "order"     // elements in the wrong order
	Count     Rule = "count"     // too many or too few of an element
	Choice    Rule = "choice"    // not exactly one of several
	Length    Rule = "length"    // too few or too many characters
	Range     Rule = "range"     // an integer out of bounds
	Format    Rule = "format"    // not an integer, date, telephone number, address or base64
	Character Rule = "character" // a character that the receiver cannot read or XML does not allow
	Size      Rule = "size"      // an attachment larger than allowed
	Version   Rule = "version"   // another version of the interface
)

// A Problem is one broken rule. It never contains the value.
type Problem struct {
	// Path is the path of the element, with repeated elements counted from 1: UploadData/ICP/XZBA/Baxx[1]/Zt_xx/Dwmc.
	Path string `json:"path"`
	Rule Rule   `json:"rule"`
	// Detail is the broken bound or the character, for example "1..255" or "U+1F600".
	Detail string `json:"detail,omitempty"`
}

func (p Problem) String() string {
	if p.Detail == "" {
		return fmt.Sprintf("%s: %s", p.Path, p.Rule)
	}
	return fmt.Sprintf("%s: %s %s", p.Path, p.Rule, p.Detail)
}

// Problems is all problems of a document, in document order.
type Problems []Problem

// Error returns the first problem and the number of problems.
func (p Problems) Error() string {
	if len(p) == 0 {
		return "no problems"
	}
	return fmt.Sprintf("%d problems, the first: %s", len(p), p[0])
}

// Err returns the problems as an error, nil if there are none.
func (p Problems) Err() error {
	if len(p) == 0 {
		return nil
	}
	return p
}

// With appends the problems of others whose path has no problem in p, up to [MaxProblems].
func (p Problems) With(others Problems) Problems {
	known := make(map[string]bool, len(p))
	for _, one := range p {
		known[one.Path] = true
	}
	for _, one := range others {
		if !known[one.Path] && len(p) < MaxProblems {
			p = append(p, one)
		}
	}
	return p
}

// A Checker is a structure with rules that tags cannot express.
type Checker interface {
	// CheckRules reports each broken rule with the path of the element below the structure ("Fzr/Fzr_xm").
	CheckRules(report func(path string, rule Rule, detail string))
}

// path is the path from the root to the current element.
type path struct {
	root  string
	steps []step
}

type step struct {
	name  string
	index int // from 1; 0 if not repeated
}

func (t *path) push(name string, index int) { t.steps = append(t.steps, step{name, index}) }
func (t *path) pop()                        { t.steps = t.steps[:len(t.steps)-1] }

func (t *path) String() string {
	var text strings.Builder
	text.WriteString(t.root)
	for _, s := range t.steps {
		text.WriteString("/" + s.name)
		if s.index > 0 {
			fmt.Fprintf(&text, "[%d]", s.index)
		}
	}
	return text.String()
}

// A collector gathers problems up to MaxProblems.
type collector struct {
	path     path
	problems Problems
}

func (c *collector) report(rule Rule, detail string) { c.reportAt(c.path.String(), rule, detail) }

func (c *collector) reportAt(path string, rule Rule, detail string) {
	if len(c.problems) < MaxProblems {
		c.problems = append(c.problems, Problem{path, rule, detail})
	}
}
