// Package strictjsontest tests that a file of rules needs all its fields.
package strictjsontest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// NeedsEachField deletes each field of each rule of a file, one at a time, and fails the test if decode accepts the rest. A rule is an object with one of
// the names. Fields whose absence has a meaning are optional. It returns the number of deletions.
func NeedsEachField(t *testing.T, text []byte, names, optional []string, decode func([]byte) error) (deletions int) {
	t.Helper()
	var document any
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	if err := decode(text); err != nil {
		t.Fatalf("the whole file: %v", err)
	}
	var walk func(value any, pointer string)
	walk = func(value any, pointer string) {
		switch v := value.(type) {
		case []any:
			for i, e := range v {
				walk(e, fmt.Sprintf("%s/%d", pointer, i))
			}
		case map[string]any:
			rule := slices.ContainsFunc(names, func(name string) bool { _, has := v[name]; return has }) || strings.HasSuffix(pointer, "/name")
			for name, was := range v {
				walk(was, pointer+"/"+name)
				if !rule || slices.Contains(optional, name) {
					continue
				}
				delete(v, name)
				rest, err := json.Marshal(document)
				if err != nil {
					t.Fatal(err)
				}
				if deletions++; decode(rest) == nil {
					t.Errorf("without %s/%s the file is accepted", pointer, name)
				}
				v[name] = was
			}
		}
	}
	walk(document, "")
	return deletions
}
