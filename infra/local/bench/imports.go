package bench

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"beian/infra/local/importer"
	"beian/infra/local/scenario"
)

// importedRows is the number of rows of the table that is imported.
const importedRows = 10_000

// measureImport prints how long the import of a table takes, and how long it takes to import it again.
func (b *Bench) measureImport(ctx context.Context) error {
	var applications []scenario.Application
	for n := range importedRows {
		applications = append(applications, scenario.Invented(2_000_000+n))
	}
	name := filepath.Join(b.folder, "register.csv")
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	err = csv.NewWriter(file).WriteAll(scenario.FiledTable(applications...))
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	i := importer.Importer{Operator: b.admin, Out: io.Discard, Progress: time.Hour}
	fmt.Fprintf(b.out, "\nImport of a table with %d rows\n", importedRows)
	for _, run := range []string{"the first time", "again"} {
		started := time.Now()
		if _, err := i.Run(ctx, name, "", nil); err != nil {
			return err
		}
		took := time.Since(started)
		fmt.Fprintf(b.out, "  %-14s %6.1f s   %s\n", run, took.Seconds(), compareWithAim(took < time.Minute, "aim: under 60 s"))
	}
	return nil
}
