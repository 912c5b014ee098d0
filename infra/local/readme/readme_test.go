// Package readme_test checks the README and the pages it links to: paths, the Chinese README, the filing by hand, sources, and the
// laptop's variables.
package readme_test

import (
	"log/slog"
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

	"github.com/google/go-cmp/cmp"
)

const root = "../../.."

// TestByHand runs the script of file-by-hand.md against a system on free ports.
func TestByHand(t *testing.T) {
	_, script, found := strings.Cut(read(t, ".github/docs/file-by-hand.md"), "```sh\n")
	script, _, closed := strings.Cut(script, "```")
	if !found || !closed {
		t.Fatal("the page has no script")
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
	d, err := demo.New(t.Context(), s, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	if err := d.IssueCodes(t.Context()); err != nil {
		t.Fatal(err)
	}
	place := filepath.Join(folder, "place")
	if err := os.MkdirAll(filepath.Join(place, ".local"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(place, ".local", "sample.jpg"), scenario.SamplePicture("sample", 7), 0o600); err != nil {
		t.Fatal(err)
	}
	hand := exec.Command("bash", "-eu", "-o", "pipefail", "-c", strings.ReplaceAll(script, "http://127.0.0.1:8080", s.PortalURL))
	hand.Dir = place
	out, err := hand.CombinedOutput()
	if err != nil {
		t.Fatalf("the script of file-by-hand.md: %v\n%s", err, out)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if number := lines[len(lines)-1]; !regexp.MustCompile(`^京ICP备\d{10}号-1$`).MatchString(number) {
		t.Errorf("the last line is %q, not a filing number\n%s", number, out)
	}
}

// TestPaths: the files and folders that the pages name exist.
func TestPaths(t *testing.T) {
	pages, err := filepath.Glob(root + "/.github/*/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range append(pages, root+"/README.md", root+"/.github/README.zh-CN.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range regexp.MustCompile("`((?:functions|shared|events|infra|\\.github)/[^`<*{ ]*)`").FindAllSubmatch(text, -1) {
			if _, err := os.Stat(filepath.Join(root, string(match[1]))); err != nil {
				t.Errorf("%s names %s, which does not exist", page, match[1])
			}
		}
		for _, match := range regexp.MustCompile(`\]\(([^):#]+)\)`).FindAllSubmatch(text, -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(page), string(match[1]))); err != nil {
				t.Errorf("%s links to %s, which does not exist", page, match[1])
			}
		}
	}
}

// TestChinese: the Chinese README has the same headings, list, table, code and links as the English one, in the same order.
func TestChinese(t *testing.T) {
	shape := func(page string) (parts []string) {
		fenced := false
		for line := range strings.Lines(read(t, page)) {
			line = strings.TrimSpace(line)
			if strings.HasPrefix(line, "```") {
				fenced = !fenced
				parts = append(parts, line)
				continue
			}
			switch command, _, _ := strings.Cut(line, " #"); {
			case fenced && strings.HasPrefix(command, "make "):
				parts = append(parts, strings.TrimSpace(command))
			case fenced:
				parts = append(parts, "diagram")
			case strings.HasPrefix(line, "#"):
				parts = append(parts, strings.Repeat("#", strings.Count(line, "#")))
			default:
				parts = append(parts, regexp.MustCompile("^\\d\\.|`[^`]+`").FindAllString(line, -1)...)
				for _, link := range regexp.MustCompile(`\]\(([^)]+)\)`).FindAllStringSubmatch(line, -1) {
					target := filepath.Base(link[1])
					if strings.HasPrefix(target, "README") {
						target = "the other README"
					}
					parts = append(parts, target)
				}
			}
		}
		return parts
	}
	if diff := cmp.Diff(shape("README.md"), shape(".github/README.zh-CN.md")); diff != "" {
		t.Errorf("the two READMEs differ (-English +Chinese):\n%s", diff)
	}
}

func read(t *testing.T, page string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, page))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
