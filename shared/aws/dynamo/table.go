package dynamo

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Names of the table's attributes and indexes.
const (
	attrPK, attrSK                   = "pk", "sk"
	attrMine, attrOpen, attrAt       = "mine", "open", "at"
	attrDoc, attrBrief               = "doc", "brief"
	attrSealed, attrKey              = "sealed", "key"
	attrVersion, attrOrder, attrTTL  = "version", "holder", "ttl"
	attrSubmitted, attrFiling        = "submitted", "filing"
	attrAgent                        = "agent" // of the lock of an agency's order
	attrPlanEnded                    = "planEnded"
	attrDue, attrDueAt               = "due", "dueAt"
	indexMine, indexOpen, indexDue   = "mine", "open", "due"
	skOrder, skWait, skLock, skFiled = "ORDER", "WAIT", "LOCK", "FILED"
	skServer, skCode, skLeaders      = "SERVER", "CODE", "LEADERS"
	skFiling                         = "FILING"
	pkOutbox                         = "OUTBOX"
	skFormat                         = "FORMAT"
)

// CreateTable creates the table with its indexes, as the stack does on AWS. It is no error if the table exists.
func CreateTable(ctx context.Context, client *dynamodb.Client, name string) error {
	text := func(attr string) types.AttributeDefinition {
		return types.AttributeDefinition{AttributeName: aws.String(attr), AttributeType: types.ScalarAttributeTypeS}
	}
	_, err := client.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName:            aws.String(name),
		BillingMode:          types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{text(attrPK), text(attrSK), text(attrMine), text(attrOpen), text(attrAt), text(attrDue), text(attrDueAt)},
		KeySchema:            keySchema(attrPK, attrSK),
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{
			{IndexName: aws.String(indexMine), KeySchema: keySchema(attrMine, attrAt), Projection: briefProjection},
			{IndexName: aws.String(indexOpen), KeySchema: keySchema(attrOpen, attrAt), Projection: briefProjection},
			{IndexName: aws.String(indexDue), KeySchema: keySchema(attrDue, attrDueAt), Projection: &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly}},
		},
	})
	var exists *types.ResourceInUseException
	if errors.As(err, &exists) {
		return nil
	}
	return classify(err)
}

var briefProjection = &types.Projection{ProjectionType: types.ProjectionTypeInclude, NonKeyAttributes: []string{attrBrief}}

func keySchema(hash, sort string) []types.KeySchemaElement {
	return []types.KeySchemaElement{
		{AttributeName: aws.String(hash), KeyType: types.KeyTypeHash},
		{AttributeName: aws.String(sort), KeyType: types.KeyTypeRange},
	}
}
