package api_test

import (
	"encoding/json"
	"maps"
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
	"FilingPapers", "MailedOriginals", "PageIssue", "PageExchangeIssue",
)

// addedPaths are operations that were added after the restructuring.
var addedPaths = []string{"/evidence-views/{token}", "/orders/{id}/erasure", "/orders/{id}/erasure-request", "/orders/{id}/filing-end", "/orders/{id}/hold", "/orders/{id}/hold/lifting", "/orders/{id}/evidence/explanations", "/orders/{id}/contact", "/orders/{id}/contact-codes", "/orders/{id}/contact-answers",
	"/orders/{id}/staff-reads", "/service-contents", "/site-languages", "/access-modes", "/bureau/code-tables", "/bureau/code-tables/{name}/acceptance"}

// addedSchemas and addedProperties were added with the erasure of personal data, explanations and overrides, the matches of leaders, the
// numbers of apps and mini programs, facts about domains, the change and the verification of an order's contact, the code
// tables, and the errors of API Gateway.
var (
	addedSchemas = []string{"GatewayError", "EraseInputBody", "EndFilingInputBody", "HoldInputBody", "Hold", "Kept", "ExplainInputBody", "Explained", "Explanation", "Override", "OverrideRequest", "RecordedOverride", "DomainFacts", "Match", "OrderLink", "NewContact", "Channel", "ContactAnswer", "ContactCodeInputBody",
		"StaffRead", "PageStaffRead", "CodesCode", "ListCode", "CodeName", "CodeTables", "CodeTable", "CodeTableFile", "CodeTableResult", "CodeChange"}
	addedProperties = map[string][]string{
		"Brief": {"erased"}, "FilingClaim": {"name"}, "Order": {"withheld", "erased", "kept", "holds", "explanations", "matches", "domainFacts", "channels"}, "Summary": {"explanations", "names"},
		"Details": {"explanations"}, "NewOrder": {"explanations"}, "Opening": {"explanations"},
		"FiledSite": {"kind"}, "Verdict": {"overrides"}, "Entry": {"overrides"}, "FindingEntry": {"overridable"}, "FindingFinding": {"overridable"}, "Owed": {"missing"},
		"Ledger": {"next"}, "TimelineOutputBody": {"next"},
	}
)

// changedProperties have other limits since: an upload's content type is checked with findings that say what to do, codes may have words and
// spaces around them, an access mode is checked by the ministry's code table, and a list of uploads cannot be null.
var changedProperties = map[string][]string{"Upload": {"contentType"}, "Uploads": {"slots"}, "Uploaded": {"papers"}, "SMSAnswer": {"code", "tail"},
	"NewOrder": {"province"}, "Opening": {"province"}, "Subject": {"division"}, "Server": {"mode", "placement"}, "InventoryServer": {"mode"}}

// removedProperties were never set: the list of divisions has those of the day only.
var removedProperties = map[string]string{"DivisionDivision": "abolished"}

// deleteDescribed removes what the document did not describe before: the statuses of errors, which were one default, the form of an order's
// id, the pages of its history, and that an Idempotency-Key has no comma, by which API Gateway joins two headers of one name.
func deleteDescribed(document map[string]any) {
	delete(document["components"].(map[string]any), "responses")
	for name, path := range document["paths"].(map[string]any) {
		for _, operation := range path.(map[string]any) {
			operation := operation.(map[string]any)
			maps.DeleteFunc(operation["responses"].(map[string]any), func(status string, _ any) bool { return status[0] != '2' })
			parameters, _ := operation["parameters"].([]any)
			for _, p := range parameters {
				if p := p.(map[string]any); p["in"] == "path" && p["name"] == "id" || p["name"] == "Idempotency-Key" {
					delete(p["schema"].(map[string]any), "pattern")
				}
			}
			if strings.HasSuffix(name, "/ledger") || strings.HasSuffix(name, "/timeline") {
				operation["parameters"] = slices.DeleteFunc(parameters, func(p any) bool { return p.(map[string]any)["name"] == "cursor" })
			}
		}
	}
}

// TestChangesForCallers compares the OpenAPI document with that of before the restructuring. Except for texts, the order of required fields
// the errors, the form of ids and the lists above, they are equal.
func TestChangesForCallers(t *testing.T) {
	before, after := structure(t, "testdata/before-restructuring.json"), structure(t, "openapi.json")
	deleteDescribed(before)
	deleteDescribed(after)
	paths := after["paths"].(map[string]any)
	for _, path := range addedPaths {
		if paths[path] == nil {
			t.Errorf("%s is not in openapi.json", path)
		}
		delete(paths, path)
	}
	schemas := after["components"].(map[string]any)["schemas"].(map[string]any)
	for _, schema := range addedSchemas {
		if schemas[schema] == nil {
			t.Errorf("schema %s is not in openapi.json", schema)
		}
		delete(schemas, schema)
	}
	for schema, added := range addedProperties {
		of := schemas[schema].(map[string]any)
		properties := of["properties"].(map[string]any)
		for _, property := range added {
			if properties[property] == nil {
				t.Errorf("%s.%s is not in openapi.json", schema, property)
			}
			delete(properties, property)
		}
		if required, ok := of["required"].([]any); ok {
			of["required"] = slices.DeleteFunc(required, func(name any) bool { return slices.Contains(added, name.(string)) })
		}
	}
	for schema, property := range removedProperties {
		delete(before["components"].(map[string]any)["schemas"].(map[string]any)[schema].(map[string]any)["properties"].(map[string]any), property)
	}
	for schema, properties := range changedProperties {
		for _, document := range []map[string]any{before, after} {
			for _, property := range properties {
				delete(document["components"].(map[string]any)["schemas"].(map[string]any)[schema].(map[string]any)["properties"].(map[string]any), property)
			}
		}
	}
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("callers see a change (-before +after):\n%s", diff)
	}
}

// structure reads an OpenAPI document without its texts, and without the declarations of who may use an operation on an order.
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
		for _, text := range []string{"description", "summary", "x-owner", "x-reads"} {
			if _, ok := value[text].(string); ok {
				delete(value, text)
			}
		}
		delete(value, "x-claim") // true
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
