// Package sheet reads the table of an import from a CSV or XLSX file. Call [Read]:
//
//	table, err := sheet.Read("register.xlsx", "")
//
// CSV is UTF-8, UTF-16 with a byte order mark, or GBK. What a spreadsheet did to a value cannot be undone later, so each such cell is a finding: formulas,
// merged cells, dates where no date belongs, and numbers whose last digits are lost.
package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"beian/shared/process/importing"
)

// Limits of a file.
const (
	MaxBytes    = 50 << 20
	MaxUnpacked = 250 << 20 // of an XLSX file, which is compressed
	MaxRows     = 100_000
	MaxMerged   = 10_000 // merged ranges of a sheet of an XLSX file, each of which is a finding
)

// A Table is the content of a file.
type Table struct {
	Header   []string
	Rows     []importing.Row // from row 2
	Findings []importing.CellFinding
	Notices  []string // what the reader did that its user may not expect
}

// Read reads a file. name is the sheet of an XLSX file; "" is the first that is visible. An error says what is wrong with the whole file.
func Read(file, name string) (Table, []byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return Table{}, nil, err
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, MaxBytes+1))
	if err != nil {
		return Table{}, nil, err
	}
	if len(content) > MaxBytes {
		return Table{}, nil, fmt.Errorf("%s has more than %d MB; split it into several files, each with the header, and with all rows of a subject in one file", file, MaxBytes>>20)
	}
	t, err := Parse(content, name)
	if err != nil {
		return t, nil, fmt.Errorf("%s: %w", file, err)
	}
	return t, content, nil
}

// Parse is [Read] for the content of a file.
func Parse(content []byte, name string) (t Table, err error) {
	switch {
	case len(bytes.TrimSpace(content)) == 0:
		return t, errors.New("the file is empty")
	case bytes.HasPrefix(content, []byte("PK\x03\x04")):
		t, err = parseWorkbook(content, name)
	case bytes.HasPrefix(content, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		return t, errors.New("the file is an old .xls workbook, or has a password; save it as .xlsx without a password")
	case name != "":
		return t, errors.New("only an .xlsx file has sheets; leave out SHEET")
	default:
		t, err = parseCSV(content)
	}
	switch {
	case err != nil:
		return Table{}, err
	case len(t.Header) == 0:
		return Table{}, errors.New("there is no header in row 1")
	case len(t.Header) > importing.MaxColumns:
		return Table{}, fmt.Errorf("the table has %d columns, more than %d", len(t.Header), importing.MaxColumns)
	case len(t.Rows) == 0:
		return Table{}, errors.New("the table has a header, but no rows")
	}
	return t, nil
}

var errTooManyRows = fmt.Errorf("the table has more than %d rows; split it, with all rows of a subject in one file", MaxRows)
