package importing_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/facts"
	"beian/shared/process/importing"
	"beian/shared/process/inventory"
	"beian/shared/rules/certificate"
	"beian/shared/rules/codes"
	"beian/shared/rules/fault"
	"beian/shared/rules/number"
)

// busyStore is an empty register in which others are first with a number of writes.
type busyStore struct {
	lost    int
	failure error
	stored  int
}

func (s *busyStore) SubjectKey(context.Context, certificate.Kind, string) (string, error) {
	return "subject", nil
}

func (s *busyStore) CodeTables(context.Context) (codes.Tables, error) { return codes.Tables{}, nil }

func (s *busyStore) FilingOf(context.Context, string) (register.Filing, error) {
	return register.Filing{}, nil
}

func (s *busyStore) FilingByNumber(context.Context, number.Subject) (register.Filing, error) {
	return register.Filing{}, nil
}

func (s *busyStore) FilingByMinistryID(context.Context, register.Part, string) (register.Filing, error) {
	return register.Filing{}, nil
}

func (s *busyStore) Registration(context.Context, string, filing.Account) (facts.Registration, error) {
	return facts.Registration{}, nil
}

func (s *busyStore) DomainRegistration(context.Context, filing.Domain) (facts.DomainRegistration, error) {
	return facts.DomainRegistration{}, nil
}

func (s *busyStore) Server(context.Context, string) (inventory.Server, error) {
	return inventory.Server{}, nil
}

func (s *busyStore) CommitFiling(context.Context, register.Change) error {
	if s.lost > 0 {
		s.lost--
		return s.failure
	}
	s.stored++
	return nil
}

// TestContendedSubject: a subject that others change at the same time is tried again. If they are always first, the portion fails as contended, so that
// its caller sends it again (and not as stale, which is the caller's mistake).
func TestContendedSubject(t *testing.T) {
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(importing.Template(), []byte("\ufeff")))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, failure := range []error{&fault.Fault{Kind: fault.Stale}, fault.Contended(nil)} {
		for lost, stored := range map[int]int{0: 1, 2: 1, 3: 0} {
			store := &busyStore{lost: lost, failure: failure}
			i := importing.Importer{Store: store, Now: time.Now, IsAccount: func(string) bool { return true }}
			results, err := i.Import(t.Context(), importing.Portion{File: "file", Header: rows[0], Rows: []importing.Row{{Row: 2, Cells: rows[1]}}})
			if store.stored != stored || (err == nil) != (stored == 1) || err != nil && !errors.Is(err, fault.ErrContention) {
				t.Errorf("%v, first %d times: %d stored, %+v, %v", failure, lost, store.stored, results, err)
			}
			if err == nil && (len(results) != 1 || results[0].Outcome != importing.Created) {
				t.Errorf("%v, first %d times: %+v", failure, lost, results)
			}
		}
	}
}
