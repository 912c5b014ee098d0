package inventory_test

import (
	"bytes"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"beian/shared/process/inventory"
	"beian/shared/rules/finding"
)

var columns = []inventory.Column{
	{Key: "id", Title: finding.Words{Chinese: "服务器编号", English: "Server"}, Required: true},
	{Key: "account", Title: finding.Words{Chinese: "账号", English: "Account"}, Required: true},
	{Key: "note", Title: finding.Words{Chinese: "备注", English: "Note"}},
}

// TestTableRoundTrip: what was written is read again, also cells that a spreadsheet would take for a formula.
func TestTableRoundTrip(t *testing.T) {
	hostile := []string{"=1+1", "+86", "-1", "@SUM(A1)", "'quoted", `a "quoted", cell`, "普通", ""}
	var rows [][]string
	for i, cell := range hostile {
		rows = append(rows, []string{fmt.Sprint("ecs-", i), "a", cell})
	}
	file := inventory.WriteTable(columns, rows)
	for _, cell := range hostile[:4] {
		if !bytes.Contains(file, []byte("'"+cell)) {
			t.Errorf("%s is not escaped in %s", cell, file)
		}
	}
	read, found := inventory.ReadTable(file, columns)
	if len(found) != 0 || len(read) != len(rows) {
		t.Fatalf("%d rows, %v", len(read), found)
	}
	for i, row := range read {
		if row.Cells["note"] != hostile[i] || row.Cells["id"] != rows[i][0] || row.Number != i+2 {
			t.Errorf("row %d: %+v, want %q", i, row, hostile[i])
		}
	}
}

// TestTableEncodings: UTF-8 with and without a byte order mark and GBK are read; titles may be in any order and language.
func TestTableEncodings(t *testing.T) {
	const table = "账号,Server,备注\r\nacc,ecs-1,机房\r\n,,\r\n"
	encoded := exec.Command("iconv", "-f", "UTF-8", "-t", "GB18030")
	encoded.Stdin = strings.NewReader(table)
	gb, err := encoded.Output()
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string][]byte{"UTF-8": []byte(table), "with a mark": []byte("\ufeff" + table), "GB18030": gb} {
		rows, found := inventory.ReadTable(file, columns)
		if len(found) != 0 || len(rows) != 1 || rows[0].Cells["note"] != "机房" || rows[0].Cells["id"] != "ecs-1" || rows[0].Pointer("id") != "/file/2/B" {
			t.Errorf("%s: %+v, %v", name, rows, found)
		}
	}
}

// TestWrongTables: every problem is reported with its row and column.
func TestWrongTables(t *testing.T) {
	for name, c := range map[string]struct {
		file string
		want []string
	}{
		"empty":           {"", []string{"inventory-file-empty /file"}},
		"only a header":   {"id,account", []string{"inventory-file-empty /file"}},
		"workbook":        {"PK\x03\x04rest", []string{"plan-file-workbook /file"}},
		"UTF-16":          {"\xff\xfei\x00d\x00", []string{"plan-file-encoding /file"}},
		"columns":         {"id,id,color\r\nx,y,z", []string{"inventory-column-twice /file/1/B", "inventory-column-unknown /file/1/C", "inventory-column-missing /file/1"}},
		"unknown column":  {"id,account,color\r\nx,y,z", []string{"inventory-column-unknown /file/1/C"}},
		"missing cells":   {"id,account\r\n,a\r\nb,\r\nc", []string{"inventory-cell-missing /file/2/A", "inventory-cell-missing /file/3/B", "inventory-cell-missing /file/4"}},
		"quotation marks": {"id,account\r\na\"b,c\r\n,d", []string{"plan-file-row /file/2", "inventory-cell-missing /file/3/A"}},
		"long cell":       {"id,account\r\n" + strings.Repeat("x", 2000) + ",a", []string{"inventory-cell-too-long /file/2/A"}},
		"too many rows":   {"id,account\r\n" + strings.Repeat("x,a\r\n", inventory.MaxRows+1), []string{"inventory-rows-many /file"}},
		"empty rows":      {"id,account\r\n" + strings.Repeat("x\r\n", 300_000), []string{"inventory-rows-many /file"}},
		"rows that break": {"id,account\r\n" + strings.Repeat("\"x\"y\r\n", 200_000), []string{"inventory-rows-many /file"}},
		"many columns":    {"id,account," + strings.Repeat(",", 98) + strings.Repeat("a,", 400_000) + "\r\nx,y", []string{"inventory-column-unknown /file/1/CW"}},
	} {
		_, found := inventory.ReadTable([]byte(c.file), columns)
		var got []string
		for _, f := range found {
			got = append(got, string(f.Code)+" "+f.Pointer)
			if f.Message.Chinese == "" || f.Message.English == "" || strings.Contains(f.Message.English+f.Remedy.English, "{") {
				t.Errorf("%s: words %+v", name, f)
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// FuzzReadTable: no file panics, and what is read of one stays the same after it was written and read again.
func FuzzReadTable(f *testing.F) {
	f.Add([]byte("id,account,note\nx,y,'=1+1\n"))
	f.Add([]byte("\ufeff服务器编号,账号\r\n\"a\"\"b\",\xa0\n"))
	f.Add([]byte("id,account,note\nx,y,''\nx,y,'\t-\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		rows, found := inventory.ReadTable(file, columns)
		if found.Blocking() {
			return
		}
		var texts [][]string
		for _, r := range rows {
			texts = append(texts, []string{r.Cells["id"], r.Cells["account"], r.Cells["note"]})
		}
		again, found := inventory.ReadTable(inventory.WriteTable(columns, texts), columns)
		if found.Blocking() || len(again) != len(rows) {
			t.Fatalf("%d rows, then %d: %v", len(rows), len(again), found)
		}
		for i, r := range again {
			for key, text := range r.Cells {
				if text != rows[i].Cells[key] {
					t.Errorf("row %d: %s was %q and is %q", i, key, rows[i].Cells[key], text)
				}
			}
		}
	})
}
