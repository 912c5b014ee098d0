package dynamo

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"beian/shared/process/envelope"
)

// Keys is the table of wrapped data keys: name (an order's id) and key. It has neither point-in-time recovery nor a stream, so no
// copy of a deleted key exists. Deleting a key makes everything encrypted under it unreadable, also in backups of the table of
// filings and of the bucket.
type Keys struct {
	Client *Client
	Table  string
}

var _ envelope.KeyStore = Keys{}

// attrName is the partition key of the table of keys.
const attrName = "name"

// CreateKeysTable creates the table of keys, as the stack does on AWS. It is no error if the table exists.
func CreateKeysTable(ctx context.Context, client *dynamodb.Client, name string) error {
	_, err := client.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName:            aws.String(name),
		BillingMode:          types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String(attrName), AttributeType: types.ScalarAttributeTypeS}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String(attrName), KeyType: types.KeyTypeHash}},
	})
	var exists *types.ResourceInUseException
	if errors.As(err, &exists) {
		return nil
	}
	return classify(err)
}

// AddKey stores the key of a name. It returns false if the name already has a key.
func (k Keys) AddKey(ctx context.Context, name string, wrapped []byte) (bool, error) {
	_, err := k.Client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: aws.String(k.Table), Item: item{attrName: stringValue(name), attrKey: binaryValue(wrapped)},
		ConditionExpression:      aws.String("attribute_not_exists(#name)"),
		ExpressionAttributeNames: map[string]string{"#name": attrName},
	})
	var exists *types.ConditionalCheckFailedException
	if errors.As(err, &exists) {
		return false, nil
	}
	return err == nil, classify(err)
}

// Key returns the key of a name, or nil if there is none. A key never changes, so an eventually consistent read, which costs half,
// can only miss a new key or return one that was just deleted. If it finds none, Key reads again with strong consistency.
func (k Keys) Key(ctx context.Context, name string) ([]byte, error) {
	for _, consistent := range []bool{false, true} {
		out, err := k.Client.GetItem(ctx, &dynamodb.GetItemInput{
			TableName: aws.String(k.Table), Key: item{attrName: stringValue(name)}, ConsistentRead: aws.Bool(consistent),
		})
		if err != nil {
			return nil, classify(err)
		}
		if out.Item != nil {
			return binaryAttr(out.Item, attrKey), nil
		}
	}
	return nil, nil
}

// DeleteKey deletes the key of a name.
func (k Keys) DeleteKey(ctx context.Context, name string) error {
	_, err := k.Client.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: aws.String(k.Table), Key: item{attrName: stringValue(name)}})
	return classify(err)
}
