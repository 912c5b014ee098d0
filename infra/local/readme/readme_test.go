// Package readme_test holds the README to what it says: the filing by hand is done by its own words.
package readme_test

import (
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"beian/infra/local/clock"
	"beian/infra/local/demo"
	"beian/infra/local/scenario"
	"beian/infra/local/system"
	"beian/shared/workflow"
)

const file = "../../../README.md"

// TestByHand runs the section "File one by hand" as a newcomer does, against a system on free ports.
func TestByHand(t *testing.T) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(text), "## File one by hand")
	_, script, found := strings.Cut(section, "```sh\n")
	script, _, closed := strings.Cut(script, "```")
	if !ok || !found || !closed {
		t.Fatal("the README has no section that files by hand")
	}
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(root) // where the engine is found
	folder := t.TempDir()
	s, err := system.Start(t.Context(), system.Config{
		Folder: filepath.Join(folder, "data"), Clock: clock.New(), Staff: demo.Staff, ReviewDelay: 100 * time.Millisecond,
		Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	story, err := demo.New(t.Context(), s, &scenario.World{Portal: s.PortalURL, HTTP: http.DefaultClient, Sent: s.Messages.Sent}, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	if err := story.Codes(t.Context()); err != nil {
		t.Fatal(err)
	}
	place := filepath.Join(folder, "place")
	if err := os.MkdirAll(filepath.Join(place, ".local"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(place, ".local", "sample.jpg"), scenario.Paper("sample", 7), 0o600); err != nil {
		t.Fatal(err)
	}
	hand := exec.Command("bash", "-eu", "-o", "pipefail", "-c", strings.ReplaceAll(script, "http://127.0.0.1:8080", s.PortalURL))
	hand.Dir = place
	out, err := hand.CombinedOutput()
	if err != nil {
		t.Fatalf("by hand: %v\n%s", err, out)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if number := lines[len(lines)-1]; !regexp.MustCompile(`^京ICP备\d{10}号-1$`).MatchString(number) {
		t.Errorf("the last line is %q, no number\n%s", number, out)
	}
}

// TestTable: the table that follows one filing names every state that waits or works on the way, and files that exist.
func TestTable(t *testing.T) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "## Follow one filing")
	table, _, _ := strings.Cut(section, "Two truths")
	for _, task := range workflow.Tasks {
		switch task {
		case "Withdraw", "Abandon", "Reject", "Expire":
			continue // not on the way to a number
		}
		if !strings.Contains(table, "`"+task+"`") {
			t.Errorf("the table lacks the state %s", task)
		}
	}
	for _, match := range regexp.MustCompile("`((?:functions|shared|events|\\.github)/[^`]*)`").FindAllStringSubmatch(string(text), -1) {
		name, _, _ := strings.Cut(match[1], "<")
		if _, err := os.Stat(filepath.Join("../../..", name)); err != nil {
			t.Errorf("the README names %s, which is not there", match[1])
		}
	}
}
