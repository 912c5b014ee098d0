package interrupted_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestPortTaken checks the errors for ports in use and invalid ports.
func TestPortTaken(t *testing.T) {
	held, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	port := held.Addr().(*net.TCPAddr).Port
	for i, name := range []string{"portal", "AWS", "bureau"} {
		t.Run(name, func(t *testing.T) {
			l := newLaptop(t)
			l.ports[i] = port
			l.wantStartError(nil, fmt.Sprintf("port %d", port), "in use", []string{"PORTAL_PORT", "AWS_PORT", "BUREAU_PORT"}[i])
		})
	}
	t.Run("engine", func(t *testing.T) {
		l := newLaptop(t)
		l.wantStartError(func(c *exec.Cmd) { c.Env = append(c.Env, fmt.Sprintf("DYNAMODB_PORT=%d", port)) }, fmt.Sprint(port), "in use")
	})
	t.Run("no port at all", func(t *testing.T) {
		l := newLaptop(t)
		l.wantStartError(func(c *exec.Cmd) { c.Env = append(c.Env, "PORTAL_PORT=http", "AWS_PORT=70000") }, `PORTAL_PORT="http" is not a port`, `AWS_PORT="70000" is not a port`)
	})
}

// TestEngineMissing checks that the error says what to install.
func TestEngineMissing(t *testing.T) {
	l := newLaptop(t)
	l.wantStartError(func(c *exec.Cmd) { c.Dir = t.TempDir() }, "infra/node_modules", "npm ci")
	empty := t.TempDir()
	if err := os.MkdirAll(filepath.Join(empty, "infra", "node_modules"), 0o700); err != nil {
		t.Fatal(err)
	}
	l.wantStartError(func(c *exec.Cmd) { c.Dir = empty }, "dynoxide", "npm ci")
}

// damaged are the data files of a run.
var damaged = []string{"filings.db", "keys.json", "messages/messages.jsonl", "identity/staff.json", "identity/keys.json",
	"workflow/executions.db", "bureau/journal.jsonl"}

// TestDataCorrupt checks that the error names an unreadable file and that the file is not changed.
func TestDataCorrupt(t *testing.T) {
	l := newLaptop(t)
	l.start()
	l.kill()
	for _, name := range damaged {
		t.Run(name, func(t *testing.T) {
			l.t = t
			file := filepath.Join(l.folder, name)
			good, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			rubbish := []byte("this is no data of ours\n")
			if err := os.WriteFile(file, rubbish, 0o600); err != nil {
				t.Fatal(err)
			}
			l.wantStartError(nil, filepath.Base(name))
			if left, err := os.ReadFile(file); err != nil || string(left) != string(rubbish) {
				t.Errorf("the file was changed: %q, %v", left, err)
			}
			if err := os.WriteFile(file, good, 0o600); err != nil {
				t.Fatal(err)
			}
		})
	}
	l.t = t
	l.start() // it starts again with its own data
	l.kill()
	t.Run("the folder is a file", func(t *testing.T) {
		l := newLaptop(t)
		l.folder = filepath.Join(l.folder, "seeded")
		l.wantStartError(nil, "data folder")
	})
	t.Run("of an earlier version", func(t *testing.T) {
		l := newLaptop(t)
		if err := os.Remove(filepath.Join(l.folder, "layout")); err != nil {
			t.Fatal(err)
		}
		l.wantStartError(nil, l.folder, "another version", "move the folder away")
	})
	t.Run("two at once", func(t *testing.T) {
		first := newLaptop(t)
		first.start()
		second := newLaptop(t)
		second.folder = first.folder
		second.wantStartError(nil, first.folder)
	})
}
