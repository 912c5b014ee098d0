package certificate

import (
	"os"
	"path/filepath"
	"testing"
)

func TestDecodeErrors(t *testing.T) {
	files, err := filepath.Glob("testdata/broken-*.json")
	if err != nil || len(files) < 6 {
		t.Fatalf("%d broken tables, %v", len(files), err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := decode(text); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}
