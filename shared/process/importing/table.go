package importing

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"beian/shared/filing/register"
	"beian/shared/rules/certificate"
	"beian/shared/rules/codes"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/rules/text"
)

// Findings about the table.
const (
	CodeColumnMissing   finding.Code = "import-column-missing"
	CodeColumnUnknown   finding.Code = "import-column-unknown"
	CodeColumnTwice     finding.Code = "import-column-twice"
	CodeColumnSwapped   finding.Code = "import-column-swapped"
	CodeRowsDiffer      finding.Code = "import-rows-differ"
	CodeCellTooLong     finding.Code = "import-cell-too-long"
	CodeOtherSubject    finding.Code = "import-site-of-other-subject"
	CodeSiteTwice       finding.Code = "import-site-twice"
	CodeDomainTwice     finding.Code = "import-domain-twice"
	CodeNumberTwice     finding.Code = "import-number-twice"
	CodeProvinceUnknown finding.Code = "import-province-unknown"
)

// Findings about cells of a spreadsheet, which its reader reports; see infra/local/sheet.
const (
	CodeCellFormula finding.Code = "import-cell-formula"
	CodeCellMerged  finding.Code = "import-cell-merged"
	CodeCellDate    finding.Code = "import-cell-date"
	CodeCellError   finding.Code = "import-cell-error"
)

// A Table is a table that was read.
type Table struct {
	Findings []CellFinding // on the header
	Subjects []Subject     // in the order of their first rows

	columns []int // index in Columns of each column of the file; -1 for a column that is none of ours
}

// Blocking reports whether the header is wrong, so that there are no subjects.
func (t Table) Blocking() bool { return blocking(t.Findings) }

// A Subject is the rows of one subject.
type Subject struct {
	Rows     []Row
	Findings []CellFinding // of the rows alone, before the register is asked

	table  *Table
	filing register.Filing
}

func (s Subject) rowNumbers() []int {
	numbers := make([]int, len(s.Rows))
	for i, r := range s.Rows {
		numbers[i] = r.Row
	}
	return numbers
}

func blocking(found []CellFinding) bool {
	return slices.ContainsFunc(found, func(f CellFinding) bool { return f.Severity == finding.Block })
}

// Parse reads a table, or a portion of it. Rows with the number of the same certificate are one subject. Empty rows count as absent.
func Parse(header []string, rows []Row, tables codes.Tables) *Table {
	t := &Table{}
	t.readHeader(header)
	if t.Blocking() {
		return t
	}
	index := map[string]int{}
	for _, r := range rows {
		r = normalized(r)
		if !slices.ContainsFunc(r.Cells, func(c string) bool { return c != "" }) {
			continue
		}
		key := t.groupOf(r)
		k, known := index[key]
		if !known || key == "" { // without a certificate, each row is a subject
			k = len(t.Subjects)
			index[key] = k
			t.Subjects = append(t.Subjects, Subject{table: t})
		}
		t.Subjects[k].Rows = append(t.Subjects[k].Rows, r)
	}
	v := values{tables: tables, cached: map[string][]choice{}}
	for k := range t.Subjects {
		t.Subjects[k].read(v)
	}
	t.findTwice()
	return t
}

// normalized returns a row with its texts normalised.
func normalized(r Row) Row {
	cells := make([]string, len(r.Cells))
	for i, c := range r.Cells {
		if c != "" {
			cells[i] = text.Normalize(c)
		}
	}
	return Row{r.Row, cells}
}

// readHeader finds the columns by their titles, in any order.
func (t *Table) readHeader(header []string) {
	columns := Columns()
	seen := map[int]int{}
	for i, title := range header {
		k := indexTitled(title)
		t.columns = append(t.columns, k)
		switch first, twice := seen[k]; {
		case k < 0 && strings.TrimSpace(title) != "":
			t.Findings = append(t.Findings, CellFinding{ColumnName(i), "", finding.New(CodeColumnUnknown, headerPointer(i))})
		case k >= 0 && twice:
			t.Findings = append(t.Findings, CellFinding{ColumnName(i), columns[k].Key, finding.New(CodeColumnTwice, headerPointer(i), append(columns[k].placeholders(), "other", ColumnName(first))...)})
		case k >= 0:
			seen[k] = i
		}
	}
	for k, c := range columns {
		if _, has := seen[k]; c.Required && !has {
			t.Findings = append(t.Findings, CellFinding{"", c.Key, finding.New(CodeColumnMissing, "/header", c.placeholders()...)})
		}
	}
}

// ColumnTitled returns the column with a title, in Chinese or English, or a key.
func ColumnTitled(title string) (Column, bool) {
	k := indexTitled(title)
	if k < 0 {
		return Column{}, false
	}
	return Columns()[k], true
}

// titles are the indexes of the columns by their titles and keys.
var titles = sync.OnceValue(func() map[string]int {
	index := map[string]int{}
	for k, c := range Columns() {
		index[fold(c.Title.Chinese)], index[fold(c.Title.English)], index[fold(c.Key)] = k, k, k
	}
	return index
})

