package main

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	api "beian/functions/operator"
	"beian/infra/local/scenario"
	"beian/shared/process/exchange"
)

// reconcile prints the differences between the register of a running system and the bureau's newest full copy, and imports what the register lacks if
// the flag import is set. Another system than that of make run is named by the variables API and TOKEN.
func reconcile(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("reconcile", flag.ContinueOnError)
	settled := flags.Bool("settled", false, "list the differences that the register took over, instead of the open ones")
	imports := flags.Bool("import", false, "import the filings that the register lacks")
	if err := flags.Parse(args); err != nil {
		return err
	}
	operator, err := runningOperator(ctx)
	if err != nil {
		return err
	}
	if operator == nil {
		return errNotRunning
	}
	state := "open"
	if *settled {
		state = "settled"
	}
	count, lacking, err := printDifferences(ctx, operator, state, terminalLanguage())
	if err != nil {
		return err
	}
	fmt.Printf("Differences (%s): %d\n", state, count)
	if !*imports {
		return nil
	}
	return importLacking(ctx, operator, lacking)
}

// printDifferences prints all differences of a state. It returns how many there are, and the numbers of the filings that the register lacks.
func printDifferences(ctx context.Context, operator *scenario.User, state, language string) (count int, lacking []string, err error) {
	for cursor := ""; ; {
		var page api.Reconciliation
		query := url.Values{"state": {state}, "limit": {"100"}, "cursor": {cursor}}
		if err := operator.Call(ctx, http.MethodGet, "/reconciliation?"+query.Encode(), nil, &page); err != nil {
			return count, lacking, err
		}
		if cursor == "" {
			if c := page.Copy; c == nil {
				fmt.Println("The bureau has not sent a full copy yet.")
			} else {
				fmt.Printf("Full copy received on %s; %d of %d filings compared.\n", c.ReceivedAt.Format(time.DateTime), c.Compared, c.Filings)
			}
		}
		for _, d := range page.Items {
			count++
			if (d.Kind == exchange.MissingHere || d.Kind == exchange.Conflict) && state == "open" {
				lacking = append(lacking, d.Number)
			}
			fmt.Printf("  %s %s (%s acts): %s %s\n", d.Kind, d.Number+strings.TrimPrefix(d.Site, d.Number), d.Actor, d.Message.In(language), d.Remedy.In(language))
			details := d.Places
			for _, code := range d.Conflicts {
				details = append(details, string(code))
			}
			if len(details) > 0 {
				fmt.Println("      " + strings.Join(details, " "))
			}
		}
		if cursor = page.Next; cursor == "" {
			return count, lacking, nil
		}
	}
}

// importLacking imports the filings with the numbers.
func importLacking(ctx context.Context, operator *scenario.User, numbers []string) error {
	for chunk := range slices.Chunk(numbers, exchange.MaxImports) {
		var done struct{ Items []api.ReconciliationImport }
		if err := operator.Call(ctx, http.MethodPost, "/reconciliation/import", map[string]any{"numbers": chunk}, &done); err != nil {
			return err
		}
		for _, one := range done.Items {
			if one.Filing == "" {
				fmt.Printf("  %s still conflicts: %s\n", one.Number, one.Conflicts)
				continue
			}
			fmt.Printf("  %s imported: filing %s\n", one.Number, one.Filing)
		}
	}
	return nil
}
