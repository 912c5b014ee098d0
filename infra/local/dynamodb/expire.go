package dynamodb

import (
	"context"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// DeleteExpired deletes the items of a table whose time to live is over, as DynamoDB does on AWS. The engine does not do it by itself.
// attr is the attribute with the time, pk and sk those of the key.
func DeleteExpired(ctx context.Context, client *awsdynamodb.Client, table, attr, pk, sk string, now time.Time) error {
	pages := awsdynamodb.NewScanPaginator(client, &awsdynamodb.ScanInput{
		TableName: aws.String(table), FilterExpression: aws.String("#ttl < :now"), ProjectionExpression: aws.String("#pk, #sk"),
		ExpressionAttributeNames:  map[string]string{"#ttl": attr, "#pk": pk, "#sk": sk},
		ExpressionAttributeValues: map[string]types.AttributeValue{":now": &types.AttributeValueMemberN{Value: strconv.FormatInt(now.Unix(), 10)}},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, key := range page.Items {
			if _, err := client.DeleteItem(ctx, &awsdynamodb.DeleteItemInput{TableName: aws.String(table), Key: key}); err != nil {
				return err
			}
		}
	}
	return nil
}
