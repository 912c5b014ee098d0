package apps_test

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"beian/infra/local/clock"
	"beian/infra/local/scenario"
	"beian/infra/local/system"
	"beian/infra/local/systemtest"
	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/rules/finding"
	"beian/shared/web"
)

// day is when the journeys start, a Monday after the bureaus began to file apps.
var day = time.Date(2023, 10, 9, 1, 30, 0, 0, time.UTC)

// The system of all tests.
var (
	sys             *system.System
	client          *scenario.Client
	reviewer, admin *scenario.User
)

func TestMain(m *testing.M) {
	config := system.Config{Programs: os.Getenv("PROGRAMS"), Clock: clock.StandingAt(day), Limits: system.Unlimited}
	systemtest.Main(m, config, "../../../stack/testdata/golden", func(s *systemtest.Suite) {
		sys, client, reviewer, admin = s.System, s.Client, s.Reviewer, s.Admin
	})
}

// A journey is one applicant with an application in progress.
type journey struct {
	t         *testing.T
	applicant *scenario.User
	app       scenario.Application
	id        filing.ID
	replied   map[string]string // the last code of each order with which a leader replied
}

func start(t *testing.T, app scenario.Application) *journey {
	t.Helper()
	j := &journey{t: t, app: app, replied: map[string]string{}}
	var err error
	j.applicant, err = client.Login(t.Context(), app.Login)
	j.must(err)
	now := sys.Clock.Now()
	j.must(admin.ListServer(t.Context(), app.Server, j.applicant.Account(), now.AddDate(0, -1, 0), now.AddDate(1, 0, 0)))
	return j
}

func (j *journey) must(err error) {
	j.t.Helper()
	if err != nil {
		j.t.Fatalf("order %s: %v", j.id, err)
	}
}

// atConsole takes the application to the point at which it waits to be entered at the bureau.
func (j *journey) atConsole(app scenario.Application) {
	j.t.Helper()
	var err error
	j.app = app
	j.id, err = app.AdvanceTo(j.t.Context(), j.applicant, reviewer, filing.VerifySMS)
	j.must(err)
	j.reply()
	j.await(filing.AwaitBureau, filing.Transmitted)
}

// reply answers the SMS of each leader.
func (j *journey) reply() {
	j.t.Helper()
	for _, mobile := range scenario.LeaderMobiles(j.app.Details) {
		code, err := client.AwaitOrderCode(j.t.Context(), mobile, j.id)
		j.must(err)
		j.must(client.ReplySMS(j.t.Context(), fmt.Sprintf("reply-%s-%s", j.id, code), mobile, code))
	}
}

func (j *journey) await(step filing.Step, status filing.Status) scenario.Order {
	j.t.Helper()
	var o scenario.Order
	err := scenario.Poll(j.t.Context(), func() (bool, error) {
		var err error
		o, err = j.applicant.Order(j.t.Context(), j.id)
		return o.Step == step && o.Status == status, err
	})
	if err != nil {
		j.t.Fatalf("order %s is at %s, %s; want %s, %s: %v %v", j.id, o.Step, o.Status, step, status, err, o.Findings)
	}
	return o
}

func (j *journey) record(what string, body map[string]any) error {
	return admin.Call(j.t.Context(), http.MethodPost, "/orders/"+string(j.id)+"/sheet/"+what, body, nil)
}

func (j *journey) enter() {
	j.t.Helper()
	j.must(j.record("entry", map[string]any{"on": sys.Clock.Now().In(time.FixedZone("", 8*60*60)).Format(time.DateOnly)}))
}

func approval(subject string, services ...string) map[string]any {
	sites := []map[string]any{}
	for _, n := range services {
		sites = append(sites, map[string]any{"number": subject + n})
	}
	return map[string]any{"subjectNumber": subject, "sites": sites}
}

// numbers returns what the register has of the applicant, as "number kind name".
func (j *journey) numbers() []string {
	j.t.Helper()
	numbers := []string{}
	for _, s := range j.filing().Sites {
		numbers = append(numbers, s.Number.String()+" "+s.Kind+" "+s.Details.Name)
	}
	slices.Sort(numbers)
	return numbers
}

func (j *journey) filing() web.Filing {
	j.t.Helper()
	briefs, err := j.applicant.Filings(j.t.Context())
	j.must(err)
	if len(briefs) != 1 {
		j.t.Fatalf("%d filings", len(briefs))
	}
	f, err := j.applicant.Filing(j.t.Context(), register.ID(briefs[0].ID))
	j.must(err)
	return f
}

// A sheet is a sheet in the form of the API.
type sheet struct {
	Sections []struct {
		Title finding.Words
		Rows  []struct {
			Label, Note finding.Words
			Value       string
		}
	}
	Papers []struct{ Slot, URL string }
}

func (j *journey) sheet() sheet {
	j.t.Helper()
	var s sheet
	j.must(admin.Call(j.t.Context(), http.MethodGet, "/orders/"+string(j.id)+"/sheet", nil, &s))
	return s
}

// rows returns a section as "label=value" in Chinese, one a line.
func (s sheet) rows(title string) string {
	var rows []string
	for _, section := range s.Sections {
		if section.Title.Chinese == title {
			for _, r := range section.Rows {
				rows = append(rows, r.Label.Chinese+"="+r.Value)
			}
		}
	}
	return strings.Join(rows, "\n")
}

// wantNothingSent fails if anything was uploaded to the bureau.
func wantNothingSent(t *testing.T) {
	t.Helper()
	if records, err := sys.Bureau.Records(0, 10); err != nil || len(records) != 0 {
		t.Errorf("the bureau got %v, %v", records, err)
	}
}