func indexTitled(title string) int {
	if k, ok := titles()[fold(title)]; ok {
		return k
	}
	return -1
}

func headerPointer(column int) string { return "/header/" + strconv.Itoa(column) }

func (c Column) placeholders() []string {
	return []string{"column", c.Title.Chinese, "column-en", c.Title.English}
}

// ColumnName returns the letters of a column: A, Z, AA.
func ColumnName(index int) string {
	name := ""
	for n := index + 1; n > 0; n = (n - 1) / 26 {
		name = string(rune('A'+(n-1)%26)) + name
	}
	return name
}

// cell returns a row's value of one of Columns, and the index of its column in the file; -1 if the file has no such column.
func (t *Table) cell(r Row, column int) (string, int) {
	i := slices.Index(t.columns, column)
	if i < 0 || i >= len(r.Cells) {
		return "", i
	}
	return r.Cells[i], i
}

// groupOf returns the number of a row's certificate in the form in which numbers are compared.
func (t *Table) groupOf(r Row) string {
	typed, _ := t.cell(r, slices.IndexFunc(Columns(), func(c Column) bool { return c.Key == "certificateNumber" }))
	return certificate.Fold(typed)
}

// add adds a finding on a row's cell of one of Columns.
func (s *Subject) add(r Row, column int, f finding.Finding) {
	s.Findings = append(s.Findings, s.table.at(r, column, f))
}

func (t *Table) at(r Row, column int, f finding.Finding) CellFinding {
	_, i := t.cell(r, column)
	c := CellFinding{Column: Columns()[column].Key, Finding: f}
	switch {
	case i >= 0:
		c.Cell = ColumnName(i) + strconv.Itoa(r.Row)
	default:
		c.Cell = strconv.Itoa(r.Row) // the row: the file has no such column
	}
	return c
}

// read enters the cells of the subject's rows into a filing.
func (s *Subject) read(v values) {
	for n, r := range s.Rows {
		var read row
		if n > 0 {
			read.filing = s.filing
		}
		for k, c := range Columns() {
			s.readCell(v, &read, r, k, c, n == 0)
		}
		s.filing = read.filing
		if !reflect.DeepEqual(read.access, register.Access{}) {
			read.site.Accesses = []register.Access{read.access}
		}
		s.filing.Sites = append(s.filing.Sites, read.site)
		s.filing.Private.Sites = append(s.filing.Private.Sites, read.details)
	}
	s.filing.Private.Sites = slices.Clip(s.filing.Private.Sites)
	s.checkNumbers()
}

func (s *Subject) readCell(v values, into *row, r Row, column int, c Column, first bool) {
	typed, _ := s.table.cell(r, column)
	ofFirst, _ := s.table.cell(s.Rows[0], column)
	switch {
	case typed == "" && c.Key == "domains" && into.site.Number.Service != number.Site: // an app may have none
		return
	case typed == "" && c.Required && (first || c.OfSite):
		s.add(r, column, finding.New(CodeCellMissing, "", c.placeholders()...))
		return
	case typed == "":
		return
	case len(typed) > MaxCell:
		s.add(r, column, finding.New(CodeCellTooLong, "", "max", strconv.Itoa(MaxCell)))
		return
	case !first && !c.OfSite && typed == ofFirst:
		return
	case !first && !c.OfSite && c.Key == "certificateNumber": // written in another way, such as with spaces
		return
	case !first && !c.OfSite:
		s.add(r, column, finding.New(CodeRowsDiffer, "", "row", strconv.Itoa(s.Rows[0].Row)))
		return
	case isRounded(typed):
		s.add(r, column, finding.New(CodeNumberRounded, ""))
		return
	}
	found := c.set(v, into, typed)
	wrong := found.Blocking()
	if c.Form == Certificate {
		d := documentOf(into, c)
		malformed := certificate.Check(d.Kind, certificate.Normalize(d.Kind, d.Number.Reveal()), never)
		wrong = malformed.Blocking()
		if c.Required { // the subject's, by which it is found; a leader's is a matter of the next order
			found = append(found, malformed...)
		}
	}
	if seems, swapped := seemsSwapped(c.Form, typed, wrong); swapped {
		w := formWords[seems]
		s.add(r, column, finding.New(CodeColumnSwapped, "", append(c.placeholders(), "looks", w.Chinese, "looks-en", w.English)...))
		return
	}
	for _, f := range found {
		if f.Severity == finding.Block {
			s.add(r, column, f)
		}
	}
}

// documentOf returns the certificate whose number a column has.
func documentOf(r *row, c Column) register.IdentityDocument {
	switch {
	case strings.HasPrefix(c.Key, "siteLeader"):
		return r.details.Leader.Certificate
	case strings.HasPrefix(c.Key, "leader"):
		return r.filing.Private.Subject.Leader.Certificate
	}
	return r.filing.Private.Subject.Certificate
}

