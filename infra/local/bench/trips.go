package bench

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"beian/infra/local/system"
)

// readOrder is the read that an applicant who waits repeats.
const readOrder = http.MethodGet + " /orders/{id}"

// countRoundTrips prints how often the functions behind the API wait for AWS at each request. It files several applications on a system whose requests take as
// long as those to AWS, at least.
func (b *Bench) countRoundTrips(ctx context.Context) error {
	const filings, delay = 5, 5 * time.Millisecond
	trips := roundTrips{system: b.system, of: map[string][]int{}}
	b.client.Observe = func(method, route string, _ time.Duration) {
		trips.observe(method + " " + route)
		if method != http.MethodGet {
			b.awaitQuiet(2 * delay)
		}
	}
	b.system.Traffic.Delay(delay)
	defer b.system.Traffic.Delay(0)
	if _, _, err := b.countFilings(ctx, filings); err != nil {
		return err
	}
	trips.print(b.out)
	return nil
}

// roundTrips are how often the functions behind the API waited for AWS at each request, if one request is made at a time.
type roundTrips struct {
	system *system.System
	before int
	of     map[string][]int
}

func (t *roundTrips) observe(route string) {
	now := 0
	for _, function := range []string{"api", "reviewer", "operator"} {
		now += t.system.Traffic.RoundTrips(function)
	}
	t.of[route] = append(t.of[route], now-t.before)
	t.before = now
}

// print prints the median of each route.
func (t *roundTrips) print(out io.Writer) {
	fmt.Fprintln(out, "  round trips to AWS of a request to the API (median); requests at the same time are one")
	for _, route := range slices.Sorted(maps.Keys(t.of)) {
		sorted := slices.Sorted(slices.Values(t.of[route]))
		median, aim := sorted[len(sorted)/2], ""
		switch {
		case route == readOrder:
			aim = compareWithAim(median <= 1, "aim: one")
		case !strings.HasPrefix(route, http.MethodGet):
			aim = compareWithAim(median <= 3, "aim for a decision: at most three")
		}
		fmt.Fprintf(out, "                 %6d %-50s %s\n", median, route, aim)
	}
}
