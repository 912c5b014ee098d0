package dynamodb_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	localdynamodb "beian/infra/local/dynamodb"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// TestSemantics checks that both engines behave as the store of filings requires.
func TestSemantics(t *testing.T) {
	modules, err := localdynamodb.FindModules(".")
	if err != nil {
		t.Fatal(err)
	}
	for name, engine := range map[string]interface {
		Start() (*localdynamodb.Engine, error)
	}{
		"dynoxide":      localdynamodb.Dynoxide{Binary: modules.Dynoxide()},
		"DynamoDBLocal": localdynamodb.DynamoDBLocal{Folder: modules.DynamoDBLocal()},
	} {
		t.Run(name, func(t *testing.T) {
			running, err := engine.Start()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { running.Close() })
			c := client(running.Endpoint())
			createTable(t, c)
			t.Run("transaction", func(t *testing.T) { transaction(t, c) })
			t.Run("query", func(t *testing.T) { query(t, c) })
			t.Run("time to live", func(t *testing.T) { timeToLive(t, c) })
		})
	}
}

func transaction(t *testing.T, c *dynamodb.Client) {
	one := func(pk string) types.TransactWriteItem {
		return types.TransactWriteItem{Put: &types.Put{
			TableName: aws.String("Filings"), Item: item(pk, "ORDER", "open"),
			ConditionExpression:                 aws.String("attribute_not_exists(PK)"),
			ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
		}}
	}
	write := func(token string, pks ...string) (*dynamodb.TransactWriteItemsOutput, error) {
		in := &dynamodb.TransactWriteItemsInput{
			ClientRequestToken:     aws.String(token),
			ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
		}
		for _, pk := range pks {
			in.TransactItems = append(in.TransactItems, one(pk))
		}
		return c.TransactWriteItems(t.Context(), in)
	}
	out, err := write("first", "T#1", "T#2")
	if err != nil {
		t.Fatal(err)
	}
	if len(out.ConsumedCapacity) == 0 || aws.ToFloat64(out.ConsumedCapacity[0].CapacityUnits) == 0 {
		t.Errorf("consumed capacity is not reported: %v", out.ConsumedCapacity)
	}
	if _, err := write("first", "T#1", "T#2"); err != nil {
		t.Errorf("the same token again: %v, want the first answer", err)
	}
	var mismatch *types.IdempotentParameterMismatchException
	if _, err := write("first", "T#9"); !errors.As(err, &mismatch) {
		t.Errorf("the same token for another request: %v", err)
	}
	var cancelled *types.TransactionCanceledException
	if _, err := write("second", "T#3", "T#1"); !errors.As(err, &cancelled) {
		t.Fatalf("a failed condition: %v, want TransactionCanceledException", err)
	}
	reasons := cancelled.CancellationReasons
	if len(reasons) != 2 || aws.ToString(reasons[0].Code) != "None" ||
		aws.ToString(reasons[1].Code) != "ConditionalCheckFailed" || len(reasons[1].Item) == 0 {
		t.Errorf("cancellation reasons: %+v", reasons)
	}
	if hasItem(t, c, "T#3", "ORDER") {
		t.Error("a cancelled transaction left an item")
	}
}

func query(t *testing.T, c *dynamodb.Client) {
	for n := range 5 {
		if err := putItem(t.Context(), c, "Q", fmt.Sprintf("%02d", n)); err != nil {
			t.Fatal(err)
		}
	}
	in := &dynamodb.QueryInput{
		TableName: aws.String("Filings"), IndexName: aws.String("ByG"), Limit: aws.Int32(2),
		KeyConditionExpression: aws.String("G = :g AND SK BETWEEN :a AND :z"),
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":g": &types.AttributeValueMemberS{Value: "open"},
			":a": &types.AttributeValueMemberS{Value: "00"}, ":z": &types.AttributeValueMemberS{Value: "99"}},
		ReturnConsumedCapacity: types.ReturnConsumedCapacityIndexes,
	}
	found := 0
	for pages := dynamodb.NewQueryPaginator(c, in); pages.HasMorePages(); {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if page.ConsumedCapacity == nil {
			t.Error("consumed capacity is not reported")
		}
		found += len(page.Items)
	}
	if found != 5 {
		t.Errorf("the index holds %d, want 5", found)
	}
}

