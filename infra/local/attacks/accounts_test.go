package attacks_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"beian/infra/local/scenario"
	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/limits"
)

// accountOf logs the n-th invented person in.
func accountOf(t *testing.T, n int) *scenario.User {
	t.Helper()
	u, err := client.Login(t.Context(), scenario.Invented(n).Login)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// takeFrom offers a filing of an owner, and has another account take it.
func takeFrom(t *testing.T, owner, taker *scenario.User, f register.Filing) {
	t.Helper()
	offer, err := owner.OfferTransfer(t.Context(), f.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := taker.TakeTransfer(t.Context(), offer.Code); err != nil {
		t.Fatal(err)
	}
}

// TestRevocationBlockedByStranger: requests from one network address do not use up the codes with which the leader revokes a consent.
func TestRevocationBlockedByStranger(t *testing.T) {
	sys.Clock.Advance(24 * time.Hour)
	f, agent := storeFiling(t, 9101, ""), agentOf(t)
	if _, err := agent.GetConsent(t.Context(), leaderOf(9101), map[string]any{"number": f.Number.String(), "scopes": []string{"cancel"}, "until": lastDay()}); err != nil {
		t.Fatal(err)
	}
	deliverRegister(t)
	before := len(client.Sent("+86" + leaderOf(9101)))
	rule := limits.Defaults[limits.RevokeConsent].Max
	for i := range rule[limits.Requester] + 5 { // from the network of the agency
		r := register.ConsentRevocation{ID: ulid.Make().String(), Version: 1, Number: f.Number, Requester: "agency", Language: "zh-CN",
			LeaderCode: register.LeaderCode{Code: fmt.Sprintf("%06d", i), At: sys.Clock.Now()}}
		if err := sys.Parts.Store().CommitRevocation(t.Context(), r, nil, register.Notice{Kind: register.NoticeRevocationCode, To: register.ToLeader, ID: r.ID}); err != nil {
			t.Fatal(err)
		}
	}
	deliverRegister(t)
	if got := len(client.Sent("+86"+leaderOf(9101))) - before; got != rule[limits.Requester] {
		t.Errorf("the agency has %d codes sent, want %d", got, rule[limits.Requester])
	}
	if ended, err := client.RevokeConsents(t.Context(), leaderOf(9101), map[string]any{"mobile": leaderOf(9101)}); err != nil || len(ended) != 1 {
		t.Errorf("the leader revokes %d consents, %v", len(ended), err)
	}
}

// TestClaimBlockedByStranger: one account does not use up the codes with which another one claims a filing.
func TestClaimBlockedByStranger(t *testing.T) {
	sys.Clock.Advance(24 * time.Hour)
	f := storeFiling(t, 9102, "")
	stranger, subject := accountOf(t, 9402), accountOf(t, 9403)
	for range 5 {
		postJSON(t, stranger, "/filing-claims", map[string]any{"number": f.Number.String()}, 202)
		deliverRegister(t)
		sys.Clock.Advance(register.ClaimPause)
	}
	before := len(client.Sent("+86" + leaderOf(9102)))
	if want := limits.Defaults[limits.ClaimFiling].Max[limits.Requester]; before != want {
		t.Errorf("the stranger has %d codes sent, want %d", before, want)
	}
	postJSON(t, subject, "/filing-claims", map[string]any{"number": f.Number.String()}, 202)
	deliverRegister(t)
	if got := len(client.Sent("+86"+leaderOf(9102))) - before; got != 1 {
		t.Errorf("the subject's claim has %d codes sent, want 1", got)
	}
}

// TestTwoFilingsByClaimAndTransfer: an account claims a filing, takes another one by a transfer, then answers the claim: it gets one of them.
func TestTwoFilingsByClaimAndTransfer(t *testing.T) {
	sys.Clock.Advance(24 * time.Hour)
	owner, taker := accountOf(t, 9404), accountOf(t, 9405)
	claimed, offered := storeFiling(t, 9103, ""), storeFiling(t, 9104, owner.Account())
	postJSON(t, taker, "/filing-claims", map[string]any{"number": claimed.Number.String()}, 202)
	code, err := client.AwaitClaimCode(t.Context(), leaderOf(9103), claimed.Number.String())
	if err != nil {
		t.Fatal(err)
	}
	takeFrom(t, owner, taker, offered)
	if _, err := owner.ConfirmTransfer(t.Context(), offered.ID); err != nil {
		t.Fatal(err)
	}
	postJSON(t, taker, "/filing-claims/answers", map[string]any{"code": code}, 409, "account-has-filing ")
	if found, err := taker.Filings(t.Context()); err != nil || len(found) != 1 {
		t.Errorf("the account has %d filings, %v", len(found), err)
	}
}

// TestTwoTransfersAtOnce: two owners confirm transfers to one account at the same moment: one of them succeeds, and the other is asked to try again.
func TestTwoTransfersAtOnce(t *testing.T) {
	sys.Clock.Advance(24 * time.Hour)
	for try := range 5 {
		taker := accountOf(t, 9410+try)
		var owners []*scenario.User
		var filings []register.Filing
		for k := range 2 {
			owners = append(owners, accountOf(t, 9420+2*try+k))
			filings = append(filings, storeFiling(t, 9110+2*try+k, owners[k].Account()))
			takeFrom(t, owners[k], taker, filings[k])
		}
		done := 0
		for _, a := range atOnce(t, 2, func(i int) (*scenario.User, scenario.Request) {
			return owners[i], scenario.Request{Method: "POST", Path: "/filings/" + string(filings[i].ID) + "/transfer/confirmation"}
		}) {
			switch a.Status {
			case 200:
				done++
			case 409:
			default:
				t.Errorf("try %d: %d %.300s", try, a.Status, a.Body)
			}
		}
		if found, err := taker.Filings(t.Context()); err != nil || len(found) != 1 || done != 1 {
			t.Errorf("try %d: the account has %d filings, %d transfers were confirmed: %v", try, len(found), done, err)
		}
	}
}

// TestTwoClaimsAtOnce: two accounts with right codes answer their claims of one filing at the same moment: one gets it, and the other gets 409.
func TestTwoClaimsAtOnce(t *testing.T) {
	sys.Clock.Advance(24 * time.Hour)
	f := storeFiling(t, 9130, "")
	users := []*scenario.User{accountOf(t, 9440), accountOf(t, 9441)}
	var codes []string
	for i, u := range users {
		postJSON(t, u, "/filing-claims", map[string]any{"number": f.Number.String()}, 202)
		if err := scenario.Poll(t.Context(), func() (bool, error) { return len(client.Sent("+86"+leaderOf(9130))) == i+1, nil }); err != nil {
			t.Fatal(err)
		}
		code, err := client.AwaitClaimCode(t.Context(), leaderOf(9130), f.Number.String())
		if err != nil {
			t.Fatal(err)
		}
		codes = append(codes, code)
	}
	statuses := map[int]int{}
	for _, a := range atOnce(t, 2, func(i int) (*scenario.User, scenario.Request) {
		body, _ := json.Marshal(map[string]any{"code": codes[i]})
		return users[i], scenario.Request{Method: "POST", Path: "/filing-claims/answers", Body: body}
	}) {
		statuses[a.Status]++
	}
	if statuses[200] != 1 || statuses[409] != 1 {
		t.Errorf("the answers are %v", statuses)
	}
}

// TestTransferToAccountWithSubmittedOrder: an account that has submitted an order for another subject cannot take a filing, and one that took a filing
// before cannot have it confirmed.
func TestTransferToAccountWithSubmittedOrder(t *testing.T) {
	sys.Clock.Advance(24 * time.Hour)
	owner := accountOf(t, 9461)
	f := storeFiling(t, 9161, owner.Account())
	taker, _, id := applicantAt(t, 9460, filing.AwaitConfirmation)
	takeFrom(t, owner, taker, f)
	if err := taker.Confirm(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if _, err := taker.AwaitStep(t.Context(), id, filing.InitialReview); err != nil {
		t.Fatal(err)
	}
	send(t, owner, scenario.Request{Method: "POST", Path: "/filings/" + string(f.ID) + "/transfer/confirmation"}, 409, "transfer-taker-has-order ")
	send(t, owner, scenario.Request{Method: "DELETE", Path: "/filings/" + string(f.ID) + "/transfer"}, 200)
	offer, err := owner.OfferTransfer(t.Context(), f.ID)
	if err != nil {
		t.Fatal(err)
	}
	postJSON(t, taker, "/filing-transfers", map[string]any{"code": offer.Code}, 409, "account-has-order ")
}

// TestTwoSubmissionsAtOnce: an account submits two orders of different subjects at the same moment: one is submitted, and the other gets 409 until the
// account withdraws the first one.
func TestTwoSubmissionsAtOnce(t *testing.T) {
	sys.Clock.Advance(24 * time.Hour)
	first, second := scenario.Invented(9320), scenario.Invented(9321)
	applicant, _, one := applicantAt(t, 9320, filing.AwaitConfirmation)
	second.Login = first.Login
	if _, err := client.LoginApplicant(t.Context(), admin, second, sys.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	two, err := second.AdvanceTo(t.Context(), applicant, reviewer, filing.AwaitConfirmation)
	if err != nil {
		t.Fatal(err)
	}
	orders := []filing.ID{one, two}
	submitted, refused := filing.ID(""), filing.ID("")
	for i, a := range atOnce(t, 2, func(i int) (*scenario.User, scenario.Request) {
		return applicant, confirmation(t, applicant, orders[i])
	}) {
		switch found := a.Problem().Findings; {
		case a.Status == 200 && submitted == "":
			submitted = orders[i]
		case a.Status == 409 && has(found, register.CodeAccountHasOrder, ""):
			refused = orders[i]
		default:
			t.Errorf("order %d: status %d, %v", i, a.Status, found)
		}
	}
	if submitted == "" || refused == "" {
		t.Fatal("want one order submitted and one refused")
	}
	send(t, applicant, confirmation(t, applicant, refused), 409, "account-has-order ")
	if _, err := applicant.AwaitStep(t.Context(), submitted, filing.InitialReview); err != nil {
		t.Fatal(err)
	}
	if err := applicant.Withdraw(t.Context(), submitted); err != nil {
		t.Fatal(err)
	}
	if _, err := applicant.AwaitStep(t.Context(), submitted, filing.Done); err != nil {
		t.Fatal(err)
	}
	send(t, applicant, confirmation(t, applicant, refused), 200)
}

// TestOrderOfAccountWithFiling: an account gets a filing by a transfer while its order of another subject waits for the confirmation: the order cannot
// be submitted.
func TestOrderOfAccountWithFiling(t *testing.T) {
	sys.Clock.Advance(24 * time.Hour)
	owner := accountOf(t, 9463)
	f := storeFiling(t, 9163, owner.Account())
	taker, _, id := applicantAt(t, 9462, filing.AwaitConfirmation)
	takeFrom(t, owner, taker, f)
	if _, err := owner.ConfirmTransfer(t.Context(), f.ID); err != nil {
		t.Fatal(err)
	}
	send(t, taker, confirmation(t, taker, id), 409, "account-has-other-subject ")
}
