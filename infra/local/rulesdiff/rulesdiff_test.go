package rulesdiff_test

import (
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"beian/infra/local/rulesdiff"
	"beian/shared/rules/pack"
)

const folder = "../../../shared/rules"

// rules copies the files of this version's rules.
func rules(t *testing.T) fstest.MapFS {
	t.Helper()
	copied := fstest.MapFS{}
	root := os.DirFS(folder)
	err := fs.WalkDir(root, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".json") {
			return err
		}
		text, err := fs.ReadFile(root, path)
		copied[path] = &fstest.MapFile{Data: text}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return copied
}

// TestVersion: the files of this version have the version of its pack.
func TestVersion(t *testing.T) {
	r, err := rulesdiff.OpenVersion(t.Context(), "../../..")
	if err != nil || r.Version != pack.Version() {
		t.Errorf("version %q, %v; want %q", r.Version, err, pack.Version())
	}
	if same := r.Compare(r); len(same) > 0 {
		t.Errorf("a version differs from itself: %v", same)
	}
	p, err := pack.Load()
	if err != nil {
		t.Fatal(err)
	}
	// Every rule is found by its id, but for those whose file lists no ids.
	none := rulesdiff.Rules{}
	var found []string
	for _, d := range none.Compare(r) {
		found = append(found, d.Rule)
	}
	for _, rule := range p.Rules {
		if !slices.Contains([]string{"certificate", "domain"}, rule.Family) && !slices.Contains(found, rule.ID) {
			t.Errorf("rule %s is not in the comparison", rule.ID)
		}
	}
}

// TestCompare: rules that were added, removed and changed, and values without a rule of their own.
func TestCompare(t *testing.T) {
	before, err := rulesdiff.Read(os.DirFS(folder))
	if err != nil {
		t.Fatal(err)
	}
	changed := rules(t)
	edit := func(path, old, new string) {
		t.Helper()
		text := string(changed[path].Data)
		if !strings.Contains(text, old) {
			t.Fatalf("%s has no %s", path, old)
		}
		changed[path] = &fstest.MapFile{Data: []byte(strings.Replace(text, old, new, 1))}
	}
	edit("province/data/12.json", `"12.minimumAge.2"`, `"12.minimumAge.3"`)
	edit("province/data/11.json", `"from": "2020-08-17"`, `"from": "2020-09-01"`)
	edit("preapproval/trades.json", `"hints": ["新闻", "时政",`, `"hints": ["新闻", "快讯",`)
	after, err := rulesdiff.Read(changed)
	if err != nil {
		t.Fatal(err)
	}
	if after.Version == before.Version {
		t.Error("the changed rules have the same version")
	}
	got := map[string]string{}
	for _, d := range before.Compare(after) {
		got[d.Rule] = d.String()
	}
	want := map[string]string{
		"11.sms.1":                     "~ 11.sms.1 北京市：短信核验 / Beijing: verification by SMS code\n      from: \"2020-08-17\" → \"2020-09-01\"",
		"preapproval/trades.json/news": "~ preapproval/trades.json/news 新闻 / News\n      hints: +\"快讯\" -\"时政\"",
	}
	for _, rule := range []string{"12.minimumAge.2", "12.minimumAge.3"} {
		sign := map[string]string{"12.minimumAge.2": "-", "12.minimumAge.3": "+"}[rule]
		if !strings.HasPrefix(got[rule], sign+" "+rule+" 天津市：负责人的最低年龄 / Tianjin: minimum age of leaders\n      from: ") {
			t.Errorf("%s: %q", rule, got[rule])
		}
		delete(got, rule)
	}
	if !maps.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestOpenVersion: what is neither a folder with rules nor a revision is an error that says so.
func TestOpenVersion(t *testing.T) {
	for version, want := range map[string]string{
		"no-such-revision": "neither a folder nor a git revision", "--output=x": "neither a folder nor a git revision", t.TempDir(): "is missing",
	} {
		if _, err := rulesdiff.OpenVersion(t.Context(), version); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", version, err, want)
		}
	}
	damaged := rules(t)
	damaged["sitename/rules.json"] = &fstest.MapFile{Data: []byte("{")}
	if _, err := rulesdiff.Read(damaged); err == nil {
		t.Error("a damaged file is read")
	}
}
