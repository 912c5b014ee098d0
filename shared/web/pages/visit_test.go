package pages

import (
	"testing"
	"testing/fstest"
)

// TestPlaceholders: a number that an operation may leave out is a pointer. Its text has the number.
func TestPlaceholders(t *testing.T) {
	minutes := 7
	words := fstest.MapFS{"words/coaching.json": {Data: []byte(`{"minutes": ["{n} 分钟", "{n} minutes"]}`)}}
	v := &Visit{Language: "en", site: &Site{files: newFiles(words)}}
	for _, n := range []any{7, "7", &minutes} {
		if text, err := v.T("coaching.minutes", "n", n); err != nil || text != "7 minutes" {
			t.Errorf("%T: %q, %v", n, text, err)
		}
	}
}

// TestReplacedFiles: a file of a function replaces the one that all functions share, and a file that nothing has is reported.
func TestReplacedFiles(t *testing.T) {
	all := newFiles(
		fstest.MapFS{"assets/a.js": {Data: []byte("1")}, "assets/b.js": {Data: []byte("2")}, "words/home.json": {Data: []byte(`{"title": ["首页", "Home"]}`)}},
		fstest.MapFS{"assets/a.js": {Data: []byte("2")}})
	if a, b := all.hashes.get("a.js"), all.hashes.get("b.js"); a == "" || a != b {
		t.Errorf("the hashes are %q and %q", a, b)
	}
	if _, has := all.wordsOf("home.other"); has {
		t.Error("home.other has words")
	}
	if _, has := all.wordsOf("other.title"); has {
		t.Error("other.title has words")
	}
	v := &Visit{site: &Site{files: all}}
	if address, err := v.Asset("c.js"); err == nil {
		t.Errorf("c.js is at %s", address)
	}
}
