// Command destroy fails if an environment has filings. make destroy runs it first. It reads the environment's table with the
// AWS credentials of the user.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"beian/infra/stack"
	"beian/infra/stack/guard"
)

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, arguments []string) error {
	if len(arguments) != 2 {
		return errors.New("usage: destroy <folder of environments> <name>, for example: destroy infra/environments default")
	}
	s, err := stack.Load(arguments[0], arguments[1])
	if err != nil {
		return err
	}
	sdk, err := config.LoadDefaultConfig(ctx, config.WithRegion(s.Region))
	if err != nil {
		return err
	}
	return guard.Check(ctx, dynamodb.NewFromConfig(sdk), s.TableName())
}