func timeToLive(t *testing.T, c *dynamodb.Client) {
	_, err := c.UpdateTimeToLive(t.Context(), &dynamodb.UpdateTimeToLiveInput{
		TableName: aws.String("Filings"),
		TimeToLiveSpecification: &types.TimeToLiveSpecification{
			AttributeName: aws.String("ExpiresAt"), Enabled: aws.Bool(true)},
	})
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.DescribeTimeToLive(t.Context(), &dynamodb.DescribeTimeToLiveInput{TableName: aws.String("Filings")})
	if err != nil {
		t.Fatal(err)
	}
	if status := out.TimeToLiveDescription.TimeToLiveStatus; status != types.TimeToLiveStatusEnabled {
		t.Errorf("time to live is %s", status)
	}
	now := time.Now()
	for pk, at := range map[string]time.Time{"TTL#over": now.Add(-time.Second), "TTL#later": now.Add(time.Hour), "TTL#none": {}} {
		row := item(pk, "ORDER", "open")
		if !at.IsZero() {
			row["ExpiresAt"] = &types.AttributeValueMemberN{Value: fmt.Sprint(at.Unix())}
		}
		if _, err := c.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("Filings"), Item: row}); err != nil {
			t.Fatal(err)
		}
	}
	if err := localdynamodb.DeleteExpired(t.Context(), c, "Filings", "ExpiresAt", "PK", "SK", now); err != nil {
		t.Fatal(err)
	}
	for pk, want := range map[string]bool{"TTL#over": false, "TTL#later": true, "TTL#none": true} {
		out, err := c.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String("Filings"),
			Key: map[string]types.AttributeValue{"PK": &types.AttributeValueMemberS{Value: pk}, "SK": &types.AttributeValueMemberS{Value: "ORDER"}}})
		if err != nil || (out.Item != nil) != want {
			t.Errorf("%s is there: %t, want %t: %v", pk, out.Item != nil, want, err)
		}
	}
}

func BenchmarkDynoxide(b *testing.B) {
	engine := startEngine(b, localdynamodb.Dynoxide{Binary: binary(b), File: b.TempDir() + "/filings.db"})
	c := client(engine.Endpoint())
	createTable(b, c)
	for n := range 100 {
		if err := putItem(b.Context(), c, "B", fmt.Sprintf("%04d", n)); err != nil {
			b.Fatal(err)
		}
	}
	id := 0
	for name, call := range map[string]func(context.Context) error{
		"PutItem": func(ctx context.Context) error { id++; return putItem(ctx, c, "P", fmt.Sprint(id)) },
		"GetItem": func(context.Context) error { hasItem(b, c, "B", "0001"); return nil },
		"TransactWriteItems4": func(ctx context.Context) error {
			in := &dynamodb.TransactWriteItemsInput{}
			for n := range 4 {
				id++
				in.TransactItems = append(in.TransactItems, types.TransactWriteItem{Put: &types.Put{
					TableName: aws.String("Filings"), Item: item(fmt.Sprintf("T%d", n), fmt.Sprint(id), "done"),
					ConditionExpression: aws.String("attribute_not_exists(PK)")}})
			}
			_, err := c.TransactWriteItems(ctx, in)
			return err
		},
		"QueryIndex20": func(ctx context.Context) error {
			_, err := c.Query(ctx, &dynamodb.QueryInput{
				TableName: aws.String("Filings"), IndexName: aws.String("ByG"), Limit: aws.Int32(20),
				KeyConditionExpression:    aws.String("G = :g"),
				ExpressionAttributeValues: map[string]types.AttributeValue{":g": &types.AttributeValueMemberS{Value: "open"}}})
			return err
		},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if err := call(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
		})
	}
}
