package readme_test

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const proof = ".github/docs/proof.md"

var (
	askedFor = regexp.MustCompile("^\\| S(\\d+) \\|.*\\| (?:`(Test\\w+)` in `([\\w/]+)`|not built: .*) \\|$")
	askedIDs = regexp.MustCompile(`S(\d+)(?: to S(\d+))?`)
)

// TestProof: proof.md has a row for each of S1 to S29. The test that a row names exists, and its comment names the row.
func TestProof(t *testing.T) {
	seen := map[int]bool{}
	for line := range strings.Lines(read(t, proof)) {
		row := askedFor.FindStringSubmatch(strings.TrimSpace(line))
		if row == nil {
			continue
		}
		id, _ := strconv.Atoi(row[1])
		seen[id] = true
		if test, folder := row[2], row[3]; test != "" && !slices.Contains(namedBy(t, folder, test), id) {
			t.Errorf("%s: the comment of %s in %s does not name S%d", proof, test, folder, id)
		}
	}
	for id := 1; id <= 29; id++ {
		if !seen[id] {
			t.Errorf("%s has no row S%d", proof, id)
		}
	}
}

// namedBy returns the ids of requirements in the comment of a test.
func namedBy(t *testing.T, folder, test string) []int {
	t.Helper()
	comment := regexp.MustCompile(fmt.Sprintf(`(?m)((?:^//.*\n)+)^func %s\(t`, test))
	var named []int
	for _, file := range testFiles(t, folder) {
		for _, found := range comment.FindAllStringSubmatch(file, -1) {
			for _, id := range askedIDs.FindAllStringSubmatch(found[1], -1) {
				first, _ := strconv.Atoi(id[1])
				last := first
				if id[2] != "" {
					last, _ = strconv.Atoi(id[2])
				}
				for n := first; n <= last; n++ {
					named = append(named, n)
				}
			}
		}
	}
	return named
}
