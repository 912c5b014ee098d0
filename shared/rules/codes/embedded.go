package codes

import (
	"cmp"
	_ "embed"
	"fmt"
	"math/bits"
	"slices"
	"strconv"
	"sync"

	"beian/shared/rules/certificate"
	"beian/shared/rules/division"
	"beian/shared/rules/finding"
	"beian/shared/rules/preapproval"
	"beian/shared/rules/province"
	"beian/shared/rules/strictjson"
)

// tables.json has the tables that no other package has. V3.0 of the interface prints no list; the numbers are those in public use
// (MIIT-IF30 13.3, 13.5, 13.7 and 13.8).
//
//go:embed tables.json
var tablesFile []byte

type embeddedFile struct {
	Tables map[Name][]struct {
		ID      int64  `json:"id"`
		Chinese string `json:"zh-CN"`
		English string `json:"en"`
	} `json:"tables"`
	Source string `json:"source"`
}

var fileWords = sync.OnceValue(func() map[Name]map[int64]finding.Words {
	var file embeddedFile
	if err := strictjson.UnmarshalEmbedded(tablesFile, &file); err != nil {
		panic(fmt.Errorf("tables.json: %w", err))
	}
	words := map[Name]map[int64]finding.Words{}
	for name, rows := range file.Tables {
		words[name] = map[int64]finding.Words{}
		for _, r := range rows {
			words[name][r.ID] = finding.Words{Chinese: r.Chinese, English: r.English}
		}
	}
	return words
})

// embedded returns the entries that count before the first download, sorted by ID.
var embedded = sync.OnceValue(func() map[Name][]Entry {
	tables := map[Name][]Entry{}
	add := func(name Name, e Entry) { tables[name] = append(tables[name], e) }
	for name, words := range fileWords() {
		for id, w := range words {
			add(name, Entry{ID: id, Name: w.Chinese})
		}
	}
	for _, e := range certificate.EntityKinds() {
		add(Natures, Entry{ID: int64(e), Name: e.Words().Chinese})
	}
	for _, k := range certificate.Kinds() {
		entry := Entry{ID: int64(k), Name: k.Words().Chinese}
		if entities := k.Entities(); len(entities) > 0 {
			entry.Detail = int64(entities[0])
		}
		add(CertificateKinds, entry)
	}
	for _, r := range preapproval.All() {
		if r.Number != 0 {
			add(PreApprovals, Entry{ID: int64(r.Number), Name: r.Name.Chinese, Detail: 1})
		}
	}
	for _, p := range province.All() {
		code, _ := strconv.ParseInt(p.Code.GB2260(), 10, 64)
		add(Bureaus, Entry{ID: int64(bits.TrailingZeros64(p.Placement)) + 1, Name: p.Name.Chinese, Detail: code})
	}
	newest := map[string]division.Division{}
	for _, d := range division.All() {
		if known, ok := newest[d.Code]; !ok || known.From <= d.From {
			newest[d.Code] = d
		}
	}
	for _, d := range newest {
		code, _ := strconv.ParseInt(d.Code, 10, 64)
		add(Divisions, Entry{ID: code, Name: d.Name, Void: d.Until != ""})
	}
	for _, entries := range tables {
		slices.SortFunc(entries, func(a, b Entry) int { return cmp.Compare(a.ID, b.ID) })
	}
	return tables
})

// embeddedWords returns what a code means before the first download.
func embeddedWords(name Name, id int64) finding.Words {
	switch name {
	case Natures:
		return certificate.EntityKind(id).Words()
	case CertificateKinds:
		return certificate.Kind(id).Words()
	case PreApprovals:
		rule, _ := preapproval.ByNumber(int(id))
		return rule.Name
	}
	return fileWords()[name][id]
}

// Data returns the text of the embedded tables that no other package has, for a digest.
func Data() []byte { return slices.Clone(tablesFile) }
