package plan

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"beian/shared/filing"
	"beian/shared/rules/finding"
	"beian/shared/rules/gbk"
	"beian/shared/rules/strictjson"
	"beian/shared/rules/text"
)

// Codes of the findings about a file.
const (
	CodeFileEmpty     finding.Code = "plan-file-empty"
	CodeFileEncoding  finding.Code = "plan-file-encoding"
	CodeFileWorkbook  finding.Code = "plan-file-workbook"
	CodeFileRow       finding.Code = "plan-file-row"
	CodeColumnMissing finding.Code = "plan-file-column-missing"
	CodeColumnTwice   finding.Code = "plan-file-column-twice"
	CodeColumnIgnored finding.Code = "plan-file-column-ignored"
)

const pointerFile = "/file"

// maxColumns is the number of columns that are looked at.
const maxColumns = 100

// columns are the names of a file's columns, and the field of a domain that each fills.
var columns = map[string]func(*Domain) *string{
	"domain": domainColumn, "域名": domainColumn, "网站域名": domainColumn,
	"site": siteColumn, "网站": siteColumn, "网站名称": siteColumn,
	"filed": filedColumn, "备案情况": filedColumn, "是否备案": filedColumn,
	"number": numberColumn, "备案号": numberColumn, "网站备案号": numberColumn,
}

func domainColumn(d *Domain) *string { return &d.Domain }
func siteColumn(d *Domain) *string   { return &d.Site }
func filedColumn(d *Domain) *string  { return (*string)(&d.Filed) }
func numberColumn(d *Domain) *string { return &d.Number }

// ReadFile reads the domains of a CSV file; see [Request.File]. Rows without a text are skipped. If a finding blocks, the file cannot be used.
// Pointers are those of the request's file, with the line for a row: "/file/3".
func ReadFile(file []byte) ([]Domain, finding.List) {
	decoded, found := DecodeFile(file)
	if found.Blocking() {
		return nil, found
	}
	r := csv.NewReader(strings.NewReader(decoded))
	r.FieldsPerRecord, r.TrimLeadingSpace = -1, true
	var fields []func(*Domain) *string
	var domains []Domain
	count := 0 // rows, also those that are no CSV
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if parse, ok := errors.AsType[*csv.ParseError](err); ok {
			if count++; count > MaxDomains {
				continue
			}
			found = append(found, finding.New(CodeFileRow, fmt.Sprintf("%s/%d", pointerFile, parse.StartLine), "row", strconv.Itoa(parse.StartLine)))
			continue
		}
		if err != nil || !slices.ContainsFunc(record, func(cell string) bool { return strings.TrimSpace(cell) != "" }) {
			continue // a strings.Reader does not fail otherwise
		}
		row, _ := r.FieldPos(0)
		if fields == nil {
			var wrong finding.List
			if fields, wrong = readHeader(record); wrong.Blocking() {
				return nil, append(found, wrong...)
			} else {
				found = append(found, wrong...)
			}
			continue
		}
		if count++; count > MaxDomains {
			continue
		}
		d := Domain{row: row}
		for i, cell := range record {
			if i < len(fields) && fields[i] != nil {
				*fields[i](&d) = strings.TrimSpace(cell)
			}
		}
		domains = append(domains, d)
	}
	switch {
	case count > MaxDomains:
		found = append(found, tooManyRows(count, pointerFile))
	case count == 0 && !found.Blocking():
		found = append(found, finding.New(CodeFileEmpty, pointerFile))
	}
	return domains, found
}

func tooManyRows(count int, pointer string) finding.Finding {
	return finding.New(CodeTooManyRows, pointer, "max", strconv.Itoa(MaxDomains), "count", strconv.Itoa(count))
}

