package pack

import (
	"io/fs"
	"os"
	"strings"
	"testing"

	"beian/shared/rules/strictjson"
)

// TestFiles: no file of the rules, their words or their cases has a name twice in one object.
func TestFiles(t *testing.T) {
	checked := 0
	err := fs.WalkDir(os.DirFS(".."), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".json") || strings.Contains(path, "testdata/") {
			return err
		}
		text, err := os.ReadFile("../" + path)
		if err != nil {
			return err
		}
		checked++
		if err := strictjson.Check(text); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		return nil
	})
	if err != nil || checked < 40 {
		t.Errorf("%d files, %v", checked, err)
	}
}
