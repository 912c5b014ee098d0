package byhand_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"beian/infra/local/clock"
	"beian/infra/local/dynamodb"
	"beian/infra/local/scenario"
	"beian/infra/local/system"
	"beian/infra/local/systemtest"
	"beian/shared/filing"
	"beian/shared/rules/finding"
)

// day is when the journeys start, a Monday.
var day = time.Date(2021, 3, 1, 1, 30, 0, 0, time.UTC)

// The system of all tests.
var (
	suite           *systemtest.Suite
	sys             *system.System
	client          *scenario.Client
	reviewer, admin *scenario.User
	modules         dynamodb.Modules // folder of the npm packages
)

func TestMain(m *testing.M) {
	var err error
	if modules, err = dynamodb.FindModules("."); err != nil { // before the system changes the working directory
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	config := system.Config{Programs: os.Getenv("PROGRAMS"), Clock: clock.StandingAt(day), ByHand: true, Limits: system.Unlimited}
	systemtest.Main(m, config, "../../../stack/testdata/golden", func(s *systemtest.Suite) {
		suite, sys, client, reviewer, admin = s, s.System, s.Client, s.Reviewer, s.Admin
	})
}

// A journey is one application in progress, with its applicant.
type journey struct {
	t         *testing.T
	applicant *scenario.User
	app       scenario.Application
	id        filing.ID
	replied   string // the last code with which a leader replied
}

func (j *journey) must(err error) {
	j.t.Helper()
	if err != nil {
		j.t.Fatalf("order %s: %v", j.id, err)
	}
}

// atConsole takes an application to the point at which it waits to be entered at the bureau.
func atConsole(t *testing.T, n int) *journey {
	t.Helper()
	j := &journey{t: t, app: scenario.Invented(n)}
	ctx := t.Context()
	var err error
	j.applicant, err = client.Login(ctx, j.app.Login)
	j.must(err)
	now := sys.Clock.Now()
	j.must(admin.ListServer(ctx, j.app.Server, j.applicant.Account(), now.AddDate(0, -1, 0), now.AddDate(1, 0, 0)))
	j.id, err = j.app.AdvanceTo(ctx, j.applicant, reviewer, filing.VerifySMS)
	j.must(err)
	j.reply()
	j.awaitStep(filing.AwaitBureau, filing.Transmitted)
	return j
}

// reply answers the SMS of each leader.
func (j *journey) reply() {
	j.t.Helper()
	for _, mobile := range scenario.LeaderMobiles(j.app.Details) {
		var code string
		j.must(scenario.Poll(j.t.Context(), func() (bool, error) {
			var err error
			code, err = client.AwaitOrderCode(j.t.Context(), mobile, j.id)
			return code != j.replied, err
		}))
		j.replied = code
		j.must(client.ReplySMS(j.t.Context(), fmt.Sprintf("reply-%s-%s", j.id, code), mobile, code))
	}
}

func (j *journey) awaitStep(step filing.Step, status filing.Status) scenario.Order {
	j.t.Helper()
	var o scenario.Order
	err := scenario.Poll(j.t.Context(), func() (bool, error) {
		var err error
		o, err = j.applicant.Order(j.t.Context(), j.id)
		if err != nil || o.Step != step || o.Status != status || step == filing.Done {
			return o.Step == step && o.Status == status, err
		}
		return sys.InState(j.t.Context(), j.id, o.Round, string(step)) // the execution follows the order
	})
	if err != nil {
		j.t.Fatalf("order %s is at %s, %s; want %s, %s: %v", j.id, o.Step, o.Status, step, status, err)
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

// approval is an approval with numbers of a subject that no other test uses.
func approval(serial int) map[string]any {
	subject := fmt.Sprintf("京ICP备2021%06d号", serial)
	return map[string]any{"subjectNumber": subject, "sites": []map[string]any{{"number": subject + "-1"}}}
}

// wantPath waits until the execution of a round went through the states from the transmission on.
func (j *journey) wantPath(round int, want ...string) {
	j.t.Helper()
	var got []string
	err := scenario.Poll(j.t.Context(), func() (bool, error) {
		path, err := sys.Path(j.t.Context(), j.id, round)
		if i := slices.Index(path, "Transmit"); i >= 0 {
			got = path[i:]
		}
		return slices.Equal(got, want), err
	})
	if err != nil {
		j.t.Fatalf("%v; the path of round %d ends with %q, want %q", err, round, got, want)
	}
}

// lastMail returns the newest email to the applicant.
func (j *journey) lastMail(wanted string) string {
	j.t.Helper()
	var text string
	err := scenario.Poll(j.t.Context(), func() (bool, error) {
		mails := client.Sent(fmt.Sprint(j.app.Contact["email"]))
		if len(mails) > 0 {
			text = mails[len(mails)-1].Text
		}
		return strings.Contains(text, wanted), nil
	})
	if err != nil {
		j.t.Fatalf("the last email lacks %q:\n%s", wanted, text)
	}
	return text
}

// A sheetOf is a sheet in the form of the API.
type sheetOf struct {
	Waiting  bool
	Sections []struct {
		Title finding.Words
		Rows  []struct {
			Label, Note finding.Words
			Value       string
		}
	}
	Papers []struct{ Slot, URL, SHA256 string }
	Page   struct {
		URL       string
		ExpiresAt time.Time
	}
}

func (j *journey) sheet() sheetOf {
	j.t.Helper()
	var s sheetOf
	j.must(admin.Call(j.t.Context(), http.MethodGet, "/orders/"+string(j.id)+"/sheet", nil, &s))
	return s
}

// values returns the values of a section by their Chinese labels.
func (s sheetOf) values(title string) map[string]string {
	values := map[string]string{}
	for _, section := range s.Sections {
		if section.Title.Chinese == title {
			for _, r := range section.Rows {
				values[r.Label.Chinese] = r.Value
			}
		}
	}
	return values
}

// fetch reads a path without a login.
func fetch(t *testing.T, path, language string) (status int, header http.Header, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, sys.PortalURL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept-Language", language)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Header, string(content)
}

// listed reports whether an order is in the operator's list.
func (j *journey) listed(state string) bool {
	j.t.Helper()
	var page struct {
		Items []struct {
			ID     filing.ID
			ByHand bool
		}
	}
	j.must(admin.Call(j.t.Context(), http.MethodGet, "/sheets?limit=100&state="+state, nil, &page))
	for _, o := range page.Items {
		if o.ID == j.id {
			return o.ByHand
		}
	}
	return false
}

// decisions returns the last decisions in the ledger, as "decision role".
func (j *journey) decisions(last int) []string {
	j.t.Helper()
	l, err := reviewer.Ledger(j.t.Context(), j.id)
	j.must(err)
	if !l.Verified {
		j.t.Error("the ledger is not verified")
	}
	var all []string
	for _, e := range l.Entries {
		all = append(all, e.Decision+" "+string(e.Role))
	}
	return all[len(all)-last:]
}

// filed returns what the register has of the applicant.
func (j *journey) filed() string {
	j.t.Helper()
	var page struct{ Items []struct{ ID string } }
	j.must(j.applicant.Call(j.t.Context(), http.MethodGet, "/filings", nil, &page))
	if len(page.Items) != 1 {
		j.t.Fatalf("%d filings", len(page.Items))
	}
	var filed json.RawMessage
	j.must(j.applicant.Call(j.t.Context(), http.MethodGet, "/filings/"+page.Items[0].ID, nil, &filed))
	return string(filed)
}
