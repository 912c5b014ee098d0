package attacks_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"beian/infra/local/scenario"
	"beian/shared/bureau/simulator"
	"beian/shared/filing"
)

// withNumberOf returns the application with the certificate number of another one, under the application's own name and domain.
func withNumberOf(app, of scenario.Application) scenario.Application {
	app.Open, app.Details.Subject = maps.Clone(app.Open), maps.Clone(app.Details.Subject)
	app.Open["certificate"], app.Details.Subject["certificate"] = of.Open["certificate"], of.Details.Subject["certificate"]
	app.Open["name"] = "示例客"
	return app
}

var changing = regexp.MustCompile(`[0-9A-HJKMNP-TV-Z]{26}|\d{4}-\d\d-\d\dT[0-9:.]+Z|\d{17}[0-9X]|invented-\d+-example|188[0-9*]{4}\d{4}|person\d+@|ecs-in-\d+`)

// visible returns what an applicant sees of an order, without the values that differ between any two orders.
func visible(t *testing.T, u *scenario.User, id filing.ID) string {
	t.Helper()
	var text string
	for _, path := range []string{"", "/timeline"} {
		text += string(send(t, u, scenario.Request{Method: "GET", Path: "/orders/" + string(id) + path}, 200).Body)
	}
	return changing.ReplaceAllString(text, "*")
}

// filedElsewhere returns an invented application whose subject is filed at another provider, as only the bureau knows.
func filedElsewhere(t *testing.T, n int) scenario.Application {
	t.Helper()
	app := scenario.Invented(n)
	number, _ := app.Open["certificate"].(map[string]any)["number"].(string)
	if err := sys.Bureau.Apply(simulator.Scenario{Filed: []simulator.Seed{{Name: "示例人", Nature: 5, CertificateKind: 2, CertificateNumber: number,
		Division: 110101, Sites: []simulator.SeedSite{{Name: "示例旧站", Domains: []string{fmt.Sprintf("filed-elsewhere-%d-example.com", n)}}}}}}); err != nil {
		t.Fatal(err)
	}
	return app
}

// TestProbing: with somebody's certificate number, an account learns neither that it is filed nor that an order is under way: it sees the same as
// with a number that nobody knows.
func TestProbing(t *testing.T) {
	filed := filedElsewhere(t, 220)
	_, underWay, _ := applicantAt(t, 221, filing.InitialReview)
	_, _, _ = applicantAt(t, 222, filing.CollectDetails)
	var seen []string
	for i, of := range []scenario.Application{scenario.Invented(230), filed, underWay, scenario.Invented(222)} {
		app := withNumberOf(scenario.Invented(223+i), of)
		prober, err := client.LoginApplicant(t.Context(), admin, app, sys.Clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		order, err := prober.OpenOrder(t.Context(), app)
		if err != nil {
			t.Fatalf("number %d: %v", i, err)
		}
		if _, err := prober.AwaitStep(t.Context(), order.ID, filing.VerifyProduct); err != nil {
			t.Fatalf("number %d: %v", i, err)
		}
		seen = append(seen, visible(t, prober, order.ID))
		if diff := cmp.Diff(seen[0], seen[i]); diff != "" {
			t.Errorf("number %d does not show what a number that nobody knows shows: %s", i, diff)
		}
	}
}

// TestProbingLeaders: whose phone, mailbox or certificate number a stranger's is, the details do not answer.
func TestProbingLeaders(t *testing.T) {
	_, known, _ := applicantAt(t, 240, filing.InitialReview)
	prober, app, id := applicantAt(t, 241, filing.CollectDetails)
	subject := maps.Clone(app.Details.Subject)
	leader := maps.Clone(subject["leader"].(map[string]any))
	victim := known.Details.Subject["leader"].(map[string]any)
	leader["email"], leader["emergencyPhone"] = victim["email"], victim["mobile"]
	subject["leader"] = leader
	body, err := json.Marshal(map[string]any{"subject": subject, "sites": app.Details.Sites})
	if err != nil {
		t.Fatal(err)
	}
	answer := send(t, prober, scenario.Request{Method: "PUT", Path: "/orders/" + string(id) + "/details", Body: body}, 200)
	if strings.Contains(string(answer.Body), "of-other-subject") {
		t.Errorf("the details answer %s", answer.Body)
	}
}

// TestForgottenFiling: an applicant whose subject is filed elsewhere learns it from the confirmation, when papers and liveness show who they are.
func TestForgottenFiling(t *testing.T) {
	filed := filedElsewhere(t, 250)
	again := scenario.Invented(251)
	domains := again.Open["domains"]
	site := maps.Clone(filed.Details.Sites[0])
	site["domains"] = domains
	again.Details, again.Open = filed.Details, maps.Clone(filed.Open)
	again.Open["domains"], again.Details.Sites = domains, []map[string]any{site}
	applicant, err := client.LoginApplicant(t.Context(), admin, again, sys.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	id, err := again.AdvanceTo(t.Context(), applicant, reviewer, filing.AwaitConfirmation)
	if err != nil {
		t.Fatal(err)
	}
	send(t, applicant, confirmation(t, applicant, id), 200)
	if err := scenario.Poll(t.Context(), func() (bool, error) { // the bureau is asked again
		order, err := applicant.Order(t.Context(), id)
		return order.Step == filing.AwaitConfirmation && order.Type == filing.AddSiteForeign && has(order.Findings, filing.CodeTypeAgain, ""), err
	}); err != nil {
		t.Error(err)
	}
}
