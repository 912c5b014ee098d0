package journeys_test

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"beian/infra/local/clock"
	"beian/infra/local/identity"
	"beian/infra/local/privilege"
	"beian/infra/local/scenario"
	"beian/infra/local/system"
	"beian/infra/local/systemtest"
	"beian/shared/filing"
	"beian/shared/process/agency"
	"beian/shared/rules/finding"
)

// day is when the journeys start: all provinces require the SMS verification by then. Tests move the clock forward, and each
// uses other applicants, so tests can run in any order.
var day = time.Date(2021, 3, 1, 1, 30, 0, 0, time.UTC)

const secondReviewer = "second@provider.example"

// The system of all tests.
var (
	sys             *system.System
	client          *scenario.Client
	reviewer, admin *scenario.User
	dataFolder      string // of the system
)

// The agency of all tests, which may act for several subjects.
const agencyAccount, agencyLogin = "agency-of-tests", "agency@invented-example.com"

var agencies = agency.Settings{agencyAccount: {ChineseName: "示例代办公司", EnglishName: "Example Agency Ltd"}}

func TestMain(m *testing.M) {
	config := system.Config{
		Programs: os.Getenv("PROGRAMS"), Clock: clock.StandingAt(day), Limits: system.Unlimited,
		Staff:    []identity.Staff{{Login: secondReviewer, Groups: []string{identity.Reviewer}}},
		Agencies: agencies, Accounts: map[string]string{agencyLogin: agencyAccount}, SecondReadings: readTwice,
	}
	systemtest.Main(m, config, "../../stack/testdata/golden", func(s *systemtest.Suite) {
		sys, client, reviewer, admin, dataFolder = s.System, s.Client, s.Reviewer, s.Admin, s.Config.Folder
	}, unusedPermissions, idlePrograms)
}

// idlePrograms reports the built functions that no test has called.
func idlePrograms(s *systemtest.Suite, _ *privilege.Proof) error {
	var idle []string
	for name, calls := range s.System.Functions.Invocations() {
		if s.Config.Programs != "" && calls == 0 {
			idle = append(idle, name)
		}
	}
	if slices.Sort(idle); len(idle) > 0 {
		return fmt.Errorf("no test called the built functions %s", strings.Join(idle, ", "))
	}
	return nil
}

// unusedPermissions reports what the roles on AWS allow and no test needed, if all tests ran. The roles of the functions with pages are proved by journeys/pages.
func unusedPermissions(s *systemtest.Suite, proof *privilege.Proof) error {
	if flag.Lookup("test.run").Value.String() != "" {
		return nil
	}
	if unused := proof.Unused(s.Calls(proof), "portal", "staff"); len(unused) > 0 {
		return errors.New(strings.Join(unused, "\n"))
	}
	return nil
}

// A journey is one application in progress, with its applicant.
type journey struct {
	t         *testing.T
	applicant *scenario.User
	app       scenario.Application
	id        filing.ID
	// smsBefore and mailsBefore count the notices to the contact before the journey.
	smsBefore, mailsBefore int
}

// startJourney logs the applicant in and lists their server.
func startJourney(t *testing.T, app scenario.Application) *journey {
	t.Helper()
	j := &journey{t: t, app: app}
	var err error
	if j.applicant, err = client.Login(t.Context(), app.Login); err != nil {
		t.Fatal(err)
	}
	j.listServer(app.Server)
	j.smsBefore, j.mailsBefore = len(j.noticesTo(j.phone())), len(j.noticesTo(j.mailbox()))
	return j
}

// newJourney starts a journey of an invented applicant. Each test uses different numbers.
func newJourney(t *testing.T, n int) *journey {
	t.Helper()
	return startJourney(t, scenario.Invented(n))
}

// journeyAt starts a journey and advances it to a step.
func journeyAt(t *testing.T, n int, step filing.Step) *journey {
	t.Helper()
	j := newJourney(t, n)
	j.advanceTo(step)
	return j
}

// verifyContact opens and abandons an order, so that the account has verified the contact before the journey.
func (j *journey) verifyContact() {
	j.t.Helper()
	ctx, app := j.t.Context(), j.app
	app.Open = maps.Clone(app.Open)
	app.Open["domains"] = []string{fmt.Sprintf("invented-first-%s-example.com", app.Login[8:])}
	o, err := j.applicant.OpenOrder(ctx, app)
	j.must(err)
	_, err = j.applicant.AwaitStep(ctx, o.ID, filing.VerifyProduct)
	j.must(errors.Join(err, j.applicant.VerifyContact(ctx, o.ID), j.applicant.Abandon(ctx, o.ID)))
	j.wantNotices(filing.NoticeAbandoned)
	j.smsBefore, j.mailsBefore = len(j.noticesTo(j.phone())), len(j.noticesTo(j.mailbox()))
}

