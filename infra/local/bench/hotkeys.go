package bench

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"beian/infra/local/system"
)

// measureHottestKeys prints the share of the writes of more filings, to the table and its indexes, that the most written partition key has: of the table, and of each index.
// DynamoDB takes about 1,000 write units a second for one.
func (b *Bench) measureHottestKeys(ctx context.Context) error {
	const filings = 96
	traffic := b.system.Traffic
	traffic.ReportCapacity()
	if err := b.fileApplications(ctx, 16, filings); err != nil {
		return err
	}
	writes, indexWrites := traffic.Writes(), traffic.IndexWrites()
	ofIndexes := sum(indexWrites)
	all := sum(writes) + ofIndexes
	printShare := func(of, key string, n int) {
		share := float64(n) / float64(max(all, 1))
		fmt.Fprintf(b.out, "  %-14s %5.1f %%  %5.1f per filing  %-24s %s\n", of, 100*share, float64(n)/filings, key, compareWithAim(share <= 1.0/16, "aim: at most a sixteenth"))
	}
	fmt.Fprintf(b.out, "Hottest partition keys, of %d writes to the table and its indexes\n", all)
	hottest, n := hottestKey(writes, strings.Compare)
	printShare("table", keyKind("", hottest), n)
	for _, index := range []string{"open", "mine", "due"} {
		of := maps.Clone(indexWrites)
		maps.DeleteFunc(of, func(k system.IndexKey, _ int) bool { return k.Index != index })
		hottest, n := hottestKey(of, func(a, b system.IndexKey) int { return strings.Compare(a.Partition, b.Partition) })
		printShare("index "+index, keyKind(index, hottest.Partition), n)
	}
	_, err := fmt.Fprintf(b.out, "  The requests show %d writes of the indexes; the engine reports %.0f units of them\n", ofIndexes, traffic.IndexUnits())
	return err
}

// keyKind returns what a partition key begins with, without the id after it: "flow …" of "flow 2019-12-26". The key of an account's orders is the account.
func keyKind(index, key string) string {
	if i := strings.IndexAny(key, " #"); i >= 0 {
		return key[:i+1] + "…"
	}
	if index == "mine" {
		return "orders of an account"
	}
	return key
}

func sum[K comparable](counts map[K]int) (all int) {
	for _, n := range counts {
		all += n
	}
	return all
}

// hottestKey returns the key with the highest count, the first of several in their order.
func hottestKey[K comparable](counts map[K]int, order func(a, b K) int) (hottest K, n int) {
	for _, key := range slices.SortedFunc(maps.Keys(counts), order) {
		if counts[key] > n {
			hottest, n = key, counts[key]
		}
	}
	return hottest, n
}
