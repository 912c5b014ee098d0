package dynamo

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"beian/shared/filing"
	"beian/shared/process/session"
)

// sessionItemKey returns the key of a session, or of what was typed, which has no account.
func sessionItemKey(account filing.Account, key string) item {
	if account == "" {
		return itemKey("TYPED#"+key, "TYPED")
	}
	return itemKey(accountPK(account), sessionPrefix+key)
}

const sessionPrefix = "SESSION#"

// PutSession stores a session, or what was typed.
func (s *Store) PutSession(ctx context.Context, r session.Row) error {
	row := sessionItemKey(r.Account, r.Key)
	row[attrSealed], row["used"], row[attrTTL] = binaryValue(r.Sealed), numberValue(r.UsedAt.Unix()), numberValue(r.Until.Unix())
	return s.putItem(ctx, s.newPut(row, ""))
}

// Session returns a session, or what was typed; the zero Row if there is none.
func (s *Store) Session(ctx context.Context, account filing.Account, key string) (session.Row, error) {
	row, err := s.getKey(ctx, sessionItemKey(account, key))
	if err != nil || row == nil {
		return session.Row{}, err
	}
	return session.Row{Account: account, Key: key, Sealed: binaryAttr(row, attrSealed),
		UsedAt: time.Unix(numberAttr(row, "used"), 0), Until: time.Unix(numberAttr(row, attrTTL), 0)}, nil
}

// TouchSession records the use of a session. It does nothing if the session has ended.
func (s *Store) TouchSession(ctx context.Context, r session.Row) error {
	_, err := s.Client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: aws.String(s.Table), Key: sessionItemKey(r.Account, r.Key),
		UpdateExpression: aws.String("SET used = :used"), ConditionExpression: aws.String("attribute_exists(pk)"),
		ExpressionAttributeValues: item{":used": numberValue(r.UsedAt.Unix())},
	})
	if ended := (*types.ConditionalCheckFailedException)(nil); errors.As(err, &ended) {
		return nil
	}
	return classify(err)
}

// EndSession deletes a session, or what was typed.
func (s *Store) EndSession(ctx context.Context, account filing.Account, key string) error {
	return s.deleteItem(ctx, sessionItemKey(account, key))
}

// EndSessions deletes all sessions of an account.
func (s *Store) EndSessions(ctx context.Context, account filing.Account) error {
	rows, err := s.listRows(ctx, accountPK(account), sessionPrefix, 0)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if err := s.deleteItem(ctx, itemKey(stringAttr(row, attrPK), stringAttr(row, attrSK))); err != nil {
			return err
		}
	}
	return nil
}
