package system

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"beian/infra/local/dynamodb/dynamodbtest"
	"beian/infra/local/faults"
	"beian/shared/aws/dynamo"
)

// TestIndexWrites: each write is counted for the partitions of the indexes that it changes, and the engine reports as many units.
func TestIndexWrites(t *testing.T) {
	engine := dynamodbtest.Start(t)
	traffic := newTraffic(engine.Endpoint(), engine.Endpoint(), func([]byte) {}, nil, faults.New())
	traffic.ReportCapacity()
	client := dynamodb.NewFromConfig(aws.Config{Region: Region, BaseEndpoint: aws.String("http://cloud.invalid"), HTTPClient: &http.Client{Transport: traffic},
		Credentials: credentials.NewStaticCredentialsProvider("api", "secret", "")})
	if err := dynamo.CreateTable(t.Context(), client, "filings"); err != nil {
		t.Fatal(err)
	}
	row := func(fields ...string) map[string]types.AttributeValue {
		attributes := map[string]types.AttributeValue{}
		for _, field := range fields {
			name, value, _ := strings.Cut(field, "=")
			attributes[name] = &types.AttributeValueMemberS{Value: value}
		}
		return attributes
	}
	key := []string{"pk=ORDER#1", "sk=ORDER"}
	put := func(fields ...string) func() error {
		return func() error {
			_, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("filings"), Item: row(append(key, fields...)...)})
			return err
		}
	}
	transact := func(write types.TransactWriteItem) func() error {
		return func() error {
			check := &types.ConditionCheck{TableName: aws.String("filings"), Key: row("pk=ORDER#2", "sk=ORDER"), ConditionExpression: aws.String("attribute_not_exists(pk)")}
			_, err := client.TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{{ConditionCheck: check}, write}})
			return err
		}
	}
	update := func(expression, condition string, values ...string) *types.Update {
		u := &types.Update{TableName: aws.String("filings"), Key: row(key...), UpdateExpression: &expression, ExpressionAttributeNames: map[string]string{}, ExpressionAttributeValues: row(values...)}
		for _, name := range regexp.MustCompile(`#\w+`).FindAllString(expression, -1) {
			u.ExpressionAttributeNames[name] = name[1:]
		}
		if condition != "" {
			u.ConditionExpression = &condition
		}
		return u
	}
	alone := func(u *types.Update) func() error {
		return func() error {
			_, err := client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{TableName: u.TableName, Key: u.Key, UpdateExpression: u.UpdateExpression,
				ExpressionAttributeNames: u.ExpressionAttributeNames, ExpressionAttributeValues: u.ExpressionAttributeValues, ConditionExpression: u.ConditionExpression})
			return err
		}
	}
	remove := func() error {
		_, err := client.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: aws.String("filings"), Key: row(key...)})
		return err
	}
	open, order := IndexKey{"open", "A"}, IndexKey{"due", "order"}
	first := []string{"open=A", "at=1", "due=order", "dueAt=1", "brief=x"}
	for _, step := range []struct {
		what  string
		write func() error
		want  map[IndexKey]int
	}{
		{"a new row", put(first...), map[IndexKey]int{open: 1, order: 1}},
		{"the same row", put(first...), nil},
		{"what no index projects", put(append(first, "doc=x")...), nil},
		{"what two indexes project", put("mine=M", "open=A", "at=1", "due=order", "dueAt=1", "brief=y"), map[IndexKey]int{open: 1, {"mine", "M"}: 1}},
		{"another partition", transact(types.TransactWriteItem{Update: update("SET #open = :open, doc = :doc", "", ":open=B", ":doc=z")}), map[IndexKey]int{open: 1, {"open", "B"}: 1}},
		{"another place in the partition", alone(update("SET #dueAt = :at", "", ":at=2")), map[IndexKey]int{order: 2}},
		{"a condition that fails", alone(update("SET #dueAt = :at", "attribute_not_exists(pk)", ":at=3")), nil},
		{"a value that is there", alone(update("SET #at = if_not_exists(#at, :at), #due = :due REMOVE doc", "", ":at=9", ":due=order")), nil},
		{"not due any more, in the middle", transact(types.TransactWriteItem{Update: update("REMOVE #due, #dueAt SET doc = :doc", "", ":doc=z")}), map[IndexKey]int{order: 1}},
		{"due for the first time again", alone(update("SET #due = if_not_exists(#due, :due), #dueAt = if_not_exists(#dueAt, :at)", "", ":due=order", ":at=4")), map[IndexKey]int{order: 1}},
		{"deleted", remove, map[IndexKey]int{{"open", "B"}: 1, {"mine", "M"}: 1, order: 1}},
		{"deleted again", remove, nil},
	} {
		before, units := traffic.IndexWrites(), traffic.IndexUnits()
		if err := step.write(); err != nil && !strings.Contains(err.Error(), "ConditionalCheckFailed") {
			t.Fatalf("%s: %v", step.what, err)
		}
		got, all := map[IndexKey]int{}, 0
		for key, n := range traffic.IndexWrites() {
			if n -= before[key]; n > 0 {
				got[key], all = n, all+n
			}
		}
		if step.want == nil {
			step.want = map[IndexKey]int{}
		}
		if diff := cmp.Diff(step.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step.what, diff)
		}
		if reported := traffic.IndexUnits() - units; reported != float64(all) {
			t.Errorf("%s: the engine reports %.0f units of the indexes, %d are counted", step.what, reported, all)
		}
	}
	if got := traffic.Writes()["ORDER#1"]; got != 12 {
		t.Errorf("%d writes of the row", got)
	}
}
