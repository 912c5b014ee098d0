package bench

import (
	"math"
	"strings"
	"testing"
)

// TestAWSPrices: AWS_PRICES gives every price or none; without it, the list prices apply.
func TestAWSPrices(t *testing.T) {
	cost := filingCost{transitions: 16, writeUnits: 200}
	for name, c := range map[string]struct {
		prices, wrong string
		sum           float64
	}{
		"list prices":      {"", "", 1000 * (16*0.025/1e3 + 200*0.625/1e6)},
		"own prices":       {"transitions=0.2, writes=11.15,reads=1,invocations=1,seconds=1,keys=1,requests=1,puts=1,gets=1,events=1,logs=1", "", 1000 * (16*0.2/1e3 + 200*11.15/1e6)},
		"one is missing":   {"transitions=0.2", "no price writes=", 0},
		"one is unknown":   {"transitions=0.2,writes=11.15,reads=1,invocations=1,seconds=1,keys=1,requests=1,puts=1,gets=1,events=1,logs=1,mail=1", `unknown price "mail"`, 0},
		"one has no end":   {"transitions=Inf,writes=11.15,reads=1,invocations=1,seconds=1,keys=1,requests=1,puts=1,gets=1,events=1,logs=1", "no price transitions=", 0},
		"one is no number": {"transitions=x,writes=11.15,reads=1,invocations=1,seconds=1,keys=1,requests=1,puts=1,gets=1,events=1,logs=1", "no price transitions=", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("AWS_PRICES", c.prices)
			p, err := awsPricesFromEnv()
			switch {
			case c.wrong == "" && err != nil, c.wrong != "" && (err == nil || !strings.Contains(err.Error(), c.wrong)):
				t.Errorf("the error is %v", err)
			case c.wrong == "" && math.Abs(cost.price(p)-c.sum) > 1e-9:
				t.Errorf("the price is %g, want %g", cost.price(p), c.sum)
			}
		})
	}
}
