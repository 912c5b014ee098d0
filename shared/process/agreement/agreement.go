// Package agreement says how far reviewers agree who read the same orders blind: by Cohen's kappa for each pair of reviewers, and for each reason.
//
//	pairs := agreement.ByReaders(readings)
//	for _, p := range pairs {
//		fmt.Println(p.Readers, p.Kappa.N, p.Kappa.Value)
//	}
//
// A low kappa is a question about a rule or its words, not about a person. The lists are sorted by name, never by value.
package agreement

import (
	"context"
	"maps"
	"math"
	"slices"
	"strings"

	"beian/shared/filing"
	"beian/shared/process/coaching"
	"beian/shared/rules/finding"
)

// A Store has the readings. Package dynamo implements it.
type Store interface {
	// ReadingPairs returns the orders that two reviewers read blind in a month, oldest first.
	ReadingPairs(ctx context.Context, month coaching.Month) ([]filing.ReadingPair, error)
}

// Readings returns the readings of the months from the first to the last, at most 12. The error is a fault of kind Invalid with [coaching.CodePeriod] for
// wrong months.
func Readings(ctx context.Context, s Store, from, to coaching.Month) ([]filing.ReadingPair, error) {
	months, err := coaching.Months(from, to)
	if err != nil {
		return nil, err
	}
	var all []filing.ReadingPair
	for _, m := range months {
		pairs, err := s.ReadingPairs(ctx, m)
		if err != nil {
			return nil, err
		}
		all = append(all, pairs...)
	}
	return all, nil
}

// A Kappa is Cohen's kappa (1960) of two readers over n orders: (po − pe) / (1 − pe), where po is the share of orders on which they agree, and pe the share
// on which two readers with the same frequencies would agree by chance. 1 is full agreement, 0 what chance gives.
//
// Low and High are the ends of the 95 % interval, Value ± 1.96 standard errors within −1 and 1. The standard error is that of Fleiss, Cohen and Everitt,
// "Large sample standard errors of kappa and weighted kappa", Psychological Bulletin 72 (1969), 323–327, equation 13. It is for large n: below
// about 50 orders the interval is too narrow, and with full agreement it has no width.
type Kappa struct {
	N      int
	Agreed int
	// Defined is false if all readings of both are in one category, or there is none: chance alone would then give full agreement, and kappa is 0/0.
	Defined          bool
	Value, Low, High float64
}

// A Table counts orders by the category of the first reader (row) and of the second (column). It is square.
type Table [][]int

// z is the quantile of the normal distribution for a 95 % interval.
const z = 1.959963984540054

// Kappa returns the kappa of a table.
func (t Table) Kappa() Kappa {
	var k Kappa
	rows, columns := make([]float64, len(t)), make([]float64, len(t))
	for i, row := range t {
		for j, count := range row {
			k.N += count
			rows[i] += float64(count)
			columns[j] += float64(count)
		}
		k.Agreed += row[i]
	}
	if k.N == 0 {
		return k
	}
	n := float64(k.N)
	observed, chance := float64(k.Agreed)/n, 0.0
	for i := range t {
		rows[i], columns[i] = rows[i]/n, columns[i]/n
		chance += rows[i] * columns[i]
	}
	if chance > 1-1e-12 {
		return k
	}
	k.Defined = true
	k.Value = (observed - chance) / (1 - chance)
	onDiagonal, beside := 0.0, 0.0
	for i, row := range t {
		for j, count := range row {
			share := float64(count) / n
			if i == j {
				onDiagonal += share * square(1-(rows[i]+columns[i])*(1-k.Value))
			} else {
				beside += share * square(columns[i]+rows[j])
			}
		}
	}
	variance := (onDiagonal + square(1-k.Value)*beside - square(k.Value-chance*(1-k.Value))) / (n * square(1-chance))
	half := z * math.Sqrt(max(variance, 0))
	k.Low, k.High = max(k.Value-half, -1), min(k.Value+half, 1)
	return k
}

func square(x float64) float64 { return x * x }

// verdicts are the categories of a pair of reviewers.
var verdicts = []filing.Verdict{filing.VerdictPass, filing.VerdictReturn, filing.VerdictReject}

// A Pair is how far two reviewers agree in their verdicts.
type Pair struct {
	Readers [2]filing.Account // sorted
	Kappa   Kappa
}

// ByReaders returns the agreement of each pair of reviewers who read an order in common, sorted by their accounts.
func ByReaders(readings []filing.ReadingPair) []Pair {
	tables := map[[2]filing.Account]Table{}
	for _, r := range readings {
		readers, given := r.Readers, r.Verdicts
		if readers[0] > readers[1] {
			readers[0], readers[1], given[0], given[1] = readers[1], readers[0], given[1], given[0]
		}
		row, column := slices.Index(verdicts, given[0]), slices.Index(verdicts, given[1])
		if row < 0 || column < 0 {
			continue // of another version of Beian
		}
		if tables[readers] == nil {
			tables[readers] = newTable(len(verdicts))
		}
		tables[readers][row][column]++
	}
	var pairs []Pair
	for readers, t := range tables {
		pairs = append(pairs, Pair{readers, t.Kappa()})
	}
	slices.SortFunc(pairs, func(a, b Pair) int {
		return strings.Compare(string(a.Readers[0])+"\n"+string(a.Readers[1]), string(b.Readers[0])+"\n"+string(b.Readers[1]))
	})
	return pairs
}

func newTable(n int) Table {
	t := make(Table, n)
	for i := range t {
		t[i] = make([]int, n)
	}
	return t
}

// A Reason is how far two readings agree that a reason applies.
type Reason struct {
	Code          finding.Code
	Both, OneOnly int // orders of which both readers gave the reason, or one of them
	Kappa         Kappa
}

// ByReason returns the agreement about each reason that a reader gave, sorted by code. The first reader of each order is one reader for kappa, the second the
// other; N counts all orders.
func ByReason(readings []filing.ReadingPair) []Reason {
	codes := map[finding.Code]bool{}
	for _, r := range readings {
		for _, code := range slices.Concat(r.Codes[0], r.Codes[1]) {
			codes[code] = true
		}
	}
	var reasons []Reason
	for _, code := range slices.Sorted(maps.Keys(codes)) {
		t := newTable(2)
		for _, r := range readings {
			t[category(r.Codes[0], code)][category(r.Codes[1], code)]++
		}
		reasons = append(reasons, Reason{Code: code, Both: t[0][0], OneOnly: t[0][1] + t[1][0], Kappa: t.Kappa()})
	}
	return reasons
}

// category is 0 for readings with the code, 1 for others.
func category(codes []finding.Code, code finding.Code) int {
	if slices.Contains(codes, code) {
		return 0
	}
	return 1
}
