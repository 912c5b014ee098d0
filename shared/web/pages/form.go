package pages

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"beian/shared/rules/finding"
	"beian/shared/web"
)

// A Field is one question of a form. Its name is a JSON pointer into the request of the operation.
type Field struct {
	Name     string
	Kind     string // type of the input, or: textarea, select, radios, checkboxes, check, fixed
	Label    string
	Hint     string
	Why      string
	Value    string
	Options  []Option
	Optional bool

	Class, Autocomplete, Inputmode string

	Errors []Problem
}

// An Option is an answer that can be chosen.
type Option struct {
	Value, Label, Hint string
	Chosen             bool
	Rare               bool // shown only after one more press, unless it is chosen
}

// A Problem is a finding on the page: at its field and in the summary.
type Problem struct {
	finding.Finding
	N     int
	Href  string // of the field; "" if no page asks for it
	Label string // of the field on this page
	// Explains offers to explain the finding; Explanation is what was written.
	Explains    bool
	Explanation string
}

// ExplainName is the name of the field for the explanation.
func (p Problem) ExplainName() string { return "explain " + string(p.Code) + " " + p.Pointer }

// Blocks reports whether the person has to correct it before going on.
func (p Problem) Blocks() bool { return p.Severity == finding.Block }

// ID is the id of the field's element.
func (f Field) ID() string { return IDOf(f.Name) }

// IDOf returns the id of the element of the field with a pointer.
func IDOf(pointer string) string { return "f" + strings.ReplaceAll(pointer, "/", "-") }

// HasRare reports whether the field has options that are rarely chosen, and RareChosen whether one of them is.
func (f Field) HasRare() bool {
	return slices.ContainsFunc(f.Options, func(o Option) bool { return o.Rare })
}

func (f Field) RareChosen() bool {
	return slices.ContainsFunc(f.Options, func(o Option) bool { return o.Rare && o.Chosen })
}

// Wrong reports whether the person has to correct the field.
func (f Field) Wrong() bool { return slices.ContainsFunc(f.Errors, Problem.Blocks) }

// DescribedBy are the ids of the elements that describe the field.
func (f Field) DescribedBy() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.ID()+"-hint")
	}
	for _, e := range f.Errors {
		ids = append(ids, fmt.Sprintf("%s-problem-%d", f.ID(), e.N))
	}
	return strings.Join(ids, " ")
}

// Attach gives each finding to its field.
func Attach(fields []Field, found finding.List) {
	for _, f := range found {
		if i := fieldOf(fields, f.Pointer); i >= 0 {
			fields[i].Errors = append(fields[i].Errors, Problem{Finding: f, N: len(fields[i].Errors)})
		}
	}
}

// fieldOf returns the index of the field that a pointer names: a field above it, else the first field below it; -1 if there is none.
func fieldOf(fields []Field, pointer string) int {
	above := func(f Field) bool { return pointer == f.Name || strings.HasPrefix(pointer, f.Name+"/") }
	below := func(f Field) bool { return pointer != "" && strings.HasPrefix(f.Name, pointer+"/") }
	if i := slices.IndexFunc(fields, above); i >= 0 {
		return i
	}
	return slices.IndexFunc(fields, below)
}

// Problems are the findings of the operation that a form called, with links to their fields on the page, in the order of the fields. Those
// without a field come first.
func (v *Visit) Problems() []Problem {
	if v.Problem == nil {
		return nil
	}
	var all []Problem
	for _, f := range v.Problem.Findings {
		if f.Severity == finding.Block {
			one := Problem{Finding: f, Href: v.hrefOf(f.Pointer)}
			if i := fieldOf(v.Fields, f.Pointer); i >= 0 {
				one.Label = strings.TrimRight(v.Fields[i].Label, "？?。.") // a colon follows
			}
			all = append(all, one)
		}
	}
	slices.SortStableFunc(all, func(a, b Problem) int {
		return cmp.Compare(fieldOf(v.Fields, a.Pointer), fieldOf(v.Fields, b.Pointer))
	})
	return all
}

// Detail says what failed, if the operation found nothing in particular.
func (v *Visit) Detail() string {
	if v.Problem == nil || len(v.Problem.Findings) > 0 {
		return ""
	}
	return v.Problem.Detail
}

// hrefOf returns the address of the field that a pointer names: on this page, else on another page of the order; "" if there is none.
func (v *Visit) hrefOf(pointer string) string {
	if i := fieldOf(v.Fields, pointer); i >= 0 {
		return "#" + v.Fields[i].ID()
	}
	if find := v.site.config.HrefOf; find != nil {
		return find(v, pointer)
	}
	return ""
}

// Limits of a form, far above what any page has.
const (
	MaxForm   = 1 << 20   // bytes, of which a Chinese character has nine
	MaxTyped  = 256 << 10 // bytes of names and values. A page repeats them, and a response of Lambda has 6 MB at most
	MaxFields = 2000
)

// parseForm parses the form of the request, so that each page has one that is well-formed. A body of another type is an empty form; a page with a file reads it.
// The error is a *web.Problem.
func (v *Visit) parseForm() error {
	if v.R.Method != http.MethodPost {
		return nil
	}
	if !strings.HasPrefix(strings.ToLower(v.R.Header.Get("Content-Type")), "application/x-www-form-urlencoded") {
		v.R.PostForm = url.Values{} // ParseForm would return an error for some types
		return nil
	}
	v.R.Body = http.MaxBytesReader(nil, v.R.Body, MaxForm)
	err := v.R.ParseForm()
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return &web.Problem{Status: http.StatusRequestEntityTooLarge}
	}
	fields, typed := 0, 0
	for name, values := range v.R.PostForm {
		fields += len(values)
		for _, value := range values {
			typed += len(name) + len(value)
		}
	}
	switch {
	case err != nil || fields > MaxFields:
		return &web.Problem{Status: http.StatusBadRequest}
	case typed > MaxTyped:
		return &web.Problem{Status: http.StatusRequestEntityTooLarge}
	}
	return nil
}

// CodeUnanswered says that a question that a page cannot go on without has no answer.
const CodeUnanswered finding.Code = "question-unanswered"

// Unanswered returns the problem of questions without an answer; nil if all have one.
func Unanswered(questions []Question, d Document) *web.Problem {
	p := &web.Problem{Status: http.StatusUnprocessableEntity}
	for _, q := range questions {
		if (q.Only == nil || q.Only(d)) && !q.Optional && d.Text(q.Pointer) == "" {
			p.Findings = append(p.Findings, finding.New(CodeUnanswered, q.Pointer))
		}
	}
	if len(p.Findings) == 0 {
		return nil
	}
	return p
}

// ReadForm returns the answers of the request's form.
func (v *Visit) ReadForm(questions []Question) (Document, error) {
	if err := v.R.ParseForm(); err != nil {
		return nil, err
	}
	d := Document{}
	d.Read(questions, v.R.PostForm)
	return d, nil
}
