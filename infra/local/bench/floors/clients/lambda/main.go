// Command lambda is a function that makes one request to each service that the function api uses: its floor of size and start.
package main

import (
	"context"
	"errors"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
)

func main() {
	tables, keys, objects, machines := dynamodb.New(dynamodb.Options{}), kms.New(kms.Options{}), s3.New(s3.Options{}), sfn.New(sfn.Options{})
	lambda.Start(func(ctx context.Context) error {
		_, read := tables.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String("table")})
		_, decrypted := keys.Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: []byte("key")})
		_, got := objects.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("bucket"), Key: aws.String("key")})
		_, started := machines.StartExecution(ctx, &sfn.StartExecutionInput{StateMachineArn: aws.String("machine")})
		return errors.Join(read, decrypted, got, started)
	})
}
