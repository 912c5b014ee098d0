package bench

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	functions "beian/functions/reminders"
	"beian/infra/local/system"
	"beian/shared/filing/register"
	"beian/shared/partners/domainfacts"
	"beian/shared/process/decide"
	"beian/shared/process/duties"
	"beian/shared/process/inventory"
	"beian/shared/rules/certificate"
	"beian/shared/rules/domainname"
	"beian/shared/rules/number"
	"beian/shared/rules/person"
	"beian/shared/rules/workday"
)

const owingFilings = 500

// measureDuties prints what the reminders of 500 filings cost in a year: each has a site whose server ends, and a subject whose certificate does. What the
// sweeper does to send a message is not in it.
func (b *Bench) measureDuties(ctx context.Context) (err error) {
	s, err := b.another(ctx, "duties")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	s.Traffic.ReportCapacity()
	now := time.Date(2021, 1, 4, 0, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	letters := 0
	service := &duties.Service{Store: s.Parts.Store(), Registrations: domainfacts.Simulator{Now: clock}, Now: clock, Log: slog.New(slog.DiscardHandler),
		NewID: func() string { letters++; return fmt.Sprint("letter-", letters) }}
	handler := functions.Handler{Decisions: &decide.Service{Store: s.Parts.Store(), Now: clock, Log: service.Log}, Orders: s.Parts.Store(), Filings: s.Parts.Store(), Duties: service, Now: clock, Log: service.Log}
	for n := range owingFilings {
		if err := fileOwing(ctx, s, n, now); err != nil {
			return err
		}
	}
	fmt.Fprintf(b.out, "\nWhat %d filings owe in a year, a run each hour\n", owingFilings)
	before, start, runs := countsOf(s), time.Now(), 0
	for end := now.AddDate(1, 0, 0); now.Before(end); now = now.Add(time.Hour) {
		if _, err := handler.Handle(ctx, functions.Input{}); err != nil {
			return err
		}
		runs++
	}
	after := countsOf(s)
	fmt.Fprintf(b.out, "  per filing     %6.1f letters, %.1f write units, %.1f read units\n", float64(letters)/owingFilings, (after.written-before.written)/owingFilings, (after.read-before.read)/owingFilings)
	fmt.Fprintf(b.out, "                 %6.1f ms; %d runs, %.1f s\n", time.Since(start).Seconds()*1000/owingFilings, runs, time.Since(start).Seconds())
	return nil
}

// fileOwing stores a filing and its server. The end of its server and of its certificate are spread over the year.
func fileOwing(ctx context.Context, s *system.System, n int, at time.Time) error {
	running, err := number.ParseFiling(fmt.Sprintf("京ICP备%d号-1", 40_000_000+n))
	if err != nil {
		return err
	}
	domain, server := domainname.Domain(fmt.Sprintf("invented-owing-%d.cn", n)), fmt.Sprintf("ecs-owing-%d", n)
	f := register.Filing{ID: register.ID(fmt.Sprintf("01OWING%019d", n)), SubjectKey: fmt.Sprintf("owing-%d", n), Province: "11", Entity: certificate.Enterprise, Number: running.Subject,
		Sites: []register.FiledSite{{Number: running, Domains: []register.FiledDomain{{Name: domain}}, Accesses: []register.Access{{Ours: true, Server: server}}}}}
	ends := at.AddDate(0, 0, 95+n%260)
	f.Private.Subject.Name = person.Name("示例公司")
	f.Private.Subject.Certificate.Validity = certificate.Validity{From: "2011-01-01", To: workday.DateOf(ends)}
	f.Private.Subject.Leader = register.Leader{Email: "leader@example.cn"}
	f.Private.Sites = []register.Site{{Domains: []domainname.Domain{domain}, Leader: f.Private.Subject.Leader}}
	if err := s.Parts.Store().PutServer(ctx, inventory.Server{ID: server, Account: "owing", Placement: "11", ExpiresAt: ends, Quota: 1}); err != nil {
		return err
	}
	change, _ := register.Filing{}.Replace(f, register.Source{Kind: register.FromImport, ID: "bench"}, at)
	return s.Parts.Store().CommitFiling(ctx, change)
}
