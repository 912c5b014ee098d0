package attacks_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"beian/infra/local/clock"
	"beian/infra/local/privilege"
	"beian/infra/local/recordedlog"
	"beian/infra/local/scenario"
	"beian/infra/local/system"
	"beian/infra/local/systemtest"
	"beian/shared/filing"
	"beian/shared/process/agency"
	"beian/shared/rules/finding"
)

// day is when the attacks start. Tests move the clock forward, and each uses other applicants, so tests can run in any order.
var day = time.Date(2021, 3, 1, 1, 30, 0, 0, time.UTC)

// The system of all attacks. Its settings are those of a new installation.
var (
	log             *recordedlog.Log
	folder          string // of all data
	sys             *system.System
	client          *scenario.Client
	reviewer, admin *scenario.User
)

// alarms are the log lines with which the system alarms the operator when an attacker writes to the bucket of evidence, or sends a file in
// the name of the bureau.
var alarms = []string{"an accepted paper is lost, or was exchanged in the bucket", "an order cannot be sent to the bureau", plainAlarm}

// isAlarm reports whether a log line is one of alarms.
func isAlarm(line string) bool {
	return slices.ContainsFunc(alarms, func(a string) bool { return strings.Contains(line, a) && strings.Contains(line, "alarm=operator") })
}

// An attack that leaves a panic, personal data or an error other than one of alarms in the log fails.
// The agency of all attacks, which may act for several subjects.
const agencyAccount, agencyLogin = "agency-of-tests", "agency@invented-example.com"

var agencies = agency.Settings{agencyAccount: {ChineseName: "示例代办公司", EnglishName: "Example Agency Ltd"}}

func TestMain(m *testing.M) {
	config := system.Config{Clock: clock.StandingAt(day), Staff: moreStaff, Listeners: impatient, Agencies: agencies, Accounts: map[string]string{agencyLogin: agencyAccount}}
	systemtest.Main(m, config, "../../stack/testdata/golden", func(s *systemtest.Suite) {
		log, folder, sys, client, reviewer, admin = &s.Log, s.Config.Folder, s.System, s.Client, s.Reviewer, s.Admin
	}, otherErrors)
}

func otherErrors(s *systemtest.Suite, _ *privilege.Proof) error {
	if lines := slices.DeleteFunc(s.Log.Errors(), isAlarm); len(lines) > 0 {
		return errors.New("the attacks left errors in the log:\n" + strings.Join(lines, ""))
	}
	return nil
}

// applicantAt logs an invented applicant in and advances a new order to a step. Each test uses another number.
func applicantAt(t *testing.T, n int, step filing.Step) (*scenario.User, scenario.Application, filing.ID) {
	t.Helper()
	app := scenario.Invented(n)
	applicant, err := client.LoginApplicant(t.Context(), admin, app, sys.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	id, err := app.AdvanceTo(t.Context(), applicant, reviewer, step)
	if err != nil {
		t.Fatal(err)
	}
	return applicant, app, id
}

// send sends a request and checks its status. want are the findings of the answer: code and pointer, such as "phone-format /contact/mobile".
func send(t *testing.T, u *scenario.User, q scenario.Request, status int, want ...string) scenario.Answer {
	t.Helper()
	answer, err := client.Send(t.Context(), u, q)
	if err != nil {
		t.Fatal(err)
	}
	if answer.Status != status {
		t.Fatalf("%s %s: status %d, want %d: %.600s", q.Method, q.Path, answer.Status, status, answer.Body)
	}
	found := answer.Problem().Findings
	for _, w := range want {
		code, pointer, _ := strings.Cut(w, " ")
		if !has(found, finding.Code(code), pointer) {
			t.Errorf("%s %s: no finding %q among %v", q.Method, q.Path, w, found)
		}
	}
	return answer
}

func has(found finding.List, code finding.Code, pointer string) bool {
	for _, f := range found {
		if f.Code == code && f.Pointer == pointer {
			return true
		}
	}
	return false
}

// answerSMS answers the SMS of an order's only leader.
func answerSMS(t *testing.T, applicant *scenario.User, app scenario.Application, id filing.ID) {
	t.Helper()
	if _, err := applicant.AwaitStep(t.Context(), id, filing.VerifySMS); err != nil {
		t.Fatal(err)
	}
	mobile := scenario.LeaderMobiles(app.Details)[0]
	code, err := client.AwaitOrderCode(t.Context(), mobile, id)
	if err != nil {
		t.Fatal(err)
	}
	if err := client.ReplySMS(t.Context(), "answer-"+string(id), mobile, code); err != nil {
		t.Fatal(err)
	}
}
