package dynamo

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"beian/shared/filing"
	"beian/shared/process/sitewatch"
)

// dueUnapproved is the queue of the domains whose sites have to be closed. Its rows are the locks of submitted orders, so that the watch begins and ends with
// them.
const dueUnapproved dueQueue = "unapproved"

func unapprovedLock(d filing.Domain) filing.Lock {
	return filing.Lock{Kind: filing.DomainLock, Key: string(d)}
}

// DueUnapproved lists the domains that have to be closed and are due at a time, the earliest first, at most limit.
func (s *Store) DueUnapproved(ctx context.Context, until time.Time, limit int) ([]filing.Domain, error) {
	due, _, err := listDue(ctx, s, dueUnapproved, until, "", limit, func(key item) filing.Domain {
		return filing.Domain(strings.TrimPrefix(stringAttr(key, attrPK), lockPrefix(filing.DomainLock)))
	})
	return due, err
}

// UnapprovedOrder returns the submitted order of a domain; "" if there is none.
func (s *Store) UnapprovedOrder(ctx context.Context, d filing.Domain) (filing.ID, error) {
	row, err := s.getKey(ctx, lockKey(unapprovedLock(d)))
	return filing.ID(stringAttr(row, attrOrder)), err
}

// PostponeUnapproved sets when a domain is due next; the zero time is never. It has no effect if the order does not have the domain any more.
func (s *Store) PostponeUnapproved(ctx context.Context, u sitewatch.Unapproved, at time.Time) error {
	update := &dynamodb.UpdateItemInput{
		TableName: aws.String(s.Table), Key: lockKey(unapprovedLock(u.Domain)), ConditionExpression: aws.String("holder = :order AND attribute_exists(#at)"),
		ExpressionAttributeNames:  map[string]string{"#at": attrDueAt},
		ExpressionAttributeValues: item{":order": stringValue(string(u.Order))},
	}
	if at.IsZero() {
		update.UpdateExpression = aws.String("REMOVE #due, #at")
		update.ExpressionAttributeNames["#due"] = attrDue
	} else {
		update.UpdateExpression = aws.String("SET #at = :at")
		update.ExpressionAttributeValues[":at"] = stringValue(dueKey(at, string(u.Domain)))
	}
	_, err := s.Client.UpdateItem(ctx, update)
	if changed := (*types.ConditionalCheckFailedException)(nil); errors.As(err, &changed) {
		return nil
	}
	return classify(err)
}
