package attacks_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"beian/infra/local/scenario"
	"beian/shared/filing"
)

// atOnce sends requests at the same moment and returns their answers. An answer of 5xx fails the test.
func atOnce(t *testing.T, n int, request func(i int) (*scenario.User, scenario.Request)) []scenario.Answer {
	t.Helper()
	answers := make([]scenario.Answer, n)
	start := make(chan struct{})
	var group sync.WaitGroup
	for i := range n {
		user, q := request(i)
		group.Go(func() {
			<-start
			var err error
			if answers[i], err = client.Send(t.Context(), user, q); err != nil || answers[i].Status >= 500 {
				t.Errorf("%s %s: %d %v %.300s", q.Method, q.Path, answers[i].Status, err, answers[i].Body)
			}
		})
	}
	close(start)
	group.Wait()
	return answers
}

// TestParallelClaims: of 100 claims of ten reviewers at once, those of one reviewer succeed. The others get the holder and the end of the claim.
func TestParallelClaims(t *testing.T) {
	_, _, id := applicantAt(t, 345, filing.InitialReview)
	var colleagues []*scenario.User
	for _, s := range moreStaff[:10] {
		colleagues = append(colleagues, login(t, s.Login))
	}
	answers := atOnce(t, 100, func(i int) (*scenario.User, scenario.Request) {
		return colleagues[i%10], scenario.Request{Method: "POST", Path: "/orders/" + string(id) + "/claim", Header: map[string]string{"Accept-Language": "en"}}
	})
	winners := map[int]bool{}
	for i, a := range answers {
		switch a.Status {
		case 200:
			winners[i%10] = true
		case 409:
		default:
			t.Errorf("status %d: %.300s", a.Status, a.Body)
		}
	}
	if len(winners) != 1 {
		t.Fatalf("%d reviewers have claimed the order, want 1", len(winners))
	}
	for winner := range winners {
		holder, _, _ := strings.Cut(moreStaff[winner].Login, "@")
		until := "until " + sys.Clock.Now().Add(filing.ClaimDuration).UTC().Add(8*60*60*1e9).Format("2006-01-02 15:04")
		for i, a := range answers {
			if i%10 == winner {
				continue
			}
			if found := a.Problem().Findings; len(found) != 1 || found[0].Code != filing.CodeClaimed || !strings.Contains(found[0].Message.English, holder) ||
				!strings.Contains(found[0].Message.English, until) {
				t.Fatalf("the loser reads %v, want %s and %s", found, holder, until)
			}
		}
		if err := colleagues[winner].Claim(t.Context(), id); err != nil { // a double click
			t.Error(err)
		}
	}
	ledger, err := admin.Ledger(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(ledger.Decisions()); ledger.Decisions()[n-1] != "claim" || ledger.Decisions()[n-2] == "claim" || !ledger.Verified {
		t.Errorf("the ledger ends with %v, verified: %t", ledger.Decisions()[n-2:], ledger.Verified)
	}
}

// TestParallelRequests: requests at once for the same domain, idempotency key, order, service code or server are done or refused, and never fail.
func TestParallelRequests(t *testing.T) {
	const n = 20
	var applicants []*scenario.User
	for i := range 4 {
		user, err := client.LoginApplicant(t.Context(), admin, scenario.Invented(350+i), sys.Clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		applicants = append(applicants, user)
	}
	opening := func(i int) []byte {
		body := scenario.Invented(350 + i).Open
		body["domains"], body["contact"] = []string{"invented-350-example.com"}, scenario.Invented(350+i).Contact
		text, _ := json.Marshal(body)
		return text
	}
	orders := map[string]bool{}
	for _, a := range atOnce(t, n, func(i int) (*scenario.User, scenario.Request) {
		return applicants[i%4], scenario.Request{Method: "POST", Path: "/orders", Body: opening(i % 4), Header: map[string]string{"Idempotency-Key": fmt.Sprint("parallel-", i%4)}}
	}) {
		var o struct{ ID string }
		if a.Status == 201 && json.Unmarshal(a.Body, &o) == nil {
			orders[o.ID] = true
		}
	}
	if len(orders) != len(applicants) { // a draft locks out no other account
		t.Errorf("%d orders for one domain, want one for each of %d accounts", len(orders), len(applicants))
	}

	me, app, id := applicantAt(t, 355, filing.VerifyProduct)
	path := "/orders/" + string(id)
	done := 0
	for _, a := range atOnce(t, n, func(i int) (*scenario.User, scenario.Request) {
		body := fmt.Sprintf(`{"language":%q}`, []string{"en", "zh-CN"}[i%2])
		return me, scenario.Request{Method: "PUT", Path: path + "/contact", Body: []byte(body)}
	}) {
		if a.Status == 200 {
			done++
		} else if a.Status != 409 {
			t.Errorf("status %d: %.300s", a.Status, a.Body)
		}
	}
	if done == 0 {
		t.Error("no change of the contact succeeded")
	}
	if err := admin.IssueServiceCode(t.Context(), "PARALLEL-CODE-1", app.Server.ID, ""); err != nil {
		t.Fatal(err)
	}
	_, _, rival := applicantAt(t, 356, filing.VerifyProduct)
	atOnce(t, n, func(i int) (*scenario.User, scenario.Request) {
		body := []string{`{"serviceCode":"PARALLEL-CODE-1"}`, fmt.Sprintf(`{"server":%q}`, app.Server.ID)}[i%2]
		return me, scenario.Request{Method: "PUT", Path: path + "/product", Body: []byte(body)}
	})
	atOnce(t, n, func(i int) (*scenario.User, scenario.Request) {
		if i%2 == 0 {
			return admin, scenario.Request{Method: "PUT", Path: "/service-codes/PARALLEL-CODE-1", Body: fmt.Appendf(nil, `{"server":%q}`, app.Server.ID)}
		}
		return reviewer, scenario.Request{Method: "GET", Path: "/orders/" + string(rival)}
	})
}