func (j *journey) phone() string   { return "+86" + fmt.Sprint(j.app.Contact["mobile"]) }
func (j *journey) mailbox() string { return fmt.Sprint(j.app.Contact["email"]) }

// listServer adds a server of the applicant to the inventory.
func (j *journey) listServer(s scenario.Server) {
	j.t.Helper()
	now := sys.Clock.Now()
	j.must(admin.ListServer(j.t.Context(), s, j.applicant.Account(), now.AddDate(0, -1, 0), now.AddDate(1, 0, 0)))
}

func (j *journey) must(err error) {
	j.t.Helper()
	if err != nil {
		j.t.Fatalf("order %s: %v", j.id, err)
	}
}

// wantProblem checks that an error is a problem with a status and these findings, as "code pointer", in any order.
func wantProblem(t *testing.T, err error, status int, want ...string) {
	t.Helper()
	refusal, ok := errors.AsType[*scenario.Problem](err)
	if !ok {
		t.Fatalf("not a problem: %v", err)
	}
	if got := findingPlaces(refusal.Findings); refusal.Status != status || !slices.Equal(got, sortedCopy(want)) {
		t.Fatalf("problem %d %q, want %d %q", refusal.Status, got, status, sortedCopy(want))
	}
}

// findingPlaces returns findings as "code pointer", sorted, without those that only inform.
func findingPlaces(found finding.List) []string {
	var all []string
	for _, f := range found {
		if f.Severity != finding.Inform {
			all = append(all, string(f.Code)+" "+f.Pointer)
		}
	}
	return sortedCopy(all)
}

func sortedCopy(all []string) []string {
	all = slices.Clone(all)
	slices.Sort(all)
	return all
}

// advanceTo opens the order and advances it to a step.
func (j *journey) advanceTo(step filing.Step) {
	j.t.Helper()
	id, err := j.app.AdvanceTo(j.t.Context(), j.applicant, reviewer, step)
	j.id = id
	j.must(err)
	j.awaitMachine(step)
	if step == filing.VerifySMS {
		for _, mobile := range scenario.LeaderMobiles(j.app.Details) {
			j.awaitCode(mobile)
		}
	}
}

func (j *journey) order() scenario.Order {
	j.t.Helper()
	o, err := j.applicant.Order(j.t.Context(), j.id)
	j.must(err)
	return o
}

// awaitMachine waits until the execution has reached the order's step, unless the order moves on meanwhile. The order changes
// first: a test that acts too early would make the execution skip a state.
func (j *journey) awaitMachine(step filing.Step) {
	j.t.Helper()
	j.must(scenario.Poll(j.t.Context(), func() (bool, error) {
		o, err := j.applicant.Order(j.t.Context(), j.id)
		if err != nil || o.Step != step || step == filing.Done {
			return true, err
		}
		return sys.InState(j.t.Context(), j.id, o.Round, string(step))
	}))
}

// awaitWaiting waits until the execution's task at a step waits for the order: the function of the step has run.
func (j *journey) awaitWaiting(step filing.Step) {
	j.t.Helper()
	j.must(scenario.Poll(j.t.Context(), func() (bool, error) {
		task, err := sys.Parts.Store().WaitingTask(j.t.Context(), j.id)
		return task.Step == step, err
	}))
}

// awaitStep waits until the order has a step and a status and the execution has reached the step.
func (j *journey) awaitStep(step filing.Step, status filing.Status) scenario.Order {
	j.t.Helper()
	var o scenario.Order
	err := scenario.Poll(j.t.Context(), func() (bool, error) {
		var err error
		o, err = j.applicant.Order(j.t.Context(), j.id)
		return o.Step == step && o.Status == status, err
	})
	if err != nil {
		j.t.Fatalf("order %s is at %s, %s; want %s, %s: %v", j.id, o.Step, o.Status, step, status, err)
	}
	j.awaitMachine(step)
	return o
}

// awaitCode waits for the code sent to a leader.
func (j *journey) awaitCode(mobile string) string {
	j.t.Helper()
	code, err := client.AwaitOrderCode(j.t.Context(), mobile, j.id)
	j.must(err)
	return code
}

// replySMS replies for each leader with the newest code.
func (j *journey) replySMS() {
	j.t.Helper()
	for _, mobile := range scenario.LeaderMobiles(j.app.Details) {
		code := j.awaitCode(mobile)
		j.must(client.ReplySMS(j.t.Context(), fmt.Sprintf("reply-%s-%s-%s", j.id, mobile[7:], code), mobile, "验证码："+code))
	}
}

