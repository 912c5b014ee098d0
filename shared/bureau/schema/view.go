package schema

import (
	"fmt"
	"reflect"
	"regexp"
)

// Redacted stands in a [View] for a value that is not shown.
const Redacted = "[redacted]"

// A View is a structure as a person may look at it: elements by their names, lists where they repeat.
type View map[string]any

// ViewOf makes a view of the structure that v points to. Integers are shown: they are codes, ids and counts. Texts are shown
// when their element is among those that may be and they look as such a value does, and data never.
func ViewOf(v any, shown map[string]*regexp.Regexp) View {
	value := reflect.ValueOf(v).Elem()
	p := planOf(value.Type())
	view := viewOf(p, value, shown)
	for _, a := range p.attributes {
		view["@"+a.name] = value.Field(a.field).String()
	}
	return view
}

func viewOf(p *plan, v reflect.Value, shown map[string]*regexp.Regexp) View {
	view := View{}
	for i := range p.elements {
		e := &p.elements[i]
		field := v.Field(e.field)
		if field.IsZero() && e.mayMiss() {
			continue
		}
		item := func(v reflect.Value) any {
			seen := seen(e, v, shown)
			if e.wrapEach {
				return View{e.name: seen}
			}
			return seen
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
		view[e.outer()] = what
	}
	return view
}

// seen is what is shown of one value.
func seen(e *element, v reflect.Value, shown map[string]*regexp.Regexp) any {
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
