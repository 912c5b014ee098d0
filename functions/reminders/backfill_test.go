package reminders_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"beian/functions/reminders"
	"beian/infra/local/steptest"
	"beian/shared/aws/dynamo"
	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/duties"
)

// failing is a store that fails to add the rows of the first filings.
type failing struct {
	*dynamo.Store
	left int
}

func (f *failing) AddMissingRows(ctx context.Context, filed register.Filing, at time.Time) (bool, int, error) {
	if f.left > 0 {
		f.left--
		return false, 0, errors.New("throttled")
	}
	return f.Store.AddMissingRows(ctx, filed, at)
}

// TestBackfill: a filing that an earlier version of Beian approved has no row of duties and none of watches. It gets them, also if the first call fails and a call is
// repeated, and a day later it owes what it would have owed.
func TestBackfill(t *testing.T) {
	w := steptest.New(t)
	w.At(filing.FollowUp)
	id := register.ID(steptest.OrderID)
	f, err := w.Store.Filing(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	hosts := 0
	for _, site := range f.Sites {
		hosts += len(site.Domains)
	}
	rows, err := w.Store.Client.Query(t.Context(), &dynamodb.QueryInput{TableName: aws.String(w.Store.Table), KeyConditionExpression: aws.String("pk = :pk"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":pk": &types.AttributeValueMemberS{Value: "FILING#" + string(id)}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows.Items {
		if row["due"] == nil {
			continue
		}
		if _, err := w.Store.Client.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: aws.String(w.Store.Table), Key: map[string]types.AttributeValue{"pk": row["pk"], "sk": row["sk"]}}); err != nil {
			t.Fatal(err)
		}
	}
	service := &duties.Service{Store: w.Store, Now: w.Clock.Now, NewID: func() string { return "1" }, Log: slog.New(slog.DiscardHandler)}
	store := &failing{Store: w.Store, left: 1}
	h := reminders.Handler{Decisions: w.Service, Orders: w.Store, Filings: store, Duties: service, Now: w.Clock.Now, Log: slog.New(slog.DiscardHandler)}
	call := func() (reminders.Report, error) { return h.Handle(t.Context(), reminders.Input{Backfill: true}) }
	if got, err := call(); err == nil || got.Checked != 0 {
		t.Errorf("a failed call: %+v, %v", got, err)
	}
	for i, want := range []reminders.Report{{Checked: 1, Upkeeps: 1, Watches: hosts}, {Checked: 1}} {
		if got, err := call(); err != nil || got != want {
			t.Errorf("call %d: %+v, %v, want %+v", i+1, got, err, want)
		}
	}
	w.Clock.Advance(day)
	if got, err := h.Handle(t.Context(), reminders.Input{}); err != nil || got.Filings != 1 {
		t.Errorf("a day later: %+v, %v", got, err)
	}
	u, err := w.Store.Upkeep(t.Context(), id)
	if err != nil || u.Followed != f.Version || len(u.Duties(f, w.Clock.Now())) == 0 {
		t.Errorf("it owes nothing: %+v, %v", u, err)
	}
	if _, err := h.Handle(t.Context(), reminders.Input{Backfill: true, Cursor: "nothing"}); err == nil {
		t.Error("an unknown cursor is accepted")
	}
}
