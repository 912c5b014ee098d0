package dynamo_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/process/decide"
	"beian/shared/process/inventory"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

func chooseProduct(server, code string) filing.ChooseProduct {
	p := filingtest.Product()
	p.Server, p.ServiceCode = server, code
	return filing.ChooseProduct{Product: p}
}

func (d *fixture) wantUsed(server string, used int, orders ...filing.ID) {
	d.t.Helper()
	s, err := d.Server(d.t.Context(), server)
	if err != nil || s.Used != used {
		d.t.Errorf("%s: %d slots used, want %d, %v", server, s.Used, used, err)
	}
	rows, err := d.Client.Query(d.t.Context(), &dynamodb.QueryInput{
		TableName: aws.String(d.Table), KeyConditionExpression: aws.String("pk = :pk AND begins_with(sk, :slot)"), ConsistentRead: aws.Bool(true),
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":pk": &types.AttributeValueMemberS{Value: "SERVER#" + server}, ":slot": &types.AttributeValueMemberS{Value: "SLOT#"},
		},
	})
	var slots []filing.ID
	if err == nil {
		for _, row := range rows.Items {
			slots = append(slots, filing.ID(strings.TrimPrefix(row["sk"].(*types.AttributeValueMemberS).Value, "SLOT#")))
		}
	}
	slices.Sort(slots)
	if err != nil || !slices.Equal(slots, orders) {
		d.t.Errorf("%s: slots of %v, want %v, %v", server, slots, orders, err)
	}
}

// serverQuota: a server has a slot for as many orders as its quota. A closed order releases its slot.
func serverQuota(t *testing.T, d *fixture) {
	d.putServer("small", 2)
	first, second, third := d.walkTo(1, filing.VerifyProduct), d.walkTo(2, filing.VerifyProduct), d.walkTo(3, filing.VerifyProduct)
	first.Decide(filingtest.Applicant, chooseProduct("small", ""))
	second.Decide(filingtest.Applicant, chooseProduct("small", ""))
	late := d.apply(third.Order, filingtest.Applicant, chooseProduct("small", ""))
	_, err := d.Commit(t.Context(), late, decide.Request{})
	d.wantFault(err, fault.Conflict, inventory.CodeQuota)
	d.wantUsed("small", 2, first.Order.ID, second.Order.ID)
	d.putServer("small", 2) // writing the server again keeps the number of used slots
	d.wantUsed("small", 2, first.Order.ID, second.Order.ID)

	first.Decide(filingtest.Applicant, filing.AskToClose{As: filing.ClosingAbandon})
	first.Decide(filing.Beian, filing.Close{})
	d.wantUsed("small", 1, second.Order.ID)
	third.Decide(filingtest.Applicant, chooseProduct("small", ""))
	d.wantUsed("small", 2, second.Order.ID, third.Order.ID)
	_, err = d.Commit(t.Context(), d.apply(d.walkTo(4, filing.VerifyProduct).Order, filingtest.Applicant, chooseProduct("no-such-server", "")), decide.Request{})
	if err == nil {
		t.Error("a server that does not exist was reserved")
	}
}

// lastSlot: of eight concurrent orders, one gets the last slot.
func lastSlot(t *testing.T, d *fixture) {
	d.putServer("small", 1)
	var changes []filing.Change
	for n := range 8 {
		changes = append(changes, d.apply(d.walkTo(n+1, filing.VerifyProduct).Order, filingtest.Applicant, chooseProduct("small", "")))
	}
	var winner filing.ID
	won := 0
	for i, err := range concurrently(len(changes), func(i int) error { _, err := d.Commit(t.Context(), changes[i], decide.Request{}); return err }) {
		if err == nil {
			won++
			winner = changes[i].Order.ID
			continue
		}
		d.wantFault(err, fault.Conflict, inventory.CodeQuota)
	}
	if won != 1 {
		t.Errorf("%d orders got the slot, want 1", won)
	}
	d.wantUsed("small", 1, winner)
}

