package schema

import (
	"fmt"
	"math"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

type kind int

const (
	structure kind = iota
	text
	integer
	base64Data
)

const (
	ordered  = "seq"
	anyOrder = "all"
	oneOf    = "choice"
)

const unbounded = math.MaxInt

// An element is one field of a structure: its place in the document and its type.
type element struct {
	field        []int // index, for reflect.Value.FieldByIndex
	name         string
	wrap         string // the element around it, "" if none
	wrapOptional bool
	wrapEach     bool // each item has a separate wrap
	least, most  int  // occurrences, inside the wrap
	kind         kind
	low, high    int64 // bounds of a length or an integer
	form         *form
	order        string // of the children, for a structure
	children     *plan
	slice        bool
	pointer      bool
}

// outerName returns the name of the parent's child: the wrap, or the element.
func (e *element) outerName() string {
	if e.wrap != "" {
		return e.wrap
	}
	return e.name
}

// optional reports whether the parent may lack it.
func (e *element) optional() bool {
	if e.wrap != "" {
		return e.wrapOptional
	}
	return e.least == 0
}

func (e *element) bounds() string {
	high := ""
	if e.high != math.MaxInt64 {
		high = strconv.FormatInt(e.high, 10)
	}
	return strconv.FormatInt(e.low, 10) + ".." + high
}

func (e *element) counts() string {
	if e.most == unbounded {
		return strconv.Itoa(e.least) + ".."
	}
	return strconv.Itoa(e.least) + ".." + strconv.Itoa(e.most)
}

type plan struct {
	elements   []element
	byName     map[string]int
	attributes []attribute
}

type attribute struct {
	name  string
	field []int
}

var plans sync.Map // reflect.Type → *plan

func planOf(t reflect.Type) *plan {
	if known, ok := plans.Load(t); ok {
		return known.(*plan)
	}
	p := &plan{byName: map[string]int{}}
	for _, field := range reflect.VisibleFields(t) { // those of embedded structs are at their place
		tag, tagged := field.Tag.Lookup("wire")
		if !tagged {
			continue
		}
		if name, is := strings.CutPrefix(tag, "@"); is {
			p.attributes = append(p.attributes, attribute{name, field.Index})
			continue
		}
		e, err := elementOf(tag, field.Type)
		if err != nil {
			panic(fmt.Sprintf("%s.%s: tag %q: %v", t, field.Name, tag, err))
		}
		e.field = field.Index
		p.byName[e.outerName()] = len(p.elements)
		p.elements = append(p.elements, e)
	}
	known, _ := plans.LoadOrStore(t, p)
	return known.(*plan)
}

var tagParts = regexp.MustCompile(
	`^(?:(\w+)([?*]?)/)?(\w+)(\?|\*|\+|\{\d+,\d+\})?(?: (S|L|B)(?:\[(\d*)\.\.(\d*)\])?)?(?: (\w+))?$`)

func elementOf(tag string, t reflect.Type) (element, error) {
	m := tagParts.FindStringSubmatch(tag)
	if m == nil {
		return element{}, fmt.Errorf("does not have the form described in the package comment")
	}
	e := element{
		wrap: m[1], wrapOptional: m[2] != "", wrapEach: m[2] == "*", name: m[3],
		low: parseBound(m[6], 0), high: parseBound(m[7], math.MaxInt64), order: ordered,
	}
	e.least, e.most = parseOccurrence(m[4])
	if e.wrapEach {
		e.most = unbounded
	}
	switch m[5] {
	case "S":
		e.kind = text
	case "L":
		e.kind = integer
	case "B":
		e.kind = base64Data
	}
	switch {
	case m[8] == "":
	case e.kind == structure && (m[8] == anyOrder || m[8] == oneOf):
		e.order = m[8]
	case e.kind == text && forms[m[8]] != nil:
		e.form = forms[m[8]]
	default:
		return element{}, fmt.Errorf("unknown form")
	}
	if t.Kind() == reflect.Slice && !(e.kind == base64Data && t.Elem().Kind() == reflect.Uint8) {
		e.slice, t = true, t.Elem()
	}
	if t.Kind() == reflect.Pointer {
		e.pointer, t = true, t.Elem()
	}
	if e.slice != (e.most > 1) {
		return element{}, fmt.Errorf("the occurrence does not fit the Go type")
	}
	return e, e.checkType(t)
}

// checkType checks the kind against the Go type of one value.
func (e *element) checkType(t reflect.Type) error {
	fits := false
	switch e.kind {
	case structure:
		fits = t.Kind() == reflect.Struct && (e.least > 0 || e.pointer || e.slice)
		if fits {
			e.children = planOf(t)
		}
	case text:
		fits = t.Kind() == reflect.String
	case integer:
		fits = t.Kind() == reflect.Int64 || t.Kind() == reflect.Uint32
	case base64Data:
		fits = t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8
	}
	if !fits {
		return fmt.Errorf("the kind does not fit the Go type %s", t)
	}
	return nil
}

func parseBound(digits string, otherwise int64) int64 {
	if digits == "" {
		return otherwise
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		panic(err)
	}
	return n
}

func parseOccurrence(mark string) (least, most int) {
	switch mark {
	case "":
		return 1, 1
	case "?":
		return 0, 1
	case "*":
		return 0, unbounded
	case "+":
		return 1, unbounded
	}
	low, high, _ := strings.Cut(strings.Trim(mark, "{}"), ",") // as tagParts has it
	return int(parseBound(low, 0)), int(parseBound(high, unbounded))
}
