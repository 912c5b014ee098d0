package agreement_test

import (
	"context"
	"math"
	"testing"

	"beian/shared/filing"
	"beian/shared/process/agreement"
	"beian/shared/process/coaching"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// TestKappa compares with examples that are computed by hand.
//
//   - 20, 5 / 10, 15: po = 35/50 = 0.7; rows 0.5 0.5, columns 0.6 0.4; pe = 0.3 + 0.2 = 0.5; kappa = 0.2/0.5 = 0.4.
//     Diagonal: 0.4·(1 − 1.1·0.6)² + 0.3·(1 − 0.9·0.6)² = 0.4·0.1156 + 0.3·0.2116 = 0.10972. Beside it, with column and row of the other
//     category: 0.1·(0.6 + 0.5)² + 0.2·(0.4 + 0.5)² = 0.121 + 0.162 = 0.283, times 0.36 = 0.10188. Last: (0.4 − 0.5·0.6)² = 0.01.
//     Variance: (0.10972 + 0.10188 − 0.01) / (50·0.25) = 0.2016/12.5 = 0.016128; standard error 0.126996; half 0.248907.
//   - 10, 0 / 0, 10: full agreement; kappa 1, and no width.
//   - 0, 10 / 10, 0: po = 0, pe = 0.5; kappa = −1. Diagonal 0; beside it 4·(0.5·1² + 0.5·1²) = 4; last (−1 − 0.5·2)² = 4; variance 0.
//   - 5, 5 / 5, 5: po = pe = 0.5; kappa 0. Diagonal: 2·0.25·(1 − 1)² = 0; beside it 2·0.25·1² = 0.5; last (0 − 0.5)² = 0.25. Variance
//     0.25 / (20·0.25) = 0.05; standard error 0.223607; half 0.438261.
//   - three categories 8 1 1 / 1 4 1 / 1 1 2: n = 20, po = 0.7; rows and columns 0.5 0.3 0.2; pe = 0.25 + 0.09 + 0.04 = 0.38; kappa = 0.32/0.62 = 0.516129.
func TestKappa(t *testing.T) {
	for _, c := range []struct {
		name         string
		table        agreement.Table
		n            int
		defined      bool
		value, width float64 // width −1: not compared
	}{
		{"two categories", agreement.Table{{20, 5}, {10, 15}}, 50, true, 0.4, 0.248907},
		{"full agreement", agreement.Table{{10, 0}, {0, 10}}, 20, true, 1, 0},
		{"full disagreement", agreement.Table{{0, 10}, {10, 0}}, 20, true, -1, 0},
		{"chance", agreement.Table{{5, 5}, {5, 5}}, 20, true, 0, 0.438261},
		{"three categories", agreement.Table{{8, 1, 1}, {1, 4, 1}, {1, 1, 2}}, 20, true, 0.516129, -1},
		{"one category", agreement.Table{{7, 0}, {0, 0}}, 7, false, 0, 0},
		{"one reader has one category", agreement.Table{{7, 3}, {0, 0}}, 10, true, 0, -1},
		{"nothing", agreement.Table{{0, 0}, {0, 0}}, 0, false, 0, 0},
	} {
		k := c.table.Kappa()
		if k.N != c.n || k.Defined != c.defined || math.Abs(k.Value-c.value) > 1e-6 || math.IsNaN(k.Low+k.High) || k.Low > k.Value || k.High < k.Value {
			t.Errorf("%s: %+v", c.name, k)
		}
		if c.width >= 0 && (math.Abs(k.High-min(c.value+c.width, 1)) > 1e-5 || math.Abs(k.Low-max(c.value-c.width, -1)) > 1e-5) {
			t.Errorf("%s: %f to %f, want %f ± %f", c.name, k.Low, k.High, c.value, c.width)
		}
	}
}

func pair(first, second filing.Account, a, b filing.Verdict, codesA, codesB []finding.Code) filing.ReadingPair {
	return filing.ReadingPair{Readers: [2]filing.Account{first, second}, Verdicts: [2]filing.Verdict{a, b}, Codes: [2][]finding.Code{codesA, codesB}}
}

type store map[coaching.Month][]filing.ReadingPair

func (s store) ReadingPairs(_ context.Context, m coaching.Month) ([]filing.ReadingPair, error) {
	return s[m], nil
}

// TestAgreement: a pair of reviewers is one pair whoever read first, and a reason is counted for both or for one.
func TestAgreement(t *testing.T) {
	x, y := finding.Code("address-missing"), finding.Code("name-wrong")
	s := store{
		"2026-10": {pair("a", "b", "pass", "pass", nil, nil), pair("b", "a", "return", "reject", []finding.Code{x}, []finding.Code{x, y})},
		"2026-11": {pair("c", "a", "pass", "pass", nil, nil)},
	}
	readings, err := agreement.Readings(t.Context(), s, "2026-10", "2026-11")
	if err != nil || len(readings) != 3 {
		t.Fatalf("%v, %v", readings, err)
	}
	pairs := agreement.ByReaders(readings)
	if len(pairs) != 2 || pairs[0].Readers != [2]filing.Account{"a", "b"} || pairs[0].Kappa.N != 2 || pairs[0].Kappa.Agreed != 1 || !pairs[0].Kappa.Defined || pairs[1].Kappa.Defined {
		t.Errorf("%+v", pairs)
	}
	// po = 1/2, pe = 1/2·1/2 = 1/4, so kappa = 1/3
	if v := pairs[0].Kappa.Value; math.Abs(v-1.0/3) > 1e-9 {
		t.Errorf("kappa %f", v)
	}
	reasons := agreement.ByReason(readings)
	if len(reasons) != 2 || reasons[0].Code != x || reasons[0].Both != 1 || reasons[0].OneOnly != 0 || reasons[0].Kappa.Value != 1 || reasons[1].OneOnly != 1 || reasons[1].Kappa.N != 3 {
		t.Errorf("%+v", reasons)
	}
	if _, err := agreement.Readings(t.Context(), s, "2026-11", "2026-10"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("months in the wrong order: %v", err)
	}
}
