package preapproval

import (
	"os"
	"path/filepath"
	"testing"
)

func TestDecodeErrors(t *testing.T) {
	names, err := filepath.Glob("testdata/broken-*.json")
	if err != nil || len(names) < 10 {
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
	good, err := os.ReadFile("testdata/good.json")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := decode(good); err != nil {
		t.Errorf("good.json: %v; the broken files differ from it in one point each", err)
	}
}