// productChanges moves an order between servers and codes. Only its last choice is reserved.
func productChanges(t *testing.T, d *fixture) {
	d.putServer("server-2", 1)
	for code, server := range map[string]string{"CODE-0001": "server-1", "CODE-0002": "server-1", "CODE-0003": "server-2"} {
		if err := d.PutServiceCode(t.Context(), inventory.ServiceCode{Code: code, Server: server}); err != nil {
			t.Fatal(err)
		}
	}
	w := d.walkTo(1, filing.VerifyProduct)
	for _, c := range []struct{ server, code string }{
		{"server-1", ""}, {"server-1", "CODE-0001"}, {"server-1", "CODE-0002"}, {"server-2", "CODE-0003"}, {"server-2", ""},
		{"server-1", "CODE-0001"}, {"server-1", ""}, {"server-2", "CODE-0003"},
	} {
		w.Decide(filingtest.Applicant, chooseProduct(c.server, c.code))
		for _, server := range []string{"server-1", "server-2"} {
			if server == c.server {
				d.wantUsed(server, 1, w.Order.ID)
			} else {
				d.wantUsed(server, 0)
			}
		}
		for _, code := range []string{"CODE-0001", "CODE-0002", "CODE-0003"} {
			got, err := d.ServiceCode(t.Context(), code)
			if err != nil || (got.Order == w.Order.ID) != (code == c.code) {
				t.Errorf("on %s with %q: %s is with %q, %v", c.server, c.code, code, got.Order, err)
			}
		}
	}
	other := d.walkTo(2, filing.VerifyProduct)
	_, err := d.Commit(t.Context(), d.apply(other.Order, filingtest.Applicant, chooseProduct("server-1", "CODE-0003")), decide.Request{})
	d.wantFault(err, fault.Conflict, inventory.CodeUsed)
	d.wantUsed("server-1", 0)

	// A reviewer's return for the product releases slot and code.
	w.AdvanceTo(filing.InitialReview)
	w.Decide(filingtest.Reviewer, filing.ClaimOrder{})
	w.Decide(filingtest.Reviewer, filing.Return{Findings: finding.List{finding.New(inventory.CodeExpired, "/product")}})
	d.wantUsed("server-2", 0)
	other.Decide(filingtest.Applicant, chooseProduct("server-2", "CODE-0003"))
}

// chosenProducts: an account can choose its own servers, and codes that it may use.
func chosenProducts(t *testing.T, d *fixture) {
	mine, theirs := filingtest.Applicant.Account, filing.Account("account-2")
	for _, c := range []inventory.ServiceCode{{Code: "CODE-OPEN", Server: "server-1"}, {Code: "CODE-THEIRS", Server: "server-1", Account: theirs},
		{Code: "CODE-LOST", Server: "no-such-server"}} {
		if err := d.PutServiceCode(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		account      filing.Account
		server, code string
		want         finding.Code
	}{
		{mine, "server-1", "", ""}, {theirs, "server-1", "", inventory.CodeUnknown}, {mine, "no-such-server", "", inventory.CodeUnknown},
		{mine, "", "CODE-OPEN", ""}, {theirs, "", "CODE-OPEN", ""}, {mine, "", "CODE-THEIRS", inventory.CodeUnknown},
		{theirs, "", "CODE-THEIRS", ""}, {mine, "", "CODE-NONE", inventory.CodeUnknown}, {mine, "", "CODE-LOST", inventory.CodeUnknown},
		{mine, "", "", inventory.CodeOneOfTwo}, {mine, "server-1", "CODE-OPEN", inventory.CodeOneOfTwo},
	} {
		p, err := inventory.Choose(t.Context(), d.Store, c.account, c.server, c.code, d.now())
		if c.want == "" && (err != nil || p.Server != "server-1" || p.ServiceCode != c.code) {
			t.Errorf("%+v: %+v, %v", c, p, err)
		}
		if c.want != "" {
			d.wantFault(err, fault.Invalid, c.want)
		}
	}
	d.walkTo(1, filing.VerifyProduct).Decide(filingtest.Applicant, chooseProduct("server-1", "CODE-OPEN"))
	_, err := inventory.Choose(t.Context(), d.Store, theirs, "", "CODE-OPEN", d.now())
	d.wantFault(err, fault.Invalid, inventory.CodeUsed)
	d.putServer("full", 0)
	_, err = inventory.Choose(t.Context(), d.Store, mine, "full", "", d.now())
	d.wantFault(err, fault.Invalid, inventory.CodeQuota)
}
