package simulator

import (
	"bytes"
	"cmp"
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"

	"beian/shared/bureau/document"
)

// A TableChange changes a code table of the bureau and publishes it: each provider gets a file with the whole table, and records are checked by
// it from then on. Without Set and Drop, the table is only published.
type TableChange struct {
	Table string  `json:"table"`          // element of the interface: Wzfwlx_dms …
	Set   []Code  `json:"set,omitempty"`  // entries that are added, or replace those with the same id
	Drop  []int64 `json:"drop,omitempty"` // entries that the table no longer lists
}

// A Code is an entry of a code table.
type Code struct {
	ID     int64  `json:"id"`
	Name   string `json:"name"`
	Detail int64  `json:"detail,omitempty"` // see document.CodeRow
	Void   bool   `json:"void,omitempty"`   // listed as no longer valid
}

// tables are the bureau's code tables, by element. Tables are replaced, never changed.
type tables map[string][]Code

// tables.json has the lists in public use (MIIT-IF30 13.2, 13.3, 13.5, 13.6, 13.7 and 13.8). The interface prints none, and the lists of reasons,
// opinions, units, industries and ranks are conventions of the simulator.
//
//go:embed tables.json
var tablesFile []byte

var firstTables = sync.OnceValue(func() tables {
	d := json.NewDecoder(bytes.NewReader(tablesFile))
	d.DisallowUnknownFields()
	var t tables
	if err := d.Decode(&t); err != nil {
		panic(fmt.Errorf("tables.json: %w", err))
	}
	return t
})

// change returns the tables after changes.
func (t tables) change(changes []TableChange) tables {
	after := maps.Clone(t)
	for _, c := range changes {
		rows := slices.Clone(after[c.Table])
		rows = slices.DeleteFunc(rows, func(one Code) bool {
			return slices.Contains(c.Drop, one.ID) || slices.ContainsFunc(c.Set, func(set Code) bool { return set.ID == one.ID })
		})
		rows = append(rows, c.Set...)
		slices.SortStableFunc(rows, func(a, b Code) int { return cmp.Compare(a.ID, b.ID) })
		after[c.Table] = rows
	}
	return after
}

// publish issues the changed tables to all providers. The caller holds b.mu, and records the changes.
func (b *Bureau) publish(changes []TableChange) error {
	d, err := b.state.tables.change(changes).documentOf(changes)
	if err != nil {
		return err
	}
	for _, provider := range slices.Sorted(maps.Keys(b.accounts)) {
		if err := b.issue(provider, nil, d); err != nil {
			return err
		}
	}
	return nil
}

// has reports whether all ids are valid codes of a table.
func (t tables) has(table string, ids ...int64) bool {
	for _, id := range ids {
		if !slices.ContainsFunc(t[table], func(c Code) bool { return c.ID == id && !c.Void }) {
			return false
		}
	}
	return true
}

// hasKind reports whether a certificate kind is valid for a nature.
func (t tables) hasKind(kind, nature int64) bool {
	return slices.ContainsFunc(t["Zjlx_dms"], func(c Code) bool { return c.ID == kind && c.Detail == nature && !c.Void })
}

// documentOf returns the document with the tables that changes name.
func (t tables) documentOf(changes []TableChange) (*document.Download, error) {
	rows := map[string][]document.CodeRow{}
	for _, c := range changes {
		var list []document.CodeRow
		for _, code := range t[c.Table] {
			row := document.CodeRow{ID: code.ID, Name: code.Name, Detail: code.Detail, Valid: 1}
			if code.Void {
				row.Valid = 0
			}
			list = append(list, row)
		}
		rows[c.Table] = list
	}
	published, err := document.TablesOf(rows)
	if err != nil {
		return nil, err
	}
	return &document.Download{Version: document.Version, Codes: &document.CodeTables{Tables: published}}, nil
}
