package architecture_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestModule: go.mod groups the direct dependencies under three headings, each dependency with its reason.
func TestModule(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	var headings []string
	for _, block := range regexp.MustCompile(`(?ms)^(// [^\n]*\n)?require \(\n(.*?)^\)`).FindAllSubmatch(text, -1) {
		if heading := strings.TrimSpace(string(block[1])); heading != "" {
			headings = append(headings, heading)
		}
		for line := range strings.Lines(string(block[2])) {
			_, reason, _ := strings.Cut(line, "//")
			if reason == "" || block[1] == nil != (strings.TrimSpace(reason) == "indirect") {
				t.Errorf("go.mod: %s has no reason, or is in the wrong block", strings.TrimSpace(line))
			}
		}
	}
	if want := []string{"// The product: what the functions are built from.", "// Tests and the laptop.", "// The CDK app."}; !slices.Equal(headings, want) {
		t.Errorf("go.mod has the blocks %q, want %q", headings, want)
	}
}
