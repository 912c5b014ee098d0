package bench

import (
	"fmt"
	"io"
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

// lines are the parts of the price, at list prices of US East (N. Virginia) in USD without free tiers.
func (c filingCost) lines() []costLine {
	return []costLine{
		{"Step Functions, transitions", c.transitions, 0.025 / 1e3},
		{"DynamoDB, write units", c.writeUnits, 0.625 / 1e6},
		{"DynamoDB, read units", c.readUnits, 0.125 / 1e6},
		{"Lambda, invocations", c.invocations, 0.20 / 1e6},
		{"Lambda on arm64, GB s (50 ms each assumed)", invocationSeconds * c.gigabytes, 0.0000133334},
		{"KMS, requests", c.keys, 0.03 / 10e3},
		{"HTTP API, requests", c.requests, 1.00 / 1e6},
		{"S3, requests to write", c.objectsWritten, 0.005 / 1e3},
		{"S3, requests to read", c.objectsRead, 0.0004 / 1e3},
		{"CloudWatch, MB of logs", c.logs / 1e6, 0.50 / 1e3},
	}
}

type costLine struct {
	what         string
	count, price float64 // per filing; USD per unit
}

// print prints the price of 1,000 filings.
func (c filingCost) print(out io.Writer) {
	fmt.Fprintf(out, "\nThe list price of 1,000 such filings on AWS, without messages      for one     USD for 1,000\n")
	for _, l := range c.lines() {
		fmt.Fprintf(out, "  %-60s %11.2f %17.3f\n", l.what, l.count, 1000*l.count*l.price)
	}
	sum := c.price()
	fmt.Fprintf(out, "  %-60s %11s %17.2f   %s\n\n", "total", "", sum, compareWithAim(sum <= costAim, "aim: at most 0.45"))
}

// price is the price of 1,000 such applications in USD.
func (c filingCost) price() float64 {
	sum := 0.0
	for _, l := range c.lines() {
		sum += 1000 * l.count * l.price
	}
	return sum
}
