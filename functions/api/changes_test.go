package api_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Names of schemas that changed when the code was restructured. They named types of the store.
var renamedSchemas = strings.NewReplacer(
	"DynamoIssue", "ExchangeIssue", "DynamoLinkWord", "ExchangeLinkResponse", "DynamoReceived", "ExchangeReceived",
	"DynamoSealing", "ExchangeEncoding", "DynamoSentRecord", "ExchangeSentRecord", "DynamoSent", "ExchangeSent",
	"FilingPapers", "FilingMailedOriginals",
)

// addedPaths are operations that the API had not before the restructuring.
var addedPaths = []string{}

// TestChangesForCallers compares the OpenAPI document with that of before the restructuring. Except for texts, the order of required fields
// and the two lists above, they are equal.
func TestChangesForCallers(t *testing.T) {
	before, after := structure(t, "testdata/before-restructuring.json"), structure(t, "openapi.json")
	paths := after["paths"].(map[string]any)
	for _, path := range addedPaths {
		if paths[path] == nil {
			t.Errorf("%s is not in openapi.json", path)
		}
		delete(paths, path)
	}
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("callers see a change (-before +after):\n%s", diff)
	}
}

// structure reads an OpenAPI document without its texts.
func structure(t *testing.T, file string) map[string]any {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var document map[string]any
	if err := json.Unmarshal([]byte(renamedSchemas.Replace(string(text))), &document); err != nil {
		t.Fatal(err)
	}
	return withoutTexts(document).(map[string]any)
}

func withoutTexts(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for _, text := range []string{"description", "summary"} {
			if _, ok := value[text].(string); ok {
				delete(value, text)
			}
		}
		for name, one := range value {
			value[name] = withoutTexts(one)
		}
		if required, ok := value["required"].([]any); ok {
			slices.SortFunc(required, func(a, b any) int { return strings.Compare(a.(string), b.(string)) })
		}
	case []any:
		for i, one := range value {
			value[i] = withoutTexts(one)
		}
	}
	return value
}
