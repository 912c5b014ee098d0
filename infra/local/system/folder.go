package system

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// layout is the version of the layout of all data in the folder: tables, keys, files. Increase it with a change after which
// Beian cannot read older data.
const layout = "2"

// layoutFile is the file in the data folder that contains the layout.
const layoutFile = "layout"

// PrepareFolder creates the data folder, or checks that its data have the layout of this version of Beian. [Start] calls it; call
// it before writing into the folder of a system that is not started yet.
func PrepareFolder(folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("the data folder cannot be created: %w", err)
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return fmt.Errorf("the data folder cannot be read: %w", err)
	}
	file := filepath.Join(folder, layoutFile)
	if len(entries) == 0 || len(entries) == 1 && entries[0].Name() == layoutFile { // no data yet
		if err := os.WriteFile(file, []byte(layout+"\n"), 0o600); err != nil {
			return fmt.Errorf("the data folder cannot be written: %w", err)
		}
		return nil
	}
	text, err := os.ReadFile(file)
	found := fmt.Sprintf("%q", strings.TrimSpace(string(text)))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		found = "none"
	case err != nil:
		return fmt.Errorf("the data folder cannot be read: %w", err)
	case strings.TrimSpace(string(text)) == layout:
		return nil
	}
	return fmt.Errorf("the folder %s has data of another version of Beian (layout %s; this version reads layout %q); stop Beian if it still runs there, "+
		"then move the folder away, or delete it with its sample filings, or set DATA to another folder", folder, found, layout)
}
