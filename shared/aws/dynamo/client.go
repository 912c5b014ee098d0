package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// A Client has the operations of DynamoDB that a [Store] and [Keys] use. A *dynamodb.Client would have all of them: the linker keeps each method of a type that a
// program with html/template can reach (ADR 68).
type Client struct {
	BatchGetItem       operation[dynamodb.BatchGetItemInput, dynamodb.BatchGetItemOutput]
	DeleteItem         operation[dynamodb.DeleteItemInput, dynamodb.DeleteItemOutput]
	GetItem            operation[dynamodb.GetItemInput, dynamodb.GetItemOutput]
	PutItem            operation[dynamodb.PutItemInput, dynamodb.PutItemOutput]
	Query              queryFunc
	TransactWriteItems operation[dynamodb.TransactWriteItemsInput, dynamodb.TransactWriteItemsOutput]
	UpdateItem         operation[dynamodb.UpdateItemInput, dynamodb.UpdateItemOutput]
}

type operation[In, Out any] = func(context.Context, *In, ...func(*dynamodb.Options)) (*Out, error)

// A queryFunc is the operation Query. It implements dynamodb.QueryAPIClient, for its paginator.
type queryFunc operation[dynamodb.QueryInput, dynamodb.QueryOutput]

// Query implements dynamodb.QueryAPIClient.
func (q queryFunc) Query(ctx context.Context, in *dynamodb.QueryInput, options ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	return q(ctx, in, options...)
}

// NewClient returns a client of the SDK that repeats a write of one item that conflicts with a transaction, like a throttled one.
func NewClient(c aws.Config) *dynamodb.Client {
	return dynamodb.NewFromConfig(c, func(o *dynamodb.Options) {
		o.Retryer = retry.AddWithErrorCodes(o.Retryer, transactionConflictException)
	})
}

// ClientOf returns the operations of a client of the SDK.
func ClientOf(c *dynamodb.Client) *Client {
	return &Client{
		BatchGetItem: c.BatchGetItem, DeleteItem: c.DeleteItem, GetItem: c.GetItem, PutItem: c.PutItem, Query: c.Query, TransactWriteItems: c.TransactWriteItems, UpdateItem: c.UpdateItem,
	}
}
