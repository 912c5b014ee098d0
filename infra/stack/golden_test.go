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

var update = flag.Bool("update", false, "write the golden templates anew")

// hash is the hash of an asset's content, which changes with every build and says nothing about the stack.
var hash = regexp.MustCompile(`\b[0-9a-f]{64}\b`)

// TestGolden compares the default environment's templates with those that were reviewed last.
func TestGolden(t *testing.T) {
	for _, name := range []string{"default-records", "default-system"} {
		doc, err := os.ReadFile(filepath.Join(synth(t), "beian-"+name+".template.json"))
		if err != nil {
			t.Fatal(err)
		}
		var neat bytes.Buffer
		if err := json.Indent(&neat, hash.ReplaceAll(doc, []byte("HASH")), "", " "); err != nil {
			t.Fatal(err)
		}
		neat.WriteByte('\n')
		path := filepath.Join("testdata", "golden", name+".json")
		if *update {
			if err := os.WriteFile(path, neat.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(neat.String(), "\n")); diff != "" {
			t.Errorf("%s differs (-want +got); if that is meant: go test ./infra/stack -run TestGolden -update\n%s", path, diff)
		}
	}
}
