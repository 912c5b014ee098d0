package province

import (
	"testing"

	"beian/shared/rules/strictjson/strictjsontest"
)

// TestEachField: a file of a province, of the nation or of documents without one field of one rule does not load.
func TestEachField(t *testing.T) {
	optional := []string{"until", "for", "exceptEntities", "siteLeader", "filedAbove", "kinds", "provinces"}
	names, err := files.ReadDir("data")
	if err != nil {
		t.Fatal(err)
	}
	deletions := 0
	for _, name := range names {
		text, err := files.ReadFile("data/" + name.Name())
		if err != nil {
			t.Fatal(err)
		}
		load := func(text []byte) error { _, err := decode(text); return err }
		if name.Name() == "national.json" {
			load = func(text []byte) error { return decodeNational(text, &rules{}) }
		}
		t.Run(name.Name(), func(t *testing.T) {
			deletions += strictjsontest.NeedsEachField(t, text, []string{"id"}, optional, load)
		})
	}
	t.Run("documents.json", func(t *testing.T) {
		deletions += strictjsontest.NeedsEachField(t, documentsFile, []string{"id"}, optional, func(text []byte) error { _, err := decodeDocuments(text); return err })
	})
	if deletions < 900 {
		t.Errorf("%d deletions", deletions)
	}
}
