package dump_test

import (
	"archive/tar"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"beian/infra/local/dump"
)

// archiveOf returns an archive with one file.
func archiveOf(t *testing.T, name, content string) *bytes.Buffer {
	t.Helper()
	var out bytes.Buffer
	compressed, err := zstd.NewWriter(&out)
	if err != nil {
		t.Fatal(err)
	}
	w := tar.NewWriter(compressed)
	if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(content))}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := compressed.Close(); err != nil {
		t.Fatal(err)
	}
	return &out
}

// TestRestoreRefuses what is no archive of this version, or would overwrite data. Package upgrade tests a whole archive.
func TestRestoreRefuses(t *testing.T) {
	for name, c := range map[string]struct{ file, content, want string }{
		"an unknown part":       {"pictures/one", "x", "pictures/one"},
		"outside of the folder": {"files/../../one", "x", "outside"},
		"no snapshot":           {"executions.json", "[]", "Snapshot"},
		"a damaged snapshot":    {"executions.json", `{"executions":[{}]}`, "execution 0"},
	} {
		if err := dump.Restore(t.Context(), archiveOf(t, c.file, c.content), t.TempDir()); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "filings.db"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := dump.Restore(t.Context(), archiveOf(t, "files/keys.json", "{}"), full); err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Errorf("a folder with data: %v", err)
	}
}
