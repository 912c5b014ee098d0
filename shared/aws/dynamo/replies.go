package dynamo

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"beian/shared/filing"
	"beian/shared/rules/contact"
)

// replyTTL is how long a row for an expected reply is stored: a day longer than the codes are valid.
const replyTTL = (filing.SMSHours + 24) * time.Hour

func (s *Store) mobilePK(ctx context.Context, m contact.Mobile) (string, error) {
	k, err := s.Encrypter.Index(ctx, "mobile", m.Reveal())
	return "SMS#" + k, err
}

// replyOps stores the mobile numbers from which the order expects a reply.
func (s *Store) replyOps(ctx context.Context, c filing.Change) ([]writeOp, error) {
	var ops []writeOp
	for _, m := range c.ExpectReplies {
		pk, err := s.mobilePK(ctx, m)
		if err != nil {
			return nil, err
		}
		row := itemKey(pk, string(c.Order.ID))
		row[attrTTL] = numberValue(s.Wall().Add(replyTTL).Unix())
		ops = append(ops, writeOp{write: types.TransactWriteItem{Put: s.newPut(row, "")}})
	}
	return ops, nil
}

// OrdersAwaitingReply returns the orders that recently sent a code to a mobile number, newest first. An order in the list may no
// longer wait for the reply.
func (s *Store) OrdersAwaitingReply(ctx context.Context, m contact.Mobile) ([]filing.ID, error) {
	pk, err := s.mobilePK(ctx, m)
	if err != nil {
		return nil, err
	}
	out, err := s.Client.Query(ctx, &dynamodb.QueryInput{
		TableName: aws.String(s.Table), KeyConditionExpression: aws.String("pk = :pk"),
		ExpressionAttributeValues: item{":pk": stringValue(pk)}, ConsistentRead: aws.Bool(true), ScanIndexForward: aws.Bool(false),
	})
	if err != nil {
		return nil, classify(err)
	}
	var orders []filing.ID
	for _, row := range out.Items {
		orders = append(orders, filing.ID(stringAttr(row, attrSK)))
	}
	return orders, nil
}
