package cloud

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"beian/infra/local/cloudformation"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// A Table is a table of DynamoDB. Backups and encryption at rest are kept as they are wished for.
type Table struct {
	TableName, BillingMode           string
	AttributeDefinitions             []struct{ AttributeName, AttributeType string }
	KeySchema                        keySchema
	GlobalSecondaryIndexes           []index
	DeletionProtectionEnabled        bool
	PointInTimeRecoverySpecification struct{ PointInTimeRecoveryEnabled bool }
	SSESpecification                 struct{ SSEEnabled bool }
	StreamSpecification              struct{ StreamViewType string }
	TimeToLiveSpecification          struct {
		AttributeName string
		Enabled       bool
	}
	Tags []tag

	stream string // the engine's ARN of the stream; "" has none
}

type keySchema []struct{ AttributeName, KeyType string }

type index struct {
	IndexName  string
	KeySchema  keySchema
	Projection struct {
		ProjectionType   string
		NonKeyAttributes []string
	}
}

func (a *Account) tableHandler() cloudformation.Handler {
	return handler(&a.made.tables, maker[Table]{
		createOnly: []string{"TableName", "KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes", "StreamSpecification"},
		name:       named(func(t Table) string { return t.TableName }, 255),
		attributes: func(id string, t Table) map[string]any {
			all := map[string]any{"Arn": a.arn("dynamodb", "table/"+id)}
			if t.stream != "" {
				all["StreamArn"] = a.arn("dynamodb", "table/"+id+"/stream/"+t.stream[strings.LastIndexByte(t.stream, '/')+1:])
			}
			return all
		},
		check: func(t Table) error {
			if t.BillingMode != string(types.BillingModePayPerRequest) {
				return fmt.Errorf("only the billing mode PAY_PER_REQUEST is known here, not %q", t.BillingMode)
			}
			return nil
		},
		create: a.createTable,
		update: func(ctx context.Context, id string, old Table, t *Table) error {
			t.stream = old.stream
			return a.setTimeToLive(ctx, id, *t)
		},
		delete: func(ctx context.Context, id string, t Table) error {
			if t.DeletionProtectionEnabled {
				return fmt.Errorf("the table %s is protected against deletion; set DeletionProtectionEnabled to false first", id)
			}
			_, err := a.tables.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: &id})
			return err
		},
	})
}

func (a *Account) createTable(ctx context.Context, id string, t *Table) error {
	in := &dynamodb.CreateTableInput{TableName: &id, BillingMode: types.BillingModePayPerRequest, KeySchema: t.KeySchema.wire()}
	for _, d := range t.AttributeDefinitions {
		in.AttributeDefinitions = append(in.AttributeDefinitions, types.AttributeDefinition{
			AttributeName: &d.AttributeName, AttributeType: types.ScalarAttributeType(d.AttributeType)})
	}
	for _, i := range t.GlobalSecondaryIndexes {
		in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{
			IndexName: &i.IndexName, KeySchema: i.KeySchema.wire(),
			Projection: &types.Projection{ProjectionType: types.ProjectionType(i.Projection.ProjectionType), NonKeyAttributes: i.Projection.NonKeyAttributes}})
	}
	if view := t.StreamSpecification.StreamViewType; view != "" {
		in.StreamSpecification = &types.StreamSpecification{StreamEnabled: aws.Bool(true), StreamViewType: types.StreamViewType(view)}
	}
	_, err := a.tables.CreateTable(ctx, in)
	if exists := (*types.ResourceInUseException)(nil); errors.As(err, &exists) {
		return fmt.Errorf("the table %s already exists", id)
	}
	if err != nil {
		return fmt.Errorf("table %s: %w", id, err)
	}
	described, err := dynamodb.NewTableExistsWaiter(a.tables).WaitForOutput(ctx, &dynamodb.DescribeTableInput{TableName: &id}, time.Minute)
	if err != nil {
		return fmt.Errorf("table %s: %w", id, err)
	}
	t.stream = aws.ToString(described.Table.LatestStreamArn)
	return a.setTimeToLive(ctx, id, *t)
}

func (k keySchema) wire() (all []types.KeySchemaElement) {
	for _, each := range k {
		all = append(all, types.KeySchemaElement{AttributeName: &each.AttributeName, KeyType: types.KeyType(each.KeyType)})
	}
	return all
}

func (a *Account) setTimeToLive(ctx context.Context, id string, t Table) error {
	ttl := t.TimeToLiveSpecification
	if ttl.AttributeName == "" {
		return nil
	}
	_, err := a.tables.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{TableName: &id,
		TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: &ttl.AttributeName, Enabled: &ttl.Enabled}})
	if err != nil && !strings.Contains(err.Error(), "already enabled") {
		return fmt.Errorf("time to live of table %s: %w", id, err)
	}
	return nil
}
