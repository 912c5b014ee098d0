package importer_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"testing"

	"github.com/xuri/excelize/v2"

	"beian/infra/local/importer"
	"beian/infra/local/scenario"
	"beian/shared/process/importing"
)

// TestMergedToTheEnd: cells that are merged to the last row of a sheet are findings of the rows that the table has, and take no memory for the others.
func TestMergedToTheEnd(t *testing.T) {
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(importing.Template(), []byte("\ufeff")))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	f := excelize.NewFile()
	defer f.Close()
	set := func(cell string, values []string) {
		if err := f.SetSheetRow("Sheet1", cell, &values); err != nil {
			t.Fatal(err)
		}
	}
	set("A1", rows[0])
	set("A2", rows[1])
	var want []string
	for _, column := range []string{"A", "B", "C", "D", "E", "F", "G", "H", "I"} {
		if err := f.MergeCell("Sheet1", column+"2", column+"9"); err != nil {
			t.Fatal(err)
		}
		want = append(want, "import-cell-merged "+column+"2:"+column+"1048576")
	}
	var content bytes.Buffer
	if err := f.Write(&content); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "register.xlsx")
	if err := os.WriteFile(file, withMergesToTheEnd(t, content.Bytes()), 0o600); err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	i := importer.Importer{Out: &bytes.Buffer{}}
	s, err := i.Run(t.Context(), file, "", nil)
	runtime.ReadMemStats(&after)
	if !errors.Is(err, importer.ErrIncomplete) || s.Subjects[importing.Refused] != 1 {
		t.Fatalf("%v, %v", s, err)
	}
	var got []string
	for _, one := range s.Findings {
		if one.Code == importing.CodeCellMerged {
			got = append(got, string(one.Code)+" "+one.Cell)
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("findings %q, want %q", got, want)
	}
	if used := (after.TotalAlloc - before.TotalAlloc) >> 20; used > 100 {
		t.Errorf("the import allocated %d MB", used)
	}
}

// TestContendedPortion: a portion that failed because others changed the same is sent again.
func TestContendedPortion(t *testing.T) {
	requests := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if requests++; requests == 1 {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(http.StatusConflict)
			_, _ = io.WriteString(w, `{"status": 409, "title": "Conflict"}`)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"subjects": [{"rows": [2], "outcome": "created", "findings": []}]}`)
	}))
	defer server.Close()
	file := filepath.Join(t.TempDir(), "register.csv")
	if err := os.WriteFile(file, importing.Template(), 0o600); err != nil {
		t.Fatal(err)
	}
	client := &scenario.Client{Portal: server.URL, HTTP: server.Client()}
	i := importer.Importer{Operator: client.WithToken("operator"), Out: &bytes.Buffer{}}
	s, err := i.Run(t.Context(), file, "", io.Discard)
	if err != nil || requests != 2 || s.Subjects[importing.Created] != 1 {
		t.Errorf("%d requests, %v, %v", requests, s, err)
	}
}

// withMergesToTheEnd returns a workbook whose merged ranges to row 9 end at the last row of a sheet. The library would write all these rows.
func withMergesToTheEnd(t *testing.T, workbook []byte) []byte {
	t.Helper()
	in, err := zip.NewReader(bytes.NewReader(workbook), int64(len(workbook)))
	if err != nil {
		t.Fatal(err)
	}
	var content bytes.Buffer
	out := zip.NewWriter(&content)
	end := regexp.MustCompile(`(<mergeCell ref="[A-Z]2:[A-Z])9"`)
	for _, part := range in.File {
		r, err := part.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		w, err := out.Create(part.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(end.ReplaceAll(data, []byte(`${1}1048576"`))); err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return content.Bytes()
}
