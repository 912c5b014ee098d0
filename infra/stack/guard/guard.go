// Package guard reports whether an environment still has filings, so that it is not destroyed by mistake.
package guard

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// ErrFilings says that there are filings.
var ErrFilings = errors.New("there are filings in it: they have to be looked after for as long as their sites are up")

// Check returns [ErrFilings] when the table has an order, and nil when it has none or is not there. It reads the table
// until it finds one.
func Check(ctx context.Context, client *dynamodb.Client, table string) error {
	pages := dynamodb.NewScanPaginator(client, &dynamodb.ScanInput{
		TableName: aws.String(table), Select: types.SelectCount, FilterExpression: aws.String("sk = :order"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":order": &types.AttributeValueMemberS{Value: "ORDER"}},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if _, missing := errors.AsType[*types.ResourceNotFoundException](err); missing {
			return nil
		}
		if err != nil {
			return fmt.Errorf("table %s: %w", table, err)
		}
		if page.Count > 0 {
			return fmt.Errorf("table %s: %w", table, ErrFilings)
		}
	}
	return nil
}
