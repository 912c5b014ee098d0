package dynamo_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/process/decide"
	"beian/shared/process/envelope"
	"beian/shared/rules/finding"
	"beian/shared/rules/workday"
)

// erasedOrder erases an order and restores a backup of its table: nothing personal of the order can be read, while its ledger
// and the other order can.
func erasedOrder(t *testing.T, d *fixture) {
	other := d.walkAgencyTo(2, filing.InitialReview)
	w := d.walkTo(1, filing.Done)
	backup := d.rows()
	admin := filing.Actor{Account: "operator", Role: filing.Admin}
	d.advanceClock(1000 * 24 * time.Hour)
	order := d.commit(d.apply(w.Order, admin, filing.Erase{FilingEnded: workday.DateOf(d.now())}))
	for range 2 {
		if err := d.Encrypter.DeleteKey(t.Context(), string(order.ID)); err != nil {
			t.Fatal(err)
		}
	}
	check := func(when string, recorded bool) {
		t.Helper()
		o := d.order(order.ID)
		if o.Erasure == nil || o.Erasure.At.IsZero() == recorded || !reflect.ValueOf(o.Private).IsZero() || (o.SubjectKey == "") != recorded || o.SMS != nil {
			t.Errorf("%s: the order is not erased", when)
		}
		if o.Status != filing.Approved || o.Bureau == nil {
			t.Errorf("%s: data that is not personal was erased", when)
		}
		if entries, err := d.Ledger(t.Context(), o.ID); err != nil || !filing.VerifyLedger(entries, o) {
			t.Errorf("%s: the ledger does not verify, %v", when, err)
		}
		if diff := cmp.Diff(other.Order, d.order(other.Order.ID), equal); diff != "" {
			t.Errorf("%s: the other order has changed:\n%s", when, diff)
		}
		mine := d.pages(func(c string) (decide.Page, error) { return d.ListByAccount(t.Context(), order.Account, c, 1) })
		if slices.Sort(mine); !slices.Equal(mine, []filing.ID{order.ID, other.Order.ID}) {
			t.Errorf("%s: listed %v", when, mine)
		}
	}
	check("erased", true)
	for _, row := range d.rows() {
		d.deleteRow(row)
	}
	for _, row := range backup {
		d.putRow(row)
	}
	check("restored", false)
	if _, err := d.Encrypter.Decrypt(t.Context(), string(order.ID), "private", nil); !errors.Is(err, envelope.ErrErased) {
		t.Errorf("the key is back: %v", err)
	}
	d.commit(d.apply(d.order(order.ID), admin, filing.Erase{}))
	check("recorded again", true)
}

// rewrittenLedger changes the ledger in ways that are possible for an attacker who can write the table but cannot call KMS.
func rewrittenLedger(t *testing.T, d *fixture) {
	w := d.walkTo(1, filing.InitialReview)
	w.Decide(filingtest.Reviewer, filing.ClaimOrder{})
	w.Decide(filingtest.Reviewer, filing.Reject{Findings: finding.List{finding.New(filing.CodeAddressMissing, "/subject/address")}})
	verified := func() bool {
		t.Helper()
		entries, err := d.Ledger(t.Context(), w.Order.ID)
		if err != nil {
			t.Fatal(err)
		}
		return filing.VerifyLedger(entries, d.order(w.Order.ID))
	}
	if !verified() {
		t.Fatal("the ledger does not verify")
	}
	backup := d.rows()
	for name, change := range map[string]func(entries []filing.Entry, o *filing.Order) []filing.Entry{
		"another reviewer": func(entries []filing.Entry, _ *filing.Order) []filing.Entry {
			entries[len(entries)-1].By.Account = "somebody-else"
			return entries
		},
		"the first entry is another": func(entries []filing.Entry, _ *filing.Order) []filing.Entry {
			entries[0].At = entries[0].At.Add(-24 * time.Hour)
			return entries
		},
		"an entry fewer": func(entries []filing.Entry, _ *filing.Order) []filing.Entry { return slices.Delete(entries, 3, 4) },
		"an entry more": func(entries []filing.Entry, _ *filing.Order) []filing.Entry {
			return append(entries, entries[len(entries)-1])
		},
		"another status": func(entries []filing.Entry, o *filing.Order) []filing.Entry {
			o.Status = filing.Approved
			return entries
		},
		"another account": func(entries []filing.Entry, o *filing.Order) []filing.Entry {
			o.Account = "somebody-else"
			return entries
		},
		"another province": func(entries []filing.Entry, o *filing.Order) []filing.Entry {
			o.Province = "65"
			return entries
		},
		"another domain": func(entries []filing.Entry, o *filing.Order) []filing.Entry {
			o.Domains = []filing.Domain{"other-example.com"}
			return entries
		},
		"two changed places": func(entries []filing.Entry, _ *filing.Order) []filing.Entry {
			entries[2], entries[3] = entries[3], entries[2]
			return entries
		},
	} {
		entries, err := d.Ledger(t.Context(), w.Order.ID)
		if err != nil {
			t.Fatal(err)
		}
		order := d.order(w.Order.ID)
		d.rewriteLedger(change(entries, &order), order)
		if verified() {
			t.Errorf("%s: not detected", name)
		}
		for _, row := range d.rows() {
			d.deleteRow(row)
		}
		for _, row := range backup {
			d.putRow(row)
		}
		if !verified() {
			t.Fatalf("%s: the backup does not verify", name)
		}
	}
}

