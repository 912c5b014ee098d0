package schema

import (
	"errors"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"beian/shared/bureau/markup"
	"beian/shared/bureau/wire"
)

// ErrTooManyItems is returned for a document with more than MaxItems repeated structures.
var ErrTooManyItems = errors.New("too many repeated elements")

// Decode decodes the document in data into the structure that v points to. It reads texts leniently, see package markup. Problems are deviations of its structure from the
// schema; everything that fits is decoded. The error means that it is not XML, has another root, or has too many items. Rules
// about values are checked by [Check].
func Decode(data []byte, root string, v any) (Problems, error) {
	return decode(data, markup.Detected, root, v)
}

// DecodeUTF8 is [Decode] for a document inside another one, which is UTF-8 regardless of its declaration.
func DecodeUTF8(data []byte, root string, v any) (Problems, error) {
	return decode(data, markup.UTF8, root, v)
}

func decode(data []byte, charset markup.Charset, root string, v any) (Problems, error) {
	xml, err := markup.NewReader(data, charset)
	if err != nil {
		return nil, err
	}
	first, err := xml.Next()
	if err != nil {
		return nil, err
	}
	if first.Kind != markup.Start || first.Name != root {
		return nil, &markup.SyntaxError{Reason: "the root element is not " + root}
	}
	r := reader{xml: xml}
	r.path.root = root
	value := reflect.ValueOf(v).Elem()
	p := planOf(value.Type())
	for _, a := range first.Attributes {
		i := slices.IndexFunc(p.attributes, func(declared attribute) bool { return declared.name == a.Name })
		if i < 0 {
			r.reportAttribute(a.Name)
			continue
		}
		value.FieldByIndex(p.attributes[i].field).SetString(a.Value)
	}
	if err := r.readStructure(p, ordered, value); err != nil {
		return nil, err
	}
	// Nothing may follow the root.
	if _, err := xml.Next(); !errors.Is(err, io.EOF) {
		return nil, err
	}
	return r.problems, nil
}

type reader struct {
	collector
	xml   *markup.Reader
	items int
}

// readStructure reads the rest of a structure whose start tag has been read.
func (r *reader) readStructure(p *plan, order string, v reflect.Value) error {
	seen := make([]int, len(p.elements))
	last := 0
	for {
		token, err := r.xml.Next()
		if err != nil {
			return err
		}
		switch token.Kind {
		case markup.Text:
			if !token.IsSpace() {
				r.report(Format, "text between elements")
			}
			continue
		case markup.End:
			r.reportMissing(p, seen)
			return nil
		}
		i, known := p.byName[token.Name]
		if !known {
			if err := r.skipUnknown(token.Name); err != nil {
				return err
			}
			continue
		}
		e := &p.elements[i]
		seen[i]++
		r.path.push(token.Name, indexOf(e, seen[i]))
		r.reportAttributes(token)
		if order == ordered && i < last {
			r.report(Order, "")
		}
		last = max(last, i)
		if err := r.readElement(e, seen[i], v.FieldByIndex(e.field)); err != nil {
			return err
		}
		r.path.pop()
	}
}

// indexOf returns the index in the path: repeated wraps and elements have one, others have 0.
func indexOf(e *element, n int) int {
	if e.wrapEach || e.wrap == "" && e.slice {
		return n
	}
	return 0
}

func (r *reader) reportMissing(p *plan, seen []int) {
	for i := range p.elements {
		if e := &p.elements[i]; seen[i] == 0 && !e.optional() {
			r.reportAt(r.path.String()+"/"+e.outerName(), Missing, "")
		}
	}
}

// reportAttributes reports the attributes of a start tag, because only the root has any.
func (r *reader) reportAttributes(tag markup.Token) {
	for _, a := range tag.Attributes {
		r.reportAttribute(a.Name)
	}
}

// reportAttribute reports an attribute that the schema does not have. Namespaces and those for schema processors are always allowed.
func (r *reader) reportAttribute(name string) {
	if name == "xmlns" || strings.HasPrefix(name, "xmlns:") || strings.HasPrefix(name, "xsi:") {
		return
	}
	r.reportAt(r.path.String()+"/@"+name, Unknown, "")
}

func (r *reader) skipUnknown(name string) error {
	r.path.push(name, 0)
	r.report(Unknown, "")
	r.path.pop()
	return r.xml.Skip()
}

