package schema

import (
	"encoding/base64"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"beian/shared/bureau/markup"
	"beian/shared/rules/gbk"
)

// Declaration returns the beginning of every document: its XML declaration.
func Declaration(readable gbk.Repertoire) string {
	if readable == gbk.GB18030 {
		return `<?xml version="1.0" encoding="GB18030"?>`
	}
	return `<?xml version="1.0" encoding="GBK"?>`
}

// Append appends the document with the root element and the structure that v points to, in GBK or GB18030. The error is [Problems]
// about characters that the receiver cannot read or XML does not allow; other rules are checked by [Check].
func Append(dst []byte, root string, readable gbk.Repertoire, v any) ([]byte, error) {
	w := writer{dst: append(dst, Declaration(readable)...), readable: readable}
	w.path.root = root
	value := reflect.ValueOf(v).Elem()
	p := planOf(value.Type())
	w.dst = append(w.dst, '<')
	w.dst = append(w.dst, root...)
	for _, a := range p.attributes {
		w.dst = append(w.dst, ' ')
		w.dst = append(w.dst, a.name...)
		w.dst = append(w.dst, '=', '"')
		w.writeText(value.FieldByIndex(a.field).String())
		w.dst = append(w.dst, '"')
	}
	w.dst = append(w.dst, '>')
	w.writeStructure(p, value)
	w.closeTag(root)
	return w.dst, w.problems.Err()
}

type writer struct {
	collector
	dst      []byte
	readable gbk.Repertoire
}

func (w *writer) writeStructure(p *plan, v reflect.Value) {
	for i := range p.elements {
		e := &p.elements[i]
		field := v.FieldByIndex(e.field)
		switch {
		case e.slice:
			w.writeList(e, field)
		case e.optional() && field.IsZero():
		default:
			if e.wrap != "" {
				w.openTag(e.wrap)
				w.path.push(e.wrap, 0)
			}
			w.writeItem(e, field, 0)
			if e.wrap != "" {
				w.path.pop()
				w.closeTag(e.wrap)
			}
		}
	}
}

func (w *writer) writeList(e *element, items reflect.Value) {
	if items.Len() == 0 && e.optional() {
		return
	}
	if e.wrap != "" && !e.wrapEach {
		w.openTag(e.wrap)
		w.path.push(e.wrap, 0)
	}
	for i := range items.Len() {
		if !e.wrapEach {
			w.writeItem(e, items.Index(i), i+1)
			continue
		}
		w.openTag(e.wrap)
		w.path.push(e.wrap, i+1)
		w.writeItem(e, items.Index(i), 0)
		w.path.pop()
		w.closeTag(e.wrap)
	}
	if e.wrap != "" && !e.wrapEach {
		w.path.pop()
		w.closeTag(e.wrap)
	}
}

func (w *writer) writeItem(e *element, v reflect.Value, index int) {
	if e.pointer {
		if v.IsNil() {
			return
		}
		v = v.Elem()
	}
	w.openTag(e.name)
	w.path.push(e.name, index)
	switch e.kind {
	case structure:
		w.writeStructure(e.children, v)
	case text:
		w.writeText(v.String())
	case integer:
		if v.CanInt() {
			w.dst = strconv.AppendInt(w.dst, v.Int(), 10)
		} else {
			w.dst = strconv.AppendUint(w.dst, v.Uint(), 10)
		}
	case base64Data:
		w.dst = base64.StdEncoding.AppendEncode(w.dst, v.Bytes())
	}
	w.path.pop()
	w.closeTag(e.name)
}

func (w *writer) openTag(name string) {
	w.dst = append(w.dst, '<')
	w.dst = append(w.dst, name...)
	w.dst = append(w.dst, '>')
}

func (w *writer) closeTag(name string) {
	w.dst = append(w.dst, '<', '/')
	w.dst = append(w.dst, name...)
	w.dst = append(w.dst, '>')
}

var escapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "\r", "&#13;")

func (w *writer) writeText(s string) {
	if bad, found := firstUnsendable(w.readable, s); found {
		w.report(Character, codePoint(bad))
		return
	}
	w.dst, _ = w.readable.Append(w.dst, escapes.Replace(s))
}

// firstUnsendable returns the first character of s that the receiver cannot read or XML forbids.
func firstUnsendable(readable gbk.Repertoire, s string) (rune, bool) {
	for _, c := range s {
		if !markup.Allowed(c) {
			return c, true
		}
	}
	return readable.Check(s)
}

func codePoint(c rune) string { return fmt.Sprintf("%U", c) }
