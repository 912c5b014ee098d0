package attacks_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"beian/infra/local/identity"
	"beian/infra/local/scenario"
	"beian/shared/filing"
)

const secondReviewer = "colleague0@provider.example"

// moreStaff are employees besides those of the demonstration: ten reviewers, and some who are applicants, too.
var moreStaff = append(tenReviewers(), []identity.Staff{
	{Login: scenario.Invented(341).Login, Groups: []string{identity.Applicant, identity.Reviewer}},
	{Login: scenario.Invented(360).Login, Groups: []string{identity.Applicant, identity.Reviewer, identity.Admin}},
	{Login: scenario.Invented(361).Contact["email"].(string), Groups: []string{identity.Reviewer, identity.Admin}},
}...)

func tenReviewers() []identity.Staff {
	var all []identity.Staff
	for i := range 10 {
		all = append(all, identity.Staff{Login: fmt.Sprintf("colleague%d@provider.example", i), Groups: []string{identity.Reviewer}})
	}
	return all
}

func login(t *testing.T, login string) *scenario.User {
	t.Helper()
	user, err := client.Login(t.Context(), login)
	if err != nil {
		t.Fatal(err)
	}
	return user
}

// personalData are texts of an application that only its owner and authorised staff may read.
func personalData(app scenario.Application) []string {
	leader := app.Details.Subject["leader"].(map[string]any)
	return []string{app.Open["certificate"].(map[string]any)["number"].(string), leader["mobile"].(string), leader["email"].(string), "示例人", "示例胡同"}
}

// wantClosed fails the test if a reviewer sees personal data or papers of the order.
func wantClosed(t *testing.T, u *scenario.User, app scenario.Application, id filing.ID, when string) {
	t.Helper()
	path := "/orders/" + string(id)
	send(t, u, scenario.Request{Method: "POST", Path: path + "/evidence/views", Body: []byte(`{"slot":"subject-certificate-front"}`)}, 409)
	send(t, u, scenario.Request{Method: "GET", Path: path + "/summary"}, 409)
	send(t, u, scenario.Request{Method: "GET", Path: path + "/evidence"}, 409)
	for _, readable := range []string{"", "/timeline", "/ledger"} {
		answer := send(t, u, scenario.Request{Method: "GET", Path: path + readable}, 200)
		for _, secret := range personalData(app) {
			if bytes.Contains(answer.Body, []byte(secret)) {
				t.Errorf("%s: a reviewer without a claim reads %q in %s", when, secret, readable)
			}
		}
	}
}

