// Package guard has what is checked of the table of an environment before make changes it: [Check] prevents that an environment with filings is destroyed. [Command]
// makes a program of a check.
package guard

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// ErrFilings is the error for an environment with filings.
var ErrFilings = errors.New("the table contains filings, which must be kept as long as their sites are online; keep the environment / 表中有备案，网站在线期间必须保存，请保留此环境")

// Check returns [ErrFilings] if the table has an order, and nil if it has none or does not exist. It scans the table up to the
// first order.
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
