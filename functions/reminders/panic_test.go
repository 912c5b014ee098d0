package reminders_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"beian/functions/reminders"
	"beian/infra/local/steptest"
	"beian/shared/filing/register"
	"beian/shared/process/duties"
	"beian/shared/rules/domainfacts"
	"beian/shared/rules/domainname"
	"beian/shared/rules/number"
)

// A trap panics at a domain.
type trap string

func (t trap) Registration(_ context.Context, q domainfacts.Query) (domainfacts.Facts, error) {
	if string(q.Domain) == string(t) {
		panic("a registrar's answer that was not foreseen")
	}
	return domainfacts.Facts{}, nil
}

// TestPanic: a filing at which the function panics does not keep the others from their reminders, and fails.
func TestPanic(t *testing.T) {
	w := steptest.New(t)
	for i := range 3 {
		n, err := number.ParseFiling(fmt.Sprintf("京ICP备%d号-1", 2021000001+i))
		if err != nil {
			t.Fatal(err)
		}
		f := register.Filing{ID: register.ID(fmt.Sprintf("01PANIC%d", i)), SubjectKey: fmt.Sprint("subject-", i), Province: "11", Number: n.Subject, Sites: []register.FiledSite{
			{Number: n, Domains: []register.FiledDomain{{Name: domainname.Domain(fmt.Sprintf("panic-%d.example.cn", i))}}, Accesses: []register.Access{{Ours: true}}}}}
		f.Private.Sites = []register.Site{{}}
		change, _ := register.Filing{}.Replace(f, register.Source{Kind: register.FromImport, ID: "import"}, w.Clock.Now())
		if err := w.Store.CommitFiling(t.Context(), change); err != nil {
			t.Fatal(err)
		}
	}
	log := slog.New(slog.DiscardHandler)
	h := reminders.Handler{Decisions: w.Service, Orders: w.Store, Filings: w.Store, Now: w.Clock.Now, Log: log,
		Duties: &duties.Service{Store: w.Store, Registrations: trap("panic-1.example.cn"), Now: w.Clock.Now, NewID: func() string { return "id" }, Log: log}}
	w.Clock.Advance(time.Minute)
	report, err := h.Handle(t.Context(), reminders.Input{})
	if err == nil || report.Failed != 1 {
		t.Errorf("%+v, %v", report, err)
	}
	for i, want := range []int{1, 0, 1} {
		if u, err := w.Store.Upkeep(t.Context(), register.ID(fmt.Sprintf("01PANIC%d", i))); err != nil || u.Followed != want {
			t.Errorf("filing %d is followed up to version %d, %v", i, u.Followed, err)
		}
	}
}
