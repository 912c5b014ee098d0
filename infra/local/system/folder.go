package system

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// layout is the version of the layout of all data in the folder: tables, keys, files. Increase it with a change after which the version of Beian
// before cannot read the data, and add the version before to readable if this one can.
const layout = "3"

// readable are the older layouts that this version of Beian reads. Since 3, documents in the tables are compressed, and executions have a journal.
var readable = []string{"2"}

// layoutFile is the file in the data folder that contains the layout.
const layoutFile = "layout"

// PrepareFolder creates the data folder, or checks that this version of Beian reads the layout of its data. From then on an older version refuses the
// folder. [Start] calls it; call it before writing into the folder of a system that is not started yet.
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
	case slices.Contains(readable, strings.TrimSpace(string(text))):
		return replaceLayout(file)
	}
	return fmt.Errorf("文件夹 %s 中的数据来自 Beian 的另一个版本（格式 %s，本版本的格式是 %q）：如果 Beian 还在那里运行，请先停止；然后移走这个文件夹，或连同示例备案一起删除，或用 DATA 指定另一个文件夹。\n"+
		"the folder %s has data of another version of Beian (layout %s; this version reads %s); stop Beian if it still runs there, "+
		"then move the folder away, or delete it with its sample filings, or set DATA to another folder", folder, found, layout, folder, found, readableText())
}

func readableText() string { return strings.Join(append(slices.Clone(readable), layout), ", ") }

// replaceLayout writes the layout of this version. A crash leaves the old file or the new one.
func replaceLayout(file string) error {
	next := file + ".new"
	if err := errors.Join(os.WriteFile(next, []byte(layout+"\n"), 0o600), os.Rename(next, file)); err != nil {
		return fmt.Errorf("the data folder cannot be written: %w", err)
	}
	return nil
}
