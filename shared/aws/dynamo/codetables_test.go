package dynamo_test

import (
	"crypto/sha256"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"beian/shared/aws/dynamo"
	"beian/shared/filing/filingtest"
	"beian/shared/process/exchange"
	"beian/shared/rules/codes"
	"beian/shared/rules/fault"
)

// codeTables: a process reads the tables again after CodeTablesAge, and only if they have changed; two writers do not overwrite each other.
func codeTables(t *testing.T, d *fixture) {
	writer := &dynamo.Store{Client: d.Client, Table: d.Table, Wall: d.now}
	read := func(s *dynamo.Store) codes.Tables {
		t.Helper()
		tables, err := s.CodeTables(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return tables
	}
	if tables := read(d.Store); tables.Version != 0 || len(tables.InForce(codes.Services)) != 24 {
		t.Errorf("before the first download: %+v", tables)
	}
	put := func(n int, current codes.Tables) (codes.Tables, error) {
		after := codes.Tables{Version: current.Version + 1, Downloaded: map[codes.Name]codes.Table{codes.Languages: {
			Entries: []codes.Entry{{ID: 1, Name: "中文简体"}, {ID: int64(n), Name: "德语", Void: true}}, File: fmt.Sprint(n), Issued: fmt.Sprint(n), Since: filingtest.December2019}}}
		file := exchange.CodesFile{File: fmt.Sprint(n), Issued: fmt.Sprint(n), At: filingtest.December2019,
			Results: []codes.Result{{Table: codes.Languages, Outcome: codes.Replaced, Changes: []codes.Change{{ID: 1, Kind: codes.Added, After: "中文简体"}}, Count: 1}}}
		return after, writer.PutCodeTables(t.Context(), current, after, file)
	}
	first, err := put(18, codes.Tables{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, read(writer)); diff != "" {
		t.Errorf("the writer reads\n%s", diff)
	}
	if read(d.Store).Version != 0 {
		t.Error("a process read the tables again at once")
	}
	d.advanceClock(dynamo.CodeTablesAge)
	if diff := cmp.Diff(first, read(d.Store)); diff != "" {
		t.Errorf("after %s\n%s", dynamo.CodeTablesAge, diff)
	}
	if _, err := put(19, codes.Tables{}); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("replaced tables that are no longer in force: %v", err)
	}
	second, err := put(19, first)
	if err != nil || read(writer).Version != second.Version {
		t.Errorf("the second change: %v", err)
	}
	// The operator accepts tables a second after the exchange replaced others: a stale version would be refused.
	if stale := read(d.Store); stale.Version != first.Version {
		t.Errorf("version %d is not stale", stale.Version)
	}
	if latest, err := d.LatestCodeTables(t.Context()); err != nil || latest.Version != second.Version {
		t.Errorf("the latest tables: version %d, %v", latest.Version, err)
	}
	files, err := d.CodesFiles(t.Context(), 10)
	if err != nil || len(files) != 2 || files[0].File != "19" || files[1].Results[0].Changes[0].After != "中文简体" {
		t.Errorf("%+v, %v", files, err)
	}
	if f, known, err := d.CodesFile(t.Context(), "18", "18"); err != nil || !known || f.File != "18" {
		t.Errorf("%+v, %t, %v", f, known, err)
	}
	if _, known, err := d.CodesFile(t.Context(), "20", "20"); err != nil || known {
		t.Errorf("a file that was not stored: %t, %v", known, err)
	}

	huge := codes.Tables{Version: 3, Downloaded: map[codes.Name]codes.Table{}}
	var entries []codes.Entry
	for i := range 20_000 {
		entries = append(entries, codes.Entry{ID: int64(i), Name: fmt.Sprintf("%x", sha256.Sum256([]byte{byte(i), byte(i >> 8)}))})
	}
	huge.Downloaded[codes.Divisions] = codes.Table{Entries: entries}
	if err := writer.PutCodeTables(t.Context(), second, huge, exchange.CodesFile{File: "20", Issued: "20"}); err != exchange.ErrTablesTooLarge {
		t.Errorf("tables that do not fit: %v", err)
	}
	if err := d.PutIssue(t.Context(), "1", exchange.Issue{Kind: exchange.HeldCodeTables, File: "18", Count: 1}); err != nil {
		t.Fatal(err)
	}
	if err := d.ClearIssue(t.Context(), "1", exchange.HeldCodeTables, "18"); err != nil {
		t.Fatal(err)
	}
	if issues, err := d.Issues(t.Context(), "1", 10); err != nil || len(issues) != 0 {
		t.Errorf("%+v, %v", issues, err)
	}
}
