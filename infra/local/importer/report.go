package importer

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"

	"beian/functions/operator"
	"beian/shared/process/importing"
	"beian/shared/rules/finding"
)

// maxPrinted limits the blocking findings that are printed; the report has all.
const maxPrinted = 50

// outcomes returns the counts of the outcomes in words.
func (s Summary) outcomes() string {
	var parts []string
	for _, o := range importing.Outcomes {
		if n := s.Subjects[o]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, o))
		}
	}
	if len(parts) == 0 {
		return "no subjects"
	}
	return "subjects: " + strings.Join(parts, ", ")
}

// print prints the counts, each blocking finding, and how often each warning occurs.
func (i *Importer) print(s Summary) {
	type kind struct {
		code   finding.Code
		column string
	}
	warnings := map[kind]int{}
	var order []kind
	first := map[kind]operator.ImportCellFinding{}
	blocking := 0
	for _, f := range s.Findings {
		if f.Severity == finding.Block {
			if blocking++; blocking <= maxPrinted {
				fmt.Fprintf(i.Out, "%-6s %s %s\n", f.Cell, f.Message.In(i.Language), f.Remedy.In(i.Language))
			}
			continue
		}
		k := kind{f.Code, f.Column}
		if warnings[k]++; warnings[k] == 1 {
			order, first[k] = append(order, k), f
		}
	}
	if blocking > maxPrinted {
		fmt.Fprintf(i.Out, "… and %d more; the report has all\n", blocking-maxPrinted)
	}
	slices.SortStableFunc(order, func(a, b kind) int { return warnings[b] - warnings[a] })
	for _, k := range order {
		fmt.Fprintf(i.Out, "warning, %d times, first in %s: %s\n", warnings[k], first[k].Cell, first[k].Message.In(i.Language))
	}
	mode := ""
	if i.Dry {
		mode = "; only checked, nothing was stored"
	}
	fmt.Fprintf(i.Out, "%d rows: %s%s\n", s.Rows, s.outcomes(), mode)
}

// writeReport writes all findings in CSV.
func writeReport(w io.Writer, found []operator.ImportCellFinding) error {
	if w == nil {
		return nil
	}
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	report := csv.NewWriter(w)
	rows := [][]string{{"cell", "column", "severity", "code", "问题", "怎么办", "problem", "remedy"}}
	for _, f := range found {
		rows = append(rows, []string{f.Cell, f.Column, string(f.Severity), string(f.Code), f.Message.Chinese, f.Remedy.Chinese, f.Message.English, f.Remedy.English})
	}
	return report.WriteAll(rows)
}

// Blocking returns the blocking findings, as "code cell".
func (s Summary) Blocking() []string {
	var all []string
	for _, f := range s.Findings {
		if f.Severity == finding.Block {
			all = append(all, string(f.Code)+" "+f.Cell)
		}
	}
	return all
}
