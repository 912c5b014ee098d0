package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"beian/shared/process/importing"
	"beian/shared/rules/finding"
)

func parseCSV(content []byte) (t Table, err error) {
	text, err := decode(content)
	if err != nil {
		return t, err
	}
	text = keptText.ReplaceAllString(text, `$1"$2"`)
	r := csv.NewReader(strings.NewReader(text))
	r.FieldsPerRecord = -1
	r.Comma = separatorOf(text)
	for row := 1; ; row++ {
		record, err := r.Read()
		var wrong *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return t, nil
		case errors.As(err, &wrong):
			return t, fmt.Errorf(`line %d is not CSV: %w; a text with a quotation mark is written in quotation marks, with the mark doubled: "a ""b"" c"`, wrong.Line, wrong.Err)
		case err != nil:
			return t, err
		case row > MaxRows:
			return t, errTooManyRows
		}
		for i, cell := range record {
			record[i] = t.unwrap(cell, importing.ColumnName(i)+strconv.Itoa(row))
		}
		if row == 1 {
			t.Header = withoutEmptyEnd(record)
			continue
		}
		if record = withoutEmptyEnd(record); len(record) > 0 {
			t.Rows = append(t.Rows, importing.Row{Row: row, Cells: record})
		}
	}
}

// keptText matches a field ="00123", with which programs keep the digits of a number. It is not CSV, but common.
var keptText = regexp.MustCompile(`(?m)(^|[,;\t])="([^"\r\n]*)"`)

// unwrap returns the text of ="00123" in a field with quotation marks. Another text that begins with = is a formula.
func (t *Table) unwrap(cell, at string) string {
	if inner, ok := strings.CutPrefix(cell, `="`); ok && strings.HasSuffix(inner, `"`) && !strings.Contains(inner[:len(inner)-1], `"`) {
		return inner[:len(inner)-1]
	}
	if strings.HasPrefix(cell, "=") {
		t.add(at, importing.CodeCellFormula)
	}
	return cell
}

func (t *Table) add(cell string, code finding.Code) {
	t.Findings = append(t.Findings, importing.CellFinding{Cell: cell, Finding: finding.New(code, "")})
}

// decode returns a text that is UTF-8, UTF-16 with a byte order mark, or GBK.
func decode(content []byte) (string, error) {
	switch {
	case bytes.HasPrefix(content, []byte("\xff\xfe")), bytes.HasPrefix(content, []byte("\xfe\xff")):
		text, err := unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().Bytes(content)
		return string(text), err
	case utf8.Valid(content):
		content = bytes.TrimPrefix(content, []byte("\ufeff"))
	default:
		text, err := simplifiedchinese.GB18030.NewDecoder().Bytes(content)
		if err != nil || bytes.ContainsRune(text, utf8.RuneError) {
			return "", errors.New("the file is neither UTF-8 nor GBK; save it as “CSV UTF-8”")
		}
		content = text
	}
	if bytes.IndexByte(content, 0) >= 0 {
		return "", errors.New("the file is neither CSV nor XLSX: it contains binary data")
	}
	return string(content), nil
}

// separatorOf returns the separator of the header: a comma, or a tab or semicolon if there are more of them.
func separatorOf(text string) rune {
	header, _, _ := strings.Cut(text, "\n")
	best := ','
	for _, r := range "\t;" {
		if strings.Count(header, string(r)) > strings.Count(header, string(best)) {
			best = r
		}
	}
	return best
}

func withoutEmptyEnd(cells []string) []string {
	for len(cells) > 0 && strings.TrimSpace(cells[len(cells)-1]) == "" {
		cells = cells[:len(cells)-1]
	}
	return cells
}
