package dynamodb_test

import (
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	localdynamodb "beian/infra/local/dynamodb"
)

// TestExport: an engine has the rows of another, and those that were added to its export; a row with another kind of attribute is refused.
func TestExport(t *testing.T) {
	modules, err := localdynamodb.FindModules(".")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	file := filepath.Join(folder, "filings.db")
	first := startEngine(t, localdynamodb.Dynoxide{Binary: binary(t), File: file})
	createTable(t, client(first.Endpoint()))
	if err := putItem(t.Context(), client(first.Endpoint()), "ORDER#1", "ORDER"); err != nil {
		t.Fatal(err)
	}
	export, err := localdynamodb.NewExport(t.Context(), first.Endpoint(), filepath.Join(folder, "export"), "Filings")
	if err != nil {
		t.Fatal(err)
	}
	if err := export.Add("Filings", item("ORDER#2", "ORDER", "g")); err != nil {
		t.Fatal(err)
	}
	if err := export.Add("Filings", map[string]types.AttributeValue{"pk": &types.AttributeValueMemberBOOL{Value: true}}); err == nil {
		t.Error("a row with a boolean is accepted")
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if err := export.Import(t.Context(), modules, file); err != nil {
		t.Fatal(err)
	}
	if err := export.Remove(); err != nil {
		t.Error(err)
	}
	second := startEngine(t, localdynamodb.Dynoxide{Binary: binary(t), File: file})
	for _, pk := range []string{"ORDER#1", "ORDER#2"} {
		if !hasItem(t, client(second.Endpoint()), pk, "ORDER") {
			t.Errorf("%s is missing", pk)
		}
	}
}
