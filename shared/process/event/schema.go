package event

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"sync"
)

//go:embed schemas.json
var schemaFile []byte

var schemas = sync.OnceValue(func() map[Type]json.RawMessage {
	var file struct {
		Defs  map[string]json.RawMessage `json:"$defs"`
		Types map[Type]struct {
			Title, Description string
			Ref                string `json:"$ref"`
		}
	}
	if err := json.Unmarshal(schemaFile, &file); err != nil {
		panic(err) // the embedded file is tested
	}
	all := map[Type]json.RawMessage{}
	for t, one := range file.Types {
		all[t] = mustMarshal(struct {
			Schema      string                     `json:"$schema"`
			Title       string                     `json:"title"`
			Description string                     `json:"description"`
			Ref         string                     `json:"$ref"`
			Defs        map[string]json.RawMessage `json:"$defs"`
		}{"https://json-schema.org/draft/2020-12/schema", one.Title, one.Description, one.Ref, used(file.Defs, one.Ref)})
	}
	return all
})

// used returns the definitions that a reference leads to.
func used(defs map[string]json.RawMessage, ref string) map[string]json.RawMessage {
	all := map[string]json.RawMessage{}
	queue := []string{ref}
	for len(queue) > 0 {
		text := queue[0]
		queue = queue[1:]
		for name, def := range defs {
			if _, done := all[name]; !done && bytes.Contains([]byte(text), []byte("#/$defs/"+name)) {
				all[name] = def
				queue = append(queue, string(def))
			}
		}
	}
	return all
}

// Schema returns the JSON Schema (draft 2020-12) of the data of a type of event; ok is false for an unknown type.
func Schema(t Type) (schema json.RawMessage, ok bool) {
	schema, ok = schemas()[t]
	return schema, ok
}
