package sheet_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"beian/infra/local/sheet"
	"beian/shared/process/importing"
)

func places(t sheet.Table) []string {
	var all []string
	for _, f := range t.Findings {
		all = append(all, string(f.Code)+" "+f.Cell)
	}
	return all
}

// TestCSV: encodings, separators and line ends that spreadsheets write give the same table.
func TestCSV(t *testing.T) {
	text := "主办单位名称,域名\r\n\"示例,公司\",\"a.example\r\nb.example\"\r\n,\r\n示例人,=\"001\"\r\n"
	gbk, err := simplifiedchinese.GBK.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	utf16 := []byte{0xff, 0xfe}
	for _, r := range text {
		utf16 = append(utf16, byte(r), byte(r>>8))
	}
	for name, content := range map[string]string{
		"UTF-8": text, "with a byte order mark": "\ufeff" + text, "GBK": gbk, "UTF-16": string(utf16), "line feeds": strings.ReplaceAll(text, "\r\n", "\n"),
	} {
		got, err := sheet.Parse([]byte(content), "")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		cells := [][]string{{"示例,公司", "a.example\nb.example"}, {"示例人", "001"}}
		if !slices.Equal(got.Header, []string{"主办单位名称", "域名"}) || len(got.Rows) != 2 || !slices.Equal(got.Rows[0].Cells, cells[0]) ||
			!slices.Equal(got.Rows[1].Cells, cells[1]) || got.Rows[1].Row != 4 || len(got.Findings) > 0 {
			t.Errorf("%s: %+v", name, got)
		}
	}
	for name, content := range map[string]string{"tabs": "a\tb\n1\t2,3", "semicolons": "a;b\n1;2,3"} {
		if got, err := sheet.Parse([]byte(content), ""); err != nil || !slices.Equal(got.Rows[0].Cells, []string{"1", "2,3"}) {
			t.Errorf("%s: %+v %v", name, got, err)
		}
	}
	formula, err := sheet.Parse([]byte("a,b\n1,=A2"), "")
	if err != nil || !slices.Equal(places(formula), []string{"import-cell-formula B2"}) {
		t.Errorf("a formula: %q %v", places(formula), err)
	}
}

// TestWorkbook: what a spreadsheet does to values is found with the cell; dates are read where they belong.
func TestWorkbook(t *testing.T) {
	f := excelize.NewFile()
	defer f.Close()
	name := "Sheet1"
	date, err := f.NewStyle(&excelize.Style{NumFmt: 14})
	if err != nil {
		t.Fatal(err)
	}
	set := func(cell string, value any) {
		t.Helper()
		if err := f.SetCellValue(name, cell, value); err != nil {
			t.Fatal(err)
		}
	}
	for i, title := range []string{"主办单位名称", "主体证件号码", "主体证件有效期至", "我们的备注", "主体负责人手机号码", "域名"} {
		set(string(rune('A'+i))+"1", title)
	}
	set("A2", "示例人")
	set("B2", 1.10101199001010015e17)
	set("C2", time.Date(2036, 5, 1, 0, 0, 0, 0, time.UTC))
	set("E2", 18900000001)
	set("A3", time.Date(2036, 5, 1, 0, 0, 0, 0, time.UTC))
	set("B3", "110101199001010015")
	set("C3", 20360501)
	set("A5", "合并")
	for _, err := range []error{
		f.SetCellStyle(name, "C2", "C2", date), f.SetCellStyle(name, "A3", "A3", date), f.SetCellFormula(name, "F3", `"a"&"b"`), f.MergeCell(name, "A5", "B6"),
		f.SetRowVisible(name, 3, false),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	hidden, err := f.NewSheet("旧数据")
	if err != nil || hidden == 0 || f.SetSheetVisible("旧数据", false) != nil {
		t.Fatal("no hidden sheet", err)
	}
	var content bytes.Buffer
	if err := f.Write(&content); err != nil {
		t.Fatal(err)
	}
	got, err := sheet.Parse(content.Bytes(), "")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"import-cell-merged A5:B6", "import-number-rounded B2", "import-cell-date A3", "import-cell-formula F3"}
	if !slices.Equal(places(got), want) {
		t.Errorf("findings %q, want %q", places(got), want)
	}
	if r := got.Rows[0]; r.Row != 2 || r.Cells[2] != "2036-05-01" || r.Cells[4] != "18900000001" {
		t.Errorf("row 2 is %q", r.Cells)
	}
	if r := got.Rows[1]; r.Cells[1] != "110101199001010015" || r.Cells[2] != "20360501" {
		t.Errorf("row 3 is %q", r.Cells)
	}
	if len(got.Notices) != 2 || !strings.Contains(got.Notices[0], "旧数据") || got.Notices[1] != "1 hidden rows are read too" {
		t.Errorf("notices %q", got.Notices)
	}
	if _, err := sheet.Parse(content.Bytes(), "没有"); err == nil || !strings.Contains(err.Error(), `"没有"`) {
		t.Errorf("a sheet that does not exist: %v", err)
	}
}

