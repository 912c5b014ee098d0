package filing

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"beian/shared/rules/evidence"
	"beian/shared/rules/finding"
)

// A RuleVerdict is what the rules of a day say about an order as it stands.
type RuleVerdict struct {
	// Findings are those on the opening, and on the details once the order has them. Pointers of the opening have no "/subject" or "/sites".
	Findings finding.List
	// Documents are those that the application requires or may include.
	Documents []evidence.Requirement
	SMS       bool // the leaders have to confirm an SMS code
}

// RuleVerdict returns the verdict of the rules of a day, in the past or in the future. The caller sets o.Codes.
func (o Order) RuleVerdict(at time.Time) RuleVerdict {
	opening := o.opening()
	found, _ := settle(opening.check(o.Characters, o.Codes, at), nil, o.Private.Explained, application{Opening: opening})
	v := RuleVerdict{Findings: found, SMS: o.smsRequired(at)}
	if o.DetailsComplete {
		v.Findings = append(v.Findings, o.CheckDetails(o.Private.Subject, o.Private.Sites, at)...)
		v.Documents = o.EvidenceRequirements(at)
	}
	return v
}

// A VerdictPart is a part of a verdict that can change.
type VerdictPart string

const (
	PartFinding  VerdictPart = "finding"  // Name is the code of the finding
	PartDocument VerdictPart = "document" // Name is the slot of the document
	PartSMS      VerdictPart = "sms"      // Name is ""
)

// A VerdictChange is one difference between two verdicts on an order. Before and After are the severity of a finding, the level of a document,
// or "required" for the SMS check; "" if the verdict has it not. It has no personal data.
type VerdictChange struct {
	Part    VerdictPart `json:"part" enum:"finding,document,sms"`
	Name    string      `json:"name,omitempty" doc:"code of the finding, or slot of the document"`
	Pointer string      `json:"pointer,omitempty" doc:"of the finding: into the opening, or into {\"subject\": …, \"sites\": […]}"`
	Before  string      `json:"before,omitempty" enum:"block,warn,inform,required,optional" doc:"absent if there was none"`
	After   string      `json:"after,omitempty" enum:"block,warn,inform,required,optional" doc:"absent if there is none"`
}

// Changes returns the differences between a verdict and a later one, sorted. An empty list says that both are the same.
func (v RuleVerdict) Changes(later RuleVerdict) []VerdictChange {
	return changesBetween(v.parts(), later.parts())
}

func changesBetween(before, after map[VerdictChange]string) []VerdictChange {
	var changes []VerdictChange
	for part, was := range before {
		if is := after[part]; is != was {
			part.Before, part.After = was, is
			changes = append(changes, part)
		}
	}
	for part, is := range after {
		if _, both := before[part]; !both {
			part.After = is
			changes = append(changes, part)
		}
	}
	slices.SortFunc(changes, func(a, b VerdictChange) int {
		return cmp.Or(strings.Compare(string(a.Part), string(b.Part)), strings.Compare(a.Pointer, b.Pointer), strings.Compare(a.Name, b.Name))
	})
	return changes
}

// parts returns the parts of the verdict, without Before and After, with what the verdict says about each.
func (v RuleVerdict) parts() map[VerdictChange]string {
	parts := map[VerdictChange]string{}
	for _, f := range v.Findings {
		part := VerdictChange{Part: PartFinding, Name: string(f.Code), Pointer: f.Pointer}
		if parts[part] != string(finding.Block) { // several findings of one code at one place: the gravest counts
			parts[part] = string(f.Severity)
		}
	}
	for _, d := range v.Documents {
		parts[VerdictChange{Part: PartDocument, Name: string(d.Slot)}] = string(d.Level)
	}
	if v.SMS {
		parts[VerdictChange{Part: PartSMS}] = string(evidence.Required)
	}
	return parts
}