// awaitApproved waits until the application is approved and checks the numbers.
func (j *journey) awaitApproved() scenario.Order {
	j.t.Helper()
	o := j.awaitStep(filing.Done, filing.Approved)
	if o.Bureau == nil || !strings.HasPrefix(o.Bureau.SubjectNumber, "京ICP备") || len(o.Bureau.Sites) != len(j.app.Details.Sites) {
		j.t.Fatalf("approved without numbers: %+v", o.Bureau)
	}
	return o
}

// States of a filing, in order.
var (
	collecting = []string{"VerifyProduct", "CollectDetails", "CollectEvidence", "VerifyAuthenticity", "AwaitConfirmation", "InitialReview"}
	toReview   = append([]string{"Step", "VerifyType"}, collecting...)
	bySMS      = []string{"VerifySMS"}
	toBureau   = []string{"Transmit", "AwaitBureau"}
	toEnd      = []string{"Transmit", "AwaitBureau", "Announce", "FollowUp"}
)

// statesFrom returns the states from a step to the review.
func statesFrom(step filing.Step) []string {
	return collecting[slices.Index(collecting, string(step)):]
}

// wantPath waits until the execution of a round went through exactly these states.
func (j *journey) wantPath(round int, parts ...[]string) {
	j.t.Helper()
	want := slices.Concat(parts...)
	var got []string
	err := scenario.Poll(j.t.Context(), func() (bool, error) {
		var err error
		got, err = sys.Path(j.t.Context(), j.id, round)
		return slices.Equal(got, want), err
	})
	if err != nil {
		j.t.Fatalf("%v; the path of round %d is\n%s, want\n%s", err, round, strings.Join(got, " → "), strings.Join(want, " → "))
	}
}

// Decisions of a ledger in the usual course.
var (
	opened      = []string{"open", "determine-type"}
	collected   = []string{"choose-product", "enter-details", "accept-evidence", "issue-challenge", "answer-challenge", "confirm"}
	reviewed    = []string{"claim", "pass"}
	answered    = []string{"issue-codes", "answer-sms"}
	transmitted = []string{"queue-upload", "receive"}
	filed       = []string{"approve", "announce", "set-duties"}
)

// wantLedger checks that the ledger is verified and has exactly these decisions.
func (j *journey) wantLedger(parts ...[]string) scenario.Ledger {
	j.t.Helper()
	l, err := reviewer.Ledger(j.t.Context(), j.id)
	j.must(err)
	want, looked := withoutLookUps(slices.Concat(parts...))
	got, didLook := withoutLookUps(withoutContact(l.Decisions()))
	if !slices.Equal(got, want) || looked != didLook || !l.Verified {
		j.t.Fatalf("the ledger (verified: %t) has\n%v and %d look-ups of domains, want\n%v and %d", l.Verified, got, didLook, want, looked)
	}
	var timeline struct{ Items []any }
	j.must(j.applicant.Call(j.t.Context(), http.MethodGet, "/orders/"+string(j.id)+"/timeline", nil, &timeline))
	if len(timeline.Items) == 0 {
		j.t.Error("the applicant's timeline is empty")
	}
	return l
}

// withoutLookUps returns decisions without those that look the domains up again, and their number. The machine looks them up while a reviewer may already
// decide, so their places in the ledger are not fixed.
func withoutLookUps(decisions []string) (others []string, lookUps int) {
	others = slices.DeleteFunc(slices.Clone(decisions), func(d string) bool { return d == "check-domains" })
	return others, len(decisions) - len(others)
}

// withoutContact returns decisions without those that verify the contact, which an account makes once.
func withoutContact(decisions []string) []string {
	return slices.DeleteFunc(slices.Clone(decisions), func(d string) bool { return strings.HasSuffix(d, "-contact-code") })
}

// wantReleased checks that the order's slot, subject and domain are released, by opening and abandoning another order for them.
func (j *journey) wantReleased() {
	j.t.Helper()
	ctx := j.t.Context()
	used, err := admin.UsedSlots(ctx, j.app.Server.ID)
	j.must(err)
	if used != 0 {
		j.t.Errorf("%d slots of the server are in use, want 0", used)
	}
	again, err := j.applicant.OpenOrder(ctx, j.app)
	j.must(err)
	_, err = j.applicant.AwaitStep(ctx, again.ID, filing.VerifyProduct)
	j.must(err)
	j.must(j.applicant.ChooseServer(ctx, again.ID, j.app.Server.ID))
	j.must(j.applicant.Abandon(ctx, again.ID))
	_, err = j.applicant.AwaitStep(ctx, again.ID, filing.Done)
	j.must(err)
}
