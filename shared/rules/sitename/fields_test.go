package sitename

import (
	"testing"

	"beian/shared/rules/strictjson/strictjsontest"
)

// TestEachField: the rules without one field of one rule do not load.
func TestEachField(t *testing.T) {
	optional := []string{"until", "for", "exceptEntities", "province", "exceptProvince", "ordinary"}
	load := func(text []byte) error { _, err := decode(text); return err }
	if n := strictjsontest.NeedsEachField(t, rulesFile, []string{"id"}, optional, load); n < 60 {
		t.Errorf("%d deletions", n)
	}
}
