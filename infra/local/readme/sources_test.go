package readme_test

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const sources = ".github/docs/sources.md"

// TestSources: sources.md has a row for each citation in the repository, and no row that nothing cites.
func TestSources(t *testing.T) {
	rows := map[string]bool{}
	for line := range strings.Lines(read(t, sources)) {
		if first, _, ok := strings.Cut(strings.TrimPrefix(line, "| "), " | "); ok && strings.HasPrefix(line, "| `") {
			for _, code := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(first, -1) {
				if rows[code[1]] {
					t.Errorf("%s has two rows for %s", sources, code[1])
				}
				rows[code[1]] = true
			}
		}
	}
	cited := citations(t, slices.Collect(maps.Keys(rows)))
	for _, code := range slices.Sorted(maps.Keys(cited)) {
		if !rows[code] {
			t.Errorf("%s has no row for %s, which %s cites", sources, code, cited[code])
		}
	}
	for _, code := range slices.Sorted(maps.Keys(rows)) {
		if cited[code] == "" {
			t.Errorf("%s has a row for %s, which nothing cites", sources, code)
		}
	}
}

var (
	lineBreak   = regexp.MustCompile(`\n\s*(?://)?\s*`)
	requirement = regexp.MustCompile(`\b([SD])(\d{1,2})\b(?: to [SD](\d{1,2})\b)?`)
	section     = regexp.MustCompile(`\b(icp-filing|MIIT-IF30) (\d+(?:\.\d+)?(?: #\d+)?(?:(?:, | and )\d+\.\d+(?: #\d+)?)*)`)
	sectionPart = regexp.MustCompile(`\d+(?:\.\d+)?(?: #\d+)?`)
	dashedCode  = regexp.MustCompile(`\b[A-Z0-9]+(?:-[A-Za-z0-9]+)+`)
	sourceField = regexp.MustCompile(`"source": "([^"]*)"`)
	note        = regexp.MustCompile(` \([^)]*\)`)
)

// citations returns what the Go, JSON and Markdown files cite, each code with one file that does. S3 is Amazon's. The key of a source,
// such as HW-KB, is found in each field "source" of the rules, and elsewhere if the page has a key with the same beginning.
func citations(t *testing.T, known []string) map[string]string {
	t.Helper()
	families, undashed := map[string]bool{}, []string{}
	for _, code := range known {
		switch family, _, dashed := strings.Cut(code, "-"); {
		case requirement.MatchString(code) || section.MatchString(code):
		case dashed:
			families[family] = true
		default:
			undashed = append(undashed, code)
		}
	}
	cited := map[string]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if name == "node_modules" || name == "testdata" || name == "dist" || strings.HasPrefix(name, ".") && path != root && name != ".github" {
				return filepath.SkipDir
			}
			return nil
		}
		if !slices.Contains([]string{".go", ".md", ".json"}, filepath.Ext(name)) || strings.HasSuffix(path, sources) || name == "sources_test.go" {
			return nil
		}
		file, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		text := lineBreak.ReplaceAllString(string(file), " ")
		for _, m := range requirement.FindAllStringSubmatch(text, -1) {
			from, _ := strconv.Atoi(m[2])
			to, _ := strconv.Atoi(m[3])
			for n := from; n <= max(from, to); n++ {
				if code := m[1] + strconv.Itoa(n); code != "S3" {
					cited[code] = path
				}
			}
		}
		for _, m := range section.FindAllStringSubmatch(text, -1) {
			for _, part := range sectionPart.FindAllString(m[2], -1) {
				cited[m[1]+" "+part] = path
			}
		}
		for _, code := range dashedCode.FindAllString(text, -1) {
			if family, _, _ := strings.Cut(code, "-"); families[family] {
				cited[code] = path
			}
		}
		for _, code := range undashed {
			if strings.Contains(text, code) {
				cited[code] = path
			}
		}
		for _, m := range sourceField.FindAllStringSubmatch(text, -1) {
			for part := range strings.SplitSeq(note.ReplaceAllString(m[1], ""), ", ") {
				if part, _, _ = strings.Cut(part, "〔"); !section.MatchString(part) { // 国办发明电〔2018〕15号 is notice 15 of 2018
					cited[part] = path
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return cited
}
