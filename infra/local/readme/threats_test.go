package readme_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const threats = ".github/docs/threats.md"

// TestThreats: each row of threats.md has three cells and names tests that exist, and each test of infra/local/attacks is named.
func TestThreats(t *testing.T) {
	cited := regexp.MustCompile("`(Test\\w+)` in `([\\w/]+)`")
	named := map[string]bool{}
	rows := 0
	for line := range strings.Lines(read(t, threats)) {
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| ---") || strings.HasPrefix(line, "| Who ") {
			continue
		}
		rows++
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
		tests := cited.FindAllStringSubmatch(cells[len(cells)-1], -1)
		if len(cells) != 3 || len(tests) == 0 {
			t.Errorf("%s: a row has %d cells and names %d tests: %s", threats, len(cells), len(tests), line)
		}
		for _, test := range tests {
			named[test[2]+" "+test[1]] = true
			if !hasTest(t, test[2], test[1]) {
				t.Errorf("%s: %s has no %s", threats, test[2], test[1])
			}
		}
	}
	if rows == 0 {
		t.Errorf("%s has no rows", threats)
	}
	const attacks = "infra/local/attacks"
	for _, file := range testFiles(t, attacks) {
		for _, test := range testFunction.FindAllStringSubmatch(file, -1) {
			if test[1] != "TestMain" && !named[attacks+" "+test[1]] {
				t.Errorf("%s has no row for %s in %s", threats, test[1], attacks)
			}
		}
	}
}

var testFunction = regexp.MustCompile(`(?m)^func (Test\w+)\(t \*testing\.T\)`)

func hasTest(t *testing.T, folder, name string) bool {
	for _, file := range testFiles(t, folder) {
		if strings.Contains(file, "func "+name+"(t *testing.T)") {
			return true
		}
	}
	return false
}

// testFiles returns the texts of a folder's test files.
func testFiles(t *testing.T, folder string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(root, folder, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(text))
	}
	return texts
}
