package reminders_test

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"beian/functions/reminders"
	"beian/infra/local/steptest"
	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/filing/upkeep"
	"beian/shared/process/decide"
	"beian/shared/process/duties"
	"beian/shared/process/inventory"
	"beian/shared/rules/certificate"
	"beian/shared/rules/contact"
	"beian/shared/rules/domainfacts"
	"beian/shared/rules/domainname"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/rules/person"
	"beian/shared/rules/workday"
)

// firstDay is the day on which the filings are approved, and yearEnd that after the last.
const (
	firstDay workday.Date = "2021-01-04"
	yearEnd  workday.Date = "2022-01-04"
)

// An invented filing, and what happens about it in the year. Days are those from firstDay on; 0 is never.
type invented struct {
	n       int
	id      register.ID
	site    string
	domain  domainname.Domain
	mobile  contact.Mobile
	noEmail bool

	domainEnds, domainRenewed int
	certificateEnds           int
	serverEnds                int
	policeRecorded            int
	saidCommercial            int
	found, corrected          int
	asked, answered           int
	muted                     int
	cancelled                 int
}

func invent(n int) invented {
	every := func(k, day int) int {
		if n%k == 0 {
			return day
		}
		return 0
	}
	v := invented{n: n, id: register.ID(fmt.Sprintf("01YEAR%020d", n)), site: fmt.Sprintf("京ICP备%d号-1", 2021000000+n), domain: domainname.Domain(fmt.Sprintf("y%d.example.cn", n)),
		mobile: contact.Mobile(fmt.Sprintf("138%08d", n-n%10)), noEmail: n%50 == 49,
		domainEnds: 40 + n*7%420, certificateEnds: every(3, 100+n%300), serverEnds: every(2, 200+n%250), policeRecorded: every(2, 1+n%45), saidCommercial: every(3, 1+n%20),
		found: every(4, 60+n%90), asked: every(5, 30+n%300), muted: every(7, 20+n%100), cancelled: every(11, 90+n%200)}
	if v.noEmail {
		v.mobile = contact.Mobile(fmt.Sprintf("139%08d", n))
	}
	v.domainRenewed = v.domainEnds // on the last day
	if n%4 == 1 {
		v.domainRenewed -= n % 35
	}
	if v.found > 0 {
		v.corrected = v.found + n%40
	}
	if v.asked > 0 {
		v.answered = v.asked + n%8
	}
	return v
}

func on(day int) workday.Date { return firstDay.AddDays(day) }

