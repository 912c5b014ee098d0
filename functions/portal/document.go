package portal

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"beian/shared/filing"
)

// A document is the body of a request as decoded JSON. Questions name its fields by JSON pointers.
type document map[string]any

// documentOf returns a value as a document. A validity without end has the last day 长期, as certificates print it and as people enter it.
func documentOf(value any) (document, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	var d document
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

// at returns the value at a pointer; nil if there is none.
func (d document) at(pointer string) any { return filing.ValueAt(map[string]any(d), pointer) }

// set sets the value at a pointer. It creates objects on the way, and does nothing below an array's end. nil removes a member.
func (d document) set(pointer string, value any) {
	parent, last := "", pointer
	if i := strings.LastIndexByte(pointer, '/'); i >= 0 {
		parent, last = pointer[:i], pointer[i+1:]
	}
	var in any = map[string]any(d)
	if parent != "" {
		if in = d.at(parent); in == nil {
			in = map[string]any{}
			d.set(parent, in)
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

// text returns the value at a pointer as a form shows it: a list has one entry a line.
func (d document) text(pointer string) string { return strings.Join(textsOf(d.at(pointer)), "\n") }

func textsOf(value any) []string {
	switch value := value.(type) {
	case nil:
		return nil
	case []any:
		var all []string
		for _, one := range value {
			all = append(all, textsOf(one)...)
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

// A question asks for one field of a document.
type question struct {
	pointer string
	words   string // key of the label; with "-hint" and "-why" of what explains it
	kind    string // of the [field]
	// shape is the JSON of the answer: "" is a text, or number, bool, lines (a list of texts, one a line), numbers.
	shape    string
	options  func(*visit, document) ([]option, error)
	optional bool
	// only asks the question only for some documents; nil asks always.
	only func(document) bool
	// args fill the placeholders of the words: pairs of a name and a value.
	args []any
	// plain leaves out what explains the question.
	plain bool

	class, autocomplete, inputmode string
}

// read takes the answers of a form into the document. A field that the form does not have keeps its value, except choices, which a browser
// omits if nothing is chosen.
func (d document) read(questions []question, form url.Values) {
	for _, q := range questions {
		values, has := form[q.pointer]
		if q.only != nil && !q.only(d) || q.kind == "fixed" || !has && q.kind != "checkboxes" && q.kind != "check" {
			continue
		}
		value := strings.TrimSpace(strings.Join(values, "\n"))
		switch q.shape {
		case "number":
			if n, err := strconv.Atoi(value); err == nil {
				d.set(q.pointer, n)
			} else {
				d.set(q.pointer, nil)
			}
		case "bool":
			d.set(q.pointer, value == "true")
		case "lines", "numbers":
			list := []any{}
			for one := range strings.FieldsFuncSeq(value, func(r rune) bool { return strings.ContainsRune(" \t\r\n,;，；、", r) }) {
				if n, err := strconv.Atoi(one); err == nil && q.shape == "numbers" {
					list = append(list, n)
				} else if q.shape == "lines" {
					list = append(list, one)
				}
			}
			d.set(q.pointer, list)
		default:
			d.set(q.pointer, value)
		}
	}
}

// ask returns the fields of questions with the answers of a document, and the findings on them. They become the fields of the page.
func (v *visit) ask(questions []question, d document) ([]field, error) {
	for _, q := range questions {
		if q.only != nil && !q.only(d) {
			continue
		}
		label, err := v.T(q.words, q.args...)
		if err != nil {
			return nil, err
		}
		f := field{Name: q.pointer, Kind: q.kind, Label: label, Value: d.text(q.pointer), Optional: q.optional,
			Class: q.class, Autocomplete: q.autocomplete, Inputmode: q.inputmode}
		if _, has := catalogue[q.words+"-hint"]; has && !q.plain {
			if f.Hint, err = v.T(q.words+"-hint", q.args...); err != nil {
				return nil, err
			}
		}
		if words, has := catalogue[q.words+"-why"]; has && !q.plain {
			f.Why = v.In(words)
		}
		if q.options != nil {
			if f.Options, err = q.options(v, d); err != nil {
				return nil, err
			}
			chosen := textsOf(d.at(q.pointer))
			for i := range f.Options {
				f.Options[i].Chosen = slices.Contains(chosen, f.Options[i].Value)
			}
			if f.Kind == "fixed" {
				f.Value = f.chosenLabels()
			}
		}
		v.fields = append(v.fields, f)
	}
	if v.problem != nil {
		attach(v.fields, v.problem.Findings)
	}
	return v.fields, nil
}

// chosenLabels are the labels of the chosen options.
func (f field) chosenLabels() string {
	var labels []string
	for _, o := range f.Options {
		if o.Chosen {
			labels = append(labels, o.Label)
		}
	}
	return strings.Join(labels, "、")
}
