package finding

import (
	"encoding/json"
	"fmt"
	"testing"

	"beian/shared/rules/strictjson/strictjsontest"
)

// TestEachField: a file of the catalogue without severity, message or remedy of one entry, in either language, does not load. An entry without source is our own rule, and one
// that is not overridable has no such field.
func TestEachField(t *testing.T) {
	names, err := files.ReadDir("catalogue")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := files.ReadFile("catalogue/" + name.Name())
		if err != nil {
			t.Fatal(err)
		}
		load := func(text []byte) error { _, err := decode(text); return err }
		var entries []json.RawMessage
		if err := json.Unmarshal(text, &entries); err != nil {
			t.Fatal(err)
		}
		for i, e := range entries { // one at a time, because the files are long
			one := fmt.Appendf(nil, "[%s]", e)
			if n := strictjsontest.NeedsEachField(t, one, []string{"code", "zh-CN"}, []string{"source", "overridable"}, load); n < 8 {
				t.Errorf("%s, entry %d: %d deletions", name.Name(), i+1, n)
			}
		}
	}
}