// TestTemplate: the template in XLSX has the table of that in CSV. Its columns have the format text, so that long numbers keep their digits.
func TestTemplate(t *testing.T) {
	book, err := importing.Workbook()
	if err != nil {
		t.Fatal(err)
	}
	got, err := sheet.Parse(book, "")
	if err != nil {
		t.Fatal(err)
	}
	want, err := sheet.Parse(importing.Template(), "")
	if err != nil || len(want.Rows) != 1 || len(got.Rows) != 1 || !slices.Equal(got.Header, want.Header) || len(got.Findings) > 0 ||
		strings.TrimRight(strings.Join(got.Rows[0].Cells, "|"), "|") != strings.TrimRight(strings.Join(want.Rows[0].Cells, "|"), "|") {
		t.Errorf("%+v, want %+v; %v", got, want, err)
	}
	file, err := excelize.OpenReader(bytes.NewReader(book))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	style, err := file.GetColStyle("备案", "AZ")
	if err != nil || style != 0 {
		t.Errorf("a column beyond the table has the style %d, %v", style, err)
	}
	if style, err = file.GetColStyle("备案", "E"); err != nil {
		t.Fatal(err)
	}
	if format, err := file.GetStyle(style); err != nil || format.NumFmt != 49 {
		t.Errorf("the format of a column: %+v, %v", format, err)
	}
	help, err := file.GetRows("填写说明")
	if err != nil || len(help) != len(importing.Columns())+1 {
		t.Errorf("%d rows of help, %v", len(help), err)
	}
}

// TestWrongFiles: each file that is no table is answered with what is wrong.
func TestWrongFiles(t *testing.T) {
	var bomb bytes.Buffer
	z := zip.NewWriter(&bomb)
	w, err := z.Create("xl/worksheets/sheet1.xml")
	if err != nil {
		t.Fatal(err)
	}
	zeros := make([]byte, 1<<20)
	for range 20 { // MB
		if _, err := w.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ content, want string }{
		"empty":        {" \n", "empty"},
		"only header":  {"a,b\n", "no rows"},
		"no header":    {",\n1,2", "no header"},
		"an old .xls":  {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "save it as .xlsx"},
		"binary":       {"a,b\x00c\n", "binary"},
		"no encoding":  {"a,\xff\xff\n1", "neither UTF-8 nor GBK"},
		"a quotation":  {"a,b\n\"x\"y,1\n", "line 2"},
		"a zip":        {"PK\x03\x04rest", "cannot be read"},
		"a bomb":       {bomb.String(), "more than 100 times its size"},
		"many columns": {strings.Repeat("a,", 200) + "b\n1", "columns"},
		"many rows":    {"a\n" + strings.Repeat("1\n", sheet.MaxRows+1), "rows"},
	} {
		if _, err := sheet.Parse([]byte(c.content), ""); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	large := filepath.Join(t.TempDir(), "large.csv")
	if err := os.WriteFile(large, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(large, 100<<20); err != nil {
		t.Fatal(err)
	}
	if _, _, err := sheet.Read(large, ""); err == nil || !strings.Contains(err.Error(), "more than 50 MB") {
		t.Errorf("100 MB: %v", err)
	}
}

// withMerges returns a workbook with a header, rows and merged ranges of two cells each, one below the other.
func withMerges(t *testing.T, ranges int) []byte {
	t.Helper()
	f := excelize.NewFile()
	for row, cells := range [][]string{{"主办单位名称", "域名"}, {"示例", "example.cn"}} {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", row+1), &cells); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.MergeCell("Sheet1", "A1", "B1"); err != nil {
		t.Fatal(err)
	}
	var content bytes.Buffer
	if err := f.Write(&content); err != nil {
		t.Fatal(err)
	}
	in, err := zip.NewReader(bytes.NewReader(content.Bytes()), int64(content.Len()))
	if err != nil {
		t.Fatal(err)
	}
	var merges, changed bytes.Buffer
	for n := range ranges {
		fmt.Fprintf(&merges, `<mergeCell ref="A%d:B%d"></mergeCell>`, n+2, n+2)
	}
	out := zip.NewWriter(&changed)
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
		if _, err := w.Write(bytes.Replace(data, []byte(`<mergeCell ref="A1:B1"></mergeCell>`), merges.Bytes(), 1)); err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return changed.Bytes()
}

// TestMerged: each merged range is a finding, up to a number. A workbook with more is refused before it is read, which would take hours.
func TestMerged(t *testing.T) {
	table, err := sheet.Parse(withMerges(t, sheet.MaxMerged), "")
	if err != nil || len(table.Findings) != sheet.MaxMerged || table.Findings[1].Cell != "A3:B3" || len(table.Rows) != 1 || table.Rows[0].Cells[0] != "示例" {
		t.Errorf("%d findings, %d rows, %v", len(table.Findings), len(table.Rows), err)
	}
	for _, ranges := range []int{sheet.MaxMerged + 1, 1_000_000} {
		want := fmt.Sprintf("more than %d merged ranges", sheet.MaxMerged)
		if _, err := sheet.Parse(withMerges(t, ranges), ""); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "unmerge") {
			t.Errorf("%d ranges: %v, want %s", ranges, err, want)
		}
	}
}

// FuzzParse: no file makes Parse panic, and a table has a header and rows.
func FuzzParse(f *testing.F) {
	f.Add([]byte("主办单位名称,域名\r\n示例,=\"001\"\r\n"))
	f.Add([]byte("PK\x03\x04"))
	f.Add([]byte("\xff\xfea\x00,\x00"))
	x := excelize.NewFile()
	defer x.Close()
	if err := x.SetCellValue("Sheet1", "A1", "域名"); err != nil {
		f.Fatal(err)
	}
	var content bytes.Buffer
	if err := x.Write(&content); err != nil {
		f.Fatal(err)
	}
	f.Add(content.Bytes())
	f.Fuzz(func(t *testing.T, content []byte) {
		table, err := sheet.Parse(content, "")
		if err == nil && (len(table.Header) == 0 || len(table.Rows) == 0) {
			t.Error(fmt.Sprint("a table without header or rows: ", table))
		}
	})
}
