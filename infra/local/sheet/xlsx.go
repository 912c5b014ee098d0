package sheet

import (
	"archive/zip"
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"beian/shared/process/importing"
)

// A workbook reads one sheet of an XLSX file.
type workbook struct {
	*excelize.File
	sheet   string
	since04 bool         // days are counted from 1904
	dates   map[int]bool // whether a style shows a date
	isDate  []bool       // of each column, whether dates belong there
	table   *Table
}

func parseWorkbook(content []byte, name string) (t Table, err error) {
	defer func() { // the library panics on some damaged files
		if r := recover(); r != nil {
			t, err = Table{}, fmt.Errorf("the workbook is damaged: %v", r)
		}
	}()
	if err := checkParts(content); err != nil {
		return t, err
	}
	f, err := excelize.OpenReader(bytes.NewReader(content), excelize.Options{UnzipSizeLimit: MaxUnpacked, UnzipXMLSizeLimit: MaxUnpacked, RawCellValue: true})
	if err != nil {
		return t, fmt.Errorf("the workbook cannot be read: %w; open it in a spreadsheet program and save it again as .xlsx, or as CSV", err)
	}
	defer f.Close()
	b := &workbook{File: f, dates: map[int]bool{}, table: &t}
	if b.sheet, err = b.choose(name); err != nil {
		return t, err
	}
	if props, err := f.GetWorkbookProps(); err == nil && props.Date1904 != nil {
		b.since04 = *props.Date1904
	}
	return t, b.read()
}

// A part of a workbook above maxPlainPart bytes that is compressed to less than one byte in maxRatio is no table: spreadsheets reach about 30.
const (
	maxRatio     = 100
	maxPlainPart = 10 << 20
)

// checkParts returns an error for a workbook with a part that unpacks to far more than a table does, or that has so many merged ranges that the library
// does not end. What is no ZIP archive is left to the caller.
func checkParts(content []byte) error {
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return nil
	}
	for _, part := range z.File {
		if part.UncompressedSize64 > maxPlainPart && part.UncompressedSize64/maxRatio > part.CompressedSize64 {
			return fmt.Errorf("the workbook cannot be read: its part %q unpacks to more than %d times its size; save the table again as .xlsx, or as CSV", part.Name, maxRatio)
		}
	}
	for _, part := range z.File {
		if strings.HasSuffix(strings.ToLower(part.Name), ".xml") && countMerged(part) > MaxMerged {
			return fmt.Errorf("the workbook cannot be read: its part %q has more than %d merged ranges; select the whole sheet, unmerge its cells (取消合并), write each value into its own cell, and save it again",
				part.Name, MaxMerged)
		}
	}
	return nil
}

// countMerged counts the merged ranges in a part of a workbook (ECMA-376, 18.3.1.54), at most one more than [MaxMerged]. A part that is damaged is
// left to the library.
func countMerged(part *zip.File) int {
	r, err := part.Open()
	if err != nil {
		return 0
	}
	defer r.Close()
	text, count := bufio.NewReader(io.LimitReader(r, MaxUnpacked)), 0
	for count <= MaxMerged {
		piece, err := text.ReadSlice('>')
		if i := bytes.LastIndexByte(piece, '<'); i >= 0 && elementName(piece[i+1:]) == "mergeCell" {
			count++
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			break
		}
	}
	return count
}

// elementName returns the name without prefix of an element that begins with a tag; "" for the end of one.
func elementName(tag []byte) string {
	if i := bytes.IndexAny(tag, " \t\r\n/>"); i >= 0 {
		tag = tag[:i]
	}
	return string(tag[bytes.IndexByte(tag, ':')+1:])
}

// choose returns the sheet to read.
func (b *workbook) choose(name string) (string, error) {
	var visible []string
	for _, s := range b.GetSheetList() {
		shown, err := b.GetSheetVisible(s)
		switch {
		case err != nil:
			return "", err
		case s == name:
			return s, nil
		case shown:
			visible = append(visible, s)
		default:
			b.table.Notices = append(b.table.Notices, fmt.Sprintf("the hidden sheet %q is not read", s))
		}
	}
	switch {
	case name != "":
		return "", fmt.Errorf("there is no sheet %q; the visible ones are %q", name, visible)
	case len(visible) == 0:
		return "", errors.New("all sheets are hidden; name one with SHEET")
	case len(visible) > 1:
		b.table.Notices = append(b.table.Notices, fmt.Sprintf("only the sheet %q is read; choose another of %q with SHEET", visible[0], visible))
	}
	return visible[0], nil
}

