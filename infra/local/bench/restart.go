package bench

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"time"

	"beian/infra/local/scenario"
	"beian/infra/local/stepfunctions"
	"beian/infra/local/system"
)

const (
	openExecutions = 100_000 // at the restart
	restartAim     = 10 * time.Second
	restartMemory  = 300 // MB for all open executions
)

// measureRestart prints how long a start takes with 100,000 open executions, and their memory. They are copies of the execution of one
// real order, which waits for a server.
func (b *Bench) measureRestart(ctx context.Context) (err error) {
	const folder = "restart"
	s, err := b.another(ctx, folder)
	if err != nil {
		return err
	}
	name, err := waitingExecution(ctx, s)
	if err = errors.Join(err, s.Close()); err != nil {
		return err
	}
	seeding := time.Now()
	err = stepfunctions.Seed(stepfunctions.Config{Dir: filepath.Join(b.folder, folder, "workflow"), Region: system.Region, Account: system.Account},
		system.MachineName, name, openExecutions-1, func(i int) string { return fmt.Sprintf("copy-%06d-1", i) })
	if err != nil {
		return err
	}
	seeded, before := time.Since(seeding), heapMB()
	started := time.Now()
	if s, err = b.another(ctx, folder); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	took, open, memory := time.Since(started), s.Machine.Stats().Open, heapMB()-before
	fmt.Fprintf(b.out, "\nRestart with %d open executions   %.2f s   %s\n", open, took.Seconds(), compareWithAim(took < restartAim, "aim: under 10 s"))
	fmt.Fprintf(b.out, "  %d MB in memory, %d bytes each   %s   (seeded in %.1f s)\n", memory, memory*1_000_000/open,
		compareWithAim(memory < restartMemory, "aim: under 300 MB"), seeded.Seconds())
	if open != openExecutions {
		return fmt.Errorf("%d executions are open after the restart, want %d", open, openExecutions)
	}
	return nil
}

// waitingExecution opens an order and returns the name of its execution when it waits for a server.
func waitingExecution(ctx context.Context, s *system.System) (name string, err error) {
	if err := openOrder(ctx, s, 1_000_000); err != nil {
		return "", err
	}
	err = scenario.Poll(ctx, func() (bool, error) {
		open, _, err := s.Machine.List(ctx, system.MachineName, "RUNNING", 1, "")
		if err != nil || len(open) == 0 {
			return false, err
		}
		name = open[0].Name
		at := open[0].Position
		return at.State == "VerifyProduct" && at.Task != nil && at.Task.Submitted, nil
	})
	return name, err
}

// heapMB returns the memory of live objects in MB.
func heapMB() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc / 1_000_000)
}
