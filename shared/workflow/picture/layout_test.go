package picture

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"beian/shared/workflow"
)

// TestTransitions checks that each transition of the definition is drawn.
func TestTransitions(t *testing.T) {
	var definition struct{ States map[string]map[string]any }
	if err := json.Unmarshal([]byte(workflow.Definition), &definition); err != nil {
		t.Fatal(err)
	}
	m := parsed()
	drawn := map[edge]bool{}
	for _, l := range m.lines(m.layout()) {
		for _, e := range l.edges {
			drawn[e] = true
		}
	}
	for from, state := range definition.States {
		var check func(value any)
		check = func(value any) {
			switch value := value.(type) {
			case []any:
				for _, v := range value {
					check(v)
				}
			case map[string]any:
				for name, v := range value {
					if to, isText := v.(string); isText && (name == "Next" || name == "Default") && !drawn[edge{from, to}] {
						t.Errorf("%s → %s is not drawn; drawn are\n%s", from, to, m)
					}
					check(v)
				}
			}
		}
		check(state)
	}
}

// TestLayout checks that no two boxes overlap, and that all are inside the picture.
func TestLayout(t *testing.T) {
	m := parsed()
	boxes := m.layout()
	var problems []string
	for name, b := range boxes {
		if b.x < 0 || b.y < 0 || b.x+b.w > width || b.y+b.h > m.height() {
			problems = append(problems, fmt.Sprintf("%s is outside", name))
		}
		for other, c := range boxes {
			if name < other && b.x < c.x+c.w && c.x < b.x+b.w && b.y < c.y+c.h && c.y < b.y+b.h {
				problems = append(problems, fmt.Sprintf("%s and %s overlap", name, other))
			}
		}
	}
	if len(problems) > 0 {
		t.Error(strings.Join(problems, "; "))
	}
}
