package bench

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/oklog/ulid/v2"

	"beian/infra/local/people"
	"beian/infra/local/system"
	"beian/shared/certificate"
	"beian/shared/contact"
	"beian/shared/desk"
	"beian/shared/filing"
	"beian/shared/person"
)

// perFiling counts what one filing costs, one after another with nothing else going on.
func (b *Bench) perFiling(ctx context.Context, s *system.System, w *people.World, staff staff) error {
	const filings = 10
	reads := 0
	w.Observe = nil
	before, invoked, moved := s.Traffic.Counts(), s.Invoked(), s.Machine.Stats().Transitions
	written, read := s.Traffic.Units()
	for range filings {
		if err := b.file(ctx, s, w.Counting(&reads), staff, b.next); err != nil {
			return err
		}
		b.next++
	}
	transitions := float64(s.Machine.Stats().Transitions-moved) / filings
	total := float64(s.Invoked()-invoked) / filings
	waiting := float64(reads) / filings
	fmt.Fprintf(b.Out, "  per filing     %6.1f state transitions   %s\n", transitions, against(transitions <= 30, "aim: at most 30"))
	fmt.Fprintf(b.Out, "                 %6.1f function invocations %s; %.1f more are reads of an applicant who waits\n",
		total-waiting, against(total-waiting <= 40, "aim: at most 40"), waiting)
	writtenAfter, readAfter := s.Traffic.Units()
	fmt.Fprintf(b.Out, "                 %6.1f DynamoDB write units, %.1f read units\n", (writtenAfter-written)/filings, (readAfter-read)/filings)
	after := s.Traffic.Counts()
	var operations []string
	for operation := range after {
		operations = append(operations, operation)
	}
	slices.Sort(operations)
	for _, operation := range operations {
		if n := after[operation] - before[operation]; n > 0 {
			fmt.Fprintf(b.Out, "                 %6.1f %s\n", float64(n)/filings, operation)
		}
	}
	return nil
}

// openOrder opens an order at the desk; its execution then waits for a server to be named.
func openOrder(ctx context.Context, s *system.System, n int) error {
	d := s.Parts.Desk()
	app := people.Invent(n)
	number := certificate.Number(fmt.Sprint(app.Open["certificate"].(map[string]any)["number"]))
	key, err := d.Store.SubjectKey(ctx, certificate.ResidentID, number.Reveal())
	if err != nil {
		return err
	}
	account := filing.Account(fmt.Sprintf("bench-%d", n))
	_, err = d.Open(ctx, filing.New{
		ID: filing.ID(ulid.Make().String()), Account: account, Language: app.Language, SubjectKey: key,
		Contact: filing.Contact{Mobile: contact.Mobile(fmt.Sprint(app.Contact["mobile"])), Email: contact.Email(fmt.Sprint(app.Contact["email"]))},
		Opening: filing.Opening{
			Province: "11", EntityKind: certificate.Individual, Name: person.Name("示例人"), Domains: app.Open["domains"].([]string),
			Certificate: filing.Paper{Kind: certificate.ResidentID, Number: number},
		},
	}, filing.Actor{Account: account, Role: filing.Applicant}, desk.Demand{})
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
