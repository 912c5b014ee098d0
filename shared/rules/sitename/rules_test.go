package sitename

import (
	"os"
	"path/filepath"
	"testing"
)

func TestDecodeErrors(t *testing.T) {
	names, err := filepath.Glob("testdata/broken-*.json")
	if err != nil || len(names) < 9 {
		t.Fatalf("%d broken files, %v", len(names), err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := decode(text); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}
