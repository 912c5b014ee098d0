package readme_test

import (
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestVariables: the table of laptop.md lists the environment variables that the laptop reads.
func TestVariables(t *testing.T) {
	reads := map[string]bool{}
	for _, folder := range []string{"infra/local", "infra/local/system"} {
		files, err := filepath.Glob(filepath.Join(root, folder, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatal(folder, err)
		}
		for _, file := range files {
			if text := read(t, file[len(root):]); !regexp.MustCompile(`_test\.go$`).MatchString(file) {
				for _, m := range regexp.MustCompile(`\b(?:os\.Getenv|os\.LookupEnv|portFromEnv)\("(\w+)"`).FindAllStringSubmatch(text, -1) {
					reads[m[1]] = true
				}
			}
		}
	}
	var listed []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([A-Z_]+)` \\|").FindAllStringSubmatch(read(t, ".github/docs/laptop.md"), -1) {
		listed = append(listed, m[1])
	}
	slices.Sort(listed)
	if diff := cmp.Diff(slices.Sorted(maps.Keys(reads)), listed); diff != "" {
		t.Errorf("the variables of laptop.md differ (-code +page):\n%s", diff)
	}
}
