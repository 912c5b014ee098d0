package journeys_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"beian/infra/local/clock"
	"beian/infra/local/demo"
	"beian/infra/local/identity"
	"beian/infra/local/privilege"
	"beian/infra/local/scenario"
	"beian/infra/local/system"
	"beian/shared/filing"
	"beian/shared/rules/finding"
)

// day is when the journeys begin: every province has the SMS verification by then. Tests move the clock on, and each
// has its own people, so they may come in any order.
var day = time.Date(2021, 3, 1, 1, 30, 0, 0, time.UTC)

const secondReviewer = "second@provider.example"

// The one system of these tests, for there can be only one evidence store in a process.
var (
	sys             *system.System
	client          *scenario.Client
	reviewer, admin *scenario.User
)

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	folder, err := os.MkdirTemp("", "beian-journeys-")
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	ctx := context.Background()
	roles, err := privilege.Read("../../stack/testdata/golden")
	if err != nil {
		return 1, err
	}
	privileges := privilege.Open(roles)
	var log logBuffer
	sys, err = system.Start(ctx, system.Config{
		Programs: os.Getenv("PROGRAMS"), Output: &log, Calls: privileges.Note,
		Folder: folder, Clock: clock.StandingAt(day), Staff: append([]identity.Staff{{Login: secondReviewer, Groups: []string{identity.Reviewer}}}, demo.Staff...),
		ReviewDelay: 10 * time.Millisecond,
		Log:         slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelInfo})),
	})
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, sys.Close()) }()
	client = scenario.NewClient(sys)
	if admin, err = client.Login(ctx, demo.AdminLogin); err != nil {
		return 1, err
	}
	if reviewer, err = client.Login(ctx, demo.ReviewerLogin); err != nil {
		return 1, err
	}
	return m.Run(), errors.Join(log.checkPersonalData(), privilegeErrors(privileges))
}

// within holds what the functions called to what their roles allow on AWS, both ways: when all journeys were made.
func privilegeErrors(privileges *privilege.Ledger) error {
	told := privileges.Forbidden()
	if chosen := flag.Lookup("test.run"); chosen.Value.String() == "" {
		told = append(told, privileges.Unused()...)
	}
	if len(told) == 0 {
		return nil
	}
	return errors.New(strings.Join(told, "\n"))
}

// lines are what the system logs.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// personal are names, numbers and addresses of the people here.
var personal = regexp.MustCompile(`示例|样例|110101(19|20)\d{6}|\b188\d{8}\b|invented-example|胡同`)

// check holds the log to saying nothing of anybody, and to no panic.
func (l *logBuffer) checkPersonalData() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range strings.Lines(l.text.String()) {
		if personal.MatchString(line) {
			return errors.New("the log says something of a person")
		}
		if strings.Contains(line, "msg=panic") || strings.HasPrefix(line, "panic: ") {
			return fmt.Errorf("a function panicked: %s", line)
		}
	}
	return nil
}

// A journey is one application under way.
type journey struct {
	t         *testing.T
	applicant *scenario.User
	app       scenario.Application
	id        filing.ID
	// told and mailed are how many messages about applications had gone to the contact before.
	smsBefore, mailsBefore int
}

// begin has an invented person log in, and lists their server. Numbers of persons are used once in all tests.
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

func newJourney(t *testing.T, n int) *journey {
	t.Helper()
	return startJourney(t, scenario.Invented(n))
}

// at is a journey that has come to a step.
func journeyAt(t *testing.T, n int, step filing.Step) *journey {
	t.Helper()
	j := newJourney(t, n)
	j.advanceTo(step)
	return j
}

func (j *journey) phone() string   { return "+86" + fmt.Sprint(j.app.Contact["mobile"]) }
func (j *journey) mailbox() string { return fmt.Sprint(j.app.Contact["email"]) }

// list puts a server of the applicant's into the inventory.
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

// refused wants a call to be refused with a status and these findings, as "code pointer", in any order.
func wantProblem(t *testing.T, err error, status int, want ...string) {
	t.Helper()
	refusal, ok := errors.AsType[*scenario.Problem](err)
	if !ok {
		t.Fatalf("not refused: %v", err)
	}
	if got := findingPlaces(refusal.Findings); refusal.Status != status || !slices.Equal(got, sorted(want)) {
		t.Fatalf("refused with %d %q, want %d %q", refusal.Status, got, status, sorted(want))
	}
}

// places are findings as "code pointer", sorted, but for those that only inform.
func findingPlaces(found finding.List) []string {
	var all []string
	for _, f := range found {
		if f.Severity != finding.Inform {
			all = append(all, string(f.Code)+" "+f.Pointer)
		}
	}
	return sorted(all)
}

func sorted(all []string) []string {
	all = slices.Clone(all)
	slices.Sort(all)
	return all
}

