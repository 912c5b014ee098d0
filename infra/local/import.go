package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	"beian/infra/local/importer"
)

// importFile imports a table with what is filed already: `local import register.xlsx`. See runningOperator for
// the system.
func importFile(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("import", flag.ContinueOnError)
	dry := flags.Bool("dry", false, "check only, store nothing")
	overwrite := flags.Bool("overwrite", false, "change filings that the register has with other data")
	sheet := flags.String("sheet", "", "`name` of the sheet of a workbook; default: the first that is visible")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 1 || flags.Arg(0) == "" {
		return errors.New("usage: make import FILE=<register.xlsx or .csv> [DRY=1] [OVERWRITE=1] [SHEET=<name>] [API=https://…, with TOKEN in the environment]")
	}
	operator, err := runningOperator(ctx)
	if err != nil {
		return err
	}
	if operator == nil {
		return errNotRunning
	}
	file := flags.Arg(0)
	report, err := os.Create(file + ".findings.csv")
	if err != nil {
		return fmt.Errorf("the report: %w", err)
	}
	defer report.Close()
	i := importer.Importer{Operator: operator, Dry: *dry, Overwrite: *overwrite, Language: terminalLanguage(), Out: os.Stdout, Progress: 2 * time.Second}
	started := time.Now()
	s, err := i.Run(ctx, file, *sheet, report)
	if s.Rows > 0 || len(s.Findings) > 0 {
		fmt.Printf("%.1f s; all findings are in %s\n", time.Since(started).Seconds(), report.Name())
	}
	return err
}