func (b *workbook) read() error {
	merged, err := b.GetMergeCells(b.sheet, true)
	if err != nil {
		return err
	}
	for _, m := range merged {
		b.table.add(m.GetStartAxis()+":"+m.GetEndAxis(), importing.CodeCellMerged)
	}
	if len(merged) > 0 { // the library looks through all ranges for each cell
		if err := b.UnmergeCell(b.sheet, "A1", "XFD1048576"); err != nil {
			return err
		}
	}
	rows, err := b.Rows(b.sheet)
	if err != nil {
		return err
	}
	defer rows.Close()
	hidden := 0
	for row := 1; rows.Next(); row++ {
		cells, err := rows.Columns()
		if err != nil {
			return fmt.Errorf("row %d: %w", row, err)
		}
		if len(cells) > importing.MaxColumns {
			cells = withoutEmptyEnd(cells)
		}
		if len(cells) > importing.MaxColumns {
			return fmt.Errorf("row %d has %d columns, more than %d", row, len(cells), importing.MaxColumns)
		}
		if rows.GetRowOpts().Hidden && len(withoutEmptyEnd(cells)) > 0 {
			hidden++
		}
		for i, cell := range cells {
			if cells[i], err = b.text(i, row, cell); err != nil {
				return err
			}
		}
		if cells = withoutEmptyEnd(cells); row == 1 {
			b.setHeader(cells)
		} else if len(cells) > 0 {
			b.table.Rows = append(b.table.Rows, importing.Row{Row: row, Cells: cells})
		}
		if len(b.table.Rows) > MaxRows {
			return errTooManyRows
		}
	}
	if hidden > 0 {
		b.table.Notices = append(b.table.Notices, fmt.Sprintf("%d hidden rows are read too", hidden))
	}
	return rows.Error()
}

func (b *workbook) setHeader(cells []string) {
	b.table.Header = cells
	for _, title := range cells {
		c, ok := importing.ColumnTitled(title)
		b.isDate = append(b.isDate, ok && c.Form == importing.Date)
	}
}

// text returns the text of a cell with a raw value. It adds a finding for a value that is not what was typed.
func (b *workbook) text(column, row int, raw string) (string, error) {
	at := importing.ColumnName(column) + strconv.Itoa(row)
	formula, err := b.GetCellFormula(b.sheet, at)
	if err != nil {
		return raw, err
	}
	if formula != "" {
		b.table.add(at, importing.CodeCellFormula)
		return raw, nil
	}
	if raw == "" {
		return "", nil
	}
	kind, err := b.GetCellType(b.sheet, at)
	if err != nil {
		return raw, err
	}
	switch kind {
	case excelize.CellTypeError:
		b.table.add(at, importing.CodeCellError)
	case excelize.CellTypeUnset, excelize.CellTypeNumber, excelize.CellTypeDate:
		return b.number(column, at, raw)
	}
	return raw, nil
}

// number returns the text of a number. Spreadsheets keep 15 digits.
func (b *workbook) number(column int, at, raw string) (string, error) {
	value, err := strconv.ParseFloat(raw, 64)
	if err != nil { // a date in text form (ISO 8601)
		return raw, nil
	}
	isDate, err := b.showsDate(at)
	switch {
	case err != nil:
		return raw, err
	case isDate && column < len(b.isDate) && b.isDate[column]:
		day, err := excelize.ExcelDateToTime(value, b.since04)
		if err != nil {
			b.table.add(at, importing.CodeCellDate)
			return raw, nil
		}
		return day.Format("2006-01-02"), nil
	case isDate:
		b.table.add(at, importing.CodeCellDate)
	case math.Abs(value) >= 1e15:
		b.table.add(at, importing.CodeNumberRounded)
	case value == math.Trunc(value):
		return strconv.FormatFloat(value, 'f', 0, 64), nil
	}
	return raw, nil
}

// quoted are the parts of a number format that are shown literally.
var quoted = regexp.MustCompile(`"[^"]*"|\\.|\[[^\]]*\]`)

// showsDate reports whether the cell's format shows a number as a date or time (ECMA-376, 18.8.30).
func (b *workbook) showsDate(at string) (bool, error) {
	id, err := b.GetCellStyle(b.sheet, at)
	if err != nil {
		return false, err
	}
	shows, known := b.dates[id]
	if known {
		return shows, nil
	}
	style, err := b.GetStyle(id)
	if err != nil {
		return false, err
	}
	n := style.NumFmt
	shows = n >= 14 && n <= 22 || n >= 27 && n <= 36 || n >= 45 && n <= 47 || n >= 50 && n <= 58
	if style.CustomNumFmt != nil {
		format := quoted.ReplaceAllString(strings.ToLower(*style.CustomNumFmt), "")
		shows = format != "general" && strings.ContainsAny(format, "ymdhs年月日")
	}
	b.dates[id] = shows
	return shows, nil
}