// to opens the application and takes it to a step.
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

// followed waits until the machine is where the order is, unless that moves on meanwhile: the order leads, and who acts too
// soon has the machine skip a state.
func (j *journey) awaitMachine(step filing.Step) {
	j.t.Helper()
	j.must(scenario.Poll(j.t.Context(), func() (bool, error) {
		o, err := j.applicant.Order(j.t.Context(), j.id)
		if err != nil || o.Step != step || step == filing.Done {
			return true, err
		}
		path, err := sys.Path(j.t.Context(), j.id, o.Round)
		return len(path) > 0 && path[len(path)-1] == string(step), err
	}))
}

// await waits for a step, of the machine too, and holds the order to a status there.
func (j *journey) await(step filing.Step, status filing.Status) scenario.Order {
	j.t.Helper()
	var o scenario.Order
	err := scenario.Poll(j.t.Context(), func() (bool, error) {
		var err error
		o, err = j.applicant.Order(j.t.Context(), j.id)
		return o.Step == step && o.Status == status, err
	})
	if err != nil {
		j.t.Fatalf("order %s at %s, %s; awaited at %s, %s: %v", j.id, o.Step, o.Status, step, status, err)
	}
	j.awaitMachine(step)
	return o
}

// code waits for the code that a leader was sent.
func (j *journey) awaitCode(mobile string) string {
	j.t.Helper()
	code, err := client.AwaitOrderCode(j.t.Context(), mobile, j.id)
	j.must(err)
	return code
}

// reply answers by SMS with the newest code of each leader.
func (j *journey) replySMS() {
	j.t.Helper()
	for _, mobile := range scenario.LeaderMobiles(j.app.Details) {
		code := j.awaitCode(mobile)
		j.must(client.ReplySMS(j.t.Context(), fmt.Sprintf("reply-%s-%s-%s", j.id, mobile[7:], code), mobile, "验证码："+code))
	}
}

// approved waits until the application is filed.
func (j *journey) awaitApproved() scenario.Order {
	j.t.Helper()
	o := j.await(filing.Done, filing.Approved)
	if o.Bureau == nil || !strings.HasPrefix(o.Bureau.SubjectNumber, "京ICP备") || len(o.Bureau.Sites) != len(j.app.Details.Sites) {
		j.t.Fatalf("approved without numbers: %+v", o.Bureau)
	}
	return o
}

// The states of a filing.
var (
	collecting = []string{"VerifyProduct", "CollectDetails", "CollectEvidence", "VerifyAuthenticity", "AwaitConfirmation", "InitialReview"}
	toReview   = append([]string{"Step", "VerifyType"}, collecting...)
	passed     = []string{"DocumentsByMail", "SMSRequired"}
	bySMS      = []string{"DocumentsByMail", "SMSRequired", "VerifySMS"}
	toBureau   = []string{"Transmit", "AwaitBureau"}
	toFiled    = []string{"Transmit", "AwaitBureau", "Announce", "Approved", "FollowUp", "Filed"}
	toRefused  = []string{"Transmit", "AwaitBureau", "Announce", "Approved", "Refused"}
)

// from are the states from a step to the reviewer.
func statesFrom(step filing.Step) []string {
	return collecting[slices.Index(collecting, string(step)):]
}

// path holds the machine to the states that it went through in a round.
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
		j.t.Fatalf("%v; the path of round %d is\n%s, not\n%s", err, round, strings.Join(got, " → "), strings.Join(want, " → "))
	}
}

// Decisions of a ledger, as they come in the usual course.
var (
	opened    = []string{"open", "determine-type"}
	collected = []string{"choose-product", "enter-details", "accept-evidence", "issue-challenge", "answer-challenge", "confirm"}
	reviewed  = []string{"claim", "pass"}
	answered  = []string{"issue-codes", "answer-sms"}
	handed    = []string{"hand-over", "receive"}
	filed     = []string{"approve", "announce", "set-duties"}
)

// ledger holds the record to these decisions, and to being whole.
func (j *journey) wantLedger(parts ...[]string) scenario.Ledger {
	j.t.Helper()
	l, err := reviewer.Ledger(j.t.Context(), j.id)
	j.must(err)
	if want := slices.Concat(parts...); !slices.Equal(l.Decisions(), want) || !l.Verified {
		j.t.Fatalf("the ledger (verified: %t) has\n%v, want\n%v", l.Verified, l.Decisions(), want)
	}
	return l
}

// free holds the system to having let go of all that the order held: its server's slot, its subject and its domain. It
// shows by another order for the same, which is abandoned again.
func (j *journey) wantReleased() {
	j.t.Helper()
	ctx := j.t.Context()
	used, err := admin.UsedSlots(ctx, j.app.Server.ID)
	j.must(err)
	if used != 0 {
		j.t.Errorf("%d slots of the server are taken", used)
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
