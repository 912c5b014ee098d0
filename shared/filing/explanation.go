package filing

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"beian/shared/rules/finding"
	"beian/shared/rules/text"
)

// An Explanation is the applicant's answer to a blocking finding of an overridable rule: why the data are right as they are. The finding
// becomes a warning, and the order cannot pass the review until a reviewer overrides it.
type Explanation struct {
	Code    finding.Code `json:"code" maxLength:"64" doc:"code of the finding"`
	Pointer string       `json:"pointer" maxLength:"256" doc:"pointer of the finding" example:"/sites/0/name"`
	Text    string       `json:"text" maxLength:"4096" doc:"why the data are right as they are: 1 to 500 characters, for the reviewer"`
}

// ExplanationsPerOrder is the maximum number of explained findings of an order. An order is one item of the table, of 400 KB.
const ExplanationsPerOrder = 20

// ExplanationLimit is the maximum length of an explanation, and of a reviewer's reason for an override, in characters. Both stay with
// the provider, so they may have characters that the bureau cannot read.
const ExplanationLimit = 500

// Findings about explanations.
const (
	CodeExplanationRule    finding.Code = "explanation-rule"
	CodeExplanationText    finding.Code = "explanation-text"
	CodeExplanationTwice   finding.Code = "explanation-twice"
	CodeExplanationUnknown finding.Code = "explanation-unknown"
	CodeExplanationsMany   finding.Code = "explanations-above-limit"
)

// An Explained is a finding with the applicant's explanation and, once a reviewer has decided it, the override.
type Explained struct {
	Explanation
	Message finding.Words `json:"message"` // of the finding
	// Place and Value identify what was explained: see [application.subjectOf]. Explanation and override count while both are the same.
	Place string `json:"place"`
	Value string `json:"value"`
	// Applies says that the finding is about the data as they are. If it is not, only the record of an override or a refusal is kept.
	Applies  bool      `json:"applies"`
	Override *Override `json:"override,omitempty"`
	// Refused says that a later finding of a reviewer or the bureau named the place. Explanation and override never count again.
	Refused bool `json:"refused,omitempty"`
}

// sameMatter reports whether two explanations are of the same rule, about the same value at the same place.
func (e Explained) sameMatter(as Explained) bool {
	return e.Code == as.Code && e.Place == as.Place && e.Value == as.Value
}

// settle decides for each blocking finding of an overridable rule whether it is explained: in this request (given) or before. If so, it
// becomes a warning; if not, it offers to explain. The second result replaces before.
//
// An explanation of a finding that does not occur has no effect. A new text for an overridden finding needs a new override.
func settle(found finding.List, given []Explanation, before []Explained, a application) (finding.List, []Explained) {
	found = slices.Clone(found)
	values := a.values()
	var explained []Explained
	for i, f := range found {
		if f.Severity != finding.Block || !f.Code.Overridable() {
			continue
		}
		now := Explained{Explanation: Explanation{Code: f.Code, Pointer: f.Pointer}, Message: f.Message, Applies: true}
		now.Place, now.Value = a.subjectOf(f, values)
		same := func(e Explained) bool { return !e.Refused && e.sameMatter(now) }
		if k := slices.IndexFunc(before, same); k >= 0 {
			now.Text, now.Override = before[k].Text, before[k].Override
		}
		if k := slices.IndexFunc(given, func(e Explanation) bool { return e.Code == f.Code && e.Pointer == f.Pointer }); k >= 0 {
			if typed := text.Normalize(given[k].Text); typed != now.Text {
				now.Text, now.Override = typed, nil
			}
		}
		if now.Text == "" {
			found[i] = f.OfferExplanation()
			continue
		}
		found[i] = f.Explained(now.Override != nil)
		decided := func(e Explained) bool { return e.Code == f.Code && e.Pointer == f.Pointer }
		if !slices.ContainsFunc(explained, decided) { // two caps of one kind are one finding to the reviewer
			explained = append(explained, now)
		}
	}
	for _, e := range before {
		e.Applies = false
		recorded := func(n Explained) bool {
			return n.Override != nil && *n.Override == *e.Override && n.sameMatter(e)
		}
		if e.Refused || e.Override != nil && !slices.ContainsFunc(explained, recorded) {
			explained = append(explained, e)
		}
	}
	return found, explained
}

// checkExplanations returns the findings about the explanations of a request, after which the order has the explained findings.
func checkExplanations(given []Explanation, explained []Explained) finding.List {
	var found finding.List
	if len(applying(explained)) > ExplanationsPerOrder {
		found = append(found, finding.New(CodeExplanationsMany, "/explanations", "max", strconv.Itoa(ExplanationsPerOrder)))
	}
	for i, e := range given {
		pointer := fmt.Sprintf("/explanations/%d", i)
		if !e.Code.Overridable() {
			found = append(found, finding.New(CodeExplanationRule, pointer+"/code"))
		}
		if !validExplanation(e.Text) {
			found = append(found, finding.New(CodeExplanationText, pointer+"/text", "max", strconv.Itoa(ExplanationLimit)))
		}
		if slices.ContainsFunc(given[:i], func(b Explanation) bool { return b.Code == e.Code && b.Pointer == e.Pointer }) {
			found = append(found, finding.New(CodeExplanationTwice, pointer))
		}
	}
	return found
}

// validExplanation reports whether a text is a possible explanation or reason.
func validExplanation(typed string) bool {
	n := utf8.RuneCountInString(text.Normalize(typed))
	return n > 0 && n <= ExplanationLimit
}

// setExplained stores explained findings in the order, and the codes of those that apply in the ledger entry.
func (c *Change) setExplained(explained []Explained) {
	c.Order.Private.Explained = explained
	var codes finding.List
	for _, e := range applying(explained) {
		codes = append(codes, finding.Finding{Code: e.Code})
	}
	if len(codes) > 0 {
		c.setFact("explained", codesOf(codes))
	}
}

// applying returns the explanations of the findings that apply.
func applying(explained []Explained) []Explanation {
	var given []Explanation
	for _, e := range explained {
		if e.Applies {
			given = append(given, e.Explanation)
		}
	}
	return given
}

// explainedByPart returns the explained findings about the data, and those about missing documents.
func (o Order) explainedByPart() (data, documents []Explained) {
	for _, e := range o.Private.Explained {
		if strings.HasPrefix(e.Place, pointerEvidence) {
			documents = append(documents, e)
		} else {
			data = append(data, e)
		}
	}
	return data, documents
}

const pointerEvidence = "/evidence/"
