package attacks_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sync/errgroup"

	"beian/infra/local/scenario"
	"beian/shared/filing"
	"beian/shared/process/limits"
)

// openingRequest returns the request to open an order for an application.
func openingRequest(t *testing.T, app scenario.Application, key string) scenario.Request {
	t.Helper()
	body := map[string]any{"language": app.Language, "contact": app.Contact}
	maps.Copy(body, app.Open)
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	q := scenario.Request{Method: "POST", Path: "/orders", Header: map[string]string{"Content-Type": "application/json"}, Body: text}
	if key != "" {
		q.Header["Idempotency-Key"] = key
	}
	return q
}

// TestManyOpenings: of 300 openings of one account, 64 at once, those up to the limit succeed. A repeated request gets its earlier answer, and
// other accounts open orders as before.
func TestManyOpenings(t *testing.T) {
	attacker, err := client.Login(t.Context(), scenario.Invented(1000).Login)
	if err != nil {
		t.Fatal(err)
	}
	first := openingRequest(t, scenario.Invented(1000), "first")
	opened := send(t, attacker, first, 201)
	var mu sync.Mutex
	var all errgroup.Group
	all.SetLimit(64)
	statuses := map[int]int{}
	for i := 1; i < 300; i++ {
		all.Go(func() error {
			answer, err := client.Send(t.Context(), attacker, openingRequest(t, scenario.Invented(1000+i), ""))
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			statuses[answer.Status]++
			wait, err := strconv.Atoi(answer.Header.Get("Retry-After"))
			if answer.Status == 429 && (err != nil || wait < 60 || wait > 86400 || answer.Problem().Detail == "") {
				t.Errorf("refused until %q: %s", answer.Header.Get("Retry-After"), answer.Body)
			}
			return nil
		})
	}
	if err := all.Wait(); err != nil {
		t.Fatal(err)
	}
	limit := limits.Defaults[limits.Open].Max[limits.Account]
	if statuses[201] != limit-1 || statuses[429] != 300-limit {
		t.Errorf("300 openings were answered %v", statuses)
	}
	again := send(t, attacker, first, 201)
	if again.Header.Get("Location") != opened.Header.Get("Location") {
		t.Errorf("the repeated request opened %s, not %s", again.Header.Get("Location"), opened.Header.Get("Location"))
	}
	honest, err := client.Login(t.Context(), scenario.Invented(200).Login)
	if err != nil {
		t.Fatal(err)
	}
	send(t, honest, openingRequest(t, scenario.Invented(200), ""), 201)
}

// withSubjectOf returns the application with subject and domains of another one: its login, contact and server stay.
func withSubjectOf(app, of scenario.Application) scenario.Application {
	app.Open, app.Details = of.Open, of.Details
	return app
}

// TestLockSquatting: an order of another account for somebody's subject and domain does not keep them from filing, whether it only exists or
// waits for its confirmation. Of two complete orders, one is submitted; the other is told, without learning of whom, and can be submitted later.
func TestLockSquatting(t *testing.T) {
	honest := scenario.Invented(210)
	squatting := withSubjectOf(scenario.Invented(211), honest)
	squatter, err := client.LoginApplicant(t.Context(), admin, squatting, sys.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	squat, err := squatting.AdvanceTo(t.Context(), squatter, reviewer, filing.AwaitConfirmation)
	if err != nil {
		t.Fatal(err)
	}
	applicant, _, id := applicantAt(t, 210, filing.InitialReview)
	send(t, applicant, openingRequest(t, honest, ""), 409, "subject-has-open-order /certificate/number", "domain-has-open-order /domains")
	refused := send(t, squatter, confirmation(t, squatter, squat), 409, "subject-filed-by-another /subject/certificate/number", "domain-filed-by-another ")
	if strings.Contains(string(refused.Body), string(id)) {
		t.Error("the refused applicant learns the id of the other order")
	}
	send(t, squatter, scenario.Request{Method: "GET", Path: "/orders/" + string(squat)}, 200)

	// The reviewer returns the honest order. It keeps nobody out now; both are confirmed at the same moment.
	if err := reviewer.Claim(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if err := reviewer.Review(t.Context(), id, "return", scenario.Remark{Pointer: "/authenticity", Message: map[string]string{"zh-CN": "请重做真人核验。", "en": "Please repeat it."}}); err != nil {
		t.Fatal(err)
	}
	if err := applicant.PassLiveness(t.Context(), id, 0); err != nil {
		t.Fatal(err)
	}
	requests := []scenario.Request{confirmation(t, applicant, id), confirmation(t, squatter, squat)}
	users, statuses := []*scenario.User{applicant, squatter}, make([]int, 2)
	var both sync.WaitGroup
	for i := range requests {
		both.Go(func() {
			answer, err := client.Send(t.Context(), users[i], requests[i])
			if err != nil {
				t.Error(err)
			}
			statuses[i] = answer.Status
		})
	}
	both.Wait()
	if statuses[0]+statuses[1] != 200+409 {
		t.Fatalf("two confirmations at the same moment were answered %v", statuses)
	}
	winner := slices.Index(statuses, 200)
	path := "/orders/" + string([]filing.ID{id, squat}[winner])
	send(t, users[winner], scenario.Request{Method: "POST", Path: path + "/withdrawal"}, 202)
	if _, err := users[winner].AwaitStep(t.Context(), []filing.ID{id, squat}[winner], filing.Done); err != nil {
		t.Fatal(err)
	}
	send(t, users[1-winner], requests[1-winner], 200)
}

// confirmation returns the request to confirm an order's summary.
func confirmation(t *testing.T, u *scenario.User, id filing.ID) scenario.Request {
	t.Helper()
	var summary struct{ Digest string }
	answer := send(t, u, scenario.Request{Method: "GET", Path: "/orders/" + string(id) + "/summary"}, 200)
	if err := json.Unmarshal(answer.Body, &summary); err != nil {
		t.Fatal(err)
	}
	return scenario.Request{Method: "POST", Path: "/orders/" + string(id) + "/confirmation", Body: []byte(`{"digest":"` + summary.Digest + `"}`)}
}

// TestServiceCodeGuesses: guesses of service codes end at the limit. Nothing distinguishes a code of another account from one that does not exist.
func TestServiceCodeGuesses(t *testing.T) {
	guesser, app, id := applicantAt(t, 212, filing.VerifyProduct)
	if err := admin.IssueServiceCode(t.Context(), "CODE-OF-ANOTHER", app.Server.ID, "somebody"); err != nil {
		t.Fatal(err)
	}
	guess := func(code string) scenario.Request {
		return scenario.Request{Method: "PUT", Path: "/orders/" + string(id) + "/product", Body: []byte(`{"serviceCode":"` + code + `"}`)}
	}
	send(t, guesser, guess("CODE-OF-ANOTHER"), 422, "server-unknown /serviceCode")
	limit := limits.Defaults[limits.TryProduct].Max[limits.Account]
	for i := range limit - 1 {
		send(t, guesser, guess("GUESS-"+strconv.Itoa(i)), 422, "server-unknown /serviceCode")
	}
	if wait := send(t, guesser, guess("ONE-MORE"), 429).Header.Get("Retry-After"); wait == "" || wait == "60" {
		t.Errorf("Retry-After is %q", wait)
	}
}
