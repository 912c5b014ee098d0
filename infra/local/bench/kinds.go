package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"beian/infra/local/clock"
	"beian/infra/local/demo"
	"beian/infra/local/scenario"
	"beian/infra/local/system"
	"beian/shared/filing"
)

// applicationsOfKind is the number of applications of each kind that are counted.
const applicationsOfKind = 3

// measureKinds prints what an application of each kind uses, one after another in a system that does nothing else. What a kind needs is filed
// before and not counted.
func (b *Bench) measureKinds(ctx context.Context) (err error) {
	prices, err := awsPricesFromEnv()
	if err != nil {
		return err
	}
	config := b.config
	config.Folder, config.Clock = filepath.Join(b.folder, "kinds"), clock.StandingAt(demo.KindDay)
	s, err := system.Start(ctx, config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	s.Traffic.ReportCapacity()
	d, err := demo.New(ctx, s, io.Discard)
	if err != nil {
		return err
	}
	customers := make([]*demo.Customer, applicationsOfKind*len(filing.Kinds))
	if err := inParallel(len(customers), 16, func(i int) error {
		var err error
		if customers[i], err = d.NewCustomer(ctx, scenario.Invented(3_000_000+i)); err != nil {
			return err
		}
		return customers[i].Prepare(ctx, filing.Kinds[i/applicationsOfKind])
	}); err != nil {
		return err
	}
	polls := 0.0
	d.Client.Observe = countPolls(&polls)
	fmt.Fprintf(b.out, "An application of each kind (an individual in Beijing on %s, with SMS verification)\n  %-20s %11s %11s %11s %11s %9s %13s\n", demo.KindDay.Format("2 January 2006"),
		"", "transitions", "invocations", "write units", "read units", "KB sent", prices.currency+" for 1,000")
	for i, kind := range filing.Kinds {
		before, pollsBefore, logged := countsOf(s), polls, b.logged.Load()
		for _, c := range customers[i*applicationsOfKind : (i+1)*applicationsOfKind] {
			if err := c.File(ctx, kind); err != nil {
				return fmt.Errorf("%s: %w", kind.Type, err)
			}
		}
		cost, _ := before.perFiling(countsOf(s), applicationsOfKind)
		cost.logs = float64(b.logged.Load()-logged)/applicationsOfKind + requestLog*cost.requests
		fmt.Fprintf(b.out, "  %-20s %11.1f %11.1f %11.1f %11.1f %9.0f %13.2f\n", kind.Type, cost.transitions, cost.invocations-(polls-pollsBefore)/applicationsOfKind, cost.writeUnits,
			cost.readUnits, cost.kilobytes, cost.price(prices))
	}
	fmt.Fprintln(b.out)
	return nil
}
