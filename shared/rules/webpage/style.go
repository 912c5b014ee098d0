package webpage

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

const (
	maxRules   = 5000 // of all style elements
	maxParts   = 8    // compound selectors of a rule
	maxValues  = 200  // declarations in an attribute or a rule
	maxClasses = 50   // of an element
	// maxMatches limits how often an element is compared with a compound selector or gets a declaration. What would need more is taken for visible.
	maxMatches = 2_000_000
)

// properties are those that can hide text.
var properties = map[string]bool{
	"display": true, "visibility": true, "opacity": true, "font-size": true, "color": true, "background": true, "background-color": true,
	"background-image": true, "position": true, "left": true, "top": true, "right": true, "bottom": true, "text-indent": true, "margin-left": true,
	"margin-top": true, "overflow": true, "height": true, "max-height": true, "width": true, "max-width": true, "clip": true, "clip-path": true,
	"transform": true, "font": true,
}

// A declaration is one property of a rule or an attribute.
type declaration struct {
	property, value string
	important       bool
}

// A rule has one selector: compounds from the element outwards.
type rule struct {
	compounds    []compound
	declarations []declaration
	specificity  int
	order        int
}

// A compound is a selector of one element: a#b.c. child says that the next compound is about the parent, not any ancestor.
type compound struct {
	tag, id string
	classes []string
	child   bool
}

// A sheet has the rules of a page, by what their first compound needs: "#id", ".class", a tag, or "*".
type sheet struct {
	rules    map[string][]rule
	count    int
	matches  int // compound selectors that were compared, and declarations that were set
	computed map[*html.Node]map[string]string
	names    map[*html.Node]names
}

// The names of an element are what selectors name it by.
type names struct {
	id      string
	classes []string
}

func newSheet() *sheet {
	return &sheet{rules: map[string][]rule{}, computed: map[*html.Node]map[string]string{}, names: map[*html.Node]names{}}
}

// add adds the rules of a style element. Rules in a block such as @media are left out, because they may not apply.
func (s *sheet) add(css string) {
	css = withoutComments(css)
	for s.count < maxRules {
		open := strings.IndexByte(css, '{')
		if open < 0 {
			return
		}
		selector := strings.TrimSpace(css[strings.LastIndexByte(css[:open], ';')+1 : open]) // after @import …;
		end := blockEnd(css, open)
		if !strings.HasPrefix(selector, "@") {
			s.addRules(selector, css[open+1:end])
		}
		css = css[min(end+1, len(css)):]
	}
}

func withoutComments(css string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(css, "/*")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		b.WriteByte(' ')
		_, css, _ = strings.Cut(rest, "*/")
	}
}

