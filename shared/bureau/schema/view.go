package schema

import (
	"fmt"
	"reflect"
	"regexp"
)

// Redacted replaces a value that a [View] does not show.
const Redacted = "[redacted]"

// A View is a structure for display: elements by name, lists for repeated elements.
type View map[string]any

// ViewOf returns a view of the structure that v points to. It shows integers, which are codes, ids and counts, and texts that match
// the pattern of their element in shown. It never shows data.
func ViewOf(v any, shown map[string]*regexp.Regexp) View {
	value := reflect.ValueOf(v).Elem()
	p := planOf(value.Type())
	view := viewOf(p, value, shown)
	for _, a := range p.attributes {
		view["@"+a.name] = value.FieldByIndex(a.field).String()
	}
	return view
}

func viewOf(p *plan, v reflect.Value, shown map[string]*regexp.Regexp) View {
	view := View{}
	for i := range p.elements {
		e := &p.elements[i]
		field := v.FieldByIndex(e.field)
		if field.IsZero() && e.optional() {
			continue
		}
		item := func(v reflect.Value) any {
			value := shownValue(e, v, shown)
			if e.wrapEach {
				return View{e.name: value}
			}
			return value
		}
		var what any
		if e.slice {
			list := []any{}
			for n := range field.Len() {
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

// shownValue returns what a view shows of one value.
func shownValue(e *element, v reflect.Value, shown map[string]*regexp.Regexp) any {
	if e.pointer {
		if v.IsNil() {
			return nil
		}
		v = v.Elem()
	}
	switch {
	case e.kind == structure:
		return viewOf(e.children, v, shown)
	case e.kind == integer:
		if readable, is := v.Interface().(fmt.Stringer); is {
			return readable.String()
		}
		return v.Interface()
	case e.kind == text:
		if form := shown[e.name]; v.String() == "" || form != nil && form.MatchString(v.String()) {
			return v.String()
		}
	}
	return Redacted
}