// checkNumbers derives the subject's number and province from its sites, and compares them.
func (s *Subject) checkNumbers() {
	column := columnIndex("siteNumber")
	for n, r := range s.Rows {
		of := s.filing.Sites[n].Number.Subject
		switch {
		case of == (number.Subject{}):
		case s.filing.Number == (number.Subject{}):
			s.filing.Number = of
		case of != s.filing.Number:
			s.add(r, column, finding.New(CodeOtherSubject, "", "number", s.filing.Number.String()))
		}
	}
	if p, ok := s.filing.Number.Province(); ok {
		s.filing.Province = p.Code
	} else if division := s.filing.Private.Subject.Division; len(division) == 6 {
		s.filing.Province = provinceOf(division)
	}
	if s.filing.Province == "" && s.filing.Number != (number.Subject{}) {
		s.add(s.Rows[0], columnIndex("division"), finding.New(CodeProvinceUnknown, ""))
	}
}

// findTwice finds site numbers, domains and subjects' numbers that two rows have. The finding is at the later one.
func (t *Table) findTwice() {
	type seen struct {
		code  finding.Code
		value string
	}
	cells := map[seen]string{}
	for k := range t.Subjects {
		s := &t.Subjects[k]
		own := map[seen]bool{}
		mark := func(code finding.Code, key string, r Row, value string) {
			column := columnIndex(key)
			at := s.table.at(r, column, finding.Finding{}).Cell
			if other, twice := cells[seen{code, value}]; twice && !own[seen{code, value}] {
				s.add(r, column, finding.New(code, "", "other", other))
			}
			cells[seen{code, value}] = at
			own[seen{code, value}] = code == CodeNumberTwice
		}
		for n, r := range s.Rows {
			site := s.filing.Sites[n]
			if site.Number != (number.Filing{}) {
				mark(CodeSiteTwice, "siteNumber", r, site.Number.String())
				mark(CodeNumberTwice, "siteNumber", r, site.Number.Subject.String())
			}
			if site.Number.Service != number.Site { // an app may have the domain of a website, and several apps one
				continue
			}
			for _, d := range site.Domains {
				mark(CodeDomainTwice, "domains", r, string(d.Name))
			}
		}
	}
}

func columnIndex(key string) int {
	return slices.IndexFunc(Columns(), func(c Column) bool { return c.Key == key })
}

func sitePointer(site int, rest string) string { return fmt.Sprintf("/sites/%d%s", site, rest) }

// siteInPointer matches the index of a site in the pointer of a finding on a filing.
var siteInPointer = regexp.MustCompile(`^/sites/(\d+)`)

// placeIn is place for a finding on the filing as it is in the register, where the sites have other indexes than the rows. It returns false for a site that
// no row has.
func (s Subject) placeIn(f register.Filing, one finding.Finding) (CellFinding, bool) {
	if m := siteInPointer.FindStringSubmatch(one.Pointer); m != nil {
		k, err := strconv.Atoi(m[1])
		if err != nil || k >= len(f.Sites) {
			return CellFinding{}, false
		}
		n := slices.IndexFunc(s.filing.Sites, func(site register.FiledSite) bool { return site.Number == f.Sites[k].Number })
		if n < 0 {
			return CellFinding{}, false
		}
		one.Pointer = sitePointer(n, strings.TrimPrefix(one.Pointer, m[0]))
	}
	return s.place(one), true
}

// place returns a finding on the filing as one on the cell that it comes from: that of the longest pointer that leads there. A finding on what no cell
// says is at the subject's first row.
func (s Subject) place(f finding.Finding) CellFinding {
	best, row := -1, s.Rows[0]
	for k, c := range Columns() {
		for n, r := range s.Rows {
			pointer := strings.ReplaceAll(c.Pointer, "{site}", strconv.Itoa(n))
			if (f.Pointer == pointer || strings.HasPrefix(f.Pointer, pointer+"/")) && (best < 0 || len(c.Pointer) > len(Columns()[best].Pointer)) {
				best = k
				if c.OfSite {
					row = r
				}
			}
		}
	}
	f.Pointer = ""
	if best < 0 {
		return CellFinding{Cell: strconv.Itoa(row.Row), Finding: f}
	}
	if typed, _ := s.table.cell(row, best); typed == "" && f.Code == register.CodeNumberTaken {
		best = columnIndex("siteNumber") // which contains the subject's
	}
	return s.table.at(row, best, f)
}

// advise returns a finding by the rules for new applications as a warning on the cell. It returns false for what no cell says: the next order asks for it.
func (s Subject) advise(f register.Filing, one finding.Finding) (CellFinding, bool) {
	c, placed := s.placeIn(f, one)
	k := columnIndex(c.Column)
	if !placed || k < 0 {
		return c, false
	}
	for _, r := range s.Rows {
		typed, i := s.table.cell(r, k)
		if i >= 0 && typed != "" && c.Cell == ColumnName(i)+strconv.Itoa(r.Row) {
			c.Severity = finding.Warn
			return c, true
		}
	}
	return c, false
}
