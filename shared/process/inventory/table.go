package inventory

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"beian/shared/filing/plan"
	"beian/shared/rules/finding"
	"beian/shared/rules/text"
)

// Findings about a file.
const (
	CodeFileEmpty     finding.Code = "inventory-file-empty"
	CodeColumnMissing finding.Code = "inventory-column-missing"
	CodeColumnUnknown finding.Code = "inventory-column-unknown"
	CodeColumnTwice   finding.Code = "inventory-column-twice"
	CodeCellMissing   finding.Code = "inventory-cell-missing"
	CodeCellLong      finding.Code = "inventory-cell-too-long"
	CodeCellNumber    finding.Code = "inventory-cell-number"
	CodeCellDate      finding.Code = "inventory-cell-date"
	CodeRowTwice      finding.Code = "inventory-row-twice"
	CodeRowsMany      finding.Code = "inventory-rows-many"
)

// Limits of a file.
const (
	MaxRows = 2000 // a function stores them within its time limit
	maxCell = 1024 // bytes of one cell
	// maxColumns is the number of columns that are looked at.
	maxColumns = 100
)

// A Column is a column of a CSV file of the inventory.
type Column struct {
	Key      string // accepted as a title, too
	Title    finding.Words
	Required bool // each row has a value
}

// A Row is one row of a file: the texts of its cells by the keys of their columns.
type Row struct {
	Number int // in the file; the header is 1
	Cells  map[string]string

	pointers map[string]string // of the columns that the file has
}

// Pointer returns the JSON pointer of a cell, by row and letter of the column: "/file/3/B". Of a column that the file does not have, it is that of the row.
func (r Row) Pointer(key string) string {
	if pointer, has := r.pointers[key]; has {
		return pointer
	}
	return fmt.Sprintf("/file/%d", r.Number)
}

// ReadTable reads a CSV file in UTF-8, with or without a byte order mark, or in GBK, as spreadsheets in China write it. Columns are found by their titles,
// in any order; empty rows are left out. All findings are returned at once; with one that blocks, the rows must not be used.
func ReadTable(file []byte, columns []Column) ([]Row, finding.List) {
	decoded, found := plan.DecodeFile(file)
	if found.Has(plan.CodeFileEmpty) {
		return nil, finding.List{finding.New(CodeFileEmpty, "/file")}
	}
	if found.Blocking() {
		return nil, found
	}
	r := csv.NewReader(strings.NewReader(decoded))
	r.FieldsPerRecord = -1
	var keys []string
	var rows []Row
	count := 0 // rows, also those that are no CSV
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if parse, ok := errors.AsType[*csv.ParseError](err); ok {
			if count++; count > MaxRows {
				continue
			}
			found = append(found, finding.New(plan.CodeFileRow, fmt.Sprintf("/file/%d", parse.StartLine), "row", strconv.Itoa(parse.StartLine)))
			continue
		}
		if err != nil || !slices.ContainsFunc(record, func(cell string) bool { return strings.TrimSpace(cell) != "" }) {
			continue // a strings.Reader does not fail otherwise
		}
		number, _ := r.FieldPos(0)
		if keys == nil {
			var wrong finding.List
			if keys, wrong = readHeader(record, columns); wrong.Blocking() {
				return nil, append(found, wrong...)
			} else {
				found = append(found, wrong...)
			}
			continue
		}
		if count++; count > MaxRows {
			continue
		}
		row, wrong := readRow(number, record, keys, columns)
		rows, found = append(rows, row), append(found, wrong...)
	}
	switch {
	case count > MaxRows:
		return nil, finding.List{finding.New(CodeRowsMany, "/file", "max", strconv.Itoa(MaxRows), "count", strconv.Itoa(count))}
	case len(rows) == 0 && !found.Blocking():
		found = append(found, finding.New(CodeFileEmpty, "/file"))
	}
	return rows, found
}

