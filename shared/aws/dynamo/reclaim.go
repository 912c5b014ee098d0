package dynamo

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Reclaim frees what functions held that have died: a link, and the leases of messages. It is for a system that is one
// process and has just started, so that nobody can be at work; elsewhere what is held becomes free in minutes by itself.
func (s *Store) Reclaim(ctx context.Context, link string) error {
	pages := dynamodb.NewQueryPaginator(s.Client, &dynamodb.QueryInput{
		TableName:                 aws.String(s.Table),
		KeyConditionExpression:    aws.String("pk = :pk AND begins_with(sk, :kind)"),
		FilterExpression:          aws.String("attribute_exists(leased)"),
		ExpressionAttributeValues: item{":pk": text(pkOutbox), ":kind": text(string(Send) + "#")},
		ConsistentRead:            aws.Bool(true),
	})
	held := []item{s.linkKey(link)}
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return classify(err)
		}
		for _, row := range page.Items {
			held = append(held, item{attrPK: row[attrPK], attrSK: row[attrSK]})
		}
	}
	for _, key := range held {
		_, err := s.Client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName: aws.String(s.Table), Key: key,
			UpdateExpression: aws.String("REMOVE holder, leased"), ConditionExpression: aws.String("attribute_exists(leased)"),
		})
		var free *types.ConditionalCheckFailedException
		if err != nil && !errors.As(err, &free) {
			return classify(err)
		}
	}
	return nil
}
