package bench

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// What one first filing uses, as the part "filing" counted it; reads by a waiting applicant are included. TestScale compares them with the cost page.
const (
	scaleTransitions = 12
	scaleInvocations = 41
	scaleWriteUnits  = 304
	scaleReadUnits   = 95
	scaleKeys        = 8
	scaleRequests    = 24 // to the HTTP API
	scaleCompletions = 8  // of tasks of the state machine
	scaleSMS         = 3
	scaleEmails      = 4
	scaleHottest     = 0.02 // share of the hottest partition key, of the bureau's link or of the outbox, of the writes to the table and its indexes (part "load")
	scaleIndexKey    = 5    // write units of the hottest key of an index, the entries of ledgers, or the messages, that a day counts (part "load": one for each write)
	scaleNotices     = 5    // entries of the outbox that the stream passes to the sweeper
)

// Assumptions of the model.
const (
	workingDays = 250 // of a year
	campaign    = 20  // times the mean is the busiest day of a year
	busiestHour = 1.0 / 6
	burst       = 3   // a second of the busiest hour has up to three times its mean
	openDays    = 20  // from the opening to the decision of the bureau
	yearsFiled  = 5   // filings stay for five years
	lettersYear = 8.5 // of a filing's duties in a year (part "duties")

	streamShards   = 4    // of the table's stream, one for each 1,000 write units a second
	messageSeconds = 0.15 // from the lease of an entry until it is deleted
)

// A scaleLoad is the number of filings in a year.
type scaleLoad float64

func (l scaleLoad) day() float64         { return float64(l) / workingDays }
func (l scaleLoad) campaignDay() float64 { return campaign * l.day() }

// peak returns how often something happens in the busiest second that a filing needs n times.
func (l scaleLoad) peak(n float64) float64 {
	return l.campaignDay() * busiestHour / 3600 * burst * n
}
func (l scaleLoad) filed() float64 { return yearsFiled * float64(l) }

// A scaleLimit is a limit on the way of a filing.
type scaleLimit struct {
	what, unit string
	limit      float64
	demand     func(scaleLoad) float64
	raise      string // what to do before it is reached
	source     string // the provider's page that has the limit; "" if no page has it
}

// Pages of the provider, as of November 2026.
const (
	pageStepFunctions = "https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html"
	pageLambda        = "https://docs.aws.amazon.com/lambda/latest/operatorguide/scaling-concurrency.html"
	pageHTTPAPI       = "https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html"
	pageKMS           = "https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html"
	pageNewTable      = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput-scenarios.html"
	pagePartitions    = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html"
	pageStream        = "https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html"
	pageMail          = "https://docs.aws.amazon.com/ses/latest/dg/quotas.html"
)

var scaleLimits = []scaleLimit{
	{"Step Functions, state transitions", "a second", 800, func(l scaleLoad) float64 { return l.peak(scaleTransitions) }, "ask for more (Service Quotas)", pageStepFunctions},
	{"Step Functions, StartExecution", "a second", 150, func(l scaleLoad) float64 { return l.peak(1) }, "ask for more", pageStepFunctions},
	{"Step Functions, SendTaskSuccess", "a second", 300, func(l scaleLoad) float64 { return l.peak(scaleCompletions) }, "ask for more", pageStepFunctions},
	{"Step Functions, open executions", "", 1_000_000, func(l scaleLoad) float64 { return openDays*l.day() + l.campaignDay() }, "ask for more", pageStepFunctions},
	{"Lambda, concurrent executions", "", 1_000, func(l scaleLoad) float64 { return l.peak(scaleInvocations * invocationSeconds) }, "ask for more", pageLambda},
	{"HTTP API, requests", "a second", 10_000, func(l scaleLoad) float64 { return l.peak(scaleRequests) }, "ask for more", pageHTTPAPI},
	{"HTTP API, our own `throttle`, as in the examples", "a second", 50, func(l scaleLoad) float64 { return l.peak(scaleRequests) }, "raise it in the environment's file", ""},
	{"KMS, symmetric operations", "a second", 10_000, func(l scaleLoad) float64 { return l.peak(scaleKeys) }, "ask for more", pageKMS},
	{"DynamoDB, write units of a new table", "a second", 4_000, func(l scaleLoad) float64 { return l.peak(scaleWriteUnits) }, "warm the table up before the day", pageNewTable},
	{"DynamoDB, read units of a new table", "a second", 12_000, func(l scaleLoad) float64 { return l.peak(scaleReadUnits) }, "warm the table up before the day", pageNewTable},
	{"DynamoDB, write units of the hottest key", "a second", 1_000, func(l scaleLoad) float64 { return l.peak(scaleWriteUnits * scaleHottest) }, "spread the outbox further (`outboxPartitions`), and put more applications in a file to the bureau (`MaxRecords`)", pagePartitions},
	{"DynamoDB, write units of the hottest key of an index", "a second", 1_000, func(l scaleLoad) float64 { return l.peak(scaleIndexKey) }, "divide the days of the figures (`flow`, `messages`)", pagePartitions},
	{"the table's stream, messages (4 shards, 0.15 s each: assumed)", "a second", streamShards / messageSeconds, func(l scaleLoad) float64 { return l.peak(scaleNotices) }, "`ParallelizationFactor` of the sweeper's mapping: 1 now, 10 at most", pageStream},
	{"email, SES after its sandbox", "a day", 50_000, func(l scaleLoad) float64 { return l.campaignDay()*scaleEmails + l.filed()*lettersYear/workingDays }, "ask for more, or use your own relay", pageMail},
	{"SMS, the carrier's rate (assumed)", "a second", 20, func(l scaleLoad) float64 { return l.peak(scaleSMS) }, "agree with the carrier; messages wait in the outbox", ""},
	{"bureau, uploads of a link (20 files of 50 applications a minute)", "an hour", 60_000, func(l scaleLoad) float64 { return l.campaignDay() * busiestHour }, "`MaxRecords`: the interface permits 1,000 in a file", ""},
	{"site watch, hosts (200 in each of 288 runs)", "a day", 57_600, scaleLoad.filed, "more functions, or a longer period", ""},
	{"reviewers (300 applications a day each)", "people", 0, func(l scaleLoad) float64 { return math.Ceil(l.campaignDay() / 300) }, "people, or a longer promise", ""},
}

