// Package importer sends a table with what is filed already to the operator's import operation, portion by portion. Set up an [Importer] and call
// [Importer.Run]; `make import` does.
package importer

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"beian/functions/operator"
	"beian/infra/local/scenario"
	"beian/infra/local/sheet"
	"beian/shared/process/importing"
	"beian/shared/rules/codes"
	"beian/shared/rules/finding"
)

// An Importer imports files.
type Importer struct {
	Operator *scenario.User
	// Dry checks without storing anything. Overwrite changes filings that the register has with other data.
	Dry, Overwrite bool
	Language       string // of the findings: "zh-CN" or "en"
	Out            io.Writer
	// Progress is the pause between two lines of progress.
	Progress time.Duration
}

// inFlight is the number of portions that are sent at the same time.
const inFlight = 4

// Summary counts what an import did.
type Summary struct {
	Rows     int
	Subjects map[importing.Outcome]int
	Findings []operator.ImportCellFinding
}

// ErrIncomplete is returned if some subjects were not imported. The findings say why.
var ErrIncomplete = errors.New("some subjects were not imported; correct the table and import it again: what is imported already is skipped")

// Run imports a file, and prints progress and findings. name is the sheet of a workbook; "" is the first that is visible. It writes all findings to
// report, in CSV.
func (i *Importer) Run(ctx context.Context, file, name string, report io.Writer) (Summary, error) {
	s := Summary{Subjects: map[importing.Outcome]int{}}
	table, content, err := sheet.Read(file, name)
	if err != nil {
		return s, err
	}
	for _, notice := range table.Notices {
		fmt.Fprintln(i.Out, "note:", notice)
	}
	parsed := importing.Parse(table.Header, table.Rows, codes.Tables{})
	for _, f := range parsed.Findings {
		s.Findings = append(s.Findings, ofCell(f))
	}
	if parsed.Blocking() {
		i.print(s)
		return s, errors.Join(errors.New("the header is wrong; nothing was imported"), writeReport(report, s.Findings))
	}
	byRow, header := ofRows(table)
	if len(header) > 0 {
		s.Findings = append(s.Findings, header...)
		i.print(s)
		return s, errors.Join(errors.New("the header is wrong; nothing was imported"), writeReport(report, s.Findings))
	}
	var ready []importing.Subject
	for _, one := range parsed.Subjects {
		if refused, ok := refuse(one, byRow); ok {
			s.add(refused)
			continue
		}
		ready = append(ready, one)
	}
	sum := sha256.Sum256(content)
	err = i.send(ctx, hex.EncodeToString(sum[:]), table, ready, &s)
	slices.SortStableFunc(s.Findings, func(a, b operator.ImportCellFinding) int { return cmp.Compare(rowOf(a.Cell), rowOf(b.Cell)) })
	i.print(s)
	err = errors.Join(err, writeReport(report, s.Findings))
	if err == nil && s.Subjects[importing.Refused]+s.Subjects[importing.Differs] > 0 {
		err = ErrIncomplete
	}
	return s, err
}

func ofCell(f importing.CellFinding) operator.ImportCellFinding {
	return operator.ImportCellFinding{Cell: f.Cell, Column: f.Column, Code: f.Code, Severity: f.Severity, Message: f.Message, Remedy: f.Remedy}
}

func (s *Summary) add(one operator.ImportSubject) {
	s.Rows += len(one.Rows)
	s.Subjects[one.Outcome]++
	s.Findings = append(s.Findings, one.Findings...)
}

// ofRows returns the reader's findings by row, without those on columns that are not imported, and apart those on the header. A range of cells is at the
// first of its rows that the table has, and at each later one that no other range is at: ranges can have a million rows, and cover all rows of the table.
func ofRows(table sheet.Table) (byRow map[int][]operator.ImportCellFinding, header []operator.ImportCellFinding) {
	imported := map[string]string{}
	for k, title := range table.Header {
		if c, ok := importing.ColumnTitled(title); ok {
			imported[importing.ColumnName(k)] = c.Key
		}
	}
	byRow = map[int][]operator.ImportCellFinding{}
	covered := make([]bool, len(table.Rows)) // by a range
	for _, f := range table.Findings {
		first, last, isRange := strings.Cut(f.Cell, ":")
		if !isRange {
			last = first
		}
		one := ofCell(f)
		one.Column = imported[lettersOf(first)]
		if one.Column == "" && (!isRange || lettersOf(first) == lettersOf(last)) {
			continue
		}
		if rowOf(first) == 1 {
			header = append(header, one)
			continue
		}
		if !isRange {
			byRow[rowOf(first)] = append(byRow[rowOf(first)], one)
			continue
		}
		begin := sort.Search(len(table.Rows), func(k int) bool { return table.Rows[k].Row >= rowOf(first) })
		for k := begin; k < len(table.Rows) && table.Rows[k].Row <= rowOf(last); k++ {
			if k == begin || !covered[k] {
				byRow[table.Rows[k].Row] = append(byRow[table.Rows[k].Row], one)
			}
			covered[k] = true
		}
	}
	return byRow, header
}

