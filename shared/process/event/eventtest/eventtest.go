// Package eventtest checks events in tests: [Check] reads a body as a receiver of webhooks does, by the SDK of CloudEvents, and validates its data against
// the schema of its type.
package eventtest

import (
	"bytes"
	"testing"

	"github.com/cloudevents/sdk-go/v2/event"
	"github.com/santhosh-tekuri/jsonschema/v6"

	own "beian/shared/process/event"
)

// Check returns the event in a body. It reports an error if the body is not a CloudEvent, or if its data do not fit the schema.
func Check(t testing.TB, body []byte) event.Event {
	t.Helper()
	var e event.Event
	if err := e.UnmarshalJSON(body); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	if err := e.Validate(); err != nil {
		t.Errorf("%s: %v", body, err)
	}
	if err := schemaOf(t, own.Type(e.Type())).Validate(parse(t, e.Data())); err != nil {
		t.Errorf("%s does not fit its schema: %v", body, err)
	}
	return e
}

func schemaOf(t testing.TB, kind own.Type) *jsonschema.Schema {
	t.Helper()
	text, ok := own.Schema(kind)
	if !ok {
		t.Fatalf("%s has no schema", kind)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	const name = "schema.json"
	if err := compiler.AddResource(name, parse(t, text)); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile(name)
	if err != nil {
		t.Fatalf("the schema of %s: %v", kind, err)
	}
	return schema
}

func parse(t testing.TB, text []byte) any {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return value
}
