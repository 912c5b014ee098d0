package bench

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"beian/infra/local/scenario"
	"beian/infra/local/system"
	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/rules/certificate"
	"beian/shared/rules/contact"
	"beian/shared/rules/person"
)

// countPerFiling prints the cost of one filing. It files several applications, one after another, on an otherwise idle system.
func (b *Bench) countPerFiling(ctx context.Context) error {
	const filings = 10
	prices, err := awsPricesFromEnv()
	if err != nil {
		return err
	}
	fmt.Fprintln(b.out, "First filings (an individual in Beijing on 26 December 2019: no SMS verification), end to end")
	polls := 0.0
	countPoll := countPolls(&polls)
	b.client.Observe = func(method, route string, took time.Duration) {
		countPoll(method, route, took)
		if method != http.MethodGet {
			b.awaitQuiet(8 * time.Millisecond)
		}
	}
	if _, _, err := b.countFilings(ctx, 1); err != nil { // fills the caches of the processes
		return err
	}
	polls = 0
	logged := b.logged.Load()
	cost, calls, err := b.countFilings(ctx, filings)
	if err != nil {
		return err
	}
	cost.logs = float64(b.logged.Load()-logged)/filings + requestLog*cost.requests
	polls /= filings
	requests := 0.0
	for operation, n := range calls {
		if strings.HasPrefix(operation, "dynamodb:") {
			requests += n
		}
	}
	for _, line := range []struct { // a function that runs each minute may add some tenths
		count float64
		what  string
		most  float64
	}{{cost.transitions, "state transitions", 30}, {cost.invocations - polls, "function invocations", 20}, {requests - polls, "DynamoDB requests", 70}, {cost.writeUnits, "DynamoDB write units", 120},
		{cost.readUnits - polls, "DynamoDB read units", 50}, {cost.keys, "KMS requests", 8}} {
		fmt.Fprintf(b.out, "  per filing     %6.1f %-22s %s\n", line.count, line.what, compareWithAim(math.Round(line.count) <= line.most, fmt.Sprintf("aim: at most %.0f", line.most)))
	}
	fmt.Fprintf(b.out, "  and for an applicant who waits on the page %.1f reads, each of one invocation, request and read unit\n", polls)
	for _, operation := range slices.Sorted(maps.Keys(calls)) {
		fmt.Fprintf(b.out, "                 %6.1f %s\n", calls[operation], operation)
	}
	if err := b.countRoundTrips(ctx); err != nil {
		return err
	}
	cost.print(b.out, prices)
	return nil
}

// awaitQuiet waits until no function has called AWS for some time: a person decides again when the execution waits for it, not before.
func (b *Bench) awaitQuiet(quiet time.Duration) {
	for before := (map[string]int)(nil); ; {
		now := b.system.Traffic.Counts()
		if maps.Equal(before, now) {
			return
		}
		before = now
		time.Sleep(quiet)
	}
}

// countFilings files applications, one after another, and returns what each of them uses.
func (b *Bench) countFilings(ctx context.Context, filings int) (filingCost, map[string]float64, error) {
	before := countsOf(b.system)
	for range filings {
		if err := b.fileApplication(ctx, b.next); err != nil {
			return filingCost{}, nil, err
		}
		b.next++
	}
	cost, calls := before.perFiling(countsOf(b.system), float64(filings))
	return cost, calls, nil
}

// countPolls counts the reads of an applicant who waits.
func countPolls(polls *float64) func(method, route string, _ time.Duration) {
	return func(method, route string, _ time.Duration) {
		if method+" "+route == readOrder {
			*polls++
		}
	}
}

// counts are the system's counters since its start.
type counts struct {
	calls, invocations map[string]int // by operation and by function
	transitions, bytes int64
	written, read      float64
}

func countsOf(s *system.System) counts {
	c := counts{calls: s.Traffic.Counts(), invocations: s.Functions.Invocations(), transitions: s.Machine.Stats().Transitions, bytes: s.Traffic.Bytes()}
	c.written, c.read = s.Traffic.Units()
	return c
}

// perFiling returns the average use by one of the filings between two counts, and its calls by operation; those of functions as lambda:<function>.
func (c counts) perFiling(after counts, filings float64) (filingCost, map[string]float64) {
	cost := filingCost{
		transitions: float64(after.transitions-c.transitions) / filings,
		writeUnits:  (after.written - c.written) / filings, readUnits: (after.read - c.read) / filings,
		kilobytes: float64(after.bytes-c.bytes) / 1000 / filings,
	}
	calls := map[string]float64{}
	for name, n := range after.invocations {
		each := float64(n-c.invocations[name]) / filings
		if each == 0 {
			continue
		}
		calls["lambda:"+name] = each
		cost.invocations += each
		cost.gigabytes += each * cmp.Or(largeGB[name], smallGB)
		switch name {
		case "api", "operator", "reviewer", "smsreply":
			cost.requests += each
		}
	}
	for operation, n := range after.calls {
		each := float64(n-c.calls[operation]) / filings
		if each == 0 {
			continue
		}
		calls[operation] = each
		service, verb, _ := strings.Cut(operation, ":")
		if service == "s3" && (verb == http.MethodPost || verb == http.MethodDelete) {
			cost.uploadEvents += each
		}
		switch {
		case service == "kms":
			cost.keys += each
		case service == "s3" && verb == http.MethodGet:
			cost.objectsRead += each
		case service == "s3" && verb != http.MethodDelete: // DELETE is free
			cost.objectsWritten += each
		}
	}
	return cost, calls
}

// openOrder opens an order without the API. Its execution then waits for a server.
func openOrder(ctx context.Context, s *system.System, n int) error {
	d := s.Parts.Decisions()
	app := scenario.Invented(n)
	number := certificate.Number(fmt.Sprint(app.Open["certificate"].(map[string]any)["number"]))
	key, err := s.Parts.Store().SubjectKey(ctx, certificate.ResidentID, number.Reveal())
	if err != nil {
		return err
	}
	account := filing.Account(fmt.Sprintf("bench-%d", n))
	_, err = d.Create(ctx, filing.OpenInput{
		ID: filing.ID(ulid.Make().String()), Account: account, Language: app.Language, SubjectKey: key, DigestKey: rand.Text(),
		Contact: filing.Contact{Mobile: contact.Mobile(fmt.Sprint(app.Contact["mobile"])), Email: contact.Email(fmt.Sprint(app.Contact["email"]))},
		Opening: filing.Opening{
			Province: "11", EntityKind: certificate.Individual, Name: person.Name("示例人"), Domains: app.Open["domains"].([]string),
			Certificate: filing.OpeningCertificate{Kind: certificate.ResidentID, Number: number},
		},
	}, filing.Actor{Account: account, Role: filing.Applicant}, decide.Preconditions{})
	return err
}
