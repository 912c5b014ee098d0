package bench

import (
	"bufio"
	"context"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/oklog/ulid/v2"

	"beian/infra/local/scenario"
	"beian/infra/local/system"
	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/rules/certificate"
	"beian/shared/rules/contact"
	"beian/shared/rules/person"
)

// perFiling counts what one filing costs, one after another with nothing else going on.
func (b *Bench) perFiling(ctx context.Context, s *system.System, w *scenario.Client, staff staff) error {
	const filings = 10
	reads := 0
	w.Observe = nil
	before := take(s)
	for range filings {
		if err := b.file(ctx, s, w.CountingReads(&reads), staff, b.next); err != nil {
			return err
		}
		b.next++
	}
	cost, calls := before.until(take(s), filings)
	waiting := float64(reads) / filings
	fmt.Fprintf(b.Out, "  per filing     %6.1f state transitions   %s\n", cost.transitions, against(cost.transitions <= 30, "aim: at most 30"))
	fmt.Fprintf(b.Out, "                 %6.1f function invocations %s; %.1f more are reads of an applicant who waits\n",
		cost.invocations-waiting, against(cost.invocations-waiting <= 40, "aim: at most 40"), waiting)
	fmt.Fprintf(b.Out, "                 %6.1f DynamoDB write units, %.1f read units\n", cost.writeUnits, cost.readUnits)
	for _, operation := range slices.Sorted(maps.Keys(calls)) {
		fmt.Fprintf(b.Out, "                 %6.1f %s\n", calls[operation], operation)
	}
	cost.tell(b.Out)
	return nil
}

// figures are what the system has counted since its start.
type figures struct {
	calls, invocations map[string]int // by operation and by function
	transitions        int64
	written, read      float64
}

func take(s *system.System) figures {
	f := figures{calls: s.Traffic.Counts(), invocations: s.Functions.Invocations(), transitions: s.Machine.Stats().Transitions}
	f.written, f.read = s.Traffic.Units()
	return f
}

// until is what each of some filings took from one count to another: what is charged, and calls by operation.
func (f figures) until(after figures, filings float64) (filingCost, map[string]float64) {
	cost := filingCost{
		transitions: float64(after.transitions-f.transitions) / filings,
		writeUnits:  (after.written - f.written) / filings, readUnits: (after.read - f.read) / filings,
	}
	for name, n := range after.invocations {
		each := float64(n-f.invocations[name]) / filings
		cost.invocations += each
		if name == "api" || name == "exchange" {
			cost.large += each
		}
		if name == "api" || name == "smsreply" {
			cost.requests += each
		}
	}
	calls := map[string]float64{}
	for operation, n := range after.calls {
		each := float64(n-f.calls[operation]) / filings
		if each == 0 {
			continue
		}
		calls[operation] = each
		switch service, verb, _ := strings.Cut(operation, ":"); {
		case service == "kms":
			cost.keys += each
		case service == "s3" && verb == http.MethodGet:
			cost.objectsRead += each
		case service == "s3":
			cost.objectsWritten += each
		}
	}
	return cost, calls
}

// openOrder opens an order at the desk; its execution then waits for a server to be named.
func openOrder(ctx context.Context, s *system.System, n int) error {
	d := s.Parts.Decisions()
	app := scenario.Invented(n)
	number := certificate.Number(fmt.Sprint(app.Open["certificate"].(map[string]any)["number"]))
	key, err := d.Store.SubjectKey(ctx, certificate.ResidentID, number.Reveal())
	if err != nil {
		return err
	}
	account := filing.Account(fmt.Sprintf("bench-%d", n))
	_, err = d.Create(ctx, filing.New{
		ID: filing.ID(ulid.Make().String()), Account: account, Language: app.Language, SubjectKey: key,
		Contact: filing.Contact{Mobile: contact.Mobile(fmt.Sprint(app.Contact["mobile"])), Email: contact.Email(fmt.Sprint(app.Contact["email"]))},
		Opening: filing.Opening{
			Province: "11", EntityKind: certificate.Individual, Name: person.Name("示例人"), Domains: app.Open["domains"].([]string),
			Certificate: filing.IdentityDocument{Kind: certificate.ResidentID, Number: number},
		},
	}, filing.Actor{Account: account, Role: filing.Applicant}, decide.Preconditions{})
	return err
}

// resident is the resident memory of a process in MB; 0 where the system does not tell.
func resident(pid int) int {
	f, err := os.Open(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if text, ok := strings.CutPrefix(lines.Text(), "VmRSS:"); ok {
			kb, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(text), " kB"))
			if err != nil {
				return 0
			}
			return kb / 1024
		}
	}
	return 0
}