var scaleLoads = []scaleLoad{1_000, 100_000, 1_000_000}

// ScaleTable returns the table of .github/docs/scale.md, and the limits in the order in which they break when filings become more.
func ScaleTable() string {
	var b strings.Builder
	b.WriteString("| Limit | | 1,000 filings a year | 100,000 | 1,000,000 | Before it is reached |\n| --- | ---: | ---: | ---: | ---: | --- |\n")
	for _, l := range scaleLimits {
		limit := "none"
		if l.limit > 0 {
			limit = strings.TrimSpace(countText(l.limit) + " " + l.unit)
		}
		what := l.what
		if l.source != "" {
			what = "[" + what + "](" + l.source + ")"
		}
		fmt.Fprintf(&b, "| %s | %s |", what, limit)
		for _, load := range scaleLoads {
			text := countText(l.demand(load))
			if l.limit > 0 && l.demand(load) > l.limit {
				text = "**" + text + "**"
			}
			fmt.Fprintf(&b, " %s |", text)
		}
		fmt.Fprintf(&b, " %s |\n", l.raise)
	}
	b.WriteString("\nFilings a year with which each limit is reached, the first first:\n\n")
	type broken struct {
		what string
		at   float64
	}
	var all []broken
	for _, l := range scaleLimits {
		if l.limit > 0 {
			all = append(all, broken{l.what, l.limit / l.demand(1e6) * 1e6}) // each demand is proportional to the load
		}
	}
	slices.SortFunc(all, func(a, b broken) int { return cmp.Compare(a.at, b.at) })
	for i, one := range all {
		fmt.Fprintf(&b, "%d. %s: %s\n", i+1, one.what, countText(one.at))
	}
	return b.String()
}

// countText returns a number with two or three digits that count.
func countText(n float64) string {
	switch {
	case n < 0.01:
		return "under 0.01"
	case n < 1:
		return fmt.Sprintf("%.2f", n)
	case n < 100:
		return strconv.FormatFloat(math.Round(n*10)/10, 'f', -1, 64)
	}
	digits := math.Pow(10, math.Floor(math.Log10(n))-2)
	text := strconv.FormatFloat(math.Round(n/digits)*digits, 'f', 0, 64)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// printScale prints the model of scale.md.
func (b *Bench) printScale(context.Context) error {
	_, err := fmt.Fprintln(b.out, ScaleTable())
	return err
}

// ScaleUses returns how the rows of cost.md begin that have the figures of the model.
func ScaleUses() []string {
	return []string{
		fmt.Sprintf("| Step Functions, transitions | %d |", scaleTransitions), fmt.Sprintf("| DynamoDB, write units | %d |", scaleWriteUnits),
		fmt.Sprintf("| DynamoDB, read units | %d |", scaleReadUnits), fmt.Sprintf("| Lambda, invocations | %d |", scaleInvocations),
		fmt.Sprintf("| HTTP API, requests | %d |", scaleRequests), fmt.Sprintf("| SMS | %d |", scaleSMS), fmt.Sprintf("| emails through SES | %d |", scaleEmails),
	}
}
