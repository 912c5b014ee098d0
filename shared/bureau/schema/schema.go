// Package schema writes, reads and checks XML documents whose shape is declared once, in Go struct tags, in the
// notation of the ministry's schemas (MIIT-IF30, 10):
//
//	Name     string    `wire:"Dwmc S[1..255]"`        exactly one, 1 to 255 characters
//	Nature   int64     `wire:"Dwxz? L[1..999]"`       none or one, an integer from 1 to 999; 0 means none
//	Services []int64   `wire:"Fwnr/Fwnr_id{1,64} L[1..64]"` 1 to 64 of them inside one Fwnr
//	Content  []byte    `wire:"Fjnr B"`                base64
//	Address  Address   `wire:"Txdz all"`              a struct of its own, its children in any order (else: in this one)
//	Owner    Owner     `wire:"Ssdxbs choice"`         exactly one of its children
//	Evidence []Item    `wire:"Fj*/Fjxx"`              each in an Fj of its own
//	Version  string    `wire:"@version"`              an attribute
//
// Occurrence is nothing (exactly one), ?, *, + or {least,most}. After S may stand the form of the text: date, time,
// phones or mails. Elements are always written in the order of the fields, which satisfies every schema; an
// optional element without a value is left out, for an empty one would break the schema.
package schema

import (
	"fmt"
	"strings"
)

// MaxItems is how many repeated structures one document may hold, all together. A thousand filings of a usual size
// have fifteen thousand; the limit keeps fifty megabytes of empty elements from becoming gigabytes of structs.
const MaxItems = 250_000

// MaxProblems is how many problems are told about one document.
const MaxProblems = 1000

// A Rule is what a document breaks.
type Rule string

const (
	Missing   Rule = "missing"   // an element that must be there is not
	Unknown   Rule = "unknown"   // an element that the schema does not have at this place
	Order     Rule = "order"     // an element after one that it must precede
	Count     Rule = "count"     // too many or too few of an element
	Choice    Rule = "choice"    // not exactly one of several
	Length    Rule = "length"    // too few or too many characters
	Range     Rule = "range"     // an integer out of bounds
	Format    Rule = "format"    // not an integer, date, telephone number, address or base64
	Character Rule = "character" // a character that cannot be sent
	Size      Rule = "size"      // an attachment larger than allowed
	Version   Rule = "version"   // not the version of the interface
)

// A Problem is one thing that is wrong with a document. It never holds the value.
type Problem struct {
	// Path leads to the element, counting repeated ones from 1: UploadData/ICP/XZBA/Baxx[1]/Zt_xx/Dwmc.
	Path string `json:"path"`
	Rule Rule   `json:"rule"`
	// Detail is the bound that was broken or the character that cannot be sent, for example "1..255" or "U+1F600".
	Detail string `json:"detail,omitempty"`
}

func (p Problem) String() string {
	if p.Detail == "" {
		return fmt.Sprintf("%s: %s", p.Path, p.Rule)
	}
	return fmt.Sprintf("%s: %s %s", p.Path, p.Rule, p.Detail)
}

// Problems is everything wrong with a document, in its order.
type Problems []Problem

// Error tells the first of them and how many there are.
func (p Problems) Error() string {
	if len(p) == 0 {
		return "nothing wrong"
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

// With adds those of others whose path has no problem yet.
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

// A Checker knows rules about a structure that its tags cannot say.
type Checker interface {
	// CheckRules reports each broken rule with the path of the element below the structure ("Fzr/Fzr_xm").
	CheckRules(report func(path string, rule Rule, detail string))
}

// trail is the way from the root to the element at hand.
type trail struct {
	root  string
	steps []step
}

type step struct {
	name  string
	index int // from 1; 0 for what is not repeated
}

func (t *trail) push(name string, index int) { t.steps = append(t.steps, step{name, index}) }
func (t *trail) pop()                        { t.steps = t.steps[:len(t.steps)-1] }

func (t *trail) String() string {
	var path strings.Builder
	path.WriteString(t.root)
	for _, s := range t.steps {
		path.WriteString("/" + s.name)
		if s.index > 0 {
			fmt.Fprintf(&path, "[%d]", s.index)
		}
	}
	return path.String()
}

// A collector gathers problems up to MaxProblems.
type collector struct {
	trail    trail
	problems Problems
}

func (c *collector) report(rule Rule, detail string) { c.reportAt(c.trail.String(), rule, detail) }

func (c *collector) reportAt(path string, rule Rule, detail string) {
	if len(c.problems) < MaxProblems {
		c.problems = append(c.problems, Problem{path, rule, detail})
	}
}
