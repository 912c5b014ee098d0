// Package form has the templates of the forms that applicants print, sign and upload, and the code on a printed form.
//
//	template, ok := form.Of(evidence.VerificationForm, "44", now)
//
// A template is the text of a form without data; package filing fills it in. The text is Chinese, because the bureau reads it. Where no source
// gives a bureau's own text, the template is a model of the provider and says so: see ADR 43 on how to replace it.
package form

import (
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"beian/shared/rules/evidence"
	"beian/shared/rules/finding"
	"beian/shared/rules/pattern"
	"beian/shared/rules/province"
	"beian/shared/rules/strictjson"
	"beian/shared/rules/workday"
)

// A Basis says whose text a template has.
type Basis string

const (
	Model  Basis = "model"  // the provider's; a bureau's own template takes its place
	Bureau Basis = "bureau" // the bureau's, word for word
)

// A Part is a part of an application whose data a form shows.
type Part string

// The parts.
const (
	Subject       Part = "subject"
	SubjectLeader Part = "subject-leader"
	Site          Part = "site"
	SiteLeader    Part = "site-leader"
	Access        Part = "access"
)

// A Template is the text of a form during a period.
type Template struct {
	// ID names the template with its version: "verification-form.2", or "44.commitment-letter.1" of one province. It is printed on the form and
	// is not used again for another text. It has letters, digits, dots and hyphens.
	ID   string        `json:"id"`
	Kind evidence.Kind `json:"kind"` // the document that the form becomes
	// Provinces are those whose bureaus take the form; none means all that have no template of their own.
	Provinces []province.Code `json:"provinces,omitempty"`
	workday.Span
	Basis Basis `json:"basis"`
	// Source is the source of what the form contains.
	Source string        `json:"source"`
	Title  finding.Words `json:"title"`
	Parts  []Part        `json:"parts"`
	// Checks are what the provider ticks after checking it.
	Checks []string `json:"checks,omitempty"`
	// Text are the paragraphs. {self} stands for the subject: an organisation or a person.
	Text []string `json:"text"`
	// Handwriting is the paragraph that a person copies by hand, "" if there is none.
	Handwriting string      `json:"handwriting,omitempty"`
	Signatures  []Signature `json:"signatures"`
	// Term is the document's short name, by which the notes of the provinces mention it.
	Term string `json:"term"`
}

// A Signature is a box to sign, with the date.
type Signature struct {
	Label string `json:"label"` // who signs, in Chinese
	// For says for which subjects the form has the box; "" means all.
	For  province.Audience `json:"for,omitempty"`
	Seal bool              `json:"seal,omitempty"` // the box is for a seal
	// Provider is set if the provider signs, after the applicant.
	Provider bool `json:"provider,omitempty"`
	// Fingerprint are the rules by which a fingerprint is set beside the signature.
	Fingerprint []Fingerprint `json:"fingerprint,omitempty"`
}

// A Fingerprint is the rule of a province that a fingerprint is set beside a signature.
type Fingerprint struct {
	Province province.Code     `json:"province"`
	For      province.Audience `json:"for,omitempty"`
	Source   string            `json:"source"`
}

//go:embed templates.json
var templatesFile []byte

var templates = sync.OnceValue(mustLoad)

func mustLoad() []Template {
	all, err := decode(templatesFile)
	if err != nil {
		panic(fmt.Errorf("templates.json: %w", err)) // embedded; this package's tests load it
	}
	return all
}

// idForm is the form of an ID in capitals: the characters that a QR code stores in the least space.
var idForm = pattern.New(`^[A-Z0-9][A-Z0-9.-]{0,38}[0-9]$`)

// decode parses the templates. Unknown fields, incomplete templates and two templates for the same day are errors.
func decode(text []byte) ([]Template, error) {
	var all []Template
	if err := strictjson.UnmarshalEmbedded(text, &all); err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, t := range all {
		if err := t.check(); err != nil {
			return nil, fmt.Errorf("template %q: %w", t.ID, err)
		}
		if seen[t.ID] {
			return nil, fmt.Errorf("template %q is listed twice", t.ID)
		}
		seen[t.ID] = true
	}
	for i, a := range all {
		for _, b := range all[:i] {
			if a.Kind == b.Kind && sharesProvince(a, b) && (a.InForce(b.From) || b.InForce(a.From)) {
				return nil, fmt.Errorf("templates %q and %q are both in force", b.ID, a.ID)
			}
		}
	}
	return all, nil
}

func sharesProvince(a, b Template) bool {
	if len(a.Provinces) == 0 || len(b.Provinces) == 0 {
		return len(a.Provinces) == len(b.Provinces)
	}
	return slices.ContainsFunc(a.Provinces, func(c province.Code) bool { return slices.Contains(b.Provinces, c) })
}

// check returns an error if the template is incomplete.
func (t Template) check() error {
	switch {
	case !idForm().MatchString(strings.ToUpper(t.ID)):
		return errors.New("the id is not of letters, digits, dots and hyphens, with a number at the end")
	case t.Kind.Words().Chinese == "" || t.Title.Chinese == "" || t.Title.English == "" || t.Source == "" || t.Term == "":
		return errors.New("the kind is unknown, or title, source or term is missing")
	case t.Basis != Model && t.Basis != Bureau:
		return fmt.Errorf("the basis is %q", t.Basis)
	case len(t.Parts) == 0 || len(t.Text) == 0 || len(t.Signatures) == 0:
		return errors.New("there are no parts, no text or no signatures")
	}
	for _, p := range t.Parts {
		if !slices.Contains([]Part{Subject, SubjectLeader, Site, SiteLeader, Access}, p) {
			return fmt.Errorf("there is no part %q", p)
		}
	}
	return t.Check()
}

// Of returns the template for a document in a province at a time; false if the document is not a form.
func Of(k evidence.Kind, p province.Code, on time.Time) (Template, bool) {
	day := workday.DateOf(on)
	var general *Template
	for _, t := range templates() {
		if t.Kind != k || !t.InForce(day) {
			continue
		}
		if slices.Contains(t.Provinces, p) {
			return t, true
		}
		if len(t.Provinces) == 0 {
			general = &t
		}
	}
	if general == nil {
		return Template{}, false
	}
	return *general, true
}

// IsFormKind reports whether a document is a form that is printed, at any time.
func IsFormKind(k evidence.Kind) bool {
	return slices.ContainsFunc(templates(), func(t Template) bool { return t.Kind == k })
}

// Fits reports whether a subject of an audience has the box.
func (s Signature) Fits(a province.Audience) bool { return s.For == "" || s.For == a }

// NeedsFingerprint reports whether a fingerprint is set beside the signature.
func (s Signature) NeedsFingerprint(p province.Code, a province.Audience) bool {
	return slices.ContainsFunc(s.Fingerprint, func(f Fingerprint) bool { return f.Province == p && (f.For == "" || f.For == a) })
}
