package schema

import (
	"fmt"
	"reflect"
	"regexp"
)

// Redacted replaces a value that a [View] does not show.
const Redacted = "[redacted]"

// MaxViewed is the number of items of all lists of a document that a [View] shows. A document of 50 MB has many more.
const MaxViewed = 500

// A View is a structure for display: elements by name, lists for repeated elements. The last item of a list that is shortened is a view
// with "@more", the number of items that are left out.
type View map[string]any

// ViewOf returns a view of the structure that v points to. It shows integers, which are codes, ids and counts, and texts that match
// the pattern of their element in shown. It never shows data.
func ViewOf(v any, shown map[string]*regexp.Regexp) View {
	value := reflect.ValueOf(v).Elem()
	p := planOf(value.Type())
	w := viewer{shown: shown, left: MaxViewed}
	view := w.view(p, value)
	for _, a := range p.attributes {
		view["@"+a.name] = value.FieldByIndex(a.field).String()
	}
	return view
}

// A viewer creates one view.
type viewer struct {
	shown map[string]*regexp.Regexp
	left  int // items that may still be shown
}

func (w *viewer) view(p *plan, v reflect.Value) View {
	view := View{}
	for i := range p.elements {
		e := &p.elements[i]
		field := v.FieldByIndex(e.field)
		if field.IsZero() && e.optional() {
			continue
		}
		item := func(v reflect.Value) any {
			value := w.value(e, v)
			if e.wrapEach {
				return View{e.name: value}
			}
			return value
		}
		var what any
		if e.slice {
			list := []any{}
			for n := range field.Len() {
				if w.left == 0 {
					list = append(list, View{"@more": field.Len() - n})
					break
				}
				w.left--
				list = append(list, item(field.Index(n)))
			}
			what = list
		} else {
			what = item(field)
		}
		if e.wrap != "" && !e.wrapEach {
			what = View{e.name: what}
		}
		view[e.outerName()] = what
	}
	return view
}

// value returns what the view shows of one value.
func (w *viewer) value(e *element, v reflect.Value) any {
	if e.pointer {
		if v.IsNil() {
			return nil
		}
		v = v.Elem()
	}
	switch {
	case e.kind == structure:
		return w.view(e.children, v)
	case e.kind == integer:
		if readable, is := v.Interface().(fmt.Stringer); is {
			return readable.String()
		}
		return v.Interface()
	case e.kind == text:
		if form := w.shown[e.name]; v.String() == "" || form != nil && form.MatchString(v.String()) {
			return v.String()
		}
	}
	return Redacted
}
