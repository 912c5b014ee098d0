package dynamo_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"beian/shared/aws/dynamo"
	"beian/shared/filing"
	"beian/shared/process/bounce"
	"beian/shared/process/decide"
	"beian/shared/process/figures"
	"beian/shared/rules/fault"
	"beian/shared/rules/workday"
)

// recordMail stores that the message of an entry was sent in a number of emails.
func (d *fixture) recordMail(entry string, emails int) {
	d.t.Helper()
	if err := d.RecordDelivery(d.t.Context(), entry, 0, figures.Delivery{Kind: "submitted", Mail: emails, Filing: "01FILED0001"}, d.now()); err != nil {
		d.t.Fatal(err)
	}
}

// wantBounces requires a number of bounces in the figures of today.
func (d *fixture) wantBounces(want int) {
	d.t.Helper()
	sum := 0
	if err := d.EachDelivery(d.t.Context(), workday.DateOf(d.now()), func(one figures.Delivery) error { sum += one.Bounced; return nil }); err != nil || sum != want {
		d.t.Errorf("%d bounces, want %d, %v", sum, want, err)
	}
}

// withClient returns a store of the same table with another client.
func (d *fixture) withClient(client *dynamo.Client) *dynamo.Store {
	return &dynamo.Store{Client: client, Table: d.Table, Encrypter: d.Encrypter, Wall: d.Wall}
}

// afterReading returns the store of a caller whose writes begin when a number of callers have read.
func (d *fixture) afterReading(callers int) *dynamo.Store {
	var first atomic.Int64
	var all sync.WaitGroup
	all.Add(callers)
	client := *d.Client
	query := client.Query
	client.Query = func(ctx context.Context, in *dynamodb.QueryInput, options ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
		out, err := query(ctx, in, options...)
		if first.Add(1) <= int64(callers) {
			all.Done()
			all.Wait()
		}
		return out, err
	}
	return d.withClient(&client)
}

// bouncesAtOnce: a message has no more bounces than emails, and a bounce counts once, also if they are reported at the same moment.
func bouncesAtOnce(t *testing.T, d *fixture) {
	const callers = 12
	for emails, bounced := range map[int]int{1: callers, 3: callers, callers: 2} { // emails of a message, and those of which bounces are reported
		entry := fmt.Sprintf("notice#%d-%d", emails, bounced)
		d.recordMail(entry, emails)
		store, known := d.afterReading(callers), make([]bool, callers)
		for i, err := range concurrently(callers, func(i int) (err error) {
			_, known[i], err = store.RecordBounce(t.Context(), entry, fmt.Sprintf("%016x", i%bounced), d.now())
			return err
		}) {
			if err != nil {
				t.Errorf("%d emails, caller %d: %v", emails, i, err)
			}
		}
		counted := map[int]bool{}
		for i, k := range known {
			if k {
				counted[i%bounced] = true
			}
		}
		if len(counted) != min(emails, bounced) {
			t.Errorf("%d bounces of %d emails are counted", len(counted), emails)
		}
		for i := range bounced { // reported again
			about, again, err := d.RecordBounce(t.Context(), entry, fmt.Sprintf("%016x", i), d.now())
			if err != nil || again != counted[i] || again != (about == "01FILED0001") {
				t.Errorf("%d emails, bounce %d again: known %t, about %q, %v", emails, i, again, about, err)
			}
		}
	}
	d.wantBounces(1 + 3 + 2)
}

// bouncesOfEarlierVersions: a bounce that an earlier version stored under the id of its email counts like others.
func bouncesOfEarlierVersions(t *testing.T, d *fixture) {
	const entry, first = "notice#1", "0000000000000001"
	d.recordMail(entry, 2)
	if _, err := d.sdk.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(d.Table), Item: map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: "MESSAGE#" + entry}, "sk": &types.AttributeValueMemberS{Value: "BOUNCE#" + first},
		"brief": &types.AttributeValueMemberB{Value: []byte(`{"kind":"submitted","bounced":1}`)},
		"open":  &types.AttributeValueMemberS{Value: "messages " + string(workday.DateOf(d.now()))}, "at": &types.AttributeValueMemberS{Value: "2019-12-02T00:00:00.000Z#" + entry},
	}}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		email string
		known bool
	}{{first, true}, {"0000000000000002", true}, {"0000000000000003", false}, {"0000000000000002", true}, {first, true}} {
		if _, known, err := d.RecordBounce(t.Context(), entry, c.email, d.now()); err != nil || known != c.known {
			t.Errorf("%s: known %t, %v", c.email, known, err)
		}
	}
	d.wantBounces(2)
}

// bouncesWhileSending: a bounce of an email that is not counted yet has to be reported again, and that is a failure only if the message has been in the outbox for long. It is not lost if the
// message leaves the outbox at the moment.
func bouncesWhileSending(t *testing.T, d *fixture) {
	d.walkWith(d.commitForAgency, 1, filing.InitialReview)
	entries, err := d.Outbox(t.Context(), decide.SendNotice, 1)
	if err != nil || len(entries) != 1 {
		t.Fatalf("%+v, %v", entries, err)
	}
	entry, email := entries[0].ID, "0000000000000001"
	for after, early := range map[time.Duration]bool{0: true, bounce.CountedWithin: true, bounce.CountedWithin + time.Second: false} {
		d.clock.Store(int64(after))
		if _, known, err := d.RecordBounce(t.Context(), entry, email, d.now()); known || fault.KindOf(err) != fault.Unavailable || errors.Is(err, bounce.ErrNotCounted) != early {
			t.Errorf("after %s: known %t, %v", after, known, err)
		}
	}
	client := *d.Client
	get := client.GetItem
	client.GetItem = func(ctx context.Context, in *dynamodb.GetItemInput, options ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
		d.recordMail(entry, 1)
		if err := d.DeleteEntry(ctx, entry); err != nil {
			t.Error(err)
		}
		return get(ctx, in, options...)
	}
	store := d.withClient(&client)
	if _, known, err := store.RecordBounce(t.Context(), entry, email, d.now()); err != nil || !known {
		t.Errorf("while its message leaves the outbox: known %t, %v", known, err)
	}
	for email, want := range map[string]bool{email: true, "0000000000000002": false} {
		if _, known, err := d.RecordBounce(t.Context(), entry, email, d.now()); err != nil || known != want {
			t.Errorf("%s afterwards: known %t, %v", email, known, err)
		}
	}
	d.wantBounces(1)
}
