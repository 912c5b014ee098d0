// Package pagestest checks the words and templates of functions with pages.
package pagestest

import (
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"beian/shared/web/pages"
)

var (
	usedWords   = regexp.MustCompile(`\bT "([a-z-]+\.[A-Za-z0-9-]+)"|\bv\.T\("([a-z-]+\.[A-Za-z0-9-]+)"|Words: +"([a-z-]+\.[A-Za-z0-9-]+)"|task: +"([a-z-]+\.[A-Za-z0-9-]+)"`)
	usedPrefix  = regexp.MustCompile(`\(print "([a-z-]+\.[a-z-]*)"|\bv\.T\("([a-z-]+\.[a-z-]*)" ?\+`)
	placeholder = regexp.MustCompile(`\{[a-z-]+\}`)
	inline      = regexp.MustCompile(`<script>|<style|style="|\son[a-z]+=`)
)

// Check checks the words and templates of a site. Each text exists in both languages with the same placeholders, each that a page uses exists, and each
// of the function is used. Each page has a title and a main part, and no script or style within the page. The test runs in the function's folder.
func Check(t *testing.T, site *pages.Site) {
	t.Helper()
	for key, words := range site.Words() {
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
	checkUse(t, site)
	for name, one := range site.Templates() {
		for _, part := range []string{"title", "main"} {
			if one.Lookup(part) == nil {
				t.Errorf("%s has no %s", name, part)
			}
		}
	}
	for _, text := range sources(t) {
		if found := inline.FindString(text); found != "" && strings.Contains(text, "{{define") {
			t.Errorf("a template has %s within the page, which the content security policy refuses", found)
		}
	}
}

// checkUse requires that the words that pages use exist, and that those of the function are used. A file that the function shares with others has a base name of package pages.
func checkUse(t *testing.T, site *pages.Site) {
	t.Helper()
	used, prefixes := map[string]bool{}, []string{}
	for _, text := range sources(t) {
		for _, found := range usedWords.FindAllStringSubmatch(text, -1) {
			key := strings.Join(found[1:], "")
			if _, has := site.Words()[key]; !has {
				t.Errorf("a page uses %q, which has no words", key)
			}
			used[key] = true
		}
		for _, found := range usedPrefix.FindAllStringSubmatch(text, -1) {
			prefixes = append(prefixes, strings.Join(found[1:], ""))
		}
	}
	for key := range site.Words() {
		file, _, _ := strings.Cut(key, ".")
		if _, err := os.Stat("words/" + file + ".json"); err != nil {
			continue
		}
		base := strings.TrimSuffix(strings.TrimSuffix(key, "-hint"), "-why")
		if !used[key] && !used[base] && !slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(key, p) }) {
			t.Errorf("no page uses %s", key)
		}
	}
}

// sources returns the templates and the Go files of the function.
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