// blockEnd returns the index of the brace that closes the one at open, or the length of the text.
func blockEnd(css string, open int) int {
	depth := 0
	for i := open; i < len(css); i++ {
		switch css[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return len(css)
}

func (s *sheet) addRules(selectors, block string) {
	declarations := parseDeclarations(block)
	if len(declarations) == 0 {
		return
	}
	for selector := range strings.SplitSeq(selectors, ",") {
		r, ok := parseSelector(selector)
		if !ok || s.count >= maxRules {
			continue
		}
		s.count++
		r.declarations, r.order = declarations, s.count
		first, key := r.compounds[0], "*"
		switch {
		case first.id != "":
			key = "#" + first.id
		case len(first.classes) > 0:
			key = "." + first.classes[0]
		case first.tag != "":
			key = first.tag
		}
		s.rules[key] = append(s.rules[key], r)
	}
}

// parseSelector parses a selector of tags, classes and ids with descendants and children. Others are not understood.
func parseSelector(text string) (rule, bool) {
	var r rule
	child := false
	fields := strings.Fields(strings.ReplaceAll(text, ">", " > "))
	if len(fields) > 2*maxParts {
		return rule{}, false
	}
	for i := len(fields) - 1; i >= 0; i-- {
		if fields[i] == ">" {
			if len(r.compounds) == 0 || child {
				return rule{}, false
			}
			child = true
			r.compounds[len(r.compounds)-1].child = true
			continue
		}
		c, specificity, ok := parseCompound(fields[i])
		if !ok {
			return rule{}, false
		}
		child = false
		r.compounds = append(r.compounds, c)
		r.specificity += specificity
	}
	return r, len(r.compounds) > 0 && len(r.compounds) <= maxParts && !child
}

func parseCompound(text string) (c compound, specificity int, ok bool) {
	if strings.ContainsAny(text, ":[+~()\\\"'&") {
		return compound{}, 0, false
	}
	name := text
	if i := strings.IndexAny(text, ".#"); i >= 0 {
		name = text[:i]
	}
	if name != "*" && name != "" {
		c.tag, specificity = strings.ToLower(name), 1
	}
	for rest := text[len(name):]; rest != ""; {
		kind := rest[0]
		end := strings.IndexAny(rest[1:], ".#") + 1
		if end == 0 {
			end = len(rest)
		}
		value := rest[1:end]
		switch {
		case value == "" || kind == '#' && c.id != "":
			return compound{}, 0, false
		case kind == '#':
			c.id = value
			specificity += 10_000
		default:
			c.classes = append(c.classes, value)
			specificity += 100
		}
		rest = rest[end:]
	}
	return c, specificity, true
}

// parseDeclarations returns the declarations that can hide text, with property and value in lower case.
func parseDeclarations(block string) []declaration {
	var all []declaration
	for len(block) > 0 && len(all) < maxValues {
		end := declarationEnd(block)
		property, value, found := strings.Cut(block[:end], ":")
		block = block[min(end+1, len(block)):]
		property, value = strings.ToLower(strings.TrimSpace(property)), strings.ToLower(strings.TrimSpace(value))
		if !found || !properties[property] || value == "" || len(value) > 500 {
			continue
		}
		plain, important := strings.CutSuffix(value, "important")
		if plain = strings.TrimSpace(plain); important && strings.HasSuffix(plain, "!") {
			value = strings.TrimSpace(strings.TrimSuffix(plain, "!"))
		} else {
			important = false
		}
		all = append(all, declaration{property, value, important})
	}
	return all
}

// declarationEnd returns the index of the next semicolon that is not in parentheses or quotes, as in url(data:…;…).
func declarationEnd(block string) int {
	depth, quote := 0, byte(0)
	for i := range len(block) {
		switch c := block[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == ';' && depth <= 0:
			return i
		}
	}
	return len(block)
}

// style returns the values that an element has itself, by property; "" for those that it inherits.
func (s *sheet) style(n *html.Node) map[string]string {
	if known, ok := s.computed[n]; ok {
		return known
	}
	values := map[string]string{}
	strength := map[string]int{} // of the value: importance, specificity, order
	set := func(d declaration, rank int) {
		if d.important {
			rank += 1 << 50
		}
		if now, ok := strength[d.property]; !ok || rank >= now {
			values[d.property], strength[d.property] = d.value, rank
			if d.property == "background" { // the shorthand sets the others
				delete(values, "background-color")
				delete(values, "background-image")
			}
		}
	}
	for _, d := range presentation(n) {
		set(d, -1)
	}
	called := s.namesOf(n)
	keys := []string{"*", n.Data}
	if called.id != "" {
		keys = append(keys, "#"+called.id)
	}
	for _, c := range called.classes {
		keys = append(keys, "."+c)
	}
	for _, key := range keys {
		for _, r := range s.rules[key] {
			if s.match(r, n) {
				s.matches += len(r.declarations)
				for _, d := range r.declarations {
					set(d, r.specificity<<20+r.order)
				}
			}
		}
	}
	for _, d := range parseDeclarations(attribute(n, "style")) {
		set(d, 1<<49)
	}
	s.computed[n] = values
	return values
}

// presentation returns the attributes of HTML that are styles.
func presentation(n *html.Node) []declaration {
	var all []declaration
	for _, a := range n.Attr {
		value := strings.ToLower(strings.TrimSpace(a.Val))
		switch {
		case a.Key == "hidden":
			all = append(all, declaration{property: "display", value: "none"})
		case a.Key == "bgcolor":
			all = append(all, declaration{property: "background-color", value: value})
		case a.Key == "background" && value != "":
			all = append(all, declaration{property: "background-image", value: "url()"})
		case a.Key == "color" && n.DataAtom == atom.Font, a.Key == "text" && n.DataAtom == atom.Body:
			all = append(all, declaration{property: "color", value: value})
		}
	}
	return all
}

// match reports whether a rule is about an element. An ancestor for a descendant selector is the nearest that fits.
func (s *sheet) match(r rule, n *html.Node) bool {
	for i, c := range r.compounds {
		for descendant := i > 0 && !r.compounds[i-1].child; ; n = parent(n) {
			if s.matches++; n == nil || s.matches > maxMatches {
				return false
			}
			if c.matches(n, s.namesOf(n)) {
				break
			} else if !descendant {
				return false
			}
		}
		if i < len(r.compounds)-1 {
			n = parent(n)
		}
	}
	return true
}

func (c compound) matches(n *html.Node, called names) bool {
	if c.tag != "" && c.tag != n.Data || c.id != "" && c.id != called.id {
		return false
	}
	for _, class := range c.classes {
		if !slices.Contains(called.classes, class) {
			return false
		}
	}
	return true
}

// namesOf returns the names of an element; of its classes, the first maxClasses.
func (s *sheet) namesOf(n *html.Node) names {
	if known, ok := s.names[n]; ok {
		return known
	}
	called := names{id: attribute(n, "id")}
	for class := range strings.FieldsSeq(attribute(n, "class")) {
		if len(called.classes) == maxClasses {
			break
		}
		called.classes = append(called.classes, class)
	}
	s.names[n] = called
	return called
}

// parent returns the element around a node; nil for the outermost.
func parent(n *html.Node) *html.Node {
	for n = n.Parent; n != nil && n.Type != html.ElementNode; n = n.Parent {
	}
	return n
}
