package bench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const steadyPeriods = 12 // of an hour, five minutes each

// steadyLoad returns how long filings are filed, by DURATION, and how many at a time, by LOAD. Without them it is for five minutes, 16 at a time.
func steadyLoad() (duration time.Duration, inFlight int, err error) {
	duration, inFlight = 5*time.Minute, 16
	if text := os.Getenv("DURATION"); text != "" {
		if duration, err = time.ParseDuration(text); err != nil || duration < time.Minute || duration > 24*time.Hour {
			return 0, 0, fmt.Errorf("DURATION=%q is not valid; use a time from 1m to 24h, such as 1h", text)
		}
	}
	if text := os.Getenv("LOAD"); text != "" {
		if inFlight, err = strconv.Atoi(text); err != nil || inFlight < 1 || inFlight > 256 {
			return 0, 0, fmt.Errorf("LOAD=%q is not valid; use a number of filings in flight from 1 to 256", text)
		}
	}
	return duration, inFlight, nil
}

// A steadyPeriod is what was measured in a part of the time.
type steadyPeriod struct {
	filings    float64 // a second
	own, child int     // resident MB of this process and of the engine
	p99        time.Duration
}

// measureSteady files applications for a while, and prints for each twelfth of the time how many, how long reads took, and the memory. It shows what grows.
func (b *Bench) measureSteady(ctx context.Context) (err error) {
	duration, inFlight, err := steadyLoad()
	if err != nil {
		return err
	}
	const name = "steady"
	if err := b.start(ctx, name); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.system.Close()) }()
	var mu sync.Mutex
	var reads []time.Duration
	b.client.Observe = func(method, _ string, took time.Duration) {
		if method == "GET" {
			mu.Lock()
			reads = append(reads, took)
			mu.Unlock()
		}
	}
	fmt.Fprintf(b.out, "\nFirst filings for %s, %d in flight %29s   filings/s   read p99 ms   MB: this process, engine, data on disk\n", duration, inFlight, "")
	var done, next atomic.Int64
	next.Store(int64(b.next))
	var workers sync.WaitGroup
	failures := make(chan error, inFlight)
	begun := time.Now()
	for range inFlight {
		workers.Go(func() {
			for time.Since(begun) < duration {
				if err := b.fileApplication(ctx, int(next.Add(1))); err != nil {
					failures <- err
					return
				}
				done.Add(1)
			}
		})
	}
	var periods []steadyPeriod
	for i := range steadyPeriods {
		last := done.Load()
		select {
		case err := <-failures:
			return err
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Until(begun.Add(duration * time.Duration(i+1) / steadyPeriods))):
		}
		mu.Lock()
		taken := reads
		reads = nil
		mu.Unlock()
		slices.Sort(taken)
		p := steadyPeriod{filings: float64(done.Load()-last) / (duration / steadyPeriods).Seconds(), own: memoryMB(os.Getpid(), "VmRSS"), child: memoryMB(b.system.EnginePid(), "VmRSS")}
		if len(taken) > 0 {
			p.p99 = taken[int(.99*float64(len(taken)-1))]
		}
		periods = append(periods, p)
		fmt.Fprintf(b.out, "  to %-57s %11.1f %13.1f %9d %9d %9d\n", (duration * time.Duration(i+1) / steadyPeriods).Round(time.Second), p.filings, milliseconds(p.p99), p.own, p.child, sizeMB(filepath.Join(b.folder, name)))
	}
	workers.Wait()
	b.next = int(next.Load()) + 1
	slowest := slices.MaxFunc(periods, func(a, b steadyPeriod) int { return cmp.Compare(a.p99, b.p99) }).p99
	rate := float64(done.Load()) / duration.Seconds()
	fmt.Fprintf(b.out, "  %.1f filings a second   %s; a read in at most %.1f ms (p99 of the slowest period)   %s\n", rate, compareWithAim(rate >= 40, "aim: at least 40"),
		milliseconds(slowest), compareWithAim(milliseconds(slowest) < 25, "aim: under 25"))
	early, late := periods[2], periods[steadyPeriods-1]
	most := late.own + late.child
	fmt.Fprintf(b.out, "  %d filings; memory at the end %d MB   %s; it was %d MB after a quarter of the time   %s\n", done.Load(), most, compareWithAim(most < 300, "aim: under 300 MB"),
		early.own+early.child, compareWithAim(10*most <= 11*(early.own+early.child), "aim: a tenth more at most"))
	return nil
}

// sizeMB returns the size of the files in a folder.
func sizeMB(folder string) int64 {
	var sum int64
	filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasSuffix(path, "-shm") {
			return nil // a file that was deleted meanwhile counts nothing
		}
		if info, err := entry.Info(); err == nil {
			sum += info.Size()
		}
		return nil
	})
	return sum / 1_000_000
}
