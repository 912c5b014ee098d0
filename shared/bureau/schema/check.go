package schema

import (
	"encoding/base64"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"

	"beian/shared/rules/gbk"
)

// Check returns all problems of the values of the structure that v points to. readable are the characters that texts may have.
func Check(root string, readable gbk.Repertoire, v any) Problems {
	c := checker{readable: readable}
	c.path.root = root
	value := reflect.ValueOf(v).Elem()
	c.checkStructure(planOf(value.Type()), ordered, value)
	return c.problems
}

type checker struct {
	collector
	readable gbk.Repertoire
}

func (c *checker) checkStructure(p *plan, order string, v reflect.Value) {
	present := 0
	for i := range p.elements {
		e := &p.elements[i]
		field := v.FieldByIndex(e.field)
		if !field.IsZero() {
			present++
		}
		c.checkElement(e, field)
	}
	if order == oneOf && present != 1 {
		c.report(Choice, "")
	}
	if rules, has := v.Addr().Interface().(Checker); has {
		rules.CheckRules(func(path string, rule Rule, detail string) {
			c.reportAt(strings.TrimSuffix(c.path.String()+"/"+path, "/"), rule, detail)
		})
	}
}

func (c *checker) checkElement(e *element, field reflect.Value) {
	if e.wrap != "" && !e.wrapEach {
		c.path.push(e.wrap, 0)
		defer c.path.pop()
	}
	if !e.slice {
		if !(e.optional() && field.IsZero()) {
			c.checkItem(e, field, 0)
		}
		return
	}
	n := field.Len()
	if n == 0 && e.optional() {
		return
	}
	if n < e.least || n > e.most {
		c.path.push(e.name, 0)
		if n == 0 {
			c.report(Missing, "")
		} else {
			c.report(Count, e.counts())
		}
		c.path.pop()
	}
	for i := range n {
		if e.wrapEach {
			c.path.push(e.wrap, i+1)
			c.checkItem(e, field.Index(i), 0)
			c.path.pop()
			continue
		}
		c.checkItem(e, field.Index(i), i+1)
	}
}

func (c *checker) checkItem(e *element, v reflect.Value, index int) {
	c.path.push(e.name, index)
	defer c.path.pop()
	if e.pointer {
		if v.IsNil() {
			c.report(Missing, "")
			return
		}
		v = v.Elem()
	}
	switch e.kind {
	case structure:
		c.checkStructure(e.children, e.order, v)
	case text:
		c.checkText(e, v.String())
	case integer:
		c.checkInteger(e, v)
	case base64Data:
		length := int64(base64.StdEncoding.EncodedLen(v.Len()))
		switch {
		case length == 0:
			c.report(Missing, "")
		case length > e.high:
			c.report(Size, e.bounds())
		}
	}
}

func (c *checker) checkInteger(e *element, v reflect.Value) {
	var n int64
	if v.CanInt() {
		n = v.Int()
	} else {
		n = int64(v.Uint())
	}
	switch {
	case n == 0 && e.low > 0:
		c.report(Missing, "")
	case n < e.low || n > e.high:
		c.report(Range, e.bounds())
	}
}

func (c *checker) checkText(e *element, s string) {
	length := int64(utf8.RuneCountInString(s))
	switch {
	case s == "" && e.low > 0:
		c.report(Missing, "")
		return
	case length < e.low || length > e.high:
		c.report(Length, e.bounds())
	}
	if bad, found := firstUnsendable(c.readable, s); found {
		c.report(Character, codePoint(bad))
	}
	if e.form != nil && !e.form.fits(s) {
		c.report(Format, e.form.name)
	}
}

// A form is the format of a text (MIIT-IF30 10).
type form struct {
	name string
	fits func(string) bool
}

var forms = map[string]*form{
	"date":   {"YYYY-MM-DD", isDate},
	"time":   {"YYYY-MM-DD with or without a time", func(s string) bool { return isDate(s[:min(len(s), len(time.DateOnly))]) }},
	"phones": {"digits and -, several with ; between", listOf(isPhone)},
	"mails":  {"addresses with @, several with ; between", listOf(isMail)},
}

func isDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

func isPhone(s string) bool { return strings.Trim(s, "0123456789-") == "" }

func isMail(s string) bool {
	name, host, found := strings.Cut(s, "@")
	return found && name != "" && host != "" && !strings.Contains(host, "@")
}

// listOf reports whether every part of a list separated by ";" passes; empty parts do not.
func listOf(passes func(string) bool) func(string) bool {
	return func(list string) bool {
		for one := range strings.SplitSeq(list, ";") {
			if one == "" || !passes(one) {
				return false
			}
		}
		return true
	}
}
