package asl

import (
	"encoding/json"
	"fmt"
	"strings"
)

func (p *parser) parallel(s *state, o *object, depth int) {
	s.parameters = o.template("Parameters")
	branches := o.list("Branches")
	if len(branches) == 0 {
		o.problem("Branches", "must hold at least one branch")
	}
	for i, raw := range branches {
		b := p.object(s.name, fmt.Sprintf("Branches[%d]", i), raw)
		b.text("Comment")
		s.branches = append(s.branches, p.level(b, depth+1))
		b.done()
	}
}

// mapping reads a Map, in its present form (ItemProcessor, ItemSelector) or its earlier one (Iterator, Parameters).
func (p *parser) mapping(s *state, o *object, depth int) {
	s.items = o.path("ItemsPath", parsePath)
	if s.items == nil {
		o.problem("ItemsPath", "must not be null")
	}
	s.concurrency = int(o.integer("MaxConcurrency", 0, 0, maxSeconds))
	selector := "ItemSelector"
	if o.has("Parameters") {
		if o.has(selector) {
			o.problem("Parameters", "stands beside ItemSelector")
		}
		selector = "Parameters"
	}
	s.iterationSelector = o.template(selector)

	processor := "ItemProcessor"
	if o.has("Iterator") {
		if o.has(processor) {
			o.problem("Iterator", "stands beside ItemProcessor")
		}
		processor = "Iterator"
	}
	raw := o.raw(processor)
	if raw == nil {
		o.problem("ItemProcessor", "is missing")
		return
	}
	nested := p.object(s.name, processor, raw)
	nested.text("Comment")
	if config := nested.raw("ProcessorConfig"); config != nil && processor == "ItemProcessor" {
		c := p.object(s.name, "ItemProcessor.ProcessorConfig", config)
		if mode := c.text("Mode"); mode != "INLINE" {
			c.problem("Mode", "only INLINE is implemented")
		}
		c.done()
	}
	s.branches = []level{p.level(nested, depth+1)}
	nested.done()
}

func (p *parser) choice(s *state, o *object) {
	choices := o.list("Choices")
	if len(choices) == 0 {
		o.problem("Choices", "must hold at least one rule")
	}
	for i, raw := range choices {
		c := p.object(s.name, fmt.Sprintf("Choices[%d]", i), raw)
		next := c.required("Next")
		c.text("Comment")
		r := p.rule(c)
		r.next = next
		s.choices = append(s.choices, r)
	}
	s.otherwise = o.text("Default")
	if o.has("Default") && s.otherwise == "" {
		o.problem("Default", "must name a state")
	}
}

// rule reads a comparison or a combination of them.
func (p *parser) rule(o *object) (r rule) {
	defer o.done()
	switch {
	case o.has("And"):
		r.and = p.rules(o, "And")
	case o.has("Or"):
		r.or = p.rules(o, "Or")
	case o.has("Not"):
		nested := p.object(o.state, o.place("Not"), o.raw("Not"))
		inner := p.rule(nested)
		r.not = &inner
	default:
		p.comparison(&r, o)
	}
	return r
}

func (p *parser) rules(o *object, field string) []rule {
	list := o.list(field)
	if len(list) == 0 {
		o.problem(field, "must hold at least one rule")
	}
	rules := make([]rule, len(list))
	for i, raw := range list {
		rules[i] = p.rule(p.object(o.state, fmt.Sprintf("%s[%d]", o.place(field), i), raw))
	}
	return rules
}

func (p *parser) comparison(r *rule, o *object) {
	if !o.has("Variable") {
		o.problem("Variable", "is missing")
	}
	r.variable = *o.requiredPath("Variable", parsePath)
	for _, field := range o.order {
		base, isPath := strings.CutSuffix(field, "Path")
		test, isTest := tests[base]
		kind, isKind := kinds[field]
		if !isKind && !(isTest && !(isPath && base == "StringMatches")) {
			continue
		}
		if r.operator != "" {
			o.problem(field, "stands beside %s", r.operator)
			o.raw(field)
			continue
		}
		r.operator = field
		switch {
		case isKind:
			var wanted bool
			o.into(field, &wanted, "true or false")
			r.operand = wanted
			r.test = func(value, operand any) bool { return kind(value) == operand }
		case isPath:
			r.test = test
			r.from = o.requiredPath(field, parsePath)
		default:
			r.test = test
			r.operand = p.operand(o, field)
		}
	}
	if r.operator == "" {
		o.problem("", "a comparison operator is missing")
	}
}

// operand reads what an operator compares with, in the type that its name begins with.
func (p *parser) operand(o *object, field string) any {
	switch {
	case strings.HasPrefix(field, "Numeric"):
		var n json.Number
		if raw := o.raw(field); len(raw) > 0 && raw[0] == '"' {
			o.problem(field, "must be a number")
		} else {
			o.into(field, &n, "a number")
		}
		return n
	case strings.HasPrefix(field, "Boolean"):
		var b bool
		o.into(field, &b, "true or false")
		return b
	}
	text := o.text(field)
	if strings.HasPrefix(field, "Timestamp") {
		if _, err := parseTime(text); err != nil && !o.isNull(field) {
			o.problem(field, "must be a time such as 2016-08-18T17:33:00Z")
		}
	}
	return text
}