// TestYear: in a year of YEAR_FILINGS filings, each reminder is sent exactly once, none after its reason ended, none at night, none on a day off but what is due at
// once, and a person gets at most one SMS a day. Among them are those of the public-security filing (S24). The totals are
// those of a model that knows nothing of the program.
func TestYear(t *testing.T) {
	filings := 100
	if text := os.Getenv("YEAR_FILINGS"); text != "" {
		var err error
		if filings, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	began := time.Now()
	w := steptest.New(t)
	w.Clock.Set(firstDay.Time().Add(8 * time.Hour))
	w.At(filing.FollowUp) // the order that all filings come from
	all := make([]invented, filings)
	for n := range all {
		all[n] = invent(n)
	}
	y := &year{T: t, Fixture: w, filings: all}
	y.service = &duties.Service{Store: w.Store, Registrations: y, Now: w.Clock.Now, NewID: y.newID, Log: slog.New(slog.DiscardHandler)}
	y.handler = reminders.Handler{Decisions: w.Service, Orders: w.Store, Filings: w.Store, Duties: y.service, Now: w.Clock.Now, Log: slog.New(slog.DiscardHandler)}
	y.sent, y.sms = map[string]int{}, map[string]int{}
	for _, v := range all {
		y.file(v)
	}
	for y.day = 0; on(y.day) < yearEnd; y.day++ {
		for _, hour := range []int{1, 9, 12, 15, 23} {
			w.Clock.Set(on(y.day).Time().Add(time.Duration(hour) * time.Hour))
			if hour == 12 {
				y.act()
			}
			if report, err := y.handler.Handle(t.Context(), reminders.Input{}); err != nil {
				t.Fatalf("%s, %d o'clock: %+v, %v", on(y.day), hour, report, err)
			}
			y.collect(hour)
		}
	}
	want := map[string]int{}
	for _, v := range all {
		for _, r := range v.expected() {
			want[r]++
		}
	}
	if !maps.Equal(want, y.sent) {
		wrong := 0
		for _, key := range slices.Sorted(maps.Keys(want)) {
			if y.sent[key] != want[key] && wrong < 20 {
				wrong++
				t.Errorf("%s: sent %d times, want %d", key, y.sent[key], want[key])
			}
		}
		for _, key := range slices.Sorted(maps.Keys(y.sent)) {
			if want[key] == 0 && wrong < 40 {
				wrong++
				t.Errorf("%s: sent %d times, want none", key, y.sent[key])
			}
		}
	}
	t.Logf("%d reminders in %d letters and %d SMS; %v", len(y.sent), y.letters, len(y.sms), time.Since(began).Round(time.Second))
}

// A year plays what happens, and collects what is sent.
type year struct {
	*testing.T
	*steptest.Fixture
	filings []invented
	service *duties.Service
	handler reminders.Handler
	day     int
	ids     atomic.Int64
	letters int
	sent    map[string]int // by filing, kind of duty and day
	sms     map[string]int // by mobile and day
}

func (y *year) newID() string {
	return fmt.Sprintf("letter-%d", y.ids.Add(1))
}

// Registration answers when a domain expires.
func (y *year) Registration(_ context.Context, q domainfacts.Query) (domainfacts.Facts, error) {
	var n int
	fmt.Sscanf(string(q.Domain), "y%d.", &n)
	v := y.filings[n]
	ends := v.domainEnds
	if y.day >= v.domainRenewed {
		ends += 365
	}
	return domainfacts.Facts{ExpiresAt: on(ends).Time().Add(time.Hour)}, nil
}

func (y *year) must(err error) {
	y.T.Helper()
	if err != nil {
		y.T.Fatal(err)
	}
}

// file files a site, as an order does.
func (y *year) file(v invented) {
	n, err := number.ParseFiling(v.site)
	y.must(err)
	f := register.Filing{ID: v.id, SubjectKey: fmt.Sprint(v.n), Province: "11", Entity: certificate.Enterprise, Number: n.Subject, Sites: []register.FiledSite{
		{Number: n, Domains: []register.FiledDomain{{Name: v.domain}}, Accesses: []register.Access{{Ours: true, Server: fmt.Sprintf("server-%d", v.n)}}},
	}}
	f.Private.Subject.Name = person.Name(fmt.Sprintf("示例公司%d", v.n))
	f.Private.Subject.Leader = register.Leader{Mobile: v.mobile, Email: contact.Email(fmt.Sprintf("leader%d@example.cn", v.n-v.n%10))}
	if v.noEmail {
		f.Private.Subject.Leader.Email = ""
	}
	if v.certificateEnds > 0 {
		f.Private.Subject.Certificate.Validity = certificate.Validity{From: "2011-01-01", To: on(v.certificateEnds)}
	}
	f.Private.Sites = []register.Site{{Domains: []domainname.Domain{v.domain}, Leader: f.Private.Subject.Leader}}
	y.rent(v, cmp.Or(v.serverEnds, 2000))
	change, _ := register.Filing{}.Replace(f, register.Source{Kind: register.FromOrder, ID: string(steptest.OrderID)}, y.Clock.Now())
	y.must(y.Store.CommitFiling(y.Context(), change))
}

// rent stores the server of a filing, which ends on a day.
func (y *year) rent(v invented, ends int) {
	y.T.Helper()
	y.must(y.Store.PutServer(y.Context(), inventory.Server{ID: fmt.Sprintf("server-%d", v.n), Account: "a", Placement: "11", ExpiresAt: on(ends).Time(), Quota: 1}))
}

// act does what happens at noon.
func (y *year) act() {
	for _, v := range y.filings {
		if v.cancelled > 0 && y.day > v.cancelled {
			continue
		}
		record := func(day int, d upkeep.Decision) {
			if day > 0 && y.day == day {
				_, err := y.service.Record(y.Context(), v.id, d)
				y.must(err)
			}
		}
		record(v.policeRecorded, upkeep.RecordPublicSecurity{Site: v.site, Number: "京公网安备11010502030123号"})
		record(v.saidCommercial, upkeep.SayCommercial{Site: v.site})
		record(v.found, upkeep.SetFindings{Site: v.site, Host: string(v.domain), Found: finding.List{finding.New(upkeep.CodeSiteFinding, "")}})
		record(v.corrected, upkeep.SetFindings{Site: v.site, Host: string(v.domain)})
		record(v.asked, upkeep.OpenTask{Task: upkeep.Task{ID: "task", Kind: "HSRW", OpenedAt: y.Clock.Now(), Until: on(y.day + 10)}})
		record(v.answered, upkeep.CloseTask{ID: "task"})
		record(v.muted, upkeep.Mute{Key: upkeep.DomainExpires, Muted: true})
		if v.serverEnds > 0 && y.day == v.serverEnds {
			y.rent(v, 2000)
		}
		if v.certificateEnds > 0 && y.day == v.certificateEnds {
			y.change(v, func(f *register.Filing) { f.Private.Subject.Certificate.Validity.To = on(3000) })
		}
		if v.cancelled > 0 && y.day == v.cancelled {
			y.change(v, func(f *register.Filing) { f.Status = register.Cancelled })
		}
	}
}

// change stores another version of a filing.
func (y *year) change(v invented, edit func(*register.Filing)) {
	f, err := y.Store.Filing(y.Context(), v.id)
	y.must(err)
	after := f
	edit(&after)
	change, _ := f.Replace(after, register.Source{Kind: register.FromDownload, ID: "file"}, y.Clock.Now())
	y.must(y.Store.CommitFiling(y.Context(), change))
}

// collect takes the notices out of the outbox.
func (y *year) collect(hour int) {
	for {
		entries, err := y.Store.Outbox(y.Context(), decide.SendRegisterNotice, 200)
		y.must(err)
		for _, e := range entries {
			y.must(y.Store.DeleteEntry(y.Context(), e.ID))
			if e.Register.Kind != register.NoticeDuties || e.Register.Filing == register.ID(steptest.OrderID) {
				continue
			}
			y.letters++
			if hour < 9 || hour >= 21 {
				y.T.Errorf("%s: sent at %d o'clock", e.Register.Filing, hour)
			}
			for id := range strings.SplitSeq(e.Register.Duties, "\n") {
				kind, _, _ := strings.Cut(id, "|")
				y.sent[fmt.Sprintf("%s %s %s", e.Register.Filing, kind, on(y.day))]++
			}
			if e.Register.SMS {
				f, err := y.Store.Filing(y.Context(), e.Register.Filing)
				y.must(err)
				who := fmt.Sprintf("%s %s", f.Private.Subject.Leader.Mobile.Reveal(), on(y.day))
				if y.sms[who]++; y.sms[who] > 1 {
					y.T.Errorf("%s: more than one SMS on %s", e.Register.Filing, on(y.day))
				}
			}
		}
		if len(entries) < 200 {
			return
		}
	}
}

// expected is the model: it goes through the days of the year, and says which reminders are due on them, as "filing kind day".
func (v invented) expected() []string {
	var all []string
	last := 366
	if v.cancelled > 0 {
		last = v.cancelled // in the morning it still stands
	}
	remind := func(kind upkeep.Key, day int) {
		if day <= last && on(day) < yearEnd {
			all = append(all, fmt.Sprintf("%s %s %s", v.id, kind, on(day)))
		}
	}
	works := func(day int) bool { return workday.IsWorkday(on(day).Time()) }
	// shifted is the working day on which a reminder of a day is sent.
	shifted := func(day, deadline int) int {
		for to := day; to <= deadline; to++ {
			if works(to) {
				return to
			}
		}
		for !works(day) {
			day--
		}
		return day
	}
	// ladder reminds on days, if the duty stands from one day to another, both at noon. What was missed when it began is one reminder.
	ladder := func(kind upkeep.Key, days []int, deadline, from, until int) {
		due := map[int]bool{}
		for _, day := range days {
			day = shifted(day, deadline)
			if day < from {
				day = from
			}
			due[day] = true
		}
		for day := range due {
			if day <= until {
				remind(kind, day)
			}
		}
	}
	before := func(deadline int) []int { return []int{deadline - 90, deadline - 30, deadline - 7, deadline - 1} }
	never := 1000
	or := func(day, other int) int {
		if day > 0 {
			return day
		}
		return other
	}

	ladder(upkeep.DomainExpires, before(v.domainEnds), v.domainEnds, 0, min(or(v.muted, never), v.domainRenewed-1))
	ladder(upkeep.DomainExpires, before(v.domainEnds+365), v.domainEnds+365, 0, or(v.muted, never))
	if v.certificateEnds > 0 {
		ladder(upkeep.CertificateEnds, before(v.certificateEnds), v.certificateEnds, 0, never)
	}
	if v.serverEnds > 0 {
		ladder(upkeep.ServerExpires, before(v.serverEnds), v.serverEnds, 0, never)
	}
	ladder(upkeep.PublicSecurity, []int{1, 20, 29}, 30, 0, or(v.policeRecorded, never))
	ladder(upkeep.CommercialAsk, []int{1}, 30, 0, or(v.saidCommercial, never))
	if v.asked > 0 && v.asked <= last {
		remind(upkeep.BureauTask, v.asked)
		if day := shifted(v.asked+9, v.asked+10); day > v.asked && day <= v.answered {
			remind(upkeep.BureauTask, day)
		}
	}
	if v.found > 0 && v.found <= last {
		remind(upkeep.SiteFinding, v.found)
		for day := v.found + 7; day <= v.found+30; day += 7 {
			if to := shifted(day, v.found+30); to <= v.corrected {
				remind(upkeep.SiteFinding, to)
			}
		}
	}
	return all
}
