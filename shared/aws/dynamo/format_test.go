package dynamo_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"beian/shared/aws/dynamo"
)

// adoptedFormats: a table without a version, and one of this version, are adopted; one of a later version is refused in both languages and stays
// unchanged.
func adoptedFormats(t *testing.T, d *fixture) {
	ctx := t.Context()
	key := map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "FORMAT"}, "sk": &types.AttributeValueMemberS{Value: "FORMAT"}}
	version := func() string {
		t.Helper()
		out, err := d.sdk.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String(d.Table), Key: key, ConsistentRead: aws.Bool(true)})
		if err != nil {
			t.Fatal(err)
		}
		n, _ := out.Item["version"].(*types.AttributeValueMemberN)
		if n == nil {
			return ""
		}
		return n.Value
	}
	if err := dynamo.AdoptFormat(ctx, d.sdk, "no-table"); err != nil {
		t.Errorf("no table: %v", err)
	}
	for range 2 {
		if err := dynamo.AdoptFormat(ctx, d.sdk, d.Table); err != nil || version() != strconv.Itoa(dynamo.Format) {
			t.Fatalf("version %q, %v", version(), err)
		}
	}
	for _, found := range []int{dynamo.Format + 1, dynamo.OldestFormat - 1} {
		key["version"] = &types.AttributeValueMemberN{Value: strconv.Itoa(found)}
		if _, err := d.sdk.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String(d.Table), Item: key}); err != nil {
			t.Fatal(err)
		}
		delete(key, "version")
		err := dynamo.AdoptFormat(ctx, d.sdk, d.Table)
		refused, is := errors.AsType[*dynamo.FormatError](err)
		if !is || refused.Found != found || !strings.Contains(err.Error(), "升级") || !strings.Contains(err.Error(), "upgrade") || version() != strconv.Itoa(found) {
			t.Errorf("format %d: %v; the row has %q", found, err, version())
		}
	}
}
