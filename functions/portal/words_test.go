package portal

import (
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	usedWords   = regexp.MustCompile(`\bT "([a-z-]+\.[A-Za-z0-9-]+)"|\bv\.T\("([a-z-]+\.[A-Za-z0-9-]+)"|words: +"([a-z-]+\.[A-Za-z0-9-]+)"|task: +"([a-z-]+\.[A-Za-z0-9-]+)"`)
	usedPrefix  = regexp.MustCompile(`\(print "([a-z-]+\.[a-z-]*)"|\bv\.T\("([a-z-]+\.[a-z-]*)" ?\+`)
	placeholder = regexp.MustCompile(`\{[a-z-]+\}`)
)

// TestWords: each text exists in both languages with the same placeholders, each that a page uses exists, and each that exists is used.
func TestWords(t *testing.T) {
	for key, words := range catalogue {
		if strings.TrimSpace(words.Chinese) == "" || strings.TrimSpace(words.English) == "" {
			t.Errorf("%s lacks a language", key)
		}
		chinese, english := placeholder.FindAllString(words.Chinese, -1), placeholder.FindAllString(words.English, -1)
		slices.Sort(chinese)
		slices.Sort(english)
		if !slices.Equal(chinese, english) {
			t.Errorf("%s has the placeholders %v in Chinese and %v in English", key, chinese, english)
		}
	}
	used, prefixes := map[string]bool{}, []string{}
	for _, text := range sources(t) {
		for _, found := range usedWords.FindAllStringSubmatch(text, -1) {
			key := strings.Join(found[1:], "")
			if _, has := catalogue[key]; !has {
				t.Errorf("a page uses %q, which has no words", key)
			}
			used[key] = true
		}
		for _, found := range usedPrefix.FindAllStringSubmatch(text, -1) {
			prefixes = append(prefixes, strings.Join(found[1:], ""))
		}
	}
	for key := range catalogue {
		base := strings.TrimSuffix(strings.TrimSuffix(key, "-hint"), "-why")
		if !used[key] && !used[base] && !slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(key, p) }) {
			t.Errorf("no page uses %s", key)
		}
	}
}

// sources returns the templates and the Go files of the package.
func sources(t *testing.T) []string {
	t.Helper()
	var all []string
	err := fs.WalkDir(os.DirFS("."), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(name, "_test.go") || !strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, ".html") {
			return err
		}
		text, err := os.ReadFile(name)
		all = append(all, string(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestTemplates: each page has a title and a main part, and no script or style within the page.
func TestTemplates(t *testing.T) {
	for name, one := range templates() {
		for _, part := range []string{"title", "main"} {
			if one.Lookup(part) == nil {
				t.Errorf("%s has no %s", name, part)
			}
		}
	}
	inline := regexp.MustCompile(`<script>|<style|style="|\son[a-z]+=`)
	for _, text := range sources(t) {
		if found := inline.FindString(text); found != "" && strings.Contains(text, "{{define") {
			t.Errorf("a template has %s within the page, which the content security policy refuses", found)
		}
	}
}