// DecodeFile returns the text of a CSV file in UTF-8, with or without a byte order mark, or in GBK, as spreadsheets in China write it. Its findings are
// about the whole file: it is empty, a workbook, or in another encoding.
func DecodeFile(file []byte) (string, finding.List) {
	file, marked := bytes.CutPrefix(file, []byte("\ufeff"))
	switch {
	case len(bytes.TrimSpace(file)) == 0:
		return "", finding.List{finding.New(CodeFileEmpty, pointerFile)}
	case bytes.HasPrefix(file, []byte("PK\x03\x04")), bytes.HasPrefix(file, []byte("\xd0\xcf\x11\xe0")): // XLSX, XLS
		return "", finding.List{finding.New(CodeFileWorkbook, pointerFile)}
	case utf8.Valid(file) && !bytes.ContainsRune(file, 0):
		return string(file), nil
	case marked, bytes.ContainsRune(file, 0): // UTF-16 has zero bytes
		return "", finding.List{finding.New(CodeFileEncoding, pointerFile)}
	}
	decoded, replaced := gbk.Decode(file)
	if replaced > 0 {
		return "", finding.List{finding.New(CodeFileEncoding, pointerFile)}
	}
	return decoded, nil
}

// readHeader returns the field of each column, at most maxColumns; nil for a column that is ignored.
func readHeader(record []string) ([]func(*Domain) *string, finding.List) {
	var found finding.List
	if len(record) > maxColumns {
		found = append(found, finding.New(CodeColumnIgnored, pointerFile, "column", strconv.Itoa(maxColumns+1)))
		record = record[:maxColumns]
	}
	fields := make([]func(*Domain) *string, len(record))
	filled := map[*string]bool{}
	var d Domain
	for i, cell := range record {
		name := strings.ToLower(strings.TrimSpace(text.NormalizeASCII(cell)))
		field, known := columns[name]
		switch {
		case name == "":
		case !known:
			found = append(found, finding.New(CodeColumnIgnored, pointerFile, "column", strconv.Itoa(i+1)))
		case filled[field(&d)]:
			found = append(found, finding.New(CodeColumnTwice, pointerFile, "column", strconv.Itoa(i+1)))
		default:
			fields[i], filled[field(&d)] = field, true
		}
	}
	if !filled[&d.Domain] {
		found = append(found, finding.New(CodeColumnMissing, pointerFile))
	}
	return fields, found
}

// Read returns the request with the domains of its file, and the findings that refuse the request as a whole. Findings that do not block are
// those about the file.
func (r Request) Read() (Request, finding.List) {
	var found finding.List
	switch {
	case len(r.File) > 0 && len(r.Domains) > 0:
		found = append(found, finding.New(CodeDomainsAndFile, ""))
	case len(r.File) > 0:
		r.Domains, found = ReadFile(r.File)
		r.File = nil
	case len(r.Domains) == 0:
		found = append(found, finding.New(filing.CodeDomainsMissing, "/domains"))
	case len(r.Domains) > MaxDomains:
		found = append(found, tooManyRows(len(r.Domains), "/domains"))
	}
	if r.Filing == "" && r.Subject == nil {
		found = append(found, finding.New(CodeSubjectMissing, "/subject"))
	}
	return r, found
}

// declarations are the words of a file for a declaration. A person writes them, so the list is generous.
var declarations = map[string]Declared{
	"": "", "no": NotFiled, "n": NotFiled, "否": NotFiled, "无": NotFiled, "未备案": NotFiled, "没有": NotFiled,
	"elsewhere": Elsewhere, "别处": Elsewhere, "其他": Elsewhere, "他处": Elsewhere, "其他接入商": Elsewhere, "别处已备案": Elsewhere,
	"here": Here, "我处": Here, "本处": Here, "这里": Here, "我处已备案": Here,
}

// normalize returns the declaration that a text means. It returns false for an unknown text.
func (d Declared) normalize() (Declared, bool) {
	known, ok := declarations[strings.ToLower(text.NormalizeASCII(string(d)))]
	return known, ok
}

// place returns the place of the domain for people, and its pointer into the request.
func (d Domain) place(index int) (row int, pointer string) {
	if d.row > 0 {
		return d.row, fmt.Sprintf("%s/%d", pointerFile, d.row)
	}
	return index + 1, fmt.Sprintf("/domains/%d", index)
}

// shown returns the text of a domain for its verdict.
func (d Domain) shown() string { return strictjson.Shorten(d.Domain) }
