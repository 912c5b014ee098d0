package finding

import (
	"embed"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"beian/shared/rules/strictjson"
)

//go:embed catalogue/*.json
var files embed.FS

// An Entry is the catalogue's severity and texts for a code.
type Entry struct {
	Code     Code     `json:"code"`
	Severity Severity `json:"severity"`
	// Overridable says that a reviewer may override the rule, which blocks, after the applicant has explained why it does not fit. Rules
	// of identity and of the bureau's interface are not overridable (ADR 15).
	Overridable bool  `json:"overridable,omitempty" doc:"whether a reviewer may override the rule, if the applicant explains why it does not fit"`
	Message     Words `json:"message"`
	Remedy      Words `json:"remedy"`
	// Source is the origin of the rule (MIIT-IF30, HW-KB, GB 11643 …); "" for our own rules.
	Source string `json:"source,omitempty"`
}

var unknownEntry = Entry{
	Severity: Block,
	Message:  Words{"这一项有问题。", "Something is wrong here."},
	Remedy:   Words{"请联系客服。", "Please contact support."},
}

var catalogue = sync.OnceValue(mustLoad)

// Catalogue returns every entry, ordered by code.
func Catalogue() []Entry {
	known := catalogue()
	entries := make([]Entry, 0, len(known))
	for _, code := range slices.Sorted(maps.Keys(known)) {
		entries = append(entries, known[code])
	}
	return entries
}

// mustLoad reads the embedded files. It panics if they are invalid, which this package's test excludes.
func mustLoad() map[Code]Entry {
	names, err := files.ReadDir("catalogue")
	if err != nil {
		panic(err)
	}
	byCode := map[Code]Entry{}
	for _, name := range names {
		text, err := files.ReadFile("catalogue/" + name.Name())
		if err != nil {
			panic(err)
		}
		entries, err := decode(text)
		if err != nil {
			panic(fmt.Errorf("catalogue/%s: %w", name.Name(), err))
		}
		for _, e := range entries {
			if _, twice := byCode[e.Code]; twice {
				panic(fmt.Errorf("catalogue/%s: code %q is listed twice", name.Name(), e.Code))
			}
			byCode[e.Code] = e
		}
	}
	return byCode
}

// decode parses one catalogue file, a JSON list of entries. Unknown fields and empty texts are errors.
func decode(text []byte) ([]Entry, error) {
	var entries []Entry
	if err := strictjson.UnmarshalEmbedded(text, &entries); err != nil {
		return nil, err
	}
	for _, e := range entries {
		if e.Code == "" {
			return nil, errors.New("an entry has no code")
		}
		switch e.Severity {
		case Block, Warn, Inform:
		default:
			return nil, fmt.Errorf("code %q: unknown severity %q", e.Code, e.Severity)
		}
		if e.Overridable && e.Severity != Block {
			return nil, fmt.Errorf("code %q: only a rule that blocks is overridable", e.Code)
		}
		for _, w := range []Words{e.Message, e.Remedy} {
			if w.Chinese == "" || w.English == "" {
				return nil, fmt.Errorf("code %q: a text is missing in one language", e.Code)
			}
		}
	}
	return entries, nil
}

// Data returns the text of the catalogue, for a digest.
func Data() []byte {
	names, _ := files.ReadDir("catalogue") // embedded
	var text []byte
	for _, name := range names {
		one, _ := files.ReadFile("catalogue/" + name.Name())
		text = append(text, one...)
	}
	return text
}
