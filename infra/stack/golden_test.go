package stack_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden templates")

// assetHash matches the hash of an asset, which changes with every build.
var assetHash = regexp.MustCompile(`\b[0-9a-f]{64}\b`)

// TestGolden compares the templates of the default environment, and of one in a Region of China, with the reviewed ones.
func TestGolden(t *testing.T) {
	for _, name := range []string{"default-records", "default-system", "china-records", "china-system"} {
		doc, err := os.ReadFile(filepath.Join(synthesisFolder(t), "beian-"+name+".template.json"))
		if err != nil {
			t.Fatal(err)
		}
		var indented bytes.Buffer
		if err := json.Indent(&indented, assetHash.ReplaceAll(doc, []byte("HASH")), "", " "); err != nil {
			t.Fatal(err)
		}
		indented.WriteByte('\n')
		path := filepath.Join("testdata", "golden", name+".json")
		if *update {
			if err := os.WriteFile(path, indented.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(indented.String(), "\n")); diff != "" {
			t.Errorf("%s differs (-want +got); to accept the change: go test ./infra/stack -run TestGolden -update\n%s", path, diff)
		}
	}
}
