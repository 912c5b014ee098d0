package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"beian/infra/local/scenario"
	"beian/shared/rules/evidence"
	"beian/shared/rules/picture"
)

const (
	floorTime     = 2 * time.Second // of each measurement
	floorInFlight = 16
)

// floorFilings are filed to count what one needs.
const floorFilings = 5

// A floorItem is something that a filing needs, measured alone on this machine.
type floorItem struct {
	what       string
	operations []string // of AWS, each of which is one of it; nil is each request
	do         func(ctx context.Context, n int64) error
}

// perFiling returns how often a filing needs it, with the calls of a filing by operation.
func (i floorItem) perFiling(calls map[string]float64) float64 {
	sum := 0.0
	for operation, n := range calls {
		if i.operations == nil && !strings.HasPrefix(operation, "lambda:") || slices.Contains(i.operations, operation) {
			sum += n
		}
	}
	return sum
}

// measureFloor prints how often the machine does each thing that a filing needs, if it does nothing else, and how many filings a second that permits. The reads
// of an applicant who waits are not counted.
func (b *Bench) measureFloor(ctx context.Context) (err error) {
	if err := b.start(ctx, "floor"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.system.Close()) }()
	polls := 0.0
	b.client.Observe = countPolls(&polls)
	if _, _, err := b.countFilings(ctx, 1); err != nil { // fills the caches of the processes
		return err
	}
	polls = 0
	_, calls, err := b.countFilings(ctx, floorFilings)
	if err != nil {
		return err
	}
	calls["dynamodb:GetItem"] -= polls / floorFilings
	store := b.system.Parts.Store()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		io.WriteString(w, strings.Repeat("x", 1200))
	}))
	defer server.Close()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: floorInFlight}}
	paper := scenario.SamplePicture("paper", 1)
	items := []floorItem{
		{"requests over HTTP, each with 1 KB back and forth", nil, func(ctx context.Context, _ int64) error {
			r, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL, strings.NewReader(strings.Repeat("x", 1200)))
			if err != nil {
				return err
			}
			response, err := client.Do(r)
			if err != nil {
				return err
			}
			defer response.Body.Close()
			_, err = io.Copy(io.Discard, response.Body)
			return err
		}},
	}
	items = append(items, engineItems(store.Client, store.Table)...)
	items = append(items, floorItem{"papers that are decoded, checked and reduced", []string{"s3:POST"}, func(ctx context.Context, _ int64) error {
		image, found, err := picture.Inspect(ctx, paper, "image/jpeg", picture.NewBudget())
		if err != nil || found.Blocking() {
			return errors.Join(err, errors.New("the sample picture does not pass"))
		}
		if _, err := image.Copy(ctx, 100<<10); err != nil {
			return err
		}
		_, _, err = image.Original(ctx, evidence.MaxOriginal)
		return err
	}})
	fmt.Fprintf(b.out, "\nWhat a filing needs, each alone on this machine, %d in flight    a second   of a filing   filings/s\n", floorInFlight)
	seconds := 0.0
	for _, item := range items {
		rate, err := rateOf(ctx, item.do)
		if err != nil {
			return fmt.Errorf("%s: %w", item.what, err)
		}
		perFiling := item.perFiling(calls)
		fmt.Fprintf(b.out, "  %-60s %11.0f %13.0f %11.1f\n", item.what, rate, perFiling, rate/perFiling)
		if item.what != items[0].what { // the engine's requests go over HTTP, too
			seconds += perFiling / rate
		}
	}
	fmt.Fprintf(b.out, "  %-60s %37.1f\n", "engine and papers together, nothing else", 1/seconds)
	return b.compareEngines(ctx)
}

// rateOf returns how often something is done in a second with [floorInFlight] at a time.
func rateOf(ctx context.Context, do func(context.Context, int64) error) (float64, error) {
	var done atomic.Int64
	var failed error
	var once sync.Once
	var workers sync.WaitGroup
	begun := time.Now()
	for range floorInFlight {
		workers.Go(func() {
			for time.Since(begun) < floorTime {
				if err := do(ctx, done.Add(1)); err != nil {
					once.Do(func() { failed = err })
					return
				}
			}
		})
	}
	workers.Wait()
	return float64(done.Load()) / time.Since(begun).Seconds(), failed
}
