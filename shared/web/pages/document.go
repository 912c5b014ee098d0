package pages

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"beian/shared/filing"
)

// A Document is the body of a request as decoded JSON. Questions name its fields by JSON pointers.
type Document map[string]any

// DocumentOf returns a value as a document. A validity without end has the last day 长期, as certificates print it and as people enter it.
func DocumentOf(value any) (Document, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	var d Document
	err = json.Unmarshal(text, &d)
	spellLongTerm(map[string]any(d))
	return d, err
}

func spellLongTerm(value any) {
	switch value := value.(type) {
	case map[string]any:
		if value["longTerm"] == true {
			delete(value, "longTerm")
			value["to"] = longTerm
		}
		for _, one := range value {
			spellLongTerm(one)
		}
	case []any:
		for _, one := range value {
			spellLongTerm(one)
		}
	}
}

// longTerm is the last day of a certificate that is valid without end.
const longTerm = "长期"

// At returns the value at a pointer; nil if there is none.
func (d Document) At(pointer string) any { return filing.ValueAt(map[string]any(d), pointer) }

// Set sets the value at a pointer. It creates objects on the way, and does nothing below an array's end. nil removes a member.
func (d Document) Set(pointer string, value any) {
	parent, last := "", pointer
	if i := strings.LastIndexByte(pointer, '/'); i >= 0 {
		parent, last = pointer[:i], pointer[i+1:]
	}
	var in any = map[string]any(d)
	if parent != "" {
		if in = d.At(parent); in == nil {
			in = map[string]any{}
			d.Set(parent, in)
		}
	}
	switch in := in.(type) {
	case map[string]any:
		if value == nil {
			delete(in, last)
		} else {
			in[last] = value
		}
	case []any:
		if i, err := strconv.Atoi(last); err == nil && i >= 0 && i < len(in) {
			in[i] = value
		}
	}
}

// Text returns the value at a pointer as a form shows it: a list has one entry a line.
func (d Document) Text(pointer string) string { return strings.Join(TextsOf(d.At(pointer)), "\n") }

func TextsOf(value any) []string {
	switch value := value.(type) {
	case nil:
		return nil
	case []any:
		var all []string
		for _, one := range value {
			all = append(all, TextsOf(one)...)
		}
		return all
	case string:
		return []string{value}
	case int:
		return []string{strconv.Itoa(value)}
	case float64:
		return []string{strconv.FormatFloat(value, 'f', -1, 64)}
	case bool:
		return []string{strconv.FormatBool(value)}
	}
	return nil
}

// A Question asks for one field of a document.
type Question struct {
	Pointer string
	Words   string // key of the label; with "-hint" and "-why" of what explains it
	Kind    string // of the [Field]
	// Shape is the JSON of the answer: "" is a text, or number, bool, lines (a list of texts, one a line), numbers.
	Shape    string
	Options  func(*Visit, Document) ([]Option, error)
	Optional bool
	// Only asks the question only for some documents; nil asks always.
	Only func(Document) bool
	// Args fill the placeholders of the words: pairs of a name and a value.
	Args []any
	// Plain leaves out what explains the question.
	Plain bool

	Class, Autocomplete, Inputmode string
}

// Read takes the answers of a form into the document. A field that the form does not have keeps its value, except choices, which a browser
// omits if nothing is chosen.
func (d Document) Read(questions []Question, form url.Values) {
	for _, q := range questions {
		values, has := form[q.Pointer]
		if q.Only != nil && !q.Only(d) || q.Kind == "fixed" || !has && q.Kind != "checkboxes" && q.Kind != "check" {
			continue
		}
		value := strings.TrimSpace(strings.Join(values, "\n"))
		switch q.Shape {
		case "number":
			if n, err := strconv.Atoi(value); err == nil {
				d.Set(q.Pointer, n)
			} else {
				d.Set(q.Pointer, nil)
			}
		case "bool":
			d.Set(q.Pointer, value == "true")
		case "lines", "numbers":
			list := []any{}
			for one := range strings.FieldsFuncSeq(value, func(r rune) bool { return strings.ContainsRune(" \t\r\n,;，；、", r) }) {
				if n, err := strconv.Atoi(one); err == nil && q.Shape == "numbers" {
					list = append(list, n)
				} else {
					list = append(list, one) // the operation refuses what is no number, with its pointer
				}
			}
			d.Set(q.Pointer, list)
		default:
			d.Set(q.Pointer, value)
		}
	}
}

// Ask returns the fields of questions with the answers of a document, and the findings on them. They become the fields of the page.
func (v *Visit) Ask(questions []Question, d Document) ([]Field, error) {
	for _, q := range questions {
		if q.Only != nil && !q.Only(d) {
			continue
		}
		label, err := v.T(q.Words, q.Args...)
		if err != nil {
			return nil, err
		}
		f := Field{Name: q.Pointer, Kind: q.Kind, Label: label, Value: d.Text(q.Pointer), Optional: q.Optional,
			Class: q.Class, Autocomplete: q.Autocomplete, Inputmode: q.Inputmode}
		if _, has := v.site.files.wordsOf(q.Words + "-hint"); has && !q.Plain {
			if f.Hint, err = v.T(q.Words+"-hint", q.Args...); err != nil {
				return nil, err
			}
		}
		if words, has := v.site.files.wordsOf(q.Words + "-why"); has && !q.Plain {
			f.Why = v.In(words)
		}
		if q.Options != nil {
			if f.Options, err = q.Options(v, d); err != nil {
				return nil, err
			}
			chosen := TextsOf(d.At(q.Pointer))
			for i := range f.Options {
				f.Options[i].Chosen = slices.Contains(chosen, f.Options[i].Value)
			}
			if f.Kind == "fixed" {
				f.Value = f.chosenLabels()
			}
		}
		v.Fields = append(v.Fields, f)
	}
	if v.Problem != nil {
		Attach(v.Fields, v.Problem.Findings)
	}
	return v.Fields, nil
}

// chosenLabels are the labels of the chosen options.
func (f Field) chosenLabels() string {
	var labels []string
	for _, o := range f.Options {
		if o.Chosen {
			labels = append(labels, o.Label)
		}
	}
	return strings.Join(labels, "、")
}

// Rows returns the number of entries of a list.
func (d Document) Rows(list string) int {
	rows, _ := d.At(list).([]any)
	return len(rows)
}

// ReadRows gives a list as many rows as a form has of it, up to a limit.
func (d Document) ReadRows(list string, form map[string][]string, limit int) {
	rows, _ := d.At(list).([]any)
	for name := range form {
		rest, has := strings.CutPrefix(name, list+"/")
		index, _, _ := strings.Cut(rest, "/")
		n, err := strconv.Atoi(index)
		for has && err == nil && n < limit && len(rows) <= n {
			rows = append(rows, map[string]any{})
		}
	}
	if len(rows) > 0 {
		d.Set(list, rows)
	}
}

// DropEmptyRows removes the rows of a list in which nothing was entered.
func (d Document) DropEmptyRows(list string) {
	rows, has := d.At(list).([]any)
	if !has {
		return
	}
	rows = slices.DeleteFunc(slices.Clone(rows), func(row any) bool { return !answered(row) })
	if len(rows) == 0 {
		d.Set(list, nil)
		return
	}
	d.Set(list, rows)
}

// answered reports whether a value has any text or number.
func answered(value any) bool {
	switch value := value.(type) {
	case map[string]any:
		for _, one := range value {
			if answered(one) {
				return true
			}
		}
		return false
	case []any:
		return slices.ContainsFunc(value, answered)
	case string:
		return value != ""
	}
	return value != nil
}
