package finding_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"beian/shared/rules/finding"
)

var (
	declaration = regexp.MustCompile(`\b(?:finding\.)?Code = "([a-z0-9-]+)"`)
	inCatalogue = regexp.MustCompile(`"code": "([a-z0-9-]+)"`)
)

// TestCodesAndWords compares the catalogue with the repository's source: each code is declared once and has words. Codes for the
// bureau's result codes are built from the number (bureau-1003), so no constant declares them.
func TestCodesAndWords(t *testing.T) {
	declared := map[string][]string{}
	err := filepath.WalkDir("../../..", func(path string, entry os.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "node_modules" || entry.Name() == "catalogue" || strings.HasPrefix(entry.Name(), ".") && path != "../../.."):
			return filepath.SkipDir
		case !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range declaration.FindAllStringSubmatch(string(text), -1) {
			declared[m[1]] = append(declared[m[1]], path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	entries := finding.Catalogue()
	for _, e := range entries {
		if code := string(e.Code); len(declared[code]) == 0 && !strings.HasPrefix(code, "bureau-") {
			t.Errorf("the catalogue has words for %s, which no rule declares", code)
		}
	}
	for code, paths := range declared {
		if len(paths) > 1 {
			t.Errorf("%s is declared in %s", code, paths)
		}
		if !slices.ContainsFunc(entries, func(e finding.Entry) bool { return string(e.Code) == code }) {
			t.Errorf("%s, declared in %s, has no words", code, paths[0])
		}
	}
}

// TestMessagesDiffer checks that no two codes have the same message.
func TestMessagesDiffer(t *testing.T) {
	said := map[string]finding.Code{}
	for _, e := range finding.Catalogue() {
		for _, words := range []string{e.Message.Chinese, e.Message.English} {
			if other, twice := said[words]; twice && !strings.HasPrefix(string(e.Code), "bureau-") {
				t.Errorf("%s and %s have the same message", e.Code, other)
			}
			said[words] = e.Code
		}
	}
}

var placeholder = regexp.MustCompile(`\{[a-z-]+\}`)

// TestWords checks that each entry has Chinese and English texts, each in its own script.
func TestWords(t *testing.T) {
	han := func(s string) bool {
		return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) })
	}
	for _, e := range finding.Catalogue() {
		for _, w := range []finding.Words{e.Message, e.Remedy} {
			if !han(placeholder.ReplaceAllString(w.Chinese, "示")) || w.In("zh-CN") != w.Chinese || w.In("en-GB") != w.English || w.In("") != w.Chinese {
				t.Errorf("%s: %q", e.Code, w.Chinese)
			}
			for _, text := range []string{w.Chinese, w.English} {
				if strings.TrimSpace(text) != text || strings.HasSuffix(text, "!") || strings.HasSuffix(text, "！") {
					t.Errorf("%s: %q", e.Code, text)
				}
			}
		}
	}
}

func TestNew(t *testing.T) {
	f := finding.New("text-too-long", "/remark", "max", "40", "odd")
	if f.Severity != finding.Block || !strings.Contains(f.Message.Chinese, "40") || placeholder.MatchString(f.Message.English) {
		t.Errorf("%+v", f)
	}
	f = finding.New("no such code", "/x")
	if f.Severity != finding.Block || f.Message.Chinese == "" || f.Remedy.English == "" {
		t.Errorf("finding for an unknown code: %+v", f)
	}
	list := finding.List{finding.New("bureau-unreachable", ""), finding.New("text-too-long", "/a")}
	if !list.Blocking() || list[:1].Blocking() || !list.Has("text-too-long") || list.Has("x") {
		t.Error("Blocking or Has is wrong")
	}
	if moved := list.Under("/b"); moved[1].Pointer != "/b/a" || list[1].Pointer != "/a" {
		t.Errorf("Under returns the pointer %s", moved[1].Pointer)
	}
}

// TestLookUp: an entry that is looked up by itself is that of the whole catalogue, and no other code is known.
func TestLookUp(t *testing.T) {
	all := finding.Catalogue()
	for _, e := range all {
		if f := finding.New(e.Code, ""); !e.Code.Known() || f.Severity != e.Severity || f.Message != e.Message || f.Remedy != e.Remedy || e.Code.Source() != e.Source || e.Code.Overridable() != e.Overridable {
			t.Errorf("%s is looked up as %+v", e.Code, f)
		}
	}
	if n := finding.Places(); n != len(all) {
		t.Errorf("%d places for %d entries", n, len(all))
	}
	if finding.Code("no-such-code").Known() || finding.Code("").Known() {
		t.Error("a code that does not exist is known")
	}
}

// TestFiles checks that each catalogue file is a list of entries, formatted line by line.
func TestFiles(t *testing.T) {
	files, err := filepath.Glob("catalogue/*.json")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var list []json.RawMessage
		if err := json.Unmarshal(text, &list); err != nil || len(list) != len(inCatalogue.FindAllString(string(text), -1)) {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// TestWithoutArguments: every text of the catalogue is recognised with arguments, which are cut out; a text of somebody else is not.
func TestWithoutArguments(t *testing.T) {
	names := regexp.MustCompile(`\{([a-z-]+)\}`)
	for _, e := range finding.Catalogue() {
		var args []string
		for _, name := range names.FindAllStringSubmatch(e.Message.Chinese+e.Message.English+e.Remedy.Chinese+e.Remedy.English, -1) {
			args = append(args, name[1], "点此 evil.example.com")
		}
		f := finding.New(e.Code, "/a", args...)
		plain, ok := f.WithoutArguments()
		texts := plain.Message.Chinese + plain.Message.English + plain.Remedy.Chinese + plain.Remedy.English
		if !ok || strings.Contains(texts, "evil") || strings.Contains(texts, "{") || plain.Pointer != "/a" || plain.Severity != f.Severity || len(args) == 0 && plain != f {
			t.Errorf("%s: %v %+v", e.Code, ok, plain)
		}
		if f.Message.Chinese += "点此"; len(args) == 0 {
			if _, ok := f.WithoutArguments(); ok {
				t.Errorf("%s: the text of somebody else is taken for the catalogue's", e.Code)
			}
		}
	}
}
