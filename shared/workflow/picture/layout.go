package picture

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"beian/shared/filing"
	"beian/shared/workflow"
)

// A machine has the states and transitions of the definition.
type machine struct {
	order []string // all states: Step, the steps in their order, then the others
	main  int      // the number of states in the main column, at the beginning of order
	edges []transition
}

// An edge is a transition from one state to another.
type edge struct{ from, to string }

// A transition is an edge with the line in which it is drawn.
type transition struct {
	edge
	line lineKind
}

// A lineKind says how a transition is drawn.
type lineKind string

const (
	lineOwn    lineKind = "own"    // a line of the transition alone
	lineResume lineKind = "resume" // from Step to the states at which an execution can start
	lineError  lineKind = "error"  // from all tasks to the states that handle their errors
	lineBack   lineKind = "back"   // back to Step
	lineClosed lineKind = "closed" // from the closings to Closed
)

// start is the state at which every execution begins, and to which it returns.
const start = "Step"

// parsed returns the machine of the definition. It panics if the definition is no state machine; the tests of package workflow check it.
var parsed = sync.OnceValue(func() machine {
	var definition struct {
		States map[string]struct {
			Next, Default  string
			Choices, Catch []struct{ Next string }
		}
	}
	if err := json.Unmarshal([]byte(workflow.Definition), &definition); err != nil {
		panic(err)
	}
	m := machine{order: []string{start}}
	for _, s := range workflow.Steps {
		if s.Name != string(filing.Done) {
			m.order = append(m.order, s.Name)
		}
	}
	m.main = len(m.order)
	for _, name := range side {
		if _, known := definition.States[name]; known {
			m.order = append(m.order, name)
		}
	}
	for _, from := range m.order {
		state := definition.States[from]
		add := func(to string, line lineKind) {
			t := transition{edge{from, to}, line}
			if to != "" && !slices.Contains(m.edges, t) {
				m.edges = append(m.edges, t)
			}
		}
		next := lineOwn
		switch {
		case from == start:
			next = lineResume
		case state.Next == start:
			next = lineBack
		case state.Next == "Closed":
			next = lineClosed
		}
		add(state.Next, next)
		add(state.Default, next)
		for _, choice := range state.Choices {
			add(choice.Next, next)
		}
		for _, caught := range state.Catch {
			line := lineError
			if filing.Step(caught.Next).Optional() {
				line = lineOwn
			}
			add(caught.Next, line)
		}
	}
	return m
})

// side are the states beside the main column, from top to bottom.
var side = []string{"Return", "Pause", "Expire", "Withdraw", "Abandon", "Reject", "Closed"}

// Measures in units of the picture.
const (
	width             = 760
	margin            = 20
	rowHeight         = 54
	boxHeight         = 36
	mainX, mainWidth  = 90, 240
	sideX, sideWidth  = 430, 230
	resumeX, skipX    = 40, 66
	errorX            = 385
	closedX, backX    = 682, 704
	resumeClosingsX   = 730
	radius, decisionR = 4, boxHeight / 2
)

// A box is the place of a state.
type box struct{ x, y, w, h, radius int }

func (b box) middle() int { return b.y + b.h/2 }
func (b box) center() int { return b.x + b.w/2 }

func (m machine) height() int { return 2*margin + rowHeight*m.main - (rowHeight - boxHeight) }

// layout returns the place of each state. The states beside the main column begin at its third row.
func (m machine) layout() map[string]box {
	boxes := map[string]box{}
	for i, name := range m.order[:m.main] {
		b := box{mainX, margin + i*rowHeight, mainWidth, boxHeight, radius}
		if name == start {
			b.radius = decisionR
		}
		boxes[name] = b
	}
	for i, name := range m.order[m.main:] {
		boxes[name] = box{sideX, margin + (i+2)*rowHeight, sideWidth, boxHeight, radius}
	}
	return boxes
}

// A line is drawn for one or more transitions.
type line struct {
	path  string
	edges []edge
	arrow bool
}

func (l line) marker() string {
	if l.arrow {
		return ` marker-end="url(#machine-arrow)"`
	}
	return ""
}

// lines returns the lines between the boxes. A line that several transitions share is followed by its branches to the states.
func (m machine) lines(boxes map[string]box) []line {
	var lines []line
	shared := map[lineKind][]edge{}
	for _, t := range m.edges {
		if t.line != lineOwn {
			shared[t.line] = append(shared[t.line], t.edge)
			continue
		}
		from, to := boxes[t.from], boxes[t.to]
		path := fmt.Sprintf("M%d %dV%d", from.center(), from.y+from.h, to.y-2)
		if to.y > from.y+rowHeight {
			path = fmt.Sprintf("M%d %dH%dV%dH%d", from.x, from.middle(), skipX, to.middle(), to.x-2)
		}
		lines = append(lines, line{path, []edge{t.edge}, true})
	}
	for _, kind := range []lineKind{lineResume, lineError, lineBack, lineClosed} {
		lines = append(lines, m.rail(kind, shared[kind], boxes)...)
	}
	return lines
}

// rail returns the line of a kind with its branches.
func (m machine) rail(kind lineKind, edges []edge, boxes map[string]box) []line {
	var lines []line
	branch := func(arrow bool, edges []edge, format string, args ...any) {
		lines = append(lines, line{fmt.Sprintf(format, args...), edges, arrow})
	}
	toOf := func(name string) []edge {
		return slices.DeleteFunc(slices.Clone(edges), func(e edge) bool { return e.to != name })
	}
	fromOf := func(name string) []edge {
		return slices.DeleteFunc(slices.Clone(edges), func(e edge) bool { return e.from != name })
	}
	s := boxes[start]
	for _, name := range m.order {
		b, to, from := boxes[name], toOf(name), fromOf(name)
		inMain := b.x == mainX
		switch kind {
		case lineResume:
			if len(to) > 0 && inMain {
				branch(true, to, "M%d %dH%dV%dH%d", s.x, s.middle(), resumeX, b.middle(), b.x-2)
			} else if len(to) > 0 {
				branch(true, to, "M%d %dH%dV%dH%d", s.x+s.w, s.middle()-8, resumeClosingsX, b.middle()+8, b.x+b.w+2)
			}
		case lineError:
			if len(from) > 0 && inMain {
				branch(false, from, "M%d %dH%d", b.x+b.w, b.middle(), errorX)
			}
			if len(to) > 0 {
				branch(true, to, "M%d %dV%dH%d", errorX, boxes[m.order[1]].middle(), b.middle(), b.x-2)
			}
		case lineBack:
			if len(from) > 0 {
				branch(true, from, "M%d %dH%dV%dH%d", b.x+b.w, b.middle()-8, backX, s.middle()+8, s.x+s.w+2)
			}
		case lineClosed:
			if len(from) > 0 {
				branch(true, from, "M%d %dH%dV%dH%d", b.x+b.w, b.middle(), closedX, boxes["Closed"].middle(), sideX+sideWidth+2)
			}
		}
	}
	if kind == lineError { // down to the last task
		bottom := 0
		for _, e := range edges {
			if b := boxes[e.from]; b.x == mainX {
				bottom = max(bottom, b.middle())
			}
		}
		branch(false, nil, "M%d %dV%d", errorX, boxes[m.order[1]].middle(), bottom)
	}
	return lines
}

// String returns the transitions, one a line, for tests.
func (m machine) String() string {
	var text strings.Builder
	for _, t := range m.edges {
		fmt.Fprintf(&text, "%s → %s (%s)\n", t.from, t.to, t.line)
	}
	return text.String()
}
