package readme_test

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"beian/events"
	"beian/shared/process/importing"
	"beian/shared/rules/codes"
)

var update = flag.Bool("update", false, "write the table of columns into import.md")

// importColumns returns the table of all columns of an import.
func importColumns() string {
	var b strings.Builder
	b.WriteString("| Column | | Key | Required | Values |\n| --- | --- | --- | --- | --- |\n")
	for _, c := range importing.Columns() {
		required := ""
		switch {
		case c.Required && c.OfSite:
			required = "in each row"
		case c.Required:
			required = "in the first row of a subject"
		}
		var values []string
		if c.Help.English != "" {
			values = append(values, c.Help.English)
		}
		var words []string
		for _, w := range c.Allowed(codes.Tables{}) {
			words = append(words, w.Chinese)
		}
		if len(words) > 0 {
			values = append(values, strings.Join(words, ", "))
		}
		if len(values) == 0 {
			values = append(values, string(c.Form))
		}
		fmt.Fprintf(&b, "| %s | %s | `%s` | %s | %s |\n", c.Title.Chinese, c.Title.English, c.Key, required, strings.Join(values, ": "))
	}
	return b.String()
}

// TestImportColumns: import.md lists every column of the table, with the words that it takes. To write it: go test ./infra/local/readme -run ImportColumns -update
func TestImportColumns(t *testing.T) {
	const begin, end = "<!-- columns -->\n", "<!-- /columns -->"
	page := read(t, ".github/docs/import.md")
	before, rest, found := strings.Cut(page, begin)
	listed, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatalf("import.md has no %s and %s", begin, end)
	}
	if *update {
		if err := os.WriteFile(filepath.Join(root, ".github/docs/import.md"), []byte(before+begin+importColumns()+end+after), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(importColumns(), listed); diff != "" {
		t.Errorf("the columns of import.md differ (-code +page):\n%s", diff)
	}
}

// TestImportExample: the example of the template, and that of import.md, can be imported beside the sample filings of make run: none has its certificate.
func TestImportExample(t *testing.T) {
	var example string
	for _, c := range importing.Columns() {
		if c.Key == "certificateNumber" {
			example = c.Example
		}
	}
	if !strings.Contains(read(t, ".github/docs/import.md"), example) {
		t.Errorf("import.md does not have the certificate %s of the template", example)
	}
	err := fs.WalkDir(events.Files, ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(events.Files, file)
		if strings.Contains(string(text), example) {
			t.Errorf("%s has the certificate of the import's example", file)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
