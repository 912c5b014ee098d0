package bench

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

// A filingCost is the use of each AWS service by one application.
type filingCost struct {
	transitions, writeUnits, readUnits float64
	kilobytes                          float64 // in requests to DynamoDB and S3
	requests                           float64 // to the HTTP API
	invocations                        float64 // of functions
	gigabytes                          float64 // of memory, added up over the invocations
	keys                               float64 // calls to KMS
	objectsWritten, objectsRead        float64 // requests to S3
	uploadEvents                       float64 // that the bucket of uploads sends: each object stored or deleted
	logs                               float64 // bytes
}

// Assumptions about what only AWS can measure, and the aim.
const (
	invocationSeconds = 0.05 // of one invocation
	smallGB           = 0.25 // memory of most functions; see infra/stack
	requestLog        = 500  // bytes that the HTTP API logs of a request
	costAim           = 0.45 // USD for 1,000 filings
)

// largeGB is the memory of the functions that have more.
var largeGB = map[string]float64{"api": 1769.0 / 1024, "operator": 1, "exchange": 1}

// awsPrices are what the services cost: for each line of a filing's cost, the price of a number of units.
type awsPrices struct {
	currency string
	of       map[string]float64 // by the name of the line, of one unit
}

// priceNames are the names by which AWS_PRICES gives prices, each with the number of units that the price is for and the list price of US East (N. Virginia) in USD, without
// free tiers.
var priceNames = []struct {
	name  string
	units float64
	usd   float64
}{
	{"transitions", 1e3, 0.025}, {"writes", 1e6, 0.625}, {"reads", 1e6, 0.125}, {"invocations", 1e6, 0.20}, {"seconds", 1, 0.0000133334}, {"keys", 10e3, 0.03}, {"requests", 1e6, 1.00},
	{"puts", 1e3, 0.005}, {"gets", 1e3, 0.0004}, {"events", 1e6, 1.00}, {"logs", 1e3, 0.50},
}

// awsPricesFromEnv returns the prices of AWS_PRICES, such as "transitions=0.2,writes=11.15", in AWS_CURRENCY, per as many units as [priceNames] says: a price for each
// line. Without them it returns the list prices in USD.
func awsPricesFromEnv() (awsPrices, error) {
	p := awsPrices{currency: cmp.Or(os.Getenv("AWS_CURRENCY"), "USD"), of: map[string]float64{}}
	given := map[string]string{}
	if text := os.Getenv("AWS_PRICES"); text != "" {
		for _, one := range strings.Split(text, ",") {
			name, price, _ := strings.Cut(strings.TrimSpace(one), "=")
			given[name] = price
		}
	}
	var wrong error
	own := len(given) > 0
	for _, n := range priceNames {
		p.of[n.name] = n.usd / n.units
		if !own {
			continue
		}
		price, err := strconv.ParseFloat(given[n.name], 64)
		if err != nil || !(price >= 0 && price < 1e6) {
			wrong = errors.Join(wrong, fmt.Errorf("AWS_PRICES has no price %s=… of %g units; give one for each of transitions, writes, reads, invocations, seconds, keys, requests, puts, gets, events and logs", n.name, n.units))
		}
		p.of[n.name] = price / n.units
		delete(given, n.name)
	}
	for name := range given {
		wrong = errors.Join(wrong, fmt.Errorf("AWS_PRICES has an unknown price %q", name))
	}
	return p, wrong
}

// lines are the parts of the price.
func (c filingCost) lines(p awsPrices) []costLine {
	return []costLine{
		{"Step Functions, transitions", c.transitions, p.of["transitions"]},
		{"DynamoDB, write units", c.writeUnits, p.of["writes"]},
		{"DynamoDB, read units", c.readUnits, p.of["reads"]},
		{"Lambda, invocations", c.invocations, p.of["invocations"]},
		{"Lambda on arm64, GB s (50 ms each assumed)", invocationSeconds * c.gigabytes, p.of["seconds"]},
		{"KMS, requests", c.keys, p.of["keys"]},
		{"HTTP API, requests", c.requests, p.of["requests"]},
		{"S3, requests to write", c.objectsWritten, p.of["puts"]},
		{"S3, requests to read", c.objectsRead, p.of["gets"]},
		{"EventBridge, events of uploads", c.uploadEvents, p.of["events"]},
		{"CloudWatch, MB of logs", c.logs / 1e6, p.of["logs"]},
	}
}

type costLine struct {
	what         string
	count, price float64 // per filing; per unit
}

// print prints the price of 1,000 filings.
func (c filingCost) print(out io.Writer, p awsPrices) {
	fmt.Fprintf(out, "\nThe list price of 1,000 such filings on AWS, without messages      for one     %s for 1,000\n", p.currency)
	for _, l := range c.lines(p) {
		fmt.Fprintf(out, "  %-60s %11.2f %17.3f\n", l.what, l.count, 1000*l.count*l.price)
	}
	sum, aim := c.price(p), ""
	if p.currency == "USD" {
		aim = compareWithAim(sum <= costAim, "aim: at most 0.45")
	}
	fmt.Fprintf(out, "  %-60s %11s %17.2f   %s\n\n", "total", "", sum, aim)
}

// price is the price of 1,000 such applications.
func (c filingCost) price(p awsPrices) float64 {
	sum := 0.0
	for _, l := range c.lines(p) {
		sum += 1000 * l.count * l.price
	}
	return sum
}
