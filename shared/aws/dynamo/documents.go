package dynamo

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"beian/shared/rules/fault"
)

// getItem reads one item with strong consistency. It returns nil if there is none.
func (s *Store) getItem(ctx context.Context, pk, sk string) (item, error) {
	return s.getKey(ctx, itemKey(pk, sk))
}

func (s *Store) getKey(ctx context.Context, k item) (item, error) {
	out, err := s.Client.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String(s.Table), Key: k, ConsistentRead: aws.Bool(true)})
	if err != nil {
		return nil, classify(err)
	}
	return out.Item, nil
}

// putItem writes one item, under its condition.
func (s *Store) putItem(ctx context.Context, p *types.Put) error {
	_, err := s.Client.PutItem(ctx, &dynamodb.PutItemInput{TableName: p.TableName, Item: p.Item, ConditionExpression: p.ConditionExpression,
		ExpressionAttributeNames: p.ExpressionAttributeNames, ExpressionAttributeValues: p.ExpressionAttributeValues})
	return classify(err)
}

// deleteItem deletes one item. It is no error if there is none.
func (s *Store) deleteItem(ctx context.Context, k item) error {
	_, err := s.Client.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: aws.String(s.Table), Key: k})
	return classify(err)
}

// putDoc writes a value as the JSON document of an item.
func (s *Store) putDoc(ctx context.Context, pk, sk string, v any) error {
	doc, err := json.Marshal(v)
	if err != nil {
		return fault.Wrap(fault.Internal, err)
	}
	row := itemKey(pk, sk)
	row[attrDoc] = binaryValue(doc)
	return s.putItem(ctx, s.newPut(row, ""))
}

// getDoc decodes the document of an item into v. It returns false if there is no item.
func (s *Store) getDoc(ctx context.Context, pk, sk string, v any) (bool, error) {
	row, err := s.getItem(ctx, pk, sk)
	if err != nil || row == nil {
		return false, err
	}
	return true, Unpack(binaryAttr(row, attrDoc), v)
}

// listDocs returns the documents of the items whose sort key has a prefix, in order, at most limit; 0 means all.
func listDocs[T any](ctx context.Context, s *Store, pk, prefix string, limit int) ([]T, error) {
	rows, err := s.listRows(ctx, pk, prefix, limit)
	if err != nil {
		return nil, err
	}
	var docs []T
	for _, row := range rows {
		var doc T
		if err := Unpack(binaryAttr(row, attrDoc), &doc); err != nil {
			return nil, fault.Wrap(fault.Internal, err)
		}
		docs = append(docs, doc)
	}
	return docs, nil
}

// listRows returns the items whose sort key has a prefix, in order, at most limit; 0 means all.
func (s *Store) listRows(ctx context.Context, pk, prefix string, limit int) ([]item, error) {
	in := &dynamodb.QueryInput{
		TableName:                 aws.String(s.Table),
		KeyConditionExpression:    aws.String("pk = :pk"),
		ExpressionAttributeValues: item{":pk": stringValue(pk)},
		ConsistentRead:            aws.Bool(true),
	}
	if prefix != "" { // DynamoDB refuses an empty prefix
		in.KeyConditionExpression = aws.String("pk = :pk AND begins_with(sk, :prefix)")
		in.ExpressionAttributeValues[":prefix"] = stringValue(prefix)
	}
	if limit > 0 {
		in.Limit = aws.Int32(int32(limit))
	}
	var rows []item
	for pages := dynamodb.NewQueryPaginator(s.Client.Query, in); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, classify(err)
		}
		for _, row := range page.Items {
			if rows = append(rows, row); len(rows) == limit {
				return rows, nil
			}
		}
	}
	return rows, nil
}

// maxCursor is the maximum length of the rest of a sort key in a cursor of listPage.
const maxCursor = 400

// listPage returns a page of the items whose sort key has a prefix, in order or, if newest is set, in reverse, and the cursor of the next page, "" after
// the last. The error is a fault of kind Invalid for an unknown cursor.
func (s *Store) listPage(ctx context.Context, pk, prefix, cursor string, limit int, newest bool) (rows []item, next string, err error) {
	in := &dynamodb.QueryInput{
		TableName: aws.String(s.Table), KeyConditionExpression: aws.String("pk = :pk AND begins_with(sk, :prefix)"),
		ExpressionAttributeValues: item{":pk": stringValue(pk), ":prefix": stringValue(prefix)},
		ScanIndexForward:          aws.Bool(!newest), ConsistentRead: aws.Bool(true), Limit: aws.Int32(int32(limit)),
	}
	if cursor != "" {
		after, err := base64.RawURLEncoding.DecodeString(cursor)
		if err != nil || len(after) == 0 || len(after) > maxCursor {
			return nil, "", unknownCursor()
		}
		in.ExclusiveStartKey = itemKey(pk, prefix+string(after))
	}
	out, err := s.Client.Query(ctx, in)
	if err != nil {
		return nil, "", classify(err)
	}
	if last := stringAttr(out.LastEvaluatedKey, attrSK); last != "" {
		next = base64.RawURLEncoding.EncodeToString([]byte(strings.TrimPrefix(last, prefix)))
	}
	return out.Items, next, nil
}
