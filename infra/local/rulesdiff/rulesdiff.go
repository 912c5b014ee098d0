// Package rulesdiff compares the rules of two versions of Beian, or of two days, and lists the open orders whose verdict changes.
//
//	before, err := rulesdiff.OpenVersion(ctx, "v1.2") // a git revision, or a folder
//	after, err := rulesdiff.Read(os.DirFS("shared/rules"))
//	for _, d := range before.Compare(after) { fmt.Println(d) }
//
// It compares the files of the rules, so it needs no program of the other version. The verdicts of the other version on open orders are those
// that the running system stored when it had that version (ADR 31).
package rulesdiff

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"beian/shared/rules/finding"
	"beian/shared/rules/pack"
)

// files are the files of the rules below shared/rules, in the order of pack.Version.
var files = []string{"province/documents.json", "province/data/*.json", "preapproval/trades.json", "sitename/rules.json", "certificate/kinds.json",
	"domainname/approved.json", "domainname/platforms.json", "codes/tables.json", "app/rules.json", "pack/fixed.json", "finding/catalogue/*.json"}

// Rules are the rules of one version of Beian.
type Rules struct {
	// Version is that of its pack; see pack.Version.
	Version string
	// values are the values by rule. A value that belongs to no rule with an id has the place in its file: "preapproval/trades.json/news".
	values map[string]map[string]string
}

// Read reads the files of shared/rules. It is an error if a file is missing: the version is older than packs of rules.
func Read(root fs.FS) (Rules, error) {
	r := Rules{values: map[string]map[string]string{}}
	hash := sha256.New()
	for _, pattern := range files {
		names, err := fs.Glob(root, pattern)
		if err != nil || len(names) == 0 {
			return Rules{}, errors.Join(fmt.Errorf("%s is missing: this is no folder of rules, or of a version without packs of rules", pattern), err)
		}
		for _, name := range names {
			text, err := fs.ReadFile(root, name)
			if err != nil {
				return Rules{}, err
			}
			hash.Write(text)
			var document any
			d := json.NewDecoder(bytes.NewReader(text))
			d.UseNumber()
			if err := d.Decode(&document); err != nil {
				return Rules{}, fmt.Errorf("%s: %w", name, err)
			}
			r.add(name, "", document)
		}
	}
	r.Version = hex.EncodeToString(hash.Sum(nil)[:8])
	return r, nil
}

// OpenVersion reads the rules of a git revision of the working directory's repository, or of a folder with the files of a version.
func OpenVersion(ctx context.Context, version string) (Rules, error) {
	if info, err := os.Stat(version); err == nil && info.IsDir() {
		root := os.DirFS(version)
		if below, err := fs.Stat(root, "shared/rules"); err == nil && below.IsDir() {
			root = os.DirFS(filepath.Join(version, "shared", "rules"))
		}
		return Read(root)
	}
	if strings.HasPrefix(version, "-") {
		return Rules{}, fmt.Errorf("%q is neither a folder nor a git revision", version)
	}
	git := exec.CommandContext(ctx, "git", "archive", "--format=zip", version, "shared/rules")
	var problem bytes.Buffer
	git.Stderr = &problem
	archive, err := git.Output()
	if err != nil {
		return Rules{}, fmt.Errorf("%q is neither a folder nor a git revision with shared/rules: %s", version, strings.TrimSpace(problem.String()))
	}
	z, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return Rules{}, err
	}
	root, err := fs.Sub(z, "shared/rules")
	if err != nil {
		return Rules{}, err
	}
	return Read(root)
}

// keys name an element of a list that is no rule with an id.
var keys = []string{"id", "trade", "code", "number", "year"}

