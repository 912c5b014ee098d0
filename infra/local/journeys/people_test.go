package journeys_test

import (
	"net/url"
	"testing"
	"time"

	"beian/infra/local/scenario"
	"beian/shared/filing"
	"beian/shared/rules/workday"
)

// TestOwnOrganisation: a reviewer whose organisation files does not review the application; a colleague does, and an operator finds what the colleague read.
func TestOwnOrganisation(t *testing.T) {
	j := newJourney(t, 10200)
	ctx := t.Context()
	j.advanceTo(filing.InitialReview)
	colleague, err := client.Login(ctx, secondReviewer)
	j.must(err)
	entry := "/people/" + url.PathEscape(colleague.Account())
	enter := func(accounts ...string) {
		j.must(admin.Call(ctx, "PUT", entry, map[string]any{"accounts": append([]string{}, accounts...), "absences": []any{}, "disabled": false}, nil))
	}
	enter(j.applicant.Account())
	defer enter()
	j.must(scenario.Poll(ctx, func() (bool, error) { // the reviewer's function may know the colleague from a request before
		answer, err := client.Send(ctx, colleague, scenario.Request{Method: "GET", Path: "/orders/" + string(j.id) + "/ledger"})
		return answer.Status == 403, err
	}))
	wantProblem(t, colleague.Claim(ctx, j.id), 403, "own-order ")
	j.must(reviewer.Claim(ctx, j.id))
	j.must(reviewer.Call(ctx, "GET", "/orders/"+string(j.id), nil, nil))

	today := workday.DateOf(sys.Clock.Now())
	var found struct {
		Items []struct {
			Order    filing.ID
			What     string
			At       time.Time
			Verified bool
		}
	}
	j.must(admin.Call(ctx, "GET", "/people/"+url.PathEscape(reviewer.Account())+"/reads?"+url.Values{"from": {string(today)}, "to": {string(today)}, "limit": {"100"}}.Encode(), nil, &found))
	if len(found.Items) == 0 || found.Items[0].Order != j.id || found.Items[0].What != "order" || !found.Items[0].Verified {
		t.Errorf("the search does not begin with the reviewer's last read: %+v", found.Items)
	}
	j.must(reviewer.Call(ctx, "POST", "/orders/"+string(j.id)+"/review", map[string]any{"verdict": "pass"}, nil))
	j.awaitStep(filing.VerifySMS, filing.SMSPending)
}
