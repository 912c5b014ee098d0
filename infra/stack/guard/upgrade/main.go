// Command upgrade fails if the table of an environment has rows that this version cannot read, because a later version wrote them or a version too
// old. Otherwise it records that this version writes there. make deploy runs it before anything changes, with the AWS credentials of the user.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"beian/infra/stack"
	"beian/shared/aws/dynamo"
)

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, arguments []string) error {
	if len(arguments) != 2 {
		return errors.New("usage: upgrade <folder of environments> <name>, for example: upgrade infra/environments default")
	}
	s, err := stack.Load(arguments[0], arguments[1])
	if err != nil {
		return err
	}
	sdk, err := config.LoadDefaultConfig(ctx, config.WithRegion(s.Region))
	if err != nil {
		return err
	}
	return dynamo.AdoptFormat(ctx, dynamodb.NewFromConfig(sdk), s.TableName())
}
