package system_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"beian/infra/local/system"
)

// TestFolder: Start refuses a folder with the data of another version of Beian, and leaves it unchanged.
func TestFolder(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		want  string // in the error; "" is none
	}{
		"new":                   {nil, ""},
		"empty":                 {map[string]string{}, ""},
		"of this version":       {map[string]string{"layout": "3\n", "filings.db": "data"}, ""},
		"of a readable version": {map[string]string{"layout": "2\n", "filings.db": "data"}, ""},
		"killed while starting": {map[string]string{"layout": ""}, ""},
		"without a layout":      {map[string]string{"filings.db": "data"}, "layout none"},
		"of another layout":     {map[string]string{"layout": "0\n", "filings.db": "data"}, `layout "0"`},
		"of a later layout":     {map[string]string{"layout": "12\n", "keys.json": "data"}, `layout "12"`},
		"with a damaged layout": {map[string]string{"layout": "", "keys.json": "data"}, `layout ""`},
	} {
		t.Run(name, func(t *testing.T) {
			folder := filepath.Join(t.TempDir(), "data")
			if c.files != nil {
				if err := os.Mkdir(folder, 0o700); err != nil {
					t.Fatal(err)
				}
			}
			for name, text := range c.files {
				if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if c.want == "" {
				for range 2 { // the second time, the folder exists
					if err := system.PrepareFolder(folder); err != nil {
						t.Fatal(err)
					}
				}
				if layout, err := os.ReadFile(filepath.Join(folder, "layout")); string(layout) != "3\n" {
					t.Errorf("the file layout has %q, %v", layout, err)
				}
				return
			}
			_, err := system.Start(t.Context(), system.Config{Folder: folder})
			if err == nil {
				t.Fatal("the folder is accepted")
			}
			for _, want := range []string{folder, c.want, "另一个版本", "stop", "move", "delete", "DATA"} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error %q lacks %q", err, want)
				}
			}
			entries, err := os.ReadDir(folder)
			if err != nil || len(entries) != len(c.files) {
				t.Errorf("the folder has %v, %v", entries, err)
			}
		})
	}
}
