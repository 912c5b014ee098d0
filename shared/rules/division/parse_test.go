package division

import (
	"os"
	"path/filepath"
	"testing"
)

func TestParseErrors(t *testing.T) {
	names, err := filepath.Glob("testdata/broken-*.csv")
	if err != nil || len(names) < 6 {
		t.Fatalf("%d broken tables, %v", len(names), err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parse(string(text)); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}