// readHeader returns the key of each column of the file, at most maxColumns; "" for one that is not known.
func readHeader(record []string, columns []Column) ([]string, finding.List) {
	var found finding.List
	if len(record) > maxColumns {
		found = append(found, finding.New(CodeColumnUnknown, "/file/1/"+columnLetters(maxColumns)))
		record = record[:maxColumns]
	}
	keys := make([]string, len(record))
	for i, cell := range record {
		title := fold(cell)
		k := slices.IndexFunc(columns, func(c Column) bool {
			return title == fold(c.Key) || title == fold(c.Title.Chinese) || title == fold(c.Title.English)
		})
		pointer := "/file/1/" + columnLetters(i)
		switch {
		case k < 0 && title != "":
			found = append(found, finding.New(CodeColumnUnknown, pointer))
		case k >= 0 && slices.Contains(keys[:i], columns[k].Key):
			found = append(found, finding.New(CodeColumnTwice, pointer, columns[k].placeholders()...))
		case k >= 0:
			keys[i] = columns[k].Key
		}
	}
	for _, c := range columns {
		if c.Required && !slices.Contains(keys, c.Key) {
			found = append(found, finding.New(CodeColumnMissing, "/file/1", c.placeholders()...))
		}
	}
	return keys, found
}

// readRow returns the row with its texts normalised.
func readRow(number int, record, keys []string, columns []Column) (Row, finding.List) {
	var found finding.List
	row := Row{Number: number, Cells: map[string]string{}, pointers: map[string]string{}}
	for i, cell := range record {
		if i >= len(keys) || keys[i] == "" {
			continue
		}
		pointer := fmt.Sprintf("/file/%d/%s", number, columnLetters(i))
		row.pointers[keys[i]] = pointer
		if len(cell) > maxCell {
			found = append(found, finding.New(CodeCellLong, pointer, "max", strconv.Itoa(maxCell)))
			continue
		}
		row.Cells[keys[i]] = text.NormalizeASCII(unescape(strings.TrimSpace(cell)))
	}
	for _, c := range columns {
		if c.Required && row.Cells[c.Key] == "" && !found.Blocking() {
			found = append(found, finding.New(CodeCellMissing, row.Pointer(c.Key), c.placeholders()...))
		}
	}
	return row, found
}

// WriteTable returns a CSV file in UTF-8 with a byte order mark, which spreadsheets need, and the Chinese titles. A cell that a spreadsheet would take for a
// formula begins with an apostrophe; ReadTable removes it.
func WriteTable(columns []Column, rows [][]string) []byte {
	var out bytes.Buffer
	out.WriteString("\ufeff")
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	titles := make([]string, len(columns))
	for i, c := range columns {
		titles[i] = c.Title.Chinese
	}
	for _, row := range append([][]string{titles}, rows...) {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = escape(cell)
		}
		if err := w.Write(cells); err != nil {
			panic(err) // cannot happen: a bytes.Buffer takes everything
		}
	}
	w.Flush()
	return out.Bytes()
}

// formulaStarts are the characters with which a formula can begin, by OWASP, "CSV Injection".
const formulaStarts = "=+-@\t\r"

func escape(cell string) string {
	if cell != "" && strings.ContainsRune(formulaStarts+"'", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

func unescape(cell string) string {
	if rest, quoted := strings.CutPrefix(cell, "'"); quoted && rest != "" && strings.ContainsRune(formulaStarts+"'", rune(rest[0])) {
		return rest
	}
	return cell
}

func (c Column) placeholders() []string {
	return []string{"column", c.Title.Chinese, "column-en", c.Title.English}
}

// fold returns a title in the form in which titles are compared.
func fold(title string) string {
	return strings.ToLower(strings.ReplaceAll(text.NormalizeASCII(title), " ", ""))
}

// columnLetters returns the letters of a column: A, Z, AA.
func columnLetters(index int) string {
	letters := ""
	for n := index + 1; n > 0; n = (n - 1) / 26 {
		letters = string(rune('A'+(n-1)%26)) + letters
	}
	return letters
}