// rewriteLedger writes a ledger with new hashes, and its head into the order's row. Each entry keeps its HMAC.
func (d *fixture) rewriteLedger(entries []filing.Entry, o filing.Order) {
	d.t.Helper()
	var head row
	for _, r := range d.rows() {
		sk := r["sk"].(*types.AttributeValueMemberS).Value
		switch {
		case sk == "ORDER":
			head = r
		case strings.HasPrefix(sk, "LEDGER#"):
			d.deleteRow(r)
		}
	}
	previous := ""
	for i, e := range entries {
		e.Seq, e.Previous = i+1, previous
		e.Hash = e.Sum()
		previous = e.Hash
		sk := &types.AttributeValueMemberS{Value: fmt.Sprintf("LEDGER#%06d", e.Seq)}
		d.putRow(row{"pk": head["pk"], "sk": sk, "doc": &types.AttributeValueMemberB{Value: d.marshal(e)}})
	}
	o.LastSeq, o.LastHash = len(entries), previous
	head["brief"] = &types.AttributeValueMemberB{Value: d.marshal(o)}
	d.putRow(head)
}

func (d *fixture) marshal(v any) []byte {
	d.t.Helper()
	doc, err := json.Marshal(v)
	if err != nil {
		d.t.Fatal(err)
	}
	return doc
}

// A row is an item of the table.
type row = map[string]types.AttributeValue

// rows are all rows of the table.
func (d *fixture) rows() []row {
	d.t.Helper()
	var all []row
	pages := dynamodb.NewScanPaginator(d.sdk, &dynamodb.ScanInput{TableName: aws.String(d.Table), ConsistentRead: aws.Bool(true)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(d.t.Context())
		if err != nil {
			d.t.Fatal(err)
		}
		all = append(all, page.Items...)
	}
	return all
}

// breakRow makes the document of a row unreadable, and returns the row as it was.
func (d *fixture) breakRow(pk, sk string) row {
	d.t.Helper()
	is := func(v types.AttributeValue, text string) bool {
		s, ok := v.(*types.AttributeValueMemberS)
		return ok && s.Value == text
	}
	for _, r := range d.rows() {
		if is(r["pk"], pk) && is(r["sk"], sk) {
			broken := maps.Clone(r)
			broken["doc"] = &types.AttributeValueMemberB{Value: []byte("{")}
			d.putRow(broken)
			return r
		}
	}
	d.t.Fatalf("no row %s %s", pk, sk)
	return nil
}

func (d *fixture) putRow(r row) {
	d.t.Helper()
	if _, err := d.Client.PutItem(d.t.Context(), &dynamodb.PutItemInput{TableName: aws.String(d.Table), Item: r}); err != nil {
		d.t.Fatal(err)
	}
}

func (d *fixture) deleteRow(r row) {
	d.t.Helper()
	_, err := d.Client.DeleteItem(d.t.Context(), &dynamodb.DeleteItemInput{TableName: aws.String(d.Table), Key: row{"pk": r["pk"], "sk": r["sk"]}})
	if err != nil {
		d.t.Fatal(err)
	}
}