// add adds a value of a file. The rule is its id or a place in the file, the name that of the value within it.
func (r Rules) add(rule, name string, value any) {
	switch v := value.(type) {
	case map[string]any:
		id, source := v["id"].(string)
		if _, has := v["source"]; source && has {
			rule, name = id, ""
		}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			r.add(rule, strings.TrimPrefix(name+"."+key, "."), v[key])
		}
		return
	case []any:
		if !slices.ContainsFunc(v, func(e any) bool { _, object := e.(map[string]any); return object }) {
			break
		}
		for i, e := range v {
			at := strconv.Itoa(i + 1)
			if object, ok := e.(map[string]any); ok {
				for _, key := range keys {
					if value, has := object[key]; has {
						at = fmt.Sprint(value)
						break
					}
				}
			}
			r.add(strings.TrimSuffix(rule+"/"+strings.ReplaceAll(name, ".", "/"), "/")+"/"+at, "", e)
		}
		return
	}
	if r.values[rule] == nil {
		r.values[rule] = map[string]string{}
	}
	text, _ := json.Marshal(value) // it was JSON
	r.values[rule][name] = string(text)
}

// A Difference is a rule that only one version has, or that has other values.
type Difference struct {
	Rule string
	// Title says in a few words what the rule is about; the zero Words for a place in a file without words.
	Title finding.Words
	// Before and After say whether the earlier and the later version have the rule.
	Before, After bool
	// Values are the differences of its values, as text.
	Values []string
}

// String returns the difference as lines.
func (d Difference) String() string {
	sign := "~"
	switch {
	case !d.Before:
		sign = "+"
	case !d.After:
		sign = "-"
	}
	title := ""
	if d.Title.Chinese != "" {
		title = " " + d.Title.Chinese + " / " + d.Title.English
	}
	return sign + " " + d.Rule + title + strings.Join(append([]string{""}, d.Values...), "\n      ")
}

// Compare returns the differences to a later version, sorted by rule.
func (r Rules) Compare(later Rules) []Difference {
	var found []Difference
	for _, rule := range namesOf(r.values, later.values) {
		before, was := r.values[rule]
		after, is := later.values[rule]
		d := Difference{Rule: rule, Title: titleOf(rule, after, before), Before: was, After: is}
		for _, name := range namesOf(before, after) {
			if before[name] != after[name] && name != "id" {
				d.Values = append(d.Values, name+": "+changeOf(before[name], after[name]))
			}
		}
		if len(d.Values) > 0 || was != is {
			found = append(found, d)
		}
	}
	return found
}

// titleOf returns what a rule is about: what its pack says of its id, else its name or message in the first of its versions with one.
func titleOf(rule string, versions ...map[string]string) finding.Words {
	if title, known := pack.TitleOf(rule); known {
		return title
	}
	for _, values := range versions {
		for _, name := range []string{"name.", "message.", ""} {
			var w finding.Words
			if json.Unmarshal([]byte(values[name+"zh-CN"]), &w.Chinese) == nil && json.Unmarshal([]byte(values[name+"en"]), &w.English) == nil {
				return w
			}
		}
	}
	return finding.Words{}
}

// Describe returns the difference that a rule begins or ends, with its values but for the id and those that are excluded. It is a rule of r.
func (r Rules) Describe(rule string, begins bool, excluded ...string) Difference {
	values := r.values[rule]
	d := Difference{Rule: rule, Title: titleOf(rule, values), Before: !begins, After: begins}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if name != "id" && !slices.Contains(excluded, name) {
			d.Values = append(d.Values, name+": "+values[name])
		}
	}
	return d
}

// namesOf returns the names in either map, sorted.
func namesOf[V any](a, b map[string]V) []string {
	names := slices.AppendSeq(slices.Collect(maps.Keys(a)), maps.Keys(b))
	slices.Sort(names)
	return slices.Compact(names)
}

// changeOf returns the difference of two values in JSON; "" is none. Of lists, it names what was added and removed.
func changeOf(before, after string) string {
	var was, is []json.RawMessage
	if json.Unmarshal([]byte(before), &was) == nil && json.Unmarshal([]byte(after), &is) == nil {
		var changes []string
		for _, list := range []struct {
			sign     string
			of, with []json.RawMessage
		}{{"+", is, was}, {"-", was, is}} {
			for _, e := range list.of {
				if !slices.ContainsFunc(list.with, func(other json.RawMessage) bool { return bytes.Equal(e, other) }) {
					changes = append(changes, list.sign+string(e))
				}
			}
		}
		if len(changes) > 0 {
			return strings.Join(changes, " ")
		}
	}
	switch {
	case before == "":
		return after
	case after == "":
		return "was " + before
	}
	return before + " → " + after
}
