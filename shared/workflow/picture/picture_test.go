package picture_test

import (
	"encoding/json"
	"encoding/xml"
	"flag"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"beian/shared/workflow"
	"beian/shared/workflow/picture"
)

var update = flag.Bool("update", false, "write testdata")

// path is that of an order which was returned once and waits for the bureau.
func path() []picture.Visit {
	at := time.Date(2026, 11, 2, 1, 0, 0, 0, time.UTC)
	var visits []picture.Visit
	for _, state := range []string{"Step", "VerifyType", "VerifyProduct", "CollectDetails", "CollectEvidence", "VerifyAuthenticity", "AwaitConfirmation", "InitialReview",
		"Return", "Step", "CollectDetails", "CollectEvidence", "VerifyAuthenticity", "AwaitConfirmation", "InitialReview", "Transmit", "AwaitBureau"} {
		visits = append(visits, picture.Visit{State: state, At: at})
		at = at.Add(3 * time.Hour)
	}
	return visits
}

// TestGolden compares two pictures with testdata; -update writes them.
func TestGolden(t *testing.T) {
	for name, o := range map[string]picture.Options{
		"machine.svg": {Language: "en", Counts: map[string]int{"InitialReview": 12, "AwaitBureau": 40}},
		"path.svg":    {Language: "zh-CN", Path: path(), Current: "AwaitBureau"},
	} {
		got := picture.Draw(o)
		if *update {
			if err := os.WriteFile("testdata/"+name, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile("testdata/" + name)
		if err != nil || got != string(want) {
			t.Errorf("%s differs (%v); look at it and run with -update", name, err)
		}
	}
}

// TestWhole checks that the picture has each state of the definition, with words in both languages, and that it is well-formed.
func TestWhole(t *testing.T) {
	var definition struct{ States map[string]any }
	if err := json.Unmarshal([]byte(workflow.Definition), &definition); err != nil {
		t.Fatal(err)
	}
	for _, language := range []string{"zh-CN", "en"} {
		svg := picture.Draw(picture.Options{Language: language})
		for state := range definition.States {
			if !strings.Contains(svg, `id="state-`+state+`"`) {
				t.Errorf("%s: no state %s", language, state)
			}
			if words := picture.Name(state); words.Chinese == state || words.English == "" {
				t.Errorf("%s has no words", state)
			}
		}
		decoder := xml.NewDecoder(strings.NewReader(svg))
		for {
			if _, err := decoder.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", language, err)
			}
		}
	}
}

// TestPath checks what the picture shows of a path, and that states of another definition are ignored.
func TestPath(t *testing.T) {
	svg := picture.Draw(picture.Options{Language: "en", Path: append(path(), picture.Visit{State: `Gone"><script>`}), Current: "AwaitBureau"})
	for _, want := range []string{
		`<g class="state visited current" id="state-AwaitBureau">`, `▶ Bureau decides`, `✓2× Initial review`, `<g class="state" id="state-Pause">`,
		"Now at: Bureau decides.", "Initial review → Return to a step → Start at the order&#39;s step → Enter the details", "Bureau decides: entered 2026-11-04 09:00",
	} {
		if !strings.Contains(svg, want) {
			t.Errorf("no %q", want)
		}
	}
	if strings.Contains(svg, "Gone") {
		t.Error("a state that the machine does not have is shown")
	}
	if n := strings.Count(svg, `class="edge used"`); n < 12 {
		t.Errorf("%d lines are marked as used", n)
	}
}