// readElement reads the nth occurrence of e, or of its wrap, whose start tag has been read.
func (r *reader) readElement(e *element, n int, field reflect.Value) error {
	if e.wrap != "" {
		if n > 1 && !e.wrapEach {
			r.report(Count, "0..1")
			return r.xml.Skip()
		}
		return r.readWrapped(e, field)
	}
	if n > e.most {
		r.report(Count, e.counts())
		return r.xml.Skip()
	}
	return r.readItem(e, field)
}

// readWrapped reads the items in a wrap.
func (r *reader) readWrapped(e *element, field reflect.Value) error {
	for n := 0; ; {
		token, err := r.xml.Next()
		if err != nil {
			return err
		}
		switch {
		case token.Kind == markup.Text:
			if !token.IsSpace() {
				r.report(Format, "text between elements")
			}
		case token.Kind == markup.End && n == 0:
			r.reportAt(r.path.String()+"/"+e.name, Missing, "")
			return nil
		case token.Kind == markup.End:
			return nil
		case token.Name != e.name:
			if err := r.skipUnknown(token.Name); err != nil {
				return err
			}
		default:
			n++
			if err := r.readWrappedItem(e, n, token, field); err != nil {
				return err
			}
		}
	}
}

func (r *reader) readWrappedItem(e *element, n int, tag markup.Token, field reflect.Value) error {
	most := e.most
	if e.wrapEach {
		most = 1
		r.path.push(e.name, 0)
	} else {
		r.path.push(e.name, n)
	}
	defer r.path.pop()
	r.reportAttributes(tag)
	if n > most {
		r.report(Count, e.counts())
		return r.xml.Skip()
	}
	return r.readItem(e, field)
}

// readItem reads one value into field, appending if it is a slice.
func (r *reader) readItem(e *element, field reflect.Value) error {
	if e.slice {
		if r.items++; r.items > MaxItems {
			return ErrTooManyItems
		}
		field.Set(reflect.Append(field, reflect.Zero(field.Type().Elem())))
		field = field.Index(field.Len() - 1)
	}
	if e.pointer {
		field.Set(reflect.New(field.Type().Elem()))
		field = field.Elem()
	}
	if e.kind == structure {
		return r.readStructure(e.children, e.order, field)
	}
	return r.readLeaf(e, field)
}

// readLeaf reads the text of an element without children.
func (r *reader) readLeaf(e *element, field reflect.Value) error {
	var chunk markup.Token
	var parts []string
	for {
		token, err := r.xml.Next()
		if err != nil {
			return err
		}
		switch token.Kind {
		case markup.Start:
			if err := r.skipUnknown(token.Name); err != nil {
				return err
			}
		case markup.Text:
			if chunk.Kind != 0 {
				parts = append(parts, r.xml.String(chunk))
			}
			chunk = token
		case markup.End:
			return r.readValue(e, field, chunk, parts)
		}
	}
}

func (r *reader) readValue(e *element, field reflect.Value, chunk markup.Token, parts []string) error {
	if e.kind == base64Data && len(parts) == 0 {
		if raw, plain := r.xml.Raw(chunk); plain {
			r.readData(field, raw)
			return nil
		}
	}
	value := r.xml.String(chunk)
	if len(parts) > 0 {
		value = strings.Join(append(parts, value), "")
	}
	switch e.kind {
	case text:
		if value == "" && e.low > 0 {
			r.report(Length, e.bounds())
		}
		field.SetString(value)
	case integer:
		r.readInteger(e, field, strings.TrimSpace(value))
	case base64Data:
		r.readData(field, []byte(value))
	}
	return nil
}

// readInteger keeps a number that is out of bounds, because a bureau may use a code that the schema lacks. It reports the number here
// because Check treats 0 as missing.
func (r *reader) readInteger(e *element, field reflect.Value, digits string) {
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		r.report(Format, "not an integer")
		return
	}
	if n < e.low || n > e.high {
		r.report(Range, e.bounds())
	}
	switch {
	case err != nil:
	case field.CanInt():
		field.SetInt(n)
	case n >= 0 && !field.OverflowUint(uint64(n)):
		field.SetUint(uint64(n))
	}
}

func (r *reader) readData(field reflect.Value, base64Text []byte) {
	data, err := wire.DecodeBase64(base64Text)
	switch {
	case err != nil:
		r.report(Format, "not base64")
	case len(data) == 0:
		r.report(Length, "1..")
	default:
		field.SetBytes(data)
	}
}
