package journeys_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"beian/infra/local/importer"
	"beian/infra/local/scenario"
	"beian/shared/process/importing"
)

// column returns the index of a column of the template, and its letters.
func column(key string) (int, string) {
	k := slices.IndexFunc(importing.Columns(), func(c importing.Column) bool { return c.Key == key })
	return k, importing.ColumnName(k)
}

// workbook returns a workbook with a table, after a change.
func workbook(t *testing.T, table [][]string, change func(f *excelize.File, sheet string) error) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	const sheet = "Sheet1"
	for i, row := range table {
		for k, value := range row {
			cell, err := excelize.CoordinatesToCellName(k+1, i+1)
			if err != nil {
				t.Fatal(err)
			}
			if err := f.SetCellStr(sheet, cell, value); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := change(f, sheet); err != nil {
		t.Fatal(err)
	}
	var content bytes.Buffer
	if err := f.Write(&content); err != nil {
		t.Fatal(err)
	}
	return content.Bytes()
}

// TestImportFiles: an operator's file that a spreadsheet has spoiled is refused with each cell, and nothing is stored; the encodings that spreadsheets write
// are read.
func TestImportFiles(t *testing.T) {
	app := scenario.Invented(3692)
	table := scenario.FiledTable(app)
	changed := func(values map[string]string) []byte {
		rows := [][]string{slices.Clone(table[0]), slices.Clone(table[1])}
		for key, value := range values {
			k, _ := column(key)
			rows[1][k] = value
		}
		var file bytes.Buffer
		if err := csv.NewWriter(&file).WriteAll(rows); err != nil {
			t.Fatal(err)
		}
		return file.Bytes()
	}
	_, name := column("subjectName")
	_, certificate := column("certificateNumber")
	_, until := column("certificateUntil")
	_, site := column("siteName")
	_, domains := column("domains")
	_, number := column("siteNumber")
	swapped := map[string]string{"siteNumber": app.Open["domains"].([]string)[0], "domains": app.FiledNumber() + "-1"}
	gbk, err := simplifiedchinese.GBK.NewEncoder().Bytes(changed(nil))
	if err != nil {
		t.Fatal(err)
	}
	wrongHeader := []byte(strings.Replace(string(changed(nil)), "域名", "域名域名", 1))
	for _, c := range []struct {
		title, file string
		content     []byte
		want        []string // blocking findings
		err         string   // "" is none if nothing blocks, else that the import is incomplete
	}{
		{"UTF-8", "a.csv", changed(nil), nil, ""},
		{"UTF-8 with a byte order mark", "a.csv", append([]byte("\ufeff"), changed(nil)...), nil, ""},
		{"GBK", "a.csv", gbk, nil, ""},
		{"swapped columns", "a.csv", changed(swapped), []string{"import-column-swapped " + number + "2", "import-column-swapped " + domains + "2"}, ""},
		{"a number in scientific notation", "a.csv", changed(map[string]string{"certificateNumber": "1.10101E+17"}), []string{"import-number-rounded " + certificate + "2"}, ""},
		{"a formula in CSV", "a.csv", changed(map[string]string{"siteName": "=HYPERLINK(\"http://example.com\")"}), []string{"import-cell-formula " + site + "2"}, ""},
		{"a column that is missing", "a.csv", wrongHeader, []string{"import-column-missing "}, "header"},
		{"a workbook", "a.xlsx", workbook(t, table, func(*excelize.File, string) error { return nil }), nil, ""},
		{"a date where dates belong", "a.xlsx", workbook(t, table, func(f *excelize.File, sheet string) error {
			return f.SetCellValue(sheet, until+"2", time.Date(2035, 5, 1, 0, 0, 0, 0, time.UTC))
		}), nil, ""},
		{"a date in place of a name", "a.xlsx", workbook(t, table, func(f *excelize.File, sheet string) error {
			return f.SetCellValue(sheet, site+"2", time.Date(2036, 5, 1, 0, 0, 0, 0, time.UTC))
		}), []string{"import-cell-date " + site + "2"}, ""},
		{"a certificate as a number", "a.xlsx", workbook(t, table, func(f *excelize.File, sheet string) error {
			return f.SetCellValue(sheet, certificate+"2", 1.10101198001010015e17)
		}), []string{"import-number-rounded " + certificate + "2"}, ""},
		{"a formula", "a.xlsx", workbook(t, table, func(f *excelize.File, sheet string) error {
			return f.SetCellFormula(sheet, domains+"2", `"a"&".com"`)
		}), []string{"import-cell-formula " + domains + "2"}, ""},
		{"merged cells", "a.xlsx", workbook(t, table, func(f *excelize.File, sheet string) error {
			return f.MergeCell(sheet, name+"2", name+"3")
		}), []string{"import-cell-merged " + name + "2:" + name + "3"}, ""},
	} {
		t.Run(c.title, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), c.file)
			if err := os.WriteFile(file, c.content, 0o600); err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			i := importer.Importer{Operator: admin, Language: "en", Out: &out, Dry: true}
			s, err := i.Run(t.Context(), file, "", nil)
			got, want := s.Blocking(), slices.Clone(c.want)
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("findings %q, want %q", got, want)
			}
			switch {
			case c.err != "":
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Errorf("error %v, want %q", err, c.err)
				}
			case len(c.want) > 0:
				if !errors.Is(err, importer.ErrIncomplete) || s.Subjects[importing.Refused] != 1 {
					t.Errorf("error %v, %v", err, s.Subjects)
				}
			case err != nil || s.Subjects[importing.Created] != 1:
				t.Errorf("error %v, %v", err, s.Subjects)
			}
			if certificate := app.Open["certificate"].(map[string]any)["number"].(string); strings.Contains(out.String(), certificate) {
				t.Error("the output has the number of a certificate")
			}
		})
	}
	large := filepath.Join(t.TempDir(), "large.csv")
	if err := errors.Join(os.WriteFile(large, nil, 0o600), os.Truncate(large, 100<<20)); err != nil {
		t.Fatal(err)
	}
	i := importer.Importer{Operator: admin, Language: "en", Out: new(bytes.Buffer)}
	if _, err := i.Run(t.Context(), large, "", nil); err == nil || !strings.Contains(err.Error(), "more than 50 MB") {
		t.Errorf("100 MB: %v", err)
	}
	body := map[string]any{"header": table[0], "rows": []map[string]any{{"row": 2, "cells": []string{strings.Repeat("a", 5<<20)}}}}
	wantProblem(t, admin.Call(t.Context(), "POST", "/imports", maps.Clone(body), nil), 413, "body-too-large ")
}
