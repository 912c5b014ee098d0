package finding

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sync"
)

// Known reports whether the catalogue has the code.
func (c Code) Known() bool {
	_, known := lookUp(c)
	return known
}

// lookUp returns the entry of a code. It decodes no other entry: decoding all of them takes longer than the rest of a request.
func lookUp(code Code) (Entry, bool) {
	if e, has := decoded.Load(code); has {
		return e.(Entry), true
	}
	text, known := places()[code]
	if !known {
		return Entry{}, false
	}
	var e Entry
	if err := json.NewDecoder(bytes.NewReader(text)).Decode(&e); err != nil { // reads one value; the rest of the file follows it
		panic(fmt.Errorf("catalogue: code %q: %w", code, err)) // excluded by this package's test
	}
	decoded.Store(code, e)
	return e, true
}

// decoded has the entries that were looked up, by code.
var decoded sync.Map

// places returns where each entry begins: the text of its file from there on. It relies on the form of the files, in which the code is an entry's first member; this
// package's test compares the entries with those of [Catalogue].
var places = sync.OnceValue(func() map[Code][]byte {
	names, err := files.ReadDir("catalogue")
	if err != nil {
		panic(err) // embedded
	}
	all := make(map[Code][]byte, 1000)
	for _, name := range names {
		text, err := files.ReadFile("catalogue/" + name.Name())
		if err != nil {
			panic(err) // embedded
		}
		for {
			before, after, found := bytes.Cut(text, []byte(`"code": "`))
			if !found {
				break
			}
			code, _, _ := bytes.Cut(after, []byte(`"`))
			all[Code(code)] = text[bytes.LastIndexByte(before, '{'):]
			text = after
		}
	}
	return all
})
