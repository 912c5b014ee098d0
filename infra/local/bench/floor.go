package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
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

// A floorItem is something that a filing needs, measured alone on this machine.
type floorItem struct {
	what      string
	perFiling float64
	do        func(ctx context.Context, n int64) error
}

// measureFloor prints how often the machine does each thing that a filing needs, if it does nothing else, and how many filings a second that permits.
// The counts are those of the part "filing".
func (b *Bench) measureFloor(ctx context.Context) (err error) {
	s, err := b.another(ctx, "floor")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	store := s.Parts.Store()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		io.WriteString(w, strings.Repeat("x", 1200))
	}))
	defer server.Close()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: floorInFlight}}
	paper := scenario.SamplePicture("paper", 1)
	items := []floorItem{
		{"requests over HTTP, each with 1 KB back and forth", 176, func(ctx context.Context, _ int64) error {
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
	items = append(items, floorItem{"papers that are decoded, checked and reduced", 3, func(ctx context.Context, _ int64) error {
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
		fmt.Fprintf(b.out, "  %-60s %11.0f %13.0f %11.1f\n", item.what, rate, item.perFiling, rate/item.perFiling)
		if item.what != items[0].what { // the engine's requests go over HTTP, too
			seconds += item.perFiling / rate
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
