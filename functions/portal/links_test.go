package portal

import (
	"io/fs"
	"net/http"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
)

// messages are the rendered messages of package notify, one file for each kind and language.
const messages = "../../shared/process/notify/testdata"

// TestLinksHavePages: each link of each message to the portal is the address of a page.
func TestLinksHavePages(t *testing.T) {
	f, link := newFixture(t), regexp.MustCompile(`https://beian\.example\.cn(/[A-Za-z0-9/-]*)`)
	kinds := map[string]bool{}
	err := fs.WalkDir(os.DirFS(messages), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path.Join(messages, name))
		if err != nil {
			return err
		}
		for _, found := range link.FindAllStringSubmatch(string(text), -1) {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, found[1], nil)
			if err != nil {
				return err
			}
			pattern := f.portal.Pattern(r)
			if !strings.HasPrefix(pattern, "GET ") {
				t.Errorf("%s links to %s, which is no page", name, found[1])
			}
			kinds[pattern] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, pattern := range []string{"GET /orders/{id}", "GET /o/{link}", "GET /s/{link}", "GET /f/{link}", "GET /filings/{id}", "GET /revoke"} {
		if !kinds[pattern] {
			t.Errorf("no message links to %s", pattern)
		}
	}
}
