package dynamo

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"beian/shared/filing"
	"beian/shared/process/limits"
)

// limitTTL is how long a counter is stored after its window, in which it is of no more use.
const limitTTL = time.Hour

// Count adds 1 to the counter of an action and a key in the window that ends at a time, and returns true. If the counter has reached limit, it
// returns false and adds nothing. It is one conditional write, so concurrent calls never exceed the limit. The row's ttl is wall-clock time,
// because DynamoDB deletes the row.
func (s *Store) Count(ctx context.Context, action limits.Action, key limits.Key, end time.Time, limit int) (bool, error) {
	pk, err := s.limitPK(ctx, key)
	if err != nil {
		return false, err
	}
	expires := s.Wall().Add(limits.Defaults[action].Window + limitTTL)
	_, err = s.Client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: aws.String(s.Table), Key: itemKey(pk, string(action)+"#"+sortableTime(end)),
		UpdateExpression:          aws.String("ADD used :one SET #ttl = if_not_exists(#ttl, :expires)"),
		ConditionExpression:       aws.String("attribute_not_exists(used) OR used < :limit"),
		ExpressionAttributeNames:  map[string]string{"#ttl": attrTTL},
		ExpressionAttributeValues: item{":one": numberValue(1), ":limit": numberValue(int64(limit)), ":expires": numberValue(expires.Unix())},
	})
	var reached *types.ConditionalCheckFailedException
	if errors.As(err, &reached) {
		return false, nil
	}
	return err == nil, classify(err)
}

// limitPK returns the partition key of a key's counters. An account is in clear, as in other rows; addresses and recipients are keyed hashes.
func (s *Store) limitPK(ctx context.Context, key limits.Key) (string, error) {
	value := key.Value
	if key.Scope != limits.Account {
		var err error
		if value, err = s.Encrypter.Index(ctx, "limit "+string(key.Scope), key.Value); err != nil {
			return "", err
		}
	}
	return "LIMIT#" + string(key.Scope) + "#" + value, nil
}

// CountDrafts returns the number of an account's open orders that are not submitted.
func (s *Store) CountDrafts(ctx context.Context, account filing.Account) (int, error) {
	drafts := 0
	pages := dynamodb.NewQueryPaginator(s.Client.Query, &dynamodb.QueryInput{
		TableName: aws.String(s.Table), Select: types.SelectCount, ConsistentRead: aws.Bool(true),
		KeyConditionExpression: aws.String("pk = :pk AND begins_with(sk, :subjects)"), FilterExpression: aws.String("attribute_not_exists(submitted)"),
		ExpressionAttributeValues: item{":pk": stringValue(accountPK(account)), ":subjects": stringValue(lockPrefix(filing.SubjectLock))},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return 0, classify(err)
		}
		drafts += int(page.Count)
	}
	return drafts, nil
}