// TestReadsWithoutClaim: a reviewer sees no personal data and no papers of drafts, of orders in the queue, of those of a colleague, and of closed ones.
func TestReadsWithoutClaim(t *testing.T) {
	_, draft, draftID := applicantAt(t, 365, filing.VerifyAuthenticity)
	wantClosed(t, reviewer, draft, draftID, "draft")

	owner, app, id := applicantAt(t, 366, filing.InitialReview)
	path := "/orders/" + string(id)
	wantClosed(t, reviewer, app, id, "queue")
	const key = "claim-366"
	claim := scenario.Request{Method: "POST", Path: path + "/claim", Header: map[string]string{"Idempotency-Key": key}}
	send(t, reviewer, claim, 200)
	wantClosed(t, login(t, secondReviewer), app, id, "claimed by a colleague")
	if answer := send(t, reviewer, scenario.Request{Method: "GET", Path: path}, 200); !bytes.Contains(answer.Body, []byte("示例人")) {
		t.Error("the reviewer with the claim does not see the subject")
	}
	send(t, reviewer, scenario.Request{Method: "POST", Path: path + "/evidence/views", Body: []byte(`{"slot":"subject-certificate-front"}`)}, 201)
	send(t, admin, scenario.Request{Method: "POST", Path: path + "/evidence/views", Body: []byte(`{"slot":"subject-certificate-front"}`)}, 403)

	sys.Clock.Set(sys.Clock.Now().Add(filing.ClaimDuration))
	wantClosed(t, reviewer, app, id, "the claim has expired")
	if answer := send(t, reviewer, claim, 200); bytes.Contains(answer.Body, []byte("示例人")) { // a repeated request does not claim again
		t.Error("the repeated claim shows personal data")
	}
	wantClosed(t, reviewer, app, id, "the claim was repeated")
	send(t, reviewer, scenario.Request{Method: "POST", Path: path + "/claim"}, 200)
	if err := owner.Withdraw(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	wantClosed(t, reviewer, app, id, "withdrawn under a claim")
	if _, err := owner.AwaitStep(t.Context(), id, filing.Done); err != nil {
		t.Fatal(err)
	}
	wantClosed(t, reviewer, app, id, "withdrawn")
}

// A staffRead is one line of the list of what staff read.
type staffRead struct {
	Role, What, Purpose, Slot, SHA256, Account string
	Verified                                   bool
}

func staffReads(t *testing.T, u *scenario.User, id filing.ID, query string) (reads []staffRead, next string) {
	t.Helper()
	var list struct {
		Items []staffRead
		Next  string
	}
	answer := send(t, u, scenario.Request{Method: "GET", Path: "/orders/" + string(id) + "/staff-reads" + query}, 200)
	if err := json.Unmarshal(answer.Body, &list); err != nil {
		t.Fatal(err)
	}
	return list.Items, list.Next
}

// TestStaffReadsAreRecorded: each read of staff is in the list that the owner sees, changes neither version nor ledger, and cannot be changed or moved
// unnoticed by somebody who can write the table.
func TestStaffReadsAreRecorded(t *testing.T) {
	owner, _, id := applicantAt(t, 367, filing.InitialReview)
	path := "/orders/" + string(id)
	if err := reviewer.Claim(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	before := send(t, owner, scenario.Request{Method: "GET", Path: path}, 200)
	colleague := login(t, secondReviewer)
	var want []string
	read := func(u *scenario.User, method, rest, body string, status int, expected string) {
		send(t, u, scenario.Request{Method: method, Path: path + rest, Body: []byte(body)}, status)
		want = append(want, expected)
	}
	read(reviewer, "GET", "", "", 200, "reviewer order review")
	read(reviewer, "HEAD", "/summary", "", 200, "reviewer summary review")
	read(reviewer, "GET", "/evidence", "", 200, "reviewer papers review")
	read(reviewer, "POST", "/evidence/views", `{"slot":"subject-certificate-front"}`, 201, "reviewer paper review")
	read(reviewer, "GET", "/timeline", "", 200, "reviewer timeline review")
	read(colleague, "GET", "", "", 200, "reviewer brief overview")
	read(colleague, "GET", "/ledger", "", 200, "reviewer ledger overview")
	read(admin, "GET", "", "", 200, "admin order support")
	read(admin, "GET", "/summary", "", 200, "admin summary support")
	read(admin, "GET", "/ledger", "", 200, "admin ledger support")
	read(admin, "GET", "/staff-reads", "", 200, "admin staff-reads support")
	seen, _ := staffReads(t, owner, id, "")
	slices.Reverse(seen)
	var got []string
	for _, r := range seen {
		got = append(got, r.Role+" "+r.What+" "+r.Purpose)
		if !r.Verified || r.Account != "" || (r.What == "paper") != (r.Slot == "subject-certificate-front" && len(r.SHA256) == 64) {
			t.Errorf("the owner reads %+v", r)
		}
	}
	if !sameTexts(got, want) {
		t.Errorf("the owner reads\n%q, want\n%q", got, want)
	}
	part, next := staffReads(t, owner, id, "?limit=4")
	rest, _ := staffReads(t, owner, id, "?limit=100&cursor="+next)
	if len(part) != 4 || len(rest) != len(want)-4 {
		t.Errorf("pages of %d and %d, want 4 and %d", len(part), len(rest), len(want)-4)
	}
	for _, cursor := range []string{"x", "!!", strings.Repeat("A", 300)} {
		if answer, err := client.Send(t.Context(), owner, scenario.Request{Method: "GET", Path: path + "/staff-reads?cursor=" + cursor}); err != nil || answer.Status >= 500 {
			t.Errorf("a forged cursor: %d %v", answer.Status, err)
		}
	}
	if after := send(t, owner, scenario.Request{Method: "GET", Path: path}, 200); after.Header.Get("ETag") != before.Header.Get("ETag") {
		t.Error("reads of staff changed the version of the order")
	}
	send(t, owner, scenario.Request{Method: "PUT", Path: path + "/contact", Body: []byte(`{"language":"en"}`), Header: map[string]string{"If-Match": before.Header.Get("ETag")}}, 200)
	if of, _ := staffReads(t, admin, id, ""); of[0].Account == "" {
		t.Error("the administrator does not see who read")
	}
	forgeReads(t, owner, id)
}

func sameTexts(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// forgeReads changes the entries of an order's audit in the table. None is verified any more.
func forgeReads(t *testing.T, owner *scenario.User, id filing.ID) {
	t.Helper()
	store := sys.Parts.Store()
	out, err := store.Client.Query(t.Context(), &dynamodb.QueryInput{TableName: &store.Table, KeyConditionExpression: aws.String("pk = :pk AND begins_with(sk, :sk)"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":pk": &types.AttributeValueMemberS{Value: "ORDER#" + string(id)}, ":sk": &types.AttributeValueMemberS{Value: "READ#"}}})
	if err != nil || len(out.Items) < 10 {
		t.Fatalf("%d entries, %v", len(out.Items), err)
	}
	_, _, other := applicantAt(t, 368, filing.VerifyProduct)
	for i, row := range out.Items {
		doc := row["brief"].(*types.AttributeValueMemberB)
		switch i % 3 {
		case 0:
			doc.Value = bytes.Replace(doc.Value, []byte(`"at":"20`), []byte(`"at":"19`), 1)
		case 1:
			doc.Value = bytes.Replace(doc.Value, []byte(id), []byte(other), 1) // an entry of another order
		case 2:
			doc.Value = []byte("not JSON")
		}
		if _, err := store.Client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &store.Table, Item: row}); err != nil {
			t.Fatal(err)
		}
	}
	seen, _ := staffReads(t, owner, id, "?limit=100")
	for _, r := range seen {
		if r.Verified && r.What != "staff-reads" {
			t.Errorf("a forged entry is verified: %+v", r)
		}
	}
}

// TestOwnOrderOfStaff: who opened an order, or is its contact or a leader, can neither claim, review, erase nor read it as staff.
func TestOwnOrderOfStaff(t *testing.T) {
	for _, n := range []int{360, 361} {
		var self *scenario.User
		var id filing.ID
		if n == 360 { // the account
			self, _, id = applicantAt(t, n, filing.InitialReview)
		} else { // the email address of the leader
			_, _, id = applicantAt(t, n, filing.InitialReview)
			self = login(t, scenario.Invented(n).Contact["email"].(string))
			send(t, self, scenario.Request{Method: "GET", Path: "/orders/" + string(id)}, 403, "own-order ")
		}
		path := "/orders/" + string(id)
		for route, body := range map[string]string{
			"POST /claim": "", "DELETE /claim": "", "POST /papers/receipt": "", "POST /review": `{"verdict":"pass"}`, "GET /ledger": "",
			"POST /evidence/views": `{"slot":"subject-certificate-front"}`, "POST /erasure": `{}`,
		} {
			method, rest, _ := strings.Cut(route, " ")
			q := scenario.Request{Method: method, Path: path + rest}
			if body != "" {
				q.Body = []byte(body)
			}
			send(t, self, q, 403, "own-order ")
		}
		if err := reviewer.Approve(t.Context(), id); err != nil {
			t.Errorf("a colleague cannot approve the order: %v", err)
		}
		if n == 360 {
			if seen, _ := staffReads(t, self, id, ""); len(seen) != 0 { // their own reads are no reads of staff
				t.Errorf("the list has %v", seen)
			}
		}
	}
}

// TestLinkEndsWithClaim: a link to a paper opens it only while a reviewer has the order: not after the release of the claim, and not after the
// applicant has withdrawn the order.
func TestLinkEndsWithClaim(t *testing.T) {
	owner, _, id := applicantAt(t, 371, filing.InitialReview)
	path := "/orders/" + string(id)
	for _, end := range []func(){
		func() { send(t, reviewer, scenario.Request{Method: "DELETE", Path: path + "/claim"}, 200) },
		func() { send(t, owner, scenario.Request{Method: "POST", Path: path + "/withdrawal"}, 202) },
	} {
		if err := reviewer.Claim(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		var view struct{ URL string }
		answer := send(t, reviewer, scenario.Request{Method: "POST", Path: path + "/evidence/views", Body: []byte(`{"slot":"subject-certificate-front"}`)}, 201)
		if err := json.Unmarshal(answer.Body, &view); err != nil {
			t.Fatal(err)
		}
		link := scenario.Request{Method: "GET", Path: strings.TrimPrefix(view.URL, "/api/v1")}
		send(t, nil, link, 200)
		end()
		send(t, nil, link, 404)
	}
}

// TestOwnOrderByFormerContact: an employee applies with a second account and their own mailbox, and replaces that in the contact when the
// application waits for the review. They still cannot review it.
func TestOwnOrderByFormerContact(t *testing.T) {
	owner, _, id := applicantAt(t, 370, filing.VerifyProduct)
	employee, path := login(t, secondReviewer), "/orders/"+string(id)
	for _, email := range []string{secondReviewer, "other-370@example.com"} {
		send(t, owner, scenario.Request{Method: "PUT", Path: path + "/contact", Body: []byte(`{"email":"` + email + `"}`)}, 200)
		if email == secondReviewer {
			if err := owner.VerifyContact(t.Context(), id); err != nil {
				t.Fatal(err)
			}
		}
		send(t, employee, scenario.Request{Method: "GET", Path: path}, 403, "own-order ")
	}
}

// TestReadsOfOtherFiles: a file for the bureau and a service code that an administrator reads are in the lists of the orders in them.
func TestReadsOfOtherFiles(t *testing.T) {
	owner, app, id := applicantAt(t, 369, filing.VerifyProduct)
	if err := admin.IssueServiceCode(t.Context(), "AUDIT-CODE-369", app.Server.ID, ""); err != nil {
		t.Fatal(err)
	}
	send(t, owner, scenario.Request{Method: "PUT", Path: "/orders/" + string(id) + "/product", Body: []byte(`{"serviceCode":"AUDIT-CODE-369"}`)}, 200)
	send(t, admin, scenario.Request{Method: "GET", Path: "/service-codes/AUDIT-CODE-369"}, 200)
	if seen, _ := staffReads(t, owner, id, ""); len(seen) != 1 || seen[0].What != "service-code" {
		t.Errorf("the list has %v", seen)
	}
}
