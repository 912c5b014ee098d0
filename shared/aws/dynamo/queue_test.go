package dynamo_test

import (
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/rules/province"
)

// reviewQueue: orders to review are listed oldest first, of all provinces or of one, those of earlier versions of Beian too; filters bound the reading.
func reviewQueue(t *testing.T, d *fixture) {
	provinces := []province.Code{"11", "44", "11", "65", "44", "11", "31", "44", "11"}
	d.putServer("server-1", 20)
	var ids []filing.ID
	for n, p := range provinces {
		w := d.walkWith(func(c filing.Change) filing.Order {
			if c.Order.Step == filing.InitialReview {
				c.Order.Province = p
			}
			return d.commitForAgency(c)
		}, n+1, filing.InitialReview)
		ids = append(ids, w.Order.ID)
		d.advanceClock(time.Minute)
	}
	for _, n := range []int{1, 2} { // as an earlier version stored them
		_, err := d.Client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{TableName: aws.String(d.Table), UpdateExpression: aws.String("SET #open = :step"),
			Key:                       map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "ORDER#" + string(ids[n])}, "sk": &types.AttributeValueMemberS{Value: "ORDER"}},
			ExpressionAttributeNames:  map[string]string{"#open": "open"},
			ExpressionAttributeValues: map[string]types.AttributeValue{":step": &types.AttributeValueMemberS{Value: string(filing.InitialReview)}}})
		if err != nil {
			t.Fatal(err)
		}
	}
	of := func(places ...int) (want []filing.ID) {
		for _, i := range places {
			want = append(want, ids[i])
		}
		return want
	}
	one := func(o filing.Order) bool { return o.ID == ids[7] }
	for name, c := range map[string]struct {
		query decide.QueueQuery
		want  []filing.ID
	}{
		"all, by two":           {decide.QueueQuery{Limit: 2, Read: 2}, ids},
		"all at once":           {decide.QueueQuery{Limit: 100, Read: 100}, ids},
		"a province":            {decide.QueueQuery{Province: "44", Limit: 2, Read: 10}, of(1, 4, 7)},
		"a province, read by 1": {decide.QueueQuery{Province: "11", Limit: 5, Read: 1}, of(0, 2, 5, 8)},
		"a province without":    {decide.QueueQuery{Province: "54", Limit: 5, Read: 10}, nil},
		"one that matches":      {decide.QueueQuery{Match: one, Limit: 5, Read: 2}, of(7)},
	} {
		got := d.pages(func(cursor string) (decide.Page, error) {
			c.query.Step, c.query.Cursor = filing.InitialReview, cursor
			page, err := d.ListQueue(t.Context(), c.query)
			if len(page.Orders) > c.query.Limit {
				t.Errorf("%s: a page of %d", name, len(page.Orders))
			}
			return page, err
		})
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	if orders, next, err := d.EnteredBefore(t.Context(), filing.InitialReview, "", d.now(), 4); err != nil || len(orders) != 4 || orders[2].ID != ids[2] {
		t.Errorf("entered before: %d, %v", len(orders), err)
	} else if orders, _, err = d.EnteredBefore(t.Context(), filing.InitialReview, next, d.now(), 100); err != nil || len(orders) != 5 || orders[0].ID != ids[4] {
		t.Errorf("entered before, the rest: %d, %v", len(orders), err)
	}
}
