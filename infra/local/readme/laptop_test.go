package readme_test

import (
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"beian/infra/local/demo"
	"beian/shared/filing"

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
				for _, m := range regexp.MustCompile(`\b(?:os\.Getenv|os\.LookupEnv|portFromEnv|switchFromEnv)\("(\w+)"`).FindAllStringSubmatch(text, -1) {
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

// TestSampleLogins: laptop.md lists the login of each sample applicant, and where the application waits.
func TestSampleLogins(t *testing.T) {
	samples, err := demo.Samples()
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, s := range samples {
		state := "filed"
		if s.Step != filing.Done {
			state = "waits at `" + string(s.Step) + "`"
		}
		want = append(want, "| `"+s.Login+"` | "+state+" |")
	}
	listed := regexp.MustCompile("(?m)^\\| `[^`]+` \\| (?:filed|waits at .*) \\|$").FindAllString(read(t, ".github/docs/laptop.md"), -1)
	if diff := cmp.Diff(want, listed); diff != "" {
		t.Errorf("the logins of laptop.md differ (-samples +page):\n%s", diff)
	}
}