func lettersOf(cell string) string { return strings.TrimRight(cell, "0123456789") }

// rowOf returns the row of a cell; 0 if it names none.
func rowOf(cell string) int {
	first, _, _ := strings.Cut(cell, ":")
	row, _ := strconv.Atoi(first[len(lettersOf(first)):])
	return row
}

// onlyInFile are the findings for which the whole file is needed.
var onlyInFile = []finding.Code{importing.CodeSiteTwice, importing.CodeDomainTwice, importing.CodeNumberTwice}

// refuse returns the result of a subject that cannot be sent, with all findings on its rows.
func refuse(s importing.Subject, byRow map[int][]operator.ImportCellFinding) (operator.ImportSubject, bool) {
	refused := operator.ImportSubject{Outcome: importing.Refused}
	cells := map[string]bool{}
	wrong := len(s.Rows) > importing.MaxRows
	for _, r := range s.Rows {
		refused.Rows = append(refused.Rows, r.Row)
		for _, f := range byRow[r.Row] {
			wrong = true
			if !cells[f.Cell] {
				refused.Findings = append(refused.Findings, f)
			}
			cells[f.Cell] = true
		}
	}
	if len(s.Rows) > importing.MaxRows {
		refused.Findings = append(refused.Findings, ofCell(importing.CellFinding{Cell: strconv.Itoa(s.Rows[0].Row), Finding: finding.New(importing.CodeTooLarge, "")}))
	}
	for _, f := range s.Findings {
		wrong = wrong || slices.Contains(onlyInFile, f.Code) || f.Code == importing.CodeCellTooLong
		if !cells[f.Cell] {
			refused.Findings = append(refused.Findings, ofCell(f))
		}
	}
	return refused, wrong
}

// send sends the subjects in portions.
func (i *Importer) send(ctx context.Context, file string, table sheet.Table, ready []importing.Subject, s *Summary) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(inFlight)
	var mu sync.Mutex
	printed := time.Now()
	for number, p := range portions(ready) {
		body := operator.ImportPortion{File: file, Portion: number + 1, Dry: i.Dry, Overwrite: i.Overwrite, Header: table.Header, Rows: p}
		group.Go(func() error {
			var results operator.ImportResults
			if err := i.call(ctx, body, &results); err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			for _, one := range results.Subjects {
				s.add(one)
			}
			if time.Since(printed) >= i.Progress {
				printed = time.Now()
				fmt.Fprintf(i.Out, "%d of %d rows: %s\n", s.Rows, len(table.Rows), s.outcomes())
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return fmt.Errorf("the import stopped: %w; run it again: what is imported already is skipped", err)
	}
	return nil
}

// maxBytes limits the texts of a portion.
const maxBytes = 1 << 20

// portions packs the rows of the subjects into portions.
func portions(subjects []importing.Subject) [][]operator.ImportRow {
	var all [][]operator.ImportRow
	var p []operator.ImportRow
	count, size := 0, 0
	for _, s := range subjects {
		bytes := 0
		for _, r := range s.Rows {
			for _, c := range r.Cells {
				bytes += len(c) + 3
			}
		}
		if count == importing.MaxSubjects || len(p)+len(s.Rows) > importing.MaxRows || size+bytes > maxBytes && count > 0 {
			all, p, count, size = append(all, p), nil, 0, 0
		}
		for _, r := range s.Rows {
			p = append(p, operator.ImportRow(r))
		}
		count, size = count+1, size+bytes
	}
	if count > 0 {
		all = append(all, p)
	}
	return all
}

// maxAttempts limits the attempts to send a portion while the server is busy or out of reach.
const maxAttempts = 6

// call sends a portion, again if the failure is one that passes.
func (i *Importer) call(ctx context.Context, body, into any) error {
	pause := 500 * time.Millisecond
	for attempt := 1; ; attempt++ {
		err := i.Operator.Call(ctx, http.MethodPost, "/imports", body, into)
		problem, answered := errors.AsType[*scenario.Problem](err)
		switch {
		case err == nil:
			return nil
		case answered && problem.Status == http.StatusUnauthorized:
			return errors.New("the token is not valid, or has expired; log in again and set TOKEN")
		case answered && problem.Status == http.StatusForbidden:
			return errors.New("the token is not an operator's")
		case attempt == maxAttempts, ctx.Err() != nil,
			answered && problem.Status < 500 && problem.Status != http.StatusConflict && problem.Status != http.StatusTooManyRequests:
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
			pause *= 2
		}
	}
}
