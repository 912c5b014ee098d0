package certificate

import (
	"testing"

	"beian/shared/rules/strictjson/strictjsontest"
)

// TestEachField: the rules without one field of one rule do not load.
func TestEachField(t *testing.T) {
	optional := []string{"until"}
	load := func(text []byte) error { _, err := decode(text); return err }
	if n := strictjsontest.NeedsEachField(t, kindsFile, []string{"source"}, optional, load); n < 60 {
		t.Errorf("%d deletions", n)
	}
}
